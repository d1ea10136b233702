package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/espgen/espgen/lazyregexp"
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
	case err == nil && !isReadyFile(r.name):
		return &usageError{fmt.Sprintf("--ready-file: %s holds something else than an address", r.name), "name a file of its own: espgen replaces and removes it"}
	case err == nil:
		err = os.Remove(r.name)
	case errors.Is(err, fs.ErrNotExist):
		err = nil
	}
	if err != nil {
		return fmt.Errorf("--ready-file: %w", err)
	}
	dir := filepath.Dir(r.name)
	if !isFolder(dir) {
		return &usageError{fmt.Sprintf("--ready-file: the folder %s does not exist", dir), "make the folder first"}
	}
	f, err := os.CreateTemp(dir, temporary)
	if err != nil {
		return &hintError{fmt.Errorf("--ready-file: no file can be made in %s: %w", dir, errors.Unwrap(err)), "name a file in a folder that you may write to"}
	}
	return errors.Join(f.Close(), os.Remove(f.Name()))
}

var addressLine = lazyregexp.New(`^(\S+:\d+\n)?$`)

// isReadyFile reports whether a file is empty, or holds what write writes.
func isReadyFile(name string) bool {
	const longest = 256
	text, err := plainfile.Read(name, longest)
	return err == nil && addressLine().Match(text)
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
	if err := os.Remove(r.name); !errors.Is(err, fs.ErrNotExist) { // a script may have taken it away
		return err
	}
	return nil
}

const temporary = ".espgen-*"

// writeWhole writes a file that nobody can see half of.
func writeWhole(name string, data []byte) error {
	f, err := os.CreateTemp(filepath.Dir(name), temporary)
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
