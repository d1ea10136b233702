package project

import (
	"fmt"
	"strings"

	"github.com/aymanbagabas/go-udiff"
)

// contextLines is how many lines a diff shows around a change.
const contextLines = 3

// A Diff is how one file differs, as a unified diff.
type Diff struct {
	Path string `json:"path"`
	Text string `json:"diff"`
}

// Diffs returns what the update would change. What a secret is, it does not
// show. The records are left out.
func (p *Plan) Diffs() ([]Diff, error) {
	var list []Diff
	for _, c := range p.Changes {
		switch {
		case c.secret:
			list = append(list, Diff{c.Path, fmt.Sprintf("# %s would be %s. It holds a secret, and is not shown.\n", c.Path, c.Action)})
			continue
		case c.before == c.after && c.beside == nil:
			continue
		}
		text, err := unified(c.Path, c.before, c.after, c.veil)
		if err == nil && c.beside != nil {
			var more string
			more, err = unified(c.Beside, nil, c.beside, c.veil)
			text += more
		}
		if err != nil {
			return nil, err
		}
		list = append(list, Diff{c.Path, text})
	}
	return list, nil
}

// Mine returns what the user has changed since the project was generated, or
// updated.
func (p *Project) Mine() ([]Diff, error) {
	files, err := p.files(Now{})
	if err != nil {
		return nil, err
	}
	var list []Diff
	for _, f := range files {
		if f.entry.secret() {
			continue // what it was is not kept
		}
		var text string
		if f.yours.other != "" {
			text = fmt.Sprintf("# %s is %s.\n", f.at(), f.yours.other)
		} else if text, err = unified(f.at(), &content{data: f.base}, f.yours.content, f.veil()); err != nil {
			return nil, err
		}
		if text != "" {
			list = append(list, Diff{f.at(), text})
		}
	}
	return list, nil
}

// unified compares two contents of a file, behind a veil.
func unified(path string, before, after *content, hide veil) (string, error) {
	from, to := "a/"+path, "b/"+path
	var old, now string
	if before != nil {
		old = string(before.data)
	} else {
		from = "/dev/null"
	}
	if after != nil {
		now = string(after.data)
	} else {
		to = "/dev/null"
	}
	if before != nil && after != nil && old == now {
		return "", nil
	}
	if strings.Contains(old+now, "\x00") {
		return fmt.Sprintf("Binary files %s and %s differ\n", from, to), nil
	}
	text, err := udiff.ToUnified(from, to, old, udiff.Lines(old, now), contextLines)
	return hide.over(text), err
}
