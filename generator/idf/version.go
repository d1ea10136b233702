// Package idf holds what espgen knows of ESP-IDF: ranges of its versions, its
// chips, the components that options need, and the limits of its lwIP.
package idf

import (
	"cmp"
	"slices"
	"strings"

	"github.com/Masterminds/semver/v3"
)

// Oldest is the first ESP-IDF that the generated code is written for.
const Oldest = "5.1"

// Pattern is what ESP-IDF's component manager takes for a version range:
// bounds with commas between them.
const Pattern = `^ *(==|=|!=|>=|<=|>|<|\^|~=|~)? *[0-9]+(\.[0-9]+){0,2} *(, *(==|=|!=|>=|<=|>|<|\^|~=|~)? *[0-9]+(\.[0-9]+){0,2} *)*$`

// A Range is a range of ESP-IDF versions.
type Range struct {
	constraint *semver.Constraints
	edges      []*semver.Version // where the range can begin or end
}

// Parse reads a range. ok is false where text is not one: see [Pattern].
func Parse(text string) (r Range, ok bool) {
	r.edges = []*semver.Version{semver.MustParse("0.0.0"), semver.MustParse("9999.0.0")}
	var bounds []string
	for bound := range strings.SplitSeq(text, ",") {
		bound = strings.Trim(bound, " ")
		number := strings.TrimLeft(bound, "=!<>~^ ")
		op := strings.TrimRight(strings.TrimSuffix(bound, number), " ")
		version, err := semver.NewVersion(number)
		if err != nil || strings.Trim(number, "0123456789.") != "" {
			return Range{}, false
		}
		semverOp, ok := semverOps[op]
		if !ok {
			return Range{}, false
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

// Raised returns the range text from limit on: its upper bounds, and what it
// leaves out, stay.
func Raised(text, limit string) string {
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

// AllowsBelow reports whether some version under the limit is in the range.
// A range can only begin or end at its edges, so these are enough to ask.
func (r Range) AllowsBelow(limit string) bool {
	l := semver.MustParse(limit)
	return slices.ContainsFunc(r.edges, func(v *semver.Version) bool { return v.LessThan(l) && r.constraint.Check(v) })
}

// AllowsFrom reports whether the limit, or some version above it, is in the range.
func (r Range) AllowsFrom(limit string) bool {
	l := semver.MustParse(limit)
	return r.constraint.Check(l) || slices.ContainsFunc(r.edges, func(v *semver.Version) bool { return !v.LessThan(l) && r.constraint.Check(v) })
}

// AllowsBetween reports whether some version from one limit on, and below another,
// is in the range; "" for no limit.
func (r Range) AllowsBetween(from, below string) bool {
	low := semver.MustParse(cmp.Or(from, "0.0.0"))
	inside := func(v *semver.Version) bool {
		return !v.LessThan(low) && (below == "" || v.LessThan(semver.MustParse(below))) && r.constraint.Check(v)
	}
	return inside(low) || slices.ContainsFunc(r.edges, inside)
}

// Before reports whether one version comes before another.
func Before(version, other string) bool {
	return semver.MustParse(version).LessThan(semver.MustParse(other))
}

// Empty reports whether no version is in the range.
func (r Range) Empty() bool {
	return !slices.ContainsFunc(r.edges, r.constraint.Check)
}
