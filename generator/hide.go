package generator

import (
	"bytes"
	"cmp"
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/espgen/espgen/exercise"
	"github.com/espgen/espgen/generator/escape"
	"github.com/espgen/espgen/generator/field"
	"github.com/espgen/espgen/generator/spec"
	"github.com/espgen/espgen/generator/tree"
)

// What a spec hides goes only into files that git does not see. Where it would
// go is found by a second rendering, with other values in its place: a line that
// differs holds a hidden value, or what follows from one. Then
//
//   - an option of Kconfig moves to the hidden options, where the style has a file
//     for these;
//   - a file that may hide gets the mode of one that its owner alone may read;
//   - a text for people shows [shownSecret];
//   - the file that has the Wi-Fi password in the guide's style may hold it;
//   - and in any other file it is an error.

// Secret stands in a public text for what nobody else may read. No template has
// it.
const Secret = "<hidden>"

// shownSecret stands in a README for a hidden value, as BOARD does for an
// address.
const shownSecret = "SECRET"

// renderHidden renders a spec that hides values.
func (r *Renderer) renderHidden(s *spec.Spec) ([]File, error) {
	paths := s.HiddenPaths()
	other := s.Disguise(paths)
	rules := r.role.Styles[*s.Style].Files
	files, others, err := r.renderBoth(s, other)
	if err != nil {
		return nil, err
	}
	forms, otherForms := formsOf(s.HiddenTexts()), formsOf(other.HiddenTexts())
	var exposed []string
	mayExpose := r.hasOwnSecret(s)
	for i, f := range files {
		if f.Secret() {
			continue
		}
		lines, differ, ok := compareLines(f, others)
		switch {
		case ok && len(differ) == 0:
		case rules[f.Path].Hides:
			files[i].Mode = ownerOnly
		case ok && isForPeople(f.Path):
			files[i] = f.withText(hideLines(lines, differ, forms, otherForms, shownSecret))
		default:
			exposed = append(exposed, f.Path)
			if ok && rules[f.Path].Key != "" {
				public := f.withText(hideLines(lines, differ, forms, otherForms, Secret))
				files[i].Public, files[i].PublicMarked = public.Data, public.Marked
			} else {
				mayExpose = true
			}
		}
	}
	if mayExpose && len(exposed) > 0 {
		if err := r.exposure(s, files, exposed); err != nil {
			return nil, err
		}
	}
	return files, nil
}

// ownerOnly is the mode of a file that nobody but its owner may read.
const ownerOnly = 0o600

// isForPeople reports whether a file is read by people alone, so that it works
// with a word in the place of a value, too.
func isForPeople(name string) bool { return path.Ext(name) == ".md" }

// renderBoth renders a spec and the same with other values in the place of the
// hidden ones. Options that differ are moved to the hidden ones in both.
func (r *Renderer) renderBoth(s, other *spec.Spec) (files, others []File, err error) {
	d, err := newData(s, r.role)
	if err != nil {
		return nil, nil, err
	}
	e, err := newData(other, r.role)
	if err != nil {
		return nil, nil, err
	}
	render := func() (err error) {
		if files, err = r.print(s, d); err == nil {
			others, err = r.print(other, e)
		}
		return err
	}
	hides := r.role.Styles[*s.Style].HidesOptions
	if hides {
		hideSettings(d, e)
	}
	if err := render(); err != nil || !hides {
		return files, others, err
	}
	moved, otherMoved := takeDefaults(files, others)
	if len(moved) == 0 {
		return files, others, nil
	}
	hideOptions(d, moved)
	hideOptions(e, otherMoved)
	if err := render(); err != nil {
		return nil, nil, err
	}
	takeDefaults(files, others)
	return files, others, nil
}

// hideOptions adds options to the hidden ones.
func hideOptions(d tree.Tree, more []tree.Tree) {
	list, _ := d["hidden_options"].([]tree.Tree)
	list = slices.Concat(list, more)
	slices.SortStableFunc(list, func(a, b tree.Tree) int { return strings.Compare(a.Text("name"), b.Text("name")) })
	d["hidden_options"] = list
}

// hideSettings moves the settings that differ to the hidden options.
func hideSettings(d, e tree.Tree) {
	mine, _ := d["settings"].([]tree.Tree)
	theirs, _ := e["settings"].([]tree.Tree)
	if len(mine) != len(theirs) {
		return // one of them depends on a hidden value, and the files will show it
	}
	var stay, moved, otherMoved []tree.Tree
	for i, line := range mine {
		if line.Text("value") == theirs[i].Text("value") {
			stay = append(stay, line)
		} else {
			moved, otherMoved = append(moved, line), append(otherMoved, theirs[i])
		}
	}
	d["settings"], e["settings"] = stay, stay
	hideOptions(d, moved)
	hideOptions(e, otherMoved)
}

var (
	configLine  = regexp.MustCompile(`^\s*(?:menu)?config\s+(\w+)\s*$`)
	defaultLine = regexp.MustCompile(`^(\s*default\s+)(".*")(\s*)$`)
)

// takeDefaults takes the defaults that differ out of the files of Kconfig, and
// returns the options that have them then.
func takeDefaults(files, others []File) (options, otherOptions []tree.Tree) {
	for i, f := range files {
		k := indexOf(others, f.Path)
		if f.Secret() || k < 0 || !strings.HasPrefix(path.Base(f.Path), "Kconfig") {
			continue
		}
		mine, theirs := splitLines(f.text()), splitLines(others[k].text())
		if len(mine) != len(theirs) {
			continue
		}
		name := ""
		for n := range mine {
			if m := configLine.FindSubmatch(mine[n]); m != nil {
				name = string(m[1])
			}
			a, b := defaultLine.FindSubmatch(mine[n]), defaultLine.FindSubmatch(theirs[n])
			if bytes.Equal(mine[n], theirs[n]) || a == nil || b == nil || name == "" {
				continue
			}
			options = append(options, tree.Tree{"name": "CONFIG_" + name, "value": string(a[2])})
			otherOptions = append(otherOptions, tree.Tree{"name": "CONFIG_" + name, "value": string(b[2])})
			empty := slices.Concat(a[1], []byte(`""`), a[3])
			mine[n], theirs[n] = empty, empty
		}
		files[i], others[k] = f.withText(bytes.Join(mine, nil)), others[k].withText(bytes.Join(theirs, nil))
	}
	return options, otherOptions
}

// hasOwnSecret reports whether the spec gives a secret field of the role's own. No
// style has it in a file that git tracks.
func (r *Renderer) hasOwnSecret(s *spec.Spec) bool {
	return slices.ContainsFunc(r.role.Own, func(f field.Field) bool { return f.Secret && s.Hidden[f.Path] != "" })
}

// exposure is the error of files that would hold values which they may not. It
// tells each value, and a fault of the role where that is a secret field.
func (r *Renderer) exposure(s *spec.Spec, files []File, exposed []string) error {
	var issues spec.Issues
	rules := r.role.Styles[*s.Style].Files
	for _, p := range s.HiddenPaths() {
		row, _ := r.role.Table().At(p)
		isOwnSecret := row.Secret && slices.ContainsFunc(r.role.Own, func(own field.Field) bool { return own.Path == p })
		mine, others, err := r.renderBoth(s, s.Disguise([]string{p}))
		if err != nil {
			return err
		}
		for _, f := range mine {
			_, differ, ok := compareLines(f, others)
			isExposed := slices.Contains(exposed, f.Path) && (!ok || rules[f.Path].Key == "" || isOwnSecret)
			if !isExposed || ok && len(differ) == 0 {
				continue
			}
			if row.Secret {
				err := fmt.Errorf("%s would hold the value of %s, which is a secret: write `%s: {mode: 0600}` under files", f.Path, p, f.Path)
				return &TemplateError{File: roleFile(r.role.Name), Role: r.role.Name, Err: err}
			}
			issues = append(issues, spec.Issue{Path: p, Msg: s.Hidden[p] + " would be in " + f.Path + ", which git tracks", Hint: r.placesFor(s, files, p)})
			break
		}
	}
	if len(issues) == 0 {
		return nil
	}
	return issues
}

// placesFor says where hidden values may go.
func (r *Renderer) placesFor(s *spec.Spec, files []File, p string) string {
	var list, others []string
	for _, f := range files {
		if rule := r.role.Styles[*s.Style].Files[f.Path]; f.Secret() || rule.Hides || rule.Key != "" {
			list = append(list, f.Path)
		}
	}
	hint := "write the value itself"
	for _, name := range r.role.StyleNames() {
		if strings.HasPrefix(p, "sdkconfig.") && r.role.Styles[name].HidesOptions {
			others = append(others, name)
		}
	}
	switch {
	case len(others) > 0:
		return hint + ", or use the style " + strings.Join(others, " or ") + ", which keeps it in a file that git does not see"
	case len(list) > 0:
		return hint + ": what !env and !secret give may only be in " + strings.Join(list, ", ")
	}
	return hint + ": the style " + *s.Style + " has no file for what !env and !secret give"
}

// text is what the template has printed: with markers where it has some, and so
// with the stubs of steps, too.
func (f File) text() []byte {
	if f.Marked != nil {
		return f.Marked
	}
	return f.Data
}

// withText returns the file with another text, whose markers are the same.
func (f File) withText(text []byte) File {
	f.Data = text
	if f.Marked != nil {
		f.Marked = text
		f.Data, _ = exercise.Solve(f.Path, text) // no issue: the file's own markers had none
	}
	return f
}

func indexOf(files []File, name string) int {
	return slices.IndexFunc(files, func(f File) bool { return f.Path == name })
}

func splitLines(text []byte) [][]byte { return bytes.SplitAfter(text, []byte("\n")) }

// compareLines returns a file's lines, and the other ones of those that differ,
// by their index. It is not ok where that cannot be told line by line, or where a
// marker holds a value: what it says of a step is read elsewhere, too.
func compareLines(f File, others []File) (lines [][]byte, differ map[int][]byte, ok bool) {
	k := indexOf(others, f.Path)
	if k < 0 {
		return nil, nil, false
	}
	lines, theirs := splitLines(f.text()), splitLines(others[k].text())
	if len(lines) != len(theirs) {
		return nil, nil, false
	}
	differ = map[int][]byte{}
	for n, line := range lines {
		if !bytes.Equal(line, theirs[n]) {
			differ[n] = theirs[n]
			if f.Marked != nil && exercise.HasMarkers(line) {
				return nil, nil, false
			}
		}
	}
	return lines, differ, true
}

// hideLines returns a text in which word stands for the values of the lines that
// differ.
func hideLines(lines [][]byte, differ map[int][]byte, forms, otherForms []string, word string) []byte {
	lines = slices.Clone(lines)
	for n, other := range differ {
		lines[n] = hideLine(lines[n], other, forms, otherForms, word)
	}
	return bytes.Join(lines, nil)
}

// hideLine hides every value in a line that holds one. What is left is the same
// for other values: else something follows from them, their length say, and the
// whole line is hidden.
func hideLine(line, other []byte, forms, otherForms []string, word string) []byte {
	for _, hide := range []func([]byte, []string, string) []byte{hideWords, hideParts} {
		if hidden := hide(line, forms, word); bytes.Equal(hidden, hide(other, otherForms, word)) {
			return hidden
		}
	}
	return []byte(word + "\n")
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

// hideParts hides the values wherever they are in a line, but for those of a few
// bytes, which are parts of other words by chance.
func hideParts(line []byte, forms []string, word string) []byte {
	const least = 4 // bytes
	line = hideWords(line, forms, word)
	for _, form := range forms {
		if len(form) >= least {
			line = bytes.ReplaceAll(line, []byte(form), []byte(word))
		}
	}
	return line
}

// hideWords hides the values that are words of their own in a line.
func hideWords(line []byte, forms []string, word string) []byte {
	for _, form := range forms {
		if !utf8.ValidString(form) {
			line = bytes.ReplaceAll(line, []byte(form), []byte(word))
			continue
		}
		alone := regexp.MustCompile(`(^|\W)` + regexp.QuoteMeta(form) + `(\W|$)`)
		for range 2 { // two words may have one space between them
			line = alone.ReplaceAll(line, []byte("${1}"+word+"${2}"))
		}
	}
	return line
}
