//go:build linux

// Command serve times three echo servers on the host SDK: that of the robust
// style, that of the guide style, and the plain loop in plain/. They take
// turns, so that the ratios hold when the machine's speed drifts.
//
//	go run ./bench/serve [-rounds N] [-time D]
package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"syscall"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
	"golang.org/x/sync/errgroup"

	"github.com/espgen/espgen/generator"
	"github.com/espgen/espgen/generator/spec"
	"github.com/espgen/espgen/hostsdk"
	"github.com/espgen/espgen/templates"
)

// message is the size of a ping in bytes.
const message = 64

func main() {
	rounds := flag.Int("rounds", 7, "turns of each server")
	window := flag.Duration("time", time.Second, "how long each measurement takes")
	flag.Parse()
	if err := bench(context.Background(), os.Stdout, *rounds, *window); err != nil {
		log.Fatal(err)
	}
}

// A server is a program that runs, and what was measured of it in each turn.
type server struct {
	name string
	addr string
	one  []result // with 1 client
	four []result // with 4 clients
	calm []result // with 1 client, beside one that says nothing
	held []result // with 1 client, beside one that sends and does not read
}

// A result is one measurement.
type result struct {
	rate     float64 // round trips per second
	p50, p99 time.Duration
}

func bench(ctx context.Context, out io.Writer, rounds int, window time.Duration) error {
	tmp, err := os.MkdirTemp("", "espgen-bench-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(tmp)
	ctx, stop := context.WithCancel(ctx)
	defer stop()

	robust, err := project(tmp, "robust")
	if err != nil {
		return err
	}
	guide, err := project(tmp, "guide")
	if err != nil {
		return err
	}
	servers := []*server{{name: "robust"}, {name: "guide"}, {name: "plain loop"}}
	for i, dir := range []string{robust, guide, "bench/serve/plain"} {
		if servers[i].addr, err = start(ctx, dir); err != nil {
			return fmt.Errorf("%s: %w", servers[i].name, err)
		}
	}
	for range rounds {
		for _, s := range servers {
			if err := s.turn(window, s.name == "robust"); err != nil {
				return fmt.Errorf("%s: %w", s.name, err)
			}
		}
	}
	report(out, servers[0], servers[1], servers[2])
	return nil
}

// project writes a server with the defaults of a style.
func project(tmp, style string) (string, error) {
	files, err := generator.Render(templates.FS, &spec.Spec{Role: "tcp-server", Style: &style, WiFi: spec.WiFi{SSID: "bench"}})
	if err != nil {
		return "", err
	}
	dir := filepath.Join(tmp, style)
	return dir, generator.Write(context.Background(), dir, files)
}

// start runs a project until ctx ends, and returns where it listens.
func start(ctx context.Context, dir string) (string, error) {
	program, _, err := hostsdk.Build(ctx, dir, hostsdk.BuildOptions{})
	if err != nil {
		return "", err
	}
	w := &watcher{found: make(chan string, 1)}
	ended := make(chan error, 1)
	go func() {
		ended <- hostsdk.Run(ctx, program, hostsdk.RunOptions{Scenario: hostsdk.Scenario{Port: -1}, Out: w})
	}()
	select {
	case addr := <-w.found:
		return addr, nil
	case err := <-ended:
		return "", errors.Join(errors.New("it ended before it listened"), err)
	}
}

// A watcher finds the address in a device's log.
type watcher struct {
	found chan string
	text  []byte
	done  bool
}

func (w *watcher) Write(p []byte) (int, error) {
	if w.done {
		return len(p), nil
	}
	w.text = append(w.text, p...)
	if _, rest, ok := bytes.Cut(w.text, []byte("host: listening on ")); ok {
		if addr, _, ok := bytes.Cut(rest, []byte("\n")); ok {
			w.found <- string(addr)
			w.done = true
		}
	}
	return len(p), nil
}

// turn measures a server once. Only one that serves several clients at a time
// can be measured beside another.
func (s *server) turn(window time.Duration, several bool) error {
	for clients, results := range map[int]*[]result{1: &s.one, 4: &s.four} {
		r, err := load(s.addr, clients, window)
		if err != nil {
			return err
		}
		*results = append(*results, r)
	}
	if !several {
		return nil
	}
	for reads, results := range map[bool]*[]result{true: &s.calm, false: &s.held} {
		r, err := besideOther(s.addr, reads, window)
		if err != nil {
			return err
		}
		*results = append(*results, r)
	}
	return nil
}

// load has clients send pings for a while, each when the one before is back.
// A client that is not served within the time has made none.
func load(addr string, clients int, window time.Duration) (result, error) {
	histograms := make([]*hdrhistogram.Histogram, clients)
	var group errgroup.Group
	until := time.Now().Add(window)
	for i := range clients {
		h := hdrhistogram.New(1, int64(10*time.Second), 3)
		histograms[i] = h
		group.Go(func() error {
			conn, err := net.Dial("tcp", addr)
			if err != nil {
				return err
			}
			defer conn.Close()
			return ping(conn, h, until)
		})
	}
	if err := group.Wait(); err != nil {
		return result{}, err
	}
	all := histograms[0]
	for _, h := range histograms[1:] {
		all.Merge(h)
	}
	return result{
		rate: float64(all.TotalCount()) / window.Seconds(),
		p50:  time.Duration(all.ValueAtQuantile(50)),
		p99:  time.Duration(all.ValueAtQuantile(99)),
	}, nil
}

// ping uses the socket itself, blocking, on a thread of its own: Go's poller
// would take more time than the server.
func ping(conn net.Conn, h *hdrhistogram.Histogram, until time.Time) error {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	file, err := conn.(*net.TCPConn).File()
	if err != nil {
		return err
	}
	defer file.Close()
	fd := int(file.Fd()) // this makes it block
	sent, got := bytes.Repeat([]byte("p"), message), make([]byte, message)
	left := syscall.NsecToTimeval(int64(time.Until(until)))
	if err := syscall.SetsockoptTimeval(fd, syscall.SOL_SOCKET, syscall.SO_RCVTIMEO, &left); err != nil {
		return err
	}
	for {
		begin := time.Now()
		if begin.After(until) {
			return nil
		}
		if _, err := syscall.Write(fd, sent); err != nil {
			return err
		}
		for n := 0; n < message; {
			k, err := syscall.Read(fd, got[n:])
			switch {
			case errors.Is(err, syscall.EAGAIN):
				return nil
			case errors.Is(err, syscall.EINTR):
			case err != nil:
				return err
			case k == 0:
				return io.ErrUnexpectedEOF
			default:
				n += k
			}
		}
		if err := h.RecordValue(int64(time.Since(begin))); err != nil {
			return err
		}
	}
}

func unlessTimeout(err error) error {
	if errors.Is(err, os.ErrDeadlineExceeded) {
		return nil
	}
	return err
}

// besideOther measures one client beside another one, which says nothing, or
// sends as much as it can and does not read.
func besideOther(addr string, silent bool, window time.Duration) (result, error) {
	other, err := net.Dial("tcp", addr)
	if err != nil {
		return result{}, err
	}
	defer other.Close()
	if !silent {
		if err := other.SetWriteDeadline(time.Now().Add(200 * time.Millisecond)); err != nil {
			return result{}, err
		}
		for err == nil {
			_, err = other.Write(make([]byte, 64<<10))
		}
		if err := unlessTimeout(err); err != nil {
			return result{}, err
		}
	}
	return load(addr, 1, window)
}

func report(out io.Writer, robust, guide, plain *server) {
	fmt.Fprintf(out, "%-12s %10s %8s %8s %12s\n", "64-byte ping", "1 client/s", "p50 us", "p99 us", "4 clients/s")
	for _, s := range []*server{robust, guide, plain} {
		fmt.Fprintf(out, "%-12s %10.0f %8.0f %8.0f %12.0f\n", s.name, median(s.one, rate), median(s.one, p50), median(s.one, p99), median(s.four, rate))
	}
	fmt.Fprintf(out, "\npaired ratios, medians of %d turns\n", len(robust.one))
	fmt.Fprintf(out, "4 clients, robust / guide           %5.2f  (goal: at least 3)\n", ratio(robust.four, guide.four, rate))
	fmt.Fprintf(out, "1 client, robust / plain loop       %5.2f  (goal: at least 0.95)\n", ratio(robust.one, plain.one, rate))
	fmt.Fprintf(out, "p99 beside a stalled / silent client %4.2f  (goal: at most 2)\n", ratio(robust.held, robust.calm, p99))
}

func rate(r result) float64 { return r.rate }
func p50(r result) float64  { return float64(r.p50.Microseconds()) }
func p99(r result) float64  { return float64(r.p99.Microseconds()) }

func median(results []result, of func(result) float64) float64 {
	var values []float64
	for _, r := range results {
		values = append(values, of(r))
	}
	slices.Sort(values)
	return values[len(values)/2]
}

// ratio is the median of the ratios of each turn.
func ratio(a, b []result, of func(result) float64) float64 {
	var values []float64
	for i := range a {
		values = append(values, of(a[i])/of(b[i]))
	}
	slices.Sort(values)
	return values[len(values)/2]
}
