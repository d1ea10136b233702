//go:build linux || darwin

package scratch

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
)

// TestMake removes what was left, and nothing else.
func TestMake(t *testing.T) {
	parent, outside := t.TempDir(), t.TempDir()
	at := func(name string) string { return filepath.Join(parent, name) }
	left, mine := at("x-123"), at("x-mine")
	err := errors.Join(os.MkdirAll(filepath.Join(left, "a"), 0o755), os.Mkdir(mine, 0o755), os.Mkdir(at("x-"), 0o755), os.Mkdir(at("y-1"), 0o755),
		os.WriteFile(at("x-5"), nil, 0o644), os.Symlink(outside, at("x-6")))
	if err != nil {
		t.Fatal(err)
	}
	used, removeUsed, err := Make(parent, "x-")
	if err != nil {
		t.Fatal(err)
	}
	dir, remove, err := Make(parent, "x-")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(left); err == nil {
		t.Error("what was left is still there")
	}
	for _, name := range []string{used, dir, mine, at("x-"), at("y-1"), at("x-5"), at("x-6"), outside} {
		if _, err := os.Lstat(name); err != nil {
			t.Error(err)
		}
	}
	if got, want := Used(parent, "x-"), []string{used, dir}; len(got) != len(want) || !slices.Contains(got, used) || !slices.Contains(got, dir) {
		t.Errorf("in use: %q, not %q", got, want)
	}
	remove()
	removeUsed()
	if got := Used(parent, "x-"); len(got) > 0 {
		t.Errorf("still in use: %q", got)
	}
	for _, name := range []string{used, dir} {
		if _, err := os.Lstat(name); err == nil {
			t.Errorf("%s is still there", name)
		}
	}
}

// TestMakeAtOnce makes folders at once: none takes another's for one that was
// left.
func TestMakeAtOnce(t *testing.T) {
	parent := t.TempDir()
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range 20 {
				dir, remove, err := Make(parent, "x-")
				if err != nil {
					t.Error(err)
					return
				}
				if err := os.WriteFile(filepath.Join(dir, "f"), nil, 0o644); err != nil {
					t.Error(err)
				}
				remove()
			}
		})
	}
	all.Wait()
	if list, _ := os.ReadDir(parent); len(list) > 0 {
		t.Errorf("%d are left", len(list))
	}
}
