// Package report holds the results of graded submissions, and writes them: for
// people as text and HTML, for machines as JSON, JUnit XML, CSV and the result
// files of other graders.
//
// A text of a submission, or of a program that it made, may be anything. Each
// format gets it without control characters, and escaped as the format wants it.
package report

import (
	"cmp"
	"slices"

	"github.com/espgen/espgen/check"
)

// Version is the version of the JSON.
const Version = 1

// A Class is the results of one run, or of several that were joined.
type Class struct {
	Version   int        `json:"version"`
	Course    check.Text `json:"course,omitempty"` // its title; none where a student runs the checks of a hand-out
	Language  string     `json:"language"`         // of reports: "en" or "zh"
	Run       string     `json:"run,omitempty"`    // equal in all parts of a run that was divided
	Shards    []Shard    `json:"shards,omitempty"` // the parts that are in it; none where the run was not divided
	Exercises []Exercise `json:"exercises"`
	Results   []Result   `json:"results"` // sorted by exercise, student and submission
}

// A Shard is a part of a run: Index of Count, from 1 on.
type Shard struct {
	Index int `json:"index"`
	Count int `json:"count"`
}

// An Exercise is what submissions are graded for.
type Exercise struct {
	Name     string     `json:"name"`
	Title    check.Text `json:"title,omitempty"`
	Due      string     `json:"due,omitempty"` // as the instructor wrote it
	MaxScore float64    `json:"max_score"`
	Students []string   `json:"students,omitempty"` // the ids of those who have a hand-out, in this part of the run
}

// A State says whether a submission could be graded.
type State string

// The states of a submission.
const (
	Graded      State = "graded"
	NotGradable State = "not-gradable" // it does not compile, or is no project: told apart from 0 points
	NotGraded   State = "not-graded"   // whose it is was not found, or the grader failed: not the student's doing
)

// A Result is a submission's.
type Result struct {
	Submission string  `json:"submission"`         // as it was named, or its path in a bulk download
	Student    string  `json:"student,omitempty"`  // the id; "" where it is not known
	Exercise   string  `json:"exercise,omitempty"` // the name; "" where it is not known
	State      State   `json:"state"`
	Why        string  `json:"why,omitempty"` // why it could not be graded
	Score      float64 `json:"score"`         // of the checks
	MaxScore   float64 `json:"max_score"`
	Late       bool    `json:"late,omitempty"` // by the name that a bulk download gave it

	Adjustment *Adjustment `json:"adjustment,omitempty"` // by hand

	Restored    []string     `json:"restored,omitempty"`    // protected files that were not as in the hand-out
	Notes       []string     `json:"notes,omitempty"`       // what else is to be known of it
	Attempts    []string     `json:"attempts,omitempty"`    // what the sandbox refused
	Diagnostics []Diagnostic `json:"diagnostics,omitempty"` // of the compiler

	Checks []Check `json:"checks,omitempty"`
	Time   Time    `json:"time"`
}

// An Adjustment is what a person made of a score.
type Adjustment struct {
	Points float64 `json:"points"` // in place of the score
	Reason string  `json:"reason,omitempty"`
}

// A Time says what a submission took, in seconds.
type Time struct {
	Build   float64 `json:"build"`   // of the compiler
	Run     float64 `json:"run"`     // of all checks together, which overlap
	Waiting float64 `json:"waiting"` // the part of Run in which the device was waited for
}

// A Diagnostic is what a compiler said.
type Diagnostic struct {
	File     string     `json:"file,omitempty"` // below the project's folder
	Line     int        `json:"line,omitempty"`
	Column   int        `json:"column,omitempty"`
	Severity string     `json:"severity"` // "error", "warning"
	Message  string     `json:"message"`
	Source   string     `json:"source,omitempty"` // the line itself
	Help     check.Text `json:"help,omitempty"`   // the same in words for a beginner, where espgen knows them
}

// A Check is the result of one check.
type Check struct {
	Name   string       `json:"name"`
	Title  check.Text   `json:"title,omitempty"`
	Status check.Status `json:"status"`
	Score  float64      `json:"score"`
	Max    float64      `json:"max_score"`
	Hidden bool         `json:"hidden,omitempty"` // a student sees neither its name nor what it did

	Guide string     `json:"guide,omitempty"` // the section to read
	Hint  check.Text `json:"hint,omitempty"`

	Did      check.Text `json:"did,omitempty"`
	Expected check.Text `json:"expected,omitempty"`
	Came     check.Text `json:"came,omitempty"`
	Because  string     `json:"because,omitempty"` // the check that it depends on, and that has not passed
	Findings []string   `json:"findings,omitempty"`
	Timeline []Line     `json:"timeline,omitempty"`
	Limit    string     `json:"limit,omitempty"` // what the program took too much of
	Replay   string     `json:"replay,omitempty"`

	Seconds float64 `json:"seconds"`
}

// A Line is what the peer did, or the device told, at a time.
type Line struct {
	MS   int64     `json:"ms"` // since the start of the program
	Who  check.Who `json:"who"`
	Text string    `json:"text"`
}

// Points are what counts: those that a person gave, or else the score.
func (r Result) Points() float64 {
	if r.Adjustment != nil {
		return r.Adjustment.Points
	}
	return r.Score
}

// Counts reports whether there are points: a submission that could not be graded
// has none, unless a person gave some.
func (r Result) Counts() bool { return r.State == Graded || r.Adjustment != nil }

// Sort puts the results into their order.
func (c *Class) Sort() {
	slices.SortStableFunc(c.Results, func(a, b Result) int {
		return cmp.Or(cmp.Compare(a.Exercise, b.Exercise), cmp.Compare(a.Student, b.Student), cmp.Compare(a.Submission, b.Submission))
	})
}

// parts are the parts that results are of, none where all of a run is there.
func (c Class) parts() []Shard {
	if len(c.Shards) > 0 && len(c.Shards) == c.Shards[0].Count {
		return nil
	}
	return c.Shards
}
