package report

import (
	"io"
	"strings"

	"github.com/espgen/espgen/check"
)

// check50's JSON, by its specification.
type check50 struct {
	Slug    string          `json:"slug"`
	Results []check50Result `json:"results"`
	Version string          `json:"version"`
}

type check50Result struct {
	Name        string         `json:"name"`
	Description string         `json:"description"`
	Passed      *bool          `json:"passed"` // nil where it was not reached
	Log         []string       `json:"log"`
	Cause       *check50Cause  `json:"cause"`
	Data        map[string]any `json:"data"`
	Dependency  *string        `json:"dependency"`
}

type check50Cause struct {
	Rationale string  `json:"rationale"`
	Help      *string `json:"help"`
}

// check50Build is the name of the check that the project compiles, on which all
// others depend.
const check50Build = "compiles"

// writeCheck50 writes the result of one submission.
func writeCheck50(w io.Writer, c Class, o Options) error {
	l := language(c.Language)
	r := c.Results[0].ForStudent(c.Language)
	passed := r.State == Graded
	first := check50Result{Name: check50Build, Description: l.say("compiles"), Passed: &passed, Log: linesOf(l.whole(r)), Data: map[string]any{}}
	if !passed {
		first.Cause = &check50Cause{Rationale: firstLine(r.Why)}
		if r.State == NotGraded {
			first.Passed = nil
		}
	}
	out := check50{Slug: "espgen/" + r.Exercise, Version: o.Version, Results: []check50Result{first}}
	for _, one := range r.Checks {
		name := check50Build
		if one.Because != "" {
			name = one.Because
		}
		result := check50Result{Name: one.Name, Description: one.Title.In(c.Language), Log: linesOf(l.lines(one)), Data: map[string]any{"score": one.Score, "max_score": one.Max}, Dependency: &name}
		if result.Description == "" {
			result.Description = one.Name
		}
		switch one.Status {
		case check.Passed, check.Failed:
			ok := one.passed()
			result.Passed = &ok
			if !ok {
				result.Cause = &check50Cause{Rationale: one.Came.In(c.Language)}
				if help := l.reading(one); help != "" {
					result.Cause.Help = &help
				}
			}
		case check.NotReached:
			result.Cause = &check50Cause{Rationale: l.say("cannot-check", name)}
		}
		out.Results = append(out.Results, result)
	}
	return writeJSON(w, out)
}

func linesOf(text string) []string {
	if text == "" {
		return []string{}
	}
	return strings.Split(strings.TrimSuffix(text, "\n"), "\n")
}
