package report

import (
	"bytes"
	"io"
)

// PrairieLearn's results.json, by its documentation of external grading.
type prairieLearn struct {
	Gradable     bool               `json:"gradable"`
	Score        float64            `json:"score"` // 0 to 1
	Message      string             `json:"message,omitempty"`
	Output       string             `json:"output,omitempty"`
	FormatErrors []string           `json:"format_errors,omitempty"`
	Tests        []prairieLearnTest `json:"tests"`
}

type prairieLearnTest struct {
	Name        string  `json:"name"`
	Description string  `json:"description"`
	Points      float64 `json:"points"`
	MaxPoints   float64 `json:"max_points"`
	Message     string  `json:"message,omitempty"`
	Output      string  `json:"output,omitempty"`
}

// maxPrairieLearn is the limit of the file, in bytes; PrairieLearn's is 1 MB.
const maxPrairieLearn = 1_000_000

// writePrairieLearn writes the result of one submission. One that does not
// compile costs the student no attempt.
func writePrairieLearn(w io.Writer, c Class, _ Options) error {
	l := language(c.Language)
	r := c.Results[0].ForStudent(c.Language)
	out := prairieLearn{Gradable: r.Counts(), Message: l.score(r), Output: l.whole(r), Tests: []prairieLearnTest{}}
	if !out.Gradable {
		out.FormatErrors = []string{out.Output}
	} else if r.MaxScore > 0 {
		out.Score = min(1, max(0, r.Points()/r.MaxScore))
	}
	for _, one := range r.Checks {
		out.Tests = append(out.Tests, prairieLearnTest{one.Name, one.Title.In(c.Language), one.Score, one.Max, l.say(string(one.Status)), l.lines(one)})
	}
	// Each round halves what may be long, until the rest is within the limit.
	for most := longest; ; most /= 2 {
		var b bytes.Buffer
		if err := writeJSON(&b, out); err != nil {
			return err
		}
		if b.Len() <= maxPrairieLearn || most == 0 {
			_, err := b.WriteTo(w)
			return err
		}
		out.Output = cut(out.Output, most)
		for i := range out.FormatErrors {
			out.FormatErrors[i] = cut(out.FormatErrors[i], most)
		}
		for i := range out.Tests {
			out.Tests[i].Output = cut(out.Tests[i].Output, most)
		}
	}
}
