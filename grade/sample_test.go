//go:build linux

package grade_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"
	"gopkg.in/yaml.v3"

	"github.com/espgen/espgen/check"
	"github.com/espgen/espgen/course"
	"github.com/espgen/espgen/generator"
	"github.com/espgen/espgen/generator/spec"
	"github.com/espgen/espgen/grade"
	"github.com/espgen/espgen/report"
	"github.com/espgen/espgen/sandbox"
)

// A wrongSubmission is an exercise's solution with a plausible mistake, and the
// verdict that it must get.
type wrongSubmission struct {
	Name, Why, Exercise string
	File                string // main/main.c where it is not given
	Edits               []struct{ Find, Replace string }
	Gradable            *bool    // false: it does not compile
	Failed              []string // the checks that fail; all others pass, or are not reached
	OneOf               []string `yaml:"one-of"` // in place of Failed: at least one of these fails, and no other
}

// sampleCourse is a copy of the sample course, with a key.
func sampleCourse(t *testing.T) *course.Course {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "course")
	must(t, os.CopyFS(dir, os.DirFS("../specs/course")))
	must(t, course.WriteKey(dir))
	c, err := course.Open(t.Context(), dir, course.From{Sources: func(string) spec.Sources { return spec.Sources{} }})
	must(t, err)
	return c
}

// TestWrongSubmissions grades submissions of the sample course as a class's are.
func TestWrongSubmissions(t *testing.T) {
	text, err := os.ReadFile("testdata/submissions.yaml")
	must(t, err)
	var list []wrongSubmission
	must(t, yaml.Unmarshal(text, &list))
	c := sampleCourse(t)
	student := c.Students()[0]
	g := graderOf(t, sandbox.Level().Err() == nil)
	g.Patience = 8 * time.Second // the client waits for 2 s before it connects
	results := make([]report.Result, len(list))
	var group errgroup.Group
	group.SetLimit(8) // they wait, most of the time
	for i, s := range list {
		solution, err := c.Solution(t.Context(), c.Exercise(s.Exercise), student)
		must(t, err)
		task, err := grade.TasksOf(c)(t.Context(), s.Exercise, student.ID)
		must(t, err)
		dir := filepath.Join(t.TempDir(), s.Name)
		must(t, generator.Write(t.Context(), dir, edited(t, solution.Files, s)))
		group.Go(func() error {
			results[i] = g.Score(t.Context(), dir, s.Name, task)
			return nil
		})
	}
	must(t, group.Wait())
	for i, s := range list {
		t.Run(s.Name, func(t *testing.T) { wantVerdict(t, s, results[i]) })
	}
}

func wantVerdict(t *testing.T, s wrongSubmission, r report.Result) {
	t.Helper()
	if s.Gradable != nil && !*s.Gradable {
		if r.State != report.NotGradable || len(r.Diagnostics) == 0 {
			t.Errorf("%s %q %+v", r.State, r.Why, r.Diagnostics)
		}
		return
	}
	var failed []string
	for _, one := range r.Checks {
		if one.Status == check.Failed {
			failed = append(failed, one.Name)
		}
	}
	right := slices.Equal(failed, s.Failed)
	if s.OneOf != nil {
		right = len(failed) > 0 && !slices.ContainsFunc(failed, func(name string) bool { return !slices.Contains(s.OneOf, name) })
	}
	if r.State != report.Graded || !right {
		t.Errorf("%s %q: failed: %v, want %v or one of %v\n%s\n%+v", r.State, r.Why, failed, s.Failed, s.OneOf, statuses(r), r.Attempts)
	}
	if r.Score >= r.MaxScore {
		t.Errorf("it has %v of %v points", r.Score, r.MaxScore)
	}
}

// edited returns files with the edits of a submission made.
func edited(t *testing.T, files []generator.File, s wrongSubmission) []generator.File {
	t.Helper()
	name := s.File
	if name == "" {
		name = own
	}
	files = slices.Clone(files)
	i := slices.IndexFunc(files, func(f generator.File) bool { return f.Path == name })
	text := string(files[i].Data)
	for _, e := range s.Edits {
		if strings.Count(text, e.Find) != 1 {
			t.Fatalf("%q stands in %s %d times", e.Find, name, strings.Count(text, e.Find))
		}
		text = strings.Replace(text, e.Find, e.Replace, 1)
	}
	files[i].Data = []byte(text)
	return files
}
