// Package grade builds submissions against the host SDK, runs their checks, and
// scores them: one, or a class on all cores.
//
// Data flows one way: a [submission.Submission] is read, put into its hand-out,
// written to a folder that is removed later, built, checked, and becomes a
// [report.Result]. Whatever is wrong with one of them ends in its result, and
// stops no other.
package grade

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/espgen/espgen/check"
	"github.com/espgen/espgen/course"
	"github.com/espgen/espgen/generator"
	"github.com/espgen/espgen/hostsdk"
	"github.com/espgen/espgen/report"
)

// A Task is what a submission is graded by.
type Task struct {
	Exercise string
	Student  string           // the id; "" for nobody's
	HandOut  []generator.File // what the student got; nil where the project is graded as it is
	Open     []string         // the paths of the files that are the student's to change
	Checks   check.Checks     // with their values filled in
	Show     course.Show      // how much of what a check has seen the result shows
}

// A Grader builds and checks projects. Its methods may be called at the same
// time.
type Grader struct {
	Build    hostsdk.BuildOptions // with no Confine
	Sandbox  bool                 // compilers and programs run in sandboxes
	Seed     uint64               // of chance, 0 for 1
	Only     []string             // the checks to run, as in [check.Options]; none for all
	Parallel int                  // how many checks of a project run at once; 0 for a few
	Patience time.Duration        // how long a step of a check waits, as in [check.Options]; 0 for 10 s

	built func() // is called when a project is built, or cannot be; nil for none
	again bool   // checks that fail are run once more
}

// Points is the sum of the points that a task gives.
func (t Task) Points() float64 {
	sum := 0.0
	for _, c := range t.Checks {
		sum += c.Points
	}
	return sum
}

// Score builds the project in a folder and runs the checks of a task. submission
// is its name in the result.
func (g *Grader) Score(ctx context.Context, dir, submission string, t Task) (r report.Result) {
	r = report.Result{Submission: submission, Student: t.Student, Exercise: t.Exercise, State: report.Graded, MaxScore: t.Points()}
	defer func() {
		if ctx.Err() != nil { // what came of it then is nobody's fault
			r.State, r.Why, r.Score, r.Checks, r.Diagnostics = report.NotGraded, "it was interrupted", 0, nil, nil
		}
	}()
	box := &box{}
	begun := time.Now()
	program, err := g.compile(ctx, dir, box, &r)
	r.Time.Build = time.Since(begun).Seconds()
	if g.built != nil {
		g.built()
	}
	r.Attempts = box.attempts()
	if err != nil {
		return r
	}
	box.clear()
	begun = time.Now()
	results := g.check(ctx, g.program(program, box), t.Checks)
	r.Time.Run = time.Since(begun).Seconds()
	r.Attempts = append(r.Attempts, box.attempts()...)
	if err := box.failure(); err != nil {
		r.State, r.Why = report.NotGraded, err.Error()
		return r
	}
	if len(g.Only) > 0 {
		r.MaxScore = 0
	}
	for _, result := range results {
		c := t.Checks.Get(result.Check)
		one := resultOf(c, result, t.Show)
		r.Checks = append(r.Checks, one)
		r.Score += one.Score
		if len(g.Only) > 0 {
			r.MaxScore += one.Max
		}
		r.Time.Waiting += result.Waited.Seconds()
	}
	return r
}

// check runs the checks. In a class, one that fails is run again, with less beside
// it: where it passes then, the machine was too busy the first time, and all are
// run again in that way.
func (g *Grader) check(ctx context.Context, program check.Program, checks check.Checks) []check.Result {
	o := check.Options{Seed: g.Seed, Only: g.Only, Parallel: g.Parallel, Patience: g.Patience}
	results := check.Run(ctx, program, checks, o)
	if !g.again || len(g.Only) > 0 {
		return results
	}
	again := o
	again.Parallel = 2
	for _, r := range results {
		if r.Status == check.Failed {
			again.Only = append(again.Only, r.Check)
		}
	}
	if len(again.Only) == 0 || !slices.ContainsFunc(check.Run(ctx, program, checks, again), passed) {
		return results
	}
	again.Only = nil
	return check.Run(ctx, program, checks, again)
}

func passed(r check.Result) bool { return r.Status == check.Passed }

// compile builds a project. Where it returns an error, the result says why the
// submission has no points.
func (g *Grader) compile(ctx context.Context, dir string, box *box, r *report.Result) (program string, err error) {
	o := g.Build
	if g.Sandbox {
		o.Confine = box.compiler
	}
	program, warned, err := hostsdk.Build(ctx, dir, o)
	if err == nil {
		r.Diagnostics = diagnostics(dir, warned)
		return program, nil
	}
	if limit := box.limit(); limit != "" { // the compiler says that it was killed, not why
		r.State, r.Why = report.NotGradable, "the compiler was stopped: "+limit
		return "", err
	}
	r.State, r.Why = report.NotGradable, withoutFolder(dir, err.Error())
	if broken := box.failure(); broken != nil {
		r.State, r.Why = report.NotGraded, broken.Error()
		return "", err
	}
	if wrong, ok := errors.AsType[*hostsdk.CompileError](err); ok {
		if wrong.What != "the project" {
			r.State = report.NotGraded
			return "", err
		}
		r.Why = "it does not compile"
		if r.Diagnostics = diagnostics(dir, wrong.Output); len(r.Diagnostics) == 0 { // the linker's, say
			r.Why += ":\n" + withoutFolder(dir, strings.TrimSpace(wrong.Output))
		}
		return "", err
	}
	if !isProjects(err) {
		r.State = report.NotGraded
	}
	return "", err
}

// isProjects reports whether an error of a build is about the project.
func isProjects(err error) bool {
	var (
		project *hostsdk.ProjectError
		missing *hostsdk.MissingError
		header  *hostsdk.HeaderError
	)
	return errors.As(err, &project) || errors.As(err, &missing) || errors.As(err, &header) || errors.Is(err, hostsdk.ErrNoSources)
}

// withoutFolder is a text with the files of a project by their names in it.
func withoutFolder(dir, text string) string {
	return strings.ReplaceAll(text, strings.TrimSuffix(dir, string(os.PathSeparator))+string(os.PathSeparator), "")
}

// resultOf is what a report says of a check.
func resultOf(c *check.Check, r check.Result, show course.Show) report.Check {
	one := report.Check{
		Name: c.Name, Title: c.Title, Status: r.Status, Max: c.Points, Hidden: c.Hidden, Because: r.Because, Seconds: r.Took.Seconds(),
	}
	if r.Status == check.Passed {
		one.Score = c.Points
		return one
	}
	if c.Hidden {
		return one
	}
	one.Guide, one.Hint = c.Guide, c.Hint
	if r.Status == check.NotReached {
		return one
	}
	name := c.Name
	if r.Variant != "" {
		name += "@" + r.Variant
	}
	one.Did, one.Findings, one.Replay = r.Did, r.Findings, fmt.Sprintf("espgen grade . --only %s --seed %d", name, max(1, r.Seed))
	if show == course.ShowFull {
		one.Expected = r.Expected
	}
	if show != course.ShowNone {
		one.Came = r.Came
		for _, line := range r.Timeline {
			one.Timeline = append(one.Timeline, report.Line(line))
		}
	}
	return one
}
