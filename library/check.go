package library

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/espgen/espgen/generator"
	"github.com/espgen/espgen/generator/field"
	"github.com/espgen/espgen/generator/role"
	"github.com/espgen/espgen/generator/rules"
	"github.com/espgen/espgen/generator/spec"
	"github.com/espgen/espgen/plainfile"
)

// A Sample is the project of one of a role's own specs.
type Sample struct {
	Name  string // the spec's file, without .yaml
	Spec  *spec.Spec
	Files []generator.File
}

// Check finds what is wrong with an own role that can be told without a
// compiler, and returns the projects of its specs. Its errors name the files of
// the role's folder.
func (l *Library) Check(ctx context.Context, name string) (samples []Sample, faults []error) {
	role, err := l.Role(name)
	if err != nil {
		return nil, []error{err}
	}
	faults = l.CheckTemplates(role)
	folder := "roles/" + name
	for _, fault := range slices.Concat(generator.Unquoted(l.fsys, folder), generator.Untranslated(l.fsys, folder, "zh"), generator.MarkerFaults(l.fsys, folder)) {
		faults = append(faults, l.placed(fault))
	}
	faults = append(faults, l.checkNames(name)...)
	samples, more := l.samples(ctx, role)
	faults = append(faults, more...)
	for _, s := range samples {
		faults = append(faults, l.checkKconfig(role, s)...)
		for _, fault := range generator.StepFaults(l.fsys, role, *s.Spec.Style, s.Files) {
			faults = append(faults, l.placed(fault))
		}
		faults = append(faults, l.checkGolden(name, s)...)
	}
	return samples, faults
}

func (l *Library) path(name string, elem ...string) string {
	return filepath.Join(append([]string{l.Dir, name}, elem...)...)
}

// checkNames finds files of a style's folder that no project gets, and those that
// are one file on disks that ignore case.
func (l *Library) checkNames(name string) []error {
	var faults []error
	seen := map[string]string{}
	prefix := "roles/" + name + "/"
	var files []string
	for p := range l.own {
		if name, ok := strings.CutPrefix(p, prefix); ok {
			files = append(files, name)
		}
	}
	slices.Sort(files)
	for _, p := range files {
		style, rest, below := strings.Cut(p, "/")
		if !below || style == "partials" {
			continue
		}
		if !strings.HasSuffix(rest, ".tmpl") {
			faults = append(faults, fmt.Errorf("%s: it is not part of the project: only names that end in .tmpl are", l.path(name, filepath.FromSlash(p))))
		}
		if other, ok := seen[strings.ToLower(p)]; ok {
			faults = append(faults, fmt.Errorf("%s: %s is the same file where a disk ignores case", l.path(name, filepath.FromSlash(p)), other))
		}
		seen[strings.ToLower(p)] = p
	}
	return faults
}

// samples renders the role's own specs.
func (l *Library) samples(ctx context.Context, role role.Role) (list []Sample, faults []error) {
	dir := l.path(role.Name, "specs")
	names, err := fs.Glob(os.DirFS(dir), "*.yaml") // no character of dir means anything
	if err != nil || len(names) == 0 {
		return nil, []error{fmt.Errorf("%s: the role has no spec, so none of it is tested; `espgen init %s` prints one", dir, role.Name)}
	}
	for _, name := range names {
		file := filepath.Join(dir, name)
		data, err := plainfile.Read(file, spec.MaxBytes)
		if err != nil {
			faults = append(faults, err)
			continue
		}
		parsed := spec.Parse(file, data, spec.Sources{Table: func(string) field.Table { return role.Table() }})
		checked, err := rules.CheckFile(parsed, role)
		if err != nil {
			faults = append(faults, err)
			continue
		}
		rendered, err := l.Render(ctx, role, checked)
		if issues, ok := errors.AsType[spec.Issues](err); ok {
			err = parsed.Place(issues)
		}
		if err != nil {
			faults = append(faults, err)
			continue
		}
		list = append(list, Sample{strings.TrimSuffix(filepath.Base(file), ".yaml"), checked, rendered})
	}
	return list, faults
}

var kconfigSymbol = regexp.MustCompile(`(?m)^[ \t]*(?:menu)?config[ \t]+(\w+)`)

// checkKconfig finds options that a project declares and whose names are not its
// own: ESP-IDF has more than a thousand, and a second declaration of one changes
// it.
func (l *Library) checkKconfig(role role.Role, s Sample) []error {
	prefixes := role.KconfigBeginnings()
	own := func(name string) {
		prefixes = append(prefixes, strings.ToUpper(strings.ReplaceAll(name, "-", "_"))+"_")
	}
	own(*s.Spec.Project)
	for _, f := range role.Own {
		section, _, _ := strings.Cut(f.Path, ".")
		own(section)
	}
	for _, f := range s.Files {
		if base, ok := strings.CutSuffix(strings.TrimPrefix(f.Path, "main/"), ".c"); ok {
			own(base)
		}
	}
	var faults []error
	for _, f := range s.Files {
		if !strings.HasPrefix(filepath.Base(f.Path), "Kconfig") {
			continue
		}
		for _, m := range kconfigSymbol.FindAllSubmatch(f.Data, -1) {
			symbol := string(m[1])
			if !slices.ContainsFunc(prefixes, func(p string) bool { return strings.HasPrefix(symbol, p) }) {
				faults = append(faults, fmt.Errorf("%s of %s: the option %s may be another's: begin its name with %s", f.Path, s.Name, symbol, prefixes[0]))
			}
		}
	}
	return faults
}

// checkGolden compares a project with the one that the role's folder keeps.
func (l *Library) checkGolden(name string, s Sample) []error {
	dir := l.path(name, "golden", s.Name)
	there := map[string]bool{}
	_ = filepath.WalkDir(dir, func(p string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			rel, _ := filepath.Rel(dir, p)
			there[filepath.ToSlash(rel)] = true
		}
		return nil
	})
	const update = "`espgen role check --update` writes it"
	if len(there) == 0 {
		return []error{fmt.Errorf("%s: the golden tree is missing; %s", dir, update)}
	}
	var faults []error
	for _, f := range s.Files {
		file := filepath.Join(dir, filepath.FromSlash(f.Path))
		data, err := plainfile.Read(file, maxOutput)
		delete(there, f.Path)
		if errors.Is(err, fs.ErrNotExist) {
			faults = append(faults, fmt.Errorf("%s: missing from the golden tree; %s", file, update))
		} else if err != nil {
			faults = append(faults, err)
		} else if !bytes.Equal(data, f.Data) {
			faults = append(faults, fmt.Errorf("%s: it differs from what the role gives: line %d; %s", file, differs(data, f.Data), update))
		}
	}
	for _, p := range slices.Sorted(maps.Keys(there)) {
		faults = append(faults, fmt.Errorf("%s: the role no longer gives it; %s", filepath.Join(dir, filepath.FromSlash(p)), update))
	}
	return faults
}

// differs is the first line in which two texts differ.
func differs(a, b []byte) int {
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	return 1 + bytes.Count(a[:n], []byte("\n"))
}

// WriteGolden writes the golden trees of a role's projects anew. No link leads it
// out of the folder of templates.
func (l *Library) WriteGolden(name string, samples []Sample) error {
	root, err := os.OpenRoot(l.Dir)
	if err != nil {
		return err
	}
	defer root.Close()
	for _, s := range samples {
		dir := filepath.Join(name, "golden", s.Name)
		if err := root.RemoveAll(dir); err != nil {
			return err
		}
		for _, f := range s.Files {
			file := filepath.Join(dir, filepath.FromSlash(f.Path))
			if err := root.MkdirAll(filepath.Dir(file), 0o755); err != nil {
				return err
			}
			if err := root.WriteFile(file, f.Data, 0o644); err != nil {
				return err
			}
		}
	}
	return nil
}
