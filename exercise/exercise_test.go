package exercise

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// sample has a step with two places and one with two mutants.
const sample = `#include <x.h>

//@step close
//@title en: Close the socket
//@title zh: 关闭套接字
//@guide 2.2.6
//@calls close, shutdown()
static void end(int s)
{
    close(s);
}
//@stub
// TODO(close): write end().
//@mutant leaks
//@title en: Does not close
static void end(int s)
{
    (void)s;
}
//@end

int main(void)
{
    //@step bind
    //@title en: Bind
    //@guide 2.2.3
    int err = bind(1);
    //@stub
    // TODO(bind)
    int err = 0;
    //@mutant no-htons
    //@title en: Forgets htons()
    int err = bind(2);
    //@mutant other
    //@title zh: 别的
    int err = bind(3);
    //@end
    //@step close
    end(err);
    //@stub
    (void)err;
    //@end
}
`

const solved = `#include <x.h>

static void end(int s)
{
    close(s);
}

int main(void)
{
    int err = bind(1);
    end(err);
}
`

func parse(t *testing.T, files map[string]string) *Source {
	t.Helper()
	s, issues := Parse(bytesOf(files))
	for _, i := range issues {
		t.Error(i)
	}
	if s == nil {
		t.FailNow()
	}
	return s
}

func bytesOf(files map[string]string) map[string][]byte {
	all := map[string][]byte{}
	for name, text := range files {
		all[name] = []byte(text)
	}
	return all
}

func TestSteps(t *testing.T) {
	s := parse(t, map[string]string{"main/main.c": sample, "main/other.c": "int x;\n"})
	steps := s.Steps()
	if len(steps) != 2 || steps[0].Name != "bind" || steps[1].Name != "close" {
		t.Fatalf("steps in another order than their sections': %+v", steps)
	}
	closing := steps[1]
	if closing.Title.In("zh") != "关闭套接字" || closing.Title.In("fr") != "Close the socket" || closing.Guide != "2.2.6" {
		t.Errorf("%+v", closing)
	}
	if !slices.Equal(closing.Calls, []string{"close", "shutdown"}) {
		t.Errorf("calls: %q", closing.Calls)
	}
	if want := []Place{{"main/main.c", 3}, {"main/main.c", 38}}; !slices.Equal(closing.Places, want) {
		t.Errorf("places: %v, want %v", closing.Places, want)
	}
	if m := steps[0].Mutants; len(m) != 2 || m[0].Name != "no-htons" || m[1].Title.In("en") != "别的" {
		t.Errorf("mutants: %+v", m)
	}
}

func TestVersions(t *testing.T) {
	for _, ending := range []string{"\n", "\r\n"} {
		text := func(s string) string { return strings.ReplaceAll(s, "\n", ending) }
		s := parse(t, map[string]string{"main.c": text(sample), "CMakeLists.txt": "project(x)\n"})
		check := func(what string, files map[string][]byte, err error, want string) {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
			if len(files) != 1 || string(files["main.c"]) != text(want) {
				t.Errorf("%s: %q, want %q", what, files, text(want))
			}
		}
		check("solution", s.Solution(), nil, solved)
		if alone, issues := Solve("main.c", []byte(text(sample))); len(issues) > 0 || string(alone) != text(solved) {
			t.Errorf("Solve: %q, %v", alone, issues)
		}
		none, err := s.HandOut(nil)
		check("nothing blank", none, err, solved)
		bind, err := s.HandOut([]string{"bind"})
		check("bind blank", bind, err, strings.Replace(solved, "    int err = bind(1);\n", "    // TODO(bind)\n    int err = 0;\n", 1))
		both, err := s.HandOut([]string{"close"})
		check("two places blank", both, err, "#include <x.h>\n\n// TODO(close): write end().\n\nint main(void)\n{\n    int err = bind(1);\n    (void)err;\n}\n")
		mutant, err := s.Mutant("close", "leaks")
		check("a mutant of one of two places", mutant, err, strings.Replace(solved, "    close(s);", "    (void)s;", 1))
	}
}

func TestCut(t *testing.T) {
	s := parse(t, map[string]string{"b.c": strings.ReplaceAll(sample, "\n", "\r\n"), "a.c": "//@step bind\nx();\n//@stub\n//@end"})
	got := fmt.Sprintf("%+v", s.Cut([]string{"close", "nothing"}))
	if want := `[{Step:close File:b.c Line:3 Lines:[static void end(int s) {     close(s); }]} {Step:close File:b.c Line:11 Lines:[    end(err);]}]`; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	if got := s.Cut([]string{"bind"}); len(got) != 2 || got[0].File != "a.c" || got[0].Line != 1 || got[1].Line != 10 {
		t.Errorf("%+v", got)
	}
}

func TestUnknownNames(t *testing.T) {
	s := parse(t, map[string]string{"main.c": sample})
	_, err := s.HandOut([]string{"bind", "send", "listen"})
	if unknown, ok := err.(*UnknownError); !ok || unknown.Error() != `unknown step "send", "listen"` || unknown.Hint() != "there are bind, close" { //nolint:errorlint // as it was made
		t.Errorf("%v", err)
	}
	if _, err = s.Mutant("bind", "leaks"); err == nil || err.Error() != `unknown mutant of the step bind "leaks"` {
		t.Errorf("%v", err)
	}
	if _, err = s.Mutant("send", "leaks"); err == nil {
		t.Error("no error")
	}
}

func TestPlainComments(t *testing.T) {
	const marked = "//@step a\n//@title en: A\n    solve();\n//@stub\n    //| // TODO(a)\n    //|\n    //|     int x = 0;\n    //@end\n"
	s := parse(t, map[string]string{"main.c": marked})
	files, err := s.HandOut([]string{"a"})
	if want := "    // TODO(a)\n\n        int x = 0;\n"; err != nil || string(files["main.c"]) != want {
		t.Errorf("%q, %v, want %q", files["main.c"], err, want)
	}
	s = parse(t, map[string]string{"CMakeLists.txt": "#@step a\n#@title en: A\nf(x)\n#@stub\n#| # TODO(a)\n#@end\n"})
	if files, err = s.HandOut([]string{"a"}); err != nil || string(files["CMakeLists.txt"]) != "# TODO(a)\n" {
		t.Errorf("%q, %v", files, err)
	}
}

// TestNoMarkers has lines that look like markers and are text.
func TestNoMarkers(t *testing.T) {
	for name, text := range map[string]string{
		"in a block comment":          "/* as in\n//@step a\n*/\nint x;\n",
		"in a string":                 "char *s = \"\\\n//@step a\\\n\";\n",
		"in a string behind quotes":   "char c = '\"'; char *s = \"a\\\"\\\n//@step a\";\n",
		"in a comment that goes on":   "// a \\\n//@step a\nint x;\n",
		"behind code":                 "int x; //@step a\n",
		"another comment":             "// @step a\n/// @return a\n//! @file\n",
		"another tool's":              "//@ assert x > 0;\n",
		"another kind of file's":      "#@step a\n",
		"behind a number with quotes": "int x = 1'000; /*\n//@step a\n*/\n",
	} {
		s, issues := Parse(map[string][]byte{"main.c": []byte(text)})
		if len(issues) > 0 || len(s.Steps()) > 0 || len(s.Solution()) > 0 {
			t.Errorf("%s: %v, %v", name, s.Steps(), issues)
		}
		if alone, issues := Solve("main.c", []byte(text)); alone != nil || issues != nil {
			t.Errorf("%s: %q, %v", name, alone, issues)
		}
	}
	if s, issues := Parse(map[string][]byte{"main.cpp": []byte("auto s = R\"x(\n//@step a\n)\" \n//@step b\n)x\";\n")}); len(issues) > 0 || len(s.Steps()) > 0 {
		t.Errorf("in a raw string: %v", issues)
	}
	// What ends in its own line does not hide what follows.
	for _, before := range []string{"int x = 1; /* a */", `char *s = "/*";`, `char *s = "\\";`, `char c = '"';`, `char c = '\'';`, "// don't /*", `#error don't`, "/", `"`} {
		if s := parse(t, map[string]string{"main.c": before + "\n//@step a\n//@title en: A\nf();\n//@stub\ng();\n//@end\n"}); len(s.Steps()) != 1 {
			t.Errorf("%q hides a step", before)
		}
	}
}

func TestHasMarkers(t *testing.T) {
	for text, want := range map[string]bool{
		sample: true, solved: false, "#@step a": true, "x //@step a\n": false, "a\n\t//@end\n": true, "//@ assert\n": false, "": false,
	} {
		if got := HasMarkers([]byte(text)); got != want {
			t.Errorf("%q: %v", text, got)
		}
	}
}

func TestIssues(t *testing.T) {
	const head, tail = "//@step a\n//@title en: A\n", "f();\n//@stub\ng();\n//@end\n"
	for _, c := range []struct{ name, text, want string }{
		{"unknown", head + "//@sutb\n" + tail, `x.c:3:1: unknown marker //@sutb (the markers are //@step, //@title, //@guide, //@calls, //@stub, //@mutant, //@end)`},
		{"unknown outside", "  //@Step a\n", `x.c:1:3: unknown marker //@Step (the markers are //@step, //@title, //@guide, //@calls, //@stub, //@mutant, //@end)`},
		{"a space", head + "f();\n//@ stub\ng();\n//@end\n", `x.c:4:1: a marker has no space behind the @ (write //@stub)`},
		{"nested", head + "f();\n  //@step b\n" + tail, `x.c:4:3: the step "b" begins within the step "a" of line 1 (end the other step before: //@end)` + "\n" +
			`x.c:4:3: the step "b" has no title (write //@title en: TEXT below it)`},
		{"nested and ended", head + "f();\n//@step b\n//@title en: B\n" + tail + "//@stub\nh();\n//@end\n", `x.c:4:1: the step "b" begins within the step "a" of line 1 (end the other step before: //@end)`},
		{"unterminated", "int x;\n" + head + "f();\n//@stub\n// TODO\n", `x.c:2:1: the step "a" does not end (write //@end behind its stub)`},
		{"outside", "//@stub\n//@end\n//@guide 2\n//@mutant m\n", "x.c:1:1: //@stub stands in no step (write //@step NAME before the solution)\n" +
			"x.c:2:1: //@end stands in no step (write //@step NAME before the solution)\n" +
			"x.c:3:1: //@guide describes neither a step nor a mutant (write it directly below //@step or //@mutant)\n" +
			"x.c:4:1: //@mutant stands in no step (write //@step NAME before the solution)"},
		{"no stub", head + "f();\n//@end\n", `x.c:1:1: the step "a" has no stub (write //@stub, and what a hand-out has in place of the solution, before //@end)`},
		{"two stubs", head + "f();\n//@stub\n// 1\n//@stub\n// 2\n//@end\n", `x.c:6:1: the step "a" has two stubs here (leave one of them)`},
		{"an empty stub", head + "f();\n//@stub\n\n//@end\n", `x.c:1:1: the stub of the step "a" is empty (say in it, in a comment, what is wanted)`},
		{"no solution", head + "\n//@stub\n// 1\n//@end\n", `x.c:1:1: the step "a" has no solution (write it directly behind the markers that describe the step)`},
		{"the stub is the solution", head + "f( );\n//@stub\n  f( );\n\n//@end\n", `x.c:1:1: the stub of the step "a" is its solution (leave the solution out of the stub)`},
		{"the mutant is the solution", head + "f();\n//@stub\ng();\n//@mutant m\n//@title en: M\n f();\n//@end\n", `x.c:1:1: the mutant "m" of the step "a" is its solution (make the mistake in it)`},
		{"no title", "//@step a\n" + tail, `x.c:1:1: the step "a" has no title (write //@title en: TEXT below it)`},
		{"no title of a mutant", head + "f();\n//@stub\ng();\n//@mutant m\nh();\n//@end\n", `x.c:6:1: the mutant "m" of the step "a" has no title (write //@title en: TEXT below it)`},
		{"two titles", head + "//@title en: B\n" + tail, `x.c:3:1: a second title in the language "en" (leave one of them)`},
		{"two titles at two places", head + tail + "//@step a\n//@title en: B\n" + tail, `x.c:8:1: a second title in the language "en": it was "A" (leave one of them, at any of its places)`},
		{"two sections", head + "//@guide 1\n" + tail + "//@step a\n//@guide 2\n" + tail, `x.c:9:1: the step "a" has the sections "1" and "2" (leave one of them)`},
		{"a title without language", "//@step a\n//@title  A step\n" + tail, `x.c:1:1: the step "a" has no title (write //@title en: TEXT below it)` + "\n" +
			`x.c:2:11: the title "A step" does not begin with the code of its language (write //@title en: TEXT, or zh: TEXT)`},
		{"a late title", "//@step a\nf();\n//@title en: A\n//@stub\n// 1\n//@end\n", `x.c:1:1: the step "a" has no title (write //@title en: TEXT below it)` + "\n" +
			"x.c:3:1: //@title describes neither a step nor a mutant (write it directly below //@step or //@mutant)"},
		{"says nothing", head + "//@calls\n//@guide\n" + tail, "x.c:3:1: //@calls says nothing (write it behind the marker, or leave the marker out)"},
		{"a mutant's section", head + "f();\n//@stub\ng();\n//@mutant m\n//@title en: M\n//@guide 2\nh();\n//@end\n", "x.c:8:1: //@guide describes a step, not a mutant (write it below //@step)"},
		{"two mutants of a name", head + "f();\n//@stub\ng();\n//@mutant m\n//@title en: M\nh();\n//@mutant m\ni();\n//@end\n", `x.c:9:1: the step "a" has the mutant "m" twice here (give one of them another name)`},
		{"a bad name", "//@step Bind it\n//@title en: A\n" + tail, `x.c:1:9: //@step: "Bind it" is not a name (write a name such as send-all: lower-case letters, digits and hyphens, 40 at most)`},
		{"no name", "//@step\n//@title en: A\n" + tail, `x.c:1:8: //@step: "" is not a name (write a name such as send-all: lower-case letters, digits and hyphens, 40 at most)`},
		{"a bad call", head + "//@calls bind(sock) send\n" + tail, `x.c:3:10: "bind(sock)" is not the name of a function (write the names of functions, with spaces between)`},
		{"more behind a word", head + "f();\n//@stub now\ng();\n//@end\n", `x.c:4:9: //@stub takes no "now" (write //@stub alone on its line)`},
		{"a hidden marker", head + "f();\n//@stub\n//| //@end\n//@end\n", `x.c:1:1: a line of the step "a" hides a marker (take the | away)`},
		{"control characters", head + "//@calls \x1b[31m\n" + tail, `x.c:3:10: "\x1b[31m" is not the name of a function (write the names of functions, with spaces between)`},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, ending := range []string{"\n", "\r\n"} {
				s, issues := Parse(map[string][]byte{"x.c": []byte(strings.ReplaceAll(c.text, "\n", ending))})
				var got []string
				for _, i := range issues {
					got = append(got, fmt.Sprintf("%v (%s)", i, i.Hint))
				}
				if strings.Join(got, "\n") != c.want || s != nil {
					t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), c.want)
				}
			}
		})
	}
}

// TestAllIssues wants those of all files in one run, in their order.
func TestAllIssues(t *testing.T) {
	_, issues := Parse(bytesOf(map[string]string{"b.c": "//@stpe x\n", "a/c.h": "int x;\n//@end\n", "Kconfig": "#@foo\n"}))
	var got []string
	for _, i := range issues {
		got = append(got, fmt.Sprintf("%s:%d", i.File, i.Line))
	}
	if want := []string{"Kconfig:1", "a/c.h:2", "b.c:1"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestSections(t *testing.T) {
	want := []string{"2", "2.1", "2.2.9", "2.2.10", "3.2", "3.2, note", "10", "A.1", ""}
	for i, a := range want {
		for k, b := range want {
			got := compareSections(a, b)
			if got < 0 != (i < k) || got > 0 != (i > k) {
				t.Errorf("%q and %q: %d", a, b, got)
			}
		}
	}
}

// TestNothingForNothing wants a text without markers to cost no memory.
func TestNothingForNothing(t *testing.T) {
	text := []byte(strings.Repeat("int x = 1; // a @ and a # and a //\n", 1000))
	if n := testing.AllocsPerRun(10, func() { Solve("main/main.c", text); HasMarkers(text) }); n > 0 {
		t.Errorf("%v allocations", n)
	}
}

func FuzzParse(f *testing.F) {
	f.Add("main.c", sample)
	f.Add("main.c", strings.ReplaceAll(sample, "\n", "\r\n"))
	f.Add("main.c", "/*\n//@step a\n*/ \"\\\n//@end")
	f.Add("CMakeLists.txt", "#@step a\n#@title en: A\nf(x)\n#@stub\n#| # TODO(a)\n#@mutant b\n#@title zh: b\n#@end")
	f.Fuzz(func(t *testing.T, file, text string) {
		s, issues := Parse(map[string][]byte{file: []byte(text)})
		for _, i := range issues {
			if lines := strings.Count(text, "\n") + 1; i.Line < 1 || i.Line > lines || i.Column < 1 || i.Hint == "" || strings.Contains(i.Error(), "\n") {
				t.Errorf("%q of %d lines", i, lines)
			}
		}
		if (s == nil) != (len(issues) > 0) {
			t.Fatal(s, issues)
		}
		if s == nil {
			return
		}
		alone, ownIssues := Solve(file, []byte(text))
		solution := s.Solution()[file]
		if len(ownIssues) > 0 || string(alone) != string(solution) {
			t.Errorf("%q, %v and %q", alone, ownIssues, solution)
		}
		if again, issues := Parse(map[string][]byte{file: solution}); len(issues) > 0 || len(again.Steps()) > 0 {
			t.Errorf("the solution has markers: %v", issues)
		}
		var all []string
		for _, step := range s.Steps() {
			all = append(all, step.Name)
			for _, m := range step.Mutants {
				if files, err := s.Mutant(step.Name, m.Name); err != nil || len(files) != 1 {
					t.Error(files, err)
				}
			}
		}
		handOut, err := s.HandOut(all)
		if err != nil || len(handOut) != len(s.Solution()) {
			t.Error(handOut, err)
		}
		lines := strings.Split(string(solution), "\n")
		for _, cut := range s.Cut(all) {
			for i, line := range cut.Lines {
				if got := strings.TrimSuffix(lines[cut.Line-1+i], "\r"); got != line {
					t.Errorf("line %d is %q, and the cut says %q", cut.Line+i, got, line)
				}
			}
		}
	})
}
