// Package plainfile reads regular files of a limited size. What stands in the
// place of one, a named pipe or a device, is refused before it is opened: it
// might never end, and reading it would not either.
package plainfile

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"github.com/dustin/go-humanize"
)

// A KindError is of what is no regular file.
type KindError struct {
	Name string
	Kind string // "a named pipe"
}

// Error says what it is.
func (e *KindError) Error() string {
	return fmt.Sprintf("%s is %s, not a regular file", e.Name, e.Kind)
}

// A SizeError is of a file that is larger than its kind may be.
type SizeError struct {
	Name  string
	Limit int64
}

// Error tells the limit.
func (e *SizeError) Error() string {
	return fmt.Sprintf("%s is larger than the limit of %s", e.Name, humanize.IBytes(uint64(e.Limit))) //nolint:gosec // no limit is negative
}

// Read returns what a file holds, where that is no more than limit bytes.
func Read(name string, limit int64) ([]byte, error) { return read(disk{}, name, limit) }

// ReadIn does the same below root, which no link leads out of.
func ReadIn(root *os.Root, name string, limit int64) ([]byte, error) { return read(root, name, limit) }

// A folder is where names are looked up.
type folder interface {
	Stat(name string) (fs.FileInfo, error)
	OpenFile(name string, flag int, perm fs.FileMode) (*os.File, error)
}

type disk struct{}

func (disk) Stat(name string) (fs.FileInfo, error) { return os.Stat(name) }

func (disk) OpenFile(name string, flag int, perm fs.FileMode) (*os.File, error) {
	return os.OpenFile(name, flag, perm)
}

func read(dir folder, name string, limit int64) ([]byte, error) {
	// To open a device may do something already.
	info, err := dir.Stat(name)
	if of, ok := errors.AsType[*fs.PathError](err); ok {
		of.Op = "open"
	}
	if err == nil {
		err = check(name, info, limit)
	}
	if err != nil {
		return nil, err
	}
	// Another file may have taken its place: a pipe is opened without waiting.
	f, err := dir.OpenFile(name, os.O_RDONLY|noWait, 0)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if info, err = f.Stat(); err == nil {
		err = check(name, info, limit)
	}
	if err != nil {
		return nil, err
	}
	data, err := io.ReadAll(io.LimitReader(f, limit+1)) // it may grow, and /proc tells no sizes
	if err == nil && int64(len(data)) > limit {
		err = &SizeError{name, limit}
	}
	return data, err
}

func check(name string, info fs.FileInfo, limit int64) error {
	switch {
	case !info.Mode().IsRegular():
		return &KindError{name, Kind(info.Mode())}
	case info.Size() > limit:
		return &SizeError{name, limit}
	}
	return nil
}

// Kind says in words what has this mode.
func Kind(mode fs.FileMode) string {
	switch {
	case mode.IsDir():
		return "a folder"
	case mode&fs.ModeSymlink != 0:
		return "a link"
	case mode&fs.ModeNamedPipe != 0:
		return "a named pipe"
	case mode&fs.ModeSocket != 0:
		return "a socket"
	case mode&fs.ModeDevice != 0:
		return "a device"
	case mode.IsRegular():
		return "a file"
	}
	return "something else"
}
