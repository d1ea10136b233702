package hostsdk

import (
	"fmt"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

var (
	cmakeComment = regexp.MustCompile(`#[^\n]*`)
	cmakeSources = regexp.MustCompile(`[\s(]SRCS\s+([^)]*)`)
	cmakeKeyword = regexp.MustCompile(`^[A-Z_]+$`)
)

// otherSources warns where the SRCS of main/CMakeLists.txt are not the sources
// that are compiled, which are every main/*.c. It says nothing of SRCS that are
// not a plain list, which only CMake can tell.
func otherSources(list string, compiled []string) string {
	m := cmakeSources.FindStringSubmatch(cmakeComment.ReplaceAllString(list, ""))
	if m == nil || strings.Contains(m[1], "$") {
		return ""
	}
	var named []string
	for word := range strings.FieldsSeq(m[1]) {
		if cmakeKeyword.MatchString(word) {
			break
		}
		named = append(named, path.Clean(strings.Trim(word, `"`)))
	}
	var warned strings.Builder
	for _, source := range compiled {
		if name := filepath.Base(source); !slices.Contains(named, name) {
			fmt.Fprintf(&warned, "main/CMakeLists.txt: warning: SRCS does not name %s, which is compiled here: every main/*.c is\n", name)
		}
	}
	for _, name := range named {
		if !slices.ContainsFunc(compiled, func(source string) bool { return filepath.Base(source) == name }) {
			fmt.Fprintf(&warned, "main/CMakeLists.txt: warning: SRCS names %s, which is not compiled here: only main/*.c is\n", name)
		}
	}
	return warned.String()
}
