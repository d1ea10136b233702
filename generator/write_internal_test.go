package generator

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
)

func writeFile(t *testing.T, name, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func wantFile(t *testing.T, name, text string) {
	t.Helper()
	if got, err := os.ReadFile(name); err != nil || string(got) != text {
		t.Errorf("%s holds %q (%v), want %q", name, got, err, text)
	}
}

// TestMoveIntoClash has a file come into the folder while the project is
// written: it is kept, and what was moved is taken back.
func TestMoveIntoClash(t *testing.T) {
	dir := t.TempDir()
	project := filepath.Join(dir, ".espgen-1", "project")
	writeFile(t, filepath.Join(project, "a", "new"), "new")
	writeFile(t, filepath.Join(project, "b"), "new")
	writeFile(t, filepath.Join(project, "c"), "new")
	writeFile(t, filepath.Join(dir, "b"), "mine")
	err := moveInto(dir, project)
	if fault, ok := errors.AsType[*fs.PathError](err); !ok || !errors.Is(err, fs.ErrExist) || fault.Path != filepath.Join(dir, "b") {
		t.Errorf("got %v, want that b exists", err)
	}
	wantFile(t, filepath.Join(dir, "b"), "mine")
	for _, name := range []string{"a", "c"} {
		if _, err := os.Lstat(filepath.Join(dir, name)); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s: got %v, want nothing there", name, err)
		}
	}
}

// TestWriteAllStaysInside has links that lead out of the folder.
func TestWriteAllStaysInside(t *testing.T) {
	base := t.TempDir()
	dir, outside := filepath.Join(base, "dir"), filepath.Join(base, "outside")
	writeFile(t, filepath.Join(outside, "file"), "mine")
	writeFile(t, filepath.Join(dir, "x"), "")
	for link, to := range map[string]string{"file": filepath.Join("..", "outside", "file"), "folder": filepath.Join("..", "outside")} {
		if err := os.Symlink(to, filepath.Join(dir, link)); err != nil {
			t.Skip(err) // Windows wants a privilege for it
		}
	}
	for _, path := range []string{"file", "folder/file", "folder/new/file"} {
		if err := writeAll(t.Context(), dir, []File{{Path: path, Mode: 0o644, Data: []byte("new")}}); err == nil {
			t.Errorf("%s: no error", path)
		}
	}
	wantFile(t, filepath.Join(outside, "file"), "mine")
	if _, err := os.Lstat(filepath.Join(outside, "new")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got %v, want nothing new outside", err)
	}
}
