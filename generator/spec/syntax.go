package spec

import (
	"bytes"
	"errors"
	"io"
	"regexp"
	"slices"
	"sort"
	"strconv"
	"strings"
	"unicode/utf8"

	"gopkg.in/yaml.v3"
)

// newDecoder reads YAML 1.2, too: the yaml package knows it, but refuses the
// directive that names it.
func newDecoder(data []byte) *yaml.Decoder {
	if end := directivesEnd(data); end > 0 {
		data = slices.Concat(yaml12.ReplaceAll(data[:end], []byte("${1}1.1")), data[end:])
	}
	return yaml.NewDecoder(bytes.NewReader(data))
}

var yaml12 = regexp.MustCompile(`(?m)^(%YAML[ \t]+)1\.2\b`)

// directivesEnd returns where the lines end that begin with %, and what stands
// between them, 0 where there are none.
func directivesEnd(data []byte) int {
	at, found := 0, false
	for line := range bytes.Lines(data) {
		blank := len(bytes.TrimSpace(line)) == 0
		if !blank && line[0] != '#' && line[0] != '%' {
			break
		}
		found = found || line[0] == '%'
		at += len(line)
	}
	if !found {
		return 0
	}
	return at
}

// openDirectives tells of directives that no --- ends, and reports whether
// there are any. The yaml package finds fault with another place.
func (f *File) openDirectives(data []byte) bool {
	end := directivesEnd(data)
	if end == 0 || bytes.HasPrefix(data[end:], []byte("---")) {
		return false
	}
	f.errorf(f.posAt(data, end), "", "put one between the lines that begin with % and the spec", "not YAML: a line --- is missing before this")
	return true
}

// conflicts tells of the marks that git leaves where two branches changed the
// same lines, and reports whether there are any.
func (f *File) conflicts(data []byte) bool {
	begin, n, found := 0, 0, false
	for line := range bytes.Lines(data) {
		n++
		switch {
		case bytes.HasPrefix(line, []byte("<<<<<<< ")):
			begin = n
		case bytes.HasPrefix(line, []byte(">>>>>>> ")) && begin > 0:
			f.errorf(Pos{File: f.Name, Line: begin, Col: 1}, "", "keep what is right of the two versions, and delete the lines of git: <<<<<<<, ======= and >>>>>>>",
				"git has left a conflict here, up to line %d: two branches changed these lines", n)
			begin, found = 0, true
		}
	}
	return found
}

// posAt is the place of a byte of the file.
func (f *File) posAt(data []byte, i int) Pos {
	head := data[:i]
	line := head[bytes.LastIndexByte(head, '\n')+1:]
	return Pos{File: f.Name, Line: 1 + bytes.Count(head, []byte("\n")), Col: 1 + utf8.RuneCount(line)}
}

// syntaxError turns an error of the yaml package, which is text, into an
// issue. It knows the line and no column.
func (f *File) syntaxError(data []byte, err error) {
	line, text := splitError(data, err)
	switch {
	case strings.HasPrefix(text, "unknown anchor "):
		// The name is not shown: it may be a password that begins with *.
		f.errorf(f.posAt(data, brokenAlias(data, err)), "", "put & and the name before the value that it repeats; a text that begins with * needs quotes",
			"not YAML: no anchor before it has this alias's name")
		return
	case f.syntaxLookalike(data, err), meantAsJSON(f.Name, data) && f.jsonError(data), f.brokenEscape(data, err):
		return
	}
	hint := "check the indentation, the colons and the quotes on this line and the one before"
	for _, known := range syntaxHints {
		if strings.Contains(text, known.text) {
			hint = known.hint
		}
	}
	f.errorf(Pos{File: f.Name, Line: line, Col: 1}, "", hint, "not YAML: %s", text)
}

// syntaxHints are the errors of the yaml package of which more can be said.
var syntaxHints = []struct{ text, hint string }{
	{"cannot start any token", "indent with spaces, not tabs, and put a value that begins with @, ` or % in quotes"},
	{"unknown directive name", "remove the line; %YAML 1.1, %YAML 1.2 and %TAG are known"},
	{"incompatible YAML document", "write %YAML 1.2, or remove the line"},
}

// splitError returns the line and the text of an error of the yaml package.
func splitError(data []byte, err error) (line int, text string) {
	line, text = 1, strings.TrimPrefix(err.Error(), "yaml: ")
	if rest, ok := strings.CutPrefix(text, "line "); ok {
		number, message, _ := strings.Cut(rest, ": ")
		if n, err := strconv.Atoi(number); err == nil {
			line, text = n, message
		}
		if countsFromZero(text) {
			line++
		}
	}
	last := 1 + bytes.Count(bytes.TrimRight(data, "\n"), []byte("\n")) // the end of the file is in its last line
	return min(line, last), text
}

// countsFromZero reports whether an error of the yaml package counts its lines
// from 0: those of its parser do, those of its scanner do not.
func countsFromZero(text string) bool {
	return slices.ContainsFunc([]string{
		"did not find expected <document start>", "did not find expected node content", "did not find expected key",
		"did not find expected '-' indicator", "did not find expected ',' or ", "found undefined tag handle",
		"found duplicate %", "found incompatible YAML document",
	}, func(s string) bool { return strings.HasPrefix(text, s) })
}

// firstError returns the error that the yaml package finds in a file.
func firstError(data []byte) error {
	dec := newDecoder(data)
	for {
		switch err := dec.Decode(new(yaml.Node)); {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		}
	}
}

// brokenAlias finds the alias that an error is about: the shortest beginning
// of the file that gives the same error ends with it.
func brokenAlias(data []byte, err error) int {
	end := sort.Search(len(data), func(n int) bool {
		for n < len(data) && !utf8.RuneStart(data[n]) {
			n++
		}
		e := firstError(data[:n])
		return e != nil && e.Error() == err.Error()
	})
	return max(0, bytes.LastIndexByte(data[:end], '*'))
}

// maxTried is the size of the largest file in which the reason of a syntax
// error is looked for by reading it again with changes.
const maxTried = 32 << 10

// escapeErrors are the errors of the yaml package about an escape.
var escapeErrors = []struct{ text, msg, hint string }{
	{"found unknown escape character", `\ is not followed by an escape`, `write \\ for a backslash, or put the value in single quotes`},
	{"found invalid Unicode character escape code", "the escape is not a valid character", `write the character itself, or \U and its eight hexadecimal digits`},
	{"did not find expected hexdecimal number", "the escape has too few hexadecimal digits", `write \x and 2 digits, \u and 4, or \U and 8; or \\ for a backslash`},
}

// brokenEscape tells of the escape that an error is about, and reports whether
// it is about one: the last escape from which on all must be taken out for the
// error to go.
func (f *File) brokenEscape(data []byte, err error) bool {
	line, text := splitError(data, err)
	known := slices.IndexFunc(escapeErrors, func(e struct{ text, msg, hint string }) bool { return e.text == text })
	if known < 0 {
		return false
	}
	start := lineStarts(data)[line-1]
	escapes := escape.FindAllIndex(data[start:], -1)
	if len(data) > maxTried {
		escapes = escapes[:min(len(escapes), 1)]
	}
	after := sort.Search(len(escapes), func(n int) bool {
		from := start + escapes[n][0]
		e := firstError(slices.Concat(data[:from], escape.ReplaceAll(data[from:], []byte("__"))))
		return e != nil && e.Error() == err.Error()
	})
	pos := f.posAt(data, start)
	if after > 0 {
		pos = f.posAt(data, start+escapes[after-1][0])
	}
	f.errorf(pos, "", escapeErrors[known].hint, "not YAML: %s", escapeErrors[known].msg)
	return true
}

var escape = regexp.MustCompile(`\\.`)

// lineStarts returns where the lines of a file begin.
func lineStarts(data []byte) []int {
	starts := []int{0}
	for line := range bytes.Lines(data) {
		starts = append(starts, starts[len(starts)-1]+len(line))
	}
	return starts
}
