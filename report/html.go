package report

import (
	_ "embed"
	"html/template"
	"io"
	"sync"

	"github.com/espgen/espgen/check"
)

//go:embed report.html
var htmlFile string

// A page is what the template of the HTML gets.
type page struct {
	Lang  language
	Class Class
}

// Say is a message.
func (p page) Say(key string, values ...any) string { return p.Lang.say(key, values...) }

// In is a text in the page's language.
func (p page) In(t check.Text) string { return t.In(string(p.Lang)) }

// Results are those of the class as students may see them.
func (p page) Results() []Result {
	list := make([]Result, len(p.Class.Results))
	for i, r := range p.Class.Results {
		list[i] = r.ForStudent(string(p.Lang))
	}
	return list
}

// Summaries are those of the class; a single submission needs none.
func (p page) Summaries() []Summary {
	if len(p.Class.Results) == 1 {
		return nil
	}
	return p.Class.Summaries()
}

// Parts are the parts that the results are of.
func (p page) Parts() []Shard { return p.Class.parts() }

// Number, Score, Who, About, Whole, Explain and Place are what texts say, too.
func (p page) Number(points float64) string { return number(points) }

// Score tells points.
func (p page) Score(r Result) string { return p.Lang.score(r) }

// Who names a student.
func (p page) Who(r Result) string { return p.Lang.who(r) }

// About tells what is to be known of a submission.
func (p page) About(r Result) []labelled { return p.Lang.about(r) }

// Explain tells what became of a check.
func (p page) Explain(c Check) []labelled { return p.Lang.explain(c) }

// Place is where a diagnostic is.
func (p page) Place(d Diagnostic) string { return d.place() }

// Percent is how much of the widest bar a bar takes.
func (p page) Percent(n int, s Summary) int {
	most := 1
	for _, other := range s.Bins {
		most = max(most, other)
	}
	return n * 100 / most
}

// Tenth is the share of points that a bin begins with, in percent.
func (p page) Tenth(i int) int { return i * 10 }

// Peer reports whether a line is the peer's.
func (p page) Peer(l Line) bool { return l.Who == check.Peer }

// Failed reports whether a check has not passed.
func (p page) Failed(c Check) bool { return !c.passed() }

// Most are the checks that most have not passed, the first of them.
func (p page) Most(s Summary) []CheckCount { return s.Failed[:min(10, len(s.Failed))] }

var htmlTemplate = sync.OnceValue(func() *template.Template { return template.Must(template.New("report.html").Parse(htmlFile)) })

// writeHTML writes a page that stands alone: without scripts, and readable on
// paper.
func writeHTML(w io.Writer, c Class, _ Options) error {
	return htmlTemplate().Execute(w, page{language(c.Language), c})
}
