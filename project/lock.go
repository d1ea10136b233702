// Package project keeps a generated project up to date. In the project's
// folder lies espgen.lock, which says what it was generated from, and
// .espgen/pristine.tar.gz, a copy of what was generated: a newer espgen cannot
// render an older one's output again.
//
// Data flows one way: the files that the spec gives now, the pristine copy and
// the project itself become a [Plan], which touches nothing, and [Plan.Apply]
// carries it out: all of it, or nothing.
package project

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"gopkg.in/yaml.v3"

	"github.com/espgen/espgen/generator"
	"github.com/espgen/espgen/plainfile"
)

const (
	// LockFile is the path of the lock in a project.
	LockFile = "espgen.lock"

	folder       = ".espgen"
	pristineFile = folder + "/pristine.tar.gz"

	// The versions of the lock that this espgen writes: the first where the
	// project has nothing that an espgen which knows no other would undo. It
	// reads both.
	firstVersion = 1
	lockVersion  = 2 // files may be deleted, or be elsewhere
)

// ErrNoLock is the error of [Open] where a folder has no lock.
var ErrNoLock = errors.New("it has no " + LockFile)

// A Lock says what a project was generated from, and what belongs to it.
type Lock struct {
	Version int `yaml:"version"`
	Origin  `yaml:",inline"`
	Files   map[string]entry `yaml:"files"`

	// Was are values that an option had by the project's defaults, in earlier
	// generations of it: one of them in sdkconfig was chosen by nobody.
	Was map[string][]string `yaml:"was,omitempty"`
}

// An Origin is what a project is generated from.
type Origin struct {
	Espgen string `yaml:"espgen"` // its version
	Role   string `yaml:"role"`
	Style  string `yaml:"style"`
	Spec   Spec   `yaml:"spec"`
}

// A Spec is where the spec is, and what it says.
type Spec struct {
	Path string   `yaml:"path,omitempty"` // from the project's folder, with slashes; "" for standard input
	Sum  string   `yaml:"sha256"`         // of its fields, but for the secret ones
	Set  []string `yaml:"set,omitempty"`  // the pairs of --set; of a secret field the path alone
}

// An entry is what the lock says of a file.
type entry struct {
	Owner    string `yaml:"owner"` // "generated", or "user": the user's once the user has edited it
	Mode     mode   `yaml:"mode"`
	Key      string `yaml:"key,omitempty"`    // the macro that holds the Wi-Fi password, where one does
	Sum      string `yaml:"sha256,omitempty"` // none of a file that holds a secret: it would let one guess it
	location `yaml:",inline"`
}

// A location is where the user has put a file: the zero one is where it was
// generated.
type location struct {
	Deleted bool   `yaml:"deleted,omitempty"` // it is nowhere, and stays so
	At      string `yaml:"at,omitempty"`      // the path that it has now
}

// A mode is a file's permissions. The YAML has them in octal.
type mode fs.FileMode

func (m mode) MarshalYAML() (any, error) {
	return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!int", Value: fmt.Sprintf("%#o", fs.FileMode(m))}, nil
}

func (m mode) secret() bool { return generator.File{Mode: fs.FileMode(m)}.Secret() }

var sha256Text = regexp.MustCompile(`^[0-9a-f]{64}$`)

// UnmarshalYAML reads an entry, and refuses one that espgen would not write.
func (e *entry) UnmarshalYAML(n *yaml.Node) error {
	type plain entry
	if err := n.Decode((*plain)(e)); err != nil {
		return err
	}
	switch {
	case e.Owner != "generated" && e.Owner != "user":
		return fmt.Errorf("line %d: the owner is neither \"generated\" nor \"user\"", n.Line)
	case e.Mode == 0 || fs.FileMode(e.Mode).Perm() != fs.FileMode(e.Mode):
		return fmt.Errorf("line %d: the mode is not that of a file", n.Line)
	case e.Sum != "" && (e.Mode.secret() || !sha256Text.MatchString(e.Sum)):
		return fmt.Errorf("line %d: the hash is wrong", n.Line)
	case e.At != "" && (e.Deleted || e.Mode.secret() || !isProjectFile(e.At)):
		return fmt.Errorf("line %d: the file cannot be at %s", n.Line, strconv.Quote(e.At))
	}
	return nil
}

func newEntry(f generator.File) entry {
	e := entry{Owner: "generated", Mode: mode(f.Mode), Key: f.Key}
	if f.User {
		e.Owner = "user"
	}
	if !f.Secret() && f.Key == "" {
		e.Sum = sum(f.Data)
	}
	return e
}

func sum(data []byte) string { return fmt.Sprintf("%x", sha256.Sum256(data)) }

const lockHead = "# What espgen knows of this project, for espgen update, diff and check. Commit it, together with .espgen.\n"

func (l Lock) encode() []byte {
	var b bytes.Buffer
	b.WriteString(lockHead)
	enc := yaml.NewEncoder(&b)
	enc.SetIndent(2)
	if err := enc.Encode(l); err != nil {
		panic(err) // strings and numbers cannot fail
	}
	return b.Bytes()
}

// maxLockNodes is how many values a lock may have: of a thousand files with
// nine each, and as many of --set. The yaml package takes time for the square
// of them.
const maxLockNodes = 10 * maxFiles

// decodeLock reads a lock. name is the file's name in errors.
func decodeLock(name string, data []byte) (Lock, error) {
	var l Lock
	var head struct {
		Version int `yaml:"version"`
	}
	var doc yaml.Node
	if err := yaml.Unmarshal(data, &doc); err != nil {
		return l, lockError(name, err)
	}
	if nodes(&doc, maxLockNodes+1) > maxLockNodes {
		return l, &RecordError{fmt.Errorf("%s:1: it holds more than the limit of %d values", name, maxLockNodes)}
	}
	if err := doc.Decode(&head); err != nil {
		return l, lockError(name, err)
	}
	switch {
	case head.Version > lockVersion:
		return l, fmt.Errorf("%s has version %d, of a newer espgen: this one reads versions up to %d", name, head.Version, lockVersion)
	case head.Version < 1:
		return l, &RecordError{fmt.Errorf("%s:1: the version is missing, so this is not a lock of espgen", name)}
	}
	if err := doc.Decode(&l); err != nil {
		return l, lockError(name, err)
	}
	if len(l.Files) > maxFiles {
		return l, &RecordError{fmt.Errorf("%s: it names more than the limit of %d files", name, maxFiles)}
	}
	at := map[string]bool{}
	for _, file := range slices.Sorted(maps.Keys(l.Files)) {
		if !isProjectFile(file) {
			return l, &RecordError{fmt.Errorf("%s: a project cannot have a file %s", name, strconv.Quote(file))}
		}
		if to := l.Files[file].At; to != "" {
			if _, isFile := l.Files[to]; isFile || at[to] {
				return l, &RecordError{fmt.Errorf("%s: there are two files at %s", name, strconv.Quote(to))}
			}
			at[to] = true
		}
		for dir := path.Dir(file); dir != "."; dir = path.Dir(dir) {
			if _, isFile := l.Files[dir]; isFile {
				return l, &RecordError{fmt.Errorf("%s: %s is a file and a folder in it", name, strconv.Quote(dir))}
			}
		}
	}
	return l, nil
}

// nodes counts the values of a document, up to most.
func nodes(n *yaml.Node, most int) int {
	total := 1
	for _, child := range n.Content {
		if total >= most {
			return most
		}
		total += nodes(child, most-total)
	}
	return total
}

// isProjectFile reports whether a project may have a generated file of that
// path: one inside of it, that is neither git's nor a record of its own, and
// that no disk takes for one of these.
func isProjectFile(path string) bool {
	parts := strings.Split(path, "/")
	return fs.ValidPath(path) && filepath.IsLocal(filepath.FromSlash(path)) && len(path) <= maxPath && !strings.EqualFold(path, LockFile) &&
		!slices.ContainsFunc(parts, func(part string) bool {
			return strings.EqualFold(part, ".git") || strings.EqualFold(part, folder) || strings.ContainsFunc(part, isOdd) || strings.HasSuffix(part, ".") || strings.HasSuffix(part, " ")
		})
}

// maxPath is the longest path of a file, in bytes.
const maxPath = 255

// isOdd reports whether no name of a generated file has r. Among these are what
// disks leave out of a name, ~ of Windows' short names (git~1 is .git), what
// Windows has other uses for, and what a terminal obeys.
func isOdd(r rune) bool {
	if r < utf8.RuneSelf {
		return !unicode.IsPrint(r) || strings.ContainsRune(`~:\*?"<>|`, r)
	}
	return r == utf8.RuneError || !unicode.IsLetter(r) && !unicode.IsMark(r) && !unicode.IsDigit(r)
}

var yamlLine = regexp.MustCompile(`(?s)^(?:yaml: )?(?:unmarshal errors:\s*)?line (\d+): ([^\n]*)`)

// lockError gives an error of the yaml package the form file:line.
func lockError(name string, err error) error {
	if m := yamlLine.FindStringSubmatch(err.Error()); m != nil {
		what := m[2]
		if strings.HasPrefix(what, "cannot unmarshal ") {
			what = "the value is not of the type that espgen writes"
		}
		return &RecordError{fmt.Errorf("%s:%s: %s", name, m[1], what)}
	}
	return &RecordError{fmt.Errorf("%s:1: %w", name, err)}
}

// Records returns the lock and the pristine copy of a new project that consists
// of files, as files.
func Records(origin Origin, files []generator.File) []generator.File {
	return records(newLock(origin, files), files)
}

func records(lock Lock, files []generator.File) []generator.File {
	return []generator.File{
		{Path: pristineFile, Mode: 0o644, Data: pack(files)},
		{Path: LockFile, Mode: 0o644, Data: lock.encode()},
	}
}

func newLock(origin Origin, files []generator.File) Lock {
	lock := Lock{Version: firstVersion, Origin: origin, Files: map[string]entry{}}
	for _, f := range files {
		lock.Files[f.Path] = newEntry(f)
	}
	return lock
}

// put says where the user has put files.
func (l *Lock) put(places map[string]location) {
	for path, at := range places {
		if e, ok := l.Files[path]; ok && at != (location{}) {
			e.location = at
			l.Files[path] = e
			l.Version = lockVersion
		}
	}
}

// A Project is a generated project on the disk.
type Project struct {
	Lock Lock

	dir      string
	root     *os.Root
	pristine map[string][]byte
	waiting  func()

	read [2][]byte // the lock and the pristine copy, as they were read
}

// Open reads the lock and the pristine copy of the project in dir. Where an
// update was interrupted it is finished, or given up, before; finished tells.
// Where another espgen updates the project, Open says so by a call of waiting,
// and waits until that is done, or ctx.
func Open(ctx context.Context, dir string, waiting func()) (p *Project, finished bool, err error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, false, err
	}
	p = &Project{dir: dir, root: root, waiting: waiting}
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

// readRecords reads the lock and the pristine copy.
func (p *Project) readRecords() error {
	lockName, pristineName := filepath.Join(p.dir, LockFile), filepath.Join(p.dir, local(pristineFile))
	data, err := p.readRecord(LockFile, maxLock)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("%s: %w", p.dir, ErrNoLock)
	case err != nil:
		return err
	}
	if p.Lock, err = decodeLock(lockName, data); err != nil {
		return err
	}
	packed, err := p.readRecord(pristineFile, maxPacked)
	if err != nil {
		return err
	}
	p.read = [2][]byte{data, packed}
	if p.pristine, err = unpack(packed); err != nil {
		return &RecordError{fmt.Errorf("%s: %w", pristineName, err)}
	}
	for path, e := range p.Lock.Files {
		if data, ok := p.pristine[path]; !e.Mode.secret() && (!ok || e.Sum != "" && sum(data) != e.Sum) {
			return &RecordError{fmt.Errorf("%s and %s are not of the same update: %s differs", lockName, pristineFile, path)}
		}
	}
	return nil
}

// readRecord reads the lock or the pristine copy. Errors name it with the
// project's folder.
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

// Dir is the project's folder.
func (p *Project) Dir() string { return p.dir }

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

// A RecordError is a lock or a pristine copy that cannot be used.
type RecordError struct{ Err error }

func (e *RecordError) Error() string { return e.Err.Error() }

// Unwrap returns the error behind it.
func (e *RecordError) Unwrap() error { return e.Err }
