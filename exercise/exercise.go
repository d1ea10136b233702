// Package exercise cuts a program that works into steps, and makes exercises of
// it. Markers, comments on lines of their own, tell where a step is, what
// stands in its place in a hand-out, and which mistakes somebody could make:
//
//	//@step bind
//	//@title en: Bind the socket to its address
//	//@guide 2.2.3
//	//@calls bind
//	    int err = bind(sock, (struct sockaddr *)&addr, sizeof(addr));
//	//@stub
//	    // TODO(bind): give the socket its address. Look at bind().
//	    int err = 0;
//	//@mutant wrong-socket
//	//@title en: Binds another socket
//	    int err = bind(0, (struct sockaddr *)&addr, sizeof(addr));
//	//@end
//
// [Parse] reads the files of a project. From what it returns come the solution,
// the hand-out with some steps as stubs, the program with one mistake, and the
// text of the exercise: [Source.README].
package exercise

import (
	"bytes"
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// A Text is one text in several languages, by their codes: "en", "zh".
type Text map[string]string

// In returns the text in a language, or else in English, or else in the
// language whose code comes first. It is "" where there is none at all.
func (t Text) In(language string) string {
	for _, code := range append([]string{language, "en"}, slices.Sorted(maps.Keys(t))...) {
		if text, ok := t[code]; ok {
			return text
		}
	}
	return ""
}

// A Step is a part of a program that a student is to write.
type Step struct {
	Name    string
	Title   Text
	Guide   string   // the section that explains it: "2.2.3"; "" for none
	Calls   []string // the functions to look at
	Places  []Place  // of which the first tells what to do, at least one
	Mutants []Mutant
}

// A Place is where a step is, or a part of it.
type Place struct {
	File string
	Line int // of its marker, from 1, in the text with the markers
}

// A Mutant is a step with a mistake that somebody could make.
type Mutant struct {
	Name  string
	Title Text
}

// A Cut is what a hand-out lacks at a place.
type Cut struct {
	Step  string
	File  string
	Line  int      // of the first of Lines, from 1, in the solution
	Lines []string // of the solution, without their ends
}

// A Source is the files of a project that have markers.
type Source struct {
	files map[string][]piece
	steps []Step
}

// A piece of a file is either text that every version of it has, or a place.
type piece struct {
	text []byte
	*place
}

// A place is a step's, with what may stand there.
type place struct {
	step     string
	line     int // of its marker
	solution []byte
	stub     []byte
	hasStub  bool
	mutants  map[string][]byte
}

// Steps returns the steps in the order in which a student does them: in that of
// their sections of the guide, and then in that in which they stand in the
// files. Steps without a section come last.
func (s *Source) Steps() []Step { return slices.Clone(s.steps) }

// Step returns the step of that name.
func (s *Source) Step(name string) (Step, bool) {
	i := slices.IndexFunc(s.steps, func(step Step) bool { return step.Name == name })
	if i < 0 {
		return Step{}, false
	}
	return s.steps[i], true
}

// Solution returns the files with every step solved, and no markers.
func (s *Source) Solution() map[string][]byte {
	return s.render(func(p *place) []byte { return p.solution })
}

// HandOut returns the files with the stubs of some steps, the others solved. The
// error names the steps that there are not.
func (s *Source) HandOut(blank []string) (map[string][]byte, error) {
	if err := s.Check(blank); err != nil {
		return nil, err
	}
	return s.render(func(p *place) []byte {
		if slices.Contains(blank, p.step) {
			return p.stub
		}
		return p.solution
	}), nil
}

// Check wants there to be steps of these names.
func (s *Source) Check(names []string) error {
	var unknown []string
	for _, name := range names {
		if _, ok := s.Step(name); !ok {
			unknown = append(unknown, fmt.Sprintf("%q", name))
		}
	}
	if len(unknown) == 0 {
		return nil
	}
	return &UnknownError{what: "step", names: unknown, known: namesOf(s.steps, func(step Step) string { return step.Name })}
}

// Mutant returns the files with every step solved, and one of them with a
// mistake. Where the step has several places, those that do not have the mistake
// are solved.
func (s *Source) Mutant(step, mutant string) (map[string][]byte, error) {
	if err := s.Check([]string{step}); err != nil {
		return nil, err
	}
	of, _ := s.Step(step)
	if !slices.ContainsFunc(of.Mutants, func(m Mutant) bool { return m.Name == mutant }) {
		return nil, &UnknownError{
			what: "mutant of the step " + step, names: []string{fmt.Sprintf("%q", mutant)},
			known: namesOf(of.Mutants, func(m Mutant) string { return m.Name }),
		}
	}
	return s.render(func(p *place) []byte {
		if text, ok := p.mutants[mutant]; ok && p.step == step {
			return text
		}
		return p.solution
	}), nil
}

// Cut returns what a hand-out with the stubs of these steps lacks, in the order
// of files and lines. Names that are no step's cut nothing.
func (s *Source) Cut(blank []string) []Cut {
	var cuts []Cut
	for _, file := range slices.Sorted(maps.Keys(s.files)) {
		line := 1
		for _, p := range s.files[file] {
			text := p.text
			if p.place != nil {
				text = p.solution
			}
			if p.place != nil && slices.Contains(blank, p.step) {
				lines := strings.Split(strings.TrimSuffix(string(text), "\n"), "\n")
				for i, l := range lines {
					lines[i] = strings.TrimSuffix(l, "\r")
				}
				cuts = append(cuts, Cut{Step: p.step, File: file, Line: line, Lines: lines})
			}
			line += bytes.Count(text, []byte("\n"))
		}
	}
	return cuts
}

// render returns the files with what choose takes for each place.
func (s *Source) render(choose func(*place) []byte) map[string][]byte {
	files := make(map[string][]byte, len(s.files))
	for file, pieces := range s.files {
		files[file] = join(pieces, choose)
	}
	return files
}

func join(pieces []piece, choose func(*place) []byte) []byte {
	size := 0
	for _, p := range pieces {
		if p.place == nil {
			size += len(p.text)
		} else {
			size += len(choose(p.place))
		}
	}
	text := make([]byte, 0, size)
	for _, p := range pieces {
		if p.place == nil {
			text = append(text, p.text...)
		} else {
			text = append(text, choose(p.place)...)
		}
	}
	return text
}

// An UnknownError is the error where a step or a mutant is named that there is
// not.
type UnknownError struct {
	what  string
	names []string // quoted
	known []string
}

// Error names what there is not.
func (e *UnknownError) Error() string {
	return fmt.Sprintf("unknown %s %s", e.what, strings.Join(e.names, ", "))
}

// Hint says what there is.
func (e *UnknownError) Hint() string {
	if len(e.known) == 0 {
		return "there is none at all: nothing is marked"
	}
	return "there are " + strings.Join(e.known, ", ")
}

func namesOf[T any](list []T, name func(T) string) []string {
	var names []string
	for _, one := range list {
		names = append(names, name(one))
	}
	return names
}

// compareSections compares sections of the guide by their numbers: 2.2.10 comes
// behind 2.2.9. What follows a number, as in "3.2, note", is compared as text.
func compareSections(a, b string) int {
	if a == "" || b == "" {
		return cmp.Compare(len(b), len(a)) // none comes last
	}
	for a != "" && b != "" {
		n, restA := leadingNumber(a)
		m, restB := leadingNumber(b)
		if order := cmp.Or(cmp.Compare(len(n), len(m)), cmp.Compare(n, m)); n != "" && m != "" {
			if order != 0 {
				return order
			}
			a, b = restA, restB
			continue
		}
		if a[0] != b[0] {
			break
		}
		a, b = a[1:], b[1:]
	}
	return cmp.Compare(a, b)
}

// leadingNumber cuts the number off that a text begins with, without zeros in
// front.
func leadingNumber(text string) (number, rest string) {
	rest = strings.TrimLeft(text, "0123456789")
	number = text[:len(text)-len(rest)]
	if number != "" {
		number = cmp.Or(strings.TrimLeft(number, "0"), "0")
	}
	return number, rest
}
