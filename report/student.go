package report

import (
	"fmt"
	"strings"

	"github.com/espgen/espgen/check"
)

// ForStudent returns a result as its student may see it: hidden checks have a
// number for a name, and tell nothing but whether they have passed. What of the
// expected data is shown was decided when it was graded.
func (r Result) ForStudent(lang string) Result {
	checks := make([]Check, len(r.Checks))
	names := map[string]string{}
	for i, c := range r.Checks {
		checks[i] = c
		if c.Hidden {
			name := language(lang).say("hidden", len(names)+1)
			names[c.Name] = name
			checks[i] = Check{Name: name, Status: c.Status, Score: c.Score, Max: c.Max, Hidden: true, Seconds: c.Seconds}
		}
	}
	for i := range checks {
		if hidden, ok := names[checks[i].Because]; ok {
			checks[i].Because = hidden
		}
	}
	r.Checks = checks
	return r
}

// explain tells in lines what became of a check that has not passed.
func (l language) explain(c Check) []labelled {
	var list []labelled
	add := func(key, text string) {
		if text != "" {
			list = append(list, labelled{l.say(key), text})
		}
	}
	if c.Status == check.NotReached {
		if c.Because != "" {
			add("not-reached", l.say("because", c.Because))
		}
		return list
	}
	add("did", c.Did.In(string(l)))
	add("expected", c.Expected.In(string(l)))
	add("came", c.Came.In(string(l)))
	add("limit", c.Limit)
	add("found", strings.Join(c.Findings, "\n"))
	add("read", l.reading(c))
	add("replay", c.Replay)
	return list
}

// reading says where to look.
func (l language) reading(c Check) string {
	hint := c.Hint.In(string(l))
	switch {
	case c.Guide == "":
		return hint
	case hint == "":
		return l.say("section", c.Guide)
	}
	return l.say("section", c.Guide) + ": " + hint
}

// A labelled is a text with what it is.
type labelled struct{ Label, Text string }

// lines writes what became of a check as plain text.
func (l language) lines(c Check) string {
	var b strings.Builder
	for _, part := range l.explain(c) {
		fmt.Fprintf(&b, "%s: %s\n", part.Label, part.Text)
	}
	if !c.passed() {
		b.WriteString(l.timeline(c.Timeline))
	}
	return b.String()
}

// about tells what is to be known of a whole submission.
func (l language) about(r Result) []labelled {
	var list []labelled
	add := func(key string, texts ...string) {
		for _, text := range texts {
			list = append(list, labelled{l.say(key), text})
		}
	}
	if r.Late {
		list = append(list, labelled{l.say("note"), l.say("late")})
	}
	add("restored", r.Restored...)
	add("note", r.Notes...)
	add("attempted", r.Attempts...)
	if a := r.Adjustment; a != nil {
		text := l.say("adjusted", number(a.Points), number(r.Score))
		if a.Reason != "" {
			text += ": " + a.Reason
		}
		add("note", text)
	}
	return list
}

// diagnostics writes what the compiler said as plain text.
func (l language) diagnostics(list []Diagnostic) string {
	var b strings.Builder
	for _, d := range list {
		if place := d.place(); place != "" {
			b.WriteString(place + ": ")
		}
		fmt.Fprintf(&b, "%s: %s\n", d.Severity, d.Message)
		if d.Source != "" {
			fmt.Fprintf(&b, "    %s\n", strings.TrimSpace(d.Source))
		}
		if help := d.Help.In(string(l)); help != "" {
			fmt.Fprintf(&b, "    %s\n", strings.ReplaceAll(help, "\n", "\n    "))
		}
	}
	return b.String()
}

// place is where a diagnostic is, as compilers write it.
func (d Diagnostic) place() string {
	switch {
	case d.File == "" || d.Line == 0:
		return d.File
	case d.Column == 0:
		return fmt.Sprintf("%s:%d", d.File, d.Line)
	}
	return fmt.Sprintf("%s:%d:%d", d.File, d.Line, d.Column)
}

// whole is all that is to be said of a submission, but for its checks.
func (l language) whole(r Result) string {
	var b strings.Builder
	switch r.State {
	case NotGradable:
		fmt.Fprintf(&b, "%s\n", l.say("not-gradable-why"))
	case NotGraded:
		fmt.Fprintf(&b, "%s\n", l.say("not-graded-why"))
	case Graded:
	}
	if r.Why != "" {
		fmt.Fprintf(&b, "%s\n", r.Why)
	}
	for _, part := range l.about(r) {
		fmt.Fprintf(&b, "%s: %s\n", part.Label, part.Text)
	}
	if len(r.Diagnostics) > 0 {
		fmt.Fprintf(&b, "%s:\n%s", l.say("compiler"), l.diagnostics(r.Diagnostics))
	}
	return b.String()
}
