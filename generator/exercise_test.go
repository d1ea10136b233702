package generator_test

import (
	"errors"
	"io/fs"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/espgen/espgen/exercise"
	"github.com/espgen/espgen/generator"
	"github.com/espgen/espgen/generator/spec"
	"github.com/espgen/espgen/templates"
)

const markedRole = `title: X
summary: x
params:
  x.text: {type: string, default: plain, summary: a text}
  x.more: {type: boolean, default: false, summary: more}
styles: {s: {include: [project], guide: "7"}}
`

const markedTemplate = `//@step only
//@title en: The only one
//@guide {{.guide}}
//@calls send
// Solves it.
send({{cquote .x.text}});
{{- if .x.more}}
more();
{{- end}}
//@stub
// TODO(only): send {{cquote .x.text}}.
//@mutant twice
//@title en: Sends it twice
send({{cquote .x.text}} {{cquote .x.text}});
//@end
`

// renderMarked renders a role with a marked template.
func renderMarked(t *testing.T, template string, s spec.Spec) ([]generator.File, error) {
	t.Helper()
	fsys := overlay(t, map[string]string{
		"roles/x/role.yaml": markedRole, "roles/x/s/main/main.c.tmpl": template, "roles/x/s/notes.txt.tmpl": "{{.x.text}}\n",
		"roles/x/zh.yaml": "- en: 'TODO(only): send {{cquote .x.text}}.'\n  zh: 'TODO(only)：发送 {{cquote .x.text}}。'\n- {en: Solves it., zh: 解答。}\n",
	})
	s.Role, s.WiFi.SSID = "x", "x"
	return generator.Render(fsys, &s)
}

func fileOf(t *testing.T, files []generator.File, path string) generator.File {
	t.Helper()
	i := slices.IndexFunc(files, func(f generator.File) bool { return f.Path == path })
	if i < 0 {
		t.Fatalf("there is no %s", path)
	}
	return files[i]
}

// TestMarked wants markers to be in no file's Data, and the spec's values and the
// other language in stubs and mutants.
func TestMarked(t *testing.T) {
	for comments, want := range map[string][3]string{
		"en": {"// Solves it.\nsend(\"a b\");\nmore();\n", "// TODO(only): send \"a b\".\n", "send(\"a b\" \"a b\");\n"},
		"zh": {"// 解答。\nsend(\"a b\");\nmore();\n", "// TODO(only)：发送 \"a b\"。\n", "send(\"a b\" \"a b\");\n"},
	} {
		files, err := renderMarked(t, markedTemplate, spec.Spec{Comments: &comments, Own: map[string]any{"x.text": "a b", "x.more": true}})
		if err != nil {
			t.Fatal(err)
		}
		main := fileOf(t, files, "main/main.c")
		source, err := generator.Exercise(files)
		if err != nil {
			t.Fatal(err)
		}
		handOut, err := generator.HandOut(files, []string{"only"})
		if err != nil {
			t.Fatal(err)
		}
		mutant, err := source.Mutant("only", "twice")
		if err != nil {
			t.Fatal(err)
		}
		got := [3]string{string(main.Data), string(fileOf(t, handOut, "main/main.c").Data), string(mutant["main/main.c"])}
		if got != want {
			t.Errorf("%s: got %q, want %q", comments, got, want)
		}
		if steps := source.Steps(); len(steps) != 1 || steps[0].Guide != "7" {
			t.Errorf("%+v", steps)
		}
		for i, f := range handOut {
			if f.Marked != nil {
				t.Errorf("%s of the hand-out has its markers", f.Path)
			}
			if f.Path != "main/main.c" && string(f.Data) != string(files[i].Data) {
				t.Errorf("%s of the hand-out differs", f.Path)
			}
		}
		if string(fileOf(t, files, "main/main.c").Data) != want[0] {
			t.Error("the hand-out has changed what it was made from")
		}
		if _, err := generator.HandOut(files, []string{"other"}); err == nil {
			t.Error("a step that there is not is no error")
		}
	}
}

// TestValuesAreNoMarkers gives values that look like markers: a file whose
// template has none is not looked at.
func TestValuesAreNoMarkers(t *testing.T) {
	files, err := renderMarked(t, markedTemplate, spec.Spec{Own: map[string]any{"x.text": "#@step oh"}})
	if err != nil {
		t.Fatal(err)
	}
	if notes := fileOf(t, files, "notes.txt"); string(notes.Data) != "#@step oh\n" || notes.Marked != nil {
		t.Errorf("%q, %q", notes.Data, notes.Marked)
	}
}

// TestMarkerFaults wants faults of markers to be told with the line of the
// template: those of a template alone, and those of a project.
func TestMarkerFaults(t *testing.T) {
	role, err := generator.LoadRole(overlay(t, map[string]string{"roles/x/role.yaml": markedRole}), "x")
	if err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct{ template, malformed, rendered, steps string }{
		"right": {template: markedTemplate},
		"no end": {
			template:  "int x;\n//@step a\n//@title en: A\nf();\n//@stub\n// {{.x.text}}\n",
			malformed: `templates/roles/x/s/main/main.c.tmpl:2:1: the step "a" does not end: write //@end behind its stub`,
			rendered:  `templates/roles/x/s/main/main.c.tmpl:2:1: the step "a" does not end: write //@end behind its stub`,
		},
		"in two branches": {
			template:  "{{if .x.more}}\n//@step a\n//@title en: A\nf();\n{{else}}\n//@step a\n//@title en: A\ng();\n{{end}}\n//@stub\n// {{.x.text}}\n//@end\n",
			malformed: `templates/roles/x/s/main/main.c.tmpl:6:1: the step "a" begins within the step "a" of line 2: end the other step before: //@end`,
		},
		"in half a branch": {
			template: "//@step a\n//@title en: A\nf();\n{{if .x.more}}\n//@stub\n{{end}}\n// {{.x.text}}\n//@end\n",
			rendered: `templates/roles/x/s/main/main.c.tmpl:1:1: the step "a" has no stub: write //@stub, and what a hand-out has in place of the solution, before //@end`,
		},
		"no title": {
			template: "{{.x.text}}\n  //@step a\nf();\n//@stub\n// {{.x.more}}\n//@end\n",
			steps:    `templates/roles/x/s/main/main.c.tmpl:2:3: the step "a" has no title: write //@title en: TEXT below it`,
		},
	} {
		fsys := overlay(t, map[string]string{"roles/x/role.yaml": markedRole, "roles/x/s/main/main.c.tmpl": test.template})
		check := func(kind string, faults []*generator.TemplateError, want string) {
			t.Helper()
			var got []string
			for _, f := range faults {
				got = append(got, f.Place()+": "+f.Err.Error())
			}
			if strings.Join(got, "\n") != want {
				t.Errorf("%s, %s: got %q, want %q", name, kind, got, want)
			}
		}
		check("malformed", generator.MarkerFaults(fsys, "roles/x"), test.malformed)
		files, err := generator.Render(fsys, &spec.Spec{Role: "x", WiFi: spec.WiFi{SSID: "x"}})
		var rendered []*generator.TemplateError
		if fault, ok := errors.AsType[*generator.TemplateError](err); ok {
			rendered = append(rendered, fault)
		} else if err != nil {
			t.Fatal(err)
		}
		check("rendered", rendered, test.rendered)
		check("steps", generator.StepFaults(fsys, role, "s", files), test.steps)
	}
}

// TestBuiltInSteps wants every step and mutant of espgen's own roles to have its
// titles in both languages, its section and its calls, and stubs that say what
// is wanted.
func TestBuiltInSteps(t *testing.T) {
	docs, err := os.ReadFile("../docs/exercises.md")
	if err != nil {
		t.Fatal(err)
	}
	marked := map[string]bool{}
	for _, name := range specNames(t) {
		checked := loadSpec(t, name)
		files, err := generator.Render(templates.FS, checked)
		if err != nil {
			t.Fatal(err)
		}
		source, err := generator.Exercise(files)
		if err != nil {
			t.Fatal(err)
		}
		for _, step := range source.Steps() {
			marked[checked.Role+" "+*checked.Style] = true
			_, row, _ := strings.Cut(string(docs), "| "+checked.Role+", "+*checked.Style+" | ")
			row, _, _ = strings.Cut(row, "\n")
			if !regexp.MustCompile(`(^|\W)` + step.Name + `($|\W)`).MatchString(row) {
				t.Errorf("%s is not in docs/exercises.md", step.Name)
			}
			at := name + ": " + step.Name
			if step.Title["en"] == "" || step.Title["zh"] == "" || len(step.Calls) == 0 || step.Guide == "" && *checked.Style == "guide" {
				t.Errorf("%s: %+v", at, step)
			}
			if len(step.Mutants) == 0 || len(step.Mutants) > 3 {
				t.Errorf("%s has %d mutants", at, len(step.Mutants))
			}
			for _, m := range step.Mutants {
				if m.Title["en"] == "" || m.Title["zh"] == "" {
					t.Errorf("%s: %+v", at, m)
				}
			}
			texts, err := source.HandOut([]string{step.Name})
			if err != nil {
				t.Fatal(err)
			}
			for _, place := range step.Places {
				if !strings.Contains(string(texts[place.File]), "TODO("+step.Name+")") {
					t.Errorf("%s: the hand-out's %s has no TODO(%s)", at, place.File, step.Name)
				}
				for _, cut := range source.Cut([]string{step.Name}) {
					if text := strings.Join(cut.Lines, "\n"); strings.Contains(string(texts[cut.File]), text) {
						t.Errorf("%s: the hand-out has the solution of line %d", at, cut.Line)
					}
				}
			}
			task, err := source.README(exercise.Task{Language: *checked.Comments, Title: "x", Blank: []string{step.Name}})
			if err != nil || strings.Contains(string(task), "TODO(") && !strings.Contains(string(task), "### 1. ") {
				t.Errorf("%s: %v\n%s", at, err, task)
			}
		}
	}
	roles, err := generator.RoleNames(templates.FS)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range roles {
		role, err := generator.LoadRole(templates.FS, name)
		if err != nil {
			t.Fatal(err)
		}
		for _, style := range role.StyleNames() {
			if !marked[name+" "+style] {
				t.Errorf("the style %s of %s has no steps", style, name)
			}
		}
		if faults := generator.MarkerFaults(templates.FS, "roles/"+name); len(faults) > 0 {
			t.Error(faults)
		}
	}
	parts, _ := fs.Glob(templates.FS, "parts/*")
	for _, part := range parts {
		if faults := generator.MarkerFaults(templates.FS, part); len(faults) > 0 {
			t.Error(faults)
		}
	}
}
