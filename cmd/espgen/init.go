package main

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/espgen/espgen/generator/spec"
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
			return runInit(cmd.OutOrStdout(), args[0], style, file)
		},
	}
	cmd.Flags().StringVar(&style, "style", "guide", "the `STYLE` of the code that the spec asks for")
	must(cmd.RegisterFlagCompletionFunc("style", completeStyles))
	cmd.Flags().StringVarP(&file, "output", "o", "-", "write to a new `FILE`; - for standard output")
	must(cmd.MarkFlagFilename("output", "yaml", "yml"))
	return cmd
}

func runInit(out io.Writer, roleName, style, file string) error {
	role, err := loadRole(roleName)
	if err != nil {
		return err
	}
	if _, ok := role.Styles[style]; !ok {
		return &usageError{fmt.Sprintf("%s has no style %q", role.Name, style), spec.Suggest(style, role.StyleNames())}
	}
	text := spec.Starter(role, style)
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
	_, err = fmt.Fprintf(out, "wrote %s\nnext:\n  espgen new %s -f %s\n", file, role.Name, shellQuote(file))
	return err
}

// completeStyles completes --style with the styles of the role.
func completeStyles(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	if len(args) == 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	role, err := loadRole(args[0])
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
