//go:build linux

package hostsdk_test

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/espgen/espgen/hostsdk"
)

// TestCacheHeals damages every file of a cache, in each way, and builds again.
func TestCacheHeals(t *testing.T) {
	t.Parallel()
	needCompiler(t, "cc")
	dir := mainOnly(t, "#include \"esp_log.h\"\nvoid app_main(void) { int unused; ESP_LOGI(\"x\", \"hello\"); }\n")
	o := hostsdk.BuildOptions{Cache: t.TempDir()}
	program, warned, err := hostsdk.Build(t.Context(), dir, o)
	must(t, err)
	if !strings.Contains(warned, "unused") {
		t.Fatalf("it warns of %q", warned)
	}
	// One of each kind is enough: a header, an object, a program, its warnings.
	var files []string
	kinds := map[string]bool{}
	must(t, filepath.WalkDir(o.Cache, func(name string, d fs.DirEntry, err error) error {
		rel, _ := filepath.Rel(o.Cache, name)
		kind, _, _ := strings.Cut(rel, "-")
		if len(kind) > 10 {
			kind = "program"
		}
		kind += filepath.Ext(name)
		if d.Name() == "warnings" || d.Name() == "contents" {
			kind += d.Name()
		}
		isSource := filepath.Ext(name) == ".c"
		if err == nil && d.Type().IsRegular() && !kinds[kind] && !isSource {
			kinds[kind] = true
			files = append(files, rel)
		}
		return err
	}))
	if len(files) < 10 {
		t.Errorf("there are only %q", files)
	}
	damages := []struct {
		how string
		do  func(name string) error
	}{
		{"gone", os.Remove},
		{"empty", func(name string) error { return os.Truncate(name, 0) }},
		{"other", func(name string) error { return os.WriteFile(name, []byte("#error damaged\n"), 0o755) }},
		{"pipe", func(name string) error { return errors.Join(os.Remove(name), syscall.Mkfifo(name, 0o755)) }},
	}
	rel, err := filepath.Rel(o.Cache, filepath.Dir(program))
	must(t, err)
	for range 3 { // each in another way, then
		files = append(files, filepath.Join(rel, "program"))
	}
	for i, name := range files {
		damage := damages[i%len(damages)]
		must(t, damage.do(filepath.Join(o.Cache, name)))
		again, says, err := hostsdk.Build(t.Context(), dir, o)
		if err != nil || again != program || says != warned {
			t.Fatalf("%s %s: %s, %q, %v", name, damage.how, again, says, err)
		}
		if info, err := os.Stat(program); err != nil || info.Size() < 1000 {
			t.Fatalf("%s %s: the program: %v, %v", name, damage.how, info, err)
		}
	}
}

// TestCacheIsALink has a folder of somebody else's in the cache's place: only
// what has names of the cache's own is removed.
func TestCacheIsALink(t *testing.T) {
	t.Parallel()
	needCompiler(t, "cc")
	dir := t.TempDir()
	foreign, link := filepath.Join(dir, "foreign"), filepath.Join(dir, "link")
	old := time.Now().Add(-30 * 24 * time.Hour)
	own := []string{strings.Repeat("0a", 16), "sdk-" + strings.Repeat("0", 32), "object-" + strings.Repeat("0", 32), ".build-12"}
	kept := []string{"photos", "sdk-mine", "object-" + strings.Repeat("0", 31), ".build-x", strings.Repeat("0a", 16) + ".txt", "0a", "letter.txt"}
	for _, name := range append(own, kept...) {
		name = filepath.Join(foreign, name)
		must(t, os.MkdirAll(filepath.Join(name, "in it"), 0o755))
		must(t, os.Chtimes(name, old, old))
	}
	file := filepath.Join(foreign, "sdk-"+strings.Repeat("1", 32)) // is no folder
	must(t, os.WriteFile(file, nil, 0o644))
	must(t, os.Chtimes(file, old, old))
	must(t, os.Symlink(foreign, link))
	_, _, err := hostsdk.Build(t.Context(), mainOnly(t, "void app_main(void) {}\n"), hostsdk.BuildOptions{Cache: link})
	must(t, err)
	for _, name := range own {
		if _, err := os.Stat(filepath.Join(foreign, name)); err == nil {
			t.Errorf("%s is still there", name)
		}
	}
	for _, name := range append(kept, filepath.Base(file)) {
		if _, err := os.Stat(filepath.Join(foreign, name)); err != nil {
			t.Error(err)
		}
	}
}

// TestBuildNoPlainFile puts something else in the place of each file that is
// read: it is refused at once.
func TestBuildNoPlainFile(t *testing.T) {
	t.Parallel()
	needCompiler(t, "cc")
	for _, name := range []string{"main/CMakeLists.txt", "main/Kconfig.projbuild", "main/Kconfig", "main/wifi_password.h", "sdkconfig", "sdkconfig.defaults", "sdkconfig.secrets", "sdkconfig.defaults.esp32"} {
		for want, make := range map[string]func(string) error{
			"is a named pipe, not a regular file": func(name string) error { return syscall.Mkfifo(name, 0o644) },
			"is a folder, not a regular file":     func(name string) error { return os.Mkdir(name, 0o755) },
			"is a device, not a regular file":     func(name string) error { return os.Symlink("/dev/zero", name) },
			"is larger than the limit of 1.0 MiB": func(name string) error { return errors.Join(os.WriteFile(name, nil, 0o644), os.Truncate(name, 1<<30)) },
		} {
			dir := mainOnly(t, "void app_main(void) {}\n")
			must(t, make(filepath.Join(dir, name)))
			_, _, err := hostsdk.Build(t.Context(), dir, hostsdk.BuildOptions{Cache: cache})
			if err == nil || err.Error() != filepath.Join(dir, name)+" "+want {
				t.Errorf("got %v, want %s %s", err, name, want)
			}
		}
	}
	dir := mainOnly(t, "void app_main(void) {}\n")
	pipe := filepath.Join(dir, "main", "other.c")
	must(t, syscall.Mkfifo(pipe, 0o644))
	if _, _, err := hostsdk.Build(t.Context(), dir, hostsdk.BuildOptions{Cache: cache}); err == nil || err.Error() != pipe+" is a named pipe, not a regular file" {
		t.Errorf("got %v", err)
	}
	must(t, os.Remove(pipe))
	must(t, os.Truncate(filepath.Join(dir, "main", "main.c"), 1<<40))
	_, _, err := hostsdk.Build(t.Context(), dir, hostsdk.BuildOptions{Cache: cache})
	if err == nil || err.Error() != "main/main.c is larger than the limit of 16 MiB" {
		t.Errorf("got %v", err)
	}
}

// TestBuildInterrupted ends a build whose compiler waits for a pipe that a
// source includes.
func TestBuildInterrupted(t *testing.T) {
	t.Parallel()
	needCompiler(t, "cc")
	dir := mainOnly(t, "#include \"pipe.h\"\nvoid app_main(void) {}\n")
	must(t, syscall.Mkfifo(filepath.Join(dir, "main", "pipe.h"), 0o644))
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	ended := make(chan error, 1)
	go func() {
		_, _, err := hostsdk.Build(ctx, dir, hostsdk.BuildOptions{Cache: cache})
		ended <- err
	}()
	select {
	case err := <-ended:
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v", err)
		}
	case <-time.After(20 * time.Second):
		t.Error("it does not end")
	}
}
