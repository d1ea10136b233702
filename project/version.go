package project

import "github.com/Masterminds/semver/v3"

// Newer reports whether one version of espgen is newer than another: of
// development builds, whether their commit is. Where it cannot be told, it is
// not.
func Newer(version, than string) bool {
	v, err1 := semver.StrictNewVersion(trimV(version))
	w, err2 := semver.StrictNewVersion(trimV(than))
	return err1 == nil && err2 == nil && v.GreaterThan(w)
}

// trimV takes the v from a version of a Go module.
func trimV(version string) string {
	if version != "" && version[0] == 'v' {
		return version[1:]
	}
	return version
}
