// Command class times the projects of a class, made in one run: reading and
// checking a spec for each student, rendering it, and writing its files. The peer
// is a C program that only writes the same bytes. The two take turns, so that the
// ratio holds when the machine's speed drifts.
//
//	go run ./bench/class [-n SPECS] [-rounds N]
package main

import (
	"bytes"
	"context"
	_ "embed"
	"flag"
	"fmt"
	"io"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/espgen/espgen/generator"
	"github.com/espgen/espgen/generator/role"
	"github.com/espgen/espgen/generator/rules"
	"github.com/espgen/espgen/generator/spec"
	"github.com/espgen/espgen/templates"
)

//go:embed writer/writer.c
var writer []byte

func main() {
	specs := flag.Int("n", 1000, "specs")
	rounds := flag.Int("rounds", 5, "rounds of both programs")
	flag.Parse()
	if err := bench(os.Stdout, *specs, *rounds); err != nil {
		log.Fatal(err)
	}
}

// Times of one round.
type times struct{ check, render, write, peer time.Duration }

func bench(out io.Writer, specs, rounds int) error {
	tmp, err := os.MkdirTemp("", "espgen-class-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(tmp)
	source, program := filepath.Join(tmp, "writer.c"), filepath.Join(tmp, "writer")
	if err := os.WriteFile(source, writer, 0o600); err != nil {
		return err
	}
	if said, err := exec.Command("cc", "-O2", "-o", program, source).CombinedOutput(); err != nil {
		return fmt.Errorf("cc: %w\n%s", err, said)
	}
	role, err := generator.LoadRole(templates.FS, "tcp-server")
	if err != nil {
		return err
	}
	var all []times
	for round := range rounds {
		t, err := oneRound(filepath.Join(tmp, strconv.Itoa(round)), program, role, specs)
		if err != nil {
			return err
		}
		all = append(all, t)
	}
	median := func(of func(times) time.Duration) time.Duration {
		var list []time.Duration
		for _, t := range all {
			list = append(list, of(t))
		}
		slices.Sort(list)
		return list[len(list)/2]
	}
	each := func(d time.Duration) float64 { return d.Seconds() * 1000 / float64(specs) }
	check, render := median(func(t times) time.Duration { return t.check }), median(func(t times) time.Duration { return t.render })
	write, peer := median(func(t times) time.Duration { return t.write }), median(func(t times) time.Duration { return t.peer })
	fmt.Fprintf(out, "%d specs of the tcp-server, medians of %d rounds, ms for each:\n", specs, rounds)
	fmt.Fprintf(out, "read and check  %.3f\nrender          %.3f\nwrite           %.3f\nC, write alone  %.3f\n", each(check), each(render), each(write), each(peer))
	fmt.Fprintf(out, "espgen / C      %.2f\n", (check+render+write).Seconds()/peer.Seconds())
	return nil
}

func oneRound(dir, program string, role role.Role, specs int) (t times, err error) {
	if err := os.Mkdir(dir, 0o755); err != nil {
		return t, err
	}
	defer os.RemoveAll(dir)
	renderer := generator.NewRenderer(templates.FS, role)
	checked, projects := make([]*spec.Spec, specs), make([][]generator.File, specs)

	begin := time.Now()
	for i := range specs {
		text := fmt.Appendf(nil, "role: tcp-server\nwifi:\n  ssid: lab-%d\n  password: \"secret-%d\"\nserver:\n  port: %d\n", i, i, 8000+i)
		if checked[i], err = rules.CheckFile(spec.Parse("spec.yaml", text, spec.Sources{}), role); err != nil {
			return t, err
		}
	}
	t.check = time.Since(begin)

	begin = time.Now()
	for i := range specs {
		if projects[i], err = renderer.Render(checked[i]); err != nil {
			return t, err
		}
	}
	t.render = time.Since(begin)

	begin = time.Now()
	for i := range specs {
		if err := generator.Write(context.Background(), filepath.Join(dir, "espgen", strconv.Itoa(i)), projects[i]); err != nil {
			return t, err
		}
	}
	t.write = time.Since(begin)

	var in bytes.Buffer
	for i, files := range projects {
		for _, f := range files {
			fmt.Fprintf(&in, "%s %d\n", filepath.Join(dir, "c", strconv.Itoa(i), f.Path), len(f.Data))
			in.Write(f.Data)
		}
	}
	cmd := exec.Command(program)
	cmd.Stdin = &in
	said, err := cmd.Output()
	if err != nil {
		return t, fmt.Errorf("the C program: %w", err)
	}
	seconds, err := strconv.ParseFloat(strings.TrimSpace(string(said)), 64)
	t.peer = time.Duration(seconds * float64(time.Second))
	return t, err
}
