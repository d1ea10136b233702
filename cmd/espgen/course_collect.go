package main

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"github.com/dustin/go-humanize/english"
	"github.com/spf13/cobra"

	"github.com/espgen/espgen/plainfile"
	results "github.com/espgen/espgen/report"
)

// maxResults is the size of the largest file of results that is read.
const maxResults = 1 << 30

func newCourseCollectCmd() *cobra.Command {
	var o gradeOptions
	cmd := &cobra.Command{
		Use:   "collect RESULT...",
		Short: "Join the results of the parts that a class was graded in",
		Long: `Join the results that espgen grade --format json --shard I/N has written, in any
order and on any machines. Parts that are missing, and submissions that several
files have, are told.

Exit status: 0 all parts are there, 1 some are missing, or two files have other
results of the same submission (the first file's count), or another failure.`,
		Example: `  espgen course collect part-*.json
  espgen course collect part-*.json --format csv -o class.csv --adjust adjust.csv`,
		Args: arguments(cobra.MinimumNArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error { return runCourseCollect(cmd, o, args) },
	}
	o.addOutput(cmd)
	return cmd
}

func runCourseCollect(cmd *cobra.Command, o gradeOptions, args []string) error {
	format, err := o.resultFormat()
	if err != nil {
		return err
	}
	adjustments, err := o.adjustments()
	if err != nil {
		return err
	}
	var parts []results.Part
	var errs []error
	for _, name := range args {
		data, err := plainfile.Read(name, maxResults)
		if errors.Is(err, fs.ErrNotExist) {
			err = &hintError{err, "name the files that espgen grade --format json has written"}
		}
		var class results.Class
		if err == nil {
			class, err = results.Read(name, data)
		}
		errs = append(errs, err)
		parts = append(parts, results.Part{File: name, Class: class})
	}
	if err := joinErrors(errs...); err != nil {
		return err
	}
	joined, err := results.Join(parts)
	if err != nil {
		return &hintError{err, "collect the results of one run at a time"}
	}
	sayUnused(cmd, o.adjust, adjustments.Apply(&joined.Class))
	if err := writeResults(cmd, o, format, joined.Class); err != nil {
		return err
	}
	var b strings.Builder
	tell := func(list []string, what string) {
		const most = 20
		if len(list) == 0 {
			return
		}
		fmt.Fprintf(&b, "espgen: %s:\n  %s\n", what, strings.Join(list[:min(most, len(list))], "\n  "))
		if more := len(list) - most; more > 0 {
			fmt.Fprintf(&b, "  and %d more\n", more)
		}
	}
	tell(joined.Missing, english.PluralWord(len(joined.Missing), "a part is missing", "parts are missing"))
	tell(joined.Twice, "the same results are in two files")
	tell(joined.Differ, "two files have other results of one submission; those of the first count")
	if err := printText(cmd.ErrOrStderr(), b.String()); err != nil {
		return err
	}
	if len(joined.Missing)+len(joined.Differ) > 0 {
		return reported(exitFailure)
	}
	return nil
}
