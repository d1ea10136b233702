package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/espgen/espgen/sanitizer"
)

// maxReport is how much of a report is kept. What follows is a list of threads.
const maxReport = 4 << 20

// A reportFilter passes on what a program prints on its standard error, but for
// the report of a sanitizer, which is the end of it.
type reportFilter struct {
	out    io.Writer
	line   []byte // the line that is not whole yet
	report []byte // from its first line on
}

// Write takes whole lines, and keeps the rest of a line for the next call.
func (f *reportFilter) Write(p []byte) (int, error) {
	for rest := p; len(rest) > 0; {
		end := bytes.IndexByte(rest, '\n') + 1
		whole := end > 0
		if !whole {
			end = len(rest)
		}
		f.line = append(f.line, rest[:end]...)
		rest = rest[end:]
		if whole || len(f.line) >= maxReport {
			if err := f.take(); err != nil {
				return 0, err
			}
		}
	}
	return len(p), nil
}

// take passes on the line, or adds it to the report.
func (f *reportFilter) take() error {
	defer func() { f.line = f.line[:0] }()
	if len(f.report) == 0 && !sanitizer.Starts(string(f.line)) {
		_, err := f.out.Write(f.line)
		return err
	}
	f.report = append(f.report, f.line[:min(len(f.line), maxReport-len(f.report))]...)
	return nil
}

// finish returns the report, "" where there was none.
func (f *reportFilter) finish() string {
	if len(f.line) > 0 {
		_ = f.take() // nobody may read any more
	}
	return string(f.report)
}

// verdict says what an end of the program means: ended is the error of
// hostsdk.Run, report what a sanitizer said.
func (d *device) verdict(ended error, report string) error {
	d.findings = sanitizer.Parse(report, d.owns)
	if report != "" && (d.full || len(d.findings) == 0) {
		if err := printText(d.errors, report); err != nil {
			return err
		}
	}
	if len(d.findings) > 0 {
		var found severalErrors
		for _, f := range d.findings {
			found = append(found, errors.New(strings.Join(d.describe(f), "\n\t")))
		}
		if last := len(found) - 1; !d.full {
			found[last] = &hintError{found[last], "`espgen run --full` prints the whole report"}
		}
		return &statusError{found, exitFinding}
	}
	exit, ok := errors.AsType[*exec.ExitError](ended)
	switch {
	case errors.Is(ended, syscall.EPIPE):
		return nil // nobody reads the log any more
	case !ok:
		return ended
	}
	if status, _ := exit.Sys().(syscall.WaitStatus); d.end != nil && report != "" && !status.Signaled() {
		// It had come to its end: what failed is the search for leaks, as in a debugger.
		fmt.Fprintf(d.errors, "espgen: memory leaks of %s were not looked for\n", d.name)
		return nil
	}
	return &statusError{d.crash(exit, report), exitCrash}
}

// owns reports whether a file is one of the project's sources.
func (d *device) owns(file string) bool {
	if !filepath.IsLocal(filepath.FromSlash(file)) {
		return false
	}
	info, err := os.Stat(d.path(file))
	return err == nil && info.Mode().IsRegular()
}

// describe tells a finding in up to three lines: what, where, and where the
// memory came from.
func (d *device) describe(f sanitizer.Finding) []string {
	what := f.What
	if f.Kind != "undefined-behavior" && f.Kind != "leak" {
		what = f.Kind + ": " + what
	}
	lines := []string{what}
	if f.At.File != "" {
		at := "at " + d.place(f.At)
		if f.Calling != "" {
			at += ", which calls " + f.Calling + "()"
		}
		lines = append(lines, at)
	} else if f.Kind != "leak" {
		lines = append(lines, "at no line that is known")
	}
	var origins []string
	for _, o := range f.Memory {
		place := "at a place that is not known"
		if o.Place.File != "" {
			place = "at " + d.place(o.Place)
		}
		origins = append(origins, strings.TrimSpace(o.Name+" "+o.Verb)+" "+place)
	}
	if len(origins) > 0 {
		lines = append(lines, strings.Join(origins, "; "))
	}
	return lines
}

// path is where a file of the project is, from here.
func (d *device) path(file string) string { return filepath.Join(d.dir, filepath.FromSlash(file)) }

func (d *device) place(p sanitizer.Place) string {
	text := fmt.Sprintf("%s:%d", d.path(p.File), p.Line)
	if p.Function != "" {
		text += ", in " + p.Function + "()"
	}
	return text
}

// crash says in a line how a program ended without a finding.
func (d *device) crash(exit *exec.ExitError, report string) error {
	status, _ := exit.Sys().(syscall.WaitStatus)
	if !status.Signaled() {
		if report != "" {
			return fmt.Errorf("%s ended: see the sanitizer's report above", d.name)
		}
		return &hintError{
			fmt.Errorf("%s ended by itself, with the exit status %d", d.name, exit.ExitCode()),
			"a project has no exit(): a task that is done calls vTaskDelete(NULL)",
		}
	}
	why, hint := "it was ended by the signal "+status.Signal().String(), ""
	const find = "run it with the sanitizers, without --sanitize=false: they tell the line"
	switch status.Signal() {
	case syscall.SIGABRT:
		why = "it called abort(), as assert() and ESP_ERROR_CHECK() do: the last lines of its log say which"
	case syscall.SIGSEGV, syscall.SIGBUS:
		why, hint = "it used memory that is not there, such as by a null pointer", find
	case syscall.SIGFPE:
		why, hint = "it divided by zero", find
	case syscall.SIGILL, syscall.SIGTRAP:
		why, hint = "it reached an instruction that ends it, such as __builtin_trap()", find
	case syscall.SIGKILL:
		why = "it was killed: by somebody, or since the PC has no memory left"
	}
	err := fmt.Errorf("%s crashed: %s", d.name, why)
	if hint == "" {
		return err
	}
	return &hintError{err, hint}
}
