package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"github.com/mattn/go-colorable"
	"github.com/spf13/cobra"

	"github.com/espgen/espgen/generator/field"
	"github.com/espgen/espgen/grade"
	"github.com/espgen/espgen/plainfile"
	results "github.com/espgen/espgen/report"
)

// writeResults writes results to where -o says: to a file, or, to a folder, those
// of each submission to a file of their own.
func writeResults(cmd *cobra.Command, o gradeOptions, format results.Format, all results.Class) error {
	options := results.Options{Version: version(), Now: time.Now(), Getenv: os.Getenv}
	all.Sort()
	if o.out == "" {
		out := cmd.OutOrStdout()
		if terminal, ok := colourful(out); ok {
			options.Colour = format.Name == "text"
			out = colorable.NewColorable(terminal)
		}
		var text bytes.Buffer // nothing is written where it cannot be all
		if err := writeFormat(&text, format, all, options); err != nil {
			return err
		}
		_, err := text.WriteTo(out)
		return err
	}
	if info, err := os.Stat(o.out); !strings.HasSuffix(o.out, "/") && (err != nil || !info.IsDir()) {
		return writeResultFile(o.out, format, all, options)
	}
	if err := os.MkdirAll(o.out, 0o755); err != nil {
		return err
	}
	names := map[string]int{}
	for _, r := range all.Results {
		one := all
		one.Results = []results.Result{r}
		name := resultName(r)
		if names[name]++; names[name] > 1 {
			name = fmt.Sprintf("%s-%d", name, names[name])
		}
		if err := writeResultFile(filepath.Join(o.out, name+endOf(format)), format, one, options); err != nil {
			return err
		}
	}
	return nil
}

// writeFormat writes results in a format; that it is of one submission is for the user
// to know.
func writeFormat(w io.Writer, format results.Format, all results.Class, o results.Options) error {
	if format.Single && len(all.Results) != 1 {
		return &usageError{
			fmt.Sprintf("--format %s is of one submission, and there are %d", format.Name, len(all.Results)),
			"write a file for each: -o DIR/",
		}
	}
	return format.Write(w, all, o)
}

// writeResultFile writes results to a file, or leaves what was there.
func writeResultFile(name string, format results.Format, all results.Class, o results.Options) error {
	var text bytes.Buffer
	if err := writeFormat(&text, format, all, o); err != nil {
		return err
	}
	temporary, err := os.CreateTemp(filepath.Dir(name), ".espgen-*")
	if err != nil {
		return err
	}
	defer os.Remove(temporary.Name())
	_, err = text.WriteTo(temporary)
	err = joinErrors(err, temporary.Chmod(0o644), temporary.Close())
	if err == nil {
		err = os.Rename(temporary.Name(), name)
	}
	return err
}

// noName is what the names of files for results leave out.
var noName = regexp.MustCompile(`[^\pL\pN._@-]+`)

// resultName names the file of a result: EXERCISE-ID, or by the submission where
// nobody knows whose it is.
func resultName(r results.Result) string {
	name := r.Exercise + "-" + r.Student
	if r.Student == "" {
		name = "unknown-" + filepath.Base(r.Submission)
	}
	return strings.Trim(noName.ReplaceAllString(name, "_"), ".-")
}

// endOf is the end of the name of a file in a format.
func endOf(f results.Format) string {
	switch f.Name {
	case "text":
		return ".txt"
	case "html", "csv":
		return "." + f.Name
	case "junit":
		return ".xml"
	}
	return ".json"
}

// notGraded reports whether a submission has no points that is not at fault for
// it.
func notGraded(r results.Result) bool { return r.State == results.NotGraded && !r.Counts() }

// sayUnused tells of points by hand that nobody gets.
func sayUnused(cmd *cobra.Command, file string, unused []string) {
	for _, each := range unused {
		fmt.Fprintf(cmd.ErrOrStderr(), "espgen: %s: %s is of no student and exercise here\n", printable(file), printable(each))
	}
}

// addOutput adds the flags that say how results are written.
func (o *gradeOptions) addOutput(cmd *cobra.Command) {
	var formats []string
	for _, f := range results.Formats() {
		formats = append(formats, f.Name)
	}
	f := cmd.Flags()
	f.StringVar(&o.format, "format", "text", "how results are written: `"+strings.Join(formats, "|")+"`")
	f.StringVarP(&o.out, "output", "o", "", "write results to `FILE`; to a folder, which ends with /, a file for each submission")
	f.StringVar(&o.adjust, "adjust", "", "a CSV `FILE` with the columns id, exercise, points, reason: points that count in place of the score")
	complete(cmd, "format", formats...)
}

// adjustments reads the file of --adjust.
func (o *gradeOptions) adjustments() (grade.Adjustments, error) {
	if o.adjust == "" {
		return nil, nil
	}
	data, err := plainfile.Read(o.adjust, maxGradeFile)
	if err != nil {
		return nil, err
	}
	return grade.ReadAdjustments(o.adjust, data)
}

// resultFormat is the format of --format.
func (o *gradeOptions) resultFormat() (results.Format, error) {
	format, ok := results.Find(o.format)
	if ok {
		return format, nil
	}
	var names []string
	for _, f := range results.Formats() {
		names = append(names, f.Name)
	}
	return format, &usageError{fmt.Sprintf("--format: unknown format %q", o.format), field.Suggest(o.format, names)}
}
