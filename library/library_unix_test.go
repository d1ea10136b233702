//go:build unix

package library_test

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/espgen/espgen/generator/spec"
	"github.com/espgen/espgen/library"
)

// TestHostileFolders reads folders that are no templates.
func TestHostileFolders(t *testing.T) {
	for name, plant := range map[string]func(dir string) error{
		"a pipe, not a regular file": func(dir string) error { return syscall.Mkfifo(filepath.Join(dir, "own", "a.tmpl"), 0o600) },
		"a link, not a regular file": func(dir string) error { return os.Symlink("/etc/passwd", filepath.Join(dir, "own", "a.tmpl")) },
		"larger than the limit of": func(dir string) error {
			return os.WriteFile(filepath.Join(dir, "own", "a.tmpl"), make([]byte, 1<<20+1), 0o600)
		},
	} {
		dir := folder(t, map[string]string{"own/role.yaml": roleYAML})
		if err := plant(dir); err != nil {
			t.Fatal(err)
		}
		_, err := library.Open(dir, "")
		if err == nil || !strings.Contains(err.Error(), strings.TrimPrefix(name, "a pipe, ")) {
			t.Errorf("%s: got %v", name, err)
		}
	}
	if _, err := library.Open(filepath.Join(t.TempDir(), "nothing"), ""); err == nil {
		t.Error("a folder that is not there is no error")
	}
}

// TestNeighbours wants a folder that has the name of a part by chance, and what
// editors put beside a template, to change nothing.
func TestNeighbours(t *testing.T) {
	dir := folder(t, map[string]string{
		"own/role.yaml": roleYAML, "own/plain/a.tmpl": "{{.own.name}}{{.own.count}}\n", "project/notes.txt": "mine", "project/main/other.c.tmpl": "mine", "readme/x.tmpl": "mine",
	})
	for _, link := range []string{"project/link", "own/plain/.#a.tmpl"} {
		if err := os.Symlink("nowhere", filepath.Join(dir, link)); err != nil {
			t.Fatal(err)
		}
	}
	texts, err := render(t, dir, spec.Spec{})
	if err != nil || texts["a"] != "x0\n" {
		t.Fatalf("got %q, %v", texts, err)
	}
	if _, ok := texts["main/other.c"]; ok {
		t.Error("a neighbour's file is in the project")
	}
}
