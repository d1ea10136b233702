package field

import "strings"

// Join returns the path of a key in a section, which is "" at the top.
func Join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}

// Parent is the section that a path is in, "" at the top.
func Parent(path string) string { return path[:max(0, strings.LastIndex(path, "."))] }

// Step returns the key below section on the way to path, and false where path
// is not below it.
func Step(section, path string) (key string, ok bool) {
	rest, ok := path, path != ""
	if section != "" {
		rest, ok = strings.CutPrefix(path, section+".")
	}
	key, _, _ = strings.Cut(rest, ".")
	return key, ok
}
