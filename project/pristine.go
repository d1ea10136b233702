package project

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/dustin/go-humanize"

	"github.com/espgen/espgen/generator"
	"github.com/espgen/espgen/plainfile"
)

// The limits of what is read. A project has about thirty files, of a few hundred
// kilobytes together: what is beyond these comes from somebody else.
const (
	maxFiles        = 1000     // of a project
	maxPristineFile = 4 << 20  // of a file in the pristine copy
	maxPristine     = 16 << 20 // of all of them, with their headers
	maxPacked       = 8 << 20  // of the pristine copy of a lock before version 3
	maxLock         = 1 << 20
	maxWas          = 1 << 20
	maxJournal      = 1 << 20
	maxUsers        = 64 << 20 // of a file that the user may have edited
)

// The records beside the lock. A text that git merges for the user, it merges
// in the pristine copy in the same way: so that is the right base of what the
// user has then, whatever the merged spec gives.
const (
	pristineDir = Folder + "/pristine"
	wasFile     = Folder + "/former-defaults"
	attributes  = Folder + "/.gitattributes"
	ignores     = Folder + "/.gitignore"
)

// gitFiles tell git what to do with the records.
var gitFiles = map[string]string{
	attributes: `# The records of espgen: the project as it was generated, for espgen update, diff and check. Commit them.
# They are never in conflict, keep their line endings, and are left out of diffs.
* merge=union -text -diff linguist-generated
`,
	ignores: `# The records of espgen are committed, whatever the project ignores.
!*
`,
}

// pristinePath is where the pristine copy has a file.
func pristinePath(path string) string { return pristineDir + "/" + path }

// publicText is the file's text as anybody may read it: without the value of its
// key, and of others that are hidden.
func publicText(f generator.File) []byte {
	data := f.Data
	if f.Public != nil {
		data = f.Public
	}
	if f.Key == "" {
		return data
	}
	return keyLine(f.Key).ReplaceAll(data, []byte("${1} "+generator.Secret))
}

// keyLine matches the definition of a macro, on a line of its own.
func keyLine(key string) *regexp.Regexp {
	return regexp.MustCompile(`(?m)^([ \t]*#[ \t]*define[ \t]+` + regexp.QuoteMeta(key) + `\b)[^\r\n]*`)
}

// Records returns the records of a new project that consists of files, as
// files.
func Records(origin Origin, files []generator.File) []generator.File {
	var list []generator.File
	texts := recordTexts(newLock(origin, files), files)
	for _, path := range recordOrder(texts) {
		list = append(list, generator.File{Path: path, Mode: plainMode, Data: texts[path]})
	}
	return list
}

// recordTexts returns the records by path.
func recordTexts(lock Lock, files []generator.File) map[string][]byte {
	texts := map[string][]byte{LockFile: lock.encode()}
	for path, text := range gitFiles {
		texts[path] = []byte(text)
	}
	for _, f := range files {
		if !f.Secret() {
			texts[pristinePath(f.Path)] = publicText(f)
		}
	}
	if len(lock.Was) > 0 {
		texts[wasFile] = encodeWas(lock.Was)
	}
	return texts
}

// recordOrder returns the paths of records in the order in which they are
// written: the lock is last.
func recordOrder(texts map[string][]byte) []string {
	list := slices.DeleteFunc(slices.Sorted(maps.Keys(texts)), func(path string) bool { return path == LockFile })
	return append(list, LockFile)
}

// readRecords reads the lock and what is beside it.
func (p *Project) readRecords() error {
	data, err := p.readRecord(LockFile, maxLock)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("%s: %w", p.dir, ErrNoLock)
	case err != nil:
		return err
	}
	p.readLock = data
	if p.Lock, err = decodeLock(filepath.Join(p.dir, LockFile), data); err != nil {
		return err
	}
	p.records[LockFile] = bytes.ReplaceAll(data, []byte("\r\n"), []byte("\n"))
	if !p.Lock.HasValues() {
		return p.readPacked()
	}
	for path := range gitFiles {
		if err := p.readOptional(path, maxLock); err != nil {
			return err
		}
	}
	if err := p.readOptional(wasFile, maxWas); err != nil {
		return err
	}
	p.Lock.Was = decodeWas(p.records[wasFile])
	return p.readPristine()
}

// readPristine reads the files of the pristine copy: those that the lock names,
// and others, which are no longer generated.
func (p *Project) readPristine() error {
	p.pristine = map[string][]byte{}
	total := 0
	for _, path := range strays(p.root, p.Lock) {
		p.Lock.Files[path] = entry{}
	}
	for _, path := range slices.Sorted(maps.Keys(p.Lock.Files)) {
		if p.Lock.Files[path].secret() {
			continue
		}
		if err := p.readOptional(pristinePath(path), maxPristineFile); err != nil {
			return err
		}
		data, ok := p.records[pristinePath(path)]
		if total += len(data); total > maxPristine {
			return &RecordError{fmt.Errorf("%s holds more than the limit of %s", filepath.Join(p.dir, local(pristineDir)), humanize.IBytes(maxPristine))}
		}
		if ok {
			p.pristine[path] = data
		}
	}
	return nil
}

// strays lists the regular files of the pristine copy that the lock does not
// name: git leaves one where a branch changed it, and another one dropped it.
func strays(root *os.Root, lock Lock) []string {
	var list []string
	err := fs.WalkDir(root.FS(), pristineDir, func(name string, d fs.DirEntry, err error) error {
		path := strings.TrimPrefix(name, pristineDir+"/")
		_, known := lock.Files[path]
		if err == nil && d.Type().IsRegular() && !known && generator.IsProjectFile(path) {
			list = append(list, path)
		}
		if len(lock.Files)+len(list) >= maxFiles {
			return fs.SkipAll
		}
		return err
	})
	if err != nil {
		return nil // what is named is read, or is told to be missing
	}
	return list
}

// Lost lists the files that the pristine copy lacks.
func (p *Project) Lost() []string {
	var list []string
	for path, e := range p.Lock.Files {
		if _, ok := p.pristine[path]; !ok && !e.secret() {
			list = append(list, path)
		}
	}
	slices.Sort(list)
	return list
}

// Refill puts what files hold in the place of what the pristine copy lacks.
// They are what the lock's values give, by the espgen that the lock names.
func (p *Project) Refill(files []generator.File) {
	for _, f := range files {
		if _, ok := p.pristine[f.Path]; !ok && !f.Secret() {
			p.pristine[f.Path] = publicText(f)
		}
	}
}

// LostError is the error of a pristine copy that lacks files.
func (p *Project) LostError() error {
	lost := p.Lost()
	if len(lost) == 0 {
		return nil
	}
	return &RecordError{fmt.Errorf("%s does not exist", filepath.Join(p.dir, local(pristinePath(lost[0]))))}
}

// readOptional reads a record, which may be missing.
func (p *Project) readOptional(name string, limit int64) error {
	for dir := path.Dir(name); dir != "."; dir = path.Dir(dir) {
		info, err := p.root.Lstat(local(dir))
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err == nil && !info.IsDir() { // a link would have an update write elsewhere
			err = &plainfile.KindError{Name: filepath.Join(p.dir, local(dir)), Kind: plainfile.Kind(info.Mode())}
		}
		if err != nil {
			return &RecordError{err}
		}
	}
	info, err := p.root.Lstat(local(name))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err == nil && !info.Mode().IsRegular():
		return &RecordError{&plainfile.KindError{Name: filepath.Join(p.dir, local(name)), Kind: plainfile.Kind(info.Mode())}}
	}
	data, err := p.readRecord(name, limit)
	if err != nil {
		return err
	}
	p.records[name] = bothSides(data)
	return nil
}

// readRecord reads a record. Errors name it with the project's folder.
func (p *Project) readRecord(name string, limit int64) ([]byte, error) {
	data, err := plainfile.ReadIn(p.root, local(name), limit)
	name = filepath.Join(p.dir, local(name))
	kind, isKind := errors.AsType[*plainfile.KindError](err)
	size, isSize := errors.AsType[*plainfile.SizeError](err)
	of, isPath := errors.AsType[*fs.PathError](err)
	switch {
	case err == nil:
		return data, nil
	case isKind:
		kind.Name = name
	case isSize:
		size.Name = name
	case isPath:
		of.Op, of.Path = "open", name // openat else
	}
	return nil, &RecordError{err}
}

const wasHead = "# Values that options had by earlier defaults: one of them in sdkconfig was chosen by nobody.\n"

// encodeWas writes the values of earlier defaults, each on a line.
func encodeWas(was map[string][]string) []byte {
	var b strings.Builder
	b.WriteString(wasHead)
	for _, option := range slices.Sorted(maps.Keys(was)) {
		for _, value := range was[option] {
			fmt.Fprintf(&b, "%s=%s\n", option, value)
		}
	}
	return []byte(b.String())
}

// decodeWas reads the values of earlier defaults, nil where there are none.
func decodeWas(data []byte) map[string][]string {
	var was map[string][]string
	for line := range strings.Lines(string(data)) {
		option, value, ok := strings.Cut(strings.TrimRight(line, "\r\n"), "=")
		if !ok || strings.HasPrefix(option, "#") || slices.Contains(was[option], value) {
			continue
		}
		if was == nil {
			was = map[string][]string{}
		}
		was[option] = append(was[option], value)
	}
	return was
}
