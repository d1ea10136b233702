//go:build linux

package grade_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"gopkg.in/yaml.v3"

	"github.com/espgen/espgen/check"
	"github.com/espgen/espgen/course"
	"github.com/espgen/espgen/generator"
	"github.com/espgen/espgen/generator/rules"
	"github.com/espgen/espgen/generator/spec"
	"github.com/espgen/espgen/grade"
	"github.com/espgen/espgen/hostsdk"
	"github.com/espgen/espgen/library"
	"github.com/espgen/espgen/report"
	"github.com/espgen/espgen/sandbox"
	"github.com/espgen/espgen/submission"
	"github.com/espgen/espgen/templates"
)

var cache string // of all tests

// TestMain lets this binary make sandboxes, and execute templates of others.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == library.RenderCommand {
		if err := library.RenderFor(os.Stdin, os.Stdout); err != nil {
			os.Exit(1)
		}
		os.Exit(0)
	}
	if len(os.Args) > 1 && os.Args[1] == sandbox.ExecCommand {
		os.Exit(sandbox.Exec(os.Args[2:]))
	}
	var err error
	if cache, err = os.MkdirTemp("", "espgen-test-*"); err != nil {
		panic(err)
	}
	code := m.Run()
	os.RemoveAll(cache)
	os.Exit(code)
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// own is the file of the exercise that is the student's.
const own = "main/main.c"

// serverTask is the guide's server as an exercise, with all of its checks: what
// the student must write is not left out.
func serverTask(t *testing.T) grade.Task {
	t.Helper()
	role, err := generator.LoadRole(templates.FS, "tcp-server")
	must(t, err)
	s, err := rules.Check(&spec.Spec{Role: "tcp-server", WiFi: spec.WiFi{SSID: "lab", RetryDelayMS: new(10)}}, role)
	must(t, err)
	files, err := generator.RenderChecked(templates.FS, role, s)
	must(t, err)
	data, err := os.ReadFile("../templates/roles/tcp-server/guide-checks.yaml")
	must(t, err)
	checks, issues := check.Parse("guide-checks.yaml", data)
	for _, i := range issues {
		t.Fatal(i)
	}
	values, err := generator.Values(s, role)
	must(t, err)
	checks, err = checks.Bind(values)
	must(t, err)
	return grade.Task{Exercise: "server", Student: "s1", HandOut: files, Open: []string{own}, Checks: checks, Show: course.ShowFull}
}

// program is the text of the student's file with changes: pairs of what is
// there and what stands in its place.
func program(t *testing.T, task grade.Task, change ...string) string {
	t.Helper()
	i := slices.IndexFunc(task.HandOut, func(f generator.File) bool { return f.Path == own })
	text := string(task.HandOut[i].Data)
	for k := 0; k < len(change); k += 2 {
		if !strings.Contains(text, change[k]) {
			t.Fatalf("no %q in the program", change[k])
		}
		text = strings.Replace(text, change[k], change[k+1], 1)
	}
	return text
}

// projectOf writes the project of a task with this text.
func projectOf(t *testing.T, task grade.Task, text string) string {
	t.Helper()
	files := slices.Clone(task.HandOut)
	for i, f := range files {
		if f.Path == own {
			files[i].Data = []byte(text)
		}
	}
	dir := filepath.Join(t.TempDir(), "project")
	must(t, generator.Write(t.Context(), dir, files))
	return dir
}

func graderOf(t *testing.T, sandboxed bool) *grade.Grader {
	t.Helper()
	if sandboxed && sandbox.Level().Err() != nil {
		t.Skip(sandbox.Level().Err())
	}
	return &grade.Grader{Build: hostsdk.BuildOptions{Sanitize: true, Cache: cache}, Sandbox: sandboxed, Patience: 3 * time.Second}
}

func statuses(r report.Result) string {
	var list []string
	for _, c := range r.Checks {
		list = append(list, c.Name+" "+string(c.Status))
	}
	return strings.Join(list, ", ")
}

func TestScore(t *testing.T) {
	task := serverTask(t)
	for _, sandboxed := range []bool{false, true} {
		t.Run(fmt.Sprintf("sandbox %v", sandboxed), func(t *testing.T) {
			g := graderOf(t, sandboxed)
			r := g.Score(t.Context(), projectOf(t, task, program(t, task)), "x.zip", task)
			if r.State != report.Graded || r.Score != task.Points() || r.Score < 5 || r.MaxScore != r.Score || len(r.Attempts) > 0 || r.Why != "" {
				t.Errorf("%s: %v of %v %q %q\n%s\n%+v", r.State, r.Score, r.MaxScore, r.Why, r.Attempts, statuses(r), r.Diagnostics)
			}
			t.Logf("%+v", r.Time)
		})
	}
}

// TestVerdicts: what is wrong with a program is told by the check that is about
// it, and no more of it than the course shows.
func TestVerdicts(t *testing.T) {
	task := serverTask(t)
	g := graderOf(t, false)
	wrong := projectOf(t, task, program(t, task, "int sock = accept(", "int sock = 7 + 0 * accept("))
	r := g.Score(t.Context(), wrong, "x", task)
	i := slices.IndexFunc(r.Checks, func(c report.Check) bool { return c.Status == check.Failed })
	if r.State != report.Graded || r.Score <= 0 || r.Score >= r.MaxScore || i < 0 || !strings.Contains(statuses(r), string(check.NotReached)) {
		t.Fatalf("%v of %v: %s", r.Score, r.MaxScore, statuses(r))
	}
	failed := r.Checks[i]
	if failed.Did["en"] == "" || failed.Expected["en"] == "" || failed.Came["en"] == "" || len(failed.Timeline) == 0 || failed.Replay != "espgen grade . --only "+failed.Name+" --seed 1" {
		t.Errorf("%+v", failed)
	}
	var sum float64
	for _, c := range r.Checks {
		sum += c.Score
	}
	if sum != r.Score {
		t.Errorf("%v points, and %v of the checks", r.Score, sum)
	}
	again := *g
	again.Only, again.Seed = []string{failed.Name}, 3
	hidden := task
	hidden.Checks = nil
	for _, c := range task.Checks {
		one := *c
		one.Hidden = c.Name == failed.Name
		hidden.Checks = append(hidden.Checks, &one)
	}
	for show, want := range map[course.Show][2]bool{course.ShowFull: {true, true}, course.ShowActual: {false, true}, course.ShowNone: {false, false}} {
		task.Show = show
		r := again.Score(t.Context(), wrong, "x", task)
		if len(r.Checks) != 1 || r.MaxScore != failed.Max {
			t.Fatalf("%s of %v", statuses(r), r.MaxScore)
		}
		c := r.Checks[0]
		if got := [2]bool{c.Expected != nil, c.Came != nil}; got != want || (len(c.Timeline) > 0) != want[1] || !strings.HasSuffix(c.Replay, "--seed 3") {
			t.Errorf("%s: %+v", show, c)
		}
	}
	r = again.Score(t.Context(), wrong, "x", hidden)
	if c := r.Checks[0]; c.Status != check.Failed || !c.Hidden || c.Did != nil || c.Expected != nil || c.Came != nil || c.Hint != nil || c.Timeline != nil || c.Replay != "" {
		t.Errorf("a hidden check tells %+v", c)
	}
}

// TestNotGradable: what does not compile is not 0 points, and is told in the
// student's own lines.
func TestNotGradable(t *testing.T) {
	task := serverTask(t)
	g := graderOf(t, false)
	for name, test := range map[string]struct {
		change []string
		want   string // FILE:LINE of the first message, or a part of why
		help   string // a part of its help
	}{
		"semicolon":  {[]string{"int opt = 1;", "int opt = 1"}, "main/main.c:151", "semicolon"},
		"undeclared": {[]string{"if (sock < 0)", "if (sokc < 0)"}, "main/main.c:192", "sokc is not known here"},
		"include":    {[]string{"sys/socket.h", "sys/sockets.h"}, "sys/sockets.h", ""},
		"condition":  {[]string{"if (err != 0)", "if (err = 0)"}, "main/main.c:164", "== compares"},
		"sockaddr":   {[]string{"(struct sockaddr *)&dest_addr, sizeof(dest_addr)", "dest_addr_ip4, sizeof(dest_addr)"}, "main/main.c:163", "(struct sockaddr *)&addr"},
		"no main":    {[]string{"app_main(void)", "app_mian(void)"}, "app_main", ""},
		"full width": {[]string{"int opt = 1;", "int opt = 1；"}, "main/main.c:150", "full-width"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := projectOf(t, task, program(t, task, test.change...))
			r := g.Score(t.Context(), dir, "x", task)
			told := r.Why
			if len(r.Diagnostics) > 0 {
				d := r.Diagnostics[0]
				told += fmt.Sprintf(" %s:%d", d.File, d.Line)
				if !strings.Contains(d.Help.In("en"), test.help) || test.help != "" && d.Help["zh"] == "" {
					t.Errorf("the help for %q is %q", d.Message, d.Help)
				}
				if d.Source == "" || !strings.Contains(program(t, task, test.change...), d.Source) {
					t.Errorf("the line is %q", d.Source)
				}
			}
			if r.State != report.NotGradable || r.Checks != nil || !strings.Contains(told, test.want) || strings.Contains(told, dir) || test.help != "" && len(r.Diagnostics) == 0 {
				t.Errorf("%s: %s\n%+v", r.State, told, r.Diagnostics)
			}
		})
	}
}

// TestAttacks: programs that attack the grader while they are built, and while
// they are checked. Each ends by itself.
func TestAttacks(t *testing.T) {
	task := serverTask(t)
	g := graderOf(t, true)
	secret := filepath.Join(t.TempDir(), "secret.h")
	must(t, os.WriteFile(secret, []byte("the hidden checks\n"), 0o644))
	start := "void app_main(void)\n{"
	for name, test := range map[string]struct {
		change []string
		state  report.State
		tried  string // a part of an attempt
	}{
		"include":     {[]string{"#include <string.h>", "#include <string.h>\n#include \"" + secret + "\""}, report.NotGradable, ""},
		"incbin":      {[]string{start, "__asm__(\".incbin \\\"" + secret + "\\\"\");\n" + start}, report.NotGradable, ""},
		"constructor": {[]string{start, "#include <stdlib.h>\n__attribute__((constructor)) static void early(void) { _Exit(0); }\n" + start}, report.Graded, ""},
		"kill":        {[]string{start, "#include <signal.h>\nint getppid(void);\nint kill(int, int);\n" + start + " kill(getppid(), 9);"}, report.Graded, "kill"},
		"exec":        {[]string{start, "int execl(const char *, const char *, ...);\n" + start + " execl(\"/bin/true\", \"true\", (char *)0);"}, report.Graded, ""},
	} {
		t.Run(name, func(t *testing.T) {
			r := g.Score(t.Context(), projectOf(t, task, program(t, task, test.change...)), "x", task)
			if r.State != test.state {
				t.Errorf("%s: %s %+v", r.State, r.Why, r.Diagnostics)
			}
			text := fmt.Sprintf("%+v", r)
			if strings.Contains(text, "the hidden checks") {
				t.Errorf("it has read the secret: %s", text)
			}
			if test.tried != "" && !strings.Contains(strings.Join(r.Attempts, "\n"), test.tried) {
				t.Errorf("nothing tells of %s: %q", test.tried, r.Attempts)
			}
			if name == "constructor" && r.Score > 0 {
				t.Errorf("it has %v points: %s", r.Score, statuses(r))
			}
		})
	}
}

// classOf is a class of these submissions, by the id of each student.
func classOf(t *testing.T, task grade.Task, works map[string]string) (*grade.Class, []*submission.Submission) {
	t.Helper()
	dir := t.TempDir()
	var people []submission.Person
	for id, text := range works {
		people = append(people, submission.Person{ID: id})
		if text == "broken" {
			must(t, os.WriteFile(filepath.Join(dir, id+".zip"), []byte("PK\x03\x04"), 0o644))
			continue
		}
		name := filepath.Join(dir, id, filepath.FromSlash(own))
		must(t, os.MkdirAll(filepath.Dir(name), 0o755))
		must(t, os.WriteFile(name, []byte(text), 0o644))
		must(t, os.WriteFile(filepath.Join(dir, id, "CMakeLists.txt"), []byte("# changed\n"), 0o644))
	}
	list, done, err := submission.Find([]string{dir})
	must(t, err)
	t.Cleanup(done)
	class := &grade.Class{
		Grader: graderOf(t, false), Roster: submission.NewRoster(people), Exercise: "server",
		Task: func(_ context.Context, _, student string) (grade.Task, error) {
			if student == "s9" {
				panic("an error of ours")
			}
			mine := task
			mine.Student = student
			return mine, nil
		},
	}
	return class, list
}

// brief tells the results in a line.
func brief(results []report.Result) string {
	var list []string
	for _, r := range results {
		list = append(list, fmt.Sprintf("%s %s %v/%v", r.Student, r.State, r.Score, r.MaxScore))
	}
	slices.Sort(list)
	return strings.Join(list, ", ")
}

func TestClass(t *testing.T) {
	task := serverTask(t)
	task.Checks = task.Checks[:3]
	good := program(t, task)
	works := map[string]string{
		"s1": good, "s2": program(t, task, "int opt = 1;", "int opt = 1"), "s3": program(t, task, "socket(AF_INET, SOCK_STREAM, 0)", "socket(AF_INET, SOCK_DGRAM, 0)"),
		"s4": "broken", "s9": good,
	}
	class, list := classOf(t, task, works)
	results, err := class.Grade(t.Context(), list)
	must(t, err)
	if got, want := brief(results), "s1 graded 3/3, s2 not-gradable 0/3, s3 graded 1/3, s4 not-gradable 0/3, s9 not-graded 0/0"; got != want {
		t.Fatalf("got %s, want %s", got, want)
	}
	for _, r := range results {
		if r.Student == "s1" && (len(r.Restored) != 1 || r.Restored[0] != "CMakeLists.txt") {
			t.Errorf("restored %q", r.Restored)
		}
		if r.Student == "s9" && !strings.Contains(r.Why, "an error of ours") {
			t.Error(r.Why)
		}
	}
	left, err := filepath.Glob(filepath.Join(os.TempDir(), "espgen-grade-*"))
	must(t, err)
	if len(left) > 0 {
		t.Errorf("left: %q", left)
	}

	t.Run("shards", func(t *testing.T) {
		// Parts together are the whole, and each student is in one.
		var all []report.Result
		for i := 1; i <= 3; i++ {
			part := *class
			part.Shard = report.Shard{Index: i, Count: 3}
			results, err := part.Grade(t.Context(), list)
			must(t, err)
			for _, r := range results {
				if grade.ShardOf(r.Student, 3) != i {
					t.Errorf("%s is in part %d", r.Student, i)
				}
			}
			all = append(all, results...)
		}
		if brief(all) != brief(results) {
			t.Errorf("%s, and %s in parts", brief(results), brief(all))
		}
	})
	t.Run("an interrupted run goes on", func(t *testing.T) {
		state, err := grade.OpenState(filepath.Join(t.TempDir(), "state"), "run")
		must(t, err)
		ctx, cancel := context.WithCancel(t.Context())
		part := *class
		part.State, part.Jobs = state, 1
		var count atomic.Int32
		part.Done = func(r report.Result) {
			if r.State != report.NotGraded && count.Add(1) == 2 {
				cancel()
			}
		}
		first, err := part.Grade(ctx, list)
		if !errors.Is(err, context.Canceled) || len(first) != len(list) {
			t.Fatalf("%v %s", err, brief(first))
		}
		part.Done = nil
		second, err := part.Grade(t.Context(), list)
		must(t, err)
		if brief(second) != brief(results) || state.Found() == 0 || state.Found() >= len(list) {
			t.Errorf("%d taken over, %s", state.Found(), brief(second))
		}
		third, err := part.Grade(t.Context(), list) // all that can be kept is there
		must(t, err)
		if brief(third) != brief(second) {
			t.Error(brief(third))
		}
		changed := part // the instructor has corrected a file that is not the student's
		changed.Task = func(ctx context.Context, exercise, student string) (grade.Task, error) {
			t, err := part.Task(ctx, exercise, student)
			t.HandOut = slices.Clone(t.HandOut)
			for i, f := range t.HandOut {
				if f.Path == "main/CMakeLists.txt" {
					t.HandOut[i].Data = slices.Concat(f.Data, []byte("# corrected\n"))
				}
			}
			return t, err
		}
		before := state.Found()
		fourth, err := changed.Grade(t.Context(), list)
		must(t, err)
		if brief(fourth) != brief(second) || state.Found() != before {
			t.Errorf("%d results of another hand-out are kept; %s", state.Found()-before, brief(fourth))
		}
		state.Remove()
		found := state.Found()
		if _, err := part.Grade(t.Context(), list); err != nil || state.Found() != found {
			t.Errorf("%v, %d are found of those that were removed", err, state.Found()-found)
		}
	})
}

func TestShardsAreStable(t *testing.T) {
	// These numbers must never change: parts of one run may come from several versions.
	for id, want := range map[string]int{"s1": 4, "S1": 4, "ada@example.org": 3, "张伟": 2} {
		if got := grade.ShardOf(id, 4); got != want {
			t.Errorf("%s is in part %d, not %d", id, got, want)
		}
	}
	counts := map[int]int{}
	for i := range 1000 {
		counts[grade.ShardOf(fmt.Sprint("student", i), 10)]++
	}
	for i := 1; i <= 10; i++ {
		if counts[i] < 60 || counts[i] > 140 {
			t.Errorf("part %d has %d of 1000", i, counts[i])
		}
	}
}

// TestMistakes: each entry of the list matches what it is for, before any other
// does, and is in both languages.
func TestMistakes(t *testing.T) {
	var list []struct {
		Name, Example, Source string
		Help                  check.Text
	}
	data, err := os.ReadFile("mistakes.yaml")
	must(t, err)
	must(t, yaml.Unmarshal(data, &list))
	value := regexp.MustCompile(`\$[0-9]`)
	for _, m := range list {
		source := "x"
		if m.Source != "" {
			source = "bind(sock, addr, 1);"
		}
		got := grade.Explain(m.Example, source)
		if m.Help["en"] == "" || m.Help["zh"] == "" || got == nil {
			t.Errorf("%s: %q", m.Name, got)
			continue
		}
		prefix, _, _ := strings.Cut(m.Help["en"], "$")
		if !strings.HasPrefix(got["en"], prefix) || value.MatchString(got["en"]+got["zh"]) {
			t.Errorf("%s: %q is explained by %q", m.Name, m.Example, got["en"])
		}
	}
}

func TestAdjustments(t *testing.T) {
	a, err := grade.ReadAdjustments("a.csv", []byte("id,exercise,points,reason\ns1,server,7.5,oral exam\nS2, server, 0\ns3,server,4\ns8,server,1\n"))
	must(t, err)
	c := report.Class{
		Exercises: []report.Exercise{{Name: "server", MaxScore: 10, Students: []string{"s1", "s2", "s3"}}},
		Results: []report.Result{
			{Student: "s1", Exercise: "server", State: report.NotGradable, MaxScore: 10}, {Student: "s2", Exercise: "server", State: report.Graded, Score: 9, MaxScore: 10}, {Student: "s1", Exercise: "other", State: report.Graded, Score: 1},
		},
	}
	unused := a.Apply(&c)
	got := fmt.Sprint(unused)
	for _, r := range c.Results {
		got += fmt.Sprintf(" %s/%s=%v,%v", r.Student, r.Exercise, r.Points(), r.Counts())
	}
	if want := "[s8, server] s1/server=7.5,true s2/server=0,true s1/other=1,true s3/server=4,true"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	_, err = grade.ReadAdjustments("a.csv", []byte("s1,server,many\ns2\ns3,server,-1\ns4,server,1\ns4,server,2\ns5,server,NaN\n"))
	want := "a.csv:1:11: \"many\" are no points: write a number from 0\na.csv:2:1: a row requires the columns id, exercise, points, and may have a reason\n" +
		"a.csv:3:11: \"-1\" are no points: write a number from 0\na.csv:5:11: s4 has points for server already\na.csv:6:11: \"NaN\" are no points: write a number from 0"
	if err == nil || err.Error() != want {
		t.Errorf("got\n%v", err)
	}
}
