// Command bench times one whole run of espgen new against two peers that give
// the same tree: cp -r of it, and cookiecutter. The three take turns, so that
// the ratios hold when the machine's speed drifts.
//
//	go run ./bench [-n RUNS] [-cookiecutter PROGRAM]
package main

import (
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
)

func main() {
	runs := flag.Int("n", 40, "counted runs of each program")
	cookiecutter := flag.String("cookiecutter", "cookiecutter", "the program, of Debian's package of that name")
	flag.Parse()
	if err := bench(os.Stdout, *runs, *cookiecutter); err != nil {
		log.Fatal(err)
	}
}

// A peer is a program that writes the tree to a new folder.
type peer struct {
	name  string
	args  func(dst string) []string
	times []time.Duration
}

func bench(out io.Writer, runs int, cookiecutter string) error {
	tmp, err := os.MkdirTemp("", "espgen-bench-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(tmp)

	espgen, tree := filepath.Join(tmp, "espgen"), filepath.Join(tmp, "tree")
	spec, err := filepath.Abs("specs/tcp-server.yaml")
	if err != nil {
		return err
	}
	if err := build(espgen); err != nil {
		return err
	}
	if err := run(espgen, "new", "tcp-server", "-f", spec, "-o", tree); err != nil {
		return err
	}
	template := filepath.Join(tmp, "template")
	if err := makeTemplate(template, tree); err != nil {
		return err
	}
	peers := []*peer{
		{name: "espgen new", args: func(dst string) []string { return []string{espgen, "new", "tcp-server", "-f", spec, "-o", dst} }},
		{name: "cp -r", args: func(dst string) []string { return []string{"cp", "-r", tree, dst} }},
		{name: "cookiecutter", args: func(dst string) []string {
			return []string{cookiecutter, "--no-input", "-o", filepath.Dir(dst), template, "name=" + filepath.Base(dst)}
		}},
	}
	for i := range runs + 1 {
		for k, p := range peers {
			dst := filepath.Join(tmp, "out"+strconv.Itoa(k)+"-"+strconv.Itoa(i))
			args := p.args(dst)
			start := time.Now()
			if err := run(args[0], args[1:]...); err != nil {
				return err
			}
			if i > 0 { // the first run warms up
				p.times = append(p.times, time.Since(start))
			}
			if err := run("diff", "-r", tree, dst); err != nil {
				return err
			}
		}
	}

	fmt.Fprintf(out, "%-14s %8s %8s %8s   (whole process, ms, %d runs in turn)\n", "", "min", "median", "max", runs)
	for _, p := range peers {
		fmt.Fprintf(out, "%-14s %s\n", p.name, spread(milliseconds(p.times)))
	}
	fmt.Fprintln(out, "ratios, pair by pair:")
	fmt.Fprintf(out, "%-29s %s   (to reach: at most 3)\n", "espgen new / cp -r", spread(ratios(peers[0].times, peers[1].times)))
	fmt.Fprintf(out, "%-29s %s   (to reach: at least 15)\n", "cookiecutter / espgen new", spread(ratios(peers[2].times, peers[0].times)))
	return nil
}

// makeTemplate turns a project into a cookiecutter template whose output is
// that project: the SSID and the port are variables.
func makeTemplate(dir, tree string) error {
	project := filepath.Join(dir, "{{cookiecutter.name}}")
	if err := os.CopyFS(project, os.DirFS(tree)); err != nil {
		return err
	}
	variables := `{"name": "x", "ssid": "duruofu_win10", "port": "8080"}`
	if err := os.WriteFile(filepath.Join(dir, "cookiecutter.json"), []byte(variables), 0o644); err != nil {
		return err
	}
	source := filepath.Join(project, "main", "main.c")
	text, err := os.ReadFile(source)
	if err != nil {
		return err
	}
	replaced := strings.NewReplacer("duruofu_win10", "{{cookiecutter.ssid}}", "8080", "{{cookiecutter.port}}").Replace(string(text))
	return os.WriteFile(source, []byte(replaced), 0o644)
}

// build makes a static program, as make build does.
func build(dst string) error {
	cmd := exec.Command("go", "build", "-o", dst, "./cmd/espgen")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("go build: %w\n%s", err, out)
	}
	return nil
}

func run(name string, args ...string) error {
	cmd := exec.Command(name, args...)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w\n%s", name, err, out)
	}
	return nil
}

func milliseconds(times []time.Duration) []float64 {
	var list []float64
	for _, t := range times {
		list = append(list, float64(t.Microseconds())/1000)
	}
	return list
}

func ratios(a, b []time.Duration) []float64 {
	var list []float64
	for i := range a {
		list = append(list, float64(a[i])/float64(b[i]))
	}
	return list
}

// spread prints the least, the median and the greatest value.
func spread(values []float64) string {
	slices.Sort(values)
	return fmt.Sprintf("%8.2f %8.2f %8.2f", values[0], values[len(values)/2], values[len(values)-1])
}
