package report

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"gopkg.in/yaml.v3"

	"github.com/espgen/espgen/check"
)

// evil is what a submission can bring into a report.
const evil = "a\x1b[2J\x1b]0;x\a\x00\xff\xc3<script>alert(1)</script>]]>&amp;\u202e\u2028\r\"'{{.}}\n=cmd|' /C calc'!A0"

func both(text string) check.Text { return check.Text{"en": text, "zh": "中文 " + text} }

func failed(name, text string) Check {
	return Check{
		Name: name, Title: both("The " + name), Status: check.Failed, Max: 2.5, Guide: "2.2.6", Hint: both("Read on"), Did: both("sent " + text), Expected: both("expected " + text),
		Came: both("came " + text), Findings: []string{text}, Limit: text, Replay: "espgen grade . --only " + name + " --seed 7", Seconds: 1.5,
		Timeline: []Line{{3, check.Peer, "connects " + text}, {5, check.Device, "accepts " + text}},
	}
}

// sample is a class with a result of each kind, in which each text that a
// submission decides is text.
func sample(text string) Class {
	hidden := failed("secret-check", "the hidden value")
	hidden.Hidden = true
	checks := []Check{
		{Name: "listen", Title: both("It listens"), Status: check.Passed, Score: 1, Max: 1, Seconds: 0.25},
		failed("echo", text),
		hidden,
		{Name: "close", Title: both("It closes"), Status: check.NotReached, Max: 1, Because: "secret-check"},
	}
	return Class{
		Version: Version, Course: both("Sockets"), Language: "en", Run: "r1", Shards: []Shard{{1, 2}},
		Exercises: []Exercise{{Name: "server", Title: both("A server"), Due: "Friday", MaxScore: 7, Students: []string{"s1", "s2", "s3", "s4", "=s5"}}},
		Results: []Result{
			{Submission: "x/" + text, Student: "s1", Exercise: "server", State: Graded, Score: 1, MaxScore: 7, Late: true, Restored: []string{text}, Notes: []string{text}, Attempts: []string{text}, Checks: checks, Time: Time{1, 2, 0.5}},
			{Submission: "y", Student: "s2", Exercise: "server", State: NotGradable, Why: "it does not compile " + text, MaxScore: 7, Diagnostics: []Diagnostic{
				{File: "main/tcp_server.c", Line: 12, Column: 5, Severity: "error", Message: text, Source: "int x" + text, Help: both("a semicolon is missing")}, {Severity: "warning", Message: "w"},
			}},
			{Submission: "z", Student: "s3", Exercise: "server", State: Graded, Score: 7, MaxScore: 7, Adjustment: &Adjustment{5.5, text}},
			{Submission: "again", Student: "s1", Exercise: "server", State: Graded, Score: 0.5, MaxScore: 7},
			{Submission: "who", State: NotGraded, Why: "nobody knows whose it is", Exercise: "server", MaxScore: 7},
		},
	}
}

func only(c Class, i int) Class {
	c.Results = []Result{c.Results[i]}
	return c
}

var environment = map[string]string{"CLASSROOM": "c", "ASSIGNMENT": "a", "SUBMISSION_TAG": "submit/1", "COMMIT_URL": "https://example.org/c", "RELEASE_URL": "https://example.org/r"}

func written(t *testing.T, format string, c Class) string {
	t.Helper()
	f, ok := Find(format)
	if !ok {
		t.Fatal("no format " + format)
	}
	var b bytes.Buffer
	o := Options{Version: "1.2.3", Now: time.Date(2026, 5, 4, 3, 2, 1, 0, time.FixedZone("", 3600)), Getenv: func(name string) string { return environment[name] }}
	if err := f.Write(&b, c, o); err != nil {
		t.Fatal(format, err)
	}
	return b.String()
}

func schema(t *testing.T, file string) *jsonschema.Schema {
	t.Helper()
	s, err := jsonschema.NewCompiler().Compile(file)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestFormatsAreAsTheirDescriptions holds each format to what describes it, for
// each kind of result and for texts that nobody should trust.
func TestFormatsAreAsTheirDescriptions(t *testing.T) {
	for _, text := range []string{"plain", evil} {
		for _, lang := range []string{"en", "zh"} {
			all := sample(text)
			all.Language = lang
			checkJSON(t, "results.schema.json", written(t, "json", all))
			checkJUnit(t, written(t, "junit", all))
			for i := range all.Results {
				for _, format := range []string{"gradescope", "prairielearn", "classroom50", "check50"} {
					checkJSON(t, "testdata/"+format+".schema.json", written(t, format, only(all, i)))
				}
			}
		}
	}
}

func checkJSON(t *testing.T, file, text string) {
	t.Helper()
	v, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
	if err == nil {
		err = schema(t, file).Validate(v)
	}
	if err != nil {
		t.Errorf("%s: %v\n%s", file, err, text)
	}
}

func checkJUnit(t *testing.T, text string) {
	t.Helper()
	var elements map[string]struct {
		Must, May, Holds []string
		Text             bool
	}
	data, err := os.ReadFile("testdata/junit.yaml")
	if err == nil {
		err = yaml.Unmarshal(data, &elements)
	}
	if err != nil {
		t.Fatal(err)
	}
	in := xml.NewDecoder(strings.NewReader(text))
	parents := []string{""}
	for {
		token, err := in.Token()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			t.Fatalf("%v in\n%s", err, text)
		}
		parent := parents[len(parents)-1]
		switch token := token.(type) {
		case xml.StartElement:
			name := token.Name.Local
			e, ok := elements[name]
			if !ok || parent != "" && !slices.Contains(elements[parent].Holds, name) || parent == "" && name != "testsuites" {
				t.Errorf("%s in %q", name, parent)
			}
			var given []string
			for _, a := range token.Attr {
				given = append(given, a.Name.Local)
				if !slices.Contains(append(e.Must, e.May...), a.Name.Local) {
					t.Errorf("%s has %s", name, a.Name.Local)
				}
			}
			for _, must := range e.Must {
				if !slices.Contains(given, must) {
					t.Errorf("%s has no %s", name, must)
				}
			}
			parents = append(parents, name)
		case xml.EndElement:
			parents = parents[:len(parents)-1]
		case xml.CharData:
			if strings.TrimSpace(string(token)) != "" && !elements[parent].Text {
				t.Errorf("text in %s: %s", parent, token)
			}
		}
	}
}

func TestDescriptionsRefuseOtherThings(t *testing.T) {
	for file, text := range map[string]string{
		"results.schema.json":               `{"version": 2, "language": "en", "exercises": [], "results": []}`,
		"testdata/gradescope.schema.json":   `{"score": 1, "visibility": "secret"}`,
		"testdata/prairielearn.schema.json": `{"gradable": true}`,
		"testdata/classroom50.schema.json":  strings.Replace(written(t, "classroom50", only(sample("x"), 0)), `"score": 2`, `"score": 2.5`, 1),
		"testdata/check50.schema.json":      `{"slug": "x", "version": "1", "results": [{"name": "x"}]}`,
	} {
		v, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		if schema(t, file).Validate(v) == nil {
			t.Errorf("%s takes %s", file, text)
		}
	}
}

// TestNoTextBreaksOut: no format has a character that a terminal or a reader
// obeys, whatever a submission holds.
func TestNoTextBreaksOut(t *testing.T) {
	all := sample(evil)
	var texts []string
	for _, f := range Formats() {
		if !f.Single {
			texts = append(texts, written(t, f.Name, all))
		}
		for i := range all.Results {
			texts = append(texts, written(t, f.Name, only(all, i)))
		}
	}
	for _, text := range texts {
		if !utf8.ValidString(text) {
			t.Errorf("not UTF-8:\n%q", text)
		}
		if i := strings.IndexFunc(text, func(r rune) bool {
			return r < ' ' && r != '\n' && r != '\t' || r == '\u202e' || r == '\u2028' || r == 0x7f
		}); i >= 0 {
			t.Errorf("%q in\n%s", text[i:i+1], text)
		}
	}
	page := written(t, "html", all)
	if tag := regexp.MustCompile(`(?i)<(script|iframe|img|link|object|form)\b`).FindString(page); tag != "" {
		t.Errorf("the page has %s", tag)
	}
	if strings.Contains(page, "ZgotmplZ") {
		t.Error("the page has a value that its place does not take")
	}
}

func TestColours(t *testing.T) {
	f, _ := Find("text")
	var b bytes.Buffer
	if err := f.Write(&b, only(sample(evil), 0), Options{Colour: true}); err != nil {
		t.Fatal(err)
	}
	if rest := regexp.MustCompile(`\x1b\[[0-9;]*m`).ReplaceAllString(b.String(), ""); !strings.Contains(b.String(), "\x1b[31m") || strings.Contains(rest, "\x1b") {
		t.Errorf("%q", b.String())
	}
}

// TestHiddenChecks: no format that a student sees names one, or what it did.
func TestHiddenChecks(t *testing.T) {
	one := only(sample("x"), 0)
	for _, f := range Formats() {
		text := written(t, f.Name, one)
		if strings.Contains(text, "the hidden value") != (f.Name == "json") { // what is kept for the instructor
			t.Errorf("%s tells what a hidden check does, or not:\n%s", f.Name, text)
		}
		named := f.Name == "json" || f.Name == "gradescope" // there it is invisible to students
		if strings.Contains(text, "secret-check") != named {
			t.Errorf("%s names a hidden check, or not:\n%s", f.Name, text)
		}
	}
	if text := written(t, "text", one); !strings.Contains(text, "hidden check 1") || !strings.Contains(text, "needs hidden check 1") {
		t.Error(text)
	}
	var g gradescope
	if err := json.Unmarshal([]byte(written(t, "gradescope", one)), &g); err != nil || g.Tests[2].Visibility != "hidden" || g.Tests[1].Visibility != "visible" {
		t.Errorf("%v %+v", err, g)
	}
}

func TestClassCSV(t *testing.T) {
	rows, err := csv.NewReader(strings.NewReader(written(t, "csv", sample(evil)))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	want := [][]string{
		{"Student", "ID", "SIS User ID", "SIS Login ID", "Section", "server"},
		{"'=s5", "", "'=s5", "'=s5", "", ""},
		{"s1", "", "s1", "s1", "", "1"},
		{"s2", "", "s2", "s2", "", ""},
		{"s3", "", "s3", "s3", "", "5.5"},
		{"s4", "", "s4", "s4", "", ""},
	}
	if !reflect.DeepEqual(rows, want) {
		t.Errorf("%q", rows)
	}
}

func TestSummary(t *testing.T) {
	s := sample("x").Summaries()[0]
	got := fmt.Sprintf("%d %d %d %d mean %v median %v %v", s.Graded, s.NotGradable, s.NotGraded, s.Missing, s.Mean, s.Median, s.Bins)
	if want := "2 1 1 2 mean 3.25 median 3.25 [0 1 0 0 0 0 0 1 0 0]"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if len(s.Failed) != 3 || s.Failed[0].Name != "close" || s.Failed[0].Count != 1 || s.Failed[0].Of != 1 {
		t.Errorf("%+v", s.Failed)
	}
}

func TestPrairieLearnIsSmall(t *testing.T) {
	c := only(sample("x"), 0)
	for range 500 {
		c.Results[0].Checks = append(c.Results[0].Checks, failed("more", strings.Repeat("\"<&", 5000)))
	}
	text := written(t, "prairielearn", c)
	if len(text) > maxPrairieLearn || strings.Count(text, `"name"`) != 504 {
		t.Errorf("%d bytes, %d tests", len(text), strings.Count(text, `"name"`))
	}
}

func TestClassroom50(t *testing.T) {
	var r classroom50
	if err := json.Unmarshal([]byte(written(t, "classroom50", only(sample("x"), 0))), &r); err != nil {
		t.Fatal(err)
	}
	if r.Score != 2 || r.MaxScore != 14 || r.DateTime != "2026-05-04T02:02:01Z" || r.Review != r.Commit { // 2.5 points, twice
		t.Errorf("%+v", r)
	}
	f, _ := Find("classroom50")
	err := f.Write(io.Discard, only(sample("x"), 0), Options{Getenv: func(string) string { return "" }})
	if err == nil || !strings.Contains(err.Error(), "lacks CLASSROOM, ASSIGNMENT, SUBMISSION_TAG, COMMIT_URL, RELEASE_URL") {
		t.Error(err)
	}
}

func TestSingleFormats(t *testing.T) {
	for _, f := range Formats() {
		if err := f.Write(io.Discard, sample("x"), Options{Getenv: func(string) string { return "x" }}); (err != nil) != f.Single {
			t.Errorf("%s: %v", f.Name, err)
		}
	}
}

func TestReadingBack(t *testing.T) {
	c := sample("x")
	c.Sort()
	back, err := Read("r.json", []byte(written(t, "json", c)))
	if err != nil || !reflect.DeepEqual(back, c) {
		t.Errorf("%v\n%+v\n%+v", err, back, c)
	}
	for text, want := range map[string]string{"{": "r.json: these are no results of", `{"version": 9}`: "r.json: the version of the results is 9"} {
		if _, err := Read("r.json", []byte(text)); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Error(err)
		}
	}
}

// TestMessages: each is in both languages, with the same values, and is used.
func TestMessages(t *testing.T) {
	values := regexp.MustCompile(`%.`)
	var code strings.Builder
	for _, name := range []string{"check50.go", "classroom50.go", "gradescope.go", "html.go", "junit.go", "messages.go", "prairielearn.go", "report.go", "report.html", "student.go", "text.go"} {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		code.Write(data)
	}
	for key, text := range messages() {
		if len(text) != 2 || text["en"] == "" || text["zh"] == "" || !reflect.DeepEqual(values.FindAllString(text["en"], -1), values.FindAllString(text["zh"], -1)) {
			t.Errorf("%s: %q", key, text)
		}
		if !strings.Contains(code.String(), `"`+key+`"`) {
			t.Errorf("%s is not used", key)
		}
	}
}

func TestPrintable(t *testing.T) {
	for text, want := range map[string]string{
		"plain\n\ttext": "plain\n\ttext", "中文　é\u00a0": "中文　é\u00a0", "\x1b[1m": `\x1b[1m`, "\xff\xfe": `\xff\xfe`, "\ufffd": "\ufffd", "\u202e": `\u202e`, "a\r\nb": "a\\x0d\nb",
	} {
		if got := Printable(text); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
	if got := Printable(strings.Repeat("é", longest)); len(got) > longest+4 || !utf8.ValidString(got) {
		t.Errorf("%d bytes", len(got))
	}
}
