//go:build linux

// Command start times how long espgen run takes from its start to the first
// line of a project's own log: with an empty cache, and after an edit of one
// file. Several builds of espgen, an older one say, take turns, so that the
// ratios hold when the machine's speed drifts.
//
//	go run ./bench/start [-rounds N] [ESPGEN ...]
package main

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"
)

func main() {
	rounds := flag.Int("rounds", 7, "turns of each program")
	flag.Parse()
	if err := bench(os.Stdout, *rounds, flag.Args()); err != nil {
		log.Fatal(err)
	}
}

// A program is a build of espgen, and what was measured of it.
type program struct {
	path         string
	project      string // that it has written
	cold, edited []time.Duration
}

func bench(out io.Writer, rounds int, others []string) error {
	tmp, err := os.MkdirTemp("", "espgen-bench-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(tmp)
	own := filepath.Join(tmp, "espgen")
	if said, err := exec.Command("go", "build", "-o", own, "./cmd/espgen").CombinedOutput(); err != nil {
		return fmt.Errorf("%w: %s", err, said)
	}
	programs := []*program{{path: own}}
	for _, path := range others {
		programs = append(programs, &program{path: path})
	}
	for i, p := range programs {
		p.project = filepath.Join(tmp, fmt.Sprintf("project-%d", i))
		if said, err := exec.Command(p.path, "new", "tcp-server", "-f", "specs/tcp-server_robust.yaml", "-o", p.project).CombinedOutput(); err != nil {
			return fmt.Errorf("%w: %s", err, said)
		}
	}
	for i := range rounds {
		for k, p := range programs {
			cache := filepath.Join(tmp, fmt.Sprintf("cache-%d-%d", i, k))
			cold, err := firstLine(p.path, p.project, cache)
			if err != nil {
				return fmt.Errorf("%s: %w", p.path, err)
			}
			if err := edit(filepath.Join(p.project, "main", "tcp_server.c")); err != nil {
				return err
			}
			edited, err := firstLine(p.path, p.project, cache)
			if err != nil {
				return fmt.Errorf("%s: %w", p.path, err)
			}
			p.cold, p.edited = append(p.cold, cold), append(p.edited, edited)
			if err := os.RemoveAll(cache); err != nil {
				return err
			}
		}
	}
	fmt.Fprintf(out, "to the first line of the log, medians of %d turns\n%-24s cold cache   after an edit\n", rounds, "")
	for _, p := range programs {
		name := p.path
		if p == programs[0] {
			name = "this espgen"
		}
		fmt.Fprintf(out, "%-24s %7.2f s    %7.2f s\n", name, median(p.cold), median(p.edited))
	}
	for _, p := range programs[1:] {
		fmt.Fprintf(out, "%-24s %7.2f      %7.2f\n", "this / "+filepath.Base(p.path), ratio(programs[0].cold, p.cold), ratio(programs[0].edited, p.edited))
	}
	_, err = fmt.Fprintln(out, "goals                    at most 1.5 s  and 0.3 s")
	return err
}

// edit changes a C file, so that it must be compiled again.
func edit(file string) error {
	f, err := os.OpenFile(file, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	_, err = f.WriteString("// edited\n")
	return errors.Join(err, f.Close())
}

// firstLine runs a project until its own log begins.
func firstLine(espgen, project, cache string) (time.Duration, error) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, espgen, "run", project, "--listen", "127.0.0.1:0")
	cmd.Env = append(os.Environ(), "XDG_CACHE_HOME="+cache)
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	said, err := cmd.StdoutPipe()
	if err != nil {
		return 0, err
	}
	cmd.Stderr = os.Stderr
	begin := time.Now()
	if err := cmd.Start(); err != nil {
		return 0, err
	}
	took := time.Duration(-1)
	for lines := bufio.NewScanner(said); lines.Scan(); {
		if took < 0 && !strings.HasPrefix(lines.Text(), "host:") {
			took = time.Since(begin)
			cancel()
		}
	}
	if err := cmd.Wait(); took < 0 {
		return 0, fmt.Errorf("the log has no line: %w", err)
	}
	return took, nil
}

func median(times []time.Duration) float64 {
	sorted := slices.Sorted(slices.Values(times))
	return sorted[len(sorted)/2].Seconds()
}

// ratio is the median of the ratios turn by turn.
func ratio(a, b []time.Duration) float64 {
	var all []float64
	for i := range a {
		all = append(all, a[i].Seconds()/b[i].Seconds())
	}
	slices.Sort(all)
	return all[len(all)/2]
}
