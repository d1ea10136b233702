//go:build unix

package main

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
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
