package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/mattn/go-runewidth"
	"github.com/spf13/cobra"

	"github.com/espgen/espgen/check"
	"github.com/espgen/espgen/course"
	"github.com/espgen/espgen/hostsdk"
)

func newCourseCheckCmd() *cobra.Command {
	var format string
	var exercises []string
	cmd := &cobra.Command{
		Use:   "check [DIR]",
		Short: "Prove that the exercises of a course are sound, and give nothing away",
		Long: `Prove that the exercises of a course are sound, and give nothing away: no hand-out
has lines of the solution, hidden checks, the key, or another student's values;
and, on this PC,

  the solution         passes every check
  the hand-out         compiles, and passes no check of the steps that it lacks
  each step left out   fails its own checks, and no others that can be reached
  each mutant          fails the checks that name it; where course.yaml chooses
                       none of these, it is not tried, and the table says so

Exit status: 0 all of it holds, 1 something does not, 3 problems in the course.`,
		Example:           "  espgen course check networks\n  espgen course check networks --exercise server --format json",
		Args:              arguments(cobra.MaximumNArgs(1)),
		ValidArgsFunction: completeDirs,
		RunE: func(cmd *cobra.Command, args []string) error {
			return runCourseCheck(cmd, dirOf(args), exercises, format)
		},
	}
	cmd.Flags().StringArrayVar(&exercises, "exercise", nil, "check the exercise `NAME` only; may be repeated")
	cmd.Flags().StringVar(&format, "format", "text", "how the proof is printed: `text|json`")
	complete(cmd, "format", "text", "json")
	return cmd
}

func runCourseCheck(cmd *cobra.Command, dir string, exercises []string, format string) error {
	if format != "text" && format != "json" {
		return &usageError{fmt.Sprintf("--format: unknown format %q", format), "allowed: text, json"}
	}
	ctx, stop := interruptible(cmd)
	defer stop()
	c, err := openCourse(ctx, dir)
	if err != nil {
		return courseError(err)
	}
	err = c.CheckLeaks(ctx, course.BuildOptions{Exercises: exercises})
	leaks, leaky := errors.AsType[*course.LeakError](err)
	if err != nil && !leaky {
		return courseError(err)
	}
	bar := newProgress(cmd.ErrOrStderr())
	defer bar.end()
	proofs, err := c.Prove(ctx, course.ProveOptions{Exercises: exercises, Progress: bar.show})
	bar.end()
	if errors.Is(err, hostsdk.ErrNoCompiler) {
		return &hintError{err, "install one: apt install gcc"}
	}
	if err != nil {
		return courseError(err)
	}
	result := struct {
		Sound     bool           `json:"sound"`
		Leaks     []course.Leak  `json:"leaks"`
		Exercises []course.Proof `json:"exercises"`
	}{Sound: !leaky && !slices.ContainsFunc(proofs, func(p course.Proof) bool { return !p.Sound }), Leaks: []course.Leak{}, Exercises: proofs}
	if leaky {
		result.Leaks = leaks.Leaks
	}
	if format == "json" {
		err = writeJSON(cmd.OutOrStdout(), result)
	} else {
		err = printText(cmd.OutOrStdout(), proofText(result.Leaks, proofs))
	}
	if err == nil && !result.Sound {
		return reported(exitFailure)
	}
	return err
}

// proofText is the proof as a table for each exercise.
func proofText(leaks []course.Leak, proofs []course.Proof) string {
	var b strings.Builder
	if len(leaks) > 0 {
		fmt.Fprintf(&b, "%v\n\n", &course.LeakError{Leaks: leaks})
	} else {
		b.WriteString("leaks: none\n\n")
	}
	for _, p := range proofs {
		rows := [][]string{{"program", "score", "passed", "failed", "not reached", ""}}
		for _, program := range p.Programs {
			count := func(s check.Status) string {
				var names []string
				for _, name := range p.Checks {
					if program.Results[name] == s {
						names = append(names, name)
					}
				}
				const most = 3 // names; more are a number
				if len(names) > most || s == check.Passed && len(names) > 0 {
					return fmt.Sprint(len(names))
				}
				return strings.Join(names, " ")
			}
			verdict := "ok"
			switch {
			case len(program.Problems) > 0:
				verdict = "FAULT"
			case len(program.NotChosen) > 0:
				verdict = "not tried"
			}
			score := fmt.Sprintf("%g/%g", program.Score, program.MaxScore)
			rows = append(rows, []string{program.Title(), score, count(check.Passed), count(check.Failed), count(check.NotReached), verdict})
		}
		state := "sound"
		if !p.Sound {
			state = "not sound"
		}
		fmt.Fprintf(&b, "%s: %s\n%s", p.Exercise, state, table(rows))
		for _, program := range p.Programs {
			for _, problem := range program.Problems {
				fmt.Fprintf(&b, "  %s: %s\n", program.Title(), problem)
			}
			if len(program.NotChosen) > 0 {
				fmt.Fprintf(&b, "  %s: not tried: course.yaml does not choose %s\n", program.Title(), strings.Join(program.NotChosen, ", or "))
			}
		}
		b.WriteByte('\n')
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// table aligns the columns of rows.
func table(rows [][]string) string {
	widths := make([]int, len(rows[0]))
	for _, row := range rows {
		for i, cell := range row {
			widths[i] = max(widths[i], runewidth.StringWidth(cell))
		}
	}
	var b strings.Builder
	for _, row := range rows {
		for i, cell := range row {
			row[i] = cell + strings.Repeat(" ", widths[i]-runewidth.StringWidth(cell))
		}
		b.WriteString(strings.TrimRight("  "+strings.Join(row, "  "), " ") + "\n")
	}
	return b.String()
}
