package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/espgen/espgen/project"
)

func newCheckCmd() *cobra.Command {
	var o projectFlags
	cmd := &cobra.Command{
		Use:   "check [DIR]",
		Short: "Tell whether a project is exactly what its spec and this espgen give",
		Long: `Tell whether a project is exactly what its spec and this espgen give, but for the
files that are yours. Then it says nothing, and the exit status is 0. Else the
exit status is 4, and there is a line for each file that is

  stale    not edited, but the spec or espgen gives another one now
  edited   not as it was generated
  missing  deleted, or not yet there
  extra    there, though the spec gives it no longer

espgen.lock is stale where the project was made from another spec or by another
espgen. A file that holds a secret may be missing, since git does not carry it.`,
		Example: "  espgen check\n  espgen check tcp_server --format json",
		RunE:    func(cmd *cobra.Command, args []string) error { return runCheck(cmd, o, dirOf(args)) },
	}
	o.add(cmd)
	return cmd
}

func runCheck(cmd *cobra.Command, o projectFlags, dir string) error {
	if err := o.check(); err != nil {
		return err
	}
	faults, err := o.faults(cmd, dir)
	if o.json() {
		err = printResult(cmd.OutOrStdout(), struct {
			Files  []project.Fault `json:"files"`
			Issues []jsonIssue     `json:"issues"`
		}{append([]project.Fault{}, faults...), jsonIssues(issuesOf(err))}, err)
	} else if err == nil {
		err = printFaults(cmd.OutOrStdout(), faults)
	}
	if err == nil && len(faults) > 0 {
		return &reportedError{exitStale}
	}
	return err
}

func (o *projectFlags) faults(cmd *cobra.Command, dir string) ([]project.Fault, error) {
	p, err := openProject(cmd, dir)
	if err != nil {
		return nil, err
	}
	defer p.Close()
	_, now, err := o.renew(cmd.InOrStdin(), p)
	if err != nil {
		return nil, err
	}
	now.Origin.Spec.Path = p.Lock.Spec.Path // where the spec is changes nothing
	faults, err := p.Check(now)
	return faults, projectError(dir, err)
}

func printFaults(out io.Writer, faults []project.Fault) error {
	var b strings.Builder
	for _, f := range faults {
		fmt.Fprintf(&b, "%-7s  %s", f.State, f.Path)
		if f.Note != "" {
			fmt.Fprintf(&b, ": %s", f.Note)
		}
		b.WriteByte('\n')
	}
	return printText(out, b.String())
}
