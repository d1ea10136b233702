package spec

import (
	"bytes"
	"encoding/json"
	"errors"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"gopkg.in/yaml.v3"
)

// JSON is YAML nearly, but not to the yaml package: it knows no \/ and no
// surrogate pairs, refuses characters that JSON allows, and folds lines at
// some of them. So a file that is JSON is read as JSON.

// isJSON reports whether the file is a JSON object.
func isJSON(data []byte) bool { return startsWith(data, '{') && utf8.Valid(data) && json.Valid(data) }

// meantAsJSON reports whether the file was to be JSON, as far as one can see.
func meantAsJSON(name string, data []byte) bool {
	rest := bytes.TrimLeft(data, jsonSpace)
	return strings.EqualFold(filepath.Ext(name), ".json") || startsWith(data, '{') && startsWith(rest[1:], '"')
}

// startsWith reports whether c is the first character behind white space.
func startsWith(data []byte, c byte) bool {
	rest := bytes.TrimLeft(data, jsonSpace)
	return len(rest) > 0 && rest[0] == c
}

const jsonSpace = " \t\r\n"

// parseJSON returns the nodes of a file that [isJSON], as the yaml package
// would make them. It returns nil, and tells why, where a string has half of a
// character.
func (f *File) parseJSON(data []byte) *yaml.Node {
	if i := loneSurrogate(data); i >= 0 {
		f.errorf(f.posAt(data, i), "", `write both escapes, \ud83d\ude00, or the character itself`, "not JSON: incomplete surrogate pair")
		return nil
	}
	r := jsonReader{dec: json.NewDecoder(bytes.NewReader(data)), data: data, line: 1, col: 1}
	r.dec.UseNumber()
	return r.node()
}

// A jsonReader makes nodes of JSON that is valid.
type jsonReader struct {
	dec       *json.Decoder
	data      []byte
	at        int // data[at] is at line and col
	line, col int
}

// node reads a value, or a key, which is a string.
func (r *jsonReader) node() *yaml.Node {
	r.move()
	n := &yaml.Node{Kind: yaml.ScalarNode, Line: r.line, Column: r.col}
	token, _ := r.dec.Token() // it is valid
	switch v := token.(type) {
	case json.Delim:
		n.Kind, n.Tag = yaml.MappingNode, "!!map"
		if v == '[' {
			n.Kind, n.Tag = yaml.SequenceNode, "!!seq"
		}
		for r.dec.More() {
			n.Content = append(n.Content, r.node())
		}
		_, _ = r.dec.Token() // the end of it
	case string:
		n.Tag, n.Style, n.Value = "!!str", yaml.DoubleQuotedStyle, v
	case json.Number:
		n.Tag, n.Value = "!!int", v.String()
		if strings.Trim(n.Value, "-0123456789") != "" {
			n.Tag = "!!float"
		}
	case bool:
		n.Tag, n.Value = "!!bool", strconv.FormatBool(v)
	default:
		n.Tag, n.Value = "!!null", "null"
	}
	return n
}

// move goes on to where the next token begins.
func (r *jsonReader) move() {
	start := int(r.dec.InputOffset())
	start += len(r.data[start:]) - len(bytes.TrimLeft(r.data[start:], jsonSpace+",:"))
	for r.at < start {
		c, n := utf8.DecodeRune(r.data[r.at:])
		r.col++
		if c == '\n' {
			r.line, r.col = r.line+1, 1
		}
		r.at += n
	}
}

var jsonEscape = regexp.MustCompile(`\\(?:u[0-9A-Fa-f]{4}|.)`)

// loneSurrogate returns where an escape of half a surrogate pair is without
// the other half, -1 where none is. The json package puts U+FFFD in its place.
func loneSurrogate(data []byte) int {
	high, end := -1, 0 // a first half, and where it ends
	unit := rune(0)
	for _, at := range jsonEscape.FindAllIndex(data, -1) {
		r := rune(0)
		if escape := data[at[0]:at[1]]; len(escape) > 2 {
			code, _ := strconv.ParseUint(string(escape[2:]), 16, 16) // four digits
			r = rune(code)
		}
		paired := high >= 0 && end == at[0] && utf16.DecodeRune(unit, r) != utf8.RuneError
		switch {
		case high >= 0 && !paired:
			return high
		case paired:
			high = -1
		case utf16.IsSurrogate(r) && r >= 0xdc00:
			return at[0]
		case utf16.IsSurrogate(r):
			high, end, unit = at[0], at[1], r
		}
	}
	return high
}

// jsonError tells why a file is not JSON, without what it holds, and reports
// whether it is not.
func (f *File) jsonError(data []byte) bool {
	syntax, ok := errors.AsType[*json.SyntaxError](json.Unmarshal(data, new(json.RawMessage)))
	if !ok {
		return false
	}
	at := int(syntax.Offset) - 1 // it counts the wrong character
	msg, hint := "the file ends too early", "close what is open: a string with \", a list with ], a map with }"
	if !strings.HasPrefix(syntax.Error(), "unexpected end") {
		msg, hint = "unexpected character", "write keys and text in double quotes, and commas between entries"
		for _, known := range jsonErrors {
			if strings.Contains(syntax.Error(), known.text) {
				msg, hint = known.msg, known.hint
				break
			}
		}
	} else {
		at = len(bytes.TrimRight(data, jsonSpace))
	}
	f.errorf(f.posAt(data, max(0, at)), "", hint, "not JSON: %s", msg)
	return true
}

// jsonErrors are the json package's errors by what they have in common. What
// they show of the file may be a piece of a password.
var jsonErrors = []struct{ text, msg, hint string }{
	{"invalid character '/' ", "JSON has no comments", "remove it; in YAML, # begins a comment"},
	{"looking for beginning of value", "a value is needed here", "put text in double quotes; numbers, true, false and null have none"},
	{"in literal ", "a value is needed here", "put text in double quotes; numbers, true, false and null have none"},
	{"object key string", "a key in double quotes is needed here", `write "key": value; after the last entry there is no comma`},
	{"after object key:value", "a comma or } is missing before this", "put a comma between two entries"},
	{"after object key", "a colon is missing before this", `write "key": value`},
	{"after array element", "a comma or ] is missing before this", "put a comma between two entries"},
	{"in string literal", "a string holds a line break or another control character", `close the quotes on the same line; \n stands for the end of a line`},
	{"hexadecimal character escape", `\u is not followed by four hexadecimal digits`, `write \u00e9, or \\ for a backslash`},
	{"escape code", `\ is not followed by an escape`, `write \\ for a backslash`},
	{"numeric literal", "a number ends too early", "write a plain decimal number"},
	{"after top-level value", "unexpected text after the end of the spec", "put each project's spec into a file of its own"},
}
