package spec

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// A Pos is a place in a spec file. Line and Col count from 1, Col in
// characters; both are 0 where a place is not in a file.
type Pos struct {
	File string
	Line int
	Col  int
}

// String returns file:line:col, as far as they are known.
func (p Pos) String() string {
	if p.Line == 0 {
		return p.File
	}
	return fmt.Sprintf("%s:%d:%d", p.File, p.Line, p.Col)
}

// An Issue is one problem of a spec.
type Issue struct {
	Pos  Pos    // where; zero for a spec that was built in Go
	Path string // the field: "wifi.ssid"; "" for the file as a whole
	Msg  string // what is wrong, with the value and the limit
	Hint string // what to do about it
}

// Error returns the place, the field and the message, without the hint.
func (i Issue) Error() string {
	var parts []string
	if at := i.Pos.String(); at != "" {
		parts = append(parts, at)
	}
	if i.Path != "" {
		parts = append(parts, i.Path)
	}
	return strings.Join(append(parts, i.Msg), ": ")
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
		if i.Hint != "" {
			b.WriteString("\n\thint: " + i.Hint)
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

// err returns the issues sorted by place, or nil where there are none.
func (is Issues) err() error {
	if len(is) == 0 {
		return nil
	}
	slices.SortStableFunc(is, func(a, b Issue) int {
		return cmp.Or(
			cmp.Compare(a.Pos.File, b.Pos.File),
			cmp.Compare(a.Pos.Line, b.Pos.Line),
			cmp.Compare(a.Pos.Col, b.Pos.Col),
		)
	})
	return is
}
