package generator_test

import (
	"testing"

	"github.com/espgen/espgen/generator"
)

// TestHide wants values hidden in the lines that hold them, in whatever
// language, and nowhere else.
func TestHide(t *testing.T) {
	for name, test := range map[string]struct{ text, other, want string }{
		"C":           {"int lab;\nchar s[] = \"la\\\"b\";\n", "int lab;\nchar s[] = \"mb\\\"c\";\n", "int lab;\nchar s[] = \"<hidden>\";\n"},
		"Markdown":    {"Join **la\"b**.\n", "Join **mb\"c**.\n", "Join **<hidden>**.\n"},
		"what is not": {"int lab;\n", "int lab;\n", ""},
		"a length":    {"int n = 4; // of it\nint m;\n", "int n = 5; // of it\nint m;\n", "<hidden>\nint m;\n"},
		"a part":      {"xla\"bx la\"b la\"b la\"b\n", "xmb\"cx mb\"c mb\"c mb\"c\n", "x<hidden>x <hidden> <hidden> <hidden>\n"},
		"short":       {"python y y\n", "python z z\n", "python <hidden> <hidden>\n"},
		"other lines": {"join la\"b in label la\"bel\n", "join mb\"c\nin\n", "join <hidden> in label la\"bel\n"},
		"other files": {"join la\"b\n", "", "join <hidden>\n"},
	} {
		files := []generator.File{{Path: "f", Data: []byte(test.text)}}
		others := []generator.File{{Path: "f", Data: []byte(test.other)}}
		if test.other == "" {
			others = nil
		}
		generator.Hide(files, others, []string{`la"b`, "y"})
		if got := string(files[0].Public); got != test.want || string(files[0].Data) != test.text {
			t.Errorf("%s: got %q, want %q", name, got, test.want)
		}
	}
}
