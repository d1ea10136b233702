package project

import (
	"bytes"
	"fmt"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/espgen/espgen/generator"
)

// Now is what the spec and this espgen give for a project.
type Now struct {
	Origin Origin
	Files  []generator.File

	// Was are the values that options had by the defaults of earlier generations.
	Was map[string][]string

	// Restore are the paths of deleted files that are written again.
	Restore []string

	// Unknown is why the files that hold secrets were rendered without these,
	// nil where they are known.
	Unknown error
}

// An Action is what an update does to a file.
type Action string

// The actions.
const (
	Added    Action = "added"    // the file is new
	Restored Action = "restored" // it was missing, and is to be there
	Deleted  Action = "deleted"  // the user has deleted it, and it stays so
	Renamed  Action = "renamed"  // the user has renamed it, and it is left as it is
	Updated  Action = "updated"  // it was as generated, or holds a secret
	Merged   Action = "merged"   // what changed on both sides is in it
	Conflict Action = "conflict" // the same place was changed on both sides
	Removed  Action = "removed"  // it was as generated, and is generated no longer
	Moved    Action = "moved"    // it was edited, and is generated no longer
	Left     Action = "left"     // it is left as it is
)

// A Change is what an update does to one file.
type Change struct {
	Path   string `json:"path"`
	Action Action `json:"action"`
	Beside string `json:"beside,omitempty"` // the file beside it that another version of it is in
	Note   string `json:"note,omitempty"`

	before, after, beside *content
	secret                bool
	blocked               bool   // something else is in its place
	refused               bool   // it cannot be merged before the user has resolved a conflict
	former                *write // the lines of the file that held a former secret
	veil                  veil
}

// A Plan is what an update would do. It touches nothing before [Plan.Apply].
type Plan struct {
	Kept []KeptValue // what the update leaves, though the spec gives other values

	Changes []Change // what there is to tell, sorted by path

	root     *os.Root
	waiting  func()
	readLock []byte  // the lock that it was made from
	records  []write // those that change, the lock last
}

// A write is a file that an update writes, in the place of before, which is nil
// where there is none. Where after is nil, it removes it.
type write struct {
	path          string
	before, after *content
}

// Conflicts counts the files that need a decision of the user's.
func (p *Plan) Conflicts() int {
	n := 0
	for _, c := range p.Changes {
		if c.Action == Conflict {
			n++
		}
	}
	return n
}

// A MarkedError is of files that would be merged, and hold the marks of an
// earlier conflict: another one's would be nested in them.
type MarkedError struct{ Paths []string }

// Error names the files.
func (e *MarkedError) Error() string {
	return "an earlier conflict is not resolved in " + strings.Join(e.Paths, ", ")
}

// Marked returns a [MarkedError] where the plan cannot be carried out, else nil.
func (p *Plan) Marked() error {
	var list []string
	for _, c := range p.Changes {
		if c.refused {
			list = append(list, c.Path)
		}
	}
	if len(list) == 0 {
		return nil
	}
	return &MarkedError{list}
}

// Empty reports whether an update would write nothing.
func (p *Plan) Empty() bool { return len(p.writes()) == 0 }

// Plan tells what an update of the project to now does.
func (p *Project) Plan(now Now) (*Plan, error) {
	files, err := p.files(now)
	if err != nil {
		return nil, err
	}
	if err := restorable(files, now.Restore); err != nil {
		return nil, err
	}
	plan := &Plan{root: p.root, waiting: p.waiting, readLock: p.readLock}
	for i, f := range files {
		if slices.Contains(now.Restore, f.path) {
			files[i].place, files[i].gone = location{}, false
			f = files[i]
		}
		c, err := p.change(f)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", f.at(), err)
		}
		if f.place.At != "" && f.place != f.entry.location {
			note := "you have renamed " + f.path
			if c.Action == "" {
				c = Change{Action: Renamed, after: f.yours.content, Note: note}
			} else if c.Note == "" {
				c.Note = note
			}
		}
		if now.Unknown == nil {
			plan.Kept = append(plan.Kept, f.kept()...)
		}
		if c.Action != "" {
			c.Path, c.before, c.veil = f.at(), f.yours.content, f.veil()
			if err := p.keepFormer(f, &c); err != nil {
				return nil, err
			}
			plan.Changes = append(plan.Changes, c)
		}
	}
	plan.records, err = p.newRecords(now, files)
	return plan, err
}

// A RestoreError is a file that cannot be restored.
type RestoreError struct{ Path, Why string }

// Error says why.
func (e *RestoreError) Error() string { return strconv.Quote(e.Path) + " " + e.Why }

// restorable wants each path to be that of a file that is not there.
func restorable(files []file, paths []string) error {
	for _, path := range paths {
		i := slices.IndexFunc(files, func(f file) bool { return f.path == path && f.now != nil })
		switch {
		case i < 0:
			return &RestoreError{path, "is not a file that the spec gives"}
		case files[i].place.At != "":
			return &RestoreError{path, "exists, as " + files[i].place.At}
		case files[i].isThere():
			return &RestoreError{path, "exists"}
		}
	}
	return nil
}

// change decides what becomes of a file. The zero Change is nothing.
func (p *Project) change(f file) (Change, error) {
	switch {
	case f.now == nil:
		return p.drop(f)
	case f.unknown:
		return Change{Action: Left, after: f.yours.content, Note: "it holds a secret that is not known here"}, nil
	case f.yours.other != "" && f.now.Secret():
		return Change{Action: Conflict, Note: f.yours.other + " is in its place: move it away, and update again", blocked: true}, nil
	case f.yours.other != "" && f.now.User:
		return Change{Action: Left, Note: "it is " + f.yours.other}, nil
	case f.yours.other != "" && f.base != nil && bytes.Equal(f.now.Data, f.base):
		c, err := p.unresolved(f)
		if c.Action == "" {
			c = Change{Action: Left, Note: "it is " + f.yours.other}
		}
		return c, err
	case f.yours.other != "":
		return p.besideNew(f, "it is "+f.yours.other)
	case f.yours.content == nil:
		return missing(f), nil
	case f.marks() > 0 && !f.now.User && !f.now.Secret():
		return f.refused(), nil
	case f.now.User:
		return f.usersChange(), nil
	case f.isOpen():
		return Change{Action: Updated, after: f.nowIn(), Note: "it holds a secret now, so only you may read it", secret: true}, nil
	case bytes.Equal(f.yours.data, f.now.Data):
		return Change{}, nil
	case f.now.Secret() || f.wasSecret():
		name, err := former(p.root, f.path, f.yours.data)
		return Change{
			Action: Updated, after: f.nowIn(), Beside: name, beside: &content{f.yours.data, secretMode},
			Note: "the former one is " + name, secret: true,
		}, err
	case f.untouched():
		return Change{Action: Updated, after: f.nowIn()}, nil
	case f.base != nil && bytes.Equal(f.now.Data, f.base):
		return p.unresolved(f)
	case isBinary(f.yours.data):
		return p.besideNew(f, "it is binary")
	}
	return p.merged(f)
}

// usersChange is for a file that is the user's. It follows espgen's until the
// user edits it.
func (f file) usersChange() Change {
	switch {
	case bytes.Equal(f.yours.data, f.now.Data):
		return Change{}
	case f.untouched():
		return Change{Action: Updated, after: f.nowIn()}
	}
	var missing []string
	for _, name := range slices.Sorted(maps.Keys(f.now.Needs)) {
		if !bytes.Contains(f.yours.data, []byte(name)) && !bytes.Contains(f.base, []byte(name)) {
			missing = append(missing, f.now.Needs[name])
		}
	}
	if len(missing) == 0 {
		return Change{}
	}
	return Change{Action: Left, after: f.yours.content, Note: "it is yours, and espgen no longer does this for it: " + strings.Join(missing, "; ")}
}

// marks counts the conflicts that are marked in the file.
func (f file) marks() int {
	if f.yours.content == nil {
		return 0
	}
	return conflictsIn(f.yours.data)
}

// refused is for a file with the marks of a conflict. It cannot be merged.
func (f file) refused() Change {
	c := Change{Action: Conflict, after: f.yours.content, Note: marked(f.marks())}
	c.refused = f.base == nil || !bytes.Equal(f.now.Data, f.base)
	return c
}

// nowIn is the file as the spec gives it, with the permissions that the user's
// has.
func (f file) nowIn() *content {
	c := &content{f.now.Data, f.now.Mode}
	if f.yours.content != nil && !f.now.Secret() && !f.wasSecret() {
		c.mode = f.yours.mode
	}
	return c
}

// missing is for a file that the project does not have.
func missing(f file) Change {
	switch {
	case f.gone:
		return Change{Action: Deleted, Note: "it stays deleted; --restore " + f.path + " brings it back"}
	case f.place.Deleted:
		return Change{}
	}
	c := Change{Action: Added, after: f.nowIn(), secret: f.now.Secret()}
	if f.entry != nil {
		c.Action = Restored
	}
	return c
}

// unresolved is for an edited file for which there is nothing new, but maybe
// what an update before left to do.
func (p *Project) unresolved(f file) (Change, error) {
	name := f.at() + newSuffix
	y, err := look(p.root, name)
	if err != nil || y.content == nil || !bytes.Equal(y.data, f.now.Data) {
		return Change{}, err
	}
	return Change{Action: Conflict, after: f.yours.content, Beside: name, Note: "the new version is still in " + name}, nil
}

func marked(n int) string {
	if n == 1 {
		return "1 conflict is marked in it"
	}
	return fmt.Sprintf("%d conflicts are marked in it", n)
}

// merged is for a file that both sides have changed.
func (p *Project) merged(f file) (Change, error) {
	data, err := merge(f.mergeBase, f.mergeYours, f.now.Data)
	if err != nil {
		return Change{}, err
	}
	if bytes.Equal(data, f.yours.data) {
		return p.unresolved(f) // the user has made the same changes
	}
	c := Change{Action: Merged, after: &content{data, f.yours.mode}}
	if n := conflictsIn(data); n > 0 {
		c.Action, c.Note = Conflict, marked(n)
	}
	return c, nil
}

// newSuffix ends the name of the new version of what cannot be merged.
const newSuffix = ".new"

// Blocked reports whether something that is no file is in the place of the
// changed one, so that it cannot be written.
func (c Change) Blocked() bool { return c.blocked }

// besideNew puts the new version beside what cannot be merged.
func (p *Project) besideNew(f file, why string) (Change, error) {
	name, err := free(p.root, f.at(), newSuffix, f.now.Data)
	return Change{
		Action: Conflict, after: f.yours.content, Beside: name, beside: &content{f.now.Data, f.now.Mode},
		Note: why + ", so it is left; the new version is " + name,
	}, err
}

// drop is for a file that is no longer generated.
func (p *Project) drop(f file) (Change, error) {
	switch {
	case f.yours.other != "":
		return Change{Action: Left, Note: "it is no longer generated, and is " + f.yours.other}, nil
	case f.yours.content == nil:
		return Change{}, nil
	case f.entry.secret():
		return Change{Action: Left, after: f.yours.content, Note: "it is no longer generated, and holds a secret: delete it if you do not need it"}, nil
	case bytes.Equal(f.yours.data, f.base):
		return Change{Action: Removed}, nil
	case f.entry.Owner == "user":
		return Change{Action: Left, after: f.yours.content, Note: "it is no longer generated, and is yours"}, nil
	}
	name, err := free(p.root, f.at(), ".yours", f.yours.data)
	return Change{
		Action: Moved, Beside: name, beside: f.yours.content,
		Note: "it is no longer generated; yours is " + name,
	}, err
}

// keepFormer keeps the secrets that a change of a file takes from it.
func (p *Project) keepFormer(f file, c *Change) error {
	if c.after == nil || c.after == c.before {
		return nil
	}
	var lost strings.Builder
	for _, k := range f.secrets {
		if len(k.value) > len(`""`) && !bytes.Contains(c.after.data, []byte(k.value)) {
			lost.WriteString(k.line + "\n")
		}
	}
	if lost.Len() == 0 {
		return nil
	}
	data := []byte(fmt.Sprintf("# What %s had before `espgen update`:\n%s", f.at(), &lost))
	name, err := formerLines(p.root, f.path, data)
	if err != nil {
		return err
	}
	c.former = &write{name, nil, &content{data, secretMode}}
	c.Note = strings.TrimPrefix(c.Note+"; the former secret is in "+name, "; ")
	return nil
}

// newRecords returns the writes of the records that say something else than
// those of the project, the lock last.
func (p *Project) newRecords(now Now, files []file) ([]write, error) {
	texts := p.recorded(now, files)
	var list []write
	for _, path := range recordOrder(texts) {
		if is, ok := p.records[path]; ok && sameRecord(path, is, texts[path]) {
			continue
		}
		w, err := p.recordWrite(path, &content{texts[path], plainMode})
		if err != nil {
			return nil, err
		}
		list = append(list, w)
	}
	for _, path := range slices.Sorted(maps.Keys(p.records)) {
		if _, ok := texts[path]; ok {
			continue
		}
		w, err := p.recordWrite(path, nil)
		if err != nil {
			return nil, err
		}
		list = append([]write{w}, list...)
	}
	return list, nil
}

// sameRecord reports whether two texts of a record say the same. After a merge
// of git the former defaults may be in any order.
func sameRecord(path string, is, text []byte) bool {
	if path == wasFile {
		return maps.EqualFunc(decodeWas(is), decodeWas(text), slices.Equal)
	}
	return bytes.Equal(is, text)
}

// recordWrite puts a record in its place.
func (p *Project) recordWrite(path string, after *content) (write, error) {
	y, err := look(p.root, path)
	if err != nil {
		return write{}, err
	}
	if y.other != "" {
		return write{}, fmt.Errorf("%s is %s", path, y.other)
	}
	if y.content != nil && after != nil {
		after.mode = y.mode
	}
	return write{path, y.content, after}, nil
}

// Resembles reports whether what the project was generated as has more lines in
// common with files than with others, a rendering of the same spec.
func (p *Project) Resembles(files, others []generator.File) bool {
	return p.shares(files, others) > p.shares(others, files)
}

// shares counts the lines that the pristine copy has of files, and others do
// not.
func (p *Project) shares(files, others []generator.File) int {
	in := map[string]map[string]bool{}
	for _, f := range others {
		in[f.Path] = map[string]bool{}
		for line := range strings.Lines(string(f.Data)) {
			in[f.Path][line] = true
		}
	}
	shared := 0
	for _, f := range files {
		was := map[string]bool{}
		for line := range strings.Lines(string(p.pristine[f.Path])) {
			was[line] = true
		}
		for line := range strings.Lines(string(f.Data)) {
			if was[line] && !in[f.Path][line] {
				shared++
			}
		}
	}
	return shared
}

// recorded returns the records after an update to now. Of a file that is the
// user's, and that the user has edited, the pristine copy stays as it is.
func (p *Project) recorded(now Now, files []file) map[string][]byte {
	places, list := map[string]location{}, slices.Clone(now.Files)
	byPath := map[string]file{}
	for _, f := range files {
		places[f.path], byPath[f.path] = f.place, f
	}
	for i, f := range list {
		if base, ok := p.pristine[f.Path]; ok && f.User && !byPath[f.Path].untouched() {
			list[i].Data, list[i].Public = base, nil
		}
	}
	lock := newLock(now.Origin, list)
	lock.Was = now.Was
	lock.put(places)
	return recordTexts(lock, list)
}

// writes returns all that the update writes and removes, in order: what is
// beside a file before the file, the lock last.
func (p *Plan) writes() []write {
	var list []write
	for _, c := range p.Changes {
		if c.former != nil {
			list = append(list, *c.former)
		}
		if c.beside != nil {
			list = append(list, write{c.Beside, nil, c.beside})
		}
		if c.after != c.before {
			list = append(list, write{c.Path, c.before, c.after})
		}
	}
	return append(list, p.records...)
}
