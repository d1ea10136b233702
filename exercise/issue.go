package exercise

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
)

// An Issue is one problem of the markers in a file.
type Issue struct {
	File   string
	Line   int // from 1
	Column int // from 1, in characters
	Msg    string
	Hint   string // what to do about it
}

// Error returns file:line:col and the message, without the hint, in one line.
func (i Issue) Error() string {
	return fmt.Sprintf("%s:%d:%d: %s", printable(i.File), i.Line, i.Column, printable(i.Msg))
}

// Issues are the problems of some files, as one error.
type Issues []Issue

// Error returns a line for each issue, and one for its hint.
func (i Issues) Error() string {
	var lines []string
	for _, issue := range i {
		lines = append(lines, issue.Error(), "  hint: "+printable(issue.Hint))
	}
	return strings.Join(lines, "\n")
}

// printable escapes what a terminal would not show.
func printable(text string) string {
	if !strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsPrint(r) }) {
		return text
	}
	quoted := strconv.Quote(text)
	return quoted[1 : len(quoted)-1]
}
