package field

import "slices"

// A Table is the fields that a spec may have, in the order in which one is
// written.
type Table []Field

// Shared returns a copy of the rows that every role has.
func Shared() Table {
	list := slices.Clone(shared)
	for i := range list {
		list[i].Values = slices.Clone(list[i].Values)
	}
	return list
}

// At returns the row of a path such as "wifi.ssid".
func (t Table) At(path string) (Field, bool) {
	if i := slices.IndexFunc(t, func(f Field) bool { return f.Path == path }); i >= 0 {
		return t[i], true
	}
	return Field{}, false
}

// Paths returns the paths of all fields.
func (t Table) Paths() []string {
	var list []string
	for _, f := range t {
		list = append(list, f.Path)
	}
	return list
}

// Children returns the keys that the table has below a path.
func (t Table) Children(path string) []string {
	var keys []string
	for _, f := range t {
		if key, ok := Step(path, f.Path); ok && !slices.Contains(keys, key) {
			keys = append(keys, key)
		}
	}
	return keys
}

// Siblings returns the paths of all fields in a field's section.
func (t Table) Siblings(path string) []string {
	return slices.DeleteFunc(t.Paths(), func(p string) bool { return Parent(p) != Parent(path) })
}

// With returns the table of a role that has rows of its own: they come before
// the last row, sdkconfig. It must not be changed.
func With(own []Field) Table {
	if len(own) == 0 {
		return shared
	}
	return Table(shared).With(own)
}

// With returns the table with more rows, before the last one.
func (t Table) With(own []Field) Table { return slices.Insert(slices.Clone(t), len(t)-1, own...) }
