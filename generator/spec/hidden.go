package spec

import (
	"maps"
	"net/netip"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Place gives issues of a checked spec their places in the file.
func (f *File) Place(issues Issues) Issues {
	for i := range issues {
		issues[i].Pos = f.ValuePos(issues[i].Path)
	}
	placed, _ := issues.Err().(Issues) //nolint:errorlint // it is one, or nil
	return placed
}

// Disguise returns a copy of s with another text of the same kind in the place
// of each hidden one of these paths. Renderings of both show where the hidden
// values are.
func (s *Spec) Disguise(paths []string) *Spec {
	c := s.Clone()
	for _, path := range paths {
		if option, ok := strings.CutPrefix(path, "sdkconfig."); ok {
			if text, ok := s.Sdkconfig[option].(string); ok {
				c.Sdkconfig[option] = disguised(text)
			}
		} else if text, ok := s.Value(path).(string); ok {
			c.Set(path, disguised(text))
		}
	}
	return &c
}

// HiddenPaths lists the paths of what is hidden, sorted, and HiddenTexts their
// values.
func (s *Spec) HiddenPaths() []string { return slices.Sorted(maps.Keys(s.Hidden)) }

// HiddenTexts lists the hidden values, in the order of [Spec.HiddenPaths].
func (s *Spec) HiddenTexts() []string {
	var list []string
	for _, path := range s.HiddenPaths() {
		text, isText := s.Value(path).(string)
		if option, ok := strings.CutPrefix(path, "sdkconfig."); ok {
			text, isText = s.Sdkconfig[option].(string)
		}
		if isText && text != "" {
			list = append(list, text)
		}
	}
	return list
}

// disguised returns another text of the same length, with letters where it has
// letters, or another address of the same kind.
func disguised(text string) string {
	for _, example := range []string{"192.0.2.1", "192.0.2.2", "2001:db8::1", "2001:db8::2"} {
		is, err := netip.ParseAddr(text)
		if err == nil && example != text && is.Is4() == netip.MustParseAddr(example).Is4() {
			return example
		}
	}
	if !utf8.ValidString(text) {
		bytes := []byte(text)
		for i := range bytes {
			bytes[i] ^= 1
		}
		return string(bytes)
	}
	if other := strings.Map(anotherLetter, text); other != text {
		return other
	}
	return strings.Map(anotherSign, text)
}

func anotherLetter(r rune) rune {
	switch {
	case r == 'z' || r == 'Z':
		return r - 25
	case r == '9':
		return '0'
	case r >= 'a' && r < 'z', r >= 'A' && r < 'Z', r >= '0' && r < '9':
		return r + 1
	case r > unicode.MaxASCII:
		return r ^ 1
	}
	return r
}

// anotherSign keeps apart those that mean something in C, Kconfig and CMake.
func anotherSign(r rune) rune {
	const special, common = "\"'\\$", " !#%&()*+,-./:;<=>?@[]^_`{|}~"
	for _, signs := range []string{special, common} {
		if i := strings.IndexRune(signs, r); i >= 0 {
			return rune(signs[(i+1)%len(signs)])
		}
	}
	return r ^ 1 // a control character
}
