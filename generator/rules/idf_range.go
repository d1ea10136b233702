package rules

import (
	"cmp"
	"fmt"

	"github.com/espgen/espgen/generator/idf"
)

// checkIDF holds the range of versions against what the generated code, and the
// chip, need.
func (c *checker) checkIDF() {
	if c.faulty("idf", "target") {
		return
	}
	versions := c.versions()
	needed := c.neededIDF()
	hint := fmt.Sprintf("write %q, or leave it out", c.raisedIDF(needed))
	if versions.Empty() {
		hint = fmt.Sprintf("write \">=%s\", or leave it out", needed)
	}
	shown := c.file.Show("idf", *c.spec.IDF)
	switch {
	case versions.Empty():
		c.errorf("idf", hint, "no version is within %s", shown)
	case versions.AllowsBelow(needed) && needed == idf.Oldest:
		c.errorf("idf", hint, "%s allows versions below %s, the oldest that the generated code is written for", shown, needed)
	case versions.AllowsBelow(needed):
		c.errorf("idf", hint, "%s allows versions below %s, in which %s is only a preview or missing", shown, needed, cmp.Or(c.file.Hidden("target"), *c.spec.Target))
	}
}

// versions is the spec's range of versions of ESP-IDF.
func (c *checker) versions() idf.Range {
	if c.idf == nil {
		r, _ := idf.Parse(*c.spec.IDF)
		c.idf = &r
	}
	return *c.idf
}

// raisedIDF is the spec's range of versions from limit on, for a hint.
func (c *checker) raisedIDF(limit string) string {
	if c.file.Hidden("idf") != "" {
		return ">=" + limit
	}
	return idf.Raised(*c.spec.IDF, limit)
}

// neededIDF is the oldest ESP-IDF that can build for the spec's target.
func (c *checker) neededIDF() string {
	if t := idf.TargetAt(*c.spec.Target); t.MinIDF != "" {
		return t.MinIDF
	}
	return idf.Oldest
}
