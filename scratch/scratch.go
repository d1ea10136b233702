// Package scratch makes temporary folders, and removes those that a process
// left which was killed. A folder in use is locked; what can be locked by
// another is in nobody's use.
package scratch

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
)

// errTaken is the error of a folder that another process has locked, or has
// removed meanwhile.
var errTaken = errors.New("another process has it")

// Make makes a folder in parent whose name begins with prefix. Those of that
// prefix which nobody uses any more it removes before. remove removes the
// folder.
func Make(parent, prefix string) (dir string, remove func(), err error) {
	for _, left := range Left(parent, prefix) {
		discard(left)
	}
	const tries = 10 // another process may take the folder for one that was left
	for range tries {
		dir, err = os.MkdirTemp(parent, prefix+"*")
		if err != nil {
			return "", nil, err
		}
		unlock, err := lock(dir)
		if !errors.Is(err, errTaken) { // where the disk knows no locks, nobody takes it
			return dir, func() { os.RemoveAll(dir); unlock() }, nil
		}
	}
	return "", nil, errors.New(dir + ": another process removes it again and again")
}

// Left lists the folders in parent of that prefix which nobody uses any more.
// It knows none on systems without locks for folders.
func Left(parent, prefix string) []string {
	left, _ := folders(parent, prefix)
	return left
}

// Used lists the folders in parent of that prefix which a process uses. It knows
// none on systems without locks for folders.
func Used(parent, prefix string) []string {
	_, used := folders(parent, prefix)
	return used
}

// folders lists the folders of Make that nobody uses any more, and those in use.
func folders(parent, prefix string) (left, used []string) {
	entries, _ := os.ReadDir(parent)
	for _, e := range entries {
		number, ok := strings.CutPrefix(e.Name(), prefix)
		if !ok || !e.IsDir() || number == "" || strings.Trim(number, "0123456789") != "" {
			continue // it is not of Make
		}
		dir := filepath.Join(parent, e.Name())
		unlock, err := lock(dir)
		switch {
		case err == nil:
			unlock()
			left = append(left, dir)
		case errors.Is(err, errTaken):
			used = append(used, dir)
		}
	}
	return left, used
}

// discard removes a folder, if it is in nobody's use still.
func discard(dir string) {
	if unlock, err := lock(dir); err == nil {
		os.RemoveAll(dir)
		unlock()
	}
}
