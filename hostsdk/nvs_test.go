//go:build linux

package hostsdk_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/espgen/espgen/hostsdk"
)

// TestNVS stores values, finds them after a restart and in another run, erases
// them, and begins anew.
func TestNVS(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "a b.nvs")
	s := hostsdk.Scenario{NVS: file}
	for run, want := range []struct {
		text   string
		checks int
	}{{"\nempty\n", 50}, {"\nkept\n", 60}, {"\nempty\n", 50}} {
		log := check(t, "nvs.c", "", s, want.checks)
		if !strings.Contains(log, want.text) {
			t.Errorf("run %d does not say %q", run, want.text)
		}
		if !strings.Contains(log, "host: NVS is kept in "+file+"\n") {
			t.Errorf("run %d does not tell of the file", run)
		}
		if _, err := os.Stat(file); (err == nil) != (run != 1) {
			t.Errorf("after run %d: the file: %v", run, err)
		}
	}
}

// TestNVSDamaged has something else in the file's place, and a folder that is
// not there: NVS begins empty, and the program goes on.
func TestNVSDamaged(t *testing.T) {
	t.Parallel()
	const program = `
-- main/main.c --
#include <stdio.h>
#include "nvs_flash.h"
void app_main(void)
{
    nvs_handle_t h;
    uint8_t value = 0;
    ESP_ERROR_CHECK(nvs_flash_init());
    ESP_ERROR_CHECK(nvs_open("app", NVS_READWRITE, &h));
    ESP_ERROR_CHECK(nvs_set_u8(h, "key", 7));
    ESP_ERROR_CHECK(nvs_get_u8(h, "key", &value));
    printf("value %d\n", value);
}
`
	dir := tree(t, program)
	for name, test := range map[string]struct {
		make func(file string) error
		note string
	}{
		"nothing":          {func(string) error { return nil }, "host: NVS is kept in "},
		"text":             {func(file string) error { return os.WriteFile(file, []byte("hello"), 0o644) }, "host: NVS begins empty: "},
		"a record cut off": {func(file string) error { return os.WriteFile(file, []byte("espgen NVS 1\n\x01\x01\xff\xff"), 0o644) }, "host: NVS begins empty: "},
		"a long record": {func(file string) error {
			return os.WriteFile(file, []byte("espgen NVS 1\n\x01\x01\xff\xffkey\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00x"), 0o644)
		}, "host: NVS begins empty: "},
		"a huge file": {func(file string) error { return errors.Join(os.WriteFile(file, nil, 0o644), os.Truncate(file, 1<<40)) }, "host: NVS begins empty: "},
		"a pipe":      {func(file string) error { return syscall.Mkfifo(file, 0o644) }, "host: NVS begins empty: "},
		"a folder":    {func(file string) error { return os.MkdirAll(filepath.Join(file, "in it"), 0o755) }, "host: NVS cannot be kept in "},
		"no folder":   {func(file string) error { return os.Remove(filepath.Dir(file)) }, "host: NVS cannot be kept in "},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			file := filepath.Join(t.TempDir(), "folder", "file.nvs")
			must(t, os.Mkdir(filepath.Dir(file), 0o755))
			must(t, test.make(file))
			d := start(t, dir, hostsdk.Scenario{NVS: file})
			_, err := d.wait(`(?m)^value 7$`, 1)
			must(t, err)
			log, err := d.stop()
			must(t, err)
			if !strings.Contains(log, test.note) {
				t.Errorf("it does not say %q", test.note)
			}
		})
	}
}

// TestNVSFile has one file for each project, wherever it is called from.
func TestNVSFile(t *testing.T) {
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	dir := t.TempDir()
	must(t, errors.Join(os.Mkdir(filepath.Join(dir, "a"), 0o755), os.Mkdir(filepath.Join(dir, "b"), 0o755), os.Symlink("a", filepath.Join(dir, "link"))))
	file := func(name string) string {
		file, err := hostsdk.NVSFile(name)
		must(t, err)
		return file
	}
	t.Chdir(filepath.Join(dir, "a"))
	a := file(".")
	if a != file(filepath.Join(dir, "a")) || a != file(filepath.Join(dir, "link")) || a == file(filepath.Join(dir, "b")) {
		t.Errorf("got %s", a)
	}
}
