package spec

import (
	"bytes"
	"fmt"
	"regexp"
	"sort"
	"strings"
	"unicode/utf8"

	"gopkg.in/yaml.v3"
)

// A keyboard for Chinese, and a word processor, write characters that look
// like those of YAML, and are text to it.

// A twin is what looks like a character of YAML.
type twin struct{ name, hint, ascii string }

var twins = func() map[rune]twin {
	all := map[rune]twin{
		'：':      {"full-width colon (U+FF1A)", "write the ASCII character: a colon and a space", ": "},
		'，':      {"full-width comma (U+FF0C)", "write the ASCII character: a comma and a space", ", "},
		'｛':      {"full-width brace (U+FF5B)", "write the ASCII character", "{"},
		'｝':      {"full-width brace (U+FF5D)", "write the ASCII character", "}"},
		'［':      {"full-width bracket (U+FF3B)", "write the ASCII character", "["},
		'］':      {"full-width bracket (U+FF3D)", "write the ASCII character", "]"},
		'\u3000': {"full-width space (U+3000)", "write an ASCII space", " "},
		'\u00a0': {"no-break space (U+00A0)", "write an ASCII space", " "},
	}
	for ascii, quotes := range map[string]string{`"`: doubleQuotes, "'": singleQuotes} {
		for _, r := range quotes {
			all[r] = twin{fmt.Sprintf("typographic quote (%U)", r), quoteHint, ascii}
		}
	}
	return all
}()

const (
	doubleQuotes = "“”„‟「」『』＂"
	singleQuotes = "‘’‚‛＇"
	wideSpaces   = "\u3000\u00a0"
	quoteHint    = `write the ASCII quote, " or '`
)

func isTwin(r rune) bool { _, ok := twins[r]; return ok }

// isUnquoted reports whether a node is a text without quotes around it.
func isUnquoted(n *yaml.Node) bool {
	return n.Kind == yaml.ScalarNode && n.Style&^yaml.TaggedStyle == 0
}

// lookalike tells of the first character in an unquoted text that looks like
// one of YAML, where none has a meaning, and reports whether there is one.
func (f *File) lookalike(n *yaml.Node, path string) bool {
	i := strings.IndexFunc(n.Value, isTwin)
	if i < 0 || !isUnquoted(n) {
		return false
	}
	r, _ := utf8.DecodeRuneInString(n.Value[i:])
	f.errorf(f.posIn(n, r), path, twins[r].hint, "unexpected %s", twins[r].name)
	return true
}

// outerLookalike does the same for the value of a string, which may have such
// characters, but not around it: they need quotes there.
func (f *File) outerLookalike(n *yaml.Node, path string) bool {
	r, msg, hint := outerTwin(n)
	if msg == "" {
		return false
	}
	f.errorf(f.posIn(n, r), path, hint, "%s", msg)
	return true
}

// outerTwin says what is wrong with what stands around an unquoted text. It
// begins at the first r in it.
func outerTwin(n *yaml.Node) (r rune, msg, hint string) {
	if !isUnquoted(n) {
		return 0, "", ""
	}
	first, size := utf8.DecodeRuneInString(n.Value)
	last, _ := utf8.DecodeLastRuneInString(n.Value)
	for _, r := range []rune{first, last} {
		if strings.ContainsRune(wideSpaces, r) {
			return r, "unexpected " + twins[r].name, twins[r].hint + "; if it belongs to the value, put ASCII quotes around the value"
		}
	}
	const quotes = doubleQuotes + singleQuotes
	if len(n.Value) > size && strings.ContainsRune(quotes, first) && strings.ContainsRune(quotes, last) {
		return first, "the value is in typographic quotes",
			`use ASCII quotes, "...", or none; if the typographic quotes belong to the value, put ASCII quotes around them`
	}
	return 0, "", ""
}

// posIn is the place of the first r of an unquoted text.
func (f *File) posIn(n *yaml.Node, r rune) Pos {
	pos, owner := f.pos(n), f.ownerOf(n)
	if pos.Flag != "" {
		return pos
	}
	if owner.starts == nil {
		owner.starts = lineStarts(owner.data)
	}
	line := owner.data[owner.starts[min(n.Line, len(owner.starts))-1]:]
	at := 0
	for range n.Column - 1 {
		_, size := utf8.DecodeRune(line[at:])
		at += size
	}
	i := bytes.IndexRune(line[at:], r)
	if i < 0 {
		return pos
	}
	within := owner.posAt(line, at+i)
	return Pos{File: pos.File, Line: pos.Line + within.Line - 1, Col: within.Col}
}

// comment is a comment of YAML, or a # in quotes: what it has in it is not
// looked at.
var comment = regexp.MustCompile(`(?m)(?:^|[ \t])#.*$`)

// syntaxLookalike tells of the character that looks like one of YAML, and is
// the reason of a syntax error, and reports whether one is: with the character
// of YAML in its place, the error is gone, or another one is in a later line.
func (f *File) syntaxLookalike(data []byte, err error) bool {
	if len(data) > maxTried {
		return false
	}
	lines := bytes.SplitAfter(data, []byte("\n"))
	inASCII := make([][]byte, len(lines))
	var all []int // lines that differ
	for i, line := range lines {
		if inASCII[i] = asASCII(line, 0); !bytes.Equal(inASCII[i], line) {
			all = append(all, i)
		}
	}
	mended := func(i int, line []byte) bool {
		changed := bytes.Join([][]byte{bytes.Join(lines[:i], nil), line, bytes.Join(lines[i+1:], nil)}, nil)
		e := firstError(changed)
		if e == nil {
			return true
		}
		next, _ := splitError(changed, e)
		return e.Error() != err.Error() && next > i+1
	}
	const most = 64
	for _, i := range all[:min(len(all), most)] {
		if mended(i, inASCII[i]) {
			f.twinInLine(data, lines, i, mended)
			return true
		}
	}
	if len(all) > 0 && firstError(bytes.Join(inASCII, nil)) == nil {
		f.twinInLine(data, lines, all[0], func(int, []byte) bool { return false })
		return true
	}
	return false
}

// asASCII returns a line with ASCII characters in the place of those that look
// like them, from a byte on.
func asASCII(line []byte, from int) []byte {
	end := len(line)
	if at := comment.FindIndex(line); at != nil {
		end = at[0]
	}
	var b bytes.Buffer
	for i, r := range string(line) {
		if twin, ok := twins[r]; ok && i >= from && i < end {
			b.WriteString(twin.ascii)
		} else {
			b.WriteRune(r)
		}
	}
	return b.Bytes()
}

// twinInLine tells of the last character of a line from which on all must be
// of YAML, or of the first where there is none such.
func (f *File) twinInLine(data []byte, lines [][]byte, i int, mended func(int, []byte) bool) {
	line, before := lines[i], len(bytes.Join(lines[:i], nil))
	var at []int
	for n, r := range string(line) {
		if isTwin(r) {
			at = append(at, n)
		}
	}
	after := sort.Search(len(at), func(n int) bool { return !mended(i, asASCII(line, at[n])) })
	reason := at[max(0, after-1)]
	r, _ := utf8.DecodeRune(line[reason:])
	f.errorf(f.posAt(data, before+reason), "", twins[r].hint, "not YAML: unexpected %s", twins[r].name)
}
