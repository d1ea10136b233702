package generator

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/espgen/espgen/exercise"
	"github.com/espgen/espgen/generator/role"
)

// Exercise returns the steps that the files of a rendered project are marked
// with. The error is [exercise.Issues] where their markers are at fault.
func Exercise(files []File) (*exercise.Source, error) {
	return sourceOf(marked(files))
}

func sourceOf(texts map[string][]byte) (*exercise.Source, error) {
	source, issues := exercise.Parse(texts)
	if len(issues) > 0 {
		return nil, exercise.Issues(issues)
	}
	return source, nil
}

func marked(files []File) map[string][]byte {
	texts := map[string][]byte{}
	for _, f := range files {
		if f.Marked != nil {
			texts[f.Path] = f.Marked
		}
	}
	return texts
}

// HandOut returns a rendered project with some steps as their stubs. No file of
// it has markers, or solutions of these steps. The error is an
// [*exercise.UnknownError] where the project has no such step.
func HandOut(files []File, blank []string) ([]File, error) {
	return With(files, func(s *exercise.Source) (map[string][]byte, error) { return s.HandOut(blank) })
}

// With returns a rendered project with the texts that state has of its steps, and
// without markers. Public texts are made the same way, so that a value which is
// hidden in a solution is hidden in its stub.
func With(files []File, state func(*exercise.Source) (map[string][]byte, error)) ([]File, error) {
	texts := marked(files)
	made, err := inState(texts, state)
	if err != nil {
		return nil, err
	}
	var public map[string][]byte
	for _, f := range files {
		if f.PublicMarked != nil {
			if public == nil {
				public = maps.Clone(texts)
			}
			public[f.Path] = f.PublicMarked
		}
	}
	if public != nil {
		if public, err = inState(public, state); err != nil {
			return nil, err
		}
	}
	files = slices.Clone(files)
	for i, f := range files {
		if text, ok := made[f.Path]; ok {
			files[i].Data, files[i].Public = text, nil
			if f.PublicMarked != nil {
				files[i].Public = public[f.Path]
			}
		}
		files[i].Marked, files[i].PublicMarked = nil, nil
	}
	return files, nil
}

func inState(texts map[string][]byte, state func(*exercise.Source) (map[string][]byte, error)) (map[string][]byte, error) {
	source, err := sourceOf(texts)
	if err != nil {
		return nil, err
	}
	return state(source)
}

// MarkerFaults finds what is wrong with the markers in the templates of a
// folder, such as roles/tcp-server. Each step must begin and end in one
// template, and within one branch of its controls.
func MarkerFaults(templates fs.FS, folder string) []*TemplateError {
	var faults []*TemplateError
	_ = fs.WalkDir(templates, folder, func(p string, _ fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(p, suffix) {
			return err
		}
		text, err := fs.ReadFile(templates, p)
		for _, issue := range exercise.Malformed(strings.TrimSuffix(p, suffix), text) {
			faults = append(faults, markerFault(p, path.Base(folder), issue))
		}
		return err
	})
	return faults
}

// markerFault is an issue of the markers in a template.
func markerFault(file, role string, issue exercise.Issue) *TemplateError {
	err := errors.New(issue.Msg)
	if issue.Hint != "" {
		err = fmt.Errorf("%s: %s", issue.Msg, issue.Hint)
	}
	return &TemplateError{File: file, Line: issue.Line, Col: issue.Column, Role: role, Err: err}
}

// StepFaults finds what is wrong with the steps of a project that was rendered
// from the templates of a style: what depends on all of its files, such as a
// step's title.
func StepFaults(templates fs.FS, role role.Role, style string, files []File) []*TemplateError {
	texts := marked(files)
	_, issues := exercise.Parse(texts)
	if len(issues) == 0 {
		return nil
	}
	set := newTemplateSet(templates, role.Name, "en", folders(role, style))
	if err := set.parseAll(); err != nil {
		return []*TemplateError{asFault(role.Name, err)}
	}
	var faults []*TemplateError
	for _, issue := range issues {
		faults = append(faults, set.markerFault(set.found[issue.File], texts[issue.File], issue))
	}
	return faults
}

// markerFault is an issue of the markers in what a template has printed, where
// the template or a partial that it uses has the line.
func (s *templateSet) markerFault(src string, printed []byte, issue exercise.Issue) *TemplateError {
	line := lineOf(printed, issue.Line)
	for _, name := range s.uses(src) {
		file := name
		if partial, ok := s.partial(name); ok {
			file = partial
		}
		text, _ := fs.ReadFile(s.fsys, file) // it was parsed
		n := 0
		for l := range strings.Lines(string(text)) {
			if n++; strings.TrimSpace(l) == line {
				issue.Line = n
				return markerFault(file, s.role, issue)
			}
		}
	}
	issue.Line, issue.Column = 0, 0 // an action prints it
	return markerFault(src, s.role, issue)
}

// lineOf returns a line of a text, without white space around it.
func lineOf(text []byte, number int) string {
	lines := strings.SplitN(string(text), "\n", number+1)
	return strings.TrimSpace(lines[number-1])
}

// withMarkers returns the templates that have markers, or use a partial that has.
// What looks like a marker in another file is a value that it prints.
func (s *templateSet) withMarkers() map[string]bool {
	steps := map[string]bool{}
	if len(s.marked) == 0 {
		return steps
	}
	for _, src := range s.found {
		steps[src] = slices.ContainsFunc(s.uses(src), func(name string) bool { return slices.Contains(s.marked, name) })
	}
	return steps
}

// uses lists a template and the partials that it uses, by their names.
func (s *templateSet) uses(name string) []string {
	list := []string{name}
	for i := 0; i < len(list); i++ {
		t := s.base.Lookup(list[i])
		if t == nil || t.Tree == nil {
			continue
		}
		for _, used := range calls(t.Root) {
			if !slices.Contains(list, used) {
				list = append(list, used)
			}
		}
	}
	return list
}
