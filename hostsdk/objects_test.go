//go:build linux

package hostsdk_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/espgen/espgen/hostsdk"
)

// An objectsTest builds projects with one cache, and knows what is compiled.
type objectsTest struct {
	*testing.T
	o     hostsdk.BuildOptions
	calls string
}

func testObjects(t *testing.T, cc string) *objectsTest {
	t.Helper()
	needCompiler(t, cc)
	calls := filepath.Join(t.TempDir(), "calls")
	script := `case " $* " in *" -c main/"*) echo "$*" >>"` + calls + `" ;; esac; exec ` + cc + ` "$@"`
	return &objectsTest{t, hostsdk.BuildOptions{Cache: t.TempDir(), CC: compiler(t, script)}, calls}
}

// project makes a project of files of main, and of others that are ../NAME.
func (t *objectsTest) project(files map[string]string) (dir string) {
	t.Helper()
	dir = filepath.Join(t.TempDir(), "a=b $c 项目")
	must(t.T, os.MkdirAll(filepath.Join(dir, "main"), 0o755))
	t.write(dir, files)
	return dir
}

func (t *objectsTest) write(dir string, files map[string]string) {
	t.Helper()
	for name, text := range files {
		must(t.T, os.WriteFile(filepath.Join(dir, "main", name), []byte(text), 0o644))
	}
}

// build builds a project, and wants these sources to be compiled.
func (t *objectsTest) build(dir string, want ...string) (program, warned string) {
	t.Helper()
	must(t.T, os.WriteFile(t.calls, nil, 0o644))
	program, warned, err := hostsdk.Build(t.Context(), dir, t.o)
	must(t.T, err)
	calls, err := os.ReadFile(t.calls)
	must(t.T, err)
	var got []string
	for line := range strings.Lines(string(calls)) {
		_, source, _ := strings.Cut(line, " -c main/")
		source, _, _ = strings.Cut(source, " ")
		got = append(got, source)
	}
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Errorf("compiled %q, want %q", got, want)
	}
	return program, warned
}

// TestObjects compiles what has changed for the compiler, and nothing else.
func TestObjects(t *testing.T) {
	for _, cc := range []string{"gcc", "clang"} {
		t.Run(cc, func(t *testing.T) {
			t.Parallel()
			test := testObjects(t, cc)
			files := map[string]string{
				"main.c": "#include \"a.h\"\n\nvoid app_main(void) { a(); }\n",
				"a.c":    "#include \"sdkconfig.h\"\n#include \"a.h\"\nint a(void) { return CONFIG_A; }\n",
				"b.c":    "#include \"sdkconfig.h\"\n#include <assert.h>\nstatic int unused;\nvoid b(int n) { assert(n); }\n",
				"a.h":    "int a(void);\n",

				"../sdkconfig.defaults": "CONFIG_A=1\n",
			}
			dir := test.project(files)
			warnedIn := func(dir string) string { return dir + "/main/b.c:3:12: warning: " }
			if _, warned := test.build(dir, "a.c", "b.c", "main.c"); !strings.HasPrefix(warned, warnedIn(dir)) {
				t.Errorf("got %s", warned)
			}
			test.write(dir, map[string]string{"main.c": "#include \"a.h\"\n\nvoid app_main(void) { a(); a(); }\n"})
			if _, warned := test.build(dir, "main.c"); !strings.HasPrefix(warned, warnedIn(dir)) {
				t.Errorf("the warning is not told again: %s", warned)
			}
			test.write(dir, map[string]string{"../sdkconfig.defaults": "CONFIG_A=1\nCONFIG_0=2\nCONFIG_B=2\n"})
			test.build(dir)
			test.write(dir, map[string]string{"../sdkconfig.defaults": "CONFIG_A=2\n"})
			test.build(dir, "a.c")
			test.write(dir, map[string]string{"a.h": "int   a(void);\n"}) // another column
			test.build(dir, "a.c", "main.c")
			other := test.project(files)
			if _, warned := test.build(other); !strings.HasPrefix(warned, warnedIn(other)) {
				t.Errorf("the warning is that of another folder: %s", warned)
			}
		})
	}
}

// TestObjectsWhileEdited changes a source between the preprocessor and the
// compiler: its object is not kept as that of the old text.
func TestObjectsWhileEdited(t *testing.T) {
	t.Parallel()
	needCompiler(t, "cc")
	const old, edited = "void app_main(void) {}\n", "int edited;\nvoid app_main(void) {}\n"
	dir := mainOnly(t, old)
	source := filepath.Join(dir, "main", "main.c")
	o := hostsdk.BuildOptions{Cache: t.TempDir()}
	o.CC = compiler(t, `cc "$@"; code=$?; case "$*" in *"-E -g0 main/main.c"*) printf '`+strings.ReplaceAll(edited, "\n", `\n`)+`' >"`+source+`" ;; esac; exit $code`)
	for range 2 {
		must(t, os.WriteFile(source, []byte(old), 0o644))
		_, _, err := hostsdk.Build(t.Context(), dir, o)
		must(t, err)
	}
	must(t, os.WriteFile(o.CC, []byte("#!/bin/sh\nexec cc \"$@\"\n"), 0o755))
	objects, err := filepath.Glob(filepath.Join(o.Cache, "object-*", "main.c.o"))
	must(t, err)
	if len(objects) != 1 {
		t.Errorf("%d objects are kept, of one text", len(objects))
	}
}

// TestObjectsPlaces has errors name files by their full paths, and reports by
// those from the project's folder.
func TestObjectsPlaces(t *testing.T) {
	for _, cc := range []string{"gcc", "clang"} {
		t.Run(cc, func(t *testing.T) {
			t.Parallel()
			test := testObjects(t, cc)
			test.o = hostsdk.BuildOptions{CC: cc, Sanitize: true, Cache: cache}
			dir := test.project(map[string]string{
				"main.c": "#include \"a.h\"\n#include \"esp_log.h\"\nvoid app_main(void) { esp_log_timestamp(1); }\n",
				"a.h":    "int a = b;\n",
			})
			_, _, err := hostsdk.Build(t.Context(), dir, test.o)
			if err == nil {
				t.Fatal("it compiles")
			}
			for _, want := range []string{"In file included from " + dir + "/main/main.c:1:\n", "\n" + dir + "/main/a.h:1:9: error: ", "\n" + dir + "/main/main.c:3:", "\n" + cache + "/sdk-"} {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("%q is not in %s", want, err)
				}
			}

			test.write(dir, map[string]string{"a.h": "static int a(volatile int n) { return n + 2147483647; }\n", "main.c": "#include <stdlib.h>\n#include \"a.h\"\nvoid app_main(void) { exit(a(1)); }\n"})
			program, _, err := hostsdk.Build(t.Context(), dir, test.o)
			must(t, err)
			if out, err := exec.CommandContext(t.Context(), program).CombinedOutput(); !strings.Contains(string(out), "main/a.h:1:41: runtime error") || strings.Contains(string(out), dir) {
				t.Errorf("got %s, %v", out, err)
			}
		})
	}
}
