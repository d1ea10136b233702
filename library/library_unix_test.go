//go:build unix

package library_test

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

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
		_, err := library.Open(dir)
		if err == nil || !strings.Contains(err.Error(), strings.TrimPrefix(name, "a pipe, ")) {
			t.Errorf("%s: got %v", name, err)
		}
	}
	if _, err := library.Open(filepath.Join(t.TempDir(), "nothing")); err == nil {
		t.Error("a folder that is not there is no error")
	}
}
