package check

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// say is a sentence in both languages, with the same arguments. An argument that
// is a Text has its own words in each.
func say(en, zh string, args ...any) Text {
	in := func(language, format string) string {
		list := make([]any, len(args))
		for i, a := range args {
			list[i] = a
			if t, ok := a.(Text); ok {
				list[i] = t.In(language)
			}
		}
		return fmt.Sprintf(format, list...)
	}
	return Text{"en": in("en", en), "zh": in("zh", zh)}
}

// join puts two sentences behind each other, either of which may be nil.
func join(a, b Text) Text {
	switch {
	case len(a) == 0:
		return b
	case len(b) == 0:
		return a
	}
	return say("%s; %s", "%s；%s", a, b)
}

// maxQuoted is how many bytes are shown of a text that somebody else gave.
const maxQuoted = 120

// quote shows bytes in quotation marks, as Go and C write them: none of them
// reaches a terminal or a report as it is. Of long ones the beginning is shown.
func quote(b []byte) string {
	rest := ""
	if len(b) > maxQuoted {
		rest = fmt.Sprintf("... (%d bytes)", len(b))
		b = b[:maxQuoted]
		for range utf8.UTFMax - 1 { // no part of a character
			if r, size := utf8.DecodeLastRune(b); r == utf8.RuneError && size == 1 {
				b = b[:len(b)-1]
			}
		}
	}
	return strconv.Quote(string(b)) + rest
}

// printable is a line that a program printed, without what moves a cursor, and
// cut where it is long.
func printable(line string) string {
	quoted := quote([]byte(line))
	text := strings.ReplaceAll(strings.TrimPrefix(quoted, `"`), `\"`, `"`)
	if i := strings.LastIndexByte(text, '"'); i >= 0 {
		text = text[:i] + text[i+1:]
	}
	return text
}
