package report

import "io"

// Gradescope's results.json, by its autograder specification.
type gradescope struct {
	Score            float64          `json:"score"`
	ExecutionTime    float64          `json:"execution_time"` // seconds
	Output           string           `json:"output,omitempty"`
	OutputFormat     string           `json:"output_format"`
	Visibility       string           `json:"visibility"`
	StdoutVisibility string           `json:"stdout_visibility"`
	ExtraData        map[string]any   `json:"extra_data"`
	Tests            []gradescopeTest `json:"tests"`
}

type gradescopeTest struct {
	Score        float64        `json:"score"`
	MaxScore     float64        `json:"max_score"`
	Status       string         `json:"status"`
	Name         string         `json:"name"`
	Output       string         `json:"output,omitempty"`
	OutputFormat string         `json:"output_format"`
	Visibility   string         `json:"visibility"`
	ExtraData    map[string]any `json:"extra_data"`
}

// writeGradescope writes the result of one submission. Its instructors see a
// hidden check by its name; a student does not see that there is one.
func writeGradescope(w io.Writer, c Class, _ Options) error {
	l := language(c.Language)
	r := c.Results[0]
	out := gradescope{
		ExecutionTime: r.Time.Build + r.Time.Run, Output: l.whole(r), OutputFormat: "text", Visibility: "visible", StdoutVisibility: "hidden",
		ExtraData: map[string]any{"state": r.State, "exercise": r.Exercise, "student": r.Student}, Tests: []gradescopeTest{},
	}
	if r.Counts() {
		out.Score = r.Points()
	}
	shown := r.ForStudent(c.Language)
	for i, one := range r.Checks {
		test := gradescopeTest{
			Score: one.Score, MaxScore: one.Max, Status: "failed", Name: one.Name, Output: l.lines(shown.Checks[i]), OutputFormat: "text", Visibility: "visible",
			ExtraData: map[string]any{"status": one.Status},
		}
		if title := one.Title.In(c.Language); title != "" {
			test.Name += ": " + title
		}
		if one.passed() {
			test.Status = "passed"
		}
		if one.Hidden {
			test.Visibility = "hidden"
		}
		out.Tests = append(out.Tests, test)
	}
	return writeJSON(w, out)
}
