package submission

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/espgen/espgen/generator"
	"github.com/espgen/espgen/project"
)

// A reading collects what is read from a tree.
type reading struct {
	files   map[string][]byte
	folded  map[string]string // each path and folder as disks see it that take a for A
	entries int
	total   int
	notes   []string
	more    int // notes that are not kept
	archive []string
}

func newReading() *reading {
	return &reading{files: map[string][]byte{}, folded: map[string]string{}}
}

// note says once what is odd about a path.
func (r *reading) note(name, what string) {
	text := fmt.Sprintf("%s: %s", quoted(name), what)
	switch {
	case slices.Contains(r.notes, text):
	case len(r.notes) < maxNotes:
		r.notes = append(r.notes, text)
	default:
		r.more++
	}
}

// quoted is a path as a message shows it.
func quoted(name string) string {
	const longest = 120
	if len(name) > longest {
		name = strings.ToValidUTF8(name[:longest], "") + "..."
	}
	if strings.ContainsFunc(name, func(c rune) bool { return !unicode.IsPrint(c) || c == utf8.RuneError }) {
		return fmt.Sprintf("%q", name)
	}
	return name
}

// add reads an entry, unless it is refused or of no interest.
func (r *reading) add(e entry) error {
	if r.entries++; r.entries > maxEntries {
		return tooMany(maxEntries, "files and folders")
	}
	name, wrong := cleanPath(e.path)
	switch {
	case wrong != "":
		r.note(e.path, "refused: "+wrong)
		return nil
	case slices.ContainsFunc(strings.Split(name, "/"), isIgnored):
		return nil
	case e.refuse != "":
		r.note(e.path, "refused: "+e.refuse)
		return nil
	}
	if clash := r.clash(name); clash != "" {
		r.note(name, "refused: "+clash)
		return nil
	}
	if isArchive(name) {
		r.archive = append(r.archive, name)
		return nil
	}
	if e.size > maxFile {
		r.note(name, fmt.Sprintf("left out: it is larger than the limit of %d KiB", maxFile>>10))
		return nil
	}
	if e.size > smallFile && e.packed > 0 && e.size/e.packed > maxRatio {
		r.note(name, fmt.Sprintf("refused: it is compressed to less than 1/%d, as no text is", maxRatio))
		return nil
	}
	if len(r.files) >= maxFiles {
		return tooMany(maxFiles, "files")
	}
	data, problem := readEntry(e)
	if problem != "" {
		r.note(name, problem)
		return nil
	}
	if r.total += len(data); r.total > maxTotal {
		return tooMany(maxTotal>>20, "MiB in its files")
	}
	r.files[name] = data
	return nil
}

// readEntry reads a file that is kept, or says why it cannot be.
func readEntry(e entry) (data []byte, problem string) {
	data, err := e.read(maxFile)
	switch {
	case errors.Is(err, errTooLarge):
		return nil, fmt.Sprintf("refused: it is larger than it says, and than the limit of %d KiB", maxFile>>10)
	case err != nil:
		return nil, "it cannot be read: " + err.Error()
	}
	return data, ""
}

// clash says with what a path cannot stand beside, "" where it can: on Windows
// and on macOS, a and A are the same file.
func (r *reading) clash(name string) string {
	if _, ok := r.files[name]; ok || slices.Contains(r.archive, name) {
		return "there are two files of this path"
	}
	parts := strings.Split(name, "/")
	for i := range parts {
		at := strings.Join(parts[:i+1], "/")
		other, ok := r.folded[strings.ToLower(at)]
		switch {
		case ok && other != at:
			return fmt.Sprintf("there is %s, too, which many disks take for the same", quoted(other))
		case ok && i == len(parts)-1:
			return "it is a folder, too"
		}
		if _, isFile := r.files[at]; isFile {
			return fmt.Sprintf("%s is a file and a folder", quoted(at))
		}
	}
	for i := range parts {
		at := strings.Join(parts[:i+1], "/")
		r.folded[strings.ToLower(at)] = at
	}
	return ""
}

// cleanPath returns a path below the submission's folder, or says why it cannot
// be one.
func cleanPath(name string) (clean, wrong string) {
	switch {
	case !utf8.ValidString(name):
		return "", "its name is not UTF-8"
	case strings.ContainsFunc(name, unicode.IsControl):
		return "", "its name has control characters"
	case strings.HasPrefix(name, "/"), len(name) > 1 && name[1] == ':' && unicode.IsLetter(rune(name[0])):
		return "", "the path is absolute"
	}
	parts := strings.Split(name, "/")
	if slices.Contains(parts, "..") {
		return "", "the path leads out of the submission"
	}
	clean = path.Clean(name)
	const deepest, longest = 32, 1024
	switch {
	case clean == ".":
		return "", "it has no name"
	case len(parts) > deepest:
		return "", fmt.Sprintf("it is deeper than the limit of %d folders", deepest)
	case len(name) > longest:
		return "", fmt.Sprintf("the path is longer than the limit of %d bytes", longest)
	case slices.ContainsFunc(parts, func(part string) bool { return strings.HasPrefix(part, "-") }):
		return "", "a name that begins with - is taken for an option"
	}
	return clean, ""
}

// isIgnored reports whether a file or folder of that name is made by tools, and
// is no part of what was handed in.
func isIgnored(name string) bool {
	switch strings.ToLower(name) {
	case "build", "managed_components", "sdkconfig", "sdkconfig.old", "dependencies.lock",
		"__macosx", "thumbs.db", "desktop.ini", "__pycache__", "node_modules":
		return true
	}
	return strings.HasPrefix(name, ".") || strings.HasSuffix(name, "~") || strings.HasPrefix(name, "~$")
}

// Read reads the project that a submission holds. Of several, it takes the one
// whose lock is of the exercise, "" for any. The error says why there is none to
// grade.
func (s *Submission) Read(exercise string) (*Project, error) {
	r, err := s.read()
	if err != nil {
		return nil, err
	}
	p, err := r.project(exercise)
	if err != nil {
		return nil, err
	}
	if r.more > 0 {
		r.notes = append(r.notes, fmt.Sprintf("and %d more of the kind", r.more))
	}
	p.Notes = append(r.notes, p.Notes...)
	return p, nil
}

const lockFile = project.LockFile

// roots lists the folders that are projects, "." for the submission's own. A
// folder in a project is none.
func (r *reading) roots() []string {
	has := map[string]int{}
	for name := range r.files {
		switch path.Base(name) {
		case lockFile:
			has[path.Dir(name)] |= 4
		case "CMakeLists.txt":
			has[path.Dir(name)] |= 1
		}
		if path.Base(path.Dir(name)) == "main" {
			has[path.Dir(path.Dir(name))] |= 2
		}
	}
	var list []string
	for _, dir := range slices.Sorted(maps.Keys(has)) { // a folder comes before what is in it
		if has[dir] >= 3 && !slices.ContainsFunc(list, func(outer string) bool { return outer == "." || strings.HasPrefix(dir, outer+"/") }) {
			list = append(list, dir)
		}
	}
	return list
}

// project returns the project that was read.
func (r *reading) project(exercise string) (*Project, error) {
	roots := r.roots()
	if len(roots) > 1 && exercise != "" {
		roots = slices.DeleteFunc(roots, func(dir string) bool {
			return r.claim(dir).Exercise != exercise
		})
	}
	switch {
	case len(roots) > 1 && exercise == "":
		return nil, fmt.Errorf("it holds %d projects: %s; name the exercise with --exercise, or hand in one of them", len(roots), strings.Join(roots, ", "))
	case len(roots) > 1:
		return nil, fmt.Errorf("it holds %d projects of the exercise %s: %s", len(roots), exercise, strings.Join(roots, ", "))
	case len(roots) == 1:
		p := &Project{Files: map[string][]byte{}, Claim: r.claim(roots[0])}
		for name, data := range r.files {
			inside, ok := strings.CutPrefix(name, roots[0]+"/")
			if roots[0] == "." {
				inside, ok = name, true
			}
			if !ok || inside == lockFile {
				continue
			}
			if !generator.IsProjectFile(inside) {
				p.Notes = append(p.Notes, quoted(inside)+": refused: no project has a file of this name")
				continue
			}
			p.Files[inside] = data
		}
		slices.Sort(p.Notes)
		return p, nil
	}
	p := &Project{Files: map[string][]byte{}, Loose: true}
	for name, data := range r.files {
		if base := path.Base(name); isSource(base) && generator.IsProjectFile(base) {
			if _, twice := p.Files[base]; twice {
				return nil, fmt.Errorf("it is no project, and holds more than one file %s", quoted(base))
			}
			p.Files[base] = data
		}
	}
	if len(p.Files) == 0 {
		return nil, errors.New("it holds no project: no folder with CMakeLists.txt and main, and no C file")
	}
	return p, nil
}

// maxLock is the limit of a lock, in bytes.
const maxLock = 256 << 10

// claim reads what the lock of a project says, nothing where none can be read.
func (r *reading) claim(dir string) Claim {
	data := r.files[path.Join(dir, lockFile)]
	if len(data) > maxLock {
		return Claim{}
	}
	return readClaim(data)
}

// readTree reads a tree, and, where it holds no project but one archive, that.
func readTree(t tree) (*reading, error) {
	r := newReading()
	if err := t(r.add); err != nil {
		return nil, err
	}
	if len(r.roots()) > 0 || len(r.archive) == 0 {
		return r, nil
	}
	if len(r.archive) > 1 {
		slices.Sort(r.archive)
		return nil, fmt.Errorf("it holds no project, but %d archives: %s", len(r.archive), strings.Join(quotedAll(r.archive), ", "))
	}
	return r.readInner(t, r.archive[0])
}

func quotedAll(names []string) []string {
	list := make([]string, len(names))
	for i, name := range names {
		list[i] = quoted(name)
	}
	return list
}

// readInner reads the archive of that name in a tree. An archive in it is not
// read.
func (r *reading) readInner(t tree, name string) (*reading, error) {
	inner := newReading()
	inner.notes, inner.more = r.notes, r.more
	found := false
	err := t(func(e entry) error {
		if clean, wrong := cleanPath(e.path); found || wrong != "" || clean != name || e.refuse != "" {
			return nil
		}
		found = true
		data, err := e.read(maxInner)
		if errors.Is(err, errTooLarge) {
			return fmt.Errorf("%s is larger than the limit of %d MiB", quoted(name), maxInner>>20)
		}
		if err != nil {
			return fmt.Errorf("%s cannot be read: %w", quoted(name), err)
		}
		contents, err := fileTree(name, bytes.NewReader(data), int64(len(data)))
		if err == nil {
			err = contents(inner.add)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", quoted(name), err)
		}
		return nil
	})
	if err == nil && len(inner.roots()) == 0 && len(inner.files) == 0 && len(inner.archive) > 0 {
		err = fmt.Errorf("%s holds an archive in an archive", quoted(name))
	}
	return inner, err
}
