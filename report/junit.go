package report

import (
	"encoding/xml"
	"fmt"
	"io"
	"strings"

	"github.com/espgen/espgen/check"
)

type junitSuites struct {
	XMLName  xml.Name     `xml:"testsuites"`
	Name     string       `xml:"name,attr"`
	Tests    int          `xml:"tests,attr"`
	Failures int          `xml:"failures,attr"`
	Errors   int          `xml:"errors,attr"`
	Suites   []junitSuite `xml:"testsuite"`
}

type junitSuite struct {
	Name       string          `xml:"name,attr"`
	Tests      int             `xml:"tests,attr"`
	Failures   int             `xml:"failures,attr"`
	Errors     int             `xml:"errors,attr"`
	Skipped    int             `xml:"skipped,attr"`
	Time       string          `xml:"time,attr"`
	Properties []junitProperty `xml:"properties>property"`
	Cases      []junitCase     `xml:"testcase"`
}

type junitProperty struct {
	Name  string `xml:"name,attr"`
	Value string `xml:"value,attr"`
}

type junitCase struct {
	Name      string        `xml:"name,attr"`
	ClassName string        `xml:"classname,attr"`
	Time      string        `xml:"time,attr"`
	Failure   *junitProblem `xml:"failure,omitempty"`
	Error     *junitProblem `xml:"error,omitempty"`
	Skipped   *junitProblem `xml:"skipped,omitempty"`
}

type junitProblem struct {
	Message string `xml:"message,attr"`
	Text    string `xml:",chardata"`
}

// writeJUnit writes a suite for each submission, and a case for each check.
func writeJUnit(w io.Writer, c Class, _ Options) error {
	l := language(c.Language)
	all := junitSuites{Name: "espgen"}
	for _, r := range c.Results {
		s := l.suite(r.ForStudent(c.Language))
		all.Tests += s.Tests
		all.Failures += s.Failures
		all.Errors += s.Errors
		all.Suites = append(all.Suites, s)
	}
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return err
	}
	out := xml.NewEncoder(w)
	out.Indent("", "  ")
	if err := out.Encode(all); err != nil {
		return err
	}
	_, err := io.WriteString(w, "\n")
	return err
}

func (l language) suite(r Result) junitSuite {
	var names []string
	for _, part := range []string{r.Exercise, r.Student} {
		if part != "" {
			names = append(names, strings.ReplaceAll(part, ".", "_")) // a dot divides names of classes
		}
	}
	class := strings.Join(names, ".")
	if class == "" {
		class = "espgen"
	}
	s := junitSuite{Name: class, Time: seconds(r.Time.Build + r.Time.Run), Properties: []junitProperty{
		{"submission", r.Submission}, {"state", string(r.State)}, {"score", number(r.Points())}, {"max_score", number(r.MaxScore)},
	}}
	// What is of the whole is a case, too: without one, a submission that does not compile would pass.
	whole := junitCase{Name: l.say("whole"), ClassName: class, Time: seconds(r.Time.Build)}
	switch r.State {
	case NotGradable:
		whole.Failure = &junitProblem{l.say("not-gradable"), l.whole(r)}
	case NotGraded:
		whole.Error = &junitProblem{l.say("not-graded"), l.whole(r)}
	case Graded:
	}
	s.Cases = append(s.Cases, whole)
	for _, c := range r.Checks {
		one := junitCase{Name: c.Name, ClassName: class, Time: seconds(c.Seconds)}
		switch c.Status {
		case check.Failed:
			one.Failure = &junitProblem{firstLine(c.Came.In(string(l))), l.lines(c)}
		case check.NotReached:
			one.Skipped = &junitProblem{l.say("not-reached"), l.lines(c)}
		case check.Passed:
		}
		s.Cases = append(s.Cases, one)
	}
	for _, one := range s.Cases {
		s.Tests++
		switch {
		case one.Failure != nil:
			s.Failures++
		case one.Error != nil:
			s.Errors++
		case one.Skipped != nil:
			s.Skipped++
		}
	}
	return s
}

func seconds(s float64) string { return fmt.Sprintf("%.3f", s) }
