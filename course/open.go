package course

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"

	"golang.org/x/sync/errgroup"
	"gopkg.in/yaml.v3"

	"github.com/espgen/espgen/check"
	"github.com/espgen/espgen/generator/field"
	"github.com/espgen/espgen/generator/spec"
	"github.com/espgen/espgen/library"
	"github.com/espgen/espgen/plainfile"
)

// ErrNoCourse is the error of [Open] where a folder holds no course.yaml.
var ErrNoCourse = errors.New("it has no " + File)

// Open reads a course folder, or the folder that [Course.Build] wrote for a
// grader. The error is [spec.Issues] where something in it is at fault: all of
// them.
func Open(ctx context.Context, dir string, from From) (*Course, error) {
	data, err := plainfile.Read(filepath.Join(dir, File), maxFile)
	if errors.Is(err, fs.ErrNotExist) {
		if info, statErr := os.Stat(dir); statErr == nil && info.IsDir() {
			return nil, fmt.Errorf("%s is not a course: %w", dir, ErrNoCourse)
		}
		return nil, err
	}
	if err != nil {
		return nil, err
	}
	o := &opening{Course: &Course{Dir: dir, from: from, libs: map[string]*library.Library{}, byID: map[string]*Student{}}}
	o.reader = reader{file: filepath.Join(dir, File), issues: &o.issues}
	o.course(data)
	o.readRoster()
	if o.roster == nil || o.Title == nil && len(o.exercises) == 0 {
		return nil, o.err()
	}
	for i, e := range o.exercises {
		o.exercise(ctx, e, o.nodes[i])
	}
	o.values()
	if o.grader == "" && len(o.issues) == 0 { // a grader's folder was checked when it was written
		o.checkStudents()
	}
	if err := cmp.Or(ctx.Err(), o.err()); err != nil {
		return nil, err
	}
	return o.Course, nil
}

// An opening reads a course folder.
type opening struct {
	*Course
	reader
	issues  spec.Issues
	nodes   []exerciseNodes // of the exercises
	roster  *roster
	keyTold bool // that the key cannot be used
}

// exerciseNodes are what an exercise says that can only be read with its
// source.
type exerciseNodes struct {
	at, blank, checks, checksFile, from *yaml.Node
	role                                string
}

// err returns the issues, sorted by place.
func (o *opening) err() error {
	if len(o.issues) == 0 {
		return nil
	}
	slices.SortStableFunc(o.issues, func(a, b spec.Issue) int {
		return cmp.Or(cmp.Compare(a.Pos.File, b.Pos.File), cmp.Compare(a.Pos.Line, b.Pos.Line), cmp.Compare(a.Pos.Col, b.Pos.Col))
	})
	return o.issues
}

// formatVersion is the version of course.yaml that this espgen reads.
const formatVersion = "1"

// course reads course.yaml.
func (o *opening) course(data []byte) {
	top := o.top(data)
	if top == nil {
		return
	}
	fields := o.fields(top, "", "format", "title", "language", "templates", "show", "auto", "exercises", "grader")
	switch format := fields["format"]; {
	case format == nil:
		o.errorf(top, "format", "add it: format: "+formatVersion, "required, but missing")
	case format.Value != formatVersion:
		o.errorf(format, "format", "this espgen reads format "+formatVersion, "unknown format %q", format.Value)
	}
	o.Language = o.choice(fields["language"], "language", "en", languages...)
	if o.Title = o.title(fields["title"], "title", o.Language); len(o.Title) == 0 {
		if fields["title"] == nil {
			o.errorf(top, "title", "add it: title: NAME", "required, but missing")
		}
		o.Title = check.Text{"en": ""}
	}
	if o.grader = o.text(fields["grader"], "grader", maxTitle); o.grader != "" && o.grader != o.from.Espgen {
		o.errorf(fields["grader"], "grader", "grade with that one, or build the course again with this one: another one may render other hand-outs",
			"espgen %s wrote this for a grader, and this is espgen %s", o.grader, o.from.Espgen)
	}
	o.templates = o.localPath(fields["templates"], "templates")
	if o.templates != "" {
		if _, err := o.openLibrary(filepath.Join(o.Dir, filepath.FromSlash(o.templates))); err != nil {
			o.errorf(fields["templates"], "templates", "name the folder that holds the roles' folders", "%v", err)
			o.templates = ""
		}
	}
	o.readAutos(fields["auto"])
	show := o.choice(fields["show"], "show", string(ShowActual), shows...)
	list := o.list(fields["exercises"], "exercises")
	switch {
	case len(list) == 0 && (fields["exercises"] == nil || fields["exercises"].Kind == yaml.SequenceNode):
		o.errorf(cmp.Or(fields["exercises"], top), "exercises", "name at least one: exercises: [{name: server, spec: server.yaml}]", "required, but missing")
	case len(list) > maxExercises:
		o.errorf(fields["exercises"], "exercises", "split the course", "it has %d exercises, and the limit is %d", len(list), maxExercises)
		return
	}
	for i, n := range list {
		o.readExercise(n, fmt.Sprintf("exercises[%d]", i), show)
	}
}

var shows = []string{string(ShowFull), string(ShowActual), string(ShowNone)}

// readExercise reads what course.yaml says of an exercise.
func (o *opening) readExercise(n *yaml.Node, path, show string) {
	f := o.fields(n, path, "name", "title", "text", "spec", "project", "role", "blank", "checks", "checks_file", "show", "due")
	e := &Exercise{
		Name: o.text(f["name"], field.Join(path, "name"), maxName),
		Show: Show(o.choice(f["show"], field.Join(path, "show"), show, shows...)),
	}
	switch problem, hint := problemOfID(e.Name); {
	case n.Kind != yaml.MappingNode:
		return
	case f["name"] == nil:
		o.errorf(n, field.Join(path, "name"), "add it: name: server", "required, but missing")
	case e.Name == "": // which was told
	case problem != "":
		o.errorf(f["name"], field.Join(path, "name"), strings.ReplaceAll(hint, "an id has", "a name has"), "%s", strings.ReplaceAll(problem, "an id", "a name"))
	case slices.ContainsFunc(o.exercises, func(other *Exercise) bool { return fold(other.Name) == fold(e.Name) }):
		o.errorf(f["name"], field.Join(path, "name"), "give each exercise a name of its own; case does not count", "%q is the name of an exercise above, too", e.Name)
	}
	if e.Title = o.title(f["title"], field.Join(path, "title"), o.Language); len(e.Title) == 0 {
		e.Title = check.Text{o.Language: e.Name}
	}
	e.Text, e.Due = o.textIn(f["text"], field.Join(path, "text")), o.title(f["due"], field.Join(path, "due"), o.Language)
	nodes := exerciseNodes{at: n, blank: f["blank"], checks: f["checks"], checksFile: f["checks_file"], role: o.text(f["role"], field.Join(path, "role"), maxName)}
	specFile, folder := o.localPath(f["spec"], field.Join(path, "spec")), o.localPath(f["project"], field.Join(path, "project"))
	switch {
	case f["spec"] != nil && f["project"] != nil:
		o.errorf(f["project"], field.Join(path, "project"), "keep one of them", "an exercise is made from a spec or from a project, not from both")
		return
	case specFile != "":
		nodes.from = f["spec"]
		e.source = &specSource{course: o.Course, file: filepath.Join(o.Dir, filepath.FromSlash(specFile))}
	case folder != "":
		nodes.from = f["project"]
		e.source = &folderSource{course: o.Course, dir: filepath.Join(o.Dir, filepath.FromSlash(folder))}
	case f["spec"] == nil && f["project"] == nil:
		o.errorf(n, path, "add spec: FILE, or project: FOLDER", "it names no source")
		return
	default:
		return // which was told
	}
	o.exercises = append(o.exercises, e)
	o.nodes = append(o.nodes, nodes)
}

// openLibrary opens the roles of a folder, "" for espgen's own alone, once.
func (c *Course) openLibrary(dir string) (*library.Library, error) {
	if lib, ok := c.libs[dir]; ok {
		return lib, nil
	}
	lib := library.BuiltIn()
	if dir != "" {
		var err error
		if lib, err = library.Open(dir, c.from.Espgen); err != nil {
			return nil, err
		}
	}
	c.libs[dir] = lib
	return lib, nil
}

// exercise reads an exercise's source, and what refers to it.
func (o *opening) exercise(ctx context.Context, e *Exercise, n exerciseNodes) {
	path := fmt.Sprintf("exercises[%d]", slices.Index(o.exercises, e))
	blank := o.names(n.blank, field.Join(path, "blank"))
	steps, err := e.source.open(ctx, n.role)
	if err != nil {
		o.told(err, n.from, field.Join(path, "spec"))
		e.source = nil
		return
	}
	e.steps = steps
	var names []string
	for _, s := range steps {
		names = append(names, s.Name)
	}
	switch {
	case len(names) == 0:
		o.errorf(n.from, path, "mark the steps in the source: docs/course-format.md tells how", "the source has no steps")
		return
	case n.blank == nil || n.blank.Kind == yaml.SequenceNode && len(n.blank.Content) == 0:
		o.errorf(n.at, field.Join(path, "blank"), "add it: blank: [STEP, ...]; the source has these: "+strings.Join(names, ", "), "required, but missing")
	}
	for _, b := range blank {
		if !slices.Contains(names, b.Value) {
			o.errorf(b, field.Join(path, "blank"), field.Suggest(b.Value, names), "the source has no step %q", b.Value)
		}
	}
	for _, name := range names { // in the order of the source
		if slices.ContainsFunc(blank, func(b *yaml.Node) bool { return b.Value == name }) {
			e.Blank = append(e.Blank, name)
		}
	}
	o.readChecks(e, n, path, names)
}

// told adds an error to the issues. One without a place is of the node n.
func (o *opening) told(err error, n *yaml.Node, path string) {
	if issues, ok := errors.AsType[spec.Issues](err); ok {
		o.issues = append(o.issues, issues...)
		return
	}
	text := err.Error()
	if at, ok := errors.AsType[*fs.PathError](err); ok {
		text = strings.Replace(text, at.Error(), at.Path+": "+at.Err.Error(), 1)
	}
	o.errorf(n, path, "", "%s", text)
}

// readRoster reads roster.csv.
func (o *opening) readRoster() {
	file := filepath.Join(o.Dir, RosterFile)
	data, err := plainfile.Read(file, maxRoster)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		o.issues = append(o.issues, spec.Issue{Pos: spec.Pos{File: file}, Msg: "the roster is missing", Hint: "its first line is id,name; each student has a line"})
		return
	case err != nil:
		o.issues = append(o.issues, spec.Issue{Pos: spec.Pos{File: file}, Msg: err.Error()})
		return
	}
	o.roster = readRoster(file, data, &o.issues)
	for _, row := range o.roster.rows {
		o.students = append(o.students, row.student)
		o.byID[fold(row.student.ID)] = row.student
	}
}

// fold is an id as it is compared: names of files are the same on some systems
// where only their case differs.
func fold(id string) string { return strings.ToLower(id) }

// checkStudents checks the spec of each student and exercise.
func (o *opening) checkStudents() {
	var mu sync.Mutex
	seen := map[string]bool{}
	var group errgroup.Group
	group.SetLimit(runtime.GOMAXPROCS(0))
	const batch = 64
	for students := range slices.Chunk(o.students, batch) {
		group.Go(func() error {
			for _, s := range students {
				for _, e := range o.exercises {
					err := e.source.check(s)
					var issues spec.Issues
					if err == nil || !errors.As(err, &issues) {
						continue
					}
					mu.Lock()
					for _, i := range issues {
						if key := i.Pos.String() + i.Path; !seen[key] { // a value of course.yaml is every student's
							seen[key] = true
							o.issues = append(o.issues, i)
						}
					}
					mu.Unlock()
				}
			}
			return nil
		})
	}
	_ = group.Wait() // issues are no errors
}
