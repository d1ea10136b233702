package generator

import (
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// MaxPath is the longest path of a generated file, in bytes.
const MaxPath = 255

// reserved are the names that no part of a generated file's path has: those of
// git, and of what espgen keeps in a project for itself. lock is the file of the
// latter that lies beside them.
var reserved = []string{".git", ".espgen"}

const lock = "espgen.lock"

// IsProjectFile reports whether a project may have a generated file of that
// path: one inside of it, that is neither git's nor a record of espgen's, and
// that no disk takes for one of these.
func IsProjectFile(path string) bool {
	return fs.ValidPath(path) && filepath.IsLocal(filepath.FromSlash(path)) && len(path) <= MaxPath && !strings.EqualFold(path, lock) &&
		!slices.ContainsFunc(strings.Split(path, "/"), func(part string) bool {
			isReserved := slices.ContainsFunc(reserved, func(name string) bool { return strings.EqualFold(part, name) })
			return isReserved || strings.ContainsFunc(part, isOdd) || strings.HasSuffix(part, ".") || strings.HasSuffix(part, " ")
		})
}

// isOdd reports whether no name of a generated file has r. Among these are what
// disks leave out of a name, ~ of Windows' short names (git~1 is .git), what
// Windows has other uses for, and what a terminal obeys.
func isOdd(r rune) bool {
	if r < utf8.RuneSelf {
		return !unicode.IsPrint(r) || strings.ContainsRune(`~:\*?"<>|`, r)
	}
	return r == utf8.RuneError || !unicode.IsLetter(r) && !unicode.IsMark(r) && !unicode.IsDigit(r)
}
