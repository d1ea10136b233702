package project

import (
	"bytes"
	"fmt"
)

// A Fault is a file of a project that is not what the spec and this espgen
// give.
type Fault struct {
	Path  string `json:"path"`
	State State  `json:"state"`
	Note  string `json:"note,omitempty"`
}

// A State is what a fault is.
type State string

// The states.
const (
	Stale      State = "stale"    // an update would change it
	Missing    State = "missing"  // it is deleted, and no update has recorded that; or it is not yet there
	Extra      State = "extra"    // it is there, and the spec gives it no longer
	Conflicted State = "conflict" // a conflict of an update is not resolved in it
	Edited     State = "edited"   // it is the user's edit, which an update leaves as it is
)

// Check tells where the project is not what now gives. What the user does with
// the user's files is no fault, and a file that holds a secret may be missing:
// git does not carry it.
func (p *Project) Check(now Now) ([]Fault, error) {
	files, err := p.files(now)
	if err != nil {
		return nil, err
	}
	var faults []Fault
	for _, f := range files {
		state, note, err := p.fault(f)
		if err != nil {
			return nil, err
		}
		if state != "" {
			faults = append(faults, Fault{f.at(), state, note})
		}
	}
	if recorded, lock := p.recorded(now, files); !p.sameRecords(lock, recorded) {
		faults = append(faults, Fault{LockFile, Stale, p.why(now)})
	}
	return faults, nil
}

// fault tells what an update would do with a file, without merging it.
func (p *Project) fault(f file) (state State, note string, err error) {
	hidden := f.now != nil && f.now.Secret()
	switch {
	case f.unknown:
	case f.marks() > 0 && !hidden:
		return Conflicted, marked(f.marks()), nil
	case f.now == nil && f.isThere():
		return Extra, "the spec gives it no longer", nil
	case f.now == nil:
	case f.gone:
		return Missing, "", nil
	case !f.isThere() && (hidden || f.place.Deleted):
	case !f.isThere():
		return Missing, "it is new", nil
	case f.yours.noFile:
		return Missing, "it is " + f.yours.other, nil
	case f.place.At != "" && f.place != f.entry.location:
		return Stale, "you have renamed " + f.path, nil
	case f.yours.other != "" && !bytes.Equal(f.now.Data, f.base):
		return Stale, "it is " + f.yours.other, nil
	case f.yours.other != "":
		return p.left(f, "it is "+f.yours.other)
	case bytes.Equal(f.yours.data, f.now.Data):
	case hidden:
		return Stale, "it is not what the spec gives", nil
	case f.untouched():
		return Stale, "", nil
	case f.now.User:
	case !bytes.Equal(f.now.Data, f.base):
		return Stale, "you have edited it, too: update merges both", nil
	default:
		return p.left(f, "")
	}
	return "", "", nil
}

// left is for a file that an update leaves as it is.
func (p *Project) left(f file, note string) (State, string, error) {
	if f.now.User {
		return "", "", nil
	}
	c, err := p.unresolved(f)
	if c.Action == Conflict {
		return Conflicted, c.Note, err
	}
	return Edited, note, err
}

// why tells why the lock is stale.
func (p *Project) why(now Now) string {
	was, is := p.Lock.Origin, now.Origin
	switch {
	case was.Espgen != is.Espgen:
		return fmt.Sprintf("the project is of espgen %s, and this is %s", was.Espgen, is.Espgen)
	case was.Spec.Sum != is.Spec.Sum || was.Role != is.Role || was.Style != is.Style:
		return "the spec has changed"
	}
	return "espgen has changed"
}
