package project

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/dustin/go-humanize"

	"github.com/espgen/espgen/generator"
)

// The limits of what is read. A project has about thirty files, of a few hundred
// kilobytes together: what is beyond these comes from somebody else.
const (
	maxFiles        = 1000     // of a project
	maxPristineFile = 4 << 20  // of a file in the pristine copy
	maxPristine     = 16 << 20 // of all of them, with their headers
	maxPacked       = 8 << 20  // of the pristine copy itself
	maxLock         = 1 << 20
	maxJournal      = 1 << 20
	maxUsers        = 64 << 20 // of a file that the user may have edited
)

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

var errTogether = fmt.Errorf("it holds more than the limit of %s", humanize.IBytes(maxPristine))

// unpack returns the files of a pristine copy by path.
func unpack(packed []byte) (map[string][]byte, error) {
	z, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil, err
	}
	files := map[string][]byte{}
	limited := &io.LimitedReader{R: z, N: maxPristine + 1}
	r := tar.NewReader(limited)
	for {
		h, err := r.Next()
		switch {
		case limited.N == 0:
			return nil, errTogether
		case errors.Is(err, io.EOF):
			return files, nil
		case err != nil:
			return nil, err
		case files[h.Name] != nil:
			return nil, fmt.Errorf("%s is in it twice", strconv.Quote(h.Name))
		case len(files) == maxFiles:
			return nil, fmt.Errorf("it holds more than the limit of %d files", maxFiles)
		}
		files[h.Name], err = unpackFile(r, h)
		switch {
		case limited.N == 0:
			return nil, errTogether
		case err != nil:
			return nil, err
		}
	}
}

// unpackFile reads an entry. Its header may promise any size: holes take no
// bytes of the archive.
func unpackFile(r io.Reader, h *tar.Header) ([]byte, error) {
	isSparse := func(key string) bool { return strings.HasPrefix(key, "GNU.sparse.") }
	name := strconv.Quote(h.Name)
	switch {
	case h.Typeflag != tar.TypeReg, slices.ContainsFunc(slices.Collect(maps.Keys(h.PAXRecords)), isSparse):
		return nil, fmt.Errorf("%s is not a regular file", name)
	case !isProjectFile(h.Name):
		return nil, fmt.Errorf("a project cannot have a file %s", name)
	case h.Size > maxPristineFile:
		return nil, fmt.Errorf("%s is larger than the limit of %s", name, humanize.IBytes(maxPristineFile))
	}
	data, err := io.ReadAll(r)
	if data == nil {
		data = []byte{}
	}
	return data, err
}
