// Package check is checks as data, and the harness that runs them: what a peer
// does to a program that was built for the host SDK, and what must be seen of
// it. docs/checks.md describes the language.
//
// A check never trusts the program: what came over a connection is what the
// peer's own socket got, and the rest comes over the host SDK's channel of
// events. Only a log step reads what the program prints.
package check

import (
	"fmt"

	"gopkg.in/yaml.v3"

	"github.com/espgen/espgen/exercise"
)

// A Text is a text in several languages: "en", "zh".
type Text = exercise.Text

// An Issue is what is wrong with a file of checks.
type Issue struct {
	File         string
	Line, Column int // from 1 on
	Msg          string
	Hint         string // what to do about it; "" for nothing to add
}

func (i Issue) Error() string { return fmt.Sprintf("%s:%d:%d: %s", i.File, i.Line, i.Column, i.Msg) }

// A Check is what is to be seen of a program, in a scenario.
type Check struct {
	Name    string
	Title   Text
	Hint    Text     // where to look when it has failed
	Guide   string   // the section that the hint goes with, such as "2.2.6"
	Steps   []string // the steps of an exercise that it proves
	Catches []string // the mutants that it must catch, as STEP/MUTANT
	Depends []string // checks that must have passed, or this one is not reached
	Points  float64  // 1 where the file gives none
	Hidden  bool     // students do not get it

	file string
	node *yaml.Node // of the file, with nothing filled in
	plan *plan      // what it does; nil before Bind
}

// Checks are the checks of a file, in its order.
type Checks []*Check

// Get returns the check of a name, nil for none.
func (c Checks) Get(name string) *Check {
	for _, check := range c {
		if check.Name == name {
			return check
		}
	}
	return nil
}
