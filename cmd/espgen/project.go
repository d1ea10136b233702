package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"github.com/dustin/go-humanize/english"
	"github.com/spf13/cobra"

	"github.com/espgen/espgen/course"
	"github.com/espgen/espgen/exercise"
	"github.com/espgen/espgen/generator"
	"github.com/espgen/espgen/generator/field"
	"github.com/espgen/espgen/generator/role"
	"github.com/espgen/espgen/generator/rules"
	"github.com/espgen/espgen/generator/spec"
	"github.com/espgen/espgen/library"
	"github.com/espgen/espgen/plainfile"
	"github.com/espgen/espgen/project"
)

// projectFlags are the flags of the commands that render a project anew.
type projectFlags struct {
	specFlags
	file  string
	unset []string
}

func (o *projectFlags) add(cmd *cobra.Command) {
	o.specFlags.add(cmd)
	cmd.Flags().StringVarP(&o.file, "file", "f", "", "the spec's `FILE` (default the one that the project was generated from)")
	must(cmd.MarkFlagFilename("file", "yaml", "yml"))
	cmd.Args = arguments(cobra.MaximumNArgs(1))
	cmd.ValidArgsFunction = completeDirs
}

// completeDirs completes folders.
func completeDirs(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	return nil, cobra.ShellCompDirectiveFilterDirs
}

// dirOf is the folder that a command's arguments name.
func dirOf(args []string) string {
	if len(args) > 0 {
		return args[0]
	}
	return "."
}

// openProject opens the project in dir.
func openProject(cmd *cobra.Command, dir string) (*project.Project, error) {
	p, finished, err := project.Open(cmd.Context(), dir, sayWaiting(cmd, dir))
	if finished {
		sayFinished(cmd, dir)
	}
	if err != nil {
		return p, projectError(dir, err)
	}
	if lost := p.Lost(); len(lost) > 0 {
		if err := refill(cmd, p); err != nil {
			p.Close()
			return nil, projectError(dir, err)
		}
		fmt.Fprintf(cmd.ErrOrStderr(), "espgen: %s of .espgen/pristine missing in %s: rendered anew from the values in %s\n",
			english.Plural(len(lost), "file", ""), printable(dir), project.LockFile)
	}
	return p, nil
}

// isProject reports whether dir is a project of espgen.
func isProject(dir string) bool {
	_, err := os.Lstat(filepath.Join(dir, project.LockFile))
	return err == nil
}

// recoverProject finishes an interrupted update of the project in dir. A dir
// that is none is not its matter.
func recoverProject(cmd *cobra.Command, dir string) error {
	finished, err := project.Recover(cmd.Context(), dir, sayWaiting(cmd, dir))
	switch {
	case finished:
		sayFinished(cmd, dir)
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, syscall.ENOTDIR):
		return nil
	}
	return projectError(dir, err)
}

// sayWaiting returns what tells that another espgen is in the way.
func sayWaiting(cmd *cobra.Command, dir string) func() {
	return func() {
		fmt.Fprintf(cmd.ErrOrStderr(), "espgen: another espgen is updating %s; waiting until it is done (Ctrl-C to stop)\n", printable(dir))
	}
}

func sayFinished(cmd *cobra.Command, dir string) {
	fmt.Fprintf(cmd.ErrOrStderr(), "espgen: finished an update of %s that was interrupted\n", printable(dir))
}

// projectError adds to an error what to do about it.
func projectError(dir string, err error) error {
	_, isRecord := errors.AsType[*project.RecordError](err)
	_, unfinished := errors.AsType[*project.UnfinishedError](err)
	marked, isMarked := errors.AsType[*project.MarkedError](err)
	_, noRestore := errors.AsType[*project.RestoreError](err)
	switch info, _ := os.Stat(dir); {
	case err != nil && info != nil && !info.IsDir():
		return &hintError{fmt.Errorf("%s is %s, not a folder", dir, plainfile.Kind(info.Mode())), "name the project's folder"}
	case isMarked:
		name := filepath.Join(dir, filepath.FromSlash(marked.Paths[0]))
		return &hintError{err, "edit " + shellQuote(name) + ", from each <<<<<<< to its >>>>>>>, and update again: nothing was changed"}
	case noRestore:
		return &usageError{"--restore: " + err.Error(), "name a file that you have deleted, as `espgen diff --mine " + shellQuote(dir) + "` does"}
	case errors.Is(err, project.ErrNoLock):
		if _, err := os.Stat(filepath.Join(dir, "CMakeLists.txt")); err != nil {
			return &hintError{fmt.Errorf("%s is not a project of espgen: it has no %s", dir, project.LockFile), "name the project's folder; `espgen new` makes a project"}
		}
		return &hintError{err, "an older espgen made the project, or the file was deleted: take it from git, or make the project anew " +
			"with `espgen new ROLE -f FILE -o ANOTHER` and copy your edits into it"}
	case isRecord:
		return &hintError{err, "take espgen.lock and .espgen from the same commit: git checkout HEAD -- espgen.lock .espgen"}
	case unfinished:
		return &hintError{fmt.Errorf("the update is not finished: %w", err), "mend this, and run `espgen update` again: it goes on from here"}
	case errors.Is(err, project.ErrNoGit):
		return &hintError{err, "install git: apt install git"}
	case errors.Is(err, project.ErrChanged):
		return &hintError{fmt.Errorf("%w: nothing was changed", err), "run the command again"}
	case errors.Is(err, errDiskFull):
		return &hintError{err, "nothing was changed: free some space"}
	case errors.Is(err, fs.ErrPermission), errors.Is(err, syscall.EROFS):
		return &hintError{err, "nothing was changed: espgen requires that you may read the project's files, and update that you may write them"}
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, syscall.ENOTDIR):
		return &hintError{err, "name the project's folder"}
	}
	return err
}

// standIns are what a password is taken for while it is not known: one that
// Kconfig holds, one that it does not hold, none, and one that fills its field.
// Only files that are not looked at then show it, but its kind shows in others.
var standIns = []string{"not known", `not "known"`, "", strings.Repeat("0", 64)}

// A specSource is where a project's spec is: in a file, or in the lock.
type specSource struct {
	lib      *library.Library
	parse    func(set, needed []string) *spec.File
	path     string   // as the lock has it
	withheld []string // the fields whose values the lock does not hold
}

// specFile is the project's spec, which may be missing; "" where it is not known.
func (o *projectFlags) specFile(p *project.Project) string {
	if o.file != "" {
		return o.file
	}
	return p.SpecFile()
}

// source returns where the project's spec is. Where that is the lock, it says so.
func (o *projectFlags) source(cmd *cobra.Command, p *project.Project) (specSource, error) {
	file, path := o.specFile(p), p.Lock.Spec
	if o.file == "-" {
		path = ""
	} else if o.file != "" || file != "" && (path == "" || filepath.IsAbs(filepath.FromSlash(path))) {
		path = project.SpecPath(p.Dir(), file)
	}
	if file == "" && !p.Lock.HasValues() {
		return specSource{}, &usageError{"the project's spec came from standard input", "name a spec with -f FILE"}
	}
	why := "its path is not recorded"
	if file != "" {
		data, err := readSpec(cmd.InOrStdin(), file)
		switch {
		case err == nil:
			lib, err := libraryOf(cmd, p, file, data)
			if err != nil {
				return specSource{}, err
			}
			parse := func(set, needed []string) *spec.File { return parseSpec(lib, file, data, set, needed, p.Lock.Role) }
			return specSource{lib: lib, parse: parse, path: path}, o.checkTwice(lib, p, false)
		case !errors.Is(err, fs.ErrNotExist):
			return specSource{}, err
		case o.file != "" || !p.Lock.HasValues():
			return specSource{}, &hintError{errors.Unwrap(err), "name the project's spec with -f FILE"}
		}
		why = "it is not in " + filepath.Dir(file)
	}
	fmt.Fprintf(cmd.ErrOrStderr(), "espgen: the project's spec is not at hand (%s): using the values in %s; -f FILE names a spec\n",
		printable(why), printable(filepath.Join(p.Dir(), project.LockFile)))
	lib, err := libraryOf(cmd, p, "", nil)
	if err != nil {
		return specSource{}, err
	}
	return lockSource(lib, p), o.checkTwice(lib, p, true)
}

// libraryOf opens the roles that a project is made from: those that the command
// line or the spec asks for, or else those that the lock names.
func libraryOf(cmd *cobra.Command, p *project.Project, file string, data []byte) (*library.Library, error) {
	lib, err := openLibraryFor(cmd, file, data)
	if err != nil || lib.Dir != "" || p.Lock.Templates == (project.Templates{}) {
		return lib, err
	}
	if p.Lock.Templates.Path == "" {
		hint := "name it with --templates DIR"
		if p.Lock.CourseExercise != "" {
			hint = "its corrections come from whoever has handed it out; with the course at hand, name its folder of templates with --templates DIR"
		}
		return nil, &hintError{fmt.Errorf("%s was generated from templates in a folder that is not recorded", p.Dir()), hint}
	}
	dir := filepath.FromSlash(p.Lock.Templates.Path)
	if !filepath.IsAbs(dir) {
		dir = filepath.Join(p.Dir(), dir)
	}
	lib, err = library.Open(dir, version())
	if errors.Is(err, fs.ErrNotExist) {
		return nil, &hintError{fmt.Errorf("%s was generated from the templates in %s, which are not at hand", p.Dir(), dir), "name their folder with --templates DIR"}
	}
	return lib, err
}

// lockSource takes the lock's values in the place of the spec.
func lockSource(lib *library.Library, p *project.Project) specSource {
	name := filepath.Join(p.Dir(), project.LockFile)
	s := specSource{lib: lib, path: p.Lock.Spec}
	s.parse = func(set, needed []string) *spec.File {
		return parseLocked(lib, name, specValues(p.Lock.Values), set, needed, p.Lock.Role)
	}
	for _, v := range p.Lock.Values {
		if v.Hidden && !v.Set || v.Beneath == spec.HiddenText {
			s.withheld = append(s.withheld, v.Path)
		}
	}
	return s
}

// checkTwice wants no value of the lock that is used to be there twice. Those of
// --set are used with any spec.
func (o *projectFlags) checkTwice(lib *library.Library, p *project.Project, isSource bool) error {
	for _, t := range p.Lock.Twice {
		given := slices.Contains(o.unset, t.Fact) || gives(o.set, t.Fact)
		if t.IsValue && (isSource || t.Set) && !given {
			name, values := filepath.Join(p.Dir(), project.LockFile), ", "+t.Values[0]+" and "+t.Values[1]
			if slices.Contains(secretFields(lib), t.Fact) {
				values = ""
			}
			return &hintError{
				fmt.Errorf("%s has two values for %s%s: git merged two branches that both changed it", name, t.Fact, values),
				"delete one of the two lines in " + shellQuote(name) + ", or choose with --set " + t.Fact + "=VALUE",
			}
		}
	}
	return nil
}

// refill renders what the pristine copy lacks, where this espgen is the one that
// wrote it.
func refill(cmd *cobra.Command, p *project.Project) error {
	lib, err := libraryOf(cmd, p, "", nil)
	if err != nil {
		return err
	}
	if p.Lock.Espgen != version() || canRender(p) != nil || len(p.Lock.Twice) > 0 {
		return p.LostError()
	}
	set, forgotten := setOf(p.Lock.Values)
	source := lockSource(lib, p)
	missing := slices.Concat(forgotten, source.withheld, source.parse(set, publicFields(lib)).Absent())
	r, err := source.render(cmd.Context(), p, set, missing)
	if err != nil {
		return p.LostError()
	}
	p.Refill(slices.DeleteFunc(r.files, func(f generator.File) bool { // no spec gives what a course has added
		return p.Lock.CourseExercise != "" && slices.Contains(course.AddedFiles, f.Path)
	}))
	return p.LostError()
}

// canRender returns nil where this espgen may render the project anew.
func canRender(p *project.Project) error {
	if was := p.Lock.Espgen; project.Newer(was, version()) {
		return &hintError{
			fmt.Errorf("%s was generated by espgen %s, and this is the older espgen %s", p.Dir(), was, version()),
			"take espgen " + was + " or a later one: this one would undo what that has done",
		}
	}
	if p.Lock.Role == "" && p.Lock.CourseExercise != "" {
		return &hintError{
			fmt.Errorf("%s is cut out of a C project, which is not at hand", p.Dir()),
			"corrections come from the instructor: `espgen course build --update`",
		}
	}
	return nil
}

// withCourse returns the files that a spec gives for a project. Those that a
// course has added to a hand-out, the task and the checks, stay as they were
// handed out.
func withCourse(p *project.Project, files []generator.File) []generator.File {
	if p.Lock.CourseExercise == "" {
		return files
	}
	for _, name := range course.AddedFiles {
		text, err := p.Pristine(name)
		if err != nil || text == "" {
			continue // it was not handed out
		}
		i := slices.IndexFunc(files, func(f generator.File) bool { return f.Path == name })
		if i < 0 {
			files, i = append(files, generator.File{Path: name, Mode: 0o644}), len(files)
		}
		files[i].Data, files[i].Public = []byte(text), nil
	}
	return files
}

// renew renders the project anew, from its spec and with the --set of the
// lock.
func (o *projectFlags) renew(cmd *cobra.Command, p *project.Project) (*loadedSpec, project.Now, error) {
	var now project.Now
	if err := canRender(p); err != nil {
		return nil, now, err
	}
	set, forgotten, err := o.mergeSet(p)
	if err != nil {
		return nil, now, err
	}
	source, err := o.source(cmd, p)
	if err != nil {
		return nil, now, err
	}
	first := source.parse(set, publicFields(source.lib))
	withheld := slices.DeleteFunc(source.withheld, func(path string) bool { return gives(set, path) })
	missing := slices.Concat(forgotten, withheld, first.Absent())
	r, err := source.render(cmd.Context(), p, set, missing)
	if err != nil {
		return nil, now, err
	}
	now.Files = withCourse(p, r.files)
	now.Was = earlier(p, now)
	if len(missing) > 0 {
		now.Unknown = source.whyUnknown(r.role, set, forgotten, withheld)
	}
	now.Origin = r.origin(first, func() *spec.File { return source.parse(nil, publicFields(source.lib)) }, p.Dir())
	now.Origin.Spec = source.path
	now.Origin.Exercise, now.Origin.CourseExercise, now.Origin.Student = p.Lock.Exercise, p.Lock.CourseExercise, p.Lock.Student
	for i, v := range now.Origin.Values { // what was hidden stays so
		if slices.Contains(forgotten, v.Path) || slices.Contains(withheld, v.Path) {
			was := slices.IndexFunc(p.Lock.Values, func(w project.Value) bool { return w.Path == v.Path })
			now.Origin.Values[i] = p.Lock.Values[was]
			if slices.Contains(o.unset, v.Path) {
				now.Origin.Values[i] = project.Value{Path: v.Path, Hidden: true}
			}
		}
	}
	return &r.loadedSpec, now, nil
}

// render renders the spec. Secrets that are missing are taken for the stand-ins
// that give most of what the project was generated as.
func (s specSource) render(ctx context.Context, p *project.Project, set, missing []string) (rendering, error) {
	with := func(value string) []string {
		all := slices.Clone(set)
		for _, path := range missing {
			all = append(all, path+"="+value)
		}
		return all
	}
	best, err := s.renderAnew(ctx, p, s.parse(with(standIns[0]), nil))
	if len(missing) == 0 {
		return best, err
	}
	for _, value := range standIns[1:] {
		if other, otherErr := s.renderAnew(ctx, p, s.parse(with(value), nil)); otherErr == nil && (err != nil || p.Resembles(other.files, best.files)) {
			best, err = other, nil
		}
	}
	return best, err
}

// whyUnknown is the error where a file cannot do without a secret.
func (s specSource) whyUnknown(role role.Role, set, forgotten, withheld []string) error {
	switch {
	case len(forgotten) > 0:
		return &usageError{forgotten[0] + " was given by --set, and espgen keeps no secrets", "give it again: --set " + forgotten[0] + "=..."}
	case len(withheld) > 0:
		return &usageError{project.LockFile + " does not hold " + withheld[0] + ", which is a secret", "give it: --set " + withheld[0] + "=..., or name the spec with -f FILE"}
	}
	_, err := rules.CheckFile(s.parse(set, nil), role)
	return err
}

// renderAnew renders a spec with the role that it names, or else the lock.
func (s specSource) renderAnew(ctx context.Context, p *project.Project, parsed *spec.File) (r rendering, err error) {
	var role role.Role
	if parsed.Role() != "" {
		role, err = namedRole(s.lib, parsed)
	} else {
		role, err = findRole(s.lib, p.Lock.Role)
	}
	if err != nil {
		return r, err
	}
	r, err = renderSpec(ctx, s.lib, parsed, role, p.Lock.Exercise)
	if unknown, ok := errors.AsType[*exercise.UnknownError](err); ok {
		return r, &hintError{
			fmt.Errorf("%s is an exercise, and what would be written now cannot leave out what is to be solved: %w", p.Dir(), unknown),
			unknown.Hint() + "; take the spec, the style and the templates that the exercise was made with",
		}
	}
	return r, err
}

// gives reports whether one of the pairs of --set is of that path.
func gives(pairs []string, path string) bool {
	return slices.ContainsFunc(pairs, func(pair string) bool { return strings.HasPrefix(pair, path+"=") })
}

// mergeSet returns the pairs of the lock and those that are given now, without
// those that are unset, and the paths of those that the lock has no value of,
// and that are not given.
func (o *projectFlags) mergeSet(p *project.Project) (pairs, forgotten []string, err error) {
	locked, lost := setOf(p.Lock.Values)
	for _, path := range o.unset {
		if !gives(locked, path) && !slices.Contains(lost, path) {
			return nil, nil, unsetError(path, p.Lock.Values)
		}
	}
	for _, pair := range locked {
		if path, _, _ := strings.Cut(pair, "="); !slices.Contains(o.unset, path) {
			pairs = append(pairs, pair)
		}
	}
	for _, path := range lost {
		if !gives(o.set, path) && !slices.Contains(o.unset, path) {
			forgotten = append(forgotten, path)
		}
	}
	return append(pairs, o.set...), forgotten, nil
}

// unsetError is the error of a path that --set did not give.
func unsetError(path string, values []project.Value) error {
	var set []string
	for _, v := range values {
		if v.Set {
			set = append(set, v.Path)
		}
	}
	hint := project.LockFile + " holds no --set"
	if len(set) > 0 {
		hint = field.Suggest(path, set)
	}
	return &usageError{fmt.Sprintf("--unset: %q was not given by --set", path), hint}
}
