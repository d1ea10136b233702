package generator_test

import (
	"archive/tar"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/espgen/espgen/generator"
)

var someFiles = []generator.File{
	{Path: "CMakeLists.txt", Mode: 0o644, Data: []byte("project(x)\n")},
	{Path: "main/main.c", Mode: 0o644, Data: []byte("int x;\n")},
	{Path: "secret", Mode: 0o600, Data: []byte("hush\n")},
}

// tree lists what is below dir, folders included.
func tree(t *testing.T, dir string) []string {
	t.Helper()
	var list []string
	err := filepath.WalkDir(dir, func(p string, _ fs.DirEntry, err error) error {
		if rel, _ := filepath.Rel(dir, p); rel != "." {
			list = append(list, filepath.ToSlash(rel))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func TestWrite(t *testing.T) {
	whole := []string{"CMakeLists.txt", "main", "main/main.c", "secret"}
	tests := map[string]func(base string) string{
		"new folder":       func(base string) string { return filepath.Join(base, "p") },
		"trailing slash":   func(base string) string { return filepath.Join(base, "p") + "/" },
		"new parents":      func(base string) string { return filepath.Join(base, "a", "b", "p") },
		"spaces and more":  func(base string) string { return filepath.Join(base, "my 项目 🛜") },
		"the empty folder": func(base string) string { return base },
		"link to a folder": func(base string) string {
			must(t, os.Mkdir(filepath.Join(base, "real"), 0o755))
			must(t, os.Symlink("real", filepath.Join(base, "link")))
			return filepath.Join(base, "link")
		},
	}
	for name, place := range tests {
		t.Run(name, func(t *testing.T) {
			dir := place(t.TempDir())
			must(t, generator.Write(t.Context(), dir, someFiles))
			target, err := filepath.EvalSymlinks(dir)
			must(t, err)
			if diff := cmp.Diff(whole, tree(t, target)); diff != "" {
				t.Error(diff)
			}
			for _, f := range someFiles {
				data, err := os.ReadFile(filepath.Join(dir, f.Path))
				must(t, err)
				info, err := os.Stat(filepath.Join(dir, f.Path))
				must(t, err)
				if !bytes.Equal(data, f.Data) || runtime.GOOS != "windows" && info.Mode().Perm() != f.Mode {
					t.Errorf("%s: %q, mode %v", f.Path, data, info.Mode())
				}
			}
		})
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// TestWriteNothing gives reasons to write nothing. What was there before is
// there after, and nothing else.
func TestWriteNothing(t *testing.T) {
	canceled, cancel := context.WithCancel(t.Context())
	cancel()
	outside := append(slices.Clone(someFiles), generator.File{Path: "../outside", Mode: 0o644})
	clash := append(slices.Clone(someFiles), generator.File{Path: "main/main.c/x", Mode: 0o644})
	tests := map[string]struct {
		ctx     context.Context
		files   []generator.File
		prepare func(base string)
		dir     string
		want    error
	}{
		"not empty":      {t.Context(), someFiles, func(base string) { must(t, os.WriteFile(filepath.Join(base, "mine"), nil, 0o644)) }, ".", generator.ErrNotEmpty},
		"a file":         {t.Context(), someFiles, func(base string) { must(t, os.WriteFile(filepath.Join(base, "p"), nil, 0o644)) }, "p", nil},
		"below a file":   {t.Context(), someFiles, func(base string) { must(t, os.WriteFile(filepath.Join(base, "p"), nil, 0o644)) }, "p/q", nil},
		"dangling link":  {t.Context(), someFiles, func(base string) { must(t, os.Symlink("nowhere", filepath.Join(base, "p"))) }, "p", nil},
		"interrupted":    {canceled, someFiles, func(string) {}, "a/b/p", context.Canceled},
		"interrupted in": {canceled, someFiles, func(string) {}, ".", context.Canceled},
		"path outside":   {t.Context(), outside, func(string) {}, "a/b/p", nil},
		"outside in":     {t.Context(), outside, func(string) {}, ".", nil},
		"path clash":     {t.Context(), clash, func(string) {}, "p", nil},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			base := t.TempDir()
			test.prepare(base)
			before := tree(t, base)
			err := generator.Write(test.ctx, filepath.Join(base, test.dir), test.files)
			if err == nil || test.want != nil && !errors.Is(err, test.want) {
				t.Errorf("got %v, want %v", err, test.want)
			}
			if diff := cmp.Diff(before, tree(t, base)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// A watchedContext calls err whenever Write asks whether it is to go on.
type watchedContext struct {
	context.Context
	err func() error
}

func (c watchedContext) Err() error { return c.err() }

// TestWriteInterrupted ends the context at every point at which Write looks.
func TestWriteInterrupted(t *testing.T) {
	for _, place := range []string{".", "p", "a/b/p"} {
		t.Run(place, func(t *testing.T) {
			base := t.TempDir()
			before := tree(t, base)
			for last := 0; ; last++ {
				asked := 0
				ctx := watchedContext{t.Context(), func() error {
					if asked++; asked > last {
						return context.Canceled
					}
					return nil
				}}
				err := generator.Write(ctx, filepath.Join(base, place), someFiles)
				if err == nil {
					if last <= len(someFiles) {
						t.Errorf("done after %d looks at the context, for %d files", last, len(someFiles))
					}
					return
				}
				if !errors.Is(err, context.Canceled) {
					t.Fatal(err)
				}
				if diff := cmp.Diff(before, tree(t, base)); diff != "" {
					t.Errorf("interrupted at look %d: %s", last, diff)
				}
			}
		})
	}
}

// TestWriteInside wants nothing beside a folder that exists: what is beside it
// may be another disk, or not for the user to write.
func TestWriteInside(t *testing.T) {
	base := t.TempDir()
	must(t, os.Mkdir(filepath.Join(base, "p"), 0o755))
	looks := 0
	ctx := watchedContext{t.Context(), func() error {
		looks++
		entries, err := os.ReadDir(base)
		if err == nil && len(entries) != 1 {
			err = fmt.Errorf("beside p: %v", entries)
		}
		return err
	}}
	must(t, generator.Write(ctx, filepath.Join(base, "p"), someFiles))
	if looks == 0 {
		t.Error("the context is not looked at")
	}
}

// TestWriteKeep writes beside what may be there: that stays, and anything else is
// in the way.
func TestWriteKeep(t *testing.T) {
	dir := t.TempDir()
	mine := filepath.Join(dir, "mine.yaml")
	must(t, os.WriteFile(mine, []byte("mine"), 0o644))
	must(t, generator.CheckDir(dir, someFiles, "mine.yaml", "other"))
	if err := generator.Write(t.Context(), dir, someFiles); !errors.Is(err, generator.ErrNotEmpty) {
		t.Errorf("without being told: %v", err)
	}
	same := append(slices.Clone(someFiles), generator.File{Path: "mine.yaml", Mode: 0o644})
	if err := generator.Write(t.Context(), dir, same, "mine.yaml"); !errors.Is(err, fs.ErrExist) {
		t.Errorf("a file of that name: %v", err)
	}
	if diff := cmp.Diff([]string{"mine.yaml"}, tree(t, dir)); diff != "" {
		t.Error(diff)
	}
	must(t, generator.Write(t.Context(), dir, someFiles, "mine.yaml"))
	if diff := cmp.Diff([]string{"CMakeLists.txt", "main", "main/main.c", "mine.yaml", "secret"}, tree(t, dir)); diff != "" {
		t.Error(diff)
	}
	if data, err := os.ReadFile(mine); string(data) != "mine" || err != nil {
		t.Errorf("it holds %q, %v", data, err)
	}
}

func TestWriteTar(t *testing.T) {
	var first, second bytes.Buffer
	must(t, generator.WriteTar(&first, "p", someFiles))
	must(t, generator.WriteTar(&second, "p", someFiles))
	if !bytes.Equal(first.Bytes(), second.Bytes()) {
		t.Error("equal files give different archives")
	}
	r := tar.NewReader(&first)
	var got []generator.File
	for {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		must(t, err)
		data, err := io.ReadAll(r)
		must(t, err)
		rel, err := filepath.Rel("p", h.Name)
		must(t, err)
		got = append(got, generator.File{Path: filepath.ToSlash(rel), Mode: h.FileInfo().Mode(), Data: data})
	}
	if diff := cmp.Diff(someFiles, got); diff != "" {
		t.Error(diff)
	}
}

// A fullWriter takes n bytes, and then none, as a full disk.
type fullWriter int

func (w *fullWriter) Write(p []byte) (int, error) {
	n := min(len(p), int(*w))
	*w -= fullWriter(n)
	if n < len(p) {
		return n, errors.New("no space left on device")
	}
	return n, nil
}

func TestWriteTarFull(t *testing.T) {
	for _, room := range []int{0, 512, 600, 2000} {
		w := fullWriter(room)
		if err := generator.WriteTar(&w, "p", someFiles); err == nil {
			t.Errorf("%d bytes of room: no error", room)
		}
	}
}
