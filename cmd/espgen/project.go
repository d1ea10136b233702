package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/espgen/espgen/generator"
	"github.com/espgen/espgen/generator/spec"
	"github.com/espgen/espgen/plainfile"
	"github.com/espgen/espgen/project"
	"github.com/espgen/espgen/templates"
)

// projectFlags are the flags of the commands that render a project anew.
type projectFlags struct {
	specFlags
	file string
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
	return p, projectError(dir, err)
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
// Kconfig holds, one that it does not hold, and none. Only files that are not
// looked at then show it, but its kind shows in others.
var standIns = []string{"not known", `not "known"`, ""}

// renew renders the project anew, from its spec and with the --set of the
// lock.
func (o *projectFlags) renew(in io.Reader, p *project.Project) (*spec.Spec, project.Now, error) {
	var now project.Now
	if was := p.Lock.Espgen; project.Newer(was, version()) {
		return nil, now, &hintError{
			fmt.Errorf("%s was generated by espgen %s, and this is the older espgen %s", p.Dir(), was, version()),
			"take espgen " + was + " or a later one: this one would undo what that has done",
		}
	}
	file := o.file
	if file == "" {
		file = p.SpecFile()
	}
	if file == "" {
		return nil, now, &usageError{"the project's spec came from standard input", "name a spec with -f FILE"}
	}
	data, err := readSpec(in, file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, now, &hintError{errors.Unwrap(err), "name the project's spec with -f FILE"}
	}
	if err != nil {
		return nil, now, err
	}
	set, forgotten := mergeSet(p.Lock.Spec.Set, o.set)
	first := parseSpec(file, data, set, publicFields())
	missing := append(slices.Clone(forgotten), first.Absent()...)
	now.SecretsUnknown = len(missing) > 0
	given := func(value string) []string {
		all := slices.Clone(set)
		for _, path := range missing {
			all = append(all, path+"="+value)
		}
		return all
	}
	role, s, files, err := renderAnew(p, parseSpec(file, data, given(standIns[0]), nil))
	for _, value := range standIns[1:] {
		if !now.SecretsUnknown {
			break
		}
		_, other, otherFiles, otherErr := renderAnew(p, parseSpec(file, data, given(value), nil))
		if otherErr == nil && (err != nil || p.Resembles(otherFiles, files)) {
			s, files, err = other, otherFiles, nil
		}
	}
	if err != nil {
		return nil, now, err
	}
	now.Files, now.Was = files, earlier(p, files)
	if now.SecretsUnknown && !slices.ContainsFunc(now.Files, generator.File.Secret) {
		// The secret is in a file among others.
		if len(forgotten) > 0 {
			return nil, now, &usageError{fmt.Sprintf("%s was given by --set, which is not kept of a secret", forgotten[0]), "give it again: --set " + forgotten[0] + "=..."}
		}
		_, err := parseSpec(file, data, set, nil).Check(role)
		return nil, now, err
	}
	now.Origin = project.Origin{Espgen: version(), Role: role.Name, Style: *s.Style, Spec: project.Spec{Sum: s.Sum(), Set: publicSet(slices.Concat(p.Lock.Spec.Set, o.set))}}
	if file != "-" {
		now.Origin.Spec.Path = p.Lock.Spec.Path
		if o.file != "" {
			now.Origin.Spec.Path = project.SpecPath(p.Dir(), file)
		}
	}
	return s, now, nil
}

// renderAnew renders a spec with the role that it names, or else the lock.
func renderAnew(p *project.Project, parsed *spec.File) (role spec.Role, s *spec.Spec, files []generator.File, err error) {
	if parsed.Role() != "" {
		role, err = namedRole(parsed)
	} else {
		role, err = loadRole(p.Lock.Role)
	}
	if err != nil {
		return role, nil, nil, err
	}
	if s, err = parsed.Check(role); err != nil {
		return role, nil, nil, err
	}
	files, err = generator.RenderChecked(templates.FS, role, s)
	return role, s, files, err
}

// publicFields lists the fields that are no secrets.
func publicFields() []string {
	var list []string
	for _, f := range spec.Fields() {
		if !f.Secret {
			list = append(list, f.Path)
		}
	}
	return list
}

// publicSet returns the pairs of --set as the lock has them, the last of each
// path: those of secret fields without the value. That one is empty is no
// secret, since the auth mode shows it.
func publicSet(pairs []string) []string {
	var list []string
	for _, pair := range pairs {
		path, value, _ := strings.Cut(pair, "=")
		if f, ok := spec.FieldAt(path); ok && f.Secret && value != "" {
			pair = path
		}
		list = slices.DeleteFunc(list, func(earlier string) bool {
			other, _, _ := strings.Cut(earlier, "=")
			return other == path
		})
		list = append(list, pair)
	}
	return list
}

// mergeSet returns the pairs of the lock and those that are given now, and the
// paths of those that the lock has no value of, and that are not given.
func mergeSet(locked, given []string) (pairs, forgotten []string) {
	for _, pair := range locked {
		switch {
		case strings.Contains(pair, "="):
			pairs = append(pairs, pair)
		case !slices.ContainsFunc(given, func(g string) bool { return strings.HasPrefix(g, pair+"=") }):
			forgotten = append(forgotten, pair)
		}
	}
	return append(pairs, given...), forgotten
}
