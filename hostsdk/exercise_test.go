//go:build linux

package hostsdk_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/espgen/espgen/generator"
	"github.com/espgen/espgen/generator/rules"
	"github.com/espgen/espgen/generator/spec"
	"github.com/espgen/espgen/hostsdk"
	"github.com/espgen/espgen/templates"
)

// TestSteps compiles every hand-out and every mutant of espgen's own roles. The
// compiler has no word against a hand-out: with each step blank alone, each
// solved alone, all blank, and some by chance.
func TestSteps(t *testing.T) {
	for name, project := range markedProjects(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			source, err := generator.Exercise(project.files)
			must(t, err)
			dir := filepath.Join(t.TempDir(), "project")
			solved, err := generator.HandOut(project.files, nil)
			must(t, err)
			must(t, generator.Write(t.Context(), dir, solved))
			build := func(what string, texts map[string][]byte, err error, mayWarn bool) {
				t.Helper()
				must(t, err)
				for file, text := range texts {
					must(t, os.WriteFile(filepath.Join(dir, filepath.FromSlash(file)), text, 0o644))
				}
				_, warned, err := hostsdk.Build(t.Context(), dir, hostsdk.BuildOptions{Cache: cache})
				if err != nil || warned != "" && !mayWarn {
					t.Errorf("%s: %v%s", what, err, warned)
				}
			}
			var all []string
			for _, step := range source.Steps() {
				all = append(all, step.Name)
			}
			blank := func(steps ...string) {
				t.Helper()
				texts, err := source.HandOut(steps)
				build(fmt.Sprintf("with %q blank", steps), texts, err, false)
			}
			blank(all...)
			if project.again {
				return // what differs are values
			}
			blank()
			for i, step := range source.Steps() {
				blank(step.Name)
				blank(slices.Delete(slices.Clone(all), i, i+1)...)
				for _, m := range step.Mutants {
					texts, err := source.Mutant(step.Name, m.Name)
					build("with the mutant "+step.Name+"/"+m.Name, texts, err, true) // a mistake may make it warn
				}
			}
			chance := rand.New(rand.NewPCG(1, 2))
			for range 4 {
				blank(slices.DeleteFunc(slices.Clone(all), func(string) bool { return chance.IntN(2) == 0 })...)
			}
		})
	}
}

// A markedProject is one of ../specs with steps.
type markedProject struct {
	files []generator.File
	again bool // another spec gives the same steps
}

// markedProjects renders the specs of all roles and styles that have steps.
func markedProjects(t *testing.T) map[string]markedProject {
	t.Helper()
	projects, styles := map[string]markedProject{}, map[string]bool{}
	names, err := filepath.Glob("../specs/*.yaml")
	must(t, err)
	for _, name := range names {
		text, err := os.ReadFile(name)
		must(t, err)
		parsed := spec.Parse(name, text, spec.Sources{})
		role, err := generator.LoadRole(templates.FS, parsed.Role())
		must(t, err)
		checked, err := rules.CheckFile(parsed, role)
		must(t, err)
		files, err := generator.RenderChecked(templates.FS, role, checked)
		must(t, err)
		source, err := generator.Exercise(files)
		must(t, err)
		key := role.Name + " " + *checked.Style
		for _, step := range source.Steps() {
			key += fmt.Sprint(" ", step.Name, len(step.Places), step.Mutants)
		}
		if len(source.Steps()) > 0 {
			projects[strings.TrimSuffix(filepath.Base(name), ".yaml")] = markedProject{files, styles[key]}
			styles[key] = true
		}
	}
	return projects
}
