package submission

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"
	"unicode"

	"github.com/espgen/espgen/lazyregexp"
)

// A Person is a student of a course.
type Person struct {
	ID   string
	Name string // "" where it is not known
}

// A Roster tells whose a submission is.
type Roster struct {
	byID  map[string]string   // the ids by themselves in small letters
	names map[string][]string // the ids by names in small letters, with nothing between the words
	given map[string]string   // what the instructor's map says
}

// NewRoster returns the roster of these people.
func NewRoster(people []Person) *Roster {
	r := &Roster{byID: map[string]string{}, names: map[string][]string{}, given: map[string]string{}}
	for _, p := range people {
		r.byID[strings.ToLower(p.ID)] = p.ID
		words := strings.FieldsFunc(strings.ToLower(p.Name), notLetter)
		for i := range words { // Jane Doe is doejane at Canvas
			key := strings.Join(slices.Concat(words[i:], words[:i]), "")
			if !slices.Contains(r.names[key], p.ID) {
				r.names[key] = append(r.names[key], p.ID)
			}
		}
	}
	return r
}

func notLetter(c rune) bool { return !unicode.IsLetter(c) && !unicode.IsMark(c) && !unicode.IsDigit(c) }

// maxMap is the limit of a map's rows.
const maxMap = 200_000

// AddMap reads a CSV file whose first column is a submission, by its name, the
// name of its file or folder, or by what a bulk download tells of the student,
// and whose second one is the student's id. name is the file's, for errors, which
// are all told.
func (r *Roster) AddMap(name string, data []byte) error {
	rows := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(data, []byte("\ufeff"))))
	rows.FieldsPerRecord = -1
	rows.TrimLeadingSpace = true
	var errs []error
	for n := 0; ; n++ {
		row, err := rows.Read()
		if err == io.EOF {
			return errors.Join(errs...)
		}
		if err != nil {
			return errors.Join(append(errs, fmt.Errorf("%s: %w", name, err))...)
		}
		line, _ := rows.FieldPos(0)
		at := fmt.Sprintf("%s:%d", name, line)
		if n > maxMap {
			return fmt.Errorf("%s: there are more than the limit of %d rows", at, maxMap)
		}
		if len(row) < 2 {
			errs = append(errs, fmt.Errorf("%s: a row requires two columns: submission, id", at))
			continue
		}
		key, id := strings.TrimSpace(row[0]), strings.TrimSpace(row[1])
		known, ok := r.byID[strings.ToLower(id)]
		switch {
		case n == 0 && !ok && strings.EqualFold(id, "id"):
			continue // the names of the columns
		case !ok:
			errs = append(errs, fmt.Errorf("%s: no student of the roster has the id %q", at, id))
		case r.given[key] != "" && r.given[key] != known:
			errs = append(errs, fmt.Errorf("%s: %q is given to %s and to %s", at, key, r.given[key], known))
		default:
			r.given[key] = known
		}
	}
}

// Identify tells whose a submission is: by the map, or else by the name that it
// was handed in under, or else by what the lock claims. Where the name tells
// another student than the lock, the name counts, which the student cannot
// choose, and notes tell. The error says why nobody knows.
func (r *Roster) Identify(s *Submission, claim Claim) (id string, notes []string, err error) {
	claimed := r.byID[strings.ToLower(claim.Student)]
	if claim.Student != "" && claimed == "" {
		notes = append(notes, fmt.Sprintf("its lock names the student %s, who is not on the roster", quoted(claim.Student)))
	}
	named := r.named(s)
	switch {
	case len(named) == 1 && claimed != "" && claimed != named[0]:
		return named[0], append(notes, fmt.Sprintf("handed in as %s, but its lock is the hand-out of %s", named[0], claimed)), nil
	case len(named) == 1:
		return named[0], notes, nil
	case claimed != "":
		return claimed, notes, nil
	case len(named) > 1:
		return "", notes, fmt.Errorf("its name fits several students: %s", strings.Join(named, ", "))
	}
	return "", notes, fmt.Errorf("nobody knows whose it is: neither its lock nor its name (%s) tells a student of the roster", strings.Join(quotedAll(s.Labels), ", "))
}

// named lists the students whom the map or the names of a submission tell: by
// the surest way that tells any.
func (r *Roster) named(s *Submission) []string {
	base := path.Base(s.Name)
	keys := append([]string{s.Name, base, withoutEnd(base)}, s.Labels...)
	ways := []func(string) []string{
		func(key string) []string { return found(r.given[key]) },
		func(key string) []string { return found(r.byID[strings.ToLower(key)]) },
		r.inText,
		func(key string) []string {
			return r.names[strings.Join(strings.FieldsFunc(strings.ToLower(key), notLetter), "")]
		},
	}
	for i, way := range ways {
		look := keys
		if i > 1 { // the name of a file may hold anything
			look = s.Labels
		}
		var ids []string
		for _, key := range look {
			ids = append(ids, way(key)...)
		}
		slices.Sort(ids)
		if ids = slices.Compact(ids); len(ids) > 0 {
			return ids
		}
	}
	return nil
}

func found(id string) []string {
	if id == "" {
		return nil
	}
	return []string{id}
}

// idText is what an id is made of.
var idText = lazyregexp.New(`[\pL\pN.@+-]+`)

// inText lists the ids that stand in a text, apart from its other words.
func (r *Roster) inText(text string) []string {
	text = strings.ToLower(text)
	var ids []string
	add := func(word string) {
		if id, ok := r.byID[strings.Trim(word, ".-+")]; ok {
			ids = append(ids, id)
		}
	}
	for _, word := range idText().FindAllString(text, -1) {
		add(word)
		if user, _, ok := strings.Cut(word, "@"); ok {
			add(user)
		}
	}
	for word := range strings.FieldsSeq(text) { // ids with _ in them
		add(word)
	}
	if len(ids) == 0 {
		for word := range strings.SplitSeq(text, "-") {
			add(strings.Trim(word, " _"))
		}
	}
	return ids
}

// claimLine is a fact of a lock that tells what a hand-out is.
var claimLine = lazyregexp.New(`(?m)^(course-exercise|student): *"?([^"\r\n]{1,200}?)"? *\r?$`)

// readClaim reads what a lock says of whose it is.
func readClaim(data []byte) Claim {
	var c Claim
	for _, m := range claimLine().FindAllSubmatch(data, -1) {
		if string(m[1]) == "student" {
			c.Student = string(m[2])
		} else {
			c.Exercise = string(m[2])
		}
	}
	return c
}
