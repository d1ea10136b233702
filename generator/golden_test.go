package generator_test

import (
	"bytes"
	"flag"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"gopkg.in/yaml.v3"

	"github.com/espgen/espgen/generator"
	"github.com/espgen/espgen/generator/role"
	"github.com/espgen/espgen/generator/rules"
	"github.com/espgen/espgen/generator/spec"
	"github.com/espgen/espgen/templates"
)

var update = flag.Bool("update", false, "rewrite the golden trees")

const goldenDir = "../golden"

// specNames lists the specs of ../specs, without their ending.
func specNames(t *testing.T) []string {
	t.Helper()
	paths, err := filepath.Glob("../specs/*.yaml")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no specs: %v", err)
	}
	var names []string
	for _, p := range paths {
		names = append(names, strings.TrimSuffix(filepath.Base(p), ".yaml"))
	}
	return names
}

// loadSpec reads and checks a spec of ../specs.
func loadSpec(t *testing.T, name string) *spec.Spec {
	t.Helper()
	data, err := os.ReadFile("../specs/" + name + ".yaml")
	if err != nil {
		t.Fatal(err)
	}
	return checkSpec(t, name+".yaml", string(data))
}

// loadRole loads one of espgen's roles.
func loadRole(t *testing.T, name string) role.Role {
	t.Helper()
	role, err := generator.LoadRole(templates.FS, name)
	if err != nil {
		t.Fatal(err)
	}
	return role
}

// checkSpec reads and checks a spec that names its role.
func checkSpec(t *testing.T, name, text string) *spec.Spec {
	t.Helper()
	file := spec.Parse(name, []byte(text), spec.Sources{})
	role, err := generator.LoadRole(templates.FS, file.Role())
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	s, err := rules.CheckFile(file, role)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// baseOf returns the spec whose tree a spec's own is a variant of, or "". A spec
// names it in x-golden-base, which espgen does not read.
func baseOf(t *testing.T, name string) string {
	t.Helper()
	data, err := os.ReadFile("../specs/" + name + ".yaml")
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Base string `yaml:"x-golden-base"`
	}
	if err := yaml.Unmarshal(data, &file); err != nil {
		t.Fatal(err)
	}
	return file.Base
}

// TestGolden renders every spec and compares the result with its tree in
// ../golden, both ways. A variant's tree holds only the files that differ from
// those of its base: all the others must be equal to them. With -update it
// writes the trees anew.
func TestGolden(t *testing.T) {
	if *update {
		if err := os.RemoveAll(goldenDir); err != nil {
			t.Fatal(err)
		}
	}
	names := specNames(t)
	complete := map[string]bool{} // role and style that have a complete tree
	roles, err := generator.RoleNames(templates.FS)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range roles {
		for _, style := range loadRole(t, name).StyleNames() {
			complete[name+" "+style] = false
		}
	}
	for _, name := range names {
		s := loadSpec(t, name)
		base := baseOf(t, name)
		complete[s.Role+" "+*s.Style] = complete[s.Role+" "+*s.Style] || base == ""
		t.Run(name, func(t *testing.T) {
			files := render(t, s)
			if base != "" {
				files = differing(t, files, render(t, loadSpec(t, base)))
			}
			dir := filepath.Join(goldenDir, name)
			if *update {
				if err := generator.Write(t.Context(), dir, files); err != nil {
					t.Fatal(err)
				}
			}
			compare(t, dir, files)
		})
	}
	for kind, ok := range complete {
		if !ok {
			t.Errorf("%s: it has no spec in specs/, or each has an x-golden-base, so no tree is complete", kind)
		}
	}
	entries, err := os.ReadDir(goldenDir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if !slices.Contains(names, e.Name()) {
			t.Errorf("golden/%s has no spec in specs/; run make golden", e.Name())
		}
	}
}

func render(t *testing.T, s *spec.Spec) []generator.File {
	t.Helper()
	files, err := generator.Render(templates.FS, s)
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// differing returns the files of a variant that are not those of its base. A
// tree without a file cannot say that the base's is to be left out, so a
// variant has all the files that its base has.
func differing(t *testing.T, files, base []generator.File) []generator.File {
	t.Helper()
	var own []generator.File
	for _, f := range files {
		i := slices.IndexFunc(base, func(b generator.File) bool { return b.Path == f.Path })
		if i < 0 || !bytes.Equal(base[i].Data, f.Data) {
			own = append(own, f)
		}
	}
	for _, b := range base {
		if !slices.ContainsFunc(files, func(f generator.File) bool { return f.Path == b.Path }) {
			t.Errorf("the base has %s, and the variant does not: remove x-golden-base from its spec, for a complete tree", b.Path)
		}
	}
	if len(own) == 0 {
		t.Error("the variant is equal to its base")
	}
	return own
}

// compare tells every difference between files and the tree at dir.
func compare(t *testing.T, dir string, files []generator.File) {
	t.Helper()
	want := map[string]string{}
	err := filepath.WalkDir(dir, func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(p)
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(dir, p)
		want[filepath.ToSlash(rel)] = string(data)
		return err
	})
	if err != nil {
		t.Fatalf("%v; run make golden", err)
	}
	for _, f := range files {
		text, ok := want[f.Path]
		if !ok {
			t.Errorf("%s/%s is rendered, but not in the golden tree", dir, f.Path)
			continue
		}
		delete(want, f.Path)
		if diff := cmp.Diff(strings.Split(text, "\n"), strings.Split(string(f.Data), "\n")); diff != "" {
			t.Errorf("%s/%s differs (-golden +rendered):\n%s", dir, f.Path, diff)
		}
	}
	for p := range want {
		t.Errorf("%s/%s is in the golden tree, but not rendered, or its base has the same", dir, p)
	}
}
