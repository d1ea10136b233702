package role

import (
	"fmt"
	"regexp"

	"github.com/Masterminds/semver/v3"
	"gopkg.in/yaml.v3"
)

// Format is the version of the format of role.yaml and part.yaml.
const Format = 1

// A Head says what can read a role.yaml or part.yaml.
type Head struct {
	Format *int   `yaml:"format"` // the version of the file's format; 1 where it is left out
	Espgen string `yaml:"espgen"` // the least espgen that the file needs: ">=1.2"
}

// An UnreadableError is a role.yaml or part.yaml that this espgen cannot read, and
// another one may.
type UnreadableError struct {
	Line, Col int
	Msg, Hint string
}

// Error returns what is wrong.
func (e *UnreadableError) Error() string { return e.Msg }

// leastForm is the form of Head.Espgen.
var leastForm = regexp.MustCompile(`^>= *([0-9]+(?:\.[0-9]+){1,2})$`)

// developed is the ending of the versions that Go gives to builds between two
// releases.
var developed = regexp.MustCompile(`[-.][0-9]{14}-[0-9a-f]{12}(\+.*)?$`)

// Check returns an error where an espgen of a version cannot read a file of this
// head. data is the file, for places. A build that is no release passes whatever
// the file needs: it may have all of the next release.
func (h Head) Check(data []byte, version string) error {
	switch {
	case h.Format != nil && *h.Format > Format:
		return unreadable(data, "format", "update espgen", "the format is %d, and this espgen%s knows none above %d", *h.Format, named(version), Format)
	case h.Format != nil && *h.Format < 1:
		return unreadable(data, "format", fmt.Sprintf("write format: %d", Format), "the format is %d, below the limit of 1", *h.Format)
	case h.Espgen == "":
		return nil
	}
	m := leastForm.FindStringSubmatch(h.Espgen)
	if m == nil {
		return unreadable(data, "espgen", `write the least version: espgen: ">=1.2"`, "%q is not the least version of espgen", h.Espgen)
	}
	least, err := semver.NewVersion(m[1])
	if err != nil {
		return unreadable(data, "espgen", `write the least version: espgen: ">=1.2"`, "%q is not the least version of espgen", h.Espgen)
	}
	if this := releaseOf(version); this != nil && this.LessThan(least) {
		return unreadable(data, "espgen", "update espgen to "+m[1]+" or later", "it needs espgen %s, and this one is %s", h.Espgen, version)
	}
	return nil
}

// releaseOf returns the release that a version is of, nil for a build that is none.
func releaseOf(version string) *semver.Version {
	v, err := semver.NewVersion(version)
	if err != nil || developed.MatchString(version) {
		return nil
	}
	release, _ := v.SetPrerelease("") // v1.2.0-rc.1 counts as v1.2.0
	return &release
}

// named is a version behind the word espgen, "" where it is no release's.
func named(version string) string {
	if _, err := semver.NewVersion(version); err != nil {
		return ""
	}
	return " " + version
}

// HeadOf reads the head of a file whose rest this espgen may not know.
func HeadOf(data []byte) Head {
	var h Head
	_ = yaml.Unmarshal(data, &h) // what is wrong with it is told by who reads the rest
	return h
}

// unreadable is an error at the value of a key at the top of a file.
func unreadable(data []byte, key, hint, format string, args ...any) error {
	e := &UnreadableError{Msg: key + ": " + fmt.Sprintf(format, args...), Hint: hint}
	var doc yaml.Node
	if yaml.Unmarshal(data, &doc) != nil || len(doc.Content) == 0 {
		return e
	}
	top := doc.Content[0].Content
	for i := 0; i+1 < len(top); i += 2 {
		if top[i].Value == key {
			e.Line, e.Col = top[i+1].Line, top[i+1].Column
		}
	}
	return e
}
