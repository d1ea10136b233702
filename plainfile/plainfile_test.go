//go:build unix

package plainfile_test

import (
	"errors"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/espgen/espgen/plainfile"
)

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// TestRead reads what is there, and refuses what is no file or too much of one,
// in both ways.
func TestRead(t *testing.T) {
	dir := t.TempDir()
	root, err := os.OpenRoot(dir)
	must(t, err)
	defer root.Close()
	at := func(name string) string { return filepath.Join(dir, name) }
	must(t, os.WriteFile(at("file"), []byte("1234"), 0o644))
	must(t, os.WriteFile(at("large"), []byte("12345"), 0o644))
	must(t, os.WriteFile(at("sparse"), nil, 0o644))
	must(t, os.Truncate(at("sparse"), 1<<40))
	must(t, os.Symlink("file", at("link")))
	must(t, os.Symlink("pipe", at("link to a pipe")))
	must(t, os.Mkdir(at("folder"), 0o755))
	must(t, syscall.Mkfifo(at("pipe"), 0o644))
	t.Chdir(dir) // a socket's name is short
	l, err := net.Listen("unix", "socket")
	must(t, err)
	defer l.Close()
	for name, want := range map[string]string{
		"file":           "",
		"link":           "",
		"large":          "is larger than the limit of 4 B",
		"sparse":         "is larger than the limit of 4 B",
		"folder":         "is a folder, not a regular file",
		"pipe":           "is a named pipe, not a regular file",
		"link to a pipe": "is a named pipe, not a regular file",
		"socket":         "is a socket, not a regular file",
		"nothing":        "no such file or directory",
	} {
		for how, read := range map[string]func() ([]byte, error){
			"Read":   func() ([]byte, error) { return plainfile.Read(at(name), 4) },
			"ReadIn": func() ([]byte, error) { return plainfile.ReadIn(root, name, 4) },
		} {
			data, err := read()
			switch {
			case want == "" && (err != nil || string(data) != "1234"):
				t.Errorf("%s %s: %q, %v", how, name, data, err)
			case want != "" && (err == nil || !strings.HasSuffix(err.Error(), want)):
				t.Errorf("%s %s: got %v, want %s", how, name, err, want)
			}
		}
	}
	if _, err := plainfile.Read(at("nothing"), 4); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got %v", err)
	}
	if _, err := plainfile.Read(os.DevNull, 4); err == nil || !strings.HasSuffix(err.Error(), "is a device, not a regular file") {
		t.Errorf("got %v", err)
	}
}
