package main

import (
	"errors"
	"fmt"
	"net"
	"os/exec"
	"runtime"
	"strings"
	"testing"

	"github.com/espgen/espgen/hostsdk"
)

// TestLogs has two devices print at once: in whole lines, with their names.
func TestLogs(t *testing.T) {
	var out strings.Builder
	l := newLogs(&out, func() { t.Error("the log cannot be written") })
	a, b := l.add("a | "), l.add("b | ")
	for _, part := range []struct {
		to   *deviceLog
		text string
	}{{a, "one"}, {b, "two\nthr"}, {a, " more\n\n"}, {b, "ee\n"}, {a, "no newline"}} {
		if n, err := part.to.Write([]byte(part.text)); n != len(part.text) || err != nil {
			t.Errorf("Write(%q) = %d, %v", part.text, n, err)
		}
	}
	if err := l.close(); err != nil {
		t.Error(err)
	}
	if want := "b | two\na | one more\na | \nb | three\na | no newline\n"; out.String() != want {
		t.Errorf("got\n%swant\n%s", out.String(), want)
	}
}

// TestLongLine breaks a line that has no end.
func TestLongLine(t *testing.T) {
	var out strings.Builder
	l := newLogs(&out, func() {})
	a := l.add("a | ")
	fmt.Fprint(a, strings.Repeat("x", 5*maxLine/2))
	if err := l.close(); err != nil {
		t.Error(err)
	}
	lines := strings.Split(strings.TrimSuffix(out.String(), "\n"), "\n")
	if len(lines) != 3 || len(lines[0]) != len("a | ")+maxLine {
		t.Errorf("%d lines, the first of %d bytes", len(lines), len(lines[0]))
	}
}

// TestFlood prints a part of a flood, and after quiet no line like an earlier
// one, and tells how many are left out.
func TestFlood(t *testing.T) {
	var f flood
	passed := 0
	for i := range 1000 {
		if f.passes(fmt.Sprintf("I (%d) Received %d bytes\n", i, i)) {
			passed++
		}
	}
	if kept := f.second(false); passed != perSecond || kept != 1000-perSecond {
		t.Errorf("%d printed, %d told of", passed, kept)
	}
	f.quiet = true
	if f.passes("I (77) Received 5 bytes\n") || !f.passes("W (77) Connection closed\n") || f.passes("W (78) Connection closed\n") {
		t.Error("a line like an earlier one is printed, or a new one is not")
	}
	told := 0
	for i := range 2 * perPause {
		if n := f.second(false); n > 0 {
			told++
			if i != perPause-1 || n != 2 {
				t.Errorf("%d lines are told of in second %d", n, i)
			}
		}
	}
	f.passes("I (79) Received 5 bytes\n")
	if n := f.second(true); told != 1 || n != 1 {
		t.Errorf("told %d times, and of %d at the end", told, n)
	}
}

// A full file cannot be written.
type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("full") }

// TestLogGone calls gone once where the log cannot be written.
func TestLogGone(t *testing.T) {
	times := 0
	l := newLogs(full{}, func() { times++ })
	a := l.add("a | ")
	if _, err := a.Write([]byte("one\ntwo\n")); err == nil {
		t.Error("Write has no error")
	}
	if err := l.close(); err == nil {
		t.Error("close has no error")
	}
	if times != 1 {
		t.Errorf("gone is called %d times", times)
	}
}

// TestReportFilter passes on what a program says itself, and keeps a report.
func TestReportFilter(t *testing.T) {
	const before, report = "hello\nmain.c:1: no report\n", "main/a.c:3:5: runtime error: division by zero\n    #0 0x1 in f main/a.c:3\nlast"
	for size := 1; size <= len(before+report); size++ {
		var out strings.Builder
		f := &reportFilter{out: &out}
		for text := before + report; text != ""; {
			n := min(size, len(text))
			if got, err := f.Write([]byte(text[:n])); got != n || err != nil {
				t.Fatal(got, err)
			}
			text = text[n:]
		}
		if got := f.finish(); got != report || out.String() != before {
			t.Fatalf("in pieces of %d: the report is %q, the rest %q", size, got, out.String())
		}
	}
}

// TestReportOfEndlessLength keeps no more than it may.
func TestReportOfEndlessLength(t *testing.T) {
	f := &reportFilter{out: &strings.Builder{}}
	fmt.Fprintln(f, "==1==ERROR: AddressSanitizer: something")
	for range 10 {
		fmt.Fprint(f, strings.Repeat("x", 1<<20))
	}
	if got := len(f.finish()); got != maxReport {
		t.Errorf("%d bytes are kept", got)
	}
}

// TestLeaksNotLookedFor has a program that ends as it is told, and a sanitizer
// that cannot look for leaks then.
func TestLeaksNotLookedFor(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("there is no sh")
	}
	exit := exec.Command("sh", "-c", "exit 23").Run()
	var said strings.Builder
	d := &device{name: "p", errors: &said, end: &hostsdk.Event{}}
	const report = "==7==LeakSanitizer has encountered a fatal error.\n"
	if err := d.verdict(exit, report); err != nil || said.String() != report+"espgen: memory leaks of p were not looked for\n" {
		t.Errorf("got %v, and said %q", err, said.String())
	}
	d.end = nil
	if got := exitCode(d.verdict(exit, report)); got != exitCrash {
		t.Errorf("without an end, the exit status is %d", got)
	}
}

// TestNetError wants errors of the network without Go's words for them.
func TestNetError(t *testing.T) {
	unknown := &net.OpError{Op: "dial", Net: "tcp", Err: &net.DNSError{Err: "no such host", Name: "bord", Server: "1.2.3.4:53"}}
	err := netError("cannot connect to bord:8080", unknown, "is it running?")
	if got, want := issuesOf(err)[0], `--addr: no host with the name "bord" is found: no such host`; got.Msg != want || !strings.Contains(got.Hint, "--addr 192.168.1.42") {
		t.Errorf("got %q, %q", got.Msg, got.Hint)
	}
	late := &net.OpError{Op: "dial", Net: "tcp", Err: timeout{}}
	if got, want := netError("cannot connect to 10.0.0.1:1", late, "").Error(), "cannot connect to 10.0.0.1:1: no answer"; got != want {
		t.Errorf("got %q", got)
	}
}

type timeout struct{}

func (timeout) Error() string   { return "i/o timeout" }
func (timeout) Timeout() bool   { return true }
func (timeout) Temporary() bool { return true }
