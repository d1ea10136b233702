package project

import (
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
)

// Uncommitted lists what in the project differs from git's last commit, as
// `git status --short` does. It is empty outside of a git work tree, and where
// there is no git. The spec, which may be in the project, does not count.
func (p *Project) Uncommitted(spec string) ([]string, error) {
	said, err := p.git("rev-parse", "--is-inside-work-tree")
	switch {
	case errors.Is(err, exec.ErrNotFound), err != nil && strings.Contains(err.Error(), "not a git repository"), err == nil && strings.TrimSpace(said) != "true":
		return nil, nil
	case err != nil:
		return nil, err
	}
	args := []string{"status", "--short", "--no-branch", "--untracked-files=normal", "--", "."}
	if rel, err := relative(p.dir, spec); err == nil && filepath.IsLocal(rel) {
		args = append(args, ":(exclude,literal)"+filepath.ToSlash(rel))
	}
	if said, err = p.git(args...); err != nil {
		return nil, err
	}
	var list []string
	for line := range strings.Lines(said) {
		list = append(list, strings.TrimRight(line, "\r\n"))
	}
	return list, nil
}

func (p *Project) git(args ...string) (string, error) {
	cmd := exec.Command("git", append([]string{"-c", "core.quotePath=false"}, args...)...)
	cmd.Dir = p.dir
	cmd.Env = append(cmd.Environ(), "LC_ALL=C")
	var said strings.Builder // warnings, too, so it is no part of the answer
	cmd.Stderr = &said
	out, err := cmd.Output()
	if err != nil {
		err = fmt.Errorf("git %s: %w: %s", args[0], err, strings.TrimSpace(said.String()))
	}
	return string(out), err
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

// SpecPath is how the lock of a project in dir names the spec in file.
func SpecPath(dir, file string) string {
	rel, err := relative(dir, file)
	if err != nil { // on another drive
		if rel, err = filepath.Abs(file); err != nil {
			rel = file
		}
	}
	return filepath.ToSlash(rel)
}

// SpecFile is the file that the lock names as the spec, "" where it names
// none.
func (p *Project) SpecFile() string {
	name := filepath.FromSlash(p.Lock.Spec.Path)
	if name == "" || filepath.IsAbs(name) {
		return name
	}
	dir := p.dir
	if followed, err := filepath.EvalSymlinks(dir); err == nil {
		dir = followed
	}
	return filepath.Join(dir, name)
}
