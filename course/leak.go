package course

import (
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"hash/maphash"
	"iter"
	"maps"
	"path"
	"slices"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"gopkg.in/yaml.v3"

	"github.com/espgen/espgen/check"
	"github.com/espgen/espgen/generator"
)

// What counts as a leak. Of a solution, a run of so many tokens of C: words,
// numbers, signs and strings, in which the names of variables are all alike. So
// many of them must be in lines that call a function or name a member: a stub has
// to declare what the solution declares. Neither these lines nor the run may also
// stand outside of the steps that are left out.
const (
	leastRun = 8
	leastOwn = 5

	// A C file without markers may have much in common with a step by chance. It
	// leaks one where it has so long a run, or all of the step.
	leastRunElsewhere = 24

	leastValue = 4 // bytes, of an id or a value
	leastName  = 6 // bytes, of a student's name
	leastText  = 8 // bytes, of a text of a hidden check
)

// A Leak is a line of a hand-out that must not be there.
type Leak struct {
	Exercise string `json:"exercise"`
	Student  string `json:"student,omitempty"`
	File     string `json:"file"` // of the hand-out
	Line     int    `json:"line"`
	Text     string `json:"text"` // the line
	Of       string `json:"of"`   // what it gives away, with its place
	Kind     string `json:"kind"` // "solution", "hidden check", "key", "student"
}

// Error tells both lines.
func (l Leak) Error() string {
	place := "hand-outs/" + l.Exercise
	if l.Student != "" {
		place += "/" + l.Student
	}
	return fmt.Sprintf("%s/%s:%d: %s\n  the line: %s", place, l.File, l.Line, l.Of, l.Text)
}

// A LeakError is hand-outs that give something away.
type LeakError struct{ Leaks []Leak }

// Error tells the first leaks.
func (e *LeakError) Error() string {
	const most = 10
	var lines []string
	for _, l := range e.Leaks[:min(most, len(e.Leaks))] {
		lines = append(lines, l.Error())
	}
	if more := len(e.Leaks) - most; more > 0 {
		lines = append(lines, fmt.Sprintf("and %d more", more))
	}
	return strings.Join(lines, "\n")
}

// A guard finds the leaks of one exercise. It knows files that it has seen
// before, and may be used by several goroutines.
type guard struct {
	exercise *Exercise
	words    *wordIndex
	common   map[string]bool // numbers that the exercise has without a student, and that were given to one
	seed     maphash.Seed
	known    sync.Map // what was found in a text: by a hash of it, and of what was looked for
}

// newGuard returns the guard of an exercise. base is its hand-out without a
// student.
func (c *Course) newGuard(e *Exercise, base HandOut) *guard {
	g := &guard{exercise: e, words: &wordIndex{}, common: map[string]bool{}, seed: maphash.MakeSeed()}
	for _, s := range c.students {
		g.words.add(word{text: s.ID, of: "it holds the id of another student, " + s.ID, kind: "student", student: s, given: true}, leastValue)
		g.words.add(word{text: s.Name, of: "it holds the name of a student, " + s.Name, kind: "student"}, leastName)
		for _, v := range s.values {
			if !c.isChoice(v) {
				g.words.add(word{text: v.text, of: fmt.Sprintf("it holds the %s of another student, %s", v.path, s.ID), kind: "student", student: s, given: !v.derived}, leastValue)
			}
		}
	}
	if c.key != nil {
		for _, form := range []string{hex.EncodeToString(c.key), strings.ToUpper(hex.EncodeToString(c.key)), base64.StdEncoding.EncodeToString(c.key), string(c.key)} {
			g.words.add(word{text: form, of: "it holds the course's key", kind: "key"}, leastValue)
		}
	}
	g.addHidden(e.Checks)
	for _, f := range base.Files {
		if isRecord(f.Path) {
			continue
		}
		for _, hit := range g.words.find(f.Data) {
			if hit.given && strings.Trim(hit.text, "0123456789") == "" {
				g.common[hit.text] = true
			}
		}
	}
	return g
}

// isChoice reports whether a value is one of a few that the course names.
func (c *Course) isChoice(v value) bool {
	return slices.ContainsFunc(c.autos, func(f autoField) bool { return f.path == v.path && slices.Contains(f.auto.choices, v.text) })
}

// addHidden looks for the texts of the hidden checks that no visible one has.
func (g *guard) addHidden(checks check.Checks) {
	var hidden, visible check.Checks
	for _, c := range checks {
		if c.Hidden {
			hidden = append(hidden, c)
		} else {
			visible = append(visible, c)
		}
	}
	shown := map[string]bool{}
	for _, text := range textsOf(visible) {
		shown[text] = true
	}
	for _, c := range hidden {
		of := "it shows the hidden check " + c.Name
		g.words.add(word{text: "name: " + c.Name, of: of, kind: "hidden check"}, leastText)
		for _, text := range textsOf(check.Checks{c}) {
			if !shown[text] {
				g.words.add(word{text: text, of: of, kind: "hidden check"}, leastText)
			}
		}
	}
}

// textsOf lists the texts that are in checks.
func textsOf(checks check.Checks) []string {
	data, err := checks.YAML()
	var doc yaml.Node
	if err != nil || yaml.Unmarshal(data, &doc) != nil {
		return nil
	}
	var list []string
	var walk func(n *yaml.Node)
	walk = func(n *yaml.Node) {
		if n.Kind == yaml.ScalarNode && strings.ContainsAny(n.Value, " .:") {
			list = append(list, strings.Split(strings.TrimSpace(n.Value), "\n")...)
		}
		for _, c := range n.Content {
			walk(c)
		}
	}
	walk(&doc)
	return list
}

// leaks finds what a hand-out gives away.
func (g *guard) leaks(s *Student, p *program, h HandOut) []Leak {
	cuts := g.cutRuns(p)
	own := map[string]bool{}
	if s != nil {
		own[s.ID] = true
		for _, v := range s.values {
			own[v.text] = true
		}
	}
	var list []Leak
	for _, f := range h.Files {
		for _, hit := range g.found(f, cuts, p) {
			if hit.student != nil && (own[hit.text] || g.common[hit.text]) {
				continue
			}
			l := Leak{Exercise: g.exercise.Name, File: f.Path, Line: hit.line, Text: lineAt(f.Data, hit.line), Of: hit.of, Kind: hit.kind}
			if s != nil {
				l.Student = s.ID
			}
			list = append(list, l)
		}
	}
	return list
}

// isSource reports whether a file is compiled, or included.
func isSource(name string) bool {
	return slices.Contains([]string{".c", ".h", ".cc", ".hh", ".cpp", ".hpp", ".cxx", ".hxx", ".S"}, path.Ext(name))
}

// A hit is a place of a text where something was found.
type hit struct {
	word
	line int
}

// found looks for everything in a file, once for equal ones.
func (g *guard) found(f generator.File, cuts *cutRuns, p *program) []hit {
	least := leastRun
	name := f.Path
	if of := pristineOf(name); of != "" {
		name = of
	}
	if i := slices.IndexFunc(p.files, func(f generator.File) bool { return f.Path == name }); i >= 0 && p.files[i].Marked == nil && isSource(name) {
		least = leastRunElsewhere
	}
	type key struct {
		text, cuts uint64
		least      int
	}
	k := key{maphash.Bytes(g.seed, f.Data), cuts.sum, least}
	if known, ok := g.known.Load(k); ok {
		return known.([]hit)
	}
	hits := append(g.words.find(f.Data), cuts.find(f.Data, least)...)
	g.known.Store(k, hits)
	return hits
}

// lineAt returns a line of a text for a message.
func lineAt(text []byte, number int) string {
	const most = 160
	lines := strings.SplitN(string(text), "\n", number+1)
	line := strings.TrimSpace(lines[number-1])
	if len(line) > most {
		line = strings.ToValidUTF8(line[:most], "") + "..."
	}
	return line
}

// A wordIndex finds many words in a text at once. They are found by their first
// four bytes.
type wordIndex struct {
	first map[uint32][]word
	maybe [1 << 13]uint64 // of the first two bytes: a bit is set where a word begins with them
}

// A word is a text that must not be in a hand-out.
type word struct {
	text    string
	of      string   // what to say of it
	kind    string   // see [Leak]
	student *Student // whose own it may be, nil for nobody
	given   bool     // somebody chose it: where it is a number, others may have it by chance
}

// add adds a word of at least least bytes.
func (x *wordIndex) add(w word, least int) {
	if len(w.text) < least {
		return
	}
	if x.first == nil {
		x.first = map[uint32][]word{}
	}
	key := binary.LittleEndian.Uint32([]byte(w.text))
	x.first[key] = append(x.first[key], w)
	x.maybe[uint16(key)>>6] |= 1 << (uint16(key) & 63) //nolint:gosec // the lower half is what is meant
}

// find returns where words of the index are words of a text.
func (x *wordIndex) find(text []byte) []hit {
	var hits []hit
	line, counted := 1, 0
	for i := 0; i+leastValue <= len(text); i++ {
		two := binary.LittleEndian.Uint16(text[i:])
		if x.maybe[two>>6]&(1<<(two&63)) == 0 {
			continue
		}
		for _, w := range x.first[binary.LittleEndian.Uint32(text[i:])] {
			if !strings.HasPrefix(string(text[i:min(len(text), i+len(w.text))]), w.text) || !isWord(text, i, i+len(w.text)) {
				continue
			}
			for ; counted < i; counted++ {
				if text[counted] == '\n' {
					line++
				}
			}
			hits = append(hits, hit{w, line})
		}
	}
	return hits
}

// isWord reports whether text[from:to] has no letter or digit of ASCII before
// or behind it that would make it a part of a word.
func isWord(text []byte, from, to int) bool {
	goesOnBefore := from > 0 && isWordByte(text[from-1]) && isWordByte(text[from])
	goesOnBehind := to < len(text) && isWordByte(text[to-1]) && isWordByte(text[to])
	return !goesOnBefore && !goesOnBehind
}

func isWordByte(c byte) bool {
	return c == '_' || c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z'
}

// cutRuns are the runs of tokens that a hand-out must not have.
type cutRuns struct {
	sum  uint64                 // a hash of what is cut, and of the rest
	runs map[int]map[uint64]run // by their length in tokens
	size map[int]int            // how many there are of each cut
}

// A run is where a run of tokens stands in the solution.
type run struct {
	of  string
	cut int // which cut it is in
}

// cutRuns returns the runs of what is cut out of a program.
func (g *guard) cutRuns(p *program) *cutRuns {
	c := &cutRuns{runs: map[int]map[uint64]run{}, size: map[int]int{}}
	inCut := map[string][]span{}
	var h maphash.Hash
	h.SetSeed(g.seed)
	cuts := p.steps.Cut(g.exercise.Blank)
	for _, cut := range cuts {
		inCut[cut.File] = append(inCut[cut.File], span{cut.Line, cut.Line + len(cut.Lines)})
	}
	rest := g.rest(p, inCut, &h)
	common := map[uint64]bool{} // lines that stand in the rest of the program
	for _, part := range rest {
		for line := range lineSums(part) {
			common[line] = true
		}
	}
	for n, cut := range cuts {
		text := strings.Join(cut.Lines, "\n")
		_, _ = h.WriteString(text)
		tokens := tokensOf([]byte(text), code)
		length := min(leastRun, len(tokens))
		isOwn := ownLines(tokens, common)
		if length < leastRun/2 {
			continue // "return;" is nothing to hide
		}
		if c.runs[length] == nil {
			c.runs[length] = map[uint64]run{}
		}
		for i := 0; i+length <= len(tokens); i++ {
			own := 0
			for _, t := range tokens[i : i+length] {
				if isOwn[t.line] {
					own++
				}
			}
			if own < min(leastOwn, length/2+1) {
				continue
			}
			line := tokens[i].line
			of := fmt.Sprintf("it shows the step %s, of %s:%d of the solution: %s", cut.Step, cut.File, cut.Line+line-1, strings.TrimSpace(cut.Lines[line-1]))
			if sum := sumOf(tokens[i : i+length]); c.runs[length][sum].of == "" {
				c.runs[length][sum] = run{of, n}
			}
		}
	}
	for _, tokens := range rest { // what stands in the rest of the program is no leak
		for length, runs := range c.runs {
			for i := 0; i+length <= len(tokens); i++ {
				delete(runs, sumOf(tokens[i:i+length]))
			}
		}
	}
	for _, runs := range c.runs {
		for _, r := range runs {
			c.size[r.cut]++
		}
	}
	c.sum = h.Sum64()
	return c
}

// A span is some lines of a file: from the first to the one before to.
type span struct{ from, to int }

// rest returns what a program has between the steps that are left out.
func (g *guard) rest(p *program, inCut map[string][]span, h *maphash.Hash) [][]token {
	var parts [][]token
	solution := p.steps.Solution()
	for _, file := range slices.Sorted(maps.Keys(solution)) {
		_, _ = h.Write(solution[file])
		var part []string
		for i, line := range strings.Split(string(solution[file]), "\n") {
			if slices.ContainsFunc(inCut[file], func(s span) bool { return i+1 >= s.from && i+1 < s.to }) {
				parts = append(parts, tokensOf([]byte(strings.Join(part, "\n")), code))
				part = part[:0]
				continue
			}
			part = append(part, line)
		}
		parts = append(parts, tokensOf([]byte(strings.Join(part, "\n")), code))
	}
	return parts
}

// lineSums calls yield for the hash of each line, with its number.
func lineSums(tokens []token) iter.Seq2[uint64, int] {
	return func(yield func(uint64, int) bool) {
		for i := 0; i < len(tokens); {
			end := i
			for end < len(tokens) && tokens[end].line == tokens[i].line {
				end++
			}
			if !yield(sumOf(tokens[i:end]), tokens[i].line) {
				return
			}
			i = end
		}
	}
}

// ownLines tells the lines that are not common.
func ownLines(tokens []token, common map[uint64]bool) map[int]bool {
	own := map[int]bool{}
	for sum, line := range lineSums(tokens) {
		does := slices.ContainsFunc(tokens, func(t token) bool { return t.line == line && t.does })
		own[line] = does && !common[sum]
	}
	return own
}

// find returns where a text has a run of at least least tokens, or all of a cut.
// Each cut is found once.
func (c *cutRuns) find(text []byte, least int) []hit {
	if len(c.runs) == 0 {
		return nil
	}
	var hits []hit
	found := map[int]bool{}
	for _, read := range []reading{code, inComments, inComments | inQuotes} {
		tokens := tokensOf(text, read)
		for length, runs := range c.runs {
			inRow, last := 0, -1
			seen := map[uint64]bool{}
			of := map[int]int{} // runs of each cut that were seen
			for i := 0; i+length <= len(tokens); i++ {
				sum := sumOf(tokens[i : i+length])
				r, ok := runs[sum]
				if !ok {
					inRow = 0
					continue
				}
				if r.cut != last {
					inRow, last = 0, r.cut
				}
				inRow++
				if !seen[sum] {
					seen[sum] = true
					of[r.cut]++
				}
				if !found[r.cut] && (inRow+length-1 >= least || of[r.cut] == c.size[r.cut]) {
					found[r.cut] = true
					hits = append(hits, hit{word{of: r.of, kind: "solution"}, tokens[i+1-inRow].line})
				}
			}
		}
	}
	return hits
}

// A token is a word, a number, a string or a sign of C.
type token struct {
	sum  uint64
	line int  // from 1
	does bool // a function's name in a call, or a sign before a member
}

var tokenSeed = maphash.MakeSeed()

// sumOf is a hash of a run of tokens.
func sumOf(tokens []token) uint64 {
	sum := uint64(len(tokens))
	for _, t := range tokens {
		sum = (sum ^ t.sum) * 0x9e3779b97f4a7c15
		sum ^= sum >> 29
	}
	return sum
}

// A reading is where in a text tokens are looked for.
type reading int

const (
	code       reading = 0
	inComments reading = 1 << iota
	inQuotes           // a string is no token then, and what is in it is
)

// tokensOf splits a text into tokens. White space is none, and neither are the
// signs that begin and end a comment.
func tokensOf(text []byte, read reading) []token {
	tokens := make([]token, 0, len(text)/3)
	line, prev, atStart := 1, "", true
	add := func(s string) {
		isCall := s == "(" && len(tokens) > 0 && isName(prev)
		tokens = append(tokens, token{maphash.String(tokenSeed, s), line, isCall || s == "->" || s == "." && prev != ""})
		prev, atStart = s, false
	}
	for i := 0; i < len(text); {
		c := text[i]
		two := string(text[i:min(i+2, len(text))])
		switch {
		case c == '\n':
			line, atStart = line+1, true
			i++
		case c == ' ' || c == '\t' || c == '\r' || c == '\\':
			i++
		case two == "//" || two == "/*" || two == "*/":
			i += 2
			if read&inComments == 0 && two != "*/" {
				end := "\n"
				if two == "/*" {
					end = "*/"
				}
				for i < len(text) && !strings.HasPrefix(string(text[i:min(i+len(end), len(text))]), end) {
					if text[i] == '\n' {
						line++
					}
					i++
				}
			}
		case atStart && (c == '*' || c == '#' || c == '>' || c == '+' || c == '-' || c == '|'):
			i++ // of a comment, of Markdown, or of a diff
		case (c == '"' || c == '\'' || c == '`') && read&inQuotes != 0:
			i++
		case c == '"' || c == '\'' && i+3 < len(text) && (text[i+2] == '\'' || text[i+1] == '\\'):
			end := i + 1
			for end < len(text) && text[end] != c && text[end] != '\n' {
				if text[end] == '\\' && end+1 < len(text) && text[end+1] != '\n' {
					end++
				}
				end++
			}
			end = min(end+1, len(text))
			if text[end-1] == '\n' {
				end--
			}
			add(string(text[i:end]))
			i = end
		case isWordByte(c):
			end := i + 1
			for end < len(text) && isWordByte(text[end]) {
				end++
			}
			s := string(text[i:end])
			if isVariable(s, prev, text[end:]) {
				s = "v"
			}
			add(s)
			i = end
		case two == "->" || two == "==" || two == "!=" || two == "<=" || two == ">=" || two == "&&" || two == "||" || two == "+=" || two == "-=" || two == "++" || two == "--":
			add(two)
			i += 2
		default:
			_, n := utf8.DecodeRune(text[i:])
			add(string(text[i : i+n]))
			i += n
		}
	}
	return tokens
}

// isName reports whether a token can be the name of a function.
func isName(s string) bool {
	return s != "v" && isWordByte(s[0]) && (s[0] < '0' || s[0] > '9') && !keywords[s]
}

// isVariable reports whether a word may be the name of a variable: it is no
// function's, no member's, no type's and no macro's, no keyword and no number.
func isVariable(s, prev string, rest []byte) bool {
	if s[0] >= '0' && s[0] <= '9' || strings.HasSuffix(s, "_t") || keywords[s] || prev == "." || prev == "->" || prev == "struct" || prev == "enum" || prev == "union" {
		return false
	}
	if len(s) > 1 && !strings.ContainsFunc(s, unicode.IsLower) {
		return false
	}
	for _, c := range rest {
		if c != ' ' {
			return c != '('
		}
	}
	return true
}

var keywords = func() map[string]bool {
	set := map[string]bool{}
	for k := range strings.FieldsSeq(`auto bool break case char const continue default do double else enum extern false float for goto if inline int long
		register return short signed sizeof static struct switch true typedef union unsigned void volatile while`) {
		set[k] = true
	}
	return set
}()
