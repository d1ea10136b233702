package spec

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// A Pos is the place of a value: in a spec file, or in a flag of the command
// line. Line and Col count from 1, Col in characters; both are 0 where a place
// is not in a file.
type Pos struct {
	File string
	Line int
	Col  int
	Flag string // "--set wifi.ssid" where the value comes from there; File is "" then
}

// String returns file:line:col, as far as they are known, or the flag.
func (p Pos) String() string {
	switch {
	case p.Flag != "":
		return printable(p.Flag)
	case p.Line == 0:
		return printable(p.File)
	}
	return fmt.Sprintf("%s:%d:%d", printable(p.File), p.Line, p.Col)
}

// An Issue is one problem of a spec. Its texts may hold what the file holds:
// print them with Error and HintLine, which make them safe for a terminal.
type Issue struct {
	Pos  Pos    // where; zero for a spec that was built in Go
	Path string // the field: "wifi.ssid"; "" for the file as a whole
	Msg  string // what is wrong, with the value and the limit
	Hint string // what to do about it
}

// Error returns the place, the field and the message, without the hint, in one
// line.
func (i Issue) Error() string {
	if at := i.Pos.String(); at != "" {
		return at + ": " + i.Text()
	}
	return i.Text()
}

// Text is Error without the place.
func (i Issue) Text() string {
	if i.Path == "" || i.Pos.Flag == "--set "+i.Path { // the place names the field
		return printable(i.Msg)
	}
	return printable(i.Path) + ": " + printable(i.Msg)
}

// HintLine returns the line that goes under Error, "" where there is no hint.
func (i Issue) HintLine() string {
	if i.Hint == "" {
		return ""
	}
	return "hint: " + printable(i.Hint)
}

// printable returns text for a terminal as [Printable] does, and cuts what is
// longer than any text of ours.
func printable(text string) string { return escaped(text, 1000) }

// Printable returns text for a terminal, in one line: what is no printable
// character is escaped as in Go.
func Printable(text string) string { return escaped(text, math.MaxInt) }

func escaped(text string, most int) string {
	var b strings.Builder
	for text != "" {
		r, n := utf8.DecodeRuneInString(text)
		switch {
		case b.Len() > most:
			return b.String() + "..."
		case unicode.IsPrint(r) && (r != utf8.RuneError || n > 1):
			b.WriteRune(r)
		default:
			b.WriteString(strings.Trim(strconv.Quote(text[:n]), `"`))
		}
		text = text[n:]
	}
	return b.String()
}

// Issues are all the problems that one run found, in the order of their
// places. They are an error.
type Issues []Issue

// Error returns one issue a line, each followed by its hint.
func (is Issues) Error() string {
	var b strings.Builder
	for n, i := range is {
		if n > 0 {
			b.WriteByte('\n')
		}
		b.WriteString(i.Error())
		if hint := i.HintLine(); hint != "" {
			b.WriteString("\n\t" + hint)
		}
	}
	return b.String()
}

// Unwrap returns the issues one by one, for errors.As.
func (is Issues) Unwrap() []error {
	errs := make([]error, len(is))
	for n, i := range is {
		errs[n] = i
	}
	return errs
}

// Err returns the issues sorted by place, or nil where there are none.
func (is Issues) Err() error {
	if len(is) == 0 {
		return nil
	}
	slices.SortStableFunc(is, func(a, b Issue) int {
		return cmp.Or(
			cmp.Compare(a.Pos.File, b.Pos.File),
			cmp.Compare(a.Pos.Flag, b.Pos.Flag),
			cmp.Compare(a.Pos.Line, b.Pos.Line),
			cmp.Compare(a.Pos.Col, b.Pos.Col),
		)
	})
	return is
}
