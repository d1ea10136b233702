package project

import (
	"bytes"
	"fmt"
)

// A Fault is a file of a project that is not what the spec and this espgen
// give.
type Fault struct {
	Path  string `json:"path"`
	State string `json:"state"` // "stale", "edited", "missing", "extra"
	Note  string `json:"note,omitempty"`
}

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
		if state, note := f.fault(); state != "" {
			faults = append(faults, Fault{f.path, state, note})
		}
	}
	recorded, err := p.recorded(now.Files)
	if err != nil {
		return nil, err
	}
	if !p.sameRecords(now.Origin, recorded) {
		faults = append(faults, Fault{LockFile, "stale", p.why(now)})
	}
	return faults, nil
}

func (f file) fault() (state, note string) {
	gone := f.yours.content == nil && f.yours.other == ""
	switch {
	case f.now == nil && gone, f.unknown:
	case f.now == nil:
		return "extra", "the spec gives it no longer"
	case gone && (f.now.Secret() || f.now.User && f.entry != nil):
	case gone:
		return "missing", ""
	case f.yours.other != "":
		return "edited", "it is " + f.yours.other
	case bytes.Equal(f.yours.data, f.now.Data):
	case f.now.Secret():
		return "stale", "it is not what the spec gives"
	case f.untouched():
		return "stale", ""
	case f.now.User:
	default:
		return "edited", ""
	}
	return "", ""
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
