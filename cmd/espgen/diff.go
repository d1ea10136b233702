package main

import (
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/espgen/espgen/project"
)

type diffOptions struct {
	projectFlags
	mine bool
}

func newDiffCmd() *cobra.Command {
	var o diffOptions
	cmd := &cobra.Command{
		Use:   "diff [DIR]",
		Short: "Show what update would change in a project, or what you have changed",
		Long: `Show, as a unified diff, what espgen update would change in a project, or with
--mine, what you have changed since it was generated or updated. Files that hold
secrets are not shown, and neither is what espgen keeps for itself.`,
		Example: "  espgen diff tcp_server\n  espgen diff --mine",
		RunE:    func(cmd *cobra.Command, args []string) error { return runDiff(cmd, o, dirOf(args)) },
	}
	o.add(cmd)
	cmd.Flags().BoolVar(&o.mine, "mine", false, "show what you have changed")
	return cmd
}

func runDiff(cmd *cobra.Command, o diffOptions, dir string) error {
	if err := o.check(); err != nil {
		return err
	}
	diffs, err := o.diffs(cmd, dir)
	if o.json() {
		return printResult(cmd.OutOrStdout(), struct {
			Files  []project.Diff `json:"files"`
			Issues []jsonIssue    `json:"issues"`
		}{append([]project.Diff{}, diffs...), jsonIssues(issuesOf(err))}, err)
	}
	if err != nil {
		return err
	}
	var b strings.Builder
	for _, d := range diffs {
		b.WriteString(d.Text)
	}
	out := cmd.OutOrStdout()
	if _, ok := onTerminal(out); ok {
		return printText(out, b.String())
	}
	_, err = io.WriteString(out, b.String()) // for patch, byte for byte
	return err
}

func (o *diffOptions) diffs(cmd *cobra.Command, dir string) ([]project.Diff, error) {
	p, err := openProject(cmd, dir)
	if err != nil {
		return nil, err
	}
	defer p.Close()
	if o.mine {
		diffs, err := p.Mine()
		return diffs, projectError(dir, err)
	}
	_, now, err := o.renew(cmd, p)
	if err != nil {
		return nil, err
	}
	plan, err := p.Plan(now)
	if err != nil {
		return nil, projectError(dir, err)
	}
	return plan.Diffs()
}
