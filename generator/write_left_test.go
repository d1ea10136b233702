//go:build linux || darwin

package generator

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
)

// TestWriteAfterKill has a folder that a Write was killed in while it moved the
// files: the next one goes on. It removes nothing that is somebody's.
func TestWriteAfterKill(t *testing.T) {
	files := []File{{Path: "a/f", Mode: 0o644, Data: []byte("one")}, {Path: "b", Mode: 0o644, Data: []byte("two")}}
	for name, test := range map[string]struct {
		there map[string]string
		ok    bool
	}{
		"half":          {map[string]string{".espgen-1/project/b": "two", "a/f": "one"}, true},
		"none":          {map[string]string{".espgen-1/project/b": "two"}, true},
		"edited":        {map[string]string{".espgen-1/project/b": "two", "a/f": "mine"}, false},
		"one more":      {map[string]string{".espgen-1/project/b": "two", "a/f": "one", "a/mine": "mine"}, false},
		"of somebody's": {map[string]string{"a/f": "one"}, false},
	} {
		dir := t.TempDir()
		for path, text := range test.there {
			writeFile(t, filepath.Join(dir, filepath.FromSlash(path)), text)
		}
		if err := CheckDir(dir, files); (err == nil) != test.ok {
			t.Errorf("%s: CheckDir: %v", name, err)
		}
		err := Write(t.Context(), dir, files)
		if test.ok != (err == nil) || err != nil && !errors.Is(err, ErrNotEmpty) {
			t.Errorf("%s: %v", name, err)
		}
		if test.ok {
			test.there = map[string]string{"a/f": "one", "b": "two"}
			if _, err := os.Stat(filepath.Join(dir, ".espgen-1")); err == nil {
				t.Errorf("%s: what was left is there still", name)
			}
		}
		for path, text := range test.there {
			wantFile(t, filepath.Join(dir, filepath.FromSlash(path)), text)
		}
	}
}
