package main

import (
	"context"
	"slices"
	"strings"

	"github.com/espgen/espgen/generator"
	"github.com/espgen/espgen/generator/field"
	"github.com/espgen/espgen/generator/role"
	"github.com/espgen/espgen/generator/rules"
	"github.com/espgen/espgen/generator/spec"
	"github.com/espgen/espgen/library"
	"github.com/espgen/espgen/project"
)

// A rendering is what a spec gives.
type rendering struct {
	loadedSpec
	files []generator.File
}

// renderSpec checks a spec against a role, and renders it, with the stubs of the
// steps that are blank.
func renderSpec(ctx context.Context, lib *library.Library, parsed *spec.File, role role.Role, blank []string) (rendering, error) {
	r := rendering{loadedSpec: loadedSpec{lib: lib, role: role, parsed: parsed}}
	var err error
	if r.spec, err = rules.CheckFile(parsed, role); err != nil {
		return r, err
	}
	r.files, err = r.render(ctx)
	if err != nil || len(blank) == 0 {
		return r, err
	}
	r.files, err = generator.HandOut(r.files, blank)
	return r, err
}

// origin is what the lock of the project in dir says of a rendering of parsed.
// withoutSet reads the spec as it is beneath --set.
func (r rendering) origin(parsed *spec.File, withoutSet func() *spec.File, dir string) project.Origin {
	origin := project.Origin{Espgen: version(), Role: r.role.Name, Style: *r.spec.Style}
	if r.lib.Dir != "" {
		origin.Templates = project.Templates{Path: project.SpecPath(dir, r.lib.Dir), Sum: r.lib.Sum}
	}
	values := parsed.Values()
	if slices.ContainsFunc(values, func(v spec.Value) bool { return v.Set }) {
		spec.PutBeneath(values, withoutSet().Values())
	}
	for _, v := range values {
		origin.Values = append(origin.Values, project.Value(v))
	}
	return origin
}

// secretFields and publicFields list the fields that are secrets, and those that
// are none.
func secretFields(lib *library.Library) []string {
	return fieldsThat(lib, func(f field.Field) bool { return f.Secret })
}

func publicFields(lib *library.Library) []string {
	return fieldsThat(lib, func(f field.Field) bool { return !f.Secret })
}

func fieldsThat(lib *library.Library, ok func(field.Field) bool) []string {
	var list []string
	for _, f := range everyField(lib) {
		if ok(f) {
			list = append(list, f.Path)
		}
	}
	return list
}

// specValues are the lock's values as package spec has them.
func specValues(values []project.Value) []spec.Value {
	var list []spec.Value
	for _, v := range values {
		list = append(list, spec.Value(v))
	}
	return list
}

// setOf returns the pairs of --set in values, and the paths of those that the
// lock does not hold the value of.
func setOf(values []project.Value) (pairs, forgotten []string) {
	for _, v := range values {
		switch {
		case v.Set && v.Hidden:
			forgotten = append(forgotten, v.Path)
		case v.Set:
			pairs = append(pairs, v.Path+"="+v.Text)
		}
	}
	return pairs, forgotten
}

// showPair returns a pair of --set for a message.
func showPair(lib *library.Library, pair string) string {
	path, _, _ := strings.Cut(pair, "=")
	if slices.Contains(secretFields(lib), path) && !strings.HasSuffix(pair, "=") {
		return path
	}
	return pair
}
