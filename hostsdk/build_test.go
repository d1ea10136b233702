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
	killed, running := filepath.Join(o.Cache, ".build-1"), filepath.Join(o.Cache, ".build-2")
	must(t, errors.Join(os.Mkdir(killed, 0o755), os.Mkdir(running, 0o755)))
	past = time.Now().Add(-2 * time.Hour)
	must(t, os.Chtimes(killed, past, past))
	third, _, err := hostsdk.Build(t.Context(), dir, o)
	must(t, err)
	for _, gone := range []string{first, killed} {
		if _, err := os.Stat(gone); err == nil {
			t.Errorf("%s is still in the cache", gone)
		}
	}
	if _, err := os.Stat(running); err != nil {
		t.Error("a build that may go on is gone")
	}

	// What somebody removed is made again.
	must(t, os.Remove(third))
	_, _, err = hostsdk.Build(t.Context(), dir, o)
	must(t, err)
	if _, err := os.Stat(third); err != nil {
		t.Error(err)
	}
}

// compiler makes a compiler of a script, which runs the PC's as "$@".
func compiler(t *testing.T, script string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "cc")
	must(t, os.WriteFile(path, []byte("#!/bin/sh\n"+script+"\n"), 0o755))
	return path
}

// TestBuildTemporary has the compiler's temporary files in the cache, where
// those of a build that is killed are found again.
func TestBuildTemporary(t *testing.T) {
	t.Parallel()
	needCompiler(t, "cc")
	o := hostsdk.BuildOptions{Cache: t.TempDir()}
	o.CC = compiler(t, `case "$TMPDIR" in "`+o.Cache+`"/.build-*) exec cc "$@" ;; esac; exit 1`)
	_, _, err := hostsdk.Build(t.Context(), mainOnly(t, "void app_main(void) {}\n"), o)
	must(t, err)
}

// TestBuildNothing has a compiler that does nothing, and says that all is well.
func TestBuildNothing(t *testing.T) {
	t.Parallel()
	needCompiler(t, "cc")
	o := hostsdk.BuildOptions{Cache: t.TempDir(), CC: compiler(t, "exit 0")}
	if _, _, err := hostsdk.Build(t.Context(), mainOnly(t, "void app_main(void) {}\n"), o); err == nil {
		t.Error("there is no program, and no error")
	}
}

// TestBuildWhileEdited changes a source after it has been read: the program is
// that of the new one.
func TestBuildWhileEdited(t *testing.T) {
	t.Parallel()
	needCompiler(t, "cc")
	dir := mainOnly(t, "#error an old source\n")
	source := filepath.Join(dir, "main", "main.c")
	o := hostsdk.BuildOptions{Cache: t.TempDir()}
	o.CC = compiler(t, `cc "$@"; code=$?; case "$*" in *main.c*) echo "void app_main(void) {}" >"`+source+`" ;; esac; exit $code`)
	program, _, err := hostsdk.Build(t.Context(), dir, o)
	must(t, err)
	again, _, err := hostsdk.Build(t.Context(), dir, o)
	must(t, err)
	if program != again {
		t.Error("the program is kept as that of the old source")
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

// TestBuildMissing has functions that are nowhere: the error names them.
func TestBuildMissing(t *testing.T) {
	t.Parallel()
	needCompiler(t, "cc")
	for source, want := range map[string]string{
		"int x;\n": "the project has no app_main, which ESP-IDF calls first",
		"void b(void); void a(void); void app_main(void) { b(); a(); b(); }\n": "undefined functions: a (main/main.c:1), b (main/main.c:1)",
	} {
		_, _, err := hostsdk.Build(t.Context(), mainOnly(t, source), hostsdk.BuildOptions{Cache: cache})
		if _, ok := errors.AsType[*hostsdk.MissingError](err); !ok || err.Error() != want {
			t.Errorf("got %v, want %s", err, want)
		}
	}
	dir := mainOnly(t, "void app_main(void) {}\n")
	must(t, os.WriteFile(filepath.Join(dir, "main", "other.c"), []byte("void app_main(void) {}\n"), 0o644))
	_, _, err := hostsdk.Build(t.Context(), dir, hostsdk.BuildOptions{Cache: cache})
	if err == nil || !strings.Contains(err.Error(), "multiple definition") || strings.Contains(err.Error(), cache) {
		t.Errorf("got %v", err)
	}
}

// TestCanSanitize asks a compiler once, and again after one that cannot.
func TestCanSanitize(t *testing.T) {
	t.Parallel()
	needCompiler(t, "cc")
	dir := t.TempDir()
	calls, installed := filepath.Join(dir, "calls"), filepath.Join(dir, "installed")
	o := hostsdk.BuildOptions{Cache: filepath.Join(dir, "cache")}
	o.CC = compiler(t, `echo >>"`+calls+`"; test -f "`+installed+`" && exec cc "$@"; exit 1`)
	for i, want := range []bool{false, true, true} {
		if got, err := hostsdk.CanSanitize(t.Context(), o); err != nil || got != want {
			t.Errorf("call %d: %v, %v", i, got, err)
		}
		must(t, os.WriteFile(installed, nil, 0o644))
	}
	if text, err := os.ReadFile(calls); err != nil || len(text) != 2 {
		t.Errorf("the compiler was called %d times, %v", len(text), err)
	}
	if _, err := hostsdk.CanSanitize(t.Context(), hostsdk.BuildOptions{CC: "no-such-cc"}); err == nil {
		t.Error("there is no such compiler, and no error")
	}
}

// TestSdkconfigRanges has values that the SDK does not compile with.
func TestSdkconfigRanges(t *testing.T) {
	t.Parallel()
	needCompiler(t, "cc")
	dir := mainOnly(t, "void app_main(void) {}\n")
	file := filepath.Join(dir, "sdkconfig.defaults")
	for line, want := range map[string]string{
		"CONFIG_LWIP_MAX_SOCKETS=0":    "CONFIG_LWIP_MAX_SOCKETS is 0, and must be 1 to 64",
		"CONFIG_LWIP_MAX_SOCKETS=65":   "CONFIG_LWIP_MAX_SOCKETS is 65, and must be 1 to 64",
		"CONFIG_FREERTOS_HZ=0":         "CONFIG_FREERTOS_HZ is 0, and must be 1 to 1000",
		"CONFIG_FREERTOS_HZ=fast\r":    "CONFIG_FREERTOS_HZ is fast, and must be 1 to 1000",
		"CONFIG_LWIP_MAX_SOCKETS=0x10": "CONFIG_LWIP_MAX_SOCKETS is 0x10, and must be 1 to 64",
	} {
		must(t, os.WriteFile(file, []byte("# first\n"+line+"\n"), 0o644))
		_, _, err := hostsdk.Build(t.Context(), dir, hostsdk.BuildOptions{Cache: cache})
		if err == nil || err.Error() != file+":2: "+want {
			t.Errorf("%s: got %v", line, err)
		}
	}
	must(t, os.WriteFile(file, []byte("CONFIG_LWIP_MAX_SOCKETS=64\nCONFIG_FREERTOS_HZ=1000\n"), 0o644))
	_, _, err := hostsdk.Build(t.Context(), dir, hostsdk.BuildOptions{Cache: cache})
	must(t, err)
}
