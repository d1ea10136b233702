package generator

import (
	"testing"

	"github.com/espgen/espgen/generator/spec"
)

func TestKconfigValue(t *testing.T) {
	tests := []struct {
		value any
		want  string
	}{
		{true, "y"},
		{false, "n"},
		{"y", "y"},
		{"n", "n"},
		{"yes", `"yes"`},
		{"", `""`},
		{`a"b`, `"a\"b"`},
		{-7, "-7"},
		{spec.Hex("0x1F00"), "0x1F00"},
		{"0x1F00", `"0x1F00"`},
	}
	for _, test := range tests {
		if got := kconfigValue(test.value); got != test.want {
			t.Errorf("kconfigValue(%#v) = %s, want %s", test.value, got, test.want)
		}
	}
}
