package report

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/fatih/color"
	"github.com/mattn/go-runewidth"

	"github.com/espgen/espgen/check"
)

// A palette paints parts of a text, or leaves them as they are.
type palette struct{ bold, good, bad, weak, place *color.Color }

func newPalette(colour bool) palette {
	p := palette{color.New(color.Bold), color.New(color.FgGreen), color.New(color.FgRed), color.New(color.FgYellow), color.New(color.FgCyan)}
	for _, c := range []*color.Color{p.bold, p.good, p.bad, p.weak, p.place} {
		if colour {
			c.EnableColor()
		} else {
			c.DisableColor()
		}
	}
	return p
}

func (p palette) status(s check.Status) *color.Color {
	switch s {
	case check.Passed:
		return p.good
	case check.Failed:
		return p.bad
	}
	return p.weak
}

// writeText writes one submission at length, several as a list, with a summary.
func writeText(w io.Writer, c Class, o Options) error {
	t := texts{language(c.Language), newPalette(o.Colour), &strings.Builder{}}
	for _, s := range c.parts() {
		fmt.Fprintln(t.b, t.lang.say("part", s.Index, s.Count))
	}
	if len(c.Results) == 1 {
		t.result(c.Results[0].ForStudent(c.Language))
	} else {
		t.list(c.Results)
		for _, s := range c.Summaries() {
			t.summary(s)
		}
	}
	_, err := io.WriteString(w, t.b.String())
	return err
}

type texts struct {
	lang language
	palette
	b *strings.Builder
}

const indent = "    "

func (t texts) result(r Result) {
	var what []string
	for _, part := range []string{r.Exercise, r.Student, r.Submission} {
		if part != "" && !slices.Contains(what, part) {
			what = append(what, part)
		}
	}
	paint := t.good
	if !r.Counts() || r.Points() < r.MaxScore {
		paint = t.bad
	}
	fmt.Fprintf(t.b, "%s: %s\n", t.bold.Sprint(strings.Join(what, ", ")), paint.Sprint(t.lang.score(r)))
	if text := t.lang.whole(r); text != "" {
		t.indented(text)
	}
	width := 0
	for _, c := range r.Checks {
		width = max(width, runewidth.StringWidth(t.lang.say(string(c.Status))))
	}
	names := 0
	for _, c := range r.Checks {
		names = max(names, runewidth.StringWidth(c.Name))
	}
	for _, c := range r.Checks {
		status := runewidth.FillRight(t.lang.say(string(c.Status)), width)
		fmt.Fprintf(t.b, "%s  %s  %s/%s  %s\n", t.status(c.Status).Sprint(status), runewidth.FillRight(c.Name, names), number(c.Score), number(c.Max), c.Title.In(string(t.lang)))
		for _, part := range t.lang.explain(c) {
			text := strings.ReplaceAll(part.Text, "\n", "\n"+indent+strings.Repeat(" ", runewidth.StringWidth(part.Label)+2))
			fmt.Fprintf(t.b, "%s%s: %s\n", indent, t.place.Sprint(part.Label), text)
		}
		if !c.passed() && len(c.Timeline) > 0 {
			t.indented(t.lang.timeline(c.Timeline))
		}
	}
}

func (t texts) indented(text string) {
	for line := range strings.Lines(text) {
		t.b.WriteString(indent + line)
	}
}

// sideWidth is the width of the peer's side in a timeline, in columns.
const sideWidth = 36

// timeline writes what the two sides did, in order of time, beside each other.
func (l language) timeline(lines []Line) string {
	if len(lines) == 0 {
		return ""
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%8s  %s  %s\n", l.say("milliseconds"), runewidth.FillRight(l.say("peer"), sideWidth), l.say("device"))
	for _, line := range lines {
		text := strings.ReplaceAll(line.Text, "\n", " ")
		if line.Who == check.Peer {
			fmt.Fprintf(&b, "%8d  %s\n", line.MS, text)
		} else {
			fmt.Fprintf(&b, "%8d  %s  %s\n", line.MS, strings.Repeat(" ", sideWidth), text)
		}
	}
	return b.String()
}

// list writes a line for each submission.
func (t texts) list(results []Result) {
	rows := make([][3]string, len(results))
	var width [2]int
	for i, r := range results {
		rows[i] = [3]string{r.Exercise, t.lang.who(r), t.lang.score(r)}
		for k := range width {
			width[k] = max(width[k], runewidth.StringWidth(rows[i][k]))
		}
	}
	for i, r := range results {
		line := runewidth.FillRight(rows[i][0], width[0]) + "  " + runewidth.FillRight(rows[i][1], width[1]) + "  "
		paint := t.good
		if !r.Counts() {
			paint = t.weak
		} else if r.Points() < r.MaxScore {
			paint = t.bad
		}
		fmt.Fprintf(t.b, "%s%s", line, paint.Sprint(rows[i][2]))
		var more []string
		if r.Why != "" {
			more = append(more, cmp.Or(firstLine(r.Why), r.Why))
		}
		for _, part := range t.lang.about(r) {
			more = append(more, part.Label+": "+firstLine(part.Text))
		}
		if r.Student == "" || len(more) > 0 && !r.Counts() {
			more = append([]string{r.Submission}, more...)
		}
		if len(more) > 0 {
			fmt.Fprintf(t.b, "  (%s)", strings.Join(more, "; "))
		}
		t.b.WriteByte('\n')
	}
}

func firstLine(text string) string {
	line, _, _ := strings.Cut(text, "\n")
	return line
}

// summary writes what the class made of an exercise.
func (t texts) summary(s Summary) {
	fmt.Fprintf(t.b, "\n%s: %s\n", t.bold.Sprint(s.Exercise.Name), t.lang.say("counts", s.Graded, s.NotGradable, s.NotGraded, s.Missing))
	if s.Graded > 0 {
		fmt.Fprintf(t.b, "%s%s\n", indent, t.lang.say("mean", number(s.Mean), number(s.Median), number(s.Exercise.MaxScore)))
		for i, n := range s.Bins {
			if n > 0 {
				const widest = 40
				bar := strings.Repeat("#", max(1, n*widest/slices.Max(s.Bins[:])))
				fmt.Fprintf(t.b, "%s%3d-%3d%%  %5d  %s\n", indent, i*10, i*10+10, n, bar)
			}
		}
	}
	if len(s.Failed) > 0 {
		fmt.Fprintf(t.b, "%s%s:\n", indent, t.lang.say("most-failed"))
	}
	for _, f := range s.Failed[:min(5, len(s.Failed))] {
		line := fmt.Sprintf("%s%s%s  %s  %s", indent, indent, runewidth.FillRight(t.lang.say("of", f.Count, f.Of), 10), f.Name, f.Title.In(string(t.lang)))
		fmt.Fprintln(t.b, strings.TrimRight(line, " ")) // a title that tells a student's value is left out
	}
}
