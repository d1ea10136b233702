package project

import (
	"context"
	"io/fs"
	"os"
	"slices"

	"github.com/espgen/espgen/lazyregexp"
)

// A Project is a generated project on the disk.
type Project struct {
	Lock Lock

	dir      string
	root     *os.Root
	pristine map[string][]byte // as anybody may read it: see publicText
	records  map[string][]byte // the records as they were read, with git's line endings undone
	readLock []byte            // the lock, byte for byte
	waiting  func()
}

// Open reads the records of the project in dir. Where an update was interrupted
// it is finished, or given up, before; finished tells. Where another espgen
// updates the project, Open says so by a call of waiting, and waits until that
// is done, or ctx.
func Open(ctx context.Context, dir string, waiting func()) (p *Project, finished bool, err error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, false, err
	}
	p = &Project{dir: dir, root: root, waiting: waiting, records: map[string][]byte{}}
	defer func() {
		if err != nil {
			root.Close()
		}
	}()
	unlock, err := lockFolder(ctx, root, waiting) // else it may read one half before, one after an update
	if err != nil {
		return nil, false, err
	}
	defer unlock()
	if finished, err = recoverUpdate(root); err != nil {
		return nil, false, err
	}
	return p, finished, p.readRecords()
}

// Dir is the project's folder.
func (p *Project) Dir() string { return p.dir }

// Secrets lists the files that hold secrets, and that nobody but their owner may
// read, by their paths.
func (p *Project) Secrets() []string {
	var list []string
	for path, e := range p.Lock.Files {
		if e.secret() {
			list = append(list, path)
		}
	}
	slices.Sort(list)
	return list
}

var formerName = lazyregexp.New(`^former(?:\.\d+)?$`)

// Former lists the folders in which updates have kept former secrets.
func (p *Project) Former() ([]string, error) {
	entries, err := fs.ReadDir(p.root.FS(), ".")
	var list []string
	for _, e := range entries {
		if e.IsDir() && formerName().MatchString(e.Name()) {
			list = append(list, e.Name())
		}
	}
	return list, err
}

// Close lets go of the project's folder.
func (p *Project) Close() error { return p.root.Close() }

// Recover finishes an update of the project in dir that was interrupted, or
// removes what it left. finished reports whether there was one to finish. It
// waits for another espgen as [Open] does.
func Recover(ctx context.Context, dir string, waiting func()) (finished bool, err error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return false, err
	}
	defer root.Close()
	unlock, err := lockFolder(ctx, root, waiting)
	if err != nil {
		return false, err
	}
	defer unlock()
	return recoverUpdate(root)
}

// A RecordError is a record that cannot be used.
type RecordError struct{ Err error }

func (e *RecordError) Error() string { return e.Err.Error() }

// Unwrap returns the error behind it.
func (e *RecordError) Unwrap() error { return e.Err }
