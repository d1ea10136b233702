package course

import (
	"context"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/espgen/espgen/check"
	"github.com/espgen/espgen/exercise"
	"github.com/espgen/espgen/generator"
	"github.com/espgen/espgen/project"
)

// readmeFile is the file of a project that its task stands in.
const readmeFile = "README.md"

// HandOut returns what a student gets of an exercise. A nil student stands for
// the exercise as its source has it.
func (c *Course) HandOut(ctx context.Context, e *Exercise, s *Student) (HandOut, error) {
	p, err := e.source.render(ctx, s)
	if err != nil {
		return HandOut{}, err
	}
	return c.handOut(e, s, p)
}

func (c *Course) handOut(e *Exercise, s *Student, p *program) (HandOut, error) {
	h, origin, err := c.plain(e, s, p)
	if err != nil {
		return h, err
	}
	return h.recorded(origin), nil
}

// plain is a hand-out without records, and what these say of its origin.
func (c *Course) plain(e *Exercise, s *Student, p *program) (HandOut, project.Origin, error) {
	h, err := c.state(e, p, e.Blank, func(from *exercise.Source) (map[string][]byte, error) { return from.HandOut(e.Blank) })
	if err != nil {
		return h, p.origin, err
	}
	h.Files = append(h.Files, generator.File{Path: ChecksFile, Mode: 0o644, Data: e.visible})
	task, err := c.task(e, p, h.Open)
	if err != nil {
		return h, p.origin, err
	}
	h.Files = withTask(h.Files, task)
	origin := p.origin
	origin.Exercise, origin.CourseExercise = e.Blank, e.Name
	if s != nil {
		origin.Student = s.ID
	}
	return h, origin, nil
}

// Solution returns a student's program with every step solved.
func (c *Course) Solution(ctx context.Context, e *Exercise, s *Student) (HandOut, error) {
	p, err := e.source.render(ctx, s)
	if err != nil {
		return HandOut{}, err
	}
	h, err := c.state(e, p, e.Blank, func(from *exercise.Source) (map[string][]byte, error) { return from.Solution(), nil })
	return h.recorded(p.origin), err
}

// Blanked returns a student's program with only these steps as their stubs.
func (c *Course) Blanked(ctx context.Context, e *Exercise, s *Student, blank ...string) (HandOut, error) {
	p, err := e.source.render(ctx, s)
	if err != nil {
		return HandOut{}, err
	}
	return c.state(e, p, blank, func(from *exercise.Source) (map[string][]byte, error) { return from.HandOut(blank) })
}

// Mutant returns a student's program with one of the mistakes that a step
// knows.
func (c *Course) Mutant(ctx context.Context, e *Exercise, s *Student, step, mutant string) (HandOut, error) {
	p, err := e.source.render(ctx, s)
	if err != nil {
		return HandOut{}, err
	}
	return c.state(e, p, []string{step}, func(from *exercise.Source) (map[string][]byte, error) { return from.Mutant(step, mutant) })
}

// Steps returns the steps of an exercise's source, blank or not.
func (c *Course) Steps(ctx context.Context, e *Exercise) ([]exercise.Step, error) {
	p, err := e.source.render(ctx, nil)
	if err != nil {
		return nil, err
	}
	return p.steps.Steps(), nil
}

// Checks returns the checks of a student's program, hidden ones included, with
// its values filled in.
func (c *Course) Checks(ctx context.Context, e *Exercise, s *Student) (check.Checks, error) {
	p, err := e.source.render(ctx, s)
	if err != nil {
		return nil, err
	}
	return e.Checks.Bind(p.values)
}

// state returns a program with its steps as texts has them.
func (c *Course) state(e *Exercise, p *program, blank []string, texts func(*exercise.Source) (map[string][]byte, error)) (HandOut, error) {
	files, err := generator.With(p.files, texts)
	if err != nil {
		return HandOut{}, fmt.Errorf("the exercise %s: %w", e.Name, err)
	}
	h := HandOut{Files: files}
	for _, cut := range p.steps.Cut(blank) {
		if !slices.Contains(h.Open, cut.File) {
			h.Open = append(h.Open, cut.File)
		}
	}
	for _, f := range h.Files {
		if f.User && !slices.Contains(h.Open, f.Path) {
			h.Open = append(h.Open, f.Path)
		}
	}
	slices.Sort(h.Open)
	return h, nil
}

// recorded adds the records of a project.
func (h HandOut) recorded(origin project.Origin) HandOut {
	h.Files = append(project.Records(origin, h.Files), h.Files...)
	slices.SortFunc(h.Files, func(a, b generator.File) int { return strings.Compare(a.Path, b.Path) })
	return h
}

// Task is the text of an exercise, in Markdown.
func (c *Course) Task(ctx context.Context, e *Exercise) ([]byte, error) {
	p, err := e.source.render(ctx, nil)
	if err != nil {
		return nil, err
	}
	h, _, err := c.plain(e, nil, p)
	if err != nil {
		return nil, err
	}
	return c.task(e, p, h.Open)
}

func (c *Course) task(e *Exercise, p *program, open []string) ([]byte, error) {
	return p.steps.README(exercise.Task{
		Language: c.Language, Title: e.Title.In(c.Language), Text: e.Text.In(c.Language), Due: e.Due.In(c.Language), Blank: e.Blank, Files: open,
		Checks: slices.ContainsFunc(e.Checks, func(c *check.Check) bool { return !c.Hidden }),
	})
}

// withTask puts the task at the beginning of the project's README.
func withTask(files []generator.File, task []byte) []generator.File {
	i := slices.IndexFunc(files, func(f generator.File) bool { return f.Path == readmeFile })
	if i < 0 {
		return append(files, generator.File{Path: readmeFile, Mode: 0o644, Data: task})
	}
	files[i].Data = slices.Concat(task, []byte("\n---\n\n"), files[i].Data)
	if files[i].Public != nil {
		files[i].Public = slices.Concat(task, []byte("\n---\n\n"), files[i].Public)
	}
	return files
}

// isRecord reports whether a path is that of one of espgen's records.
func isRecord(name string) bool {
	return name == project.LockFile || strings.HasPrefix(name, project.Folder+"/")
}

// pristineOf returns the path of the file that a pristine copy is of, "" where
// name is of none.
func pristineOf(name string) string {
	of, ok := strings.CutPrefix(name, path.Join(project.Folder, "pristine")+"/")
	if !ok {
		return ""
	}
	return of
}
