package submission

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/bzip2"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"strings"

	"github.com/espgen/espgen/plainfile"
)

// An entry is a file of a tree, or what stands in the place of one. Its path is
// as the tree has it.
type entry struct {
	path   string
	refuse string // why it is not taken, "" where it is: "a link"
	size   int64  // as the tree has it, which may be a lie
	packed int64  // its size in an archive that tells it, else 0
	read   func(limit int64) ([]byte, error)
}

// A tree gives its entries one after the other. Those of a tar archive can be
// read only while each is called.
type tree func(each func(entry) error) error

// errTooLarge is the error of reading an entry that is larger than the limit.
var errTooLarge = errors.New("too large")

// readUpTo reads what is no more than limit bytes.
func readUpTo(r io.Reader, limit int64) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(r, limit+1))
	if err == nil && int64(len(data)) > limit {
		return nil, errTooLarge
	}
	return data, err
}

// folderTree is the tree of a folder. It follows no link.
func folderTree(root *os.Root) tree {
	return func(each func(entry) error) error {
		return fs.WalkDir(root.FS(), ".", func(p string, d fs.DirEntry, err error) error {
			switch {
			case err != nil && p == ".":
				return err
			case err != nil:
				return each(entry{path: p, refuse: "it cannot be read"})
			case d.IsDir() && p != "." && isIgnored(d.Name()):
				return fs.SkipDir
			case d.IsDir():
				return nil
			}
			e := entry{path: p, read: func(limit int64) ([]byte, error) {
				data, err := plainfile.ReadIn(root, p, limit)
				if _, ok := errors.AsType[*plainfile.SizeError](err); ok {
					err = errTooLarge
				}
				return data, err
			}}
			if info, err := d.Info(); err == nil {
				e.size = info.Size()
			}
			if !d.Type().IsRegular() {
				e.refuse = plainfile.Kind(d.Type())
			}
			return each(e)
		})
	}
}

// A brokenError is of an archive that cannot be read.
type brokenError struct {
	kind string // "zip"
	err  error
}

func (e *brokenError) Error() string {
	return fmt.Sprintf("it is no %s archive that can be read: %v", e.kind, e.err)
}

func (e *brokenError) Unwrap() error { return e.err }

// zipTree is the tree of a zip archive.
func zipTree(r io.ReaderAt, size int64) (tree, error) {
	counted := &countedReader{r, maxIndex}
	z, err := zip.NewReader(counted, size)
	if errors.Is(err, errIndex) {
		return nil, &limitError{fmt.Sprintf("%d bytes of names", maxIndex)}
	}
	if err != nil && !errors.Is(err, zip.ErrInsecurePath) {
		return nil, &brokenError{"zip", err}
	}
	counted.left = -1 // what is read from now on has limits of its own
	return func(each func(entry) error) error {
		for _, f := range z.File {
			name := zipName(f)
			if strings.HasSuffix(name, "/") {
				continue
			}
			e := entry{path: name, size: int64(f.UncompressedSize64), packed: int64(f.CompressedSize64), read: func(limit int64) ([]byte, error) { //nolint:gosec // compared only
				content, err := f.Open()
				if err != nil {
					return nil, err
				}
				defer content.Close()
				return readUpTo(content, limit)
			}}
			if !f.Mode().IsRegular() {
				e.refuse = plainfile.Kind(f.Mode())
			}
			if f.Flags&1 != 0 {
				e.refuse = "it is encrypted"
			}
			if err := each(e); err != nil {
				return err
			}
		}
		return nil
	}, nil
}

// zipName is the path of a zip archive's file. Windows' programs write \ for /.
func zipName(f *zip.File) string { return strings.ReplaceAll(f.Name, `\`, "/") }

// A countedReader reads no more than so many bytes; any number where left is
// negative.
type countedReader struct {
	r    io.ReaderAt
	left int64
}

var errIndex = errors.New("the index is too large")

func (c *countedReader) ReadAt(p []byte, at int64) (int, error) {
	if c.left >= 0 {
		if c.left < int64(len(p)) {
			return 0, errIndex
		}
		c.left -= int64(len(p))
	}
	return c.r.ReadAt(p, at)
}

// tarTree is the tree of a tar archive.
func tarTree(open func() (io.Reader, error)) tree {
	return func(each func(entry) error) error {
		r, err := open()
		if err != nil {
			return &brokenError{"tar", err}
		}
		limited := &io.LimitedReader{R: r, N: maxStream}
		archive := tar.NewReader(limited)
		for {
			h, err := archive.Next()
			switch {
			case errors.Is(err, io.EOF):
				return nil
			case err != nil && limited.N <= 0:
				return &limitError{fmt.Sprintf("%d MiB, unpacked", maxStream>>20)}
			case err != nil && !errors.Is(err, tar.ErrInsecurePath):
				return &brokenError{"tar", err}
			case h.Typeflag == tar.TypeDir, h.Typeflag == tar.TypeXGlobalHeader:
				continue
			}
			e := entry{path: h.Name, size: h.Size, read: func(limit int64) ([]byte, error) { return readUpTo(archive, limit) }}
			if h.Typeflag != tar.TypeReg {
				e.refuse = plainfile.Kind(h.FileInfo().Mode().Type())
				if h.Typeflag == tar.TypeLink {
					e.refuse = "a link"
				}
			}
			if err := each(e); err != nil {
				return err
			}
		}
	}
}

// A file is what an archive, or a bare file, is read from.
type file interface {
	io.ReaderAt
	io.Reader
}

// fileTree is the tree of a file: of what is in an archive, or of the file
// itself where it is a source.
func fileTree(name string, f file, size int64) (tree, error) {
	start := make([]byte, 262)
	n, err := f.ReadAt(start, 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	whole := func() io.Reader { return io.NewSectionReader(f, 0, size) }
	switch kindOf(start[:n]) {
	case "zip":
		return zipTree(f, size)
	case "tar":
		return tarTree(func() (io.Reader, error) { return whole(), nil }), nil
	case "gzip":
		return tarTree(func() (io.Reader, error) { return gzip.NewReader(whole()) }), nil
	case "bzip2":
		return tarTree(func() (io.Reader, error) { return bzip2.NewReader(whole()), nil }), nil
	case "":
		if isSource(name) {
			return func(each func(entry) error) error {
				return each(entry{path: path.Base(name), size: size, read: func(limit int64) ([]byte, error) { return readUpTo(whole(), limit) }})
			}, nil
		}
		return nil, errors.New("it is neither a folder, nor a zip or tar archive, nor a C file")
	default:
		return nil, fmt.Errorf("it is a %s archive; zip, tar, tar.gz and tar.bz2 can be read", kindOf(start[:n]))
	}
}

// kindOf tells an archive by its beginning, "" for none.
func kindOf(start []byte) string {
	for _, k := range []struct{ kind, magic string }{
		{"zip", "PK\x03\x04"},
		{"zip", "PK\x05\x06"},
		{"gzip", "\x1f\x8b"},
		{"bzip2", "BZh"},
		{"xz", "\xfd7zXZ\x00"},
		{"zstd", "\x28\xb5\x2f\xfd"},
		{"7-Zip", "7z\xbc\xaf\x27\x1c"},
		{"RAR", "Rar!\x1a\x07"},
	} {
		if bytes.HasPrefix(start, []byte(k.magic)) {
			return k.kind
		}
	}
	if len(start) == 262 && string(start[257:262]) == "ustar" {
		return "tar"
	}
	return ""
}

// isSource reports whether a file of that name may be handed in alone.
func isSource(name string) bool {
	switch strings.ToLower(path.Ext(name)) {
	case ".c", ".h", ".cpp", ".cc", ".hpp":
		return true
	}
	return false
}

// isArchive reports whether a file's name is that of an archive.
func isArchive(name string) bool {
	name = strings.ToLower(name)
	for _, end := range []string{".zip", ".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tbz2", ".7z", ".rar", ".tar.xz", ".txz"} {
		if strings.HasSuffix(name, end) {
			return true
		}
	}
	return false
}
