// Package escape writes any string as a literal of the languages that a
// generated project is made of, one function each. What a reader of the
// language gets back is the string, byte for byte; where a language cannot
// hold some bytes, its function says so.
package escape

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// C returns s as a C string literal, quotes included. Printable characters
// stand for themselves, in UTF-8, which is what GCC reads. All other bytes
// are three-digit octal escapes: a hexadecimal one would take in the digits
// behind it. ? is \?, since ??/ and its like are trigraphs.
func C(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for len(s) > 0 {
		r, n := utf8.DecodeRuneInString(s)
		switch {
		case r == '"' || r == '\\' || r == '?':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r == '\n':
			b.WriteString(`\n`)
		case unicode.IsPrint(r) && (r != utf8.RuneError || n > 1):
			b.WriteString(s[:n])
		default:
			for _, c := range []byte(s[:n]) {
				fmt.Fprintf(&b, `\%03o`, c)
			}
		}
		s = s[n:]
	}
	b.WriteByte('"')
	return b.String()
}

// CMake returns s as an argument of a CMake command: as it is where it is a
// plain word, and quoted otherwise. CMake's strings cannot hold a NUL.
func CMake(s string) string {
	if s != "" && !strings.ContainsFunc(s, isSpecial) {
		return s
	}
	return `"` + cmakeEscapes.Replace(s) + `"`
}

// isSpecial reports whether r may mean something to CMake.
func isSpecial(r rune) bool {
	return r != '_' && (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z')
}

var cmakeEscapes = strings.NewReplacer(`\`, `\\`, `"`, `\"`, `$`, `\$`, "\n", `\n`, "\r", `\r`, "\t", `\t`)

// Kconfig returns s as a string of an sdkconfig file. Kconfig reads a line at
// a time, so s must not hold a newline.
func Kconfig(s string) string {
	return `"` + kconfigEscapes.Replace(s) + `"`
}

var kconfigEscapes = strings.NewReplacer(`\`, `\\`, `"`, `\"`)

// Markdown returns s as text of a CommonMark paragraph or table cell, with
// nothing of it taken for markup, GitHub's :emoji: and @mentions included.
// Control characters become character references; a byte that is not UTF-8
// cannot be held and becomes \xNN.
func Markdown(s string) string {
	var b strings.Builder
	start := true // whether a list or a heading could begin here
	for len(s) > 0 {
		r, n := utf8.DecodeRuneInString(s)
		switch {
		case r == utf8.RuneError && n == 1:
			fmt.Fprintf(&b, `\\x%02x`, s[0])
		case strings.ContainsRune("\\`*_[]<>&|~!#:@$", r) || start && strings.ContainsRune("+-=.)", r):
			b.WriteByte('\\')
			b.WriteRune(r)
		case !unicode.IsPrint(r) || r == ' ' && (b.Len() == 0 || len(s) == 1 || s[1] == ' '):
			fmt.Fprintf(&b, "&#%d;", r)
		default:
			b.WriteString(s[:n])
		}
		start = start && r >= '0' && r <= '9'
		s = s[n:]
	}
	return b.String()
}

// YAML returns s as a double-quoted YAML scalar. YAML holds Unicode text; a
// byte that is not UTF-8 becomes U+FFFD.
func YAML(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case unicode.IsPrint(r):
			b.WriteRune(r)
		case r < 0x10000:
			fmt.Fprintf(&b, `\u%04X`, r)
		default:
			b.WriteString(`\U` + strings.ToUpper(fmt.Sprintf("%08s", strconv.FormatInt(int64(r), 16))))
		}
	}
	b.WriteByte('"')
	return b.String()
}
