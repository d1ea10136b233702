package course

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"

	"golang.org/x/sync/errgroup"

	"github.com/espgen/espgen/generator"
	"github.com/espgen/espgen/plainfile"
	"github.com/espgen/espgen/project"
	"github.com/espgen/espgen/scratch"
)

// The folders and files that a build writes.
const (
	HandOutsFolder  = "hand-outs"
	SolutionsFolder = "solutions"
	GraderFolder    = "grader"
	indexHTML       = "index.html"
	indexCSV        = "index.csv"
)

// A BuildOptions says what is built. The zero value builds all.
type BuildOptions struct {
	Students  []string // the ids of those to build for, none for all
	Exercises []string // the names of those to build, none for all

	// Progress is called after each hand-out, from several goroutines; nil for
	// nothing.
	Progress func(done, total int)
}

// A Summary says what a build did.
type Summary struct {
	Written  int      `json:"written"`         // hand-outs that are new, or were renewed
	UpToDate int      `json:"up_to_date"`      // hand-outs that were left alone
	Begun    []string `json:"begun,omitempty"` // folders of hand-outs that are stale, and that somebody has worked in
	Stray    []string `json:"stray,omitempty"` // folders and zips of nobody in the roster
}

// A NameError is a student or an exercise that a course does not have.
type NameError struct {
	What  string // "student", "exercise"
	Name  string
	Known []string
}

func (e *NameError) Error() string { return fmt.Sprintf("the course has no %s %q", e.What, e.Name) }

// A task is a hand-out to build.
type task struct {
	exercise *Exercise
	student  *Student
}

// tasks lists the hand-outs that are asked for.
func (c *Course) tasks(o BuildOptions) ([]task, error) {
	exercises, students := c.exercises, c.students
	if len(o.Exercises) > 0 {
		exercises = nil
		for _, name := range o.Exercises {
			e := c.Exercise(name)
			if e == nil {
				var names []string
				for _, e := range c.exercises {
					names = append(names, e.Name)
				}
				return nil, &NameError{"exercise", name, names}
			}
			exercises = append(exercises, e)
		}
	}
	if len(o.Students) > 0 {
		students = nil
		for _, id := range o.Students {
			s := c.Student(id)
			if s == nil {
				var ids []string
				for _, s := range c.students {
					ids = append(ids, s.ID)
				}
				return nil, &NameError{"student", id, ids}
			}
			students = append(students, s)
		}
	}
	var list []task
	for _, e := range exercises {
		for _, s := range students {
			list = append(list, task{e, s})
		}
	}
	return list, nil
}

// Build writes the hand-outs, the solutions, what a grader needs and an index
// below out. Before it writes anything it finds leaks: the error is a
// [*LeakError] then. Each project is replaced as a whole; what is up to date is
// left alone, and so is what somebody has worked in.
func (c *Course) Build(ctx context.Context, out string, o BuildOptions) (Summary, error) {
	var sum Summary
	tasks, err := c.tasks(o)
	if err != nil {
		return sum, err
	}
	if err := c.CheckLeaks(ctx, o); err != nil {
		return sum, err
	}
	b, err := c.newBuild(out)
	if err != nil {
		return sum, err
	}
	defer b.close()
	var done atomic.Int64
	var mu sync.Mutex
	err = each(ctx, tasks, func(t task) error {
		h, err := c.HandOut(ctx, t.exercise, t.student)
		if err != nil {
			return err
		}
		wrote, begun, err := b.handOut(ctx, t, h)
		mu.Lock()
		defer mu.Unlock()
		switch {
		case err != nil:
			return err
		case begun:
			sum.Begun = append(sum.Begun, path.Join(HandOutsFolder, t.exercise.Name, t.student.ID))
		case wrote:
			sum.Written++
		default:
			sum.UpToDate++
		}
		if o.Progress != nil {
			o.Progress(int(done.Add(1)), len(tasks))
		}
		return nil
	})
	if err == nil {
		err = b.rest(ctx, tasks)
	}
	slices.Sort(sum.Begun)
	if err == nil {
		sum.Stray, err = b.strays()
	}
	return sum, err
}

// each calls do for each of a list, as many at a time as there are processors.
func each[T any](ctx context.Context, list []T, do func(T) error) error {
	group, until := errgroup.WithContext(ctx) // it also ends with the first error
	group.SetLimit(runtime.GOMAXPROCS(0))
	for _, t := range list {
		group.Go(func() error {
			if until.Err() != nil {
				return nil //nolint:nilerr // Wait returns the first error
			}
			return do(t)
		})
	}
	return cmp.Or(group.Wait(), ctx.Err())
}

// CheckLeaks finds what hand-outs give away. The error is a [*LeakError] where
// they do.
func (c *Course) CheckLeaks(ctx context.Context, o BuildOptions) error {
	tasks, err := c.tasks(o)
	if err != nil {
		return err
	}
	guards := map[*Exercise]*guard{}
	var leaks []Leak
	for _, e := range c.exercises {
		p, err := e.source.render(ctx, nil)
		if err != nil {
			return err
		}
		base, err := c.handOut(e, nil, p)
		if err != nil {
			return err
		}
		guards[e] = c.newGuard(e, base)
		if len(c.students) == 0 {
			leaks = append(leaks, guards[e].leaks(nil, p, base)...)
		}
	}
	var mu sync.Mutex
	err = each(ctx, tasks, func(t task) error {
		p, err := t.exercise.source.render(ctx, t.student)
		if err != nil {
			return err
		}
		h, err := c.handOut(t.exercise, t.student, p)
		if err != nil {
			return err
		}
		found := guards[t.exercise].leaks(t.student, p, h)
		mu.Lock()
		leaks = append(leaks, found...)
		mu.Unlock()
		return nil
	})
	if err != nil {
		return err
	}
	if len(leaks) > 0 {
		slices.SortStableFunc(leaks, func(a, b Leak) int {
			return cmp.Or(cmp.Compare(a.Exercise, b.Exercise), cmp.Compare(a.Student, b.Student), cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line))
		})
		return &LeakError{leaks}
	}
	return nil
}

// A build writes below a folder, which no link leads out of.
type build struct {
	course  *Course
	out     string
	root    *os.Root
	staging string // a folder below root, where everything is written first
	remove  func()
	count   atomic.Int64 // of what was staged
	folders sync.Map     // that are there, by their names
	packer  packer
}

const stagingPrefix = ".espgen-"

func (c *Course) newBuild(out string) (*build, error) {
	inside, err := sameOrInside(c.Dir, out)
	if err != nil {
		return nil, err
	}
	if inside == "." {
		return nil, fmt.Errorf("%s is the course itself", out)
	}
	if err := os.MkdirAll(out, 0o755); err != nil {
		return nil, err
	}
	b := &build{course: c, out: out}
	if b.root, err = os.OpenRoot(out); err != nil {
		return nil, err
	}
	if err := b.refuseOthers(); err != nil {
		b.root.Close()
		return nil, err
	}
	dir, remove, err := scratch.Make(out, stagingPrefix)
	if err != nil {
		b.root.Close()
		return nil, err
	}
	b.staging, b.remove = filepath.Base(dir), remove
	return b, nil
}

// ErrNotOurs is the error of a folder that holds something else than a build.
var ErrNotOurs = errors.New("the folder holds something else than what a course was built into")

// refuseOthers wants the folder to be empty, or one that a build wrote.
func (b *build) refuseOthers() error {
	entries, err := fs.ReadDir(b.root.FS(), ".")
	if err != nil {
		return err
	}
	ours := []string{HandOutsFolder, SolutionsFolder, GraderFolder, indexHTML, indexCSV}
	for _, e := range entries {
		if !slices.Contains(ours, e.Name()) && !strings.HasPrefix(e.Name(), ".") {
			return fmt.Errorf("%s: %w: %q", b.out, ErrNotOurs, e.Name())
		}
	}
	return nil
}

// sameOrInside returns the path of a folder from another one where it is inside,
// "" where it is not.
func sameOrInside(dir, other string) (string, error) {
	a, err1 := filepath.Abs(dir)
	b, err2 := filepath.Abs(other)
	if err := errors.Join(err1, err2); err != nil {
		return "", err
	}
	if at, err := filepath.EvalSymlinks(a); err == nil {
		a = at
	}
	if at, err := filepath.EvalSymlinks(b); err == nil {
		b = at
	}
	rel, err := filepath.Rel(a, b)
	if err != nil || !filepath.IsLocal(rel) {
		return "", nil //nolint:nilerr // on another drive
	}
	return rel, nil
}

func (b *build) close() {
	b.remove()
	b.root.Close()
}

// handOut writes a hand-out's folder and zip.
func (b *build) handOut(ctx context.Context, t task, h HandOut) (wrote, begun bool, err error) {
	at := path.Join(HandOutsFolder, t.exercise.Name, t.student.ID)
	packed, err := b.packer.zip(t.exercise.Name+"-"+t.student.ID, h.Files)
	if err != nil {
		return false, false, err
	}
	wroteZip, err := b.file(at+".zip", packed)
	if err != nil {
		return false, false, err
	}
	wrote, begun, err = b.folder(ctx, at, h.Files)
	return wrote || wroteZip, begun, err
}

// rest writes all but the hand-outs.
func (b *build) rest(ctx context.Context, tasks []task) error {
	for _, e := range b.course.exercises {
		if !slices.ContainsFunc(tasks, func(t task) bool { return t.exercise == e }) {
			continue
		}
		h, err := b.course.Solution(ctx, e, nil)
		if err != nil {
			return err
		}
		if err := b.ours(ctx, path.Join(SolutionsFolder, e.Name), h.Files); err != nil {
			return err
		}
	}
	grader, err := b.course.GraderFiles(nil, false)
	if err != nil {
		return err
	}
	if err := b.ours(ctx, GraderFolder, grader); err != nil {
		return err
	}
	if _, err := b.file(indexCSV, b.course.indexCSV()); err != nil {
		return err
	}
	page, err := b.course.indexHTML()
	if err != nil {
		return err
	}
	_, err = b.file(indexHTML, page)
	return err
}

// ours writes a folder that nobody works in: the instructor's own copy is kept
// where somebody did.
func (b *build) ours(ctx context.Context, at string, files []generator.File) error {
	_, begun, err := b.folder(ctx, at, files)
	if err == nil && begun {
		err = fmt.Errorf("%s was edited: move it away, and build again", filepath.Join(b.out, filepath.FromSlash(at)))
	}
	return err
}

// file writes a file where it does not hold data yet.
func (b *build) file(at string, data []byte) (wrote bool, err error) {
	name := filepath.FromSlash(at)
	if info, err := b.root.Lstat(name); err == nil {
		if !info.Mode().IsRegular() {
			return false, &plainfile.KindError{Name: filepath.Join(b.out, name), Kind: plainfile.Kind(info.Mode())}
		}
		if info.Size() == int64(len(data)) {
			if there, err := plainfile.ReadIn(b.root, name, int64(len(data))); err == nil && bytes.Equal(there, data) {
				return false, nil
			}
		}
	}
	staged := filepath.Join(b.staging, b.next())
	if err := os.WriteFile(filepath.Join(b.out, staged), data, 0o644); err != nil {
		return false, err
	}
	if err := b.above(name); err != nil {
		return false, err
	}
	return true, b.root.Rename(staged, name)
}

// above makes the folder that something is in, once.
func (b *build) above(name string) error {
	dir := filepath.Dir(name)
	if _, ok := b.folders.Load(dir); ok {
		return nil
	}
	if err := b.root.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	b.folders.Store(dir, true)
	return nil
}

// next is the name of what is staged next.
func (b *build) next() string { return strconv.FormatInt(b.count.Add(1), 10) }

// folder writes a folder where it does not hold these files yet. One that
// somebody has worked in is left alone: begun.
func (b *build) folder(ctx context.Context, at string, files []generator.File) (wrote, begun bool, err error) {
	name := filepath.FromSlash(at)
	info, err := b.root.Lstat(name)
	exists := err == nil
	if exists {
		if !info.IsDir() {
			return false, false, &plainfile.KindError{Name: filepath.Join(b.out, name), Kind: plainfile.Kind(info.Mode())}
		}
		same, touched, err := b.compare(name, files)
		if err != nil || same || touched {
			return false, touched && !same, err
		}
	} else if !errors.Is(err, fs.ErrNotExist) {
		return false, false, err
	}
	staged := filepath.Join(b.staging, b.next())
	if err := writeFolder(ctx, filepath.Join(b.out, staged), files); err != nil {
		return false, false, err
	}
	if err := b.above(name); err != nil {
		return false, false, err
	}
	if !exists {
		return true, false, b.root.Rename(staged, name)
	}
	old := filepath.Join(b.staging, b.next())
	if err := b.root.Rename(name, old); err != nil {
		return false, false, err
	}
	if err := b.root.Rename(staged, name); err != nil {
		return false, false, errors.Join(err, b.root.Rename(old, name))
	}
	return true, false, b.root.RemoveAll(old)
}

// writeFolder writes files to a new folder.
func writeFolder(ctx context.Context, dir string, files []generator.File) error {
	if err := os.Mkdir(dir, 0o755); err != nil {
		return err
	}
	made := map[string]bool{".": true}
	var mkdir func(below string) error
	mkdir = func(below string) error { // of a new folder, each is made once
		if made[below] {
			return nil
		}
		made[below] = true
		if err := mkdir(path.Dir(below)); err != nil {
			return err
		}
		return os.Mkdir(filepath.Join(dir, filepath.FromSlash(below)), 0o755)
	}
	for _, f := range files {
		if !generator.IsProjectFile(f.Path) && !isRecord(f.Path) {
			return fmt.Errorf("a project cannot have a file %q", f.Path)
		}
		if err := mkdir(path.Dir(f.Path)); err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(dir, filepath.FromSlash(f.Path)), f.Data, f.Mode.Perm()); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// compare tells whether a folder holds these files and no others, and whether
// somebody has worked in it: whether it is not what its own records say.
func (b *build) compare(name string, files []generator.File) (same, touched bool, err error) {
	there, err := b.read(name)
	if err != nil {
		return false, false, err
	}
	if there == nil {
		return false, true, nil
	}
	same = len(there) == len(files)
	for _, f := range files {
		data, ok := there[f.Path]
		same = same && ok && bytes.Equal(data, f.Data)
	}
	if same {
		return true, false, nil
	}
	if _, isProject := there[project.LockFile]; !isProject {
		return false, path.Dir(filepath.ToSlash(name)) != ".", nil // the grader's folder is no project
	}
	now := map[string][]byte{}
	for _, f := range files {
		now[f.Path] = f.Data
	}
	for p, data := range there {
		pristine, known := there[path.Join(project.Folder, "pristine", p)]
		asGenerated := known && isPristine(data, pristine, now[p])
		if !isRecord(p) && !bytes.Equal(data, now[p]) && !asGenerated {
			return false, true, nil
		}
	}
	for p := range there {
		if of := pristineOf(p); of != "" && there[of] == nil {
			return false, true, nil // it was deleted
		}
	}
	return false, false, nil
}

// isPristine reports whether a file is as it was generated. The pristine copy
// does not say which values were in the place of hidden ones: they count as
// generated where they are those that the file gets now.
func isPristine(data, pristine, now []byte) bool {
	if bytes.Equal(data, pristine) {
		return true
	}
	lines, were := bytes.Split(data, []byte("\n")), bytes.Split(pristine, []byte("\n"))
	return slices.EqualFunc(lines, were, func(line, was []byte) bool {
		hidden := bytes.Contains(was, []byte(generator.Secret)) && bytes.Contains(now, append(bytes.Clone(line), '\n'))
		return bytes.Equal(line, was) || hidden
	})
}

// read returns the files of a folder by their paths, nil where it holds what no
// build writes: links, or more than a hand-out can have.
func (b *build) read(name string) (map[string][]byte, error) {
	there := map[string][]byte{}
	total := 0
	isOther := false
	base := filepath.ToSlash(name)
	err := fs.WalkDir(b.root.FS(), base, func(p string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir():
			return nil
		case !d.Type().IsRegular() || len(there) > 2*maxSourceFiles || total > 4*maxSources:
			isOther = true
			return fs.SkipAll
		}
		data, err := plainfile.ReadIn(b.root, filepath.FromSlash(p), 2*maxSources)
		if _, large := errors.AsType[*plainfile.SizeError](err); large {
			isOther = true
			return fs.SkipAll
		}
		total += len(data)
		there[strings.TrimPrefix(p, base+"/")] = data
		return err
	})
	if isOther {
		return nil, err
	}
	return there, err
}

// strays lists what is of nobody in the roster, or of no exercise.
func (b *build) strays() ([]string, error) {
	var list []string
	folders, err := fs.ReadDir(b.root.FS(), HandOutsFolder)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	for _, folder := range folders {
		e := b.course.Exercise(folder.Name())
		if e == nil || !folder.IsDir() {
			list = append(list, path.Join(HandOutsFolder, folder.Name()))
			continue
		}
		entries, err := fs.ReadDir(b.root.FS(), path.Join(HandOutsFolder, folder.Name()))
		if err != nil {
			return nil, err
		}
		for _, entry := range entries {
			if s := b.course.Student(strings.TrimSuffix(entry.Name(), ".zip")); s == nil {
				list = append(list, path.Join(HandOutsFolder, folder.Name(), entry.Name()))
			}
		}
	}
	return list, err
}
