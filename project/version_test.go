package project

import "testing"

// TestNewer compares versions, of releases and of development builds.
func TestNewer(t *testing.T) {
	// From old to new; those of a line are not told apart.
	order := [][]string{
		{"v0.0.0-20261101120000-aaaaaaaaaaaa", "v0.0.0-20261101120000-aaaaaaaaaaaa+dirty"},
		{"v0.0.0-20261101120001-000000000000"},
		{"v0.9.0-rc.1"},
		{"v0.9.0"},
		{"v0.9.1-0.20261101120000-aaaaaaaaaaaa"},
		{"v0.9.1-0.20261102120000-aaaaaaaaaaaa"},
		{"v0.9.1", "v0.9.1+dirty"},
		{"v0.10.0"},
		{"v1.0.0"},
	}
	for i, older := range order {
		for j, newer := range order {
			for _, a := range older {
				for _, b := range newer {
					if got := Newer(b, a); got != (j > i) {
						t.Errorf("%s newer than %s: %v", b, a, got)
					}
				}
			}
		}
	}
	for _, odd := range []string{"", "(devel)", "(unknown)", "v1", "v0.9", "99.x", "v\x1b"} {
		if Newer(odd, "v0.1.0") || Newer("v99.0.0", odd) {
			t.Errorf("%q is compared", odd)
		}
	}
}
