package generator

import (
	"archive/tar"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/espgen/espgen/plainfile"
	"github.com/espgen/espgen/scratch"
)

// ErrNotEmpty is the error of [Write] and [CheckDir] where the destination
// holds files.
var ErrNotEmpty = errors.New("the folder is not empty")

// stagingPrefix begins the name of the folder that a project is written to
// first.
const stagingPrefix = ".espgen-"

// Write puts files below dir, which must be empty or missing, but for entries
// with the names in keep: all of them, or none. They are written to a folder beside dir that is then renamed, so that
// an error, a full disk, or the end of ctx leaves nothing behind. A dir that
// exists is kept, with its permissions, and the files are moved into it. What a
// Write that was killed has left in the same place is removed.
func Write(ctx context.Context, dir string, files []File, keep ...string) (err error) {
	exists, half, err := isEmptyDir(dir, files, keep)
	if err != nil {
		return err
	}
	parent := filepath.Dir(filepath.Clean(dir))
	if exists {
		parent = dir // on the same disk, even where dir is a mount
	}
	made, err := mkdirAll(parent)
	defer func() {
		if err != nil {
			for _, d := range made {
				os.Remove(d) // only while it is empty
			}
		}
	}()
	if err != nil {
		return err
	}
	staging, remove, err := scratch.Make(parent, stagingPrefix)
	if at, ok := errors.AsType[*fs.PathError](err); ok {
		at.Path = parent // nobody knows the name of what could not be made
	}
	if err != nil {
		return err
	}
	defer remove()
	// The temporary folder is its owner's alone. The project's is made as any
	// other, so that the umask decides.
	project := filepath.Join(staging, "project")
	if err := os.Mkdir(project, 0o755); err != nil {
		return err
	}
	if err := writeAll(ctx, project, files); err != nil {
		return err
	}
	if exists {
		for _, name := range half {
			if err := os.RemoveAll(filepath.Join(dir, name)); err != nil {
				return err
			}
		}
		return moveInto(dir, project)
	}
	return os.Rename(project, dir)
}

// CheckDir returns the error that [Write] would return for what is at dir. It
// writes nothing, so it cannot tell whether dir may be written.
func CheckDir(dir string, files []File, keep ...string) error {
	_, _, err := isEmptyDir(dir, files, keep)
	return err
}

// isEmptyDir reports whether dir exists. It may only do so as a folder that
// holds nothing but what is kept, or as one in which a Write of the same files
// was killed: half names what that has moved there.
func isEmptyDir(dir string, files []File, keep []string) (exists bool, half []string, err error) {
	entries, err := os.ReadDir(dir)
	left := scratch.Left(dir, stagingPrefix) // Write removes them
	entries = slices.DeleteFunc(entries, func(e fs.DirEntry) bool {
		return slices.Contains(left, filepath.Join(dir, e.Name())) || slices.Contains(keep, e.Name())
	})
	switch {
	case errors.Is(err, fs.ErrNotExist):
		// A link to nothing exists all the same, and rename would replace it.
		if _, err := os.Lstat(dir); err == nil {
			return false, nil, &fs.PathError{Op: "write", Path: dir, Err: errors.New("it is a link to a folder that does not exist")}
		}
		return false, nil, nil
	case err != nil:
		return false, nil, err
	case len(entries) > 0 && len(left) > 0 && isHalf(dir, entries, files):
		for _, e := range entries {
			half = append(half, e.Name())
		}
	case len(entries) > 0:
		return true, nil, &fs.PathError{Op: "write", Path: dir, Err: notEmpty(entries[0].Name())}
	}
	return true, half, nil
}

// isHalf reports whether entries hold nothing but some of files, as they are.
func isHalf(dir string, entries []fs.DirEntry, files []File) bool {
	known := map[string][]byte{}
	for _, f := range files {
		known[filepath.Join(dir, filepath.FromSlash(f.Path))] = f.Data
	}
	for _, e := range entries {
		err := filepath.WalkDir(filepath.Join(dir, e.Name()), func(name string, d fs.DirEntry, err error) error {
			data, ok := known[name]
			switch {
			case err != nil:
				return err
			case d.IsDir():
				return nil
			case !ok || !d.Type().IsRegular():
				return ErrNotEmpty
			}
			if there, err := plainfile.Read(name, int64(len(data))); err != nil || !bytes.Equal(there, data) {
				return ErrNotEmpty
			}
			return nil
		})
		if err != nil {
			return false
		}
	}
	return true
}

// notEmpty is the error of a folder that holds the named entry, and maybe more.
func notEmpty(entry string) error {
	if strings.HasPrefix(entry, stagingPrefix) {
		return fmt.Errorf("%w: it holds %q, which another espgen is filling, or has left: delete it where none runs", ErrNotEmpty, entry)
	}
	return fmt.Errorf("%w: it holds %q", ErrNotEmpty, entry)
}

// mkdirAll makes dir and the folders above it, and returns those that it
// made, the deepest first.
func mkdirAll(dir string) (made []string, err error) {
	var missing []string
	for d := dir; ; d = filepath.Dir(d) {
		if _, err := os.Stat(d); err == nil || d == filepath.Dir(d) {
			break
		}
		missing = append(missing, d)
	}
	for _, d := range slices.Backward(missing) {
		if err := os.Mkdir(d, 0o755); err != nil {
			return made, err
		}
		made = append([]string{d}, made...)
	}
	return made, nil
}

// writeAll writes the files below dir. os.Root keeps every path inside.
func writeAll(ctx context.Context, dir string, files []File) error {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return err
	}
	defer root.Close()
	for _, f := range files {
		if err := ctx.Err(); err != nil {
			return err
		}
		name := filepath.FromSlash(f.Path)
		if err := root.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			return err
		}
		if err := root.WriteFile(name, f.Data, f.Mode); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// moveInto moves what is in project, a folder on the same disk, into dir. What
// was moved before an error is removed again.
func moveInto(dir, project string) error {
	entries, err := os.ReadDir(project)
	if err != nil {
		return err
	}
	for i, e := range entries {
		to := filepath.Join(dir, e.Name())
		if _, err = os.Lstat(to); err == nil {
			err = &fs.PathError{Op: "write", Path: to, Err: fs.ErrExist}
		} else {
			err = os.Rename(filepath.Join(project, e.Name()), to)
		}
		if err != nil {
			for _, moved := range entries[:i] {
				os.RemoveAll(filepath.Join(dir, moved.Name()))
			}
			return err
		}
	}
	return nil
}

// WriteTar writes the files to w as a tar archive with a single folder, dir.
// Equal files give equal bytes: the archive holds no times and no owners.
func WriteTar(w io.Writer, dir string, files []File) error {
	t := tar.NewWriter(w)
	for _, f := range files {
		h := &tar.Header{
			Name:   path.Join(dir, f.Path),
			Mode:   int64(f.Mode.Perm()),
			Size:   int64(len(f.Data)),
			Format: tar.FormatPAX,
		}
		if err := t.WriteHeader(h); err != nil {
			return fmt.Errorf("writing the archive: %w", err)
		}
		if _, err := t.Write(f.Data); err != nil {
			return fmt.Errorf("writing the archive: %w", err)
		}
	}
	return t.Close()
}
