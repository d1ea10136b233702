package course

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"crypto/sha256"
	"hash/crc32"
	"io"
	"path"
	"sync"

	"github.com/espgen/espgen/generator"
)

// A packer makes zips. It compresses equal files once: those of a class differ
// in a few lines of a few files. Any number of goroutines may use it.
type packer struct {
	known sync.Map // of *packed, by the hash of what is packed
}

// earliest is the first day that a zip can name: 1 January 1980.
const earliest = 1<<5 | 1

type packed struct {
	data []byte
	sum  uint32
}

// Zip returns an archive of files in a single folder, dir, or without one where
// that is "". Equal files give equal bytes: it holds no times, and the files are
// in the order in which they are given.
func Zip(dir string, files []generator.File) ([]byte, error) { return new(packer).zip(dir, files) }

// zip is [Zip].
func (p *packer) zip(dir string, files []generator.File) ([]byte, error) {
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	for _, f := range files {
		c, err := p.pack(f.Data)
		if err != nil {
			return nil, err
		}
		h := &zip.FileHeader{
			Name: path.Join(dir, f.Path), Method: zip.Deflate, CRC32: c.sum,
			CompressedSize64: uint64(len(c.data)), UncompressedSize64: uint64(len(f.Data)),
		}
		h.SetMode(f.Mode.Perm())
		h.ModifiedDate = earliest //nolint:staticcheck // of a raw entry, it is this field that is written
		if !isASCII(h.Name) {
			h.Flags |= 0x800 // the name is UTF-8
		}
		w, err := z.CreateRaw(h)
		if err == nil {
			_, err = w.Write(c.data)
		}
		if err != nil {
			return nil, err
		}
	}
	err := z.Close()
	return out.Bytes(), err
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}

// pack compresses data.
func (p *packer) pack(data []byte) (packed, error) {
	key := sha256.Sum256(data)
	if c, ok := p.known.Load(key); ok {
		return c.(packed), nil
	}
	var out bytes.Buffer
	w, err := flate.NewWriter(&out, flate.DefaultCompression)
	if err == nil {
		_, err = io.Copy(w, bytes.NewReader(data))
	}
	if err == nil {
		err = w.Close()
	}
	c := packed{out.Bytes(), crc32.ChecksumIEEE(data)}
	p.known.Store(key, c)
	return c, err
}
