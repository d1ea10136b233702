package main

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/espgen/espgen/generator/field"
	"github.com/espgen/espgen/generator/role"
)

func newInitCmd() *cobra.Command {
	var style, file string
	cmd := &cobra.Command{
		Use:               "init ROLE",
		Short:             "Print a commented spec to start from",
		Example:           "  espgen init tcp-server -o spec.yaml\n  espgen init tcp-client --style robust",
		Args:              arguments(cobra.ExactArgs(1)),
		ValidArgsFunction: completeRoles,
		RunE: func(cmd *cobra.Command, args []string) error {
			return runInit(cmd, args[0], style, file)
		},
	}
	cmd.Flags().StringVar(&style, "style", "", "the `STYLE` of the code that the spec asks for (default the role's)")
	must(cmd.RegisterFlagCompletionFunc("style", completeStyles))
	cmd.Flags().StringVarP(&file, "output", "o", "-", "write to a new `FILE`; - for standard output")
	must(cmd.MarkFlagFilename("output", "yaml", "yml"))
	addTemplates(cmd)
	return cmd
}

func runInit(cmd *cobra.Command, roleName, style, file string) error {
	out := cmd.OutOrStdout()
	lib, err := openLibrary(cmd)
	if err != nil {
		return err
	}
	r, err := findRole(lib, roleName)
	if err != nil {
		return err
	}
	if style == "" {
		style = r.DefaultStyle()
	}
	if _, ok := r.Styles[style]; !ok {
		return &usageError{fmt.Sprintf("%s has no style %q", r.Name, style), field.Suggest(style, r.StyleNames())}
	}
	text := role.Starter(r, style)
	if file == "-" {
		_, err := out.Write(text)
		return err
	}
	err = writeNew(file, text)
	if errors.Is(err, fs.ErrExist) {
		return &hintError{err, "name another file with -o FILE, or remove this one"}
	}
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrPermission) || errors.Is(err, syscall.ENOTDIR) {
		return &hintError{err, "name a file in a folder that exists and that you may write to"}
	}
	if err != nil {
		return err
	}
	next := ""
	if dir, _ := cmd.Flags().GetString("templates"); dir != "" {
		next = " --templates " + shellQuote(dir)
	}
	_, err = fmt.Fprintf(out, "wrote %s\nnext:\n  espgen new %s -f %s%s\n", file, r.Name, shellQuote(file), next)
	return err
}

// completeStyles completes --style with the styles of the role.
func completeStyles(cmd *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	if len(args) == 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	lib, err := openLibrary(cmd)
	if err != nil {
		return nil, cobra.ShellCompDirectiveError
	}
	role, err := findRole(lib, args[0])
	if err != nil {
		return nil, cobra.ShellCompDirectiveError
	}
	return role.StyleNames(), cobra.ShellCompDirectiveNoFileComp
}

// writeNew writes a file that must not be there yet: all of it, or nothing.
func writeNew(name string, data []byte) error {
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	closeErr := f.Close() // before the removal: Windows removes no open file
	if err := cmp.Or(err, closeErr); err != nil {
		os.Remove(name)
		return err
	}
	return nil
}
