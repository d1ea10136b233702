package generator

import (
	"io/fs"
	"slices"
	"testing"

	"github.com/espgen/espgen/templates"
)

// TestCatalogs holds each folder's catalog to its templates: every passage is
// translated, with the same actions in it, and nothing else is in the catalog.
func TestCatalogs(t *testing.T) {
	folders, err := fs.Glob(templates.FS, "*/*")
	if err != nil || len(folders) < 8 {
		t.Fatal(folders, err)
	}
	for _, folder := range folders {
		t.Run(folder, func(t *testing.T) {
			for _, fault := range Untranslated(templates.FS, folder, "zh") {
				t.Error(fault)
			}
		})
	}
}

func TestPassages(t *testing.T) {
	c := "int a; // not on a line of its own\n    // One sentence\n    // in two lines.\n    //\n    // Another.\n{{- if .X}}\n    // Third.\n{{- end}}\n"
	var got []string
	for _, p := range passages("x/main.c.tmpl", c) {
		got = append(got, p.text)
	}
	if want := []string{"One sentence in two lines.", "Another.", "Third."}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}

	h := "/// @file\n/// A header\n/// in two lines.\n\n/// Does it.\n///\n/// @param a what\n///   it is\n/// @return whether\n"
	got = nil
	for _, p := range passages("x/main.h.tmpl", h) {
		got = append(got, p.text)
	}
	if want := []string{"A header in two lines.", "Does it.", "@param a what it is", "@return whether"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}

	md := "# Title\n\ntwo\nlines\n{{- if .X}}\n\n- item\n{{- end}}\n\n```sh\ncode\n```\n\n{{template \"x\" .}}\n| a | b |\n"
	got = nil
	for _, p := range passages("x/README.md.tmpl", md) {
		got = append(got, p.text)
	}
	if want := []string{"# Title", "two\nlines", "- item"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestWrap(t *testing.T) {
	tests := []struct {
		text  string
		width int
		want  []string
	}{
		{"one two three", 7, []string{"one two", "three"}},
		{"网络连接成功。然后", 10, []string{"网络连接成", "功。然后"}},
		{"网络连接成，功", 10, []string{"网络连接", "成，功"}},
		{"等待 {{.WiFi.WaitMS}} 毫秒", 8, []string{"等待 {{.WiFi.WaitMS}}", "毫秒"}},
		{"保活（教程）", 6, []string{"保活", "（教", "程）"}},
		{"", 8, []string{""}},
	}
	for _, test := range tests {
		if got := wrap(test.text, test.width); !slices.Equal(got, test.want) {
			t.Errorf("wrap(%q, %d) = %q, want %q", test.text, test.width, got, test.want)
		}
	}
}
