package idf_test

import (
	"testing"

	"github.com/espgen/espgen/generator/idf"
)

// TestRange wants what a range lets in, at and around its bounds.
func TestRange(t *testing.T) {
	for text, want := range map[string]struct{ below, from, between, empty bool }{ // 6.0, from 5.3 on and below 6.0
		">=5.1":         {below: true, from: true, between: true},
		">=6.0":         {from: true},
		">=5.1,<6.0":    {below: true, between: true},
		">=5.1, <5.3":   {below: true},
		"==5.5.1":       {below: true, between: true},
		"!=6.0":         {below: true, from: true, between: true},
		"~=5.3":         {below: true, between: true},
		"~6.0.1":        {from: true},
		"^5.1":          {below: true, between: true},
		">5.2.9,<5.3.1": {below: true, between: true},
		">=7,<6":        {empty: true},
	} {
		r, ok := idf.Parse(text)
		if !ok {
			t.Fatal(text)
		}
		got := struct{ below, from, between, empty bool }{r.AllowsBelow("6.0"), r.AllowsFrom("6.0"), r.AllowsBetween("5.3", "6.0"), r.Empty()}
		if got != want {
			t.Errorf("%s: got %+v, want %+v", text, got, want)
		}
		if r.AllowsBetween("", "6.0") != want.below || r.AllowsBetween("6.0", "") != want.from || r.AllowsBetween("", "") == want.empty {
			t.Errorf("%s: AllowsBetween with one limit, or none, says something else", text)
		}
	}
	for _, text := range []string{"", "latest", ">=", "5.1.2.3", "=>5", ">=5.1,"} {
		if _, ok := idf.Parse(text); ok {
			t.Errorf("%q is taken for a range", text)
		}
	}
}
