package hostsdk

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"github.com/espgen/espgen/lazyregexp"
	"github.com/espgen/espgen/plainfile"
)

// How long the cache keeps what nobody uses, and what a build that was killed
// has left.
const (
	unusedFor = 7 * 24 * time.Hour
	leftFor   = time.Hour
)

const (
	unfinished   = ".build-"  // begins the names of folders that are being filled
	warningsFile = "warnings" // is what the compiler said, in a folder of the cache
	contentsFile = "contents" // lists the folder's files with their hashes
)

// ownName is a name that the cache gives. Its folder may be a link to another,
// with files of other names.
var ownName = lazyregexp.New(`^(?:(?:sdk-|object-|sanitizers-)?[0-9a-f]{32}|` + regexp.QuoteMeta(unfinished) + `\d+)$`)

// trim removes what is too old. What cannot be removed stays.
func (b *builder) trim(now time.Time) {
	entries, _ := os.ReadDir(b.cache)
	for _, e := range entries {
		if !e.IsDir() || !ownName().MatchString(e.Name()) {
			continue
		}
		keep := unusedFor
		if strings.HasPrefix(e.Name(), unfinished) {
			keep = leftFor
		}
		if info, err := e.Info(); err == nil && now.Sub(info.ModTime()) > keep {
			os.RemoveAll(filepath.Join(b.cache, e.Name()))
		}
	}
}

// cached returns the cache's folder of that name, which build fills where there
// is none that is whole. build makes the file, among others.
func (b *builder) cached(name, file string, build func(dir string) error) (string, error) {
	done := filepath.Join(b.cache, name)
	now := time.Now()
	if isWhole(done) {
		_ = os.Chtimes(done, now, now) // it is in use
		return done, nil
	}
	if err := os.MkdirAll(b.cache, 0o755); err != nil {
		return "", err
	}
	b.trim(now)
	dir, err := os.MkdirTemp(b.cache, unfinished+"*")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(dir)
	if err := build(dir); err != nil {
		return "", err
	}
	if info, err := os.Stat(filepath.Join(dir, file)); err != nil || info.Size() == 0 {
		return "", errors.Join(fmt.Errorf("%s makes nothing", b.cc), err)
	}
	if err := seal(dir); err != nil {
		return "", err
	}
	// Another process may have built the same meanwhile: its result is as good.
	if err := os.Rename(dir, done); err != nil {
		if isWhole(done) {
			return done, nil
		}
		if err := errors.Join(os.RemoveAll(done), os.Rename(dir, done)); err != nil {
			return "", err
		}
	}
	return done, syncPath(b.cache)
}

// seal writes the list of a folder's files, and all of it to the disk, so that
// after a crash too a folder that has its name is whole.
func seal(dir string) error {
	var list strings.Builder
	var folders []string
	err := filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir():
			folders = append(folders, name)
			return nil
		case !d.Type().IsRegular():
			return nil // a link of layOut
		}
		rel, err := filepath.Rel(dir, name)
		if err != nil {
			return err
		}
		hash, err := hashOf(name)
		fmt.Fprintf(&list, "%s %s\n", hash, filepath.ToSlash(rel))
		return errors.Join(err, syncPath(name))
	})
	if err != nil {
		return err
	}
	contents := filepath.Join(dir, contentsFile)
	if err := errors.Join(os.WriteFile(contents, []byte(list.String()), 0o644), syncPath(contents)); err != nil {
		return err
	}
	for _, folder := range folders {
		if err := syncPath(folder); err != nil {
			return err
		}
	}
	return nil
}

// isWhole reports whether a folder of the cache holds what seal found in it.
func isWhole(dir string) bool {
	list, err := plainfile.Read(filepath.Join(dir, contentsFile), maxConfig)
	if err != nil {
		return false
	}
	for line := range strings.Lines(string(list)) {
		hash, name, _ := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
		if !filepath.IsLocal(filepath.FromSlash(name)) {
			return false
		}
		if got, err := hashOf(filepath.Join(dir, filepath.FromSlash(name))); err != nil || got != hash {
			return false
		}
	}
	return len(list) > 0
}

func hashOf(name string) (string, error) {
	data, err := plainfile.Read(name, maxBuilt)
	return fmt.Sprintf("%x", sha256.Sum256(data)), err
}

// syncPath writes a file, or a folder's entries, to the disk.
func syncPath(name string) error {
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}
