package exercise

import (
	"bytes"
	"cmp"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/espgen/espgen/lazyregexp"
)

// The words of markers.
const (
	wordStep   = "step"
	wordTitle  = "title"
	wordGuide  = "guide"
	wordCalls  = "calls"
	wordStub   = "stub"
	wordMutant = "mutant"
	wordEnd    = "end"
)

var words = []string{wordStep, wordTitle, wordGuide, wordCalls, wordStub, wordMutant, wordEnd}

// The marks that begin a marker.
const (
	markC     = "//@"
	markOther = "#@"
)

// languagesOfC are the endings of the files in which markers are comments of C.
var languagesOfC = []string{".c", ".h", ".cc", ".cpp", ".cxx", ".hh", ".hpp", ".hxx", ".inc", ".ino", ".S", ".ld"}

func markOf(file string) string {
	if slices.Contains(languagesOfC, path.Ext(file)) {
		return markC
	}
	return markOther
}

var markerLine = lazyregexp.New(`(?m)^[ \t]*(//|#)@[a-z]`)

// HasMarkers reports whether a line of a text looks like a marker. It costs next
// to nothing where there is none.
func HasMarkers(text []byte) bool {
	return (bytes.Contains(text, []byte(markC)) || bytes.Contains(text, []byte(markOther))) && markerLine().Match(text)
}

// Parse reads the files of a project, which are by their paths with slashes.
// Those without markers are not in the Source. All issues are told, in the order
// of files and lines; the Source is nil where there is one.
func Parse(files map[string][]byte) (*Source, []Issue) {
	s := &Source{files: map[string][]piece{}}
	var issues []Issue
	var heads []head
	for _, file := range slices.Sorted(maps.Keys(files)) {
		p := newParser(file, files[file])
		if p == nil {
			continue
		}
		p.parse()
		issues = append(issues, p.issues...)
		heads = append(heads, p.heads...)
		if len(p.heads) > 0 {
			s.files[file] = p.pieces
		}
	}
	steps, more := collect(heads)
	issues = append(issues, more...)
	if len(issues) > 0 {
		slices.SortStableFunc(issues, func(a, b Issue) int {
			return cmp.Or(strings.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
		})
		return nil, issues
	}
	s.steps = steps
	return s, nil
}

// Malformed returns the issues that a file has by itself: of its markers' words,
// names and order. Whether a step has a title may depend on other files.
func Malformed(file string, text []byte) []Issue {
	p := newParser(file, text)
	if p == nil {
		return nil
	}
	p.parse()
	return p.issues
}

// Solve returns one file without its markers, every step solved; nil where it
// has no step. It takes a fraction of the time of [Parse], and tells only the
// issues by which the text is in doubt.
func Solve(file string, text []byte) ([]byte, []Issue) {
	p := newParser(file, text)
	if p == nil {
		return nil, nil
	}
	p.brief = true
	p.parse()
	if !slices.ContainsFunc(p.pieces, func(p piece) bool { return p.place != nil }) || len(p.issues) > 0 {
		return nil, p.issues
	}
	return join(p.pieces, func(p *place) []byte { return p.solution }), nil
}

// A head is what the markers say of one place of a step, or of a mutant.
type head struct {
	*place
	file   string
	at     Issue // where it begins, without a message
	mutant string
	title  map[string]said
	guide  *said
	calls  []string
}

// A said is what a marker says, and where.
type said struct {
	text string
	at   Issue
}

// A marker is a line that begins with a mark.
type marker struct {
	word   string
	spaced bool   // white space stands before the word
	at     Issue  // where it stands, without a message
	line   []byte // from its mark on
	rest   []byte // of the line, behind the word
}

// restAt is where the rest stands.
func (m marker) restAt() Issue {
	at := m.at
	at.Column += utf8.RuneCount(m.line[:len(m.line)-len(m.rest)])
	return at
}

// text is the rest without white space around it.
func (m marker) text() string { return string(bytes.TrimSpace(m.rest)) }

// A parser reads one file.
type parser struct {
	file, mark string
	text       []byte
	isC        bool
	brief      bool // only the solution is wanted
	issues     []Issue
	pieces     []piece
	heads      []head

	line   int    // that is looked at, from 1
	start  int    // of the text of the part that is read
	head   *head  // that further markers may add to: no text has followed
	inside *place // nil outside of a step
	at     Issue  // where this step begins
	part   string // of the step: wordStep for its solution, wordStub, wordMutant
	mutant string
	lost   bool // an issue was told that lets others follow
}

// newParser returns nil for a text that cannot have a marker.
func newParser(file string, text []byte) *parser {
	mark := markOf(file)
	if !bytes.Contains(text, []byte(mark)) {
		return nil
	}
	return &parser{file: file, mark: mark, text: text, isC: mark == markC}
}

func (p *parser) issue(at Issue, hint, format string, args ...any) {
	at.Msg, at.Hint = fmt.Sprintf(format, args...), hint
	p.issues = append(p.issues, at)
}

func (p *parser) parse() {
	var lex lexer
	for begin := 0; begin < len(p.text); {
		p.line++
		end := len(p.text)
		if n := bytes.IndexByte(p.text[begin:], '\n'); n >= 0 {
			end = begin + n + 1
		}
		line := p.text[begin:end]
		if m, ok := p.markerIn(line); ok && lex.inside == 0 {
			p.closePart(begin)
			p.take(m)
			p.start = end
		} else {
			if p.isC {
				lex.line(line)
			}
			p.head = nil
		}
		begin = end
	}
	p.closePart(len(p.text))
	if p.inside != nil {
		p.issue(p.at, "write "+p.mark+wordEnd+" behind its stub", "the step %q does not end", p.inside.step)
	}
}

// markerIn returns the marker that a line is. "//@ step" is one, too, so that it
// is told: it was meant.
func (p *parser) markerIn(line []byte) (marker, bool) {
	trimmed := bytes.TrimLeft(line, " \t")
	if len(trimmed) < len(p.mark) || string(trimmed[:len(p.mark)]) != p.mark {
		return marker{}, false
	}
	body := trimmed[len(p.mark):]
	text := bytes.TrimLeft(body, " \t")
	word, rest := cutWord(text)
	if word == "" {
		return marker{}, false
	}
	m := marker{word: word, spaced: len(text) < len(body), line: trimmed, rest: bytes.TrimLeft(rest, " \t")}
	m.at = Issue{File: p.file, Line: p.line, Column: 1 + len(line) - len(trimmed)}
	return m, !m.spaced || slices.Contains(words, m.word)
}

// cutWord cuts the word off that a text begins with.
func cutWord(text []byte) (word string, rest []byte) {
	end := bytes.IndexFunc(text, func(r rune) bool { return r != '-' && r != '_' && !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	if end < 0 {
		end = len(text)
	}
	for _, known := range words { // without a copy of it
		if string(text[:end]) == known {
			return known, text[end:]
		}
	}
	return string(text[:end]), text[end:]
}

// closePart ends the text that was read before an offset.
func (p *parser) closePart(end int) {
	text := p.text[p.start:end:end]
	switch {
	case p.inside == nil:
		if len(text) > 0 {
			p.pieces = append(p.pieces, piece{text: text})
		}
	case len(text) == 0: // of markers that follow each other
	case p.part == wordStep:
		p.inside.solution = text
	case p.brief:
	case p.part == wordStub:
		p.inside.stub = p.bare(text)
	case p.part == wordMutant:
		p.inside.mutants[p.mutant] = p.bare(text)
	}
}

// bare takes the marks off the lines of a stub or a mutant that are comments so
// that the marked program compiles as it stands.
func (p *parser) bare(text []byte) []byte {
	mark := []byte(strings.TrimSuffix(p.mark, "@") + "|")
	if !bytes.Contains(text, mark) {
		return text
	}
	var out []byte
	for line := range bytes.Lines(text) {
		trimmed := bytes.TrimLeft(line, " \t")
		if rest, ok := bytes.CutPrefix(trimmed, mark); ok {
			if rest = bytes.TrimPrefix(rest, []byte(" ")); len(bytes.TrimSpace(rest)) > 0 {
				out = append(out, line[:len(line)-len(trimmed)]...)
			}
			line = rest
		}
		out = append(out, line...)
	}
	return out
}

var (
	nameForm     = lazyregexp.New(`^[a-z][a-z0-9-]{0,39}$`)
	languageForm = lazyregexp.New(`^([a-z]{2,3})[ \t]*:[ \t]*(.*)$`)
	callForm     = lazyregexp.New(`^[A-Za-z_]\w*$`)
)

// take carries out a marker.
func (p *parser) take(m marker) {
	if p.brief && (m.word == wordTitle || m.word == wordGuide || m.word == wordCalls) {
		return
	}
	if m.spaced {
		p.issue(m.at, "write "+p.mark+m.word, "a marker has no space behind the @")
	}
	switch m.word {
	case wordStep:
		p.begin(m)
		return
	case wordTitle, wordGuide, wordCalls:
		p.describe(m)
		return
	case wordStub, wordMutant, wordEnd:
	default:
		p.issue(m.at, "the markers are "+p.mark+strings.Join(words, ", "+p.mark), "unknown marker %s%s", p.mark, m.word)
		p.head = nil
		return
	}
	p.head = nil
	if p.inside == nil {
		if !p.lost {
			p.issue(m.at, "write "+p.mark+wordStep+" NAME before the solution", "%s%s stands in no step", p.mark, m.word)
		}
		return
	}
	if rest := m.text(); m.word != wordMutant && rest != "" {
		p.issue(m.restAt(), "write "+p.mark+m.word+" alone on its line", "%s%s takes no %q", p.mark, m.word, rest)
	}
	switch m.word {
	case wordStub:
		if p.inside.hasStub {
			p.issue(m.at, "leave one of them", "the step %q has two stubs here", p.inside.step)
		}
		p.inside.hasStub, p.part = true, wordStub
	case wordMutant:
		p.beginMutant(m)
	case wordEnd:
		p.end()
	}
}

// name returns the name that a marker gives.
func (p *parser) name(m marker) string {
	name := m.text()
	if !nameForm().MatchString(name) {
		p.issue(m.restAt(), "write a name such as send-all: lower-case letters, digits and hyphens, 40 at most", "%s%s: %q is not a name", p.mark, m.word, name)
	}
	return name
}

func (p *parser) begin(m marker) {
	name := p.name(m)
	p.lost = false
	if p.inside != nil {
		p.issue(m.at, "end the other step before: "+p.mark+wordEnd, "the step %q begins within the step %q of line %d", name, p.inside.step, p.at.Line)
		p.lost = true
	}
	p.inside = &place{step: name, line: p.line}
	p.at, p.part = m.at, wordStep
	p.pieces = append(p.pieces, piece{place: p.inside})
	if !p.brief {
		p.addHead(m, "")
	}
}

func (p *parser) beginMutant(m marker) {
	p.part = wordMutant
	if p.brief {
		return
	}
	p.mutant = p.name(m)
	if _, ok := p.inside.mutants[p.mutant]; ok {
		p.issue(m.at, "give one of them another name", "the step %q has the mutant %q twice here", p.inside.step, p.mutant)
	}
	if p.inside.mutants == nil {
		p.inside.mutants = map[string][]byte{}
	}
	p.inside.mutants[p.mutant] = []byte{}
	p.addHead(m, p.mutant)
}

func (p *parser) addHead(m marker, mutant string) {
	p.heads = append(p.heads, head{place: p.inside, file: p.file, at: m.at, mutant: mutant, title: map[string]said{}})
	p.head = &p.heads[len(p.heads)-1]
}

// describe takes what a marker says of the step, or the mutant, above it.
func (p *parser) describe(m marker) {
	rest := m.text()
	switch {
	case p.head == nil && p.lost && p.inside == nil:
	case p.head == nil:
		p.issue(m.at, "write it directly below "+p.mark+wordStep+" or "+p.mark+wordMutant, "%s%s describes neither a step nor a mutant", p.mark, m.word)
	case m.word != wordTitle && p.head.mutant != "":
		p.issue(m.at, "write it below "+p.mark+wordStep, "%s%s describes a step, not a mutant", p.mark, m.word)
	case rest == "" && m.word != wordGuide: // a template may print a section that is empty
		p.issue(m.at, "write it behind the marker, or leave the marker out", "%s%s says nothing", p.mark, m.word)
	case m.word == wordTitle:
		found := languageForm().FindStringSubmatch(rest)
		if found == nil || found[2] == "" {
			p.issue(m.restAt(), "write "+p.mark+wordTitle+" en: TEXT, or zh: TEXT", "the title %q does not begin with the code of its language", rest)
		} else if _, ok := p.head.title[found[1]]; ok {
			p.issue(m.at, "leave one of them", "a second title in the language %q", found[1])
		} else {
			p.head.title[found[1]] = said{found[2], m.at}
		}
	case m.word == wordGuide && p.head.guide != nil, m.word == wordCalls && p.head.calls != nil:
		p.issue(m.at, "leave one of them", "a second %s%s", p.mark, m.word)
	case m.word == wordGuide:
		p.head.guide = &said{rest, m.at}
	case m.word == wordCalls:
		for _, call := range strings.FieldsFunc(rest, func(r rune) bool { return unicode.IsSpace(r) || r == ',' }) {
			call = strings.TrimSuffix(call, "()")
			if !callForm().MatchString(call) {
				p.issue(m.restAt(), "write the names of functions, with spaces between", "%q is not the name of a function", call)
				continue
			}
			p.head.calls = append(p.head.calls, call)
		}
	}
}

// end ends a step, and looks at what it has.
func (p *parser) end() {
	of := p.inside
	p.inside, p.part = nil, ""
	switch {
	case len(bytes.TrimSpace(of.solution)) == 0:
		p.issue(p.at, "write it directly behind the markers that describe the step", "the step %q has no solution", of.step)
	case !of.hasStub:
		p.issue(p.at, "write "+p.mark+wordStub+", and what a hand-out has in place of the solution, before "+p.mark+wordEnd, "the step %q has no stub", of.step)
	case p.brief:
		return
	case sameWords(of.stub, of.solution):
		p.issue(p.at, "leave the solution out of the stub", "the stub of the step %q is its solution", of.step)
	}
	for _, name := range slices.Sorted(maps.Keys(of.mutants)) {
		if sameWords(of.mutants[name], of.solution) {
			p.issue(p.at, "make the mistake in it", "the mutant %q of the step %q is its solution", name, of.step)
		}
	}
	if slices.ContainsFunc(append(slices.Collect(maps.Values(of.mutants)), of.stub), HasMarkers) {
		p.issue(p.at, "take the | away", "a line of the step %q hides a marker", of.step)
	}
}

// sameWords reports whether two texts differ in their white space only.
func sameWords(a, b []byte) bool {
	return slices.EqualFunc(bytes.Fields(a), bytes.Fields(b), bytes.Equal)
}

// collect makes steps of what stands at their places.
func collect(heads []head) ([]Step, []Issue) {
	var steps []*collected
	var issues []Issue
	byName := map[string]*collected{}
	for _, h := range heads {
		c, ok := byName[h.step]
		if !ok {
			c = &collected{Step: Step{Name: h.step, Title: Text{}}, at: h.at, mutants: map[string]Issue{}}
			byName[h.step] = c
			steps = append(steps, c)
		}
		issues = append(issues, c.add(h)...)
	}
	var list []Step
	for _, c := range steps {
		issues = append(issues, c.missing()...)
		list = append(list, c.Step)
	}
	slices.SortStableFunc(list, func(a, b Step) int { return compareSections(a.Guide, b.Guide) })
	return list, issues
}

// A collected step is one whose places are being put together.
type collected struct {
	Step
	at      Issue            // of its first place
	mutants map[string]Issue // where each is first
	says    bool             // one of its stubs does, or is missing, which is told
}

func (c *collected) add(h head) (issues []Issue) {
	tell := func(at Issue, hint, format string, args ...any) {
		at.Msg, at.Hint = fmt.Sprintf(format, args...), hint
		issues = append(issues, at)
	}
	title := c.Title
	if h.mutant == "" {
		c.Places = append(c.Places, Place{File: h.file, Line: h.line})
		c.says = c.says || !h.hasStub || len(bytes.TrimSpace(h.stub)) > 0
		if h.guide != nil && c.Guide != "" && c.Guide != h.guide.text {
			tell(h.guide.at, "leave one of them", "the step %q has the sections %q and %q", c.Name, c.Guide, h.guide.text)
		} else if h.guide != nil {
			c.Guide = h.guide.text
		}
		for _, call := range h.calls {
			if !slices.Contains(c.Calls, call) {
				c.Calls = append(c.Calls, call)
			}
		}
	} else {
		i := slices.IndexFunc(c.Mutants, func(m Mutant) bool { return m.Name == h.mutant })
		if i < 0 {
			i = len(c.Mutants)
			c.Mutants = append(c.Mutants, Mutant{Name: h.mutant, Title: Text{}})
			c.mutants[h.mutant] = h.at
		}
		title = c.Mutants[i].Title
	}
	for _, language := range slices.Sorted(maps.Keys(h.title)) {
		if was, ok := title[language]; ok && was != h.title[language].text {
			tell(h.title[language].at, "leave one of them, at any of its places", "a second title in the language %q: it was %q", language, was)
			continue
		}
		title[language] = h.title[language].text
	}
	return issues
}

// missing tells what none of the step's places says.
func (c *collected) missing() (issues []Issue) {
	tell := func(at Issue, hint, format string, args ...any) {
		at.Msg, at.Hint = fmt.Sprintf(format, args...), hint
		issues = append(issues, at)
	}
	mark := markOf(c.at.File)
	if len(c.Title) == 0 {
		tell(c.at, "write "+mark+wordTitle+" en: TEXT below it", "the step %q has no title", c.Name)
	}
	for _, m := range c.Mutants {
		if len(m.Title) == 0 {
			at := c.mutants[m.Name]
			tell(at, "write "+mark+wordTitle+" en: TEXT below it", "the mutant %q of the step %q has no title", m.Name, c.Name)
		}
	}
	if !c.says {
		tell(c.at, "say in it, in a comment, what is wanted", "the stub of the step %q is empty", c.Name)
	}
	return issues
}
