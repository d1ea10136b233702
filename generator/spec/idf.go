package spec

import (
	"slices"
	"strings"

	"github.com/Masterminds/semver/v3"
)

// oldestIDF is the first ESP-IDF that the generated code is written for.
const oldestIDF = "5.1"

// bigTableIDF is the first ESP-IDF in which CONFIG_LWIP_MAX_SOCKETS may be
// above 16.
const bigTableIDF = "5.4"

// idfPattern is what ESP-IDF's component manager takes for a version range:
// bounds with commas between them.
const idfPattern = `^ *(==|=|!=|>=|<=|>|<|\^|~=|~)? *[0-9]+(\.[0-9]+){0,2} *(, *(==|=|!=|>=|<=|>|<|\^|~=|~)? *[0-9]+(\.[0-9]+){0,2} *)*$`

// An idfRange is a range of ESP-IDF versions.
type idfRange struct {
	constraint *semver.Constraints
	edges      []*semver.Version // where the range can begin or end
}

// parseIDF reads a range. ok is false where text is not one: see idfPattern.
func parseIDF(text string) (r idfRange, ok bool) {
	r.edges = []*semver.Version{semver.MustParse("0.0.0"), semver.MustParse("9999.0.0")}
	var bounds []string
	for bound := range strings.SplitSeq(text, ",") {
		bound = strings.Trim(bound, " ")
		number := strings.TrimLeft(bound, "=!<>~^ ")
		op := strings.TrimRight(strings.TrimSuffix(bound, number), " ")
		version, err := semver.NewVersion(number)
		if err != nil || strings.Trim(number, "0123456789.") != "" {
			return idfRange{}, false
		}
		semverOp, ok := semverOps[op]
		if !ok {
			return idfRange{}, false
		}
		if op == "~=" && strings.Count(number, ".") == 2 {
			semverOp = "~"
		}
		bounds = append(bounds, semverOp+number)
		patch, minor, major := version.IncPatch(), version.IncMinor(), version.IncMajor()
		r.edges = append(r.edges, version, &patch, &minor, &major)
	}
	constraint, err := semver.NewConstraint(strings.Join(bounds, ", "))
	r.constraint = constraint
	return r, err == nil
}

// raised returns the range text from limit on: its upper bounds, and what it
// leaves out, stay.
func raised(text, limit string) string {
	bounds := []string{">=" + limit}
	for bound := range strings.SplitSeq(text, ",") {
		bound = strings.ReplaceAll(bound, " ", "")
		if strings.HasPrefix(bound, "<") || strings.HasPrefix(bound, "!=") {
			bounds = append(bounds, bound)
		}
	}
	return strings.Join(bounds, ",")
}

// semverOps are the operators of the component manager in semver's notation,
// which has no == and no ~=: that is ^ up to two numbers and ~ with three.
var semverOps = map[string]string{
	"": "=", "=": "=", "==": "=", "!=": "!=", ">=": ">=", "<=": "<=", ">": ">", "<": "<", "^": "^", "~": "~", "~=": "^",
}

// allowsBelow reports whether some version under the limit is in the range.
// A range can only begin or end at its edges, so these are enough to ask.
func (r idfRange) allowsBelow(limit string) bool {
	l := semver.MustParse(limit)
	return slices.ContainsFunc(r.edges, func(v *semver.Version) bool { return v.LessThan(l) && r.constraint.Check(v) })
}

// allowsFrom reports whether the limit, or some version above it, is in the range.
func (r idfRange) allowsFrom(limit string) bool {
	l := semver.MustParse(limit)
	return r.constraint.Check(l) || slices.ContainsFunc(r.edges, func(v *semver.Version) bool { return !v.LessThan(l) && r.constraint.Check(v) })
}

// empty reports whether no version is in the range.
func (r idfRange) empty() bool {
	return !slices.ContainsFunc(r.edges, r.constraint.Check)
}
