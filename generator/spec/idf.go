package spec

import (
	"regexp"
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

var (
	idfForm    = regexp.MustCompile(idfPattern)
	idfVersion = regexp.MustCompile(`[0-9]+(\.[0-9]+){0,2}`)
)

// An idfRange is a range of ESP-IDF versions.
type idfRange struct {
	constraint *semver.Constraints
	edges      []*semver.Version // where the range can begin or end
}

// parseIDF reads a range. ok is false where text is not one.
func parseIDF(text string) (r idfRange, ok bool) {
	if !idfForm.MatchString(text) {
		return r, false
	}
	var bounds []string
	for bound := range strings.SplitSeq(text, ",") {
		bounds = append(bounds, semverBound(strings.ReplaceAll(bound, " ", "")))
	}
	constraint, err := semver.NewConstraint(strings.Join(bounds, ", "))
	if err != nil {
		return r, false
	}
	r.constraint = constraint
	r.edges = []*semver.Version{semver.MustParse("0.0.0"), semver.MustParse("9999.0.0")}
	for _, v := range idfVersion.FindAllString(text, -1) {
		version, err := semver.NewVersion(v)
		if err != nil {
			return r, false
		}
		patch, minor, major := version.IncPatch(), version.IncMinor(), version.IncMajor()
		r.edges = append(r.edges, version, &patch, &minor, &major)
	}
	return r, true
}

// semverBound writes a bound of the component manager in semver's notation,
// which knows neither == nor ~=: that is ^ up to two numbers and ~ with three.
func semverBound(bound string) string {
	version := idfVersion.FindString(bound)
	op := strings.TrimSuffix(bound, version)
	switch {
	case op == "", op == "==":
		op = "="
	case op == "~=" && strings.Count(version, ".") < 2:
		op = "^"
	case op == "~=":
		op = "~"
	}
	return op + version
}

// allowsBelow reports whether some version under the limit is in the range.
// A range can only begin or end at its edges, so these are enough to ask.
func (r idfRange) allowsBelow(limit string) bool {
	l := semver.MustParse(limit)
	for _, v := range r.edges {
		if v.LessThan(l) && r.constraint.Check(v) {
			return true
		}
	}
	return false
}

// empty reports whether no version is in the range.
func (r idfRange) empty() bool {
	for _, v := range r.edges {
		if r.constraint.Check(v) {
			return false
		}
	}
	return true
}
