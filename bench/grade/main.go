// Command grade times the grading of a class: submissions of the guide's server,
// right, wrong, and such that do not compile, each with a port of its own, by 30
// checks, in sandboxes. It tells what part of it is compiling, running and
// waiting for the program that is checked.
//
//	go run ./bench/grade [-n SUBMISSIONS] [-unsafe]
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/espgen/espgen/course"
	"github.com/espgen/espgen/generator"
	"github.com/espgen/espgen/generator/spec"
	"github.com/espgen/espgen/report"
	"github.com/espgen/espgen/templates"
)

func main() {
	n := flag.Int("n", 200, "submissions")
	unsafe := flag.Bool("unsafe", false, "without sandboxes")
	flag.Parse()
	if err := bench(context.Background(), os.Stdout, *n, *unsafe); err != nil {
		log.Fatal(err)
	}
}

func bench(ctx context.Context, out io.Writer, n int, unsafe bool) error {
	tmp, err := os.MkdirTemp("", "espgen-bench-grade-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(tmp)
	dir, work := filepath.Join(tmp, "course"), filepath.Join(tmp, "submissions")
	c, err := makeCourse(ctx, dir, n)
	if err != nil {
		return err
	}
	if err := writeSubmissions(ctx, c, work); err != nil {
		return err
	}
	espgen, results := filepath.Join(tmp, "espgen"), filepath.Join(tmp, "results.json")
	if said, err := exec.CommandContext(ctx, "go", "build", "-o", espgen, "./cmd/espgen").CombinedOutput(); err != nil {
		return fmt.Errorf("go build: %w\n%s", err, said)
	}
	args := []string{"grade", work, "--course", dir, "--format", "json", "-o", results}
	if unsafe {
		args = append(args, "--unsafe")
	}
	cmd := exec.CommandContext(ctx, espgen, args...)
	cmd.Stderr = os.Stderr
	cmd.Env = append(os.Environ(), "XDG_CACHE_HOME="+filepath.Join(tmp, "cache")) // nothing is built already
	begun := time.Now()
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("espgen grade: %w", err)
	}
	took := time.Since(begun)
	data, err := os.ReadFile(results)
	if err != nil {
		return err
	}
	class, err := report.Read(results, data)
	if err != nil {
		return err
	}
	return tell(out, class, took, cmd.ProcessState.UserTime()+cmd.ProcessState.SystemTime())
}

// tell prints the times of a run.
func tell(out io.Writer, class report.Class, took, processor time.Duration) error {
	var build, run, wait float64
	checks, states := 0, map[string]int{}
	for _, r := range class.Results {
		build += r.Time.Build
		wait += r.Time.Waiting
		states[fmt.Sprintf("%s with %v of %v points", r.State, r.Score, r.MaxScore)]++
		for _, c := range r.Checks {
			run += c.Seconds
			checks++
		}
	}
	run -= wait
	all := build + run + wait
	_, err := fmt.Fprintf(out, "%d submissions, %d checks: %.1f minutes, %.1f minutes of processors\ncompiling %.0f%%, running %.0f%%, waiting %.0f%% of the %.0f minutes that all of them took, side by side\n",
		len(class.Results), checks, took.Minutes(), processor.Minutes(), 100*build/all, 100*run/all, 100*wait/all, all/60)
	for state, n := range states {
		fmt.Fprintf(out, "  %d %s\n", n, state)
	}
	return err
}

// more is a check beside those that come with the role, so that there are
// enough.
const more = `
  - name: echo-%[1]d
    title: {en: "It sends %[1]d bytes back", zh: "返回 %[1]d 个字节"}
    depends: [echo]
    do:
      - connect: a
      - send: {on: a, pattern: %[1]d}
      - expect: {on: a, pattern: %[1]d}
`

// checksEach is how many checks each submission gets.
const checksEach = 30

// makeCourse makes a course of one exercise.
func makeCourse(ctx context.Context, dir string, students int) (*course.Course, error) {
	if _, err := course.New(ctx, dir, "en"); err != nil {
		return nil, err
	}
	checks, err := templates.FS.ReadFile("roles/tcp-server/guide-checks.yaml")
	if err != nil {
		return nil, err
	}
	for {
		if err := writeCourse(dir, checks, students); err != nil {
			return nil, err
		}
		c, err := course.Open(ctx, dir, course.From{Espgen: "bench", Sources: func(string) spec.Sources { return spec.Sources{} }})
		if err != nil {
			return nil, err
		}
		bound, err := c.Checks(ctx, c.Exercise("server"), c.Students()[0])
		if err != nil || len(bound) >= checksEach {
			return c, err
		}
		for i := range checksEach - len(bound) { // some of the role's are of other values
			checks = fmt.Appendf(checks, more, 100*(i+1))
		}
	}
}

func writeCourse(dir string, checks []byte, students int) error {
	var roster strings.Builder
	roster.WriteString("id,name\n")
	for i := range students {
		fmt.Fprintf(&roster, "s%04d,Student %d\n", i, i)
	}
	for name, text := range map[string]string{
		"course.yaml": `format: 1
title: Sockets
language: en
auto: {server.port: port}
exercises:
  - name: server
    title: A TCP server
    spec: server.yaml
    blank: [create-socket, address, bind, listen, accept, receive, send-all, close]
    checks_file: checks.yaml
`,
		"server.yaml": "role: tcp-server\nwifi: {ssid: lab}\n",
		"checks.yaml": string(checks),
		"roster.csv":  roster.String(),
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			return err
		}
	}
	return nil
}

// writeSubmissions writes what the students hand in: of ten, six are right, two
// have a mistake, one is the hand-out as it was, and one does not compile.
func writeSubmissions(ctx context.Context, c *course.Course, work string) error {
	e := c.Exercise("server")
	for i, s := range c.Students() {
		var h course.HandOut
		var err error
		switch i % 10 {
		case 6:
			h, err = c.Mutant(ctx, e, s, "send-all", "sends-once")
		case 7:
			h, err = c.Mutant(ctx, e, s, "address", "no-htons")
		case 8:
			h, err = c.HandOut(ctx, e, s)
		default:
			h, err = c.Solution(ctx, e, s)
		}
		if err != nil {
			return err
		}
		files := h.Files
		for k, f := range files {
			if f.Path == "main/main.c" {
				text := string(f.Data) + "\n// " + s.ID + "\n"
				if i%10 == 9 {
					text = strings.Replace(text, ";", "", 1)
				}
				files[k].Data = []byte(text)
			}
		}
		if err := os.MkdirAll(work, 0o755); err != nil {
			return err
		}
		if err := generator.Write(ctx, filepath.Join(work, s.ID), files); err != nil {
			return err
		}
	}
	return nil
}
