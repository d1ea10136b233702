package escape_test

import (
	"bytes"
	"fmt"
	"html"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/yuin/goldmark"
	"gopkg.in/yaml.v3"

	"github.com/espgen/espgen/generator/escape"
)

// hazards are strings that go wrong in one language or another.
var hazards = []string{
	"", " ", "a", " lead", "trail ", "two  spaces", "tab\there", "line\nbreak", "cr\rhere",
	`"`, `'`, `\`, `\\`, `\"`, "`", "``", "$", "${HOME}", "$ENV{HOME}", "@VAR@", ";", "a;b", "#", "# x", "//", "/*", "*/",
	"%s%n%d", "??/", "??=", "??'", "???", "\x01f", "\x7f", "\x1b[31m", "\\x41", "\\101", "\n1", "\x010",
	"é", "网络", "🛜", "a\u202eb", "\u2028", "\u00ad", "\ufeff", "<b>", "&amp;", "&#65;", "*a*", "_a_", "[a](b)", "![a](b)",
	"| a | b |", "- a", "1. a", "> a", "====", "----", "~~~", "a: b", "- b", "{a}", "[a]", "!env A", "&a", "*a", "yes", "null", "0x10", "1e5",
	"]]", "]=]", "\\;", "a\\", "\\n", strings.Repeat("x", 32), "😀😀😀😀😀😀😀😀", "\"\\%s??/\n🛜",
}

// bytesOnly are strings that only a language of bytes can hold.
var bytesOnly = []string{"\xff", "\xc3", "a\x80b", "\xed\xa0\x80"}

func TestMarkdownReadsBack(t *testing.T) {
	for _, s := range append(hazards, "+ a", "1) a", "12. a", "= =", ":smile:", "@all", "$x$", "~~a~~", "www.a.example") {
		if got := readMarkdown(t, escape.Markdown(s)); got != s {
			t.Errorf("Markdown(%q) = %s, which reads as %q", s, escape.Markdown(s), got)
		}
	}
}

// readMarkdown returns the text of a paragraph that consists of s alone.
func readMarkdown(t *testing.T, s string) string {
	t.Helper()
	var out bytes.Buffer
	if s == "" {
		return ""
	}
	if err := goldmark.Convert([]byte(s), &out); err != nil {
		t.Fatal(err)
	}
	text, ok := strings.CutPrefix(out.String(), "<p>")
	text, ok2 := strings.CutSuffix(text, "</p>\n")
	if !ok || !ok2 || strings.Contains(text, "<") {
		t.Errorf("%q is not a plain paragraph: %q", s, out.String())
	}
	return html.UnescapeString(text)
}

func TestYAMLReadsBack(t *testing.T) {
	for _, s := range hazards {
		var got string
		if err := yaml.Unmarshal([]byte(escape.YAML(s)), &got); err != nil || got != s {
			t.Errorf("YAML(%q) = %s, which reads as %q, %v", s, escape.YAML(s), got, err)
		}
	}
}

func TestKconfigReadsBack(t *testing.T) {
	for _, s := range hazards {
		if strings.ContainsAny(s, "\n\r") {
			continue // refused by the spec
		}
		if got := readKconfig(t, escape.Kconfig(s)); got != s {
			t.Errorf("Kconfig(%q) = %s, which reads as %q", s, escape.Kconfig(s), got)
		}
	}
}

// readKconfig reads a string as kconfiglib does: a backslash takes the next
// character as it is, and the first bare quote ends it.
func readKconfig(t *testing.T, s string) string {
	t.Helper()
	body, ok := strings.CutPrefix(s, `"`)
	if !ok {
		t.Fatalf("%q does not begin with a quote", s)
	}
	var b strings.Builder
	for i := 0; i < len(body); i++ {
		switch body[i] {
		case '"':
			if i != len(body)-1 {
				t.Errorf("%q ends too early", s)
			}
			return b.String()
		case '\\':
			i++
		}
		b.WriteByte(body[i])
	}
	t.Errorf("%q does not end", s)
	return ""
}

// tool returns the path of a program, and skips the test where it is missing,
// unless ESPGEN_NEED_TOOLS says that nothing may be skipped.
func tool(t *testing.T, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		if os.Getenv("ESPGEN_NEED_TOOLS") != "" {
			t.Fatalf("%s is missing", name)
		}
		t.Skipf("%s is not installed", name)
	}
	return path
}

// TestCReadsBack compiles every string as a literal, and the program prints
// its bytes.
func TestCReadsBack(t *testing.T) {
	cc := tool(t, "cc")
	strs := append(append([]string{}, hazards...), bytesOnly...)
	for b := 1; b < 256; b++ {
		strs = append(strs, string([]byte{byte(b)}), string([]byte{byte(b), '7', 'f'}))
	}
	var src strings.Builder
	src.WriteString("#include <stdio.h>\n")
	src.WriteString("static void put(const char *s, unsigned long n)\n{\n    for (unsigned long i = 0; i < n; i++) {\n        printf(\"%02x\", (unsigned char)s[i]);\n    }\n    puts(\"\");\n}\n")
	src.WriteString("int main(void)\n{\n")
	for i, s := range strs {
		fmt.Fprintf(&src, "    static const char s%d[] = %s;\n    put(s%d, sizeof(s%d) - 1);\n", i, escape.C(s), i, i)
	}
	src.WriteString("    return 0;\n}\n")

	dir := t.TempDir()
	file, exe := filepath.Join(dir, "strings.c"), filepath.Join(dir, "strings")
	if err := os.WriteFile(file, []byte(src.String()), 0o644); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command(cc, "-Wall", "-Wextra", "-Werror", "-trigraphs", "-o", exe, file).CombinedOutput(); err != nil {
		t.Fatalf("cc: %v\n%s", err, out)
	}
	out, err := exec.Command(exe).Output()
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(string(out), "\n")
	for i, s := range strs {
		if want := fmt.Sprintf("%x", s); lines[i] != want {
			t.Errorf("C(%q) = %s, which reads as %s, want %s", s, escape.C(s), lines[i], want)
		}
	}
}

// TestCMakeReadsBack has CMake write every string to a file of its own.
func TestCMakeReadsBack(t *testing.T) {
	cmake := tool(t, "cmake")
	dir := t.TempDir()
	var script strings.Builder
	for i, s := range hazards {
		fmt.Fprintf(&script, "set(s %s)\nfile(WRITE \"%s/%d\" \"${s}\")\n", escape.CMake(s), dir, i)
	}
	file := filepath.Join(dir, "strings.cmake")
	if err := os.WriteFile(file, []byte(script.String()), 0o644); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command(cmake, "-P", file).CombinedOutput(); err != nil {
		t.Fatalf("cmake: %v\n%s", err, out)
	}
	for i, s := range hazards {
		got, err := os.ReadFile(filepath.Join(dir, strconv.Itoa(i)))
		if err != nil {
			t.Fatal(err)
		}
		if string(got) != s {
			t.Errorf("CMake(%q) = %s, which reads as %q", s, escape.CMake(s), got)
		}
	}
}

func FuzzC(f *testing.F) {
	for _, s := range append(hazards, bytesOnly...) {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		literal := escape.C(s)
		if got := readC(t, literal); got != s {
			t.Errorf("C(%q) = %s, which reads as %q", s, literal, got)
		}
		for _, bad := range []string{"\n", "??"} {
			if strings.Contains(literal, bad) {
				t.Errorf("C(%q) = %s holds %q", s, literal, bad)
			}
		}
	})
}

// readC reads a C string literal: simple escapes and octal ones.
func readC(t *testing.T, literal string) string {
	t.Helper()
	body := literal[1 : len(literal)-1]
	var b strings.Builder
	for i := 0; i < len(body); i++ {
		c := body[i]
		if c == '"' {
			t.Errorf("%s ends too early", literal)
		}
		if c != '\\' {
			b.WriteByte(c)
			continue
		}
		i++
		switch c := body[i]; {
		case c == 'n':
			b.WriteByte('\n')
		case c >= '0' && c <= '7':
			v, err := strconv.ParseUint(body[i:i+3], 8, 8)
			if err != nil {
				t.Errorf("%s: %v", literal, err)
			}
			b.WriteByte(byte(v))
			i += 2
		default:
			b.WriteByte(c)
		}
	}
	return b.String()
}

func FuzzMarkdown(f *testing.F) {
	for _, s := range hazards {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if !utf8.ValidString(s) || strings.ContainsAny(s, "\x00\ufffd") {
			t.Skip("not text")
		}
		if got := readMarkdown(t, escape.Markdown(s)); got != s {
			t.Errorf("Markdown(%q) = %s, which reads as %q", s, escape.Markdown(s), got)
		}
	})
}

func FuzzYAML(f *testing.F) {
	for _, s := range hazards {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if !utf8.ValidString(s) {
			t.Skip("not text")
		}
		var got string
		if err := yaml.Unmarshal([]byte(escape.YAML(s)), &got); err != nil || got != s {
			t.Errorf("YAML(%q) = %s, which reads as %q, %v", s, escape.YAML(s), got, err)
		}
	})
}

func FuzzKconfig(f *testing.F) {
	for _, s := range hazards {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if got := readKconfig(t, escape.Kconfig(s)); got != s {
			t.Errorf("Kconfig(%q) = %s, which reads as %q", s, escape.Kconfig(s), got)
		}
	})
}
