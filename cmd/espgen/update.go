package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"github.com/dustin/go-humanize/english"
	"github.com/spf13/cobra"

	"github.com/espgen/espgen/generator"
	"github.com/espgen/espgen/hostsdk"
	"github.com/espgen/espgen/project"
)

type updateOptions struct {
	projectFlags
	dryRun    bool
	force     bool
	sdkconfig bool
	restore   []string
}

// An outcome is what an update did, or would do.
type outcome struct {
	spec    *loadedSpec
	project *project.Project
	plan    *project.Plan
	files   []generator.File // what the spec gives
	former  []string         // the folders with former secrets
	options overrides        // of sdkconfig
}

func newUpdateCmd() *cobra.Command {
	var o updateOptions
	cmd := &cobra.Command{
		Use:   "update [DIR]",
		Short: "Bring a project up to its spec and to this espgen, with your edits",
		Long: `Bring a project up to its spec and to this espgen, with your edits. Files that you
have not touched are replaced, those that you have edited are merged, those that
are yours are left. Where you and espgen changed the same place, both versions
are marked in the file, and the exit status is 1. It is all done, or nothing: an
update that was killed is finished, or given up, by the next command that works
on the project.

A file that you have deleted stays deleted, and one that you have renamed is
updated where it is now: it is known by its lines, of which three in five are
still the same. Which sources main/CMakeLists.txt names is up to you.

Where the spec is not at hand, update uses the values that espgen.lock has of it,
and says so. The --set of espgen new and of earlier updates hold until --unset.

Once ESP-IDF has made sdkconfig of the project's defaults, it wins over them.
update names the options that differ; --sdkconfig brings those up to date whose
values were former defaults, and leaves what you chose in menuconfig.`,
		Example: `  espgen update tcp_server
  espgen update --dry-run
  espgen update -f ../lab2.yaml --set server.port=9000
  espgen update --unset server.port
  espgen update --restore main/main.c`,
		RunE: func(cmd *cobra.Command, args []string) error { return runUpdate(cmd, o, dirOf(args)) },
	}
	o.add(cmd)
	cmd.Flags().BoolVar(&o.dryRun, "dry-run", false, "print what would be done, and do nothing")
	cmd.Flags().BoolVar(&o.force, "force", false, "update a project that has changes which are not committed to git, too")
	cmd.Flags().BoolVar(&o.sdkconfig, "sdkconfig", false, "bring former defaults in sdkconfig up to date, too")
	cmd.Flags().StringArrayVar(&o.unset, "unset", nil, "drop the field `PATH` from what --set gave: the spec's value counts again")
	cmd.Flags().StringArrayVar(&o.restore, "restore", nil, "write a deleted `FILE` again; its path is the one from the project's folder")
	return cmd
}

func runUpdate(cmd *cobra.Command, o updateOptions, dir string) error {
	if err := o.check(); err != nil {
		return err
	}
	done, err := o.update(cmd, dir)
	if done.project != nil {
		defer done.project.Close()
	}
	if o.json() {
		if err := o.printJSON(cmd.OutOrStdout(), dir, done, err); err != nil {
			return err
		}
	} else if err != nil {
		return err
	} else if err := o.printSummary(cmd.OutOrStdout(), dir, done); err != nil {
		return err
	}
	warnKept(cmd, dir, done.plan.Kept)
	warnExposed(cmd, dir, o.specFile(done.project), secretPaths(done.files))
	if done.plan.Conflicts() > 0 {
		return reported(exitFailure)
	}
	return nil
}

// warnKept warns of lines whose values an update leaves as they are.
func warnKept(cmd *cobra.Command, dir string, kept []project.KeptValue) {
	for _, k := range kept {
		writes := strings.ReplaceAll(k.Writes, generator.Secret, "***")
		fmt.Fprintf(cmd.ErrOrStderr(), "espgen: warning: %s:%d: you have written this line anew, so it keeps its value, and the spec gives another one\n"+
			"\thint: write the spec's value into it; espgen has it as `%s`\n", printable(filepath.Join(dir, filepath.FromSlash(k.Path))), k.Line, printable(writes))
	}
}

// update plans the update, and carries it out.
func (o *updateOptions) update(cmd *cobra.Command, dir string) (done outcome, err error) {
	if done.project, err = openProject(cmd, dir); err != nil {
		return done, err
	}
	p := done.project
	if !o.force && !o.dryRun {
		if err := o.refuseUncommitted(cmd.Context(), p); err != nil {
			return done, err
		}
	}
	var now project.Now
	if done.spec, now, err = o.renew(cmd, p); err != nil {
		return done, err
	}
	for _, path := range o.restore {
		now.Restore = append(now.Restore, filepath.ToSlash(filepath.Clean(path)))
	}
	ctx, stop := signal.NotifyContext(cmd.Context(), os.Interrupt, syscall.SIGTERM)
	defer stop() // a merge leaves no temporary files behind either
	done.plan, err = p.Plan(now)
	if err == nil {
		err = ctx.Err()
	}
	if err == nil && !o.dryRun {
		err = done.plan.Apply(ctx)
	}
	if err == nil {
		done.files = now.Files
		done.former, err = p.Former()
	}
	if err == nil {
		done.options, err = o.options(ctx, cmd, dir, p, now)
	}
	if errors.Is(err, context.Canceled) {
		err = errors.New("interrupted: nothing was changed")
	}
	return done, projectError(dir, err)
}

// options finds the options that sdkconfig gives other values, and brings those
// of former defaults up to date where that is asked for.
func (o *updateOptions) options(ctx context.Context, cmd *cobra.Command, dir string, p *project.Project, now project.Now) (overrides, error) {
	source := hostsdk.Folder(dir)
	if o.dryRun {
		source = p.After(now)
	}
	found, err := findOverrides(dir, source, now.Was)
	if err != nil {
		sayNotCompared(cmd, err)
		return overrides{}, nil
	}
	if !o.sdkconfig || o.dryRun || len(found.stale) == 0 {
		return found, nil
	}
	before, err := source("sdkconfig")
	if err != nil {
		return found, err
	}
	err = p.WriteSdkconfig(ctx, before, hostsdk.Bring(before, found.stale))
	if errors.Is(err, context.Canceled) {
		err = errors.New("interrupted: sdkconfig is as it was, the rest is done")
	}
	return found, err
}

func (o *updateOptions) refuseUncommitted(ctx context.Context, p *project.Project) error {
	changed, err := p.Uncommitted(ctx, o.specFile(p))
	if err != nil || len(changed) == 0 {
		return err
	}
	const most = 5
	list := strings.Join(changed[:min(most, len(changed))], "\n  ")
	if more := len(changed) - most; more > 0 {
		list += fmt.Sprintf("\n  and %s more", english.Plural(more, "file", ""))
	}
	return &hintError{
		fmt.Errorf("the project has changes that are not committed to git:\n  %s", list),
		"commit them, so that the update can be undone; or add --force",
	}
}

func (o *updateOptions) printSummary(out io.Writer, dir string, done outcome) error {
	var b strings.Builder
	plan, brings := done.plan, o.sdkconfig && len(done.options.stale) > 0
	switch what := "updated"; {
	case plan.Empty() && !brings:
		fmt.Fprintf(&b, "%s is up to date (%s)\n", dir, describe(done.spec.lib, done.spec.spec))
	default:
		if o.dryRun {
			what = "would update"
		}
		fmt.Fprintf(&b, "%s %s (%s):\n", what, dir, describe(done.spec.lib, done.spec.spec))
	}
	locked, _ := setOf(done.project.Lock.Values)
	for _, pair := range locked {
		path, _, _ := strings.Cut(pair, "=")
		if gives(o.set, path) || slices.Contains(o.unset, path) {
			continue // the one that is given now counts
		}
		fmt.Fprintf(&b, "  with --set %s, from %s\n", showPair(done.spec.lib, pair), project.LockFile)
	}
	for _, c := range plan.Changes {
		fmt.Fprintf(&b, "  %-8s  %s", c.Action, c.Path)
		if c.Note != "" {
			fmt.Fprintf(&b, ": %s", c.Note)
		}
		b.WriteByte('\n')
	}
	if len(plan.Changes) == 0 && !plan.Empty() {
		fmt.Fprintf(&b, "  only %s: the files stay as they are\n", project.LockFile)
	}
	if brings {
		for _, option := range done.options.stale {
			fmt.Fprintf(&b, "  %-8s  sdkconfig: %s\n", project.Updated, brought(option))
		}
		done.options.stale = nil
	}
	if len(done.former) > 0 {
		fmt.Fprintf(&b, "former secrets are still in %s: delete them once the new ones work\n", strings.Join(done.former, ", "))
	}
	done.options.print(&b, "")
	o.printNext(&b, dir, done)
	return printText(out, b.String())
}

// printNext says what is left to do.
func (o *updateOptions) printNext(b *strings.Builder, dir string, done outcome) {
	if done.plan.Conflicts() == 0 && len(done.options.stale) == 0 || o.dryRun {
		return
	}
	b.WriteString("next:\n")
	if len(done.options.stale) > 0 {
		fmt.Fprintf(b, "  espgen update %s --sdkconfig\n", shellQuote(dir))
	}
	for _, c := range done.plan.Changes {
		if c.Action != project.Conflict {
			continue
		}
		name := filepath.Join(dir, filepath.FromSlash(c.Path))
		if c.Blocked() {
			fmt.Fprintf(b, "  move %s away, and update again\n", name)
		} else if c.Beside != "" {
			fmt.Fprintf(b, "  make one of %s and %s\n", name, filepath.Join(dir, filepath.FromSlash(c.Beside)))
		} else {
			fmt.Fprintf(b, "  edit %s, from each <<<<<<< to its >>>>>>>\n", name)
		}
	}
}

// printJSON prints one object: the problems, or what was done.
func (o *updateOptions) printJSON(out io.Writer, dir string, done outcome, err error) error {
	result := struct {
		Dir       string           `json:"dir,omitempty"`
		DryRun    bool             `json:"dry_run,omitempty"`
		Changes   []project.Change `json:"changes,omitempty"`
		Conflicts int              `json:"conflicts"`
		Sdkconfig []jsonOption     `json:"sdkconfig,omitempty"`
		Issues    []jsonIssue      `json:"issues"`
	}{Issues: jsonIssues(issuesOf(err))}
	if err == nil {
		result.Dir, result.DryRun, result.Changes, result.Conflicts = dir, o.dryRun, done.plan.Changes, done.plan.Conflicts()
		result.Sdkconfig = done.options.json(o.sdkconfig && !o.dryRun)
	}
	return printResult(out, result, err)
}

// printResult prints an object as JSON, and returns an error that is printed
// in it.
func printResult(out io.Writer, result any, err error) error {
	if err := writeJSON(out, result); err != nil {
		return err
	}
	if err != nil {
		return reported(exitCode(err))
	}
	return nil
}
