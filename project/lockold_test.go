package project

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/espgen/espgen/generator"
)

// pack packs files as an espgen before version 3 of the lock did.
func pack(files []generator.File) []byte {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if err := errors.Join(generator.WriteTar(z, "", files), z.Close()); err != nil {
		panic(err) // memory takes it all
	}
	return b.Bytes()
}

// zipped packs a tar that write writes.
func zipped(t *testing.T, write func(*tar.Writer) error) []byte {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	w := tar.NewWriter(z)
	must(t, write(w))
	must(t, w.Close())
	must(t, z.Close())
	return b.Bytes()
}

// sparse is a tar of one file in GNU's old format for files with holes: 8 GiB,
// all of them a hole.
func sparse() []byte {
	h := make([]byte, 512)
	const size = "100000000000" // octal
	copy(h, "f")
	copy(h[100:], "0000644\x00")
	copy(h[124:], "00000000000\x00")
	copy(h[136:], "00000000000\x00")
	h[156] = 'S'
	copy(h[257:], "ustar  \x00")
	copy(h[386:], size+"00000000000\x00") // where the data begins, and its length
	copy(h[483:], size)
	copy(h[148:], "        ")
	sum := 0
	for _, b := range h {
		sum += int(b)
	}
	copy(h[148:], fmt.Sprintf("%06o\x00 ", sum))
	return append(h, make([]byte, 1024)...)
}

func gzipped(t *testing.T, data []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, err := z.Write(data)
	must(t, err)
	must(t, z.Close())
	return b.Bytes()
}

// TestUnpackErrors gives pristine copies that espgen does not write.
func TestUnpackErrors(t *testing.T) {
	header := func(kind byte, name string, size int64) []byte {
		return zipped(t, func(w *tar.Writer) error {
			err := w.WriteHeader(&tar.Header{Typeflag: kind, Name: name, Linkname: "x", Mode: 0o644, Size: size})
			for ; size > 0 && err == nil; size -= 512 {
				_, err = w.Write(make([]byte, min(size, 512)))
			}
			return err
		})
	}
	many := func(count int, size int) []byte {
		var files []generator.File
		for i := range count {
			files = append(files, public(fmt.Sprint("f", i), strings.Repeat("x", size)))
		}
		return pack(files)
	}
	for name, test := range map[string]struct {
		packed []byte
		want   string
	}{
		"sparse":   {gzipped(t, sparse()), `"f" is not a regular file`},
		"a link":   {header(tar.TypeSymlink, "f", 0), `"f" is not a regular file`},
		"a folder": {header(tar.TypeDir, "f/", 0), `"f/" is not a regular file`},
		"large":    {header(tar.TypeReg, "f", maxPristineFile+1), `"f" is larger than the limit of 4.0 MiB`},
		"together": {many(5, maxPristineFile), "it holds more than the limit of 16 MiB"},
		"many":     {many(maxFiles+1, 0), "it holds more than the limit of 1000 files"},
		"twice":    {pack([]generator.File{public("f", "1"), public("f", "2")}), `"f" is in it twice`},
		"outside":  {header(tar.TypeReg, "../f", 0), `a project cannot have a file "../f"`},
		"its own":  {header(tar.TypeReg, ".espgen/f", 0), `a project cannot have a file ".espgen/f"`},
	} {
		if files, err := unpack(test.packed); err == nil || err.Error() != test.want {
			t.Errorf("%s: got %v, %v, want %s", name, len(files), err, test.want)
		}
	}
	for name, packed := range map[string][]byte{"all": many(4, maxPristineFile-4096), "many": many(maxFiles, 10)} {
		if _, err := unpack(packed); err != nil {
			t.Errorf("%s that there may be: %v", name, err)
		}
	}
}

// FuzzUnpack wants no panic, and no more than the limits.
func FuzzUnpack(f *testing.F) {
	f.Add(pack([]generator.File{public("f", lines)}))
	f.Fuzz(func(t *testing.T, tarred []byte) {
		files, err := unpack(gzipped(t, tarred))
		total := 0
		for path, data := range files {
			if total += len(data); !generator.IsProjectFile(path) {
				t.Errorf("%q", path)
			}
		}
		if err == nil && (total > maxPristine || len(files) > maxFiles) {
			t.Errorf("%d bytes in %d files", total, len(files))
		}
	})
}
