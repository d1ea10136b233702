package spec

import "strings"

func join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}

// parent is the section that a path is in, "" at the top.
func parent(path string) string { return path[:max(0, strings.LastIndex(path, "."))] }

// step returns the key below section on the way to path, and false where path
// is not below it.
func step(section, path string) (key string, ok bool) {
	rest, ok := path, path != ""
	if section != "" {
		rest, ok = strings.CutPrefix(path, section+".")
	}
	key, _, _ = strings.Cut(rest, ".")
	return key, ok
}
