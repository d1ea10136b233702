// Package export writes what the places need where courses live, to grade
// submissions there by `espgen grade`: Gradescope, PrairieLearn, Classroom 50
// and GitHub. What it writes has the ids of students and their values, and no
// names.
package export

import (
	"bytes"
	"context"
	"embed"
	"encoding/json"
	"fmt"
	"html"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/google/uuid"

	"github.com/espgen/espgen/course"
	"github.com/espgen/espgen/generator"
)

//go:embed files
var files embed.FS

// Options say what is exported.
type Options struct {
	Exercises []string // the names of those to export, none for all
	Version   string   // of espgen, that the place installs
	Binary    []byte   // an espgen for Linux to put into the export; nil to have the place install one
}

// A target is a place that submissions are graded in.
type target struct {
	public bool // students can read what is written, so no hidden check may be in it
	write  func(*exporter, *course.Exercise) error
	whole  func(*exporter) error // writes what all exercises share; nil for nothing
}

var targets = map[string]target{
	"gradescope":   {write: (*exporter).gradescope},
	"prairielearn": {write: (*exporter).prairieLearn, whole: (*exporter).prairieLearnShared},
	"classroom50":  {write: (*exporter).classroom50, whole: (*exporter).classroom50Shared, public: true},
	"github":       {whole: (*exporter).github},
}

// Targets lists the places, sorted.
func Targets() []string {
	var names []string
	for name := range targets {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// A Result says what was written.
type Result struct {
	Files  []string // their paths
	Hidden []string // the hidden checks that were left out, as EXERCISE/CHECK: students can read the rest
}

// Write writes what a place needs to out, which must be empty or missing: all of
// it, or nothing.
func Write(ctx context.Context, c *course.Course, name, out string, o Options) (Result, error) {
	t, ok := targets[name]
	if !ok {
		return Result{}, &course.NameError{What: "target", Name: name, Known: Targets()}
	}
	x := &exporter{course: c, options: o, public: t.public}
	for _, e := range c.Exercises() {
		if len(o.Exercises) == 0 || slices.Contains(o.Exercises, e.Name) {
			x.exercises = append(x.exercises, e)
		}
	}
	for _, name := range o.Exercises {
		if c.Exercise(name) == nil {
			return Result{}, &course.NameError{What: "exercise", Name: name, Known: names(c.Exercises())}
		}
	}
	for _, e := range x.exercises {
		if t.write == nil {
			break
		}
		if err := t.write(x, e); err != nil {
			return Result{}, err
		}
	}
	if t.whole != nil {
		if err := t.whole(x); err != nil {
			return Result{}, err
		}
	}
	if err := x.text("README.md", name+"/README.md", nil); err != nil {
		return Result{}, err
	}
	var r Result
	for _, f := range x.files {
		r.Files = append(r.Files, f.Path)
	}
	slices.Sort(r.Files)
	r.Hidden = x.hidden
	return r, generator.Write(ctx, out, x.files)
}

func names(list []*course.Exercise) []string {
	var names []string
	for _, e := range list {
		names = append(names, e.Name)
	}
	return names
}

// An exporter collects the files of an export.
type exporter struct {
	course    *course.Course
	options   Options
	public    bool
	exercises []*course.Exercise
	files     []generator.File
	hidden    []string
}

func (x *exporter) add(name string, mode fs.FileMode, data []byte) {
	x.files = append(x.files, generator.File{Path: name, Mode: mode, Data: data})
}

// text adds one of the embedded files. Scripts can be executed.
func (x *exporter) text(to, from string, e *course.Exercise) error {
	data, err := x.filled(from, e)
	if err != nil {
		return err
	}
	x.add(to, modeOf(data), data)
	return nil
}

func modeOf(data []byte) fs.FileMode {
	if bytes.HasPrefix(data, []byte("#!")) {
		return 0o755
	}
	return 0o644
}

// filled returns one of the embedded files, with its words filled in.
func (x *exporter) filled(from string, e *course.Exercise) ([]byte, error) {
	data, err := fs.ReadFile(files, "files/"+from)
	if err != nil {
		return nil, err
	}
	version := x.options.Version
	if !strings.HasPrefix(version, "v") {
		version = "latest" // a build of a working folder has no version that can be installed
	}
	words := []string{"@VERSION@", version, "@EXERCISES@", strings.Join(names(x.exercises), " ")}
	if e != nil {
		words = append(words, "@EXERCISE@", e.Name)
	}
	return []byte(strings.NewReplacer(words...).Replace(string(data))), nil
}

// grader adds what grades some exercises below a folder: the grader's part of
// the course, and the script that says where espgen comes from.
func (x *exporter) grader(dir string, list []*course.Exercise) error {
	parts, err := x.course.GraderFiles(names(list), x.public)
	if err != nil {
		return err
	}
	for _, f := range parts {
		x.add(path.Join(dir, "grader", f.Path), 0o644, f.Data)
	}
	if x.public {
		for _, e := range list {
			for _, c := range e.Checks {
				if c.Hidden {
					x.hidden = append(x.hidden, e.Name+"/"+c.Name)
				}
			}
		}
	}
	return x.espgen(dir)
}

// espgen adds the script that brings espgen, and espgen itself where it was
// given.
func (x *exporter) espgen(dir string) error {
	if x.options.Binary != nil {
		x.add(path.Join(dir, "bin", "espgen"), 0o755, x.options.Binary)
	}
	return x.text(path.Join(dir, "install-espgen.sh"), "install-espgen.sh", nil)
}

// gradescope adds the zip of an exercise's autograder.
func (x *exporter) gradescope(e *course.Exercise) error {
	inside := &exporter{course: x.course, options: x.options, exercises: x.exercises}
	err := inside.grader("", []*course.Exercise{e})
	for _, name := range []string{"setup.sh", "run_autograder"} {
		if err == nil {
			err = inside.text(name, "gradescope/"+name, e)
		}
	}
	if err != nil {
		return err
	}
	slices.SortFunc(inside.files, func(a, b generator.File) int { return strings.Compare(a.Path, b.Path) })
	data, err := course.Zip("", inside.files)
	x.add(e.Name+".zip", 0o644, data)
	return err
}

// The limits of a job of PrairieLearn.
const (
	prairieImage   = "gcc:14" // it has a compiler with its sanitizers
	prairieSeconds = 600      // the most that there is
)

// prairieLearn adds an exercise's question.
func (x *exporter) prairieLearn(e *course.Exercise) error {
	h, err := x.course.HandOut(context.Background(), e, nil)
	if err != nil {
		return err
	}
	task, err := x.course.Task(context.Background(), e)
	if err != nil {
		return err
	}
	language := x.course.Language
	dir := path.Join("questions", "espgen", e.Name)
	info, err := json.MarshalIndent(map[string]any{
		"uuid":  uuid.NewSHA1(uuid.NameSpaceOID, []byte("espgen\n"+x.course.Title.In("en")+"\n"+e.Name)), // the same in every export
		"title": e.Title.In(language), "topic": x.course.Title.In(language),
		"tags": []string{"espgen"}, "type": "v3", "singleVariant": true, "gradingMethod": "External",
		"externalGradingOptions": map[string]any{
			"enabled": true, "image": prairieImage, "timeout": prairieSeconds, "enableNetworking": false,
			"serverFilesCourse": []string{"espgen/"}, "entrypoint": []string{"/grade/serverFilesCourse/espgen/run.sh", e.Name},
		},
	}, "", "  ")
	if err != nil {
		return err
	}
	x.add(path.Join(dir, "info.json"), 0o644, append(info, '\n'))
	var open []string
	for _, name := range h.Open {
		open = append(open, path.Base(name))
	}
	page := fmt.Sprintf("<pl-question-panel>\n<markdown>\n%s\n</markdown>\n<pl-file-upload file-names=\"%s\"></pl-file-upload>\n</pl-question-panel>\n\n"+
		"<pl-submission-panel>\n<pl-external-grader-results></pl-external-grader-results>\n<pl-file-preview></pl-file-preview>\n</pl-submission-panel>\n",
		html.EscapeString(strings.NewReplacer("{{", "{ {", "}}", "} }").Replace(string(task))), html.EscapeString(strings.Join(append(open, "espgen.lock"), ",")))
	x.add(path.Join(dir, "question.html"), 0o644, []byte(page))
	x.add(path.Join(dir, "tests", "open-files"), 0o644, []byte(strings.Join(h.Open, "\n")+"\n"))
	parts, err := x.course.GraderFiles([]string{e.Name}, false)
	for _, f := range parts {
		x.add(path.Join(dir, "tests", "grader", f.Path), 0o644, f.Data)
	}
	return err
}

func (x *exporter) prairieLearnShared() error {
	if err := x.espgen("serverFilesCourse/espgen"); err != nil {
		return err
	}
	return x.text("serverFilesCourse/espgen/run.sh", "prairielearn/run.sh", nil)
}

// classroom50 adds an exercise's autograder.
func (x *exporter) classroom50(e *course.Exercise) error {
	dir := path.Join("autograders", e.Name)
	if err := x.grader(dir, []*course.Exercise{e}); err != nil {
		return err
	}
	return x.text(path.Join(dir, "autograder.py"), "classroom50/autograder.py", e)
}

func (x *exporter) classroom50Shared() error {
	return x.text("runtime.json", "classroom50/runtime.json", nil)
}

// github adds a workflow for the students' repositories, and one that grades a
// class in parts.
func (x *exporter) github() error {
	for _, f := range []struct{ to, from string }{
		{"student/.github/workflows/espgen.yml", "github/student.yml"},
		{"class/.github/workflows/grade.yml", "github/class.yml"},
	} {
		if err := x.text(f.to, f.from, nil); err != nil {
			return err
		}
	}
	if err := x.espgen("student/.github"); err != nil {
		return err
	}
	return x.grader("class", x.exercises)
}
