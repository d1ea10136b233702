package spec

import "testing"

// FuzzDisguised wants another value, whatever it is, that no rendering takes for
// the same.
func FuzzDisguised(f *testing.F) {
	for _, text := range []string{"a", "z", "9", "--", " ", "$", "\"\"", "~", "\n", "\x7f", "\xff", "é", "192.0.2.1", "::1", "\U0010ffff"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if text != "" && disguised(text) == text {
			t.Errorf("%q stays as it is", text)
		}
	})
}
