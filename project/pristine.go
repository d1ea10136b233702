package project

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"errors"
	"io"

	"github.com/espgen/espgen/generator"
)

// maxPristine is the size of the largest pristine copy that is read, unpacked.
// A project has a hundredth of it.
const maxPristine = 16 << 20

// pack packs files, but those that hold a secret.
func pack(files []generator.File) []byte {
	var public []generator.File
	for _, f := range files {
		if !f.Secret() {
			public = append(public, f)
		}
	}
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if err := errors.Join(generator.WriteTar(z, "", public), z.Close()); err != nil {
		panic(err) // memory takes it all
	}
	return b.Bytes()
}

// unpack returns the files of a pristine copy by path.
func unpack(packed []byte) (map[string][]byte, error) {
	z, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil, err
	}
	files := map[string][]byte{}
	limited := &io.LimitedReader{R: z, N: maxPristine}
	r := tar.NewReader(limited)
	for {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			return files, nil
		}
		if err == nil {
			files[h.Name], err = io.ReadAll(r)
		}
		if err != nil {
			return nil, err
		}
	}
}
