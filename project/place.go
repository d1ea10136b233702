package project

import (
	"bytes"
	"cmp"
	"errors"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/espgen/espgen/generator"
	"github.com/espgen/espgen/plainfile"
)

// A file that is not where it was generated is taken for one that the user has
// renamed where the project has another of the same suffix with at least this
// part of its lines, counted over the longer of the two. git's half would take
// one source for another: they have their comments' forms and includes in common.
const alike = 0.6

// The limits of the search for it.
const (
	maxSearched     = 2000    // files
	maxSearchedFile = 1 << 20 // of each
	maxSearchedAll  = 8 << 20 // of all
	leastLines      = 5       // shorter files are alike by chance
)

// find looks where the user has the files.
func (p *Project) find(files map[string]*file) error {
	var lost []*file
	taken := map[string]bool{}
	for _, name := range slices.Sorted(maps.Keys(files)) {
		f := files[name]
		var err error
		if f.yours, err = look(p.root, name); err != nil {
			return err
		}
		if f.entry == nil || f.isThere() {
			continue // and where it was generated, whatever the lock says
		}
		f.place = f.entry.location
		if f.place.At != "" {
			if f.yours, err = look(p.root, f.place.At); err != nil {
				return err
			}
		}
		switch {
		case f.isThere():
			taken[f.place.At] = true
		case f.place.Deleted, f.entry.secret():
		default:
			f.place, f.gone = location{}, true
			lost = append(lost, f)
		}
	}
	if len(lost) == 0 {
		return nil
	}
	others, err := p.others(func(name string) bool { return files[name] != nil || taken[name] })
	if err != nil {
		return err
	}
	for _, pair := range alikes(lost, others) {
		if !pair.lost.gone || taken[pair.to] {
			continue // it has a better match
		}
		pair.lost.place, pair.lost.gone, taken[pair.to] = location{At: pair.to}, false, true
		if pair.lost.yours, err = look(p.root, pair.to); err != nil {
			return err
		}
	}
	for _, f := range lost {
		if f.gone {
			f.place = location{Deleted: true}
		}
	}
	return nil
}

// isThere reports whether the project has something at the file's place.
func (f *file) isThere() bool { return f.yours.content != nil || f.yours.other != "" }

// A pair is a lost file, and one that it may have become.
type pair struct {
	lost  *file
	to    string
	score float64
}

// alikes returns the pairs that have enough in common, those with most first.
func alikes(lost []*file, others map[string][]byte) []pair {
	var list []pair
	for _, name := range slices.Sorted(maps.Keys(others)) {
		for _, f := range lost {
			if path.Ext(f.path) != path.Ext(name) {
				continue
			}
			if score := likeness(f.base, others[name]); score >= alike {
				list = append(list, pair{f, name, score})
			}
		}
	}
	moved := func(p pair) int { // has its name still, which goes before another of equal text
		if path.Base(p.to) == path.Base(p.lost.path) {
			return 0
		}
		return 1
	}
	slices.SortStableFunc(list, func(a, b pair) int {
		return cmp.Or(cmp.Compare(b.score, a.score), cmp.Compare(moved(a), moved(b)))
	})
	return list
}

// likeness is the part of the lines of the longer text that both have, in any
// order. Empty lines do not count.
func likeness(a, b []byte) float64 {
	count := map[string]int{}
	longer := eachLine(a, func(line string) { count[line]++ })
	both := 0
	longer = max(longer, eachLine(b, func(line string) {
		if count[line] > 0 {
			count[line]--
			both++
		}
	}))
	if longer < leastLines {
		return 0
	}
	return float64(both) / float64(longer)
}

// eachLine calls do with each line that is not empty, and counts them.
func eachLine(text []byte, do func(line string)) (n int) {
	for line := range bytes.Lines(text) {
		if s := strings.TrimSpace(string(line)); s != "" {
			do(s)
			n++
		}
	}
	return n
}

// others returns the project's files that known does not know, but for those of
// builds, and of git.
func (p *Project) others(known func(name string) bool) (map[string][]byte, error) {
	list, total := map[string][]byte{}, 0
	err := fs.WalkDir(p.root.FS(), ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			if errors.Is(err, fs.ErrPermission) {
				return fs.SkipDir
			}
			return err
		case d.IsDir() && name != "." && (strings.HasPrefix(d.Name(), ".") || name == "build" || name == "managed_components"):
			return fs.SkipDir
		case !d.Type().IsRegular() || known(name) || !generator.IsProjectFile(name) || besideOf(name) != name:
			return nil
		case len(list) == maxSearched, total > maxSearchedAll:
			return fs.SkipAll
		}
		data, err := plainfile.ReadIn(p.root, local(name), maxSearchedFile)
		if _, isSize := errors.AsType[*plainfile.SizeError](err); err == nil && !isBinary(data) {
			list[name] = data
			total += len(data)
		} else if !isSize && err != nil {
			return err
		}
		return nil
	})
	return list, err
}
