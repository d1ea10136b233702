package project

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"maps"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/dustin/go-humanize"
	"gopkg.in/yaml.v3"

	"github.com/espgen/espgen/generator"
)

// packedFile is the pristine copy of a lock of version 1 or 2.
const packedFile = Folder + "/pristine.tar.gz"

// decodeOldLock reads a lock of version 1 or 2.
func decodeOldLock(name string, doc *yaml.Node) (Lock, error) {
	var old struct {
		Version             int
		Espgen, Role, Style string
		Spec                struct {
			Path string
			Set  []string
		}
		Files map[string]entry
		Was   map[string][]string
	}
	if err := doc.Decode(&old); err != nil {
		return Lock{}, lockError(name, err)
	}
	lock := Lock{
		Version: old.Version, Files: old.Files, Was: old.Was,
		Origin: Origin{Espgen: old.Espgen, Role: old.Role, Style: old.Style, Spec: old.Spec.Path},
	}
	for _, pair := range old.Spec.Set {
		path, value, kept := strings.Cut(pair, "=")
		lock.Values = append(lock.Values, Value{Path: path, Text: value, Set: true, Hidden: !kept})
	}
	for _, file := range slices.Sorted(maps.Keys(old.Files)) {
		e := old.Files[file]
		problem := e.problem()
		if problem == "" && e.Mode == 0 {
			problem = "the mode is not that of a file"
		}
		if problem == "" && e.Owner == "" {
			problem = `the owner is neither "generated" nor "user"`
		}
		if problem != "" {
			return lock, &RecordError{fmt.Errorf("%s: %s: %s", name, strconv.Quote(file), problem)}
		}
	}
	return lock, lock.check(name)
}

// readPacked reads the pristine copy of a lock of version 1 or 2.
func (p *Project) readPacked() error {
	packed, err := p.readRecord(packedFile, maxPacked)
	if err != nil {
		return err
	}
	p.records[packedFile] = packed
	if p.pristine, err = unpack(packed); err != nil {
		return &RecordError{fmt.Errorf("%s: %w", filepath.Join(p.dir, local(packedFile)), err)}
	}
	for path, e := range p.Lock.Files {
		if data, ok := p.pristine[path]; !e.secret() && (!ok || e.Sum != "" && sum(data) != e.Sum) {
			return &RecordError{fmt.Errorf("%s and %s are not of the same update: %s differs", filepath.Join(p.dir, LockFile), packedFile, path)}
		}
	}
	return nil
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
	case !generator.IsProjectFile(h.Name):
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
