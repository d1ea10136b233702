package report

import (
	"fmt"
	"io"
	"math"
	"strings"
	"time"
)

// Classroom 50's result.json, by its page Advanced-Autograding.
type classroom50 struct {
	Schema     string            `json:"schema"`
	Classroom  string            `json:"classroom"`
	Assignment string            `json:"assignment"`
	Submission string            `json:"submission"`
	Commit     string            `json:"commit"`
	Release    string            `json:"release"`
	Review     string            `json:"review"`
	DateTime   string            `json:"datetime"`
	Score      int               `json:"score"`
	MaxScore   int               `json:"max-score"`
	Tests      []classroom50Test `json:"tests"`
}

type classroom50Test struct {
	Name     string `json:"test-name"`
	Passed   bool   `json:"passed"`
	Score    int    `json:"score"`
	MaxScore int    `json:"max-score"`
}

// writeClassroom50 writes the result of one submission. The runner of Classroom
// 50 has what is not of the grading in the environment. Its scores are whole
// numbers: where points are not, all are taken times 2, 4, 5, 10 or 100.
func writeClassroom50(w io.Writer, c Class, o Options) error {
	var missing []string
	env := func(name string) string {
		value := o.Getenv(name)
		if value == "" {
			missing = append(missing, name)
		}
		return Printable(value)
	}
	l := language(c.Language)
	r := c.Results[0].ForStudent(c.Language)
	out := classroom50{
		Schema: "classroom50/result/v1", Classroom: env("CLASSROOM"), Assignment: env("ASSIGNMENT"), Submission: env("SUBMISSION_TAG"),
		Commit: env("COMMIT_URL"), Release: env("RELEASE_URL"), Review: Printable(o.Getenv("REVIEW_URL")), DateTime: o.Now.UTC().Format(time.RFC3339), Tests: []classroom50Test{},
	}
	if out.Review == "" {
		out.Review = out.Commit
	}
	if len(missing) > 0 {
		return fmt.Errorf("the format classroom50 takes values from the environment, which lacks %s", strings.Join(missing, ", "))
	}
	times := wholeTimes(r.Checks)
	for _, one := range r.Checks {
		out.Tests = append(out.Tests, classroom50Test{one.Name, one.passed(), scaled(one.Score, times), scaled(one.Max, times)})
	}
	if r.State != Graded { // there is no third state: a test says why there are no points
		out.Tests = append([]classroom50Test{{l.say(string(r.State)) + ": " + firstLine(r.Why), false, 0, 0}}, out.Tests...)
		if len(r.Checks) == 0 {
			out.Tests[0].MaxScore = scaled(r.MaxScore, times)
		}
	}
	for _, test := range out.Tests {
		out.Score += test.Score
		out.MaxScore += test.MaxScore
	}
	return writeJSON(w, out)
}

// wholeTimes is what makes the points of all checks whole numbers.
func wholeTimes(checks []Check) float64 {
	for _, times := range []float64{1, 2, 4, 5, 10, 100} {
		whole := true
		for _, c := range checks {
			whole = whole && math.Abs(c.Max*times-math.Round(c.Max*times)) < 1e-9
		}
		if whole {
			return times
		}
	}
	return 100
}

func scaled(points, times float64) int { return int(math.Round(points * times)) }
