package field

import (
	"slices"
	"strings"

	"github.com/hbollon/go-edlib"
)

// Suggest returns a hint for a name that is not among names: the one that was
// meant where that is likely, or all of them.
func Suggest(name string, names []string) string {
	if near := Near(name, names); near != "" {
		return near
	}
	return "allowed: " + strings.Join(names, ", ")
}

// Near is [Suggest], but "" where none of the names is near.
func Near(name string, names []string) string {
	longer := slices.DeleteFunc(slices.Clone(names), func(n string) bool { return !strings.HasPrefix(strings.ToLower(n), strings.ToLower(name)) })
	const most = 3
	if len(name) > 1 && len(longer) > 0 && len(longer) <= most {
		return "did you mean " + strings.Join(longer, " or ") + "?"
	}
	best, least := "", 0
	for _, n := range names {
		d := edlib.OSADamerauLevenshteinDistance(strings.ToLower(name), strings.ToLower(n))
		// One letter in three may be wrong: more is another word.
		if d <= (max(len(name), len(n))+1)/3 && d < len(n) && (best == "" || d < least) {
			best, least = n, d
		}
	}
	if best == "" {
		return ""
	}
	return "did you mean " + best + "?"
}
