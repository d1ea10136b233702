package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/espgen/espgen/generator"
	"github.com/espgen/espgen/generator/spec"
	"github.com/espgen/espgen/project"
)

type newOptions struct {
	specFlags
	role   string
	file   string
	dir    string
	dryRun bool
}

func newNewCmd() *cobra.Command {
	var o newOptions
	cmd := &cobra.Command{
		Use:   "new ROLE -f FILE",
		Short: "Write the project that a spec describes",
		Long: `Write the project that a spec describes: all of its files, or none. A folder
that is not empty is refused, unless it holds only the spec and its secrets.yaml.`,
		Example: `  espgen new tcp-server -f spec.yaml
  espgen new tcp-client -f spec.yaml -o lab3 --set server.addr=192.168.1.20
  espgen new tcp-server -f - -o - <spec.yaml | tar -t`,
		Args:              arguments(cobra.ExactArgs(1)),
		ValidArgsFunction: completeRoles,
		RunE: func(cmd *cobra.Command, args []string) error {
			o.role = args[0]
			return runNew(cmd, o)
		},
	}
	cmd.Flags().StringVarP(&o.file, "file", "f", "", "the spec's `FILE`; - for standard input")
	cmd.Flags().StringVarP(&o.dir, "output", "o", "", "the project's `DIR`, - for a tar on standard output (default the project's name)")
	cmd.Flags().BoolVar(&o.dryRun, "dry-run", false, "print what would be written, and write nothing")
	o.add(cmd)
	must(cmd.MarkFlagFilename("file", "yaml", "yml"))
	must(cmd.MarkFlagDirname("output"))
	return cmd
}

func runNew(cmd *cobra.Command, o newOptions) error {
	if err := o.check(); err != nil {
		return err
	}
	loaded, files, err := o.render(cmd)
	if err == nil {
		slices.SortFunc(files, func(a, b generator.File) int { return strings.Compare(a.Path, b.Path) })
		if o.dir == "" {
			o.dir = *loaded.spec.Project
		}
		err = o.write(cmd.Context(), cmd.OutOrStdout(), files, *loaded.spec.Project)
	}
	if err == nil && !o.dryRun && o.dir != "-" {
		warnExposed(cmd, o.dir, o.file, secretPaths(files))
	}
	if o.json() {
		return o.printJSON(cmd.OutOrStdout(), files, err)
	}
	if err != nil {
		return err
	}
	out := cmd.OutOrStdout()
	if o.writesTar() {
		out = cmd.ErrOrStderr()
	}
	return o.printSummary(out, loaded, files)
}

// writesTar reports whether standard output is taken by the project's tar.
func (o newOptions) writesTar() bool { return o.dir == "-" && !o.dryRun }

func (o newOptions) render(cmd *cobra.Command) (*loadedSpec, []generator.File, error) {
	if o.file == "" || o.role == "" {
		lib, err := openLibrary(cmd)
		if err != nil {
			return nil, nil, err
		}
		role, err := findRole(lib, o.role)
		if err != nil {
			return nil, nil, err
		}
		return nil, nil, &usageError{"no spec is given", fmt.Sprintf("add -f FILE; `espgen init %s` prints a spec to start from", role.Name)}
	}
	data, err := readSpec(cmd.InOrStdin(), o.file)
	if err != nil {
		return nil, nil, o.roleFirst(cmd, err)
	}
	lib, err := openLibraryFor(cmd, o.file, data)
	if err != nil {
		return nil, nil, err
	}
	role, err := findRole(lib, o.role)
	if err != nil {
		return nil, nil, err
	}
	parsed := parseSpec(lib, o.file, data, o.set, nil, o.role)
	r, err := renderSpec(cmd.Context(), lib, parsed, role, nil)
	if err != nil {
		return nil, nil, err
	}
	dir := o.dir
	if dir == "" || dir == "-" {
		dir = *r.spec.Project
	}
	origin := r.origin(parsed, func() *spec.File { return parseSpec(lib, o.file, data, nil, nil, o.role) }, dir)
	if o.file != "-" {
		origin.Spec = project.SpecPath(dir, o.file)
	}
	return &r.loadedSpec, append(project.Records(origin, r.files), r.files...), nil
}

// roleFirst tells of an unknown role in place of a spec that cannot be read.
func (o newOptions) roleFirst(cmd *cobra.Command, err error) error {
	if _, isIssues := errors.AsType[spec.Issues](err); isIssues {
		return err
	}
	if lib, libErr := openLibrary(cmd); libErr == nil {
		if _, roleErr := findRole(lib, o.role); roleErr != nil {
			return roleErr
		}
	}
	return err
}

// write puts the files where they belong, or looks whether it could. Ctrl-C
// ends it with nothing written.
func (o newOptions) write(ctx context.Context, out io.Writer, files []generator.File, name string) error {
	switch {
	case o.writesTar():
		return generator.WriteTar(out, name, files)
	case o.dir == "-":
		return nil
	case o.dryRun:
		return writeError(generator.CheckDir(o.dir, files, o.inside()...), o.dir)
	}
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM)
	defer stop()
	return writeError(generator.Write(ctx, o.dir, files, o.inside()...), o.dir)
}

// inside names what may be in the project's folder: the spec, and its secrets.
func (o newOptions) inside() []string {
	dir, err1 := os.Stat(o.dir)
	of, err2 := os.Stat(filepath.Dir(o.file))
	if o.file == "-" || err1 != nil || err2 != nil || !os.SameFile(dir, of) {
		return nil
	}
	return []string{filepath.Base(o.file), secretsName}
}

// writeError adds to an error of writing a project what to do about it.
func writeError(err error, dir string) error {
	switch {
	case errors.Is(err, generator.ErrNotEmpty) && isProject(dir):
		return &hintError{
			fmt.Errorf("%s is a project already", dir),
			"`espgen update " + shellQuote(dir) + "` brings it up to its spec; a new project needs another folder: -o DIR",
		}
	case errors.Is(err, generator.ErrNotEmpty):
		return &hintError{err, "name another folder with -o DIR, or empty this one"}
	case errors.Is(err, context.Canceled):
		return errors.New("interrupted: nothing was written")
	case errors.Is(err, errDiskFull):
		return &hintError{err, "nothing was written: free some space, or name another folder with -o DIR"}
	case errors.Is(err, fs.ErrPermission), errors.Is(err, syscall.EROFS), errors.Is(err, syscall.ENOTDIR), errors.Is(err, fs.ErrNotExist):
		return &hintError{err, "name a folder that you may write to with -o DIR"}
	}
	return err
}

func (o newOptions) printSummary(out io.Writer, loaded *loadedSpec, files []generator.File) error {
	var b strings.Builder
	done := "wrote"
	if o.dryRun {
		done = "would write"
	}
	fmt.Fprintf(&b, "%s %s (%s):\n", done, o.dir, describe(loaded.lib, loaded.spec))
	for _, path := range shortList(files) {
		fmt.Fprintf(&b, "  %s\n", path)
	}
	if !o.dryRun && o.dir != "-" {
		run, cd := "  espgen run\n", ""
		if filepath.Clean(o.dir) != "." {
			dir := shellQuote(o.dir)
			run, cd = "  espgen run "+dir+"\n", "  cd "+dir+"\n"
		}
		b.WriteString("next, without a board:\n" + run + "next, with a board:\n" + cd + "  idf.py build flash monitor\n")
	}
	return printText(out, b.String())
}

// secretPaths lists the files that hold secrets.
func secretPaths(files []generator.File) []string {
	var list []string
	for _, f := range files {
		if f.Secret() {
			list = append(list, f.Path)
		}
	}
	return list
}

// shortList lists the files for a person, to whom all of espgen's own are one.
func shortList(files []generator.File) []string {
	var list []string
	for _, f := range files {
		path := f.Path
		if top, _, _ := strings.Cut(path, "/"); top == project.Folder {
			path = top + "/"
		}
		if !slices.Contains(list, path) {
			list = append(list, path)
		}
	}
	return list
}

// printJSON prints one object: the problems, or what was written.
func (o newOptions) printJSON(out io.Writer, files []generator.File, err error) error {
	if o.writesTar() && err == nil {
		return nil // standard output is taken
	}
	result := struct {
		Dir    string      `json:"dir,omitempty"`
		DryRun bool        `json:"dry_run,omitempty"`
		Files  []string    `json:"files,omitempty"`
		Issues []jsonIssue `json:"issues"`
	}{Issues: jsonIssues(issuesOf(err))}
	if err == nil {
		result.Dir, result.DryRun = o.dir, o.dryRun
		for _, f := range files {
			result.Files = append(result.Files, f.Path)
		}
	}
	if err := writeJSON(out, result); err != nil {
		return err
	}
	if err != nil {
		return reported(exitCode(err))
	}
	return nil
}
