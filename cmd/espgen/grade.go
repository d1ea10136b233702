package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/dustin/go-humanize/english"
	"github.com/spf13/cobra"

	"github.com/espgen/espgen/course"
	"github.com/espgen/espgen/generator/field"
	"github.com/espgen/espgen/grade"
	"github.com/espgen/espgen/hostsdk"
	"github.com/espgen/espgen/plainfile"
	results "github.com/espgen/espgen/report"
	"github.com/espgen/espgen/sandbox"
	"github.com/espgen/espgen/submission"
)

type gradeOptions struct {
	course   string
	exercise string
	format   string
	out      string
	only     []string
	seed     uint64
	mapFile  string
	adjust   string
	shard    string
	jobs     int
	unsafe   bool
}

// gradeStatuses says in the help of `espgen grade` what its exit statuses mean.
const gradeStatuses = `Exit status: 0 all is graded, whatever the points; 1 a failure such as a file that
cannot be read; 2 a wrong command line, or no sandbox and no --unsafe; 3 problems
in the course; 8 of your own work a check has not passed; 5 your own work does not
compile; 9 a submission was not graded, since nobody knows whose it is, or the
grader failed; 130 Ctrl-C.`

func newGradeCmd() *cobra.Command {
	var o gradeOptions
	cmd := &cobra.Command{
		Use:   "grade [SUBMISSION...]",
		Short: "Run the checks of an exercise on your own work, or grade the submissions of a class",
		Long: `Run the checks of an exercise. In the folder of a hand-out, espgen grade runs the
checks that came with it, in checks.yaml: on your own work, without a network and
without a sandbox.

With --course, it grades the work of others. A SUBMISSION is a folder, a zip or tar
archive, a C file, or the bulk download of Moodle, Canvas or Gradescope. Whose it
is comes from its lock, from its name, or from --map. Files that are not the
student's to change are put back. Compilers and programs run in sandboxes; where
the machine has none, --unsafe is needed. A run that was interrupted goes on where
it was when the same command is given again. docs/grading.md tells more.

` + gradeStatuses,
		Example: `  espgen grade
  espgen grade . --only echo --seed 7
  espgen grade submissions.zip --course out/grader --exercise server --format html -o reports/
  espgen grade submissions/ --course out/grader --format csv -o grades.csv --adjust adjust.csv
  espgen grade submissions/ --course out/grader --format json -o part1.json --shard 1/4`,
		RunE: func(cmd *cobra.Command, args []string) error { return runGrade(cmd, o, args) },
	}
	f := cmd.Flags()
	f.StringVar(&o.course, "course", "", "grade the work of others, by the course in `DIR`: what espgen course build wrote to OUT/grader, or the course itself")
	f.StringVar(&o.exercise, "exercise", "", "the `NAME` of the exercise; without it, each lock names its own")
	f.StringSliceVar(&o.only, "only", nil, "run the check `NAME` alone, without those that it depends on; NAME@VARIANT is one of its runs")
	f.Uint64Var(&o.seed, "seed", 1, "equal seeds give equal chance")
	f.StringVar(&o.mapFile, "map", "", "a CSV `FILE` with the columns submission, id")
	f.StringVar(&o.shard, "shard", "", "grade part `I/N` of the students, the same on every machine")
	f.IntVar(&o.jobs, "jobs", 0, "how many submissions are built at once (default one for each processor)")
	f.BoolVar(&o.unsafe, "unsafe", false, "grade the work of others without a sandbox: it can read, change and send whatever you can")
	o.addOutput(cmd)
	must(cmd.MarkFlagDirname("course"))
	return cmd
}

func runGrade(cmd *cobra.Command, o gradeOptions, args []string) error {
	format, err := o.resultFormat()
	if err != nil {
		return err
	}
	ctx, stop := interruptible(cmd)
	defer stop()
	if o.course == "" {
		return gradeOwn(ctx, cmd, o, format, args)
	}
	if len(args) == 0 {
		return &usageError{"missing argument SUBMISSION", "usage: " + cmd.UseLine()}
	}
	shard, err := parseShard(o.shard)
	if err != nil {
		return err
	}
	if !o.unsafe {
		if err := sandbox.Level().Err(); err != nil {
			return &usageError{err.Error(), "grade on a machine that has what is missing, such as plain Docker on Linux 6.7, or, where you trust every submission, add --unsafe"}
		}
	}
	sayProtection(cmd, o)
	return gradeClass(ctx, cmd, o, format, shard, args)
}

// sayProtection tells where a submission is held less than it could be.
func sayProtection(cmd *cobra.Command, o gradeOptions) {
	if o.unsafe {
		fmt.Fprintln(cmd.ErrOrStderr(), "espgen: --unsafe: submissions can read, change and send whatever you can")
		return
	}
	for _, weaker := range sandbox.Level().Weaker {
		fmt.Fprintf(cmd.ErrOrStderr(), "espgen: sandbox: %s\n", weaker)
	}
}

// parseShard reads I/N.
func parseShard(text string) (s results.Shard, err error) {
	if text == "" {
		return s, nil
	}
	const most = 10_000
	index, count, ok := strings.Cut(text, "/")
	i, err1 := strconv.Atoi(index)
	n, err2 := strconv.Atoi(count)
	if !ok || err1 != nil || err2 != nil || n < 1 || n > most || i < 1 || i > n {
		return s, &usageError{fmt.Sprintf("--shard: %q is no part", text), "write I/N with I from 1 to N, as in --shard 1/4; N is at most 10000"}
	}
	return results.Shard{Index: i, Count: n}, nil
}

// newGrader returns a grader with the sanitizers, where the compiler has them.
func newGrader(ctx context.Context, cmd *cobra.Command, o gradeOptions) (*grade.Grader, error) {
	g := &grade.Grader{Seed: o.seed, Only: o.only, Sandbox: o.course != "" && !o.unsafe}
	var err error
	if g.Build.Sanitize, err = hostsdk.CanSanitize(ctx, g.Build); err == nil && !g.Build.Sanitize {
		fmt.Fprintln(cmd.ErrOrStderr(), "espgen: the C compiler has no sanitizers, so memory errors are not found, and checks of them pass")
	}
	return g, withHint(err, "")
}

// gradeClass grades the work of others.
func gradeClass(ctx context.Context, cmd *cobra.Command, o gradeOptions, format results.Format, shard results.Shard, args []string) error {
	c, err := openCourse(ctx, o.course)
	if err != nil {
		return err
	}
	exercises, err := exercisesOf(c, o)
	if err != nil {
		return err
	}
	roster, adjustments, err := rosterOf(c, o)
	if err != nil {
		return err
	}
	list, closeAll, err := submission.Find(args)
	defer closeAll()
	if err != nil {
		return err
	}
	g, err := newGrader(ctx, cmd, o)
	if err != nil {
		return err
	}
	all := results.Class{Version: results.Version, Course: c.Title, Language: c.Language, Run: runOf(c, exercises, o)}
	state, err := gradeState(all.Run)
	if err != nil {
		return err
	}
	for _, e := range exercises {
		one := results.Exercise{Name: e.Name, Title: e.Title, Due: e.Due.In(c.Language), MaxScore: e.Points()}
		for _, s := range c.Students() {
			if shard.Count == 0 || grade.ShardOf(s.ID, shard.Count) == shard.Index {
				one.Students = append(one.Students, s.ID)
			}
		}
		all.Exercises = append(all.Exercises, one)
	}
	if shard.Count > 0 {
		all.Shards = []results.Shard{shard}
	}
	class := &grade.Class{Grader: g, Roster: roster, Exercise: o.exercise, Shard: shard, Jobs: o.jobs, State: state, Task: grade.TasksOf(c)}
	if len(exercises) == 1 {
		class.Exercise = exercises[0].Name
	}
	progress := newProgress(cmd.ErrOrStderr())
	done := 0
	class.Done = func(r results.Result) {
		if r.State != results.NotGraded {
			done++
		}
		progress.show(done, len(list))
	}
	all.Results, err = class.Grade(ctx, list)
	progress.end()
	if err != nil {
		return interruptedGrade(ctx, len(list), done)
	}
	if n := state.Found(); n > 0 {
		fmt.Fprintf(cmd.ErrOrStderr(), "espgen: the interrupted run before this one had graded %s: kept\n", english.Plural(n, "submission", ""))
	}
	if unused := adjustments.Apply(&all); shard.Count == 0 { // else they may be of another part
		sayUnused(cmd, o.adjust, unused)
	}
	if err := writeResults(cmd, o, format, all); err != nil {
		return err
	}
	state.Remove() // what is written is complete
	if slices.ContainsFunc(all.Results, notGraded) {
		return reported(exitNotGraded)
	}
	return nil
}

// interruptedGrade is the error of a run that a signal ended.
func interruptedGrade(ctx context.Context, all, done int) error {
	if !errors.Is(context.Cause(ctx), errInterrupted) {
		return context.Cause(ctx)
	}
	return &statusError{&hintError{fmt.Errorf("interrupted: %d of %d submissions were graded", done, all), "the same command goes on from there"}, exitInterrupted}
}

// exercisesOf returns the exercises that are graded.
func exercisesOf(c *course.Course, o gradeOptions) ([]*course.Exercise, error) {
	if o.exercise == "" {
		return c.Exercises(), nil
	}
	var names []string
	for _, e := range c.Exercises() {
		if e.Name == o.exercise {
			return []*course.Exercise{e}, nil
		}
		names = append(names, e.Name)
	}
	return nil, &usageError{fmt.Sprintf("--exercise: the course has no exercise %q", o.exercise), field.Suggest(o.exercise, names)}
}

// maxGradeFile is the limit of the files of --map and --adjust.
const maxGradeFile = 32 << 20

// rosterOf returns who is in the course, with what the instructor says beside.
func rosterOf(c *course.Course, o gradeOptions) (*submission.Roster, grade.Adjustments, error) {
	var people []submission.Person
	for _, s := range c.Students() {
		people = append(people, submission.Person{ID: s.ID, Name: s.Name})
	}
	roster := submission.NewRoster(people)
	adjustments, err := o.adjustments()
	errs := []error{err}
	if o.mapFile != "" {
		data, err := plainfile.Read(o.mapFile, maxGradeFile)
		if err == nil {
			err = roster.AddMap(o.mapFile, data)
		}
		errs = append(errs, err)
	}
	return roster, adjustments, joinErrors(errs...)
}

// runOf names a run by what decides of its results, beside the submissions.
func runOf(c *course.Course, exercises []*course.Exercise, o gradeOptions) string {
	h := sha256.New()
	fmt.Fprintf(h, "%s %q %d %q %v\n", version(), c.Title, o.seed, o.only, o.unsafe)
	for _, e := range exercises {
		checks, err := e.Checks.YAML()
		fmt.Fprintf(h, "%q %q %q %d %v\n", e.Name, e.Blank, e.Show, len(checks), err)
		_, _ = h.Write(checks)
	}
	return hex.EncodeToString(h.Sum(nil))[:16]
}

// gradeState opens the folder where the results of a run are kept until it is
// complete.
func gradeState(run string) (*grade.State, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return nil, err
	}
	return grade.OpenState(filepath.Join(cache, "espgen", "grade"), run)
}
