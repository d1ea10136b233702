package hostsdk

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/espgen/espgen/lazyregexp"
)

// A cmakeCall is a command of a CMakeLists.txt.
type cmakeCall struct {
	name string // in lower case
	line int
	args []cmakeArg
}

// A cmakeArg is an argument as it is written, without its quotes or brackets.
type cmakeArg struct {
	text    string
	line    int
	quoted  bool
	bracket bool // [[...]], in which nothing is expanded
}

// A word is a value of CMake, and the line that gives it.
type word struct {
	text string
	line int
}

var (
	cmakeSpace   = lazyregexp.New(`^\s+`)
	cmakeBracket = lazyregexp.New(`^\[(=*)\[`)
	cmakeName    = lazyregexp.New(`^([A-Za-z_]\w*)[ \t]*\(`)
	cmakeQuoted  = lazyregexp.New(`^"((?s:[^"\\]|\\.)*)"`)
	cmakePlain   = lazyregexp.New(`^(?:[^\s()#"\\]|\\.)(?:[^\s()#\\]|\\.)*`)
)

// A cmakeScanner takes a CMakeLists.txt apart.
type cmakeScanner struct {
	rest string
	line int
}

var errNoCMake = errors.New("is not CMake's language")

// skip drops text that was read, and counts its lines.
func (s *cmakeScanner) skip(n int) {
	s.line += strings.Count(s.rest[:n], "\n")
	s.rest = s.rest[n:]
}

// blank drops spaces and comments.
func (s *cmakeScanner) blank() error {
	for {
		switch {
		case cmakeSpace().MatchString(s.rest):
			s.skip(len(cmakeSpace().FindString(s.rest)))
		case strings.HasPrefix(s.rest, "#[") && cmakeBracket().MatchString(s.rest[1:]):
			s.skip(1)
			if _, err := s.bracket(); err != nil {
				return err
			}
		case strings.HasPrefix(s.rest, "#"):
			line, _, _ := strings.Cut(s.rest, "\n")
			s.skip(len(line))
		default:
			return nil
		}
	}
}

// bracket reads [==[ ... ]==].
func (s *cmakeScanner) bracket() (string, error) {
	m := cmakeBracket().FindStringSubmatch(s.rest)
	text, _, ok := strings.Cut(s.rest[len(m[0]):], "]"+m[1]+"]")
	if !ok {
		return "", errNoCMake
	}
	s.skip(2*len(m[0]) + len(text))
	return strings.TrimPrefix(text, "\n"), nil
}

// scanCMake returns the commands of a CMakeLists.txt, and the line where it is
// not CMake's language, 0 for none.
func scanCMake(text string) (calls []cmakeCall, wrong int) {
	s := cmakeScanner{rest: text, line: 1}
	for {
		if s.blank() != nil {
			return calls, s.line
		}
		if s.rest == "" {
			return calls, 0
		}
		m := cmakeName().FindStringSubmatch(s.rest)
		if m == nil {
			return calls, s.line
		}
		call := cmakeCall{name: strings.ToLower(m[1]), line: s.line}
		s.skip(len(m[0]))
		var err error
		if call.args, err = s.arguments(); err != nil {
			if s.rest == "" { // what is never closed begins here
				return calls, call.line
			}
			return calls, s.line
		}
		calls = append(calls, call)
	}
}

func (s *cmakeScanner) arguments() ([]cmakeArg, error) {
	var args []cmakeArg
	for depth := 1; ; {
		if err := s.blank(); err != nil {
			return nil, err
		}
		arg := cmakeArg{line: s.line}
		switch {
		case s.rest == "":
			return nil, errNoCMake
		case s.rest[0] == '(' || s.rest[0] == ')': // those within are arguments
			if s.rest[0] == '(' {
				depth++
			} else if depth--; depth == 0 {
				s.skip(1)
				return args, nil
			}
			arg.text = s.rest[:1]
			s.skip(1)
		case cmakeBracket().MatchString(s.rest):
			text, err := s.bracket()
			if err != nil {
				return nil, err
			}
			arg.text, arg.bracket = text, true
		default:
			form := cmakePlain
			if arg.quoted = s.rest[0] == '"'; arg.quoted {
				form = cmakeQuoted
			}
			m := form().FindString(s.rest)
			if m == "" {
				return nil, errNoCMake
			}
			arg.text = m
			if arg.quoted {
				arg.text = m[1 : len(m)-1]
			}
			s.skip(len(m))
		}
		args = append(args, arg)
	}
}

// A cmakeReader follows a CMakeLists.txt as far as it is plain: variables that
// set() and list(APPEND) give.
type cmakeReader struct {
	variables map[string][]string
	unknown   map[string]bool // those whose value only CMake can tell
	blocks    int             // the open ones: if, foreach, function
	expanded  int             // how long all is that was put in for variables
}

// maxExpanded is how much may be put in for variables: they can double, line by
// line.
const maxExpanded = 4 << 20

// The commands that begin and end a block.
var (
	cmakeBegins = []string{"if", "foreach", "while", "function", "macro", "block"}
	cmakeEnds   = []string{"endif", "endforeach", "endwhile", "endfunction", "endmacro", "endblock"}
)

// read follows the commands, and gives the others to call until it is false.
// It returns the line of a return() that only CMake can tell whether it is
// reached, 0 for none.
func (c *cmakeReader) read(calls []cmakeCall, call func(cmakeCall) bool) (doubt int) {
	for _, one := range calls {
		switch {
		case slices.Contains(cmakeBegins, one.name):
			c.blocks++
			c.doubt(one)
		case slices.Contains(cmakeEnds, one.name):
			c.blocks--
		case one.name == "set":
			c.set(one.args, false)
		case one.name == "list" && len(one.args) > 0 && one.args[0].text == "APPEND":
			c.set(one.args[1:], true)
		case one.name == "return" && c.blocks > 0:
			return one.line
		case one.name == "return":
			return 0
		default:
			c.doubt(one)
			if !call(one) {
				return 0
			}
		}
	}
	return 0
}

// set carries out set() and list(APPEND).
func (c *cmakeReader) set(args []cmakeArg, more bool) {
	if len(args) == 0 {
		return
	}
	name := args[0].text
	var values []string
	known := c.blocks == 0 && (!more || !c.unknown[name])
	for _, arg := range args[1:] {
		if !arg.quoted && (arg.text == "CACHE" || arg.text == "PARENT_SCOPE") {
			break
		}
		words, ok := c.expand(arg)
		known = known && ok
		for _, w := range words {
			values = append(values, w.text)
		}
	}
	if more {
		values = append(c.variables[name], values...)
	}
	c.variables[name], c.unknown[name] = values, !known
}

// doubt forgets the variables that a command names, for it may set them.
func (c *cmakeReader) doubt(call cmakeCall) {
	for _, arg := range call.args {
		if _, ok := c.variables[arg.text]; ok && call.name != "if" {
			c.unknown[arg.text] = true
		}
	}
}

// expand returns the values of an argument, unless only CMake can tell them.
func (c *cmakeReader) expand(arg cmakeArg) (words []word, ok bool) {
	text, ok := arg.text, true
	if !arg.bracket {
		text, ok = c.substitute(arg.text)
	}
	if arg.quoted && text == "" {
		return []word{{"", arg.line}}, ok
	}
	for part := range strings.SplitSeq(text, ";") {
		if part != "" {
			words = append(words, word{part, arg.line})
		}
	}
	return words, ok
}

var cmakeReference = lazyregexp.New(`(?s)\\.|\$\{[\w.+/-]*\}|\$`)

// substitute puts the values of variables in, and undoes escapes.
func (c *cmakeReader) substitute(text string) (string, bool) {
	ok := true
	return cmakeReference().ReplaceAllStringFunc(text, func(m string) string {
		switch {
		case m[0] == '\\':
			return strings.NewReplacer(`\n`, "\n", `\t`, "\t", "\\\n", "", `\`, "").Replace(m)
		case m == "$": // $<...>, $ENV{...}
			ok = false
			return ""
		}
		name := m[2 : len(m)-1]
		values, known := c.variables[name]
		if ok = ok && known && !c.unknown[name] && c.expanded <= maxExpanded; !ok {
			return ""
		}
		value := strings.Join(values, ";")
		c.expanded += len(value)
		return value
	}), ok
}

// keywords sorts the words of a call by the keywords before them, and tells the
// lines where only CMake knows some of a keyword's.
func (c *cmakeReader) keywords(args []cmakeArg, known []string) (words map[string][]word, doubts map[string]int) {
	words, doubts = map[string][]word{}, map[string]int{}
	keyword := ""
	for _, arg := range args {
		if !arg.quoted && slices.Contains(known, arg.text) {
			keyword = arg.text
			continue
		}
		values, ok := c.expand(arg)
		if !ok {
			doubts[keyword] = arg.line
			continue
		}
		for _, w := range values {
			if w.text != "" { // INCLUDE_DIRS "" names none
				words[keyword] = append(words[keyword], w)
			}
		}
	}
	return words, doubts
}

func placeOf(file string, line int) string { return fmt.Sprintf("%s:%d", file, line) }
