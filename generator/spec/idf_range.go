package spec

import (
	"cmp"
	"fmt"
)

func (c *checker) checkIDF() {
	if c.faulty("idf", "target") {
		return
	}
	versions := c.versions()
	needed := c.neededIDF()
	hint := fmt.Sprintf("write %q, or leave it out", c.raisedIDF(needed))
	if versions.empty() {
		hint = fmt.Sprintf("write \">=%s\", or leave it out", needed)
	}
	shown := c.file.show("idf", *c.spec.IDF)
	switch {
	case versions.empty():
		c.errorf("idf", hint, "no version is within %s", shown)
	case versions.allowsBelow(needed) && needed == oldestIDF:
		c.errorf("idf", hint, "%s allows versions below %s, the oldest that the generated code is written for", shown, needed)
	case versions.allowsBelow(needed):
		c.errorf("idf", hint, "%s allows versions below %s, in which %s is only a preview or missing", shown, needed, cmp.Or(c.file.hidden("target"), *c.spec.Target))
	}
}

// versions is the spec's range of versions of ESP-IDF.
func (c *checker) versions() idfRange {
	if c.idf == nil || c.idf.text != *c.spec.IDF {
		r, _ := parseIDF(*c.spec.IDF)
		c.idf = &r
	}
	return *c.idf
}

// raisedIDF is the spec's range of versions from limit on, for a hint.
func (c *checker) raisedIDF(limit string) string {
	if c.file.hidden("idf") != "" {
		return ">=" + limit
	}
	return raised(*c.spec.IDF, limit)
}

// neededIDF is the oldest ESP-IDF that can build for the spec's target.
func (c *checker) neededIDF() string {
	if t := targetAt(*c.spec.Target); t.minIDF != "" {
		return t.minIDF
	}
	return oldestIDF
}
