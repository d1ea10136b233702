package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/espgen/espgen/project"
)

type checkOptions struct {
	projectFlags
	strict bool
}

func newCheckCmd() *cobra.Command {
	var o checkOptions
	cmd := &cobra.Command{
		Use:   "check [DIR]",
		Short: "Tell whether a project is what its spec and this espgen give",
		Long: `Tell whether a project is what its spec and this espgen give, for CI. Then the
exit status is 0. It is 4 where there is a file that is

  stale     another one by the spec or by espgen: update would change it
  missing   deleted, and no update has recorded that, or not yet there
  extra     there, though the spec gives it no longer
  conflict  marked with a conflict that is not resolved

There is a line for each of them, and for each one that is

  edited    your edit, which update leaves as it is

With --strict, an edit counts, too. What you do in the files that are yours is no
edit. espgen.lock is stale where the project was made from another spec or by
another espgen, or where git has merged two branches in another way than the spec
gives. Where the spec is not at hand, the values in espgen.lock count. A file that holds a secret may be missing, since git does not
carry it. sdkconfig, which wins over the project's defaults, is stale where it
still has former ones.`,
		Example: "  espgen check\n  espgen check tcp_server --strict --format json",
		RunE:    func(cmd *cobra.Command, args []string) error { return runCheck(cmd, o, dirOf(args)) },
	}
	o.add(cmd)
	cmd.Flags().BoolVar(&o.strict, "strict", false, "edits count, too")
	return cmd
}

func runCheck(cmd *cobra.Command, o checkOptions, dir string) error {
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
	if err == nil && slices.ContainsFunc(faults, func(f project.Fault) bool { return o.strict || f.State != project.Edited }) {
		return reported(exitStale)
	}
	return err
}

func (o *projectFlags) faults(cmd *cobra.Command, dir string) ([]project.Fault, error) {
	p, err := openProject(cmd, dir)
	if err != nil {
		return nil, err
	}
	defer p.Close()
	_, now, err := o.renew(cmd, p)
	if err != nil {
		return nil, err
	}
	now.Origin.Spec = p.Lock.Spec // where the spec is changes nothing
	faults, err := p.Check(now)
	if err != nil {
		return nil, projectError(dir, err)
	}
	warnExposed(cmd, dir, o.specFile(p), p.Secrets())
	options, err := findOverrides(dir, p.After(now), now.Was)
	if err != nil {
		sayNotCompared(cmd, err)
	}
	return append(faults, options.faults()...), nil
}

func printFaults(out io.Writer, faults []project.Fault) error {
	var b strings.Builder
	for _, f := range faults {
		fmt.Fprintf(&b, "%-8s  %s", f.State, f.Path)
		if f.Note != "" {
			fmt.Fprintf(&b, ": %s", f.Note)
		}
		b.WriteByte('\n')
	}
	return printText(out, b.String())
}
