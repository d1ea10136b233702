package main

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
	"unsafe"
)

// patience is for machines that are slow.
const patience = time.Minute

// openTerminal makes a terminal: what is written to the first file is typed on
// it, and the second file is the programs' end.
func openTerminal(t *testing.T) (user, program *os.File) {
	t.Helper()
	user, err := os.OpenFile("/dev/ptmx", os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		t.Skip(err)
	}
	t.Cleanup(func() { user.Close() })
	var number, unlocked int32
	for request, value := range map[uintptr]*int32{syscall.TIOCSPTLCK: &unlocked, syscall.TIOCGPTN: &number} {
		if _, _, errno := syscall.Syscall(syscall.SYS_IOCTL, user.Fd(), request, uintptr(unsafe.Pointer(value))); errno != 0 {
			t.Skip(errno)
		}
	}
	program, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", number), os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		t.Skip(err)
	}
	t.Cleanup(func() { program.Close() })
	return user, program
}

// onATerminal runs espgen on a terminal until it has printed a text, presses
// Ctrl-C, and returns all that the terminal has shown.
func onATerminal(t *testing.T, until string, environment []string, args ...string) string {
	t.Helper()
	user, program := openTerminal(t)
	cmd := exec.Command("espgen", args...)
	cmd.Env = append(os.Environ(), environment...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = program, program, program
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	program.Close()
	late := time.AfterFunc(patience, func() { _ = cmd.Process.Kill() })
	defer late.Stop()
	var shown strings.Builder
	typed := false
	for buf := make([]byte, 4096); ; {
		n, err := user.Read(buf) // fails when nobody has the terminal any more
		shown.Write(buf[:n])
		if !typed && strings.Contains(shown.String(), until) {
			typed = true
			if _, err := io.WriteString(user, "\x03"); err != nil {
				t.Fatal(err)
			}
		}
		if err != nil {
			break
		}
	}
	if err := cmd.Wait(); err != nil {
		t.Errorf("it ended with %v, and showed\n%s", err, shown.String())
	}
	return shown.String()
}

// TestRunOnTerminal wants the log's colours on a terminal that has some, unless
// NO_COLOR says otherwise, and a line of its own for ^C.
func TestRunOnTerminal(t *testing.T) {
	if _, err := exec.LookPath("cc"); err != nil {
		t.Skip(err)
	}
	dir := t.TempDir()
	project := filepath.Join(dir, "p")
	if err := os.MkdirAll(filepath.Join(project, "main"), 0o755); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(project, "main", "main.c"), "void app_main(void) {}\n")
	const colour = "\x1b["
	for _, c := range []struct {
		environment []string
		colours     bool
	}{
		{[]string{"TERM=xterm", "NO_COLOR="}, true},
		{[]string{"TERM=xterm", "NO_COLOR=1"}, false},
		{[]string{"TERM=dumb", "NO_COLOR="}, false},
	} {
		environment := append(c.environment, "XDG_CACHE_HOME="+filepath.Join(dir, "cache"))
		shown := onATerminal(t, "Returned from app_main()", environment, "run", project)
		if strings.Contains(shown, colour) != c.colours {
			t.Errorf("%q: colours %v, want %v, in\n%q", c.environment, !c.colours, c.colours, shown)
		}
		if c.colours && !strings.Contains(shown, "^C\r\nhost: ") {
			t.Errorf("%q: ^C has no line of its own in\n%q", c.environment, shown)
		}
	}
}
