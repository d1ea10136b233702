// Package project keeps a generated project up to date. In the project's
// folder lies espgen.lock, which says what it was generated from, and .espgen
// with a copy of what was generated: a newer espgen cannot render an older
// one's output again.
//
// Data flows one way: the files that the spec gives now, the pristine copy and
// the project itself become a [Plan], which touches nothing, and [Plan.Apply]
// carries it out: all of it, or nothing.
package project

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/espgen/espgen/generator"
)

const (
	// LockFile is the path of the lock in a project.
	LockFile = "espgen.lock"

	// Folder is the path of the folder with the other records.
	Folder = ".espgen"

	// lockVersion is the version of the lock that this espgen writes. It reads
	// all before.
	lockVersion = 3
)

// ErrNoLock is the error of [Open] where a folder has no lock.
var ErrNoLock = errors.New("it has no " + LockFile)

// A Lock says what a project was generated from, and what belongs to it.
type Lock struct {
	Version int
	Origin
	Files map[string]entry

	// Was are values that an option had by the project's defaults, in earlier
	// generations of it: one of them in sdkconfig was chosen by nobody. They
	// are in a file of their own.
	Was map[string][]string

	// Twice are the facts that have two values. git has merged two branches
	// which both changed them.
	Twice []Twice
}

// HasValues reports whether the lock has the spec's values, and the pristine copy
// is not packed: those before version 3 are otherwise.
func (l Lock) HasValues() bool { return l.Version >= 3 }

// An Origin is what a project is generated from.
type Origin struct {
	Espgen    string // its version
	Role      string
	Style     string
	Templates Templates
	Exercise  []string // the steps of which it has the stubs: a hand-out; nil where it has none
	Spec      string   // its path from the project's Folder, with slashes; "" where that is not known
	Values    []Value  // what it says

	// CourseExercise and Student say which exercise of a course, and whose, a
	// hand-out is: the exercise's name and the student's id, "" where the project
	// is no course's.
	CourseExercise, Student string
}

// Templates are where a project's templates come from. The zero Templates are
// espgen's own.
type Templates struct {
	Path string // of a Folder, from the project's
	Sum  string // the SHA-256 hash of what is in it
}

// A Value is what the spec says of one field, or of one option of sdkconfig.
// The lock of a version before 3 has those of --set alone.
type Value struct {
	Path   string
	Text   string // YAML on one line, "" where the field is not given; of --set what stands behind the =
	Set    bool   // --set gave it
	Hidden bool   // it is a secret, so Text is empty

	Beneath string // what the spec says of a value of --set, "!hidden" for a secret
}

// A Twice is a fact that the lock has with two values.
type Twice struct {
	Fact    string // "role", or the path of a value
	Values  [2]string
	IsValue bool // it is a value of the spec
	Set     bool // --set gave one of them
}

// An entry is what the lock says of a file.
type entry struct {
	Owner    string `yaml:"owner,omitempty"`  // "user" where it is the user's once the user has edited it
	Mode     mode   `yaml:"mode,omitempty"`   // where it is not plainMode
	Key      string `yaml:"key,omitempty"`    // the macro that holds the Wi-Fi password, where one does
	Sum      string `yaml:"sha256,omitempty"` // of a version before 3
	location `yaml:",inline"`
}

// plainMode is the mode of a file of which the lock says none.
const plainMode = 0o644

// secretMode is the mode of what nobody but its owner may read.
const secretMode = 0o600

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

// secret reports whether the file holds what nobody but its owner may read.
func (e entry) secret() bool {
	return e.Mode != 0 && generator.File{Mode: fs.FileMode(e.Mode)}.Secret()
}

// problem says why espgen would not write such an entry, "" where it would.
func (e entry) problem() string {
	switch {
	case e.Owner != "" && e.Owner != "user" && e.Owner != "generated":
		return `the owner is neither "generated" nor "user"`
	case fs.FileMode(e.Mode).Perm() != fs.FileMode(e.Mode):
		return "the mode is not that of a file"
	case strings.ContainsFunc(e.Key, isNoMacro):
		return "the key is not the name of a macro"
	case e.Sum != "" && (e.secret() || !isSum(e.Sum)):
		return "the hash is wrong"
	case e.At != "" && (e.Deleted || e.secret() || !generator.IsProjectFile(e.At)):
		return "the file cannot be at " + strconv.Quote(e.At)
	}
	return ""
}

// isNoMacro reports whether no macro's name has r.
func isNoMacro(r rune) bool {
	return r != '_' && (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z')
}

func newEntry(f generator.File) entry {
	e := entry{Key: f.Key}
	if f.User {
		e.Owner = "user"
	}
	if f.Mode != plainMode {
		e.Mode = mode(f.Mode)
	}
	return e
}

func sum(data []byte) string { return fmt.Sprintf("%x", sha256.Sum256(data)) }

func isSum(text string) bool { return len(text) == 64 && strings.Trim(text, "0123456789abcdef") == "" }

// check wants the files to be such as a project can have.
func (l Lock) check(name string) error {
	if len(l.Files) > maxFiles {
		return &RecordError{fmt.Errorf("%s: it names more than the limit of %d files", name, maxFiles)}
	}
	at := map[string]bool{}
	for _, file := range slices.Sorted(maps.Keys(l.Files)) {
		if !generator.IsProjectFile(file) {
			return &RecordError{fmt.Errorf("%s: a project cannot have a file %s", name, strconv.Quote(file))}
		}
		if to := l.Files[file].At; to != "" {
			if _, isFile := l.Files[to]; isFile || at[to] {
				return &RecordError{fmt.Errorf("%s: there are two files at %s", name, strconv.Quote(to))}
			}
			at[to] = true
		}
		for dir := path.Dir(file); dir != "."; dir = path.Dir(dir) {
			if _, isFile := l.Files[dir]; isFile {
				return &RecordError{fmt.Errorf("%s: %s is a file and a folder in it", name, strconv.Quote(dir))}
			}
		}
	}
	return nil
}

func newLock(origin Origin, files []generator.File) Lock {
	lock := Lock{Version: lockVersion, Origin: origin, Files: map[string]entry{}}
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
		}
	}
}
