package main

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/espgen/espgen/generator/spec"
)

func TestShellQuote(t *testing.T) {
	tests := map[string]string{
		"lab.yaml":  "lab.yaml",
		"a/b-c~_1":  "a/b-c~_1",
		"项目":        "项目",
		"my lab":    "'my lab'",
		"it's":      `'it'\''s'`,
		"$HOME":     "'$HOME'",
		"a;b":       "'a;b'",
		"a\nb":      "'a\nb'",
		"~":         "'~'",
		"~root/lab": "'~root/lab'",
		"-x":        "./-x",
		"--help me": "'./--help me'",
		"-":         "./-",
		"":          "''",
	}
	for name, want := range tests {
		if got := shellQuote(name); got != want {
			t.Errorf("shellQuote(%q) = %s, want %s", name, got, want)
		}
	}
}

// TestLargestSpec reads a spec of the largest size, whole, and one byte more,
// from a file and from standard input.
func TestLargestSpec(t *testing.T) {
	const text = "\nrole: tcp-server\nwifi: {ssid: lab}\n"
	for size, want := range map[int]int{spec.MaxBytes: exitOK, spec.MaxBytes + 1: exitSpec} {
		data := []byte("#" + strings.Repeat("x", size-1-len(text)) + text)
		file := filepath.Join(t.TempDir(), "large.yaml")
		if err := os.WriteFile(file, data, 0o644); err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{file, "-"} {
			var said bytes.Buffer
			if got := run([]string{"validate", name}, streams{bytes.NewReader(data), io.Discard, &said}); got != want {
				t.Errorf("%d bytes: exit code %d, want %d\n%s", size, got, want, said.String())
			}
		}
	}
}
