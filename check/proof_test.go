//go:build linux

package check_test

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/espgen/espgen/check"
	"github.com/espgen/espgen/exercise"
	"github.com/espgen/espgen/generator"
	"github.com/espgen/espgen/hostsdk"
	"github.com/espgen/espgen/library"
)

// A sample is a project with the checks of its style.
type sample struct {
	name   string
	style  string // with its role
	files  []generator.File
	source *exercise.Source
	checks check.Checks
}

// samples finds every style that has checks, and of its specs in ../specs those
// whose projects have steps that the ones before have not.
func samples(t *testing.T) []sample {
	t.Helper()
	var list []sample
	lib := library.BuiltIn()
	roles, err := lib.Roles()
	must(t, err)
	paths, err := filepath.Glob("../specs/*.yaml")
	must(t, err)
	for _, role := range roles {
		for style := range role.Styles {
			name, text, err := lib.Checks(role.Name, style)
			if errors.Is(err, fs.ErrNotExist) {
				continue
			}
			must(t, err)
			checks, issues := check.Parse(name, text)
			for _, issue := range issues {
				t.Error(issue, issue.Hint)
			}
			seen := map[string]bool{}
			for _, p := range paths {
				s := sampleSpec(t, p, role)
				if s == nil || *s.Style != style {
					continue
				}
				files, err := lib.Render(t.Context(), role, s)
				must(t, err)
				values, err := generator.Values(s, role)
				must(t, err)
				bound, err := checks.Bind(values)
				must(t, err)
				source, err := generator.Exercise(files)
				must(t, err)
				fresh := len(seen) == 0
				seen[""] = true
				for _, step := range stepNames(source) {
					fresh = fresh || !seen[step]
					seen[step] = true
				}
				if fresh {
					list = append(list, sample{strings.TrimSuffix(filepath.Base(p), ".yaml"), role.Name + " " + style, files, source, bound})
				}
			}
		}
	}
	if len(list) < 2 {
		t.Fatalf("only %d samples", len(list))
	}
	return list
}

func stepNames(source *exercise.Source) []string {
	var list []string
	for _, s := range source.Steps() {
		list = append(list, s.Name)
	}
	return list
}

// building keeps compilers from taking all processors from programs that run.
var building sync.Mutex

func built(t *testing.T, files []generator.File) check.Program {
	t.Helper()
	building.Lock()
	defer building.Unlock()
	dir := filepath.Join(t.TempDir(), "project")
	must(t, generator.Write(t.Context(), dir, files))
	program, _, err := hostsdk.Build(t.Context(), dir, hostsdk.BuildOptions{Sanitize: true, Cache: cache})
	must(t, err)
	return check.Built(program)
}

// TestProof proves the ready-made checks: a step that is blanked fails its own,
// and every other passes or is not reached; each mutant is caught by each check
// that says so. Every step and mutant has one. That solutions pass is
// TestReadyChecks'.
func TestProof(t *testing.T) {
	t.Parallel()
	needCompiler(t)
	all := samples(t)
	known := map[string][]string{} // the steps and mutants of each style
	for _, s := range all {
		for _, step := range s.source.Steps() {
			known[s.style] = append(known[s.style], step.Name)
			for _, m := range step.Mutants {
				known[s.style] = append(known[s.style], step.Name+"/"+m.Name)
			}
		}
	}
	for _, s := range all {
		for _, c := range s.checks {
			for _, name := range slices.Concat(c.Steps, c.Catches) {
				if !slices.Contains(known[s.style], name) {
					t.Errorf("%s: the check %s is about %s, which there is not", s.style, c.Name, name)
				}
			}
		}
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			for _, step := range s.source.Steps() {
				t.Run(step.Name, func(t *testing.T) {
					t.Parallel()
					proveStep(t, s, step.Name)
				})
				for _, m := range step.Mutants {
					t.Run(step.Name+"/"+m.Name, func(t *testing.T) {
						t.Parallel()
						proveMutant(t, s, step.Name, m.Name)
					})
				}
			}
		})
	}
}

// impatience is how long a step waits of a program that is expected to fail.
const impatience = 5 * time.Second

func proveStep(t *testing.T, s sample, step string) {
	t.Helper()
	files, err := generator.HandOut(s.files, []string{step})
	must(t, err)
	failed := false
	for _, r := range check.Run(t.Context(), built(t, files), s.checks, check.Options{Parallel: 4, Patience: impatience}) {
		own := slices.Contains(s.checks.Get(r.Check).Steps, step)
		switch {
		case own && r.Status == check.Passed:
			t.Errorf("%s passes without the step", r.Check)
		case !own && r.Status == check.Failed:
			t.Errorf("it is not about the step: %s", told(r))
		}
		failed = failed || own && r.Status == check.Failed
	}
	if !failed {
		t.Error("no check proves the step")
	}
}

func proveMutant(t *testing.T, s sample, step, mutant string) {
	t.Helper()
	files, err := generator.With(s.files, func(from *exercise.Source) (map[string][]byte, error) { return from.Mutant(step, mutant) })
	must(t, err)
	var only []string
	for _, c := range s.checks {
		if slices.Contains(c.Catches, step+"/"+mutant) {
			only = append(only, c.Name)
		}
	}
	if len(only) == 0 {
		t.Fatal("no check catches the mutant")
	}
	for _, r := range check.Run(t.Context(), built(t, files), s.checks, check.Options{Parallel: 4, Patience: impatience, Only: only}) {
		if r.Status != check.Failed {
			t.Errorf("%s does not catch it", r.Check)
		}
	}
}

// told is a result in words.
func told(r check.Result) string {
	text := fmt.Sprintf("%s %s %s (because of %q)\n  did: %s\n  expected: %s\n  came: %s\n", r.Check, r.Variant, r.Status, r.Because, r.Did["en"], r.Expected["en"], r.Came["en"])
	for _, l := range r.Timeline {
		text += fmt.Sprintf("  %6d %-6s %s\n", l.MS, l.Who, l.Text)
	}
	return text
}
