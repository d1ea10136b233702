package project

import (
	"bytes"
	"cmp"
	"errors"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"syscall"

	"github.com/dustin/go-humanize"

	"github.com/espgen/espgen/generator"
	"github.com/espgen/espgen/lazyregexp"
	"github.com/espgen/espgen/plainfile"
)

// A content is what a file holds. A nil *content is no file.
type content struct {
	data []byte
	mode fs.FileMode
}

// yours is what the project has at a path: nothing, a file, or, where other is
// not "", something else.
type yours struct {
	*content
	other  string
	noFile bool // other is neither a file nor a link, which may lead to one
}

// look returns what the project has at a path. It follows no link at the
// path's end, and none out of the project.
func look(root *os.Root, path string) (yours, error) {
	name := filepath.FromSlash(path)
	info, err := root.Lstat(name)
	switch {
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, syscall.ENOTDIR):
		return yours{}, nil
	case err != nil:
		return yours{}, err
	case !info.Mode().IsRegular():
		return yours{other: plainfile.Kind(info.Mode()), noFile: info.Mode()&fs.ModeSymlink == 0}, nil
	case info.Size() > maxUsers:
		return yours{other: "larger than the limit of " + humanize.IBytes(maxUsers)}, nil
	}
	data, err := plainfile.ReadIn(root, name, maxUsers)
	return yours{content: &content{data, info.Mode().Perm()}}, err
}

// A file is one path of a project as the three sides have it.
type file struct {
	path    string   // as it was generated
	place   location // where it is now
	gone    bool     // the user has deleted it since the last update
	entry   *entry   // what the lock says of it, nil where it is not in it
	base    []byte   // as it was generated, nil where that is not known; secrets are those of yours
	secrets []known  // of yours, in the places where base has them

	publicBase []byte // base as anybody may read it

	// What is merged: yours and base, with the secrets that now has.
	mergeYours, mergeBase []byte
	yours                 yours           // as it is in the project
	now                   *generator.File // as the spec gives it now, nil where it does not
	key                   string          // the macro in it that holds the Wi-Fi password, "" for none
	unknown               bool            // it holds a secret that is not at hand, so now's data means nothing
}

// untouched reports whether the file is as it was generated.
func (f file) untouched() bool {
	return f.base != nil && f.yours.content != nil && bytes.Equal(f.yours.data, f.base)
}

// wasSecret reports whether the lock has the file as one that only its owner may
// read.
func (f file) wasSecret() bool { return f.entry != nil && f.entry.secret() }

// isOpen reports whether the file holds a secret now, did not before, and is
// otherwise as it should be, but that others may read it.
func (f file) isOpen() bool {
	return f.now.Secret() && f.entry != nil && !f.entry.secret() && f.yours.content != nil && bytes.Equal(f.yours.data, f.now.Data)
}

// at is the path that the file has in the project.
func (f file) at() string { return cmp.Or(f.place.At, f.path) }

// files returns what the lock or the spec names, sorted by path, where the user
// has it. The data of base and now have the line endings of yours.
func (p *Project) files(now Now) ([]file, error) {
	byPath := map[string]*file{}
	for path, e := range p.Lock.Files {
		byPath[path] = &file{path: path, entry: &e, key: e.Key}
		if !e.secret() {
			byPath[path].base, byPath[path].publicBase = p.pristine[path], p.pristine[path]
		}
	}
	for _, f := range now.Files {
		if byPath[f.Path] == nil {
			byPath[f.Path] = &file{path: f.Path}
		}
		byPath[f.Path].now = &f
		byPath[f.Path].key = cmp.Or(f.Key, byPath[f.Path].key)
	}
	if err := p.find(byPath); err != nil {
		return nil, err
	}
	var list []file
	for _, path := range slices.Sorted(maps.Keys(byPath)) {
		f := byPath[path]
		if now.Unknown != nil && f.now != nil {
			if err := f.keepSecret(now.Unknown); err != nil {
				return nil, err
			}
		}
		f.reveal()
		if f.yours.content != nil && !isBinary(f.yours.data) {
			f.base, f.mergeBase = asIn(f.yours.data, f.base), asIn(f.yours.data, f.mergeBase)
			if f.now != nil {
				f.now.Data = asIn(f.yours.data, f.now.Data)
			}
		}
		list = append(list, *f)
	}
	return list, nil
}

// reveal fills the user's secrets into base.
func (f *file) reveal() {
	var now, publicNow []byte
	if f.now != nil {
		now, publicNow = f.now.Data, publicText(*f.now)
	}
	f.base, f.secrets = reveal(f.base, f.key, f.yours.bytes(), now, publicNow)
	f.mergeYours, f.mergeBase = f.yours.bytes(), f.base
	if len(f.secrets) > 0 && f.now != nil {
		f.mergeYours = bring(f.mergeYours, f.key, f.publicBase, f.secrets, now, publicNow)
		f.mergeBase, _ = reveal(f.publicBase, f.key, f.mergeYours, now, publicNow)
	}
}

// keepSecret has now hold the password that the user's file has, where the
// spec's is not known. Where there is none, the error is why.
func (f *file) keepSecret(why error) error {
	if f.now.Secret() {
		f.unknown = true
		return nil
	}
	if f.now.Key == "" || !keyLine(f.now.Key).Match(f.now.Data) {
		return nil
	}
	keyed := keyLine(f.now.Key).ReplaceAll(f.now.Data, []byte("${1} "+generator.Secret))
	data, found := reveal(keyed, f.now.Key, f.yours.bytes(), nil, nil)
	if len(found) == 0 && !f.gone && !f.place.Deleted {
		return why
	}
	f.now.Data = data
	return nil
}

// free returns the path of a file for data beside another: the first of
// path.suffix, path.suffix.2 and so on that does not exist, or holds the data
// already.
func free(root *os.Root, path, suffix string, data []byte) (string, error) {
	return firstFree(root, func(number string) string { return path + suffix + number }, data)
}

// former returns the path for data that a file holding a secret had before: in a
// folder of its own, so that it keeps the name that git ignores in every style.
func former(root *os.Root, file string, data []byte) (string, error) {
	return firstFree(root, func(number string) string { return path.Join("former"+number, file) }, data)
}

// formerLines returns the path for the lines of a file that held a former
// secret. Its name is one that git ignores in every style.
func formerLines(root *os.Root, file string, data []byte) (string, error) {
	return former(root, file+linesName, data)
}

const linesName = "/secrets.yaml"

var besideName = lazyregexp.New(`^(?:former(?:\.\d+)?/(.*)/secrets\.yaml|(?:former(?:\.\d+)?/)?(.*?)(?:\.(?:new|yours)(?:\.\d+)?)?)$`)

// besideOf returns the path of the file that free, former or formerLines gave a
// name beside.
func besideOf(path string) string { return besideName().ReplaceAllString(path, "$1$2") }

// firstFree returns the first name that does not exist, or holds the data
// already. The numbers are "", ".2", ".3" and so on.
func firstFree(root *os.Root, nameOf func(number string) string, data []byte) (string, error) {
	for i := 1; ; i++ {
		number := ""
		if i > 1 {
			number = "." + strconv.Itoa(i)
		}
		name := nameOf(number)
		y, err := look(root, name)
		if err != nil {
			return "", err
		}
		if y.other == "" && (y.content == nil || data != nil && string(y.data) == string(data)) {
			return name, nil
		}
	}
}
