//go:build linux

package course_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/espgen/espgen/course"
	"github.com/espgen/espgen/library"
)

// TestMain lets this binary execute templates of others.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == library.RenderCommand {
		if err := library.RenderFor(os.Stdin, os.Stdout); err != nil {
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// TestSampleCourse proves the exercises of specs/course: its solutions pass, each
// step that is missing and each mistake is seen, and nothing else is.
func TestSampleCourse(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "course")
	if err := os.CopyFS(dir, os.DirFS("../specs/course")); err != nil {
		t.Fatal(err)
	}
	if err := course.WriteKey(dir); err != nil {
		t.Fatal(err)
	}
	c := open(t, dir)
	if err := c.CheckLeaks(t.Context(), course.BuildOptions{}); err != nil {
		t.Fatal(err)
	}
	proofs, err := c.Prove(t.Context(), course.ProveOptions{})
	if err != nil || len(proofs) != 4 {
		t.Fatal(err, len(proofs))
	}
	for _, p := range proofs {
		for _, program := range p.Programs {
			for _, problem := range program.Problems {
				t.Errorf("%s, %s: %s", p.Exercise, program.Title(), problem)
			}
		}
	}
}
