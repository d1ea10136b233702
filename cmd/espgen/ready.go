package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/espgen/espgen/plainfile"
)

// A readyFile tells scripts, by being there, that a run is ready, and where. The
// zero value is none.
type readyFile struct {
	name    string
	written bool
}

// prepare removes what an earlier run has left, and looks whether the file can be
// written later.
func (r *readyFile) prepare() error {
	if r.name == "" {
		return nil
	}
	info, err := os.Lstat(r.name)
	switch {
	case err == nil && !info.Mode().IsRegular():
		return &usageError{"--ready-file: " + (&plainfile.KindError{Name: r.name, Kind: plainfile.Kind(info.Mode())}).Error(), "name a file of its own: espgen replaces and removes it"}
	case err == nil:
		return os.Remove(r.name)
	case !errors.Is(err, fs.ErrNotExist):
		return err
	}
	if dir := filepath.Dir(r.name); !isFolder(dir) {
		return &usageError{fmt.Sprintf("--ready-file: the folder %s does not exist", dir), "make the folder first"}
	}
	return nil
}

// write writes the file, whole at once, the first time that it is called.
func (r *readyFile) write(address string) error {
	if r.name == "" || r.written {
		return nil
	}
	r.written = true
	return writeWhole(r.name, []byte(address+"\n"))
}

// remove removes what write has written.
func (r *readyFile) remove() error {
	if !r.written {
		return nil
	}
	r.written = false
	return os.Remove(r.name)
}

// writeWhole writes a file that nobody can see half of.
func writeWhole(name string, data []byte) error {
	f, err := os.CreateTemp(filepath.Dir(name), ".espgen-*")
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	err = errors.Join(err, f.Chmod(0o644), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), name)
	}
	if err != nil {
		os.Remove(f.Name())
	}
	return err
}
