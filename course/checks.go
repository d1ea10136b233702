package course

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strconv"

	"gopkg.in/yaml.v3"

	"github.com/espgen/espgen/check"
	"github.com/espgen/espgen/generator/field"
	"github.com/espgen/espgen/generator/spec"
	"github.com/espgen/espgen/plainfile"
)

// maxPoints is the most that a check may give.
const maxPoints = 1000

// readChecks reads which checks an exercise has: those that come with its role,
// those of a file, and what course.yaml chooses of both. steps are those of its
// source.
func (o *opening) readChecks(e *Exercise, n exerciseNodes, path string, steps []string) {
	told := len(o.issues)
	var pool check.Checks
	ready, data, err := e.source.checks()
	switch {
	case err == nil:
		pool = o.parseChecks(ready, data)
	case !errors.Is(err, fs.ErrNotExist):
		o.told(err, n.at, path)
		return
	}
	if name := o.localPath(n.checksFile, field.Join(path, "checks_file")); name != "" {
		file := filepath.Join(o.Dir, filepath.FromSlash(name))
		data, err := plainfile.Read(file, maxFile)
		if err != nil {
			o.told(err, n.checksFile, field.Join(path, "checks_file"))
			return
		}
		own := o.parseChecks(file, data)
		pool = slices.DeleteFunc(pool, func(c *check.Check) bool { return own.Get(c.Name) != nil })
		pool = append(pool, own...)
	}
	if len(o.issues) > told {
		return // what would be told of the chosen ones has been told of their file
	}
	chosen := withoutGifts(pool, e.Blank)
	if n.checks != nil {
		chosen = o.chooseChecks(n.checks, field.Join(path, "checks"), pool)
	}
	e.pool = pool
	// Read once more, they are a set of their own: none depends on one that was not chosen.
	data, err = connected(chosen, pool).YAML()
	if err != nil {
		o.told(err, n.at, path)
		return
	}
	e.Checks = o.parseChecks(e.Name+": "+ChecksFile, data)
	visible := slices.DeleteFunc(slices.Clone(e.Checks), func(c *check.Check) bool { return c.Hidden })
	if e.visible, err = connected(visible, e.Checks).YAML(); err != nil {
		o.told(err, n.at, path)
		return
	}
	for _, c := range e.Checks { // no file of checks tells which mutants there are
		c.Catches = chosen.Get(c.Name).Catches
	}
	if e.bound, err = e.Checks.Bind(e.source.values()); err != nil {
		o.told(err, n.at, path)
		return
	}
	for _, c := range e.bound {
		for _, step := range c.Steps {
			if !slices.Contains(steps, step) {
				o.errorf(n.at, path, field.Suggest(step, steps), "the check %s is for the step %q, which the source does not have", c.Name, step)
			}
		}
	}
	if len(e.bound) == 0 && len(o.issues) == 0 {
		o.errorf(n.at, path, "name a file of checks: checks_file: FILE", "the exercise has no checks")
	}
}

// connected makes the checks of a set depend on each other where those of the
// pool do so by way of checks that the set does not have.
func connected(set, pool check.Checks) check.Checks {
	var out check.Checks
	for _, c := range set {
		copied := *c
		copied.Depends = nil
		seen := map[string]bool{}
		var add func(names []string)
		add = func(names []string) {
			for _, name := range names {
				if seen[name] {
					continue
				}
				seen[name] = true
				if set.Get(name) != nil {
					copied.Depends = append(copied.Depends, name)
				} else if on := pool.Get(name); on != nil {
					add(on.Depends)
				}
			}
		}
		add(c.Depends)
		out = append(out, &copied)
	}
	return out
}

// withoutGifts takes the points off the checks that a program passes without the
// steps that are left out of it: those that are of none of them, and depend on no
// check of one. They are still run, and show what a submission has broken.
func withoutGifts(pool check.Checks, blank []string) check.Checks {
	earned := map[string]bool{}
	var earns func(c *check.Check) bool
	earns = func(c *check.Check) bool {
		if _, known := earned[c.Name]; !known {
			earned[c.Name] = slices.ContainsFunc(c.Steps, func(step string) bool { return slices.Contains(blank, step) }) ||
				slices.ContainsFunc(c.Depends, func(name string) bool { on := pool.Get(name); return on != nil && earns(on) })
		}
		return earned[c.Name]
	}
	var out check.Checks
	for _, c := range pool {
		copied := *c
		if !earns(c) {
			copied.Points = 0
		}
		out = append(out, &copied)
	}
	return out
}

// parseChecks reads a file of checks.
func (o *opening) parseChecks(name string, data []byte) check.Checks {
	checks, issues := check.Parse(name, data)
	for _, i := range issues {
		o.issues = append(o.issues, spec.Issue{Pos: spec.Pos{File: i.File, Line: i.Line, Col: i.Column}, Msg: i.Msg, Hint: i.Hint})
	}
	return checks
}

// chooseChecks reads which checks of a pool an exercise has, and how many points
// each gives.
func (o *opening) chooseChecks(list *yaml.Node, path string, pool check.Checks) check.Checks {
	var chosen check.Checks
	var names []string
	for _, c := range pool {
		names = append(names, c.Name)
	}
	for i, n := range o.list(list, path) {
		at := fmt.Sprintf("%s[%d]", path, i)
		fields := map[string]*yaml.Node{"name": n}
		if n.Kind == yaml.MappingNode {
			fields = o.fields(n, at, "name", "points", "hidden")
		}
		name := o.text(fields["name"], field.Join(at, "name"), maxName)
		known := pool.Get(name)
		switch {
		case fields["name"] == nil:
			o.errorf(n, at, "add it: name: CHECK", "the check's name is missing")
			continue
		case name == "":
			continue // which was told
		case known == nil:
			o.errorf(fields["name"], field.Join(at, "name"), field.Suggest(name, names), "unknown check %q", name)
			continue
		case chosen.Get(name) != nil:
			o.errorf(fields["name"], field.Join(at, "name"), "remove one of them", "the check %q is there twice", name)
			continue
		}
		c := *known
		if points := fields["points"]; points != nil {
			value, err := strconv.ParseFloat(points.Value, 64)
			if points.Kind != yaml.ScalarNode || err != nil || !(value >= 0 && value <= maxPoints) {
				o.errorf(points, field.Join(at, "points"), fmt.Sprintf("write a number from 0 to %d", maxPoints), "%q is not a number of points", points.Value)
			} else {
				c.Points = value
			}
		}
		if hidden := fields["hidden"]; hidden != nil {
			c.Hidden = o.choice(hidden, field.Join(at, "hidden"), "false", "true", "false") == "true"
		}
		chosen = append(chosen, &c)
	}
	return chosen
}
