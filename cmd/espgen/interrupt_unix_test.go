//go:build unix

package main

import (
	"bufio"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestInterrupt interrupts `espgen new` while it writes: there is a whole
// project then, or nothing.
func TestInterrupt(t *testing.T) {
	spec := filepath.Join(t.TempDir(), "spec.yaml")
	write(t, spec, "wifi: {ssid: lab}\n")
	for range 500 {
		dir := t.TempDir()
		cmd := exec.Command("espgen", "new", "tcp-server", "-f", spec, "-o", filepath.Join(dir, "p"))
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		ended := make(chan error, 1)
		go func() { ended <- cmd.Wait() }()
		for entries(t, dir) == "" && len(ended) == 0 {
			runtime.Gosched() // it has not begun to write
		}
		send(t, cmd.Process, syscall.SIGSTOP)
		writing := strings.HasPrefix(entries(t, dir), ".espgen-")
		send(t, cmd.Process, syscall.SIGINT)
		send(t, cmd.Process, syscall.SIGCONT)
		err := <-ended
		left := entries(t, dir)
		if left != "p" && (left != "" || err == nil) {
			t.Fatalf("it ended with %v, and left %q", err, left)
		}
		if writing && left == "" {
			return
		}
	}
	t.Skip("espgen was never interrupted in time")
}

// send sends a signal to a process that may have ended.
func send(t *testing.T, p *os.Process, s syscall.Signal) {
	t.Helper()
	if err := p.Signal(s); err != nil && !errors.Is(err, os.ErrProcessDone) {
		t.Fatal(err)
	}
}

// entries lists what is in dir, with spaces between.
func entries(t *testing.T, dir string) string {
	t.Helper()
	list, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range list {
		names = append(names, e.Name())
	}
	return strings.Join(names, " ")
}

// TestInterruptWaiting has commands wait for another update: they say so, and
// end by Ctrl-C.
func TestInterruptWaiting(t *testing.T) {
	dir := t.TempDir()
	spec, p := filepath.Join(dir, "spec.yaml"), filepath.Join(dir, "p")
	write(t, spec, "wifi: {ssid: lab}\n")
	if out, err := exec.Command("espgen", "new", "tcp-server", "-f", spec, "-o", p).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	other, err := os.Open(filepath.Join(p, ".espgen"))
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	if err := syscall.Flock(int(other.Fd()), syscall.LOCK_EX); err != nil {
		t.Skip(err)
	}
	for _, command := range []string{"update", "check", "diff", "run"} {
		if command == "run" && runtime.GOOS != "linux" {
			continue
		}
		cmd := exec.Command("espgen", command, p)
		said, err := cmd.StderrPipe()
		if err == nil {
			err = cmd.Start()
		}
		if err != nil {
			t.Fatal(err)
		}
		line, _ := bufio.NewReader(said).ReadString('\n')
		if want := "espgen: another espgen is updating " + p + "; waiting until it is done (Ctrl-C to stop)\n"; line != want {
			t.Errorf("%s says %q, not %q", command, line, want)
		}
		send(t, cmd.Process, syscall.SIGINT)
		if err := cmd.Wait(); err == nil {
			t.Errorf("%s ends as if it were done", command)
		}
	}
}

// TestInterruptCompiling interrupts a compiler that takes its time: the exit
// status tells that nothing ran.
func TestInterruptCompiling(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("espgen run requires Linux")
	}
	dir := t.TempDir()
	begun := filepath.Join(dir, "begun")
	if err := os.MkdirAll(filepath.Join(dir, "p", "main"), 0o755); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, "p", "main", "main.c"), "void app_main(void) {}\n")
	cc := filepath.Join(dir, "cc")
	write(t, cc, "#!/bin/sh\n: >'"+begun+"'\nexec sleep 600\n")
	if err := os.Chmod(cc, 0o755); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("espgen", "run", filepath.Join(dir, "p"), "--cc", cc)
	cmd.Env = append(os.Environ(), "XDG_CACHE_HOME="+filepath.Join(dir, "cache"))
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	for {
		if _, err := os.Stat(begun); err == nil {
			break
		}
		if len(ended) > 0 {
			t.Fatal(<-ended)
		}
		time.Sleep(10 * time.Millisecond)
	}
	send(t, cmd.Process, syscall.SIGINT)
	err := <-ended
	if got := cmd.ProcessState.ExitCode(); got != exitInterrupted {
		t.Errorf("exit status %d (%v), want %d", got, err, exitInterrupted)
	}
}
