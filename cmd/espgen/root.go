package main

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/espgen/espgen/generator/field"
)

// streams are where a command reads and writes.
type streams struct {
	in  io.Reader
	out io.Writer // results
	err io.Writer // messages
}

// run executes a command line and returns its exit code. It prints the error,
// once.
func run(args []string, std streams) int {
	root := newRootCmd()
	root.SetArgs(args)
	root.SetIn(std.in)
	root.SetOut(std.out)
	root.SetErr(std.err)
	err := root.Execute()
	if err != nil {
		report(std.err, err)
	}
	return exitCode(err)
}

// A usageError is a command line that cannot be carried out.
type usageError struct {
	msg  string
	hint string
}

func (e *usageError) Error() string { return e.msg }

// A hintError is an error with a word on what to do about it.
type hintError struct {
	err  error
	hint string
}

func (e *hintError) Error() string { return e.err.Error() }
func (e *hintError) Unwrap() error { return e.err }

func newRootCmd() *cobra.Command {
	root := &cobra.Command{
		Use:   "espgen",
		Short: "Turn a short YAML spec into a complete ESP-IDF project",
		Long: `espgen turns a short YAML spec into a complete ESP-IDF project: a TCP server or
a TCP client on a Wi-Fi station, ready for idf.py build flash.

  espgen init tcp-server -o spec.yaml    a spec to start from
  espgen new tcp-server -f spec.yaml     the project
  espgen update tcp_server               the project again, with your edits, after a change of the spec

Exit status: 0 done, 1 a file that cannot be read or written, conflicts of an
update, or another failure, 2 a wrong command line, 3 an invalid spec, 4 a
project that espgen check finds not to be what its spec gives. espgen run and
espgen grade have others, too: see their --help.`,
		Args:          commandOnly,
		RunE:          func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
		Version:       versionText(),
		SilenceErrors: true,
		SilenceUsage:  true,
	}
	root.SetVersionTemplate("{{.Version}}")
	root.SetFlagErrorFunc(flagError)
	root.SetHelpCommand(newHelpCmd())
	root.AddCommand(newNewCmd(), newInitCmd(), newUpdateCmd(), newDiffCmd(), newCheckCmd(), newValidateCmd(), newRoleCmd(), newRolesCmd(), newExplainCmd(),
		newSchemaCmd(), newRenderTemplatesCmd(), newRunCmd(), newPeerCmd(), newCourseCmd(), newGradeCmd(), newVersionCmd(), newCompletionCmd())
	return root
}

// commandOnly refuses what is not the name of a command.
func commandOnly(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	return &usageError{fmt.Sprintf("unknown command %q", args[0]), field.Suggest(args[0], commandNames(cmd))}
}

func commandNames(parent *cobra.Command) []string {
	var names []string
	for _, c := range parent.Commands() {
		if c.IsAvailableCommand() {
			names = append(names, c.Name())
		}
	}
	return names
}
