//go:build linux

package hostsdk_test

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/espgen/espgen/generator"
	"github.com/espgen/espgen/generator/spec"
	"github.com/espgen/espgen/hostsdk"
	"github.com/espgen/espgen/sandbox"
	"github.com/espgen/espgen/templates"
)

// patience is how long a test waits for what must happen. A slow machine needs
// much of it, a fast one none.
const patience = 60 * time.Second

var cache string

func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == sandbox.ExecCommand {
		os.Exit(sandbox.Exec(os.Args[2:]))
	}
	var err error
	if cache, err = os.MkdirTemp("", "espgen-test-*"); err != nil {
		panic(err)
	}
	// The tests wait for most of their time, so more of them run at a time than there are cores.
	flag.Parse()
	if err := flag.Set("test.parallel", strconv.Itoa(4*runtime.GOMAXPROCS(0))); err != nil {
		panic(err)
	}
	code := m.Run()
	os.RemoveAll(cache)
	os.Exit(code)
}

// sanitizes tells of each compiler whether it has the sanitizers.
var sanitizes = map[string]func() bool{}

func init() {
	for _, cc := range []string{"cc", "gcc", "clang"} {
		sanitizes[cc] = sync.OnceValue(func() bool {
			can, err := hostsdk.CanSanitize(context.Background(), hostsdk.BuildOptions{CC: cc, Cache: cache})
			return err == nil && can
		})
	}
}

// needCompiler skips a test where there is no C compiler of that name, or
// none with the sanitizers, unless ESPGEN_NEED_TOOLS says that nothing may be
// skipped.
func needCompiler(t *testing.T, cc string) {
	t.Helper()
	_, err := exec.LookPath(cc)
	skip := t.Skipf
	if os.Getenv("ESPGEN_NEED_TOOLS") != "" {
		skip = t.Fatalf
	}
	switch {
	case err != nil:
		skip("%s is not installed", cc)
	case !sanitizes[cc]():
		skip("%s has no sanitizers", cc)
	}
}

// project writes the project of a spec, changed by edit, and returns its
// folder.
func project(t *testing.T, s *spec.Spec, edit func(source string) string) string {
	t.Helper()
	files, err := generator.Render(templates.FS, s)
	must(t, err)
	for i, f := range files {
		if f.Path == "main/main.c" && edit != nil {
			changed := edit(string(f.Data))
			if changed == string(f.Data) {
				t.Fatal("the edit changes nothing")
			}
			files[i].Data = []byte(changed)
		}
	}
	dir := filepath.Join(t.TempDir(), "project")
	must(t, generator.Write(t.Context(), dir, files))
	return dir
}

// edit changes a file of a project.
func edit(t *testing.T, dir, path, from, to string) {
	t.Helper()
	name := filepath.Join(dir, filepath.FromSlash(path))
	text, err := os.ReadFile(name)
	must(t, err)
	changed := strings.Replace(string(text), from, to, 1)
	if changed == string(text) {
		t.Fatalf("%s has no %q", path, from)
	}
	must(t, os.WriteFile(name, []byte(changed), 0o644))
}

func server(edit func(*spec.Spec)) *spec.Spec {
	s := &spec.Spec{Role: "tcp-server", WiFi: spec.WiFi{SSID: "lab", RetryDelayMS: new(10)}}
	if edit != nil {
		edit(s)
	}
	return s
}

func client(edit func(*spec.Spec)) *spec.Spec {
	s := &spec.Spec{
		Role:   "tcp-client",
		WiFi:   spec.WiFi{SSID: "lab", RetryDelayMS: new(10), WaitMS: new(200)},
		Server: spec.Server{Addr: new("192.168.137.1")},
	}
	if edit != nil {
		edit(s)
	}
	return s
}

// A device is a project that runs on this PC.
type device struct {
	t      *testing.T
	cancel context.CancelFunc
	done   chan struct{}
	err    error // of the run, once done is closed

	ask    chan struct{}
	states chan hostsdk.Event

	mutex sync.Mutex
	log   bytes.Buffer
	more  chan struct{} // closed and made anew as the log grows
}

// start builds and runs a project.
func start(t *testing.T, dir string, s hostsdk.Scenario) *device {
	t.Helper()
	return startWith(t, "cc", dir, s)
}

// startWith builds a project with a compiler of that name, and runs it.
func startWith(t *testing.T, cc, dir string, s hostsdk.Scenario) *device {
	t.Helper()
	if s.Port == 0 {
		s.Port = -1
	}
	return launch(t, cc, dir, s)
}

// launch builds a project and runs it on the ports that it binds itself.
func launch(t *testing.T, cc, dir string, s hostsdk.Scenario) *device {
	t.Helper()
	needCompiler(t, cc)
	program, warned, err := hostsdk.Build(t.Context(), dir, hostsdk.BuildOptions{CC: cc, Sanitize: true, Cache: cache})
	must(t, err)
	if warned != "" {
		t.Errorf("the compiler warns:\n%s", warned)
	}
	return run(t, program, s)
}

// run runs a program.
func run(t *testing.T, program string, s hostsdk.Scenario) *device {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	d := &device{
		t: t, cancel: cancel, done: make(chan struct{}), more: make(chan struct{}),
		ask: make(chan struct{}), states: make(chan hostsdk.Event, 1),
	}
	go func() {
		d.err = hostsdk.Run(ctx, program, hostsdk.RunOptions{Scenario: s, Out: d, Ask: d.ask, Events: func(e hostsdk.Event) {
			if e.Kind == hostsdk.EventState {
				d.states <- e
			}
		}})
		close(d.done)
	}()
	t.Cleanup(func() {
		cancel()
		<-d.done
		if t.Failed() {
			t.Logf("the device's log:\n%s", d.text())
		}
	})
	return d
}

// Write takes the device's log.
func (d *device) Write(p []byte) (int, error) {
	d.mutex.Lock()
	defer d.mutex.Unlock()
	close(d.more)
	d.more = make(chan struct{})
	return d.log.Write(p)
}

func (d *device) text() string {
	d.mutex.Lock()
	defer d.mutex.Unlock()
	return d.log.String()
}

// wait waits until the log has n matches of a pattern, and returns the last.
func (d *device) wait(pattern string, n int) ([]string, error) {
	form := regexp.MustCompile(pattern)
	deadline := time.After(patience)
	for {
		d.mutex.Lock()
		found, more := form.FindAllStringSubmatch(d.log.String(), -1), d.more
		d.mutex.Unlock()
		if len(found) >= n {
			return found[n-1], nil
		}
		select {
		case <-more:
		case <-d.done:
			if d.countNow(form) >= n {
				continue
			}
			return nil, fmt.Errorf("the device ended without %q: %w", pattern, d.err)
		case <-deadline:
			return nil, fmt.Errorf("the log never has %q", pattern)
		}
	}
}

func (d *device) countNow(form *regexp.Regexp) int {
	return len(form.FindAllString(d.text(), -1))
}

// dial connects to the device once it listens and has an address.
func (d *device) dial() (*net.TCPConn, error) {
	at, err := d.address()
	if err != nil {
		return nil, err
	}
	conn, err := net.Dial("tcp", at)
	if err != nil {
		return nil, err
	}
	d.t.Cleanup(func() { conn.Close() }) // and not when the garbage collector finds it
	return conn.(*net.TCPConn), conn.SetDeadline(time.Now().Add(patience))
}

// address is where the device listens. One that listens again may do so at
// another port.
func (d *device) address() (string, error) {
	const form = `host: listening on (\S+)`
	at, err := d.wait(form, max(1, d.countNow(regexp.MustCompile(form))))
	if err != nil {
		return "", err
	}
	return at[1], nil
}

// stop ends the device and returns its whole log.
func (d *device) stop() (string, error) {
	d.cancel()
	<-d.done
	return d.text(), d.err
}

// look asks the running device for what it has, over the channel of events.
func (d *device) look() (hostsdk.Event, error) {
	select {
	case d.ask <- struct{}{}:
	case <-d.done:
		return hostsdk.Event{}, fmt.Errorf("the device has ended: %w", d.err)
	}
	select {
	case state := <-d.states:
		return state, nil
	case <-d.done:
		return hostsdk.Event{}, fmt.Errorf("the device has ended: %w", d.err)
	case <-time.After(patience):
		return hostsdk.Event{}, errors.New("the device does not tell its state")
	}
}

// state is the sockets with their options, and the tasks.
func (d *device) state() (sockets []hostsdk.SocketState, tasks []string, err error) {
	state, err := d.look()
	for _, task := range state.Tasks {
		tasks = append(tasks, task.Name)
	}
	return state.Sockets, tasks, err
}

// echo sends data in pieces and wants it back.
func echo(conn net.Conn, data []byte, piece int) error {
	sent := make(chan error, 1)
	go func() {
		for rest := data; len(rest) > 0; {
			n := min(piece, len(rest))
			if _, err := conn.Write(rest[:n]); err != nil {
				sent <- err
				return
			}
			rest = rest[n:]
		}
		sent <- nil
	}()
	got := make([]byte, len(data))
	if _, err := io.ReadFull(conn, got); err != nil {
		return fmt.Errorf("reading the echo: %w", err)
	}
	if err := <-sent; err != nil {
		return err
	}
	if !bytes.Equal(got, data) {
		return errors.New("the echo differs from what was sent")
	}
	return nil
}

// pattern is data of every byte, NUL included.
func pattern(n int) []byte {
	data := make([]byte, n)
	for i := range data {
		data[i] = byte(i*7 + i>>8)
	}
	return data
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
