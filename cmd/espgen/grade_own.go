package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
	"gopkg.in/yaml.v3"

	"github.com/espgen/espgen/check"
	"github.com/espgen/espgen/course"
	"github.com/espgen/espgen/generator"
	"github.com/espgen/espgen/generator/field"
	"github.com/espgen/espgen/generator/rules"
	"github.com/espgen/espgen/generator/spec"
	"github.com/espgen/espgen/grade"
	"github.com/espgen/espgen/plainfile"
	"github.com/espgen/espgen/project"
	results "github.com/espgen/espgen/report"
)

// maxChecks is the limit of a file of checks.
const maxChecks = 1 << 20

// gradeOwn runs the checks that came with a hand-out.
func gradeOwn(ctx context.Context, cmd *cobra.Command, o gradeOptions, format results.Format, args []string) error {
	for _, name := range []string{"exercise", "map", "adjust", "shard", "jobs", "unsafe"} {
		if cmd.Flags().Changed(name) {
			return &usageError{"--" + name + " requires --course", "name what `espgen course build` wrote to OUT/grader: --course OUT/grader"}
		}
	}
	if len(args) > 1 {
		return &usageError{fmt.Sprintf("too many arguments: %d, and the limit is 1 without --course", len(args)), "to grade the work of others, add --course OUT/grader"}
	}
	dir := dirOf(args)
	task, language, err := ownTask(cmd, dir)
	if err != nil {
		return err
	}
	var names []string
	for _, c := range task.Checks {
		names = append(names, c.Name)
	}
	for _, only := range o.only {
		if name := checkName(only); !slices.Contains(names, name) {
			return &usageError{fmt.Sprintf("--only: unknown check %q", name), field.Suggest(name, names)}
		}
	}
	g, err := newGrader(ctx, cmd, o)
	if err != nil {
		return err
	}
	root, err := filepath.Abs(dir)
	if err != nil {
		return err
	}
	r := g.Score(ctx, root, dir, task)
	if ctx.Err() != nil {
		return reported(exitInterrupted)
	}
	all := results.Class{
		Version: results.Version, Language: language, Results: []results.Result{r},
		Exercises: []results.Exercise{{Name: task.Exercise, MaxScore: r.MaxScore}},
	}
	if err := writeResults(cmd, o, format, all); err != nil {
		return err
	}
	switch {
	case r.State == results.NotGradable:
		return reported(exitBuild)
	case r.State == results.NotGraded:
		return reported(exitFailure)
	case slices.ContainsFunc(r.Checks, func(c results.Check) bool { return c.Status != check.Passed }):
		return reported(exitCheck)
	}
	return nil
}

// ownTask is what a hand-out is graded by: the checks in it, and its values.
func ownTask(cmd *cobra.Command, dir string) (t grade.Task, language string, err error) {
	file := filepath.Join(dir, course.ChecksFile)
	data, err := plainfile.Read(file, maxChecks)
	if errors.Is(err, fs.ErrNotExist) {
		return t, "", &usageError{
			fmt.Sprintf("%s has no %s, so it is not the hand-out of an exercise", printable(dir), course.ChecksFile),
			"name the folder of your hand-out, or grade the work of others with --course OUT/grader",
		}
	}
	if err != nil {
		return t, "", err
	}
	checks, issues := check.Parse(file, data)
	if len(issues) > 0 {
		return t, "", checkIssues(issues)
	}
	p, err := openProject(cmd, dir)
	if err != nil {
		return t, "", err
	}
	defer p.Close()
	values, err := ownValues(cmd, p)
	if err != nil {
		return t, "", err
	}
	t = grade.Task{Exercise: p.Lock.CourseExercise, Student: p.Lock.Student, Show: course.ShowFull}
	if t.Checks, err = checks.Bind(values); err != nil {
		return t, "", err
	}
	language = "en"
	for _, v := range p.Lock.Values {
		if v.Path == "comments" && v.Text == "zh" {
			language = "zh"
		}
	}
	return t, language, nil
}

// ownValues are the values of a hand-out that its checks name: those of its
// spec, as the lock has them, or, where there is none, the lock's own.
func ownValues(cmd *cobra.Command, p *project.Project) (map[string]any, error) {
	if p.Lock.Role == "" {
		values := map[string]any{}
		for _, v := range p.Lock.Values {
			values[v.Path] = lockedValue(v.Text)
		}
		return values, nil
	}
	lib, err := libraryOf(cmd, p, "", nil)
	if err != nil {
		return nil, err
	}
	role, err := findRole(lib, p.Lock.Role)
	if err != nil {
		return nil, err
	}
	set, forgotten := setOf(p.Lock.Values)
	source := lockSource(lib, p)
	missing := slices.Concat(forgotten, source.withheld, source.parse(set, publicFields(lib)).Absent())
	for _, path := range missing { // secrets, which no check names
		set = append(set, path+"="+standIns[0])
	}
	s, err := rules.CheckFile(source.parse(set, publicFields(lib)), role)
	if err != nil {
		return nil, err
	}
	return generator.Values(s, role)
}

// lockedValue is a value of an option of sdkconfig: a number, true, false, or a
// text.
func lockedValue(text string) any {
	var value any
	if err := yaml.Unmarshal([]byte(text), &value); err != nil {
		return text
	}
	s, ok := value.(string)
	if !ok {
		return value
	}
	if n, err := strconv.Atoi(s); err == nil && strconv.Itoa(n) == s {
		return n
	}
	if s == "y" || s == "n" {
		return s == "y"
	}
	return s
}

// checkName is the check that a value of --only names.
func checkName(only string) string {
	name, _, _ := strings.Cut(only, "@")
	return name
}

// checkIssues are the issues of a file of checks as those of a spec are told.
func checkIssues(issues []check.Issue) error {
	var list spec.Issues
	for _, i := range issues {
		list = append(list, spec.Issue{Pos: spec.Pos{File: i.File, Line: i.Line, Col: i.Column}, Path: "checks", Msg: i.Msg, Hint: i.Hint})
	}
	return list
}
