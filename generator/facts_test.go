package generator_test

import (
	"bufio"
	"bytes"
	"fmt"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"text/scanner"

	"github.com/espgen/espgen/generator"
	"github.com/espgen/espgen/generator/role"
	"github.com/espgen/espgen/templates"
)

// testdata/facts holds what the guide's two programs include, define, call and
// set, function by function. The facts of a source are its includes and
// macros, the signatures of its functions and, in each function, in order,
//
//	call NAME(ARGUMENTS)     a call; a log call has level, tag, conversions and arguments
//	if (CONDITION)           an if
//	init NAME = LITERAL      a variable with a literal as its value
//	array NAME[SIZE]         an array
//	field .NAME = VALUE      a designated initialiser
//
// The wording of comments and log messages, the layout, loops and jumps are
// free.

// TestFacts holds the C of the guide's own values to the guide's facts: all of
// them, in order, and no call beside them but those that mend its defects.
func TestFacts(t *testing.T) {
	roles, err := generator.RoleNames(templates.FS)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range roles {
		followsGuide := func(style role.Style) bool { return style.Guide != "" }
		if !slices.ContainsFunc(slices.Collect(maps.Values(loadRole(t, name).Styles)), followsGuide) {
			continue
		}
		t.Run(name, func(t *testing.T) {
			source, err := os.ReadFile(goldenDir + "/" + name + "/main/main.c")
			if err != nil {
				t.Fatal(err)
			}
			for _, fault := range holdFacts(t, name, string(source)) {
				t.Error(fault)
			}
		})
	}
}

// TestFactsCanFail changes the C in ways that the guide's facts must not let
// pass.
func TestFactsCanFail(t *testing.T) {
	text, err := os.ReadFile(goldenDir + "/tcp-server/main/main.c")
	if err != nil {
		t.Fatal(err)
	}
	changes := map[string][2]string{
		"a value":     {"int keepIdle = 5;", "int keepIdle = 6;"},
		"a call":      {"err = listen(", "err = list("},
		"an argument": {"SO_REUSEADDR, &opt", "SO_REUSEPORT, &opt"},
		"an order":    {"shutdown(sock, 0);\n        close(sock);", "close(sock);\n        shutdown(sock, 0);"},
		"a macro":     {"#define TCP_SREVER_PORT 8080", "#define TCP_SREVER_PORT 8081"},
		"an include":  {"#include \"esp_mac.h\"\n", ""},
		"a signature": {"void app_main(void)", "int app_main(void)"},
		"an array":    {"rx_buffer[128]", "rx_buffer[64]"},
		"a field":     {".bssid_set = false", ".bssid_set = true"},
		"a condition": {"if (connect_count < 6)", "if (connect_count <= 6)"},
		"a log call":  {"ESP_LOGW(TAG, \"Connection closed\")", "ESP_LOGI(TAG, \"Connection closed\")"},
		"an extra":    {"do_retransmit(sock);\n", "do_retransmit(sock);\n        abort();\n"},
	}
	for name, change := range changes {
		source := strings.Replace(string(text), change[0], change[1], 1)
		if source == string(text) {
			t.Errorf("%s: the change changes nothing", name)
		}
		if len(holdFacts(t, "tcp-server", source)) == 0 {
			t.Errorf("%s: not noticed", name)
		}
	}
}

// mending are the calls that a program may make beyond the guide's.
var mending = []string{"close", "shutdown", "vTaskDelete"}

// holdFacts returns what a source lacks, or has beyond, a role's facts.
func holdFacts(t *testing.T, role, source string) []string {
	t.Helper()
	want, err := os.ReadFile("testdata/facts/" + role + ".facts")
	if err != nil {
		t.Fatal(err)
	}
	got := readC(source)
	var faults []string
	function := ""
	next := 0
	passed := func(facts []string) {
		for _, fact := range facts {
			name, _, isCall := strings.Cut(strings.TrimPrefix(fact, "call "), "(")
			isCall = isCall && strings.HasPrefix(fact, "call ")
			if isCall && !slices.Contains(mending, name) && !strings.HasPrefix(name, "ESP_LOG") {
				faults = append(faults, "extra in "+function+": "+fact)
			}
		}
	}
	for line := range strings.Lines(string(want)) {
		line = strings.TrimRight(line, "\n")
		fact, inside := strings.CutPrefix(line, "  ")
		switch {
		case strings.HasPrefix(line, "function "):
			passed(got[function][next:])
			function, next = line, 0
			if got[function] == nil {
				faults = append(faults, "missing: "+line)
			}
		case !inside:
			if !slices.Contains(got["head"], line) {
				faults = append(faults, "missing: "+line)
			}
		default:
			i := slices.Index(got[function][next:], fact)
			if i < 0 {
				faults = append(faults, "missing in "+function+": "+fact)
				continue
			}
			passed(got[function][next : next+i])
			next += i + 1
		}
	}
	passed(got[function][next:])
	return faults
}

// readC returns the facts of a source: those of each function under its
// signature, includes and macros under "head".
func readC(source string) map[string][]string {
	facts := map[string][]string{}
	var code bytes.Buffer
	lines := bufio.NewScanner(strings.NewReader(source))
	for lines.Scan() {
		directive, ok := strings.CutPrefix(lines.Text(), "#")
		if !ok {
			code.WriteString(lines.Text() + "\n")
			continue
		}
		directive = strings.Replace(directive, "define ", "macro ", 1)
		facts["head"] = append(facts["head"], directive)
	}

	tokens := tokenize(code.String())
	start := 0 // of the definition
	for i := 0; i < len(tokens); i++ {
		switch {
		case tokens[i] == ";":
			start = i + 1
		case tokens[i] == "{" && tokens[i-1] == ")":
			end := match(tokens, i)
			facts["function "+join(tokens[start:i])] = bodyFacts(tokens[i+1 : end])
			i, start = end, end+1
		case tokens[i] == "{":
			i = match(tokens, i)
		}
	}
	return facts
}

// tokenize cuts C into tokens. Go's own scanner knows C's comments, names,
// numbers and literals; operators of two characters are put together here.
func tokenize(code string) []string {
	var s scanner.Scanner
	s.Init(strings.NewReader(code))
	s.Mode = scanner.ScanIdents | scanner.ScanInts | scanner.ScanStrings | scanner.ScanChars | scanner.ScanComments | scanner.SkipComments
	s.Error = func(*scanner.Scanner, string) {} // escapes that Go does not have
	var tokens []string
	end := -1
	for r := s.Scan(); r != scanner.EOF; r = s.Scan() {
		text := s.TokenText()
		if n := len(tokens) - 1; n >= 0 && end == s.Offset && slices.Contains([]string{"->", "==", "!=", "<=", ">=", "&&", "||", "++", "--", "+=", "-="}, tokens[n]+text) {
			tokens[n] += text
		} else {
			tokens = append(tokens, text)
		}
		end = s.Offset + len(text)
	}
	return tokens
}

// match returns the index of the bracket that closes the one at i.
func match(tokens []string, i int) int {
	depth := 0
	for ; i < len(tokens); i++ {
		switch tokens[i] {
		case "(", "{", "[":
			depth++
		case ")", "}", "]":
			if depth--; depth == 0 {
				return i
			}
		}
	}
	return len(tokens) - 1
}

var word = regexp.MustCompile(`^\w+$`)

// join writes tokens as the facts do: a space between words and after commas.
func join(tokens []string) string {
	var b strings.Builder
	for i, t := range tokens {
		if i > 0 && word.MatchString(t) && word.MatchString(tokens[i-1]) {
			b.WriteByte(' ')
		}
		b.WriteString(t)
		if t == "," {
			b.WriteByte(' ')
		}
	}
	return b.String()
}

var (
	literal    = regexp.MustCompile(`^([0-9]|")`)
	conversion = regexp.MustCompile(`%[-+ #0-9.*]*[hlzjt]*[a-zA-Z]`)
	keywords   = []string{"if", "while", "for", "switch", "return", "sizeof"}
)

func bodyFacts(tokens []string) []string {
	at := func(i int) string {
		if i < 0 || i >= len(tokens) {
			return ""
		}
		return tokens[i]
	}
	var facts []string
	add := func(format string, args ...any) { facts = append(facts, fmt.Sprintf(format, args...)) }
	for i := 0; i < len(tokens); i++ {
		t := tokens[i]
		named := word.MatchString(t)
		declared := named && word.MatchString(at(i-1))
		switch {
		case t == "if":
			add("if (%s)", join(tokens[i+2:match(tokens, i+1)]))
		case named && at(i+1) == "(" && strings.HasPrefix(t, "ESP_LOG"):
			end := match(tokens, i+1)
			add("call %s(%s)", t, logFacts(tokens[i+2:end]))
			i = end
		case named && at(i+1) == "(" && !slices.Contains(keywords, t):
			add("call %s(%s)", t, join(tokens[i+2:match(tokens, i+1)]))
		case t == "." && at(i+2) == "=" && at(i+3) != "{" && (at(i-1) == "{" || at(i-1) == ","):
			add("field .%s = %s", at(i+1), at(i+3))
		case declared && at(i+1) == "=" && literal.MatchString(at(i+2)) && at(i+3) == ";":
			add("init %s = %s", t, at(i+2))
		case declared && at(i+1) == "[":
			add("array %s[%s]", t, join(tokens[i+2:match(tokens, i+1)]))
		}
	}
	return facts
}

// logFacts are a log call's tag, the conversions of its format, and the
// arguments with what else is in the format.
func logFacts(args []string) string {
	comma := slices.Index(args, ",")
	var conversions, rest []string
	format := true
	for _, t := range args[comma+1:] {
		format = format && t != ","
		if format && strings.HasPrefix(t, `"`) {
			conversions = append(conversions, conversion.FindAllString(t, -1)...)
			continue
		}
		rest = append(rest, t)
	}
	return fmt.Sprintf("%s | %s | %s", join(args[:comma]), strings.Join(conversions, " "), join(rest))
}
