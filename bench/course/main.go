// Command course times the build of a course: for each student and exercise a
// hand-out, with its lock, its pristine copy and its zip, all of them searched for
// leaks, and the solutions, the grader's folder and the index. The peer is a C
// program that only writes the same bytes. The two take turns, so that the ratio
// holds when the machine's speed drifts.
//
//	go run ./bench/course [-n STUDENTS] [-rounds N]
package main

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/espgen/espgen/course"
	"github.com/espgen/espgen/generator/spec"
)

func main() {
	students := flag.Int("n", 1000, "students, with three exercises each")
	rounds := flag.Int("rounds", 3, "rounds of both programs")
	writer := flag.String("writer", "bench/class/writer/writer.c", "the C program")
	flag.Parse()
	if err := bench(os.Stdout, *students, *rounds, *writer); err != nil {
		log.Fatal(err)
	}
}

const courseFile = `format: 1
title: A class
auto: {server.port: port, client.greeting: greeting}
exercises:
  - {name: server, spec: server.yaml, blank: [bind, listen, accept]}
  - {name: client, spec: client.yaml, blank: [connect, greet]}
  - {name: echo, spec: server.yaml, blank: [receive, send-all, close]}
`

// makeCourse writes a course of so many students.
func makeCourse(dir string, students int) error {
	if _, err := course.New(context.Background(), dir, "en"); err != nil {
		return err
	}
	var roster strings.Builder
	roster.WriteString("id,name\n")
	for i := range students {
		fmt.Fprintf(&roster, "s%05d,Student Number %d\n", i, i)
	}
	err := os.WriteFile(filepath.Join(dir, course.RosterFile), []byte(roster.String()), 0o600)
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, course.File), []byte(courseFile), 0o600)
	}
	return err
}

func bench(out io.Writer, students, rounds int, writer string) error {
	tmp, err := os.MkdirTemp("", "espgen-course-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(tmp)
	program := filepath.Join(tmp, "writer")
	if said, err := exec.Command("cc", "-O2", "-o", program, writer).CombinedOutput(); err != nil {
		return fmt.Errorf("cc: %w\n%s", err, said)
	}
	dir := filepath.Join(tmp, "course")
	if err := makeCourse(dir, students); err != nil {
		return err
	}
	var reads, leaks, builds, again, peers []time.Duration
	for range rounds {
		built := filepath.Join(tmp, "built")
		begin := time.Now()
		c, err := course.Open(context.Background(), dir, course.From{Espgen: "v0.0.0", Sources: func(string) spec.Sources { return spec.Sources{} }})
		if err != nil {
			return err
		}
		reads = append(reads, time.Since(begin))
		begin = time.Now()
		if err := c.CheckLeaks(context.Background(), course.BuildOptions{}); err != nil {
			return err
		}
		leaks = append(leaks, time.Since(begin))
		begin = time.Now()
		if _, err := c.Build(context.Background(), built, course.BuildOptions{}); err != nil {
			return err
		}
		builds = append(builds, time.Since(begin))
		begin = time.Now()
		if _, err := c.Build(context.Background(), built, course.BuildOptions{}); err != nil {
			return err
		}
		again = append(again, time.Since(begin))
		peer, err := write(program, built, filepath.Join(tmp, "peer"))
		if err != nil {
			return err
		}
		peers = append(peers, peer)
		if err := os.RemoveAll(built); err != nil {
			return err
		}
	}
	projects := float64(3 * students)
	line := func(what string, d time.Duration) {
		fmt.Fprintf(out, "%-28s %7.2f s  %6.2f ms each  %6.0f a second\n", what, d.Seconds(), 1000*d.Seconds()/projects, projects/d.Seconds())
	}
	fmt.Fprintf(out, "%d hand-outs, medians of %d rounds:\n", 3*students, rounds)
	line("read and check", median(reads))
	line("build, leak check and zips", median(builds))
	line("of that, the leak check", median(leaks))
	line("build again, up to date", median(again))
	line("C, write alone", median(peers))
	fmt.Fprintf(out, "espgen / C, all of it         %.2f\n", (median(reads)+median(builds)).Seconds()/median(peers).Seconds())
	fmt.Fprintf(out, "espgen / C, without leaks     %.2f\n", (median(reads)+median(builds)-median(leaks)).Seconds()/median(peers).Seconds())
	return nil
}

func median(list []time.Duration) time.Duration {
	list = slices.Sorted(slices.Values(list))
	return list[len(list)/2]
}

// write has the C program write what is below a folder to another one, and
// returns what that took.
func write(program, from, to string) (time.Duration, error) {
	defer os.RemoveAll(to)
	var in bytes.Buffer
	err := filepath.WalkDir(from, func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(p)
		rel, _ := filepath.Rel(from, p)
		fmt.Fprintf(&in, "%s %d\n", filepath.Join(to, rel), len(data))
		in.Write(data)
		return err
	})
	if err != nil {
		return 0, err
	}
	if err := os.Mkdir(to, 0o755); err != nil {
		return 0, err
	}
	cmd := exec.Command(program)
	cmd.Stdin = &in
	said, err := cmd.Output()
	if err != nil {
		return 0, fmt.Errorf("the C program: %w", err)
	}
	seconds, err := strconv.ParseFloat(strings.TrimSpace(string(said)), 64)
	return time.Duration(seconds * float64(time.Second)), err
}
