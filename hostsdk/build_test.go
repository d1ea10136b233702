//go:build linux

package hostsdk_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/espgen/espgen/hostsdk"
)

// TestBuildAnywhere builds a project in folders with names that mean something
// to a shell, to make or to a pattern, beside what an editor leaves there.
func TestBuildAnywhere(t *testing.T) {
	t.Parallel()
	needCompiler(t, "cc")
	dir := filepath.Join(t.TempDir(), "a[1] b=c $d 项目")
	must(t, os.MkdirAll(filepath.Join(dir, "main"), 0o755))
	write := func(name, text string) { must(t, os.WriteFile(filepath.Join(dir, "main", name), []byte(text), 0o644)) }
	write("main.c", "void app_main(void) {}\n")
	write(".#main.c", "no C\n")
	must(t, os.Mkdir(filepath.Join(dir, "main", "folder.c"), 0o755))
	must(t, os.Symlink("nobody@nowhere", filepath.Join(dir, "main", ".#other.c")))
	must(t, syscall.Mkfifo(filepath.Join(dir, "main", "fifo"), 0o644))
	o := hostsdk.BuildOptions{Cache: filepath.Join(dir, "cache")}
	first, _, err := hostsdk.Build(t.Context(), dir, o)
	must(t, err)
	second, _, err := hostsdk.Build(t.Context(), dir, o)
	must(t, err)
	if first != second {
		t.Errorf("built again: %s, %s", first, second)
	}

	// What nobody used for long goes when something new is built.
	past := time.Now().Add(-8 * 24 * time.Hour)
	must(t, os.Chtimes(filepath.Dir(first), past, past))
	write("main.c", "int x;\nvoid app_main(void) {}\n")
	_, _, err = hostsdk.Build(t.Context(), dir, o)
	must(t, err)
	if _, err := os.Stat(first); err == nil {
		t.Error("the old program is still in the cache")
	}
}

// TestBuildErrors wants every file's error, and no more than a word of what is
// no project.
func TestBuildErrors(t *testing.T) {
	t.Parallel()
	needCompiler(t, "cc")
	dir := t.TempDir()
	o := hostsdk.BuildOptions{Cache: cache}
	file := filepath.Join(dir, "file")
	must(t, os.WriteFile(file, nil, 0o644))
	for _, where := range []string{dir, filepath.Join(dir, "nothing"), file} {
		if _, _, err := hostsdk.Build(t.Context(), where, o); err == nil || err.Error() != where+" is not a project: it has no main/*.c" {
			t.Errorf("got %v", err)
		}
	}
	must(t, os.Mkdir(filepath.Join(dir, "main"), 0o755))
	must(t, os.WriteFile(filepath.Join(dir, "main", "a.c"), []byte("int a = b;\n"), 0o644))
	must(t, os.WriteFile(filepath.Join(dir, "main", "c.c"), []byte("int c = d;\n"), 0o644))
	_, _, err := hostsdk.Build(t.Context(), dir, o)
	wrong, ok := errors.AsType[*hostsdk.CompileError](err)
	if !ok || wrong.What != "the project" || !strings.Contains(wrong.Output, "a.c:1:9: error") || !strings.Contains(wrong.Output, "c.c:1:9: error") {
		t.Errorf("got %v", err)
	}
}
