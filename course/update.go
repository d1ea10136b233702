package course

import (
	"cmp"
	"context"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"golang.org/x/sync/errgroup"

	"github.com/espgen/espgen/generator"
	"github.com/espgen/espgen/project"
)

// UpdateOptions say which hand-outs are updated, and how.
type UpdateOptions struct {
	BuildOptions
	DryRun bool // tell what would be done, and do nothing

	// Was returns the values that a project's options had by its defaults, for
	// [project.Now].
	Was func(*project.Project, project.Now) map[string][]string
}

// An Updated is what became of a hand-out that a student has begun.
type Updated struct {
	Folder    string           `json:"folder"` // below the one that was named
	Exercise  string           `json:"exercise,omitempty"`
	Student   string           `json:"student,omitempty"`
	Changes   []project.Change `json:"changes,omitempty"`
	Conflicts int              `json:"conflicts"`
	Problem   string           `json:"problem,omitempty"` // why nothing was changed; "" where it was updated, or is up to date
	Changed   bool             `json:"changed"`
}

// The limits of a search for hand-outs.
const (
	maxDepth   = 8
	maxUpdates = maxStudents
)

// Update merges what the course gives now into the hand-outs below dir, which
// students have begun: clones of their repositories, say. Whose each is stands
// in its lock. What stops the update of one does not stop the others. Before
// anything is written it finds leaks, as [Course.Build] does.
func (c *Course) Update(ctx context.Context, dir string, o UpdateOptions) ([]Updated, error) {
	if _, err := c.tasks(o.BuildOptions); err != nil {
		return nil, err
	}
	folders, err := findProjects(ctx, dir)
	if err != nil {
		return nil, err
	}
	if err := c.CheckLeaks(ctx, BuildOptions{Students: o.Students, Exercises: o.Exercises}); err != nil {
		return nil, err
	}
	results := make([]*Updated, len(folders))
	var done atomic.Int64
	var mu sync.Mutex
	var group errgroup.Group
	group.SetLimit(runtime.GOMAXPROCS(0))
	for i, folder := range folders {
		group.Go(func() error {
			result := c.updateOne(ctx, dir, folder, o)
			mu.Lock()
			defer mu.Unlock()
			results[i] = result
			if o.Progress != nil {
				o.Progress(int(done.Add(1)), len(folders))
			}
			return nil
		})
	}
	_ = group.Wait()
	var list []Updated
	for _, r := range results {
		if r != nil {
			list = append(list, *r)
		}
	}
	slices.SortStableFunc(list, func(a, b Updated) int {
		return cmp.Or(cmp.Compare(a.Exercise, b.Exercise), cmp.Compare(a.Student, b.Student), cmp.Compare(a.Folder, b.Folder))
	})
	return list, ctx.Err()
}

// findProjects lists the folders below dir that are projects of espgen. It
// follows no links.
func findProjects(ctx context.Context, dir string) ([]string, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	var list []string
	err = fs.WalkDir(root.FS(), ".", func(p string, d fs.DirEntry, err error) error {
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case err != nil && p == ".":
			return err
		case err != nil:
			return nil //nolint:nilerr // a folder that cannot be read is no hand-out
		case d.IsDir() && p != "." && (strings.HasPrefix(d.Name(), ".") || strings.Count(p, "/") >= maxDepth):
			return fs.SkipDir
		case d.IsDir():
			if info, err := root.Lstat(filepath.FromSlash(path.Join(p, project.LockFile))); err == nil && info.Mode().IsRegular() {
				list = append(list, p)
				if len(list) == maxUpdates {
					return fs.SkipAll
				}
				return fs.SkipDir
			}
		}
		return nil
	})
	return list, err
}

// updateOne updates a project. nil stands for one that is not asked for.
func (c *Course) updateOne(ctx context.Context, dir, folder string, o UpdateOptions) *Updated {
	u := &Updated{Folder: folder}
	p, _, err := project.Open(ctx, filepath.Join(dir, filepath.FromSlash(folder)), func() {})
	if err != nil {
		u.Problem = err.Error()
		return u
	}
	defer p.Close()
	u.Exercise, u.Student = p.Lock.CourseExercise, p.Lock.Student
	e, s := c.Exercise(u.Exercise), c.Student(u.Student)
	switch {
	case u.Exercise == "":
		u.Problem = "it is no hand-out of a course"
		return u
	case e == nil:
		u.Problem = "the course has no such exercise"
		return u
	case s == nil:
		u.Problem = "the roster has no such student"
		return u
	case len(o.Exercises) > 0 && !slices.Contains(o.Exercises, e.Name), len(o.Students) > 0 && !slices.ContainsFunc(o.Students, func(id string) bool { return c.Student(id) == s }):
		return nil
	case project.Newer(p.Lock.Espgen, c.from.Espgen):
		u.Problem = "the newer espgen " + p.Lock.Espgen + " has made it"
		return u
	}
	if err := c.merge(ctx, p, e, s, o, u); err != nil {
		u.Problem = err.Error()
	}
	return u
}

func (c *Course) merge(ctx context.Context, p *project.Project, e *Exercise, s *Student, o UpdateOptions, u *Updated) error {
	if err := p.LostError(); err != nil {
		return err
	}
	files, origin, err := c.unrecorded(ctx, e, s)
	if err != nil {
		return err
	}
	now := project.Now{Origin: origin, Files: files}
	now.Was = o.Was(p, now)
	plan, err := p.Plan(now)
	if err != nil {
		return err
	}
	if err := plan.Marked(); err != nil {
		return err
	}
	u.Changes, u.Conflicts, u.Changed = plan.Changes, plan.Conflicts(), !plan.Empty()
	if o.DryRun {
		return nil
	}
	if err := plan.Apply(ctx); err != nil {
		u.Changed = false
		return err
	}
	return nil
}

// unrecorded returns a hand-out without the records of a new project.
func (c *Course) unrecorded(ctx context.Context, e *Exercise, s *Student) ([]generator.File, project.Origin, error) {
	p, err := e.source.render(ctx, s)
	if err != nil {
		return nil, project.Origin{}, err
	}
	h, origin, err := c.plain(e, s, p)
	return h.Files, origin, err
}
