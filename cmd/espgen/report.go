package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
	"unicode"
	"unicode/utf16"

	"github.com/fatih/color"
	"github.com/mattn/go-colorable"
	"github.com/mattn/go-isatty"

	"github.com/espgen/espgen/generator/role"
	"github.com/espgen/espgen/generator/spec"
)

// report prints an error with its hint: in colour on a terminal, plain
// elsewhere or where NO_COLOR is set. An error that cannot be printed has
// nowhere else to go.
func report(w io.Writer, err error) {
	place, text, hint := color.New(color.Bold), color.New(color.FgRed), color.New(color.FgCyan)
	terminal, colour := colourful(w)
	if colour {
		w = colorable.NewColorable(terminal) // Windows' older consoles take no escape sequences
	}
	for _, c := range []*color.Color{place, text, hint} {
		if colour {
			c.EnableColor()
		} else {
			c.DisableColor()
		}
	}
	if own, ok := errors.AsType[*statusError](err); ok && own.err == nil {
		return
	}
	var b strings.Builder
	for _, i := range issuesOf(err) {
		where := i.Pos.String()
		if where == "" {
			where = "espgen"
		}
		what := printable(i.Msg) // of an error of our own, which may have many lines
		if i.Path != "" || i.Pos != (spec.Pos{}) {
			what = i.Text()
		}
		b.WriteString(place.Sprint(where+":") + " " + text.Sprint(what) + "\n")
		if line := i.HintLine(); line != "" {
			b.WriteString("\t" + hint.Sprint(line) + "\n")
		}
	}
	_, _ = io.WriteString(w, b.String())
}

// printable returns text for a terminal: its lines, without anything that a
// terminal obeys. It may come from a file that somebody else wrote.
func printable(text string) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		for i, part := range strings.Split(strings.TrimRight(line, "\r\n"), "\t") {
			if i > 0 {
				b.WriteByte('\t')
			}
			b.WriteString(spec.Printable(part))
		}
		if strings.HasSuffix(line, "\n") {
			b.WriteByte('\n')
		}
	}
	return b.String()
}

// printText prints a result, as printable as messages are.
func printText(w io.Writer, text string) error {
	_, err := io.WriteString(w, printable(text))
	return err
}

// issuesOf lists what an error says. One that is not about a spec has neither
// place nor path.
func issuesOf(err error) spec.Issues {
	var issues spec.Issues
	var usage *usageError
	var hinted *hintError
	var unreadable *role.UnreadableError
	switch outer := err.(type) { //nolint:errorlint // not what it wraps
	case *statusError:
		return issuesOf(outer.err)
	case severalErrors:
		for _, each := range outer {
			issues = append(issues, issuesOf(each)...)
		}
		return issues
	}
	switch {
	case err == nil:
		return spec.Issues{}
	case errors.As(err, &issues):
		return issues
	case errors.As(err, &usage):
		return spec.Issues{{Msg: usage.msg, Hint: usage.hint}}
	case errors.As(err, &unreadable):
		return spec.Issues{{Msg: message(err), Hint: unreadable.Hint}}
	case errors.As(err, &hinted):
		return spec.Issues{{Msg: message(err), Hint: hinted.hint}}
	}
	return spec.Issues{{Msg: message(err)}}
}

// message is the text of an error, which names a file once, and without Go's
// name of what failed at it.
func message(err error) string {
	text := err.Error()
	if at, ok := errors.AsType[*fs.PathError](err); ok {
		text = strings.Replace(text, at.Error(), at.Path+": "+at.Err.Error(), 1)
		text = strings.Replace(text, at.Path+": "+at.Path+": ", at.Path+": ", 1)
	}
	if moved, ok := errors.AsType[*os.LinkError](err); ok {
		text = strings.Replace(text, moved.Error(), moved.New+": "+moved.Err.Error(), 1)
	}
	return text
}

// colourful returns w's file where it is a terminal that wants colour.
func colourful(w io.Writer) (terminal *os.File, ok bool) {
	terminal, ok = onTerminal(w)
	return terminal, ok && os.Getenv("NO_COLOR") == ""
}

// onTerminal returns w's file where it is a terminal that can do more than
// print lines.
func onTerminal(w io.Writer) (terminal *os.File, ok bool) {
	terminal, ok = w.(*os.File)
	return terminal, ok && isatty.IsTerminal(terminal.Fd()) && os.Getenv("TERM") != "dumb"
}

// A jsonIssue is an issue as --format json prints it. Line and column are
// left out where they are not known. Source is the flag that gave the value,
// in place of a file.
type jsonIssue struct {
	Source  string `json:"source,omitempty"`
	File    string `json:"file,omitempty"`
	Line    int    `json:"line,omitempty"`
	Column  int    `json:"column,omitempty"`
	Path    string `json:"path,omitempty"`
	Message string `json:"message"`
	Hint    string `json:"hint,omitempty"`
}

func jsonIssues(issues spec.Issues) []jsonIssue {
	list := []jsonIssue{}
	for _, i := range issues {
		list = append(list, jsonIssue{i.Pos.Flag, i.Pos.File, i.Pos.Line, i.Pos.Col, i.Path, i.Msg, i.Hint})
	}
	return list
}

// writeJSON prints a value. What a terminal obeys stands in strings alone, and
// is escaped.
func writeJSON(w io.Writer, v any) error {
	var text bytes.Buffer
	enc := json.NewEncoder(&text)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(v); err != nil {
		return err
	}
	var b strings.Builder
	for _, r := range text.String() {
		if unicode.IsPrint(r) || r == '\n' {
			b.WriteRune(r)
			continue
		}
		for _, unit := range utf16.Encode([]rune{r}) {
			fmt.Fprintf(&b, `\u%04x`, unit)
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}
