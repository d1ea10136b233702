package project

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// Uncommitted lists what in the project differs from git's last commit, as
// `git status --short` does. It is empty outside of a git work tree, and where
// there is no git. The spec, which may be in the project, does not count.
func (p *Project) Uncommitted(ctx context.Context, spec string) ([]string, error) {
	said, err := p.git(ctx, "rev-parse", "--is-inside-work-tree")
	switch {
	case errors.Is(err, exec.ErrNotFound), err != nil && strings.Contains(err.Error(), "not a git repository"), err == nil && strings.TrimSpace(said) != "true":
		return nil, nil
	case err != nil:
		return nil, err
	}
	filters, err := p.filters(ctx)
	if err != nil {
		return nil, err
	}
	args := slices.Concat(filters, []string{"status", "--short", "--no-branch", "--untracked-files=normal", "--ignore-submodules=all", "--", "."})
	if rel, err := relative(p.dir, spec); err == nil && filepath.IsLocal(rel) {
		args = append(args, ":(exclude,literal)"+filepath.ToSlash(rel))
	}
	if said, err = p.git(ctx, args...); err != nil {
		return nil, err
	}
	var list []string
	for line := range strings.Lines(said) {
		list = append(list, strings.TrimRight(line, "\r\n"))
	}
	return list, nil
}

// nothing is an environment variable that is empty.
const nothing = "ESPGEN_NOTHING"

// filters returns arguments that turn off the programs which the repository's
// own configuration has git filter files with. The user's own filters, of
// ~/.gitconfig, stay.
func (p *Project) filters(ctx context.Context) ([]string, error) {
	var off []string
	for _, scope := range []string{"--local", "--worktree"} {
		said, err := p.git(ctx, "config", scope, "--includes", "--name-only", "--null", "--list")
		if err != nil && scope == "--local" {
			return nil, err
		}
		for key := range strings.SplitSeq(said, "\x00") {
			if strings.HasPrefix(key, "filter.") {
				off = append(off, "--config-env="+key+"="+nothing) // the key may hold a =, which -c would take for its own
			}
		}
	}
	return off, nil
}

// git runs git on the project. The project may come from somebody else, with a
// repository whose configuration names programs: none of them is run, nothing
// is fetched, and nothing written.
func (p *Project) git(ctx context.Context, args ...string) (string, error) {
	return git(ctx, p.dir, args...)
}

func git(ctx context.Context, dir string, args ...string) (string, error) {
	const name = "git"
	safe := []string{"--no-optional-locks", "--no-pager"}
	for _, setting := range []string{"core.quotePath=false", "core.fsmonitor=false", "core.hooksPath=" + os.DevNull, "protocol.allow=never", "core.sshCommand=false"} {
		safe = append(safe, "-c", setting)
	}
	cmd := exec.CommandContext(ctx, name, append(safe, args...)...)
	cmd.Dir = dir
	cmd.Env = append(cmd.Environ(), "LC_ALL=C", nothing+"=", "GIT_NO_LAZY_FETCH=1", "GIT_ALLOW_PROTOCOL=", "GIT_TERMINAL_PROMPT=0")
	var said strings.Builder // warnings, too, so it is no part of the answer
	cmd.Stderr = &said
	out, err := cmd.Output()
	if err != nil {
		err = fmt.Errorf("%s %s: %w: %s", name, command(args), err, strings.TrimSpace(said.String()))
	}
	return string(out), err
}

// Exposed returns those of the files that exist, are in a git work tree, and
// are not ignored there: git would commit them. Where git cannot tell, or there
// is none, they are left out.
func Exposed(ctx context.Context, files []string) []string {
	const most = 5 * time.Second
	ctx, cancel := context.WithTimeout(ctx, most)
	defer cancel()
	var list []string
	for _, file := range files {
		dir, err := physical(filepath.Dir(file))
		if _, missing := os.Lstat(file); errors.Join(err, missing) != nil || !inRepository(dir) {
			continue
		}
		_, err = git(ctx, dir, "check-ignore", "--quiet", "--", filepath.Base(file))
		if exit, ok := errors.AsType[*exec.ExitError](err); ok && exit.ExitCode() == 1 {
			list = append(list, file)
		}
	}
	return list
}

// inRepository reports whether a folder, or one above it, has a repository.
func inRepository(dir string) bool {
	for {
		if _, err := os.Lstat(filepath.Join(dir, ".git")); err == nil {
			return true
		}
		if dir == filepath.Dir(dir) {
			return false
		}
		dir = filepath.Dir(dir)
	}
}

// command is git's command among arguments.
func command(args []string) string {
	for _, arg := range args {
		if !strings.HasPrefix(arg, "-") {
			return arg
		}
	}
	return ""
}

// relative is the path of file from dir, with all links followed.
func relative(dir, file string) (string, error) {
	from, err := physical(dir)
	if err != nil {
		return "", err
	}
	to, err := physical(file)
	if err != nil {
		return "", err
	}
	return filepath.Rel(from, to)
}

// physical is the absolute path of a file, with the links followed of what of
// it exists.
func physical(file string) (string, error) {
	abs, err := filepath.Abs(file)
	if err != nil {
		return "", err
	}
	if followed, err := filepath.EvalSymlinks(abs); err == nil || abs == filepath.Dir(abs) {
		return followed, err
	}
	parent, err := physical(filepath.Dir(abs))
	return filepath.Join(parent, filepath.Base(abs)), err
}

// specName is the name of a spec that lies in the project.
const specName = "espgen.yaml"

// SpecPath is how the lock of a project in dir names the spec in file: by the
// path from there. It is "" where that would tell the name of somebody's home
// Folder, or where there is no such path.
func SpecPath(dir, file string) string {
	rel, err := relative(dir, file)
	if err != nil { // on another drive
		return ""
	}
	from, err1 := physical(dir)
	to, err2 := physical(file)
	if home := homeOf(to); errors.Join(err1, err2) == nil && home != "" && !within(home, from) {
		return ""
	}
	return filepath.ToSlash(rel)
}

// homeOf is the home folder that a file is in, "" for none.
func homeOf(file string) string {
	if home, err := os.UserHomeDir(); err == nil {
		if home, err = physical(home); err == nil && within(home, file) {
			return home
		}
	}
	for dir := file; dir != filepath.Dir(dir); dir = filepath.Dir(dir) {
		if parent := filepath.Base(filepath.Dir(dir)); dir != file && (parent == "home" || parent == "Users") {
			return dir
		}
	}
	return ""
}

// within reports whether a path is in dir. "/" is nobody's home.
func within(dir, path string) bool {
	rel, err := filepath.Rel(dir, path)
	return err == nil && filepath.IsLocal(rel) && dir != filepath.Dir(dir)
}

// SpecFile is the file that the lock names as the spec. Where it names none, it
// is the one in the project, and "" where there is none either.
func (p *Project) SpecFile() string {
	name := filepath.FromSlash(p.Lock.Spec)
	switch {
	case name == "":
		if isMissing(p.root, specName) {
			return ""
		}
		name = specName
	case filepath.IsAbs(name): // of a lock before version 3
		return name
	}
	dir := p.dir
	if followed, err := filepath.EvalSymlinks(dir); err == nil {
		dir = followed
	}
	return filepath.Join(dir, name)
}
