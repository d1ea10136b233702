package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"

	"github.com/dustin/go-humanize/english"
	"github.com/spf13/cobra"

	"github.com/espgen/espgen/course"
	"github.com/espgen/espgen/generator"
	"github.com/espgen/espgen/generator/field"
)

func newCourseCmd() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "course",
		Short: "Make the exercises of a class: hand-outs, solutions, and what grades them",
		Long: `Make the exercises of a class. A course is a folder with a course.yaml, which names
the programs and the steps that students are to write, and a roster.csv.

  espgen course new networks             a course to start from; it works as it stands
  espgen course check networks           proof that the exercises are sound
  espgen course build networks -o out    the hand-outs of all students, and what a grader needs`,
		Args: commandOnly,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newCourseNewCmd(), newCourseKeyCmd(), newCourseBuildCmd(), newCourseCheckCmd(), newCourseExportCmd(), newCourseCollectCmd())
	return cmd
}

// openCourse reads the course in dir, or what a grader has of one.
func openCourse(ctx context.Context, dir string) (*course.Course, error) {
	c, err := course.Open(ctx, dir, course.From{Espgen: version(), Sources: sourcesOf})
	switch {
	case errors.Is(err, course.ErrNoCourse):
		return nil, &hintError{err, "name the folder of a course; `espgen course new DIR` makes one"}
	case errors.Is(err, fs.ErrNotExist):
		return nil, &hintError{err, "`espgen course new " + shellQuote(dir) + "` makes a course there"}
	}
	return c, err
}

func newCourseNewCmd() *cobra.Command {
	var language string
	cmd := &cobra.Command{
		Use:               "new DIR",
		Short:             "Write a course to start from",
		Example:           "  espgen course new networks\n  espgen course new networks --language zh",
		Args:              arguments(cobra.ExactArgs(1)),
		ValidArgsFunction: completeDirs,
		RunE:              func(cmd *cobra.Command, args []string) error { return runCourseNew(cmd, args[0], language) },
	}
	cmd.Flags().StringVar(&language, "language", "en", "the language of the course: `en|zh`")
	complete(cmd, "language", course.Languages()...)
	return cmd
}

func runCourseNew(cmd *cobra.Command, dir, language string) error {
	if !slices.Contains(course.Languages(), language) {
		return &usageError{fmt.Sprintf("--language: unknown language %q", language), "allowed: " + strings.Join(course.Languages(), ", ")}
	}
	ctx, stop := interruptible(cmd)
	defer stop()
	names, err := course.New(ctx, dir, language)
	if errors.Is(err, generator.ErrNotEmpty) {
		return &hintError{err, "name a folder that does not exist yet"}
	}
	if err != nil {
		return writeError(err, dir)
	}
	quoted := shellQuote(dir)
	return printText(cmd.OutOrStdout(), fmt.Sprintf("wrote %s:\n  %s\n%s is secret: keep a copy where nobody else reads it\nnext:\n  espgen course check %s\n  espgen course build %s -o %s\n",
		dir, strings.Join(names, "\n  "), filepath.Join(dir, course.KeyFile), quoted, quoted, shellQuote(filepath.Clean(dir)+"-out")))
}

func newCourseKeyCmd() *cobra.Command {
	return &cobra.Command{
		Use:   "key [DIR]",
		Short: "Give a course that was copied a key of its own",
		Long: `Write a new course.key into DIR, the current folder by default. Students' values are
derived from it, so a course that students have had keeps the key that it has: one
that is there is never replaced.`,
		Example:           "  espgen course key networks",
		Args:              arguments(cobra.MaximumNArgs(1)),
		ValidArgsFunction: completeDirs,
		RunE: func(cmd *cobra.Command, args []string) error {
			dir := "."
			if len(args) > 0 {
				dir = args[0]
			}
			key := filepath.Join(dir, course.KeyFile)
			switch err := course.WriteKey(dir); {
			case errors.Is(err, fs.ErrExist):
				return &hintError{fmt.Errorf("%s is there already", key), "keep it: another key would give every student other values"}
			case errors.Is(err, fs.ErrNotExist):
				return &hintError{fmt.Errorf("%s is not the folder of a course: it has no %s", dir, course.File), "`espgen course new DIR` makes one"}
			case err != nil:
				return writeError(err, dir)
			}
			return printText(cmd.OutOrStdout(), fmt.Sprintf("wrote %s: it is secret; keep a copy where nobody else reads it\n", key))
		},
	}
}

type courseBuildOptions struct {
	course.BuildOptions
	out    string
	update string
	dryRun bool
	format string
}

func newCourseBuildCmd() *cobra.Command {
	var o courseBuildOptions
	cmd := &cobra.Command{
		Use:   "build [DIR] -o OUT",
		Short: "Write the hand-outs of all students, the solutions, and what a grader needs",
		Long: `Write the hand-outs of all students, each as a folder and as a zip, the solutions,
what a grader needs, and an overview:

  OUT/hand-outs/EXERCISE/ID        a project of espgen, with its steps left out
  OUT/hand-outs/EXERCISE/ID.zip    the same
  OUT/solutions/EXERCISE           for the instructor alone
  OUT/grader                       for espgen grade --course; it has no names and no key
  OUT/index.html, OUT/index.csv    the overview

Before anything is written, every hand-out is searched for lines of the solution,
hidden checks, the course's key and other students' values: a leak stops the
build. What is up to date is left alone. A hand-out that somebody has worked in
is never replaced: --update merges corrections into it, as espgen update does.

Exit status: 0 done, 1 a failure, or a leak, or conflicts of --update, 3 problems
in the course, 4 there are stale hand-outs that somebody has worked in.`,
		Example: `  espgen course build networks -o out
  espgen course build networks -o out --exercise server --student s1001
  espgen course build networks --update out/hand-outs`,
		Args:              arguments(cobra.MaximumNArgs(1)),
		ValidArgsFunction: completeDirs,
		RunE:              func(cmd *cobra.Command, args []string) error { return runCourseBuild(cmd, o, dirOf(args)) },
	}
	cmd.Flags().StringVarP(&o.out, "output", "o", "", "the folder `OUT` to write to")
	cmd.Flags().StringArrayVar(&o.Students, "student", nil, "build for the student `ID` only; may be repeated")
	cmd.Flags().StringArrayVar(&o.Exercises, "exercise", nil, "build the exercise `NAME` only; may be repeated")
	cmd.Flags().StringVar(&o.update, "update", "", "merge what has changed into the hand-outs below `FOLDER`, which students have begun")
	cmd.Flags().BoolVar(&o.dryRun, "dry-run", false, "with --update: print what would be done, and do nothing")
	cmd.Flags().StringVar(&o.format, "format", "text", "how the summary is printed: `text|json`")
	complete(cmd, "format", "text", "json")
	must(cmd.MarkFlagDirname("output"))
	must(cmd.MarkFlagDirname("update"))
	return cmd
}

func runCourseBuild(cmd *cobra.Command, o courseBuildOptions, dir string) error {
	switch {
	case o.format != "text" && o.format != "json":
		return &usageError{fmt.Sprintf("--format: unknown format %q", o.format), "allowed: text, json"}
	case o.out == "" && o.update == "":
		return &usageError{"no folder to write to is given", "add -o OUT, or --update FOLDER"}
	case o.out != "" && o.update != "":
		return &usageError{"-o and --update cannot both be given", "build first, and update the hand-outs that students have begun then"}
	case o.dryRun && o.update == "":
		return &usageError{"--dry-run has no meaning without --update", "remove it: what is up to date is left alone"}
	}
	ctx, stop := interruptible(cmd)
	defer stop()
	c, err := openCourse(ctx, dir)
	if err != nil {
		return courseError(err)
	}
	bar := newProgress(cmd.ErrOrStderr())
	defer bar.end()
	o.Progress = bar.show
	if o.update != "" {
		return runCourseUpdate(ctx, cmd, c, o, bar)
	}
	sum, err := c.Build(ctx, o.out, o.BuildOptions)
	bar.end()
	if err != nil {
		return courseError(err)
	}
	if o.format == "json" {
		err = writeJSON(cmd.OutOrStdout(), sum)
	} else {
		err = printText(cmd.OutOrStdout(), buildText(c, o.out, sum))
	}
	if err == nil && len(sum.Begun) > 0 {
		return reported(exitStale)
	}
	return err
}

// buildText says what a build did.
func buildText(c *course.Course, out string, sum course.Summary) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s written, %d up to date\n", out, english.Plural(sum.Written, "hand-out", ""), sum.UpToDate)
	if len(sum.Stray) > 0 {
		fmt.Fprintf(&b, "of nobody in the roster, or of no exercise; remove them where they are not needed:\n  %s\n", strings.Join(sum.Stray, "\n  "))
	}
	if len(sum.Begun) > 0 {
		fmt.Fprintf(&b, "stale, but somebody has worked in them:\n  %s\nnext:\n  espgen course build %s --update %s\n", strings.Join(sum.Begun, "\n  "),
			shellQuote(c.Dir), shellQuote(filepath.Join(out, course.HandOutsFolder)))
		return b.String()
	}
	fmt.Fprintf(&b, "next:\n  open %s\n", filepath.Join(out, "index.html"))
	return b.String()
}

// courseError adds to an error of a course what to do about it.
func courseError(err error) error {
	leak, isLeak := errors.AsType[*course.LeakError](err)
	name, isName := errors.AsType[*course.NameError](err)
	switch {
	case isLeak:
		return &hintError{
			fmt.Errorf("hand-outs give something away, so nothing was written:\n%w", leak),
			"change the stub, the file or the check; docs/course-format.md tells what counts as a leak",
		}
	case isName:
		return &usageError{name.Error(), field.Suggest(name.Name, name.Known)}
	case errors.Is(err, course.ErrNotOurs):
		return &hintError{err, "name a folder that is empty, or does not exist yet"}
	case errors.Is(err, errDiskFull):
		return &hintError{err, "free some space, and build again: what was written is complete"}
	case errors.Is(err, context.Canceled), errors.Is(err, errInterrupted):
		return &statusError{errors.New("interrupted: build again to go on"), exitInterrupted}
	case errors.Is(err, fs.ErrPermission):
		return &hintError{err, "name a folder that you may write to"}
	}
	return err
}
