package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/espgen/espgen/course"
	"github.com/espgen/espgen/export"
	"github.com/espgen/espgen/generator"
	"github.com/espgen/espgen/generator/field"
	"github.com/espgen/espgen/plainfile"
)

// maxBinary is the size of the largest espgen that an export takes.
const maxBinary = 256 << 20

func newCourseExportCmd() *cobra.Command {
	var out, binary string
	var exercises []string
	cmd := &cobra.Command{
		Use:   "export TARGET [DIR] -o OUT",
		Short: "Write what Gradescope, PrairieLearn, Classroom 50 or GitHub need to grade a course",
		Long: `Write what a place needs to grade the exercises of a course there, with espgen grade:

  gradescope     a zip for each exercise, to upload as its autograder
  prairielearn   a question for each exercise, with an external grader
  classroom50    an autograder for each exercise
  github         a workflow for the students' repositories, and one for a class

OUT/README.md says what goes where. The script install-espgen.sh is the one place
that says where espgen comes from; --binary puts one for Linux beside it. Names of
students are in none of it.`,
		Example: `  espgen course export gradescope networks -o gradescope
  espgen course export prairielearn networks -o pl --binary espgen-linux-amd64`,
		Args: arguments(cobra.RangeArgs(1, 2)),
		ValidArgsFunction: func(cmd *cobra.Command, args []string, word string) ([]string, cobra.ShellCompDirective) {
			if len(args) == 0 {
				return export.Targets(), cobra.ShellCompDirectiveNoFileComp
			}
			return completeDirs(cmd, args, word)
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			return runCourseExport(cmd, args[0], dirOf(args[1:]), out, binary, exercises)
		},
	}
	cmd.Flags().StringVarP(&out, "output", "o", "", "the folder `OUT` to write to, which is empty or does not exist")
	cmd.Flags().StringArrayVar(&exercises, "exercise", nil, "export the exercise `NAME` only; may be repeated")
	cmd.Flags().StringVar(&binary, "binary", "", "put the espgen in `FILE`, a program for Linux, into the export")
	must(cmd.MarkFlagDirname("output"))
	must(cmd.MarkFlagFilename("binary"))
	return cmd
}

func runCourseExport(cmd *cobra.Command, target, dir, out, binary string, exercises []string) error {
	if out == "" {
		return &usageError{"no folder to write to is given", "add -o OUT"}
	}
	ctx, stop := interruptible(cmd)
	defer stop()
	o := export.Options{Exercises: exercises, Version: version()}
	if binary != "" {
		data, err := plainfile.Read(binary, maxBinary)
		if err != nil {
			return err
		}
		if !strings.HasPrefix(string(data), "\x7fELF") {
			return &hintError{fmt.Errorf("%s is not a program for Linux", binary), "name an espgen that was built with GOOS=linux"}
		}
		o.Binary = data
	}
	c, err := openCourse(ctx, dir)
	if err != nil {
		return courseError(err)
	}
	result, err := export.Write(ctx, c, target, out, o)
	if name, ok := errors.AsType[*course.NameError](err); ok && name.What == "target" {
		return &usageError{fmt.Sprintf("unknown target %q", target), field.Suggest(target, name.Known)}
	}
	if errors.Is(err, generator.ErrNotEmpty) {
		return &hintError{err, "name another folder with -o OUT, or remove this one"}
	}
	if err != nil {
		return courseError(err)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "wrote %s:\n", out)
	for _, name := range result.Files {
		if !strings.Contains(name, "/grader/") {
			fmt.Fprintf(&b, "  %s\n", name)
		}
	}
	if len(result.Hidden) > 0 {
		fmt.Fprintf(&b, "left out, since students can read what %s is given: the hidden checks %s\n", target, strings.Join(result.Hidden, ", "))
	}
	fmt.Fprintf(&b, "next: %s/README.md says what goes where\n", strings.TrimSuffix(out, "/"))
	return printText(cmd.OutOrStdout(), b.String())
}
