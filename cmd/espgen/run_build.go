package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/spf13/cobra"

	"github.com/espgen/espgen/hostsdk"
	"github.com/espgen/espgen/project"
)

// sayOverrides tells of the values that the program gets from sdkconfig, and the
// project's own files do not give.
func sayOverrides(ctx context.Context, cmd *cobra.Command, dir string) {
	var was map[string][]string
	if p, _, err := project.Open(ctx, dir, sayWaiting(cmd, dir)); err == nil { // else it is none of espgen's
		was = p.Lock.Was
		p.Close()
	}
	found, err := findOverrides(dir, hostsdk.Folder(dir), was)
	if err != nil {
		return // the build tells
	}
	found.print(cmd.ErrOrStderr(), "espgen: ")
	if len(found.stale) > 0 && isProject(dir) {
		fmt.Fprintf(cmd.ErrOrStderr(), "\thint: `espgen update %s --sdkconfig` brings the former defaults up to date\n", printable(shellQuote(dir)))
	}
}

// buildError says what to do about a project that cannot be built.
func buildError(err error, dir string) error {
	_, compile := errors.AsType[*hostsdk.CompileError](err)
	_, missing := errors.AsType[*hostsdk.MissingError](err)
	_, header := errors.AsType[*hostsdk.HeaderError](err)
	_, wrong := errors.AsType[*hostsdk.ProjectError](err)
	err = withHint(err, dir)
	if compile || missing || header || wrong {
		return &statusError{err, exitBuild}
	}
	return err
}

// build builds the project, with the sanitizers where the compiler has them.
func (o *runOptions) build(ctx context.Context, cmd *cobra.Command, dir string) (program string, err error) {
	options := hostsdk.BuildOptions{CC: o.cc}
	if o.sanitize {
		if options.Sanitize, err = hostsdk.CanSanitize(ctx, options); err != nil {
			return "", err
		}
	}
	if o.sanitize && !options.Sanitize {
		const lacks, hint = "the C compiler has no sanitizers", "install them: apt install libclang-rt-dev for clang, dnf install libasan libubsan for gcc"
		if cmd.Flags().Changed("sanitize") {
			return "", &hintError{errors.New(lacks), hint + "; or leave out --sanitize"}
		}
		fmt.Fprintf(cmd.ErrOrStderr(), "espgen: %s, so memory errors are not found; %s\n", lacks, hint)
	}
	program, warned, err := hostsdk.Build(ctx, dir, options)
	return program, joinErrors(err, printText(cmd.ErrOrStderr(), warned))
}

// withHint says what to do about an error of a build.
func withHint(err error, dir string) error {
	missing, ok := errors.AsType[*hostsdk.MissingError](err)
	noMain := ok && slices.Contains(missing.Functions, "app_main")
	_, statErr := os.Lstat(filepath.Join(dir, "main", "main.c"))
	wrong, ok := errors.AsType[*hostsdk.ProjectError](err)
	noMain = noMain || errors.Is(err, hostsdk.ErrNoSources) || ok && wrong.File == "main/main.c"
	hinted, ok := errors.AsType[hinter](err)
	switch {
	case noMain && isProject(dir) && errors.Is(statErr, fs.ErrNotExist):
		return &hintError{fmt.Errorf("%s has no main/main.c", dir), "`espgen update " + shellQuote(dir) + " --restore main/main.c` brings it back"}
	case errors.Is(err, hostsdk.ErrNoSources):
		return &hintError{err, "name the folder of a project; `espgen new ROLE -f FILE` makes one"}
	case errors.Is(err, hostsdk.ErrNoCompiler):
		return &hintError{err, "install one: apt install gcc"}
	case errors.Is(err, hostsdk.ErrNoCXX):
		return &hintError{err, "install one: apt install g++, or apt install clang for --cc clang"}
	case ok && hinted.Hint() != "":
		return &hintError{err, hinted.Hint()}
	}
	return err
}

// A hinter is an error that knows what to do about it.
type hinter interface {
	error
	Hint() string
}
