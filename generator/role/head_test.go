package role_test

import (
	"errors"
	"testing"

	"github.com/espgen/espgen/generator/role"
)

// TestHead wants a file that another espgen can read refused with its place, the
// versions, and what to do; and what no release says of itself let through.
func TestHead(t *testing.T) {
	const newer = "title: x\nformat: 2\nlater: [1]\n"
	for _, test := range []struct {
		text, version, want, hint string
		line, col                 int
	}{
		{text: "title: x\n", version: "v1.0.0"},
		{text: "format: 1\n", version: "v1.0.0"},
		{text: newer, version: "v1.3.0", want: "format: the format is 2, and this espgen v1.3.0 knows none above 1", hint: "update espgen", line: 2, col: 9},
		{text: newer, version: "(devel)", want: "format: the format is 2, and this espgen knows none above 1", hint: "update espgen", line: 2, col: 9},
		{text: "format: 0\n", version: "v1.0.0", want: "format: the format is 0, below the limit of 1", hint: "write format: 1", line: 1, col: 9},
		{text: "espgen: '>=1.2'\n", version: "v1.2.0"},
		{text: "espgen: '>=1.2'\n", version: "v1.2.0-rc.1"},
		{text: "espgen: '>= 1.2.3'\n", version: "v2.0.0"},
		{text: "format: 1\nespgen:   \">=1.10\"\n", version: "v1.9.5", want: "espgen: it needs espgen >=1.10, and this one is v1.9.5", hint: "update espgen to 1.10 or later", line: 2, col: 11},
		{text: "espgen: '>=9.0'\n", version: "(devel)"},
		{text: "espgen: '>=9.0'\n", version: ""},
		{text: "espgen: '>=9.0'\n", version: "v0.0.0-20261124123831-0123456789ab+dirty"},
		{text: "espgen: '>=9.0'\n", version: "v1.2.4-0.20261124123831-0123456789ab"},
		{text: "espgen: '9.0'\n", version: "v1.0.0", want: `espgen: "9.0" is not the least version of espgen`, hint: `write the least version: espgen: ">=1.2"`, line: 1, col: 9},
		{text: "espgen: '>=9'\n", version: "", want: `espgen: ">=9" is not the least version of espgen`, hint: `write the least version: espgen: ">=1.2"`, line: 1, col: 9},
		{text: "espgen: '>=99999999999999999999.0'\n", version: "", want: `espgen: ">=99999999999999999999.0" is not the least version of espgen`, hint: `write the least version: espgen: ">=1.2"`, line: 1, col: 9},
	} {
		var got role.UnreadableError
		if err := role.HeadOf([]byte(test.text)).Check([]byte(test.text), test.version); err != nil {
			e, ok := errors.AsType[*role.UnreadableError](err)
			if !ok {
				t.Fatal(err)
			}
			got = *e
		}
		if want := (role.UnreadableError{Line: test.line, Col: test.col, Msg: test.want, Hint: test.hint}); got != want {
			t.Errorf("%q, version %s: got %+v, want %+v", test.text, test.version, got, want)
		}
	}
}
