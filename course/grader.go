package course

import (
	"bytes"
	"encoding/csv"
	"path"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/espgen/espgen/check"
	"github.com/espgen/espgen/generator"
)

// GraderFiles returns the files of a grader's folder: a course folder in which
// every value stands as it is, so that it needs no key, and which has no names.
// Values that the instructor keeps to themselves have others in their place.
// exercises are the names of those that it is for, none for all; a folder that
// is public has no hidden checks.
func (c *Course) GraderFiles(exercises []string, public bool) ([]generator.File, error) {
	var files []generator.File
	add := func(name string, data []byte) {
		files = append(files, generator.File{Path: name, Mode: 0o644, Data: data})
	}
	type exercise struct {
		Name       string            `yaml:"name"`
		Title      map[string]string `yaml:"title"`
		Text       map[string]string `yaml:"text,omitempty"`
		Spec       string            `yaml:"spec,omitempty"`
		Project    string            `yaml:"project,omitempty"`
		Role       string            `yaml:"role,omitempty"`
		Blank      []string          `yaml:"blank,flow"`
		ChecksFile string            `yaml:"checks_file"`
		Checks     []string          `yaml:"checks,flow"`
		Show       Show              `yaml:"show"`
		Due        map[string]string `yaml:"due,omitempty"`
	}
	top := struct {
		Format    int               `yaml:"format"`
		Grader    string            `yaml:"grader"`
		Title     map[string]string `yaml:"title"`
		Language  string            `yaml:"language"`
		Templates string            `yaml:"templates,omitempty"`
		Exercises []exercise        `yaml:"exercises"`
	}{Format: 1, Grader: c.from.Espgen, Title: c.Title, Language: c.Language}
	for _, e := range c.exercises {
		if len(exercises) > 0 && !slices.Contains(exercises, e.Name) {
			continue
		}
		counted := e.Checks
		if public {
			counted = slices.DeleteFunc(slices.Clone(counted), func(c *check.Check) bool { return c.Hidden })
		}
		x := exercise{Name: e.Name, Title: e.Title, Text: e.Text, Blank: e.Blank, Show: e.Show, Due: e.Due, ChecksFile: e.Name + "/" + ChecksFile}
		for _, c := range counted {
			x.Checks = append(x.Checks, c.Name)
		}
		checks, err := counted.YAML()
		if err != nil {
			return nil, err
		}
		add(x.ChecksFile, checks)
		source, err := e.source.forGrader()
		if err != nil {
			return nil, err
		}
		for name, data := range source.files {
			add(path.Join(e.Name, name), data)
		}
		x.Role = source.role
		if source.spec != "" {
			x.Spec = path.Join(e.Name, source.spec)
		}
		if source.project != "" {
			x.Project = path.Join(e.Name, source.project)
		}
		top.Exercises = append(top.Exercises, x)
	}
	text, err := yaml.Marshal(top)
	if err != nil {
		return nil, err
	}
	add(File, append([]byte("# What a grader needs of the course. `espgen course build` wrote it: edit the course, and build again.\n"), text...))
	roster, err := c.graderRoster(func(path string) bool {
		return slices.ContainsFunc(c.exercises, func(e *Exercise) bool {
			return (len(exercises) == 0 || slices.Contains(exercises, e.Name)) && e.uses(path)
		})
	})
	if err != nil {
		return nil, err
	}
	add(RosterFile, roster)
	slices.SortFunc(files, func(a, b generator.File) int { return strings.Compare(a.Path, b.Path) })
	return files, nil
}

// graderRoster writes the ids and the values of the students, of the fields that
// are used.
func (c *Course) graderRoster(used func(path string) bool) ([]byte, error) {
	columns := slices.DeleteFunc(c.columnsOf(), func(path string) bool { return !used(path) })
	var out bytes.Buffer
	w := csv.NewWriter(&out)
	_ = w.Write(append([]string{columnID}, columns...)) // to memory: it cannot fail
	for _, s := range c.students {
		row := make([]string, 1+len(columns))
		row[0] = s.ID
		for _, v := range s.values {
			if i := slices.Index(columns, v.path); i >= 0 {
				row[i+1] = v.text
			}
		}
		_ = w.Write(row)
	}
	w.Flush()
	return out.Bytes(), w.Error()
}

// isSecret reports whether the field of a path is kept out of what others get.
func (c *Course) isSecret(path string) bool {
	return slices.ContainsFunc(c.exercises, func(e *Exercise) bool { return e.source.isSecret(path) })
}

// A graderSource is what a grader gets of a source.
type graderSource struct {
	files         map[string][]byte
	role          string
	spec, project string // the path of one of them
}
