package submission

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/espgen/espgen/lazyregexp"
	"github.com/espgen/espgen/plainfile"
)

// Find lists the submissions that arguments name: one for a project, an archive
// or a C file, many for a bulk download, which may be a folder or a zip archive.
// An argument that is not there is an error; what is wrong with a submission is
// told by [Submission.Read], which needs what done lets go of.
func Find(args []string) (all []*Submission, done func(), err error) {
	var errs []error
	var dones []func()
	for _, arg := range args {
		list, done, err := find(arg)
		if err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", arg, err))
			continue
		}
		all, dones = append(all, list...), append(dones, done)
	}
	return all, func() {
		for _, done := range dones {
			done()
		}
	}, errors.Join(errs...)
}

func find(arg string) (list []*Submission, done func(), err error) {
	if _, err := os.Stat(arg); err != nil {
		return nil, nil, errors.Unwrap(err)
	}
	name := filepath.Base(arg)
	if abs, err := filepath.Abs(arg); err == nil {
		name = filepath.Base(abs) // of "." and ".."
	}
	one := &Submission{Name: filepath.ToSlash(filepath.Clean(arg)), Labels: []string{withoutEnd(name)}}
	one.read = func() (*reading, error) {
		t, done, err := open(arg)
		if err != nil {
			return nil, err
		}
		defer done()
		return readTree(t)
	}
	t, done, err := open(arg)
	if err == nil {
		parts, err := split(t)
		if err == nil && len(parts) > 0 {
			for _, p := range parts {
				list = append(list, p.submissions(one.Name)...)
			}
			return list, done, nil
		}
		done()
	}
	// What is wrong with it is told when it is read: one bad archive stops no others.
	return []*Submission{one}, func() {}, nil
}

// open opens a folder, an archive or a C file.
func open(name string) (t tree, done func(), err error) {
	info, err := os.Stat(name)
	if err != nil {
		return nil, nil, err
	}
	if info.IsDir() {
		root, err := os.OpenRoot(name)
		if err != nil {
			return nil, nil, err
		}
		return folderTree(root), func() { root.Close() }, nil
	}
	switch {
	case !info.Mode().IsRegular():
		return nil, nil, fmt.Errorf("it is %s", plainfile.Kind(info.Mode()))
	case info.Size() > maxDownload:
		return nil, nil, fmt.Errorf("it is larger than the limit of %d GiB", int64(maxDownload)>>30)
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, nil, err
	}
	if t, err = fileTree(name, f, info.Size()); err != nil {
		f.Close()
		return nil, nil, err
	}
	return t, func() { f.Close() }, nil
}

// A part is a submission in a bulk download.
type part struct {
	name     string     // its path there
	students [][]string // the labels of each student who handed it in
	late     bool
	entries  []entry // with their paths in the submission
}

// submissions returns the part once for each of its students.
func (p *part) submissions(download string) []*Submission {
	var list []*Submission
	for _, labels := range p.students {
		list = append(list, &Submission{Name: download + "/" + p.name, Labels: labels, Late: p.late, read: func() (*reading, error) {
			return readTree(func(each func(entry) error) error {
				for _, e := range p.entries {
					if err := each(e); err != nil {
						return err
					}
				}
				return nil
			})
		}})
	}
	return list
}

// gradescopeFile describes the submissions of Gradescope's export.
const gradescopeFile = "submission_metadata.yml"

// maxMetadata is the limit of gradescopeFile, in bytes.
const maxMetadata = 64 << 20

var (
	// Moodle: Full Name_12345_assignsubmission_file_, with or without a folder.
	moodleName = lazyregexp.New(`^(.+)_(\d+)_assignsubmission_(?:file|onlinetext)(?:_(.*))?$`)
	// Canvas: lastfirst_LATE_USER_ATTACHMENT_name.
	canvasName = lazyregexp.New(`^([^_/]+)(_LATE)?_(\d+)_(\d+)_(.+)$`)
)

// A place is a folder of a download, or a file where it has nothing below it.
type place struct {
	name  string
	file  *entry
	below []entry // with their paths from here
}

// split divides a bulk download; none are the parts of what is no such.
func split(t tree) ([]*part, error) {
	var all []entry
	n := 0
	err := t(func(e entry) error {
		if n++; n > maxBulk {
			return tooMany(maxBulk, "files")
		}
		all = append(all, e)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return layout("", places(all))
}

// places sorts the entries of a folder by what they lie in. What leads out of
// it is of the place that it is said to be below.
func places(all []entry) []*place {
	var list []*place
	byName := map[string]*place{}
	for _, e := range all {
		first, rest, isDir := strings.Cut(strings.TrimPrefix(e.path, "./"), "/")
		if first == "" || first == ".." || isIgnored(first) {
			continue
		}
		at, ok := byName[first]
		if !ok {
			at = &place{name: first}
			byName[first] = at
			list = append(list, at)
		}
		if e.path = rest; isDir {
			at.below = append(at.below, e)
		} else {
			e.path = first
			at.file = &e
		}
	}
	slices.SortFunc(list, func(a, b *place) int { return strings.Compare(a.name, b.name) })
	return list
}

// layout divides the places of a folder, whose path begins with dir.
func layout(dir string, list []*place) ([]*part, error) {
	for _, at := range list {
		if at.name == gradescopeFile && at.file != nil && at.file.refuse == "" {
			data, err := at.file.read(maxMetadata)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", gradescopeFile, err)
			}
			return gradescope(dir, data, list)
		}
	}
	for _, way := range []func(string, []*place) []*part{moodle, canvas} {
		if parts := way(dir, list); parts != nil {
			return parts, nil
		}
	}
	switch {
	case isProject(list):
		return nil, nil
	case len(list) == 1 && list[0].file == nil && dir == "": // a folder round the others
		return layout(list[0].name+"/", places(list[0].below))
	}
	return plain(dir, list), nil
}

// isProject reports whether these places of a folder are a project's.
func isProject(list []*place) bool {
	has := func(name string, isFile bool) bool {
		return slices.ContainsFunc(list, func(p *place) bool { return p.name == name && (p.file != nil) == isFile })
	}
	return has(lockFile, true) || has("CMakeLists.txt", true) && has("main", false)
}

// A collector collects the parts of owners.
type collector struct {
	parts   []*part
	byOwner map[string]*part
}

// add adds a place to the part of an owner. It is called name in the submission
// where it is a file.
func (c *collector) add(owner, dir string, at *place, name string, labels ...string) *part {
	p, ok := c.byOwner[owner]
	if !ok {
		p = &part{name: dir + at.name, students: [][]string{labels}}
		if c.byOwner == nil {
			c.byOwner = map[string]*part{}
		}
		c.byOwner[owner] = p
		c.parts = append(c.parts, p)
	}
	if at.file != nil {
		file := *at.file
		file.path = name
		p.entries = append(p.entries, file)
	}
	p.entries = append(p.entries, at.below...)
	return p
}

func moodle(dir string, list []*place) []*part {
	var c collector
	for _, at := range list {
		if m := moodleName().FindStringSubmatch(at.name); m != nil {
			c.add(m[1]+"_"+m[2], dir, at, cmp.Or(m[3], at.name), m[1], m[2])
		}
	}
	return c.parts
}

func canvas(dir string, list []*place) []*part {
	var c collector
	for _, at := range list {
		if m := canvasName().FindStringSubmatch(at.name); m != nil && at.file != nil {
			p := c.add(m[1]+"_"+m[3], dir, at, withoutCount(m[5]), m[3], m[1])
			p.late = p.late || m[2] != ""
		}
	}
	return c.parts
}

// canvasCount is what Canvas adds to the name of a file that is handed in again.
var canvasCount = lazyregexp.New(`-\d+(\.[A-Za-z.]+)$`)

func withoutCount(name string) string { return canvasCount().ReplaceAllString(name, "$1") }

// plain takes each archive, and each folder that holds what can be graded, for
// a submission, where there are several.
func plain(dir string, list []*place) []*part {
	var c collector
	for _, at := range list {
		if _, wrong := cleanPath(at.name); wrong != "" {
			continue
		}
		if at.file != nil && isArchive(at.name) || slices.ContainsFunc(at.below, isWork) {
			c.add(at.name, dir, at, at.name, withoutEnd(at.name))
		}
	}
	if len(c.parts) < 2 {
		return nil
	}
	return c.parts
}

// isWork reports whether an entry can be what was handed in.
func isWork(e entry) bool {
	name := path.Base(e.path)
	return name == lockFile || isSource(name) || isArchive(name)
}

// gradescope divides Gradescope's export: a folder for each submission, and a
// file that says who handed it in.
func gradescope(dir string, data []byte, list []*place) ([]*part, error) {
	var doc map[string]struct {
		Submitters []map[string]any `yaml:":submitters"`
	}
	if err := yaml.Unmarshal(data, &doc); err != nil {
		return nil, fmt.Errorf("%s: %w", gradescopeFile, err)
	}
	var parts []*part
	for _, at := range list {
		about, ok := doc[at.name]
		if !ok {
			continue
		}
		p := &part{name: dir + at.name, entries: at.below}
		for _, s := range about.Submitters {
			var labels []string
			for _, key := range []string{":sid", ":email", ":name"} {
				if text := fmt.Sprint(s[key]); s[key] != nil && text != "" {
					labels = append(labels, text)
				}
			}
			p.students = append(p.students, labels)
		}
		if len(p.students) == 0 {
			p.students = [][]string{{at.name}}
		}
		parts = append(parts, p)
	}
	return parts, nil
}

// withoutEnd is a file's name without the end that tells its kind.
func withoutEnd(name string) string {
	for _, end := range []string{".tar.gz", ".tar.bz2", ".tgz", ".zip", ".tar", ".c"} {
		if len(name) > len(end) && strings.EqualFold(name[len(name)-len(end):], end) {
			return name[:len(name)-len(end)]
		}
	}
	return name
}
