package generator

import (
	"bytes"
	"cmp"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/espgen/espgen/generator/escape"
)

// Secret stands in a public text for what nobody else may read. No template has
// it.
const Secret = "<hidden>"

// Hide sets Public of the files that hold one of the hidden values. others are
// the same files, rendered with other values in their place: the lines that
// differ hold one. Where these files have other lines, any line may.
func Hide(files, others []File, hidden []string) {
	forms := formsOf(hidden)
	for i, f := range files {
		lines := bytes.SplitAfter(f.Data, []byte("\n"))
		var other [][]byte
		if k := slices.IndexFunc(others, func(o File) bool { return o.Path == f.Path }); k >= 0 {
			other = bytes.SplitAfter(others[k].Data, []byte("\n"))
		}
		sameLines := len(lines) == len(other)
		for n, line := range lines {
			switch {
			case !sameLines:
				lines[n] = hideWords(line, forms)
			case !bytes.Equal(line, other[n]):
				lines[n] = hideAll(line, forms)
			}
		}
		if public := bytes.Join(lines, nil); !bytes.Equal(public, f.Data) {
			files[i].Public = public
		}
	}
}

// Exposed returns the first file that holds a value, and that git does not keep to
// its owner, "" where there is none. A value of less than four bytes is in many by
// chance.
func Exposed(files []File, value string) string {
	const least = 4
	for _, f := range files {
		for _, form := range formsOf([]string{value}) {
			if len(form) >= least && !f.Secret() && bytes.Contains(f.Data, []byte(form)) {
				return f.Path
			}
		}
	}
	return ""
}

// formsOf returns the texts that the values are in the languages of a project,
// the longest first.
func formsOf(values []string) []string {
	var list []string
	for _, v := range values {
		for _, write := range []func(string) string{escape.C, escape.Kconfig, escape.CMake, escape.YAML, escape.Markdown, strings.Clone} {
			if form := strings.Trim(write(v), `"`); form != "" && !slices.Contains(list, form) {
				list = append(list, form)
			}
		}
	}
	slices.SortStableFunc(list, func(a, b string) int { return cmp.Compare(len(b), len(a)) })
	return list
}

// hideAll hides every value in a line that is known to hold one. What follows
// from a value, its length say, hides the line.
func hideAll(line []byte, forms []string) []byte {
	const least = 4 // bytes of what cannot be a part of another word by chance
	hidden := hideWords(line, forms)
	for _, form := range forms {
		if len(form) >= least {
			hidden = bytes.ReplaceAll(hidden, []byte(form), []byte(Secret))
		}
	}
	if bytes.Equal(hidden, line) {
		return []byte(Secret + "\n")
	}
	return hidden
}

// hideWords hides the values that are words of their own in a line.
func hideWords(line []byte, forms []string) []byte {
	for _, form := range forms {
		if !utf8.ValidString(form) {
			line = bytes.ReplaceAll(line, []byte(form), []byte(Secret))
			continue
		}
		word := regexp.MustCompile(`(^|\W)` + regexp.QuoteMeta(form) + `(\W|$)`)
		for range 2 { // two words may have one space between them
			line = word.ReplaceAll(line, []byte("${1}"+Secret+"${2}"))
		}
	}
	return line
}
