// Package tree holds values at paths such as "wifi.ssid", as the maps within
// maps that templates and expressions read.
package tree

import "strings"

// A Tree maps the first keys of paths to values, or to trees of what is below.
type Tree map[string]any

// Put puts a value at a path, in the sections that this names.
func (t Tree) Put(path string, value any) {
	section, key, deeper := strings.Cut(path, ".")
	if !deeper {
		t[path] = value
		return
	}
	below, ok := t[section].(Tree)
	if !ok {
		below = Tree{}
		t[section] = below
	}
	below.Put(key, value)
}

// At returns the value at a path, nil where there is none.
func (t Tree) At(path string) any {
	section, key, deeper := strings.Cut(path, ".")
	if !deeper {
		return t[path]
	}
	below, _ := t[section].(Tree)
	return below.At(key)
}

// Has reports whether there is something at a path, were it nil.
func (t Tree) Has(path string) bool {
	section, key, deeper := strings.Cut(path, ".")
	if !deeper {
		_, ok := t[path]
		return ok
	}
	below, _ := t[section].(Tree)
	return below.Has(key)
}

// Text returns the string at a path, "" where there is none.
func (t Tree) Text(path string) string { s, _ := t.At(path).(string); return s }

// Number returns the whole number at a path, 0 where there is none.
func (t Tree) Number(path string) int { n, _ := t.At(path).(int); return n }
