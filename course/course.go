// Package course makes the exercises of a class from one source: a course
// folder, which holds a course.yaml, a roster.csv and the specs or C projects
// that the exercises are cut out of.
//
// Data flows one way: [Open] reads the folder, and tells every problem of it in
// one run; a [Course] then gives the files of each hand-out, solution and
// mutant, which are made in memory; [Course.Build] finds leaks in them and
// writes them. What it writes for a grader is a course folder as well, without
// the key and without names, which Open reads in the same way.
package course

import (
	"slices"

	"github.com/espgen/espgen/check"
	"github.com/espgen/espgen/exercise"
	"github.com/espgen/espgen/generator"
	"github.com/espgen/espgen/generator/spec"
	"github.com/espgen/espgen/library"
)

// The files of a course folder.
const (
	File       = "course.yaml"
	RosterFile = "roster.csv"
	KeyFile    = "course.key"
)

// ChecksFile is the path of the visible checks in a hand-out.
const ChecksFile = "checks.yaml"

// AddedFiles are the files of a hand-out that its source does not give as they
// are there: the README begins with the task.
var AddedFiles = []string{readmeFile, ChecksFile}

// A Course is a course folder that was read.
type Course struct {
	Dir      string     // the folder, as it was named to Open
	Title    check.Text // what the course is called
	Language string     // of hand-outs, index and reports: "en" or "zh"

	from      From
	grader    string // the espgen that wrote a grader's folder, "" for an instructor's
	key       []byte // nil where no value is derived
	templates string // the folder of own templates, "" for none
	autos     []autoField
	libs      map[string]*library.Library
	exercises []*Exercise
	students  []*Student
	byID      map[string]*Student // by the id in small letters
}

// A From says where what a course needs, and does not hold, comes from.
type From struct {
	// Espgen is the version of this program: locks and the grader's folder name it.
	Espgen string
	// Sources returns what the values of a spec come from beside its file. Its
	// Table and Set are not used.
	Sources func(file string) spec.Sources
}

// An Exercise is a project with some of its steps left out.
type Exercise struct {
	Name   string       // small letters, digits and -
	Text   check.Text   // what else the student is to know, in Markdown; nil for nothing
	Title  check.Text   // what it is called
	Blank  []string     // the steps that the student is to write, in the order of the source
	Show   Show         // how much of the expected data a report shows
	Due    check.Text   // as the instructor wrote it; it decides of nothing
	Checks check.Checks // all of them, with their points; see [Course.Checks] for a student's

	source  source
	steps   []exercise.Step
	visible []byte       // the file of the checks that students get
	pool    check.Checks // those that Checks were chosen from
	bound   check.Checks // those that count for the exercise as its source has it
}

// Show is how much a report to the student shows of what a check has seen.
type Show string

// What is shown of a check that failed.
const (
	ShowFull   Show = "full"   // what was expected, and what came
	ShowActual Show = "actual" // what came
	ShowNone   Show = "none"   // neither
)

// A Student is a row of the roster.
type Student struct {
	ID   string // unique, also where case does not count; it may be the name of a file
	Name string // "" in the folder of a grader

	values []value // of fields, in the order of the roster's columns and of course.yaml
}

// A value is what a student's spec says of a field, in place of the exercise's.
type value struct {
	path string
	text string // as --set takes it
	pos  spec.Pos

	derived bool // it comes from the course's key
}

// A HandOut is what one student gets of one exercise, or the same project with
// its steps in another state.
type HandOut struct {
	Files []generator.File // sorted by path; the lock, the pristine copy and the visible checks included
	Open  []string         // the paths of the files that are the student's to change, sorted
}

// Protected lists the files that are not the student's to change: a grader
// restores them.
func (h HandOut) Protected() []generator.File {
	return slices.DeleteFunc(slices.Clone(h.Files), func(f generator.File) bool { return slices.Contains(h.Open, f.Path) })
}

// Exercises lists the exercises in the order of course.yaml.
func (c *Course) Exercises() []*Exercise { return c.exercises }

// Exercise returns the exercise of that name, nil for none.
func (c *Course) Exercise(name string) *Exercise {
	for _, e := range c.exercises {
		if e.Name == name {
			return e
		}
	}
	return nil
}

// Students lists the students in the order of the roster.
func (c *Course) Students() []*Student { return c.students }

// Student returns the student with an id, in which case does not count; nil for
// none.
func (c *Course) Student(id string) *Student {
	if c.byID == nil {
		return nil
	}
	return c.byID[fold(id)]
}

// Points is the sum of the points of an exercise's checks, as its source has
// it.
func (e *Exercise) Points() float64 {
	sum := 0.0
	for _, c := range e.bound {
		sum += c.Points
	}
	return sum
}
