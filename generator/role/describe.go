package role

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/espgen/espgen/generator/field"
)

// Description says what a field is, what it may hold, and its default, where
// roles and their styles differ for each.
func Description(f field.Field, roles []Role) string {
	return fmt.Sprintf("%s. Allowed: %s. Default: %s.", f.Summary, RangeText(f, roles), DefaultText(f, roles))
}

// DefaultText says in words which default the roles have for a field.
func DefaultText(f field.Field, roles []Role) string {
	text := byStyle(f, roles, func(use Use, _ string) string {
		own := f
		own.Required = use.Required
		if use.Default != f.Default {
			own.Default, own.Derived = use.Default, ""
		}
		return own.DefaultText()
	})
	if text == "" {
		return f.DefaultText()
	}
	return text
}

// RangeText says in words what the roles take for a field.
func RangeText(f field.Field, roles []Role) string {
	text := byStyle(f, roles, func(use Use, style string) string { return f.As(use.Form, style).Range() })
	if text == "" {
		return f.Range()
	}
	return text
}

// DrivesText says which C a field drives in the roles.
func DrivesText(f field.Field, roles []Role) string {
	return cmp.Or(byStyle(f, roles, func(use Use, _ string) string { return cmp.Or(use.Drives, f.C) }), f.C)
}

// byStyle puts together what holds for a field in the roles and styles that use
// it: one text where it is the same in all, else "guide: 1; robust: 4", with the
// role before the style where its roles differ. It is "" where nobody uses it.
func byStyle(f field.Field, roles []Role, text func(use Use, style string) string) string {
	type said struct{ role, style, text string }
	var all []said
	for _, r := range roles {
		for _, name := range r.StyleNames() {
			if use, ok := r.Styles[name].Uses(f); ok {
				all = append(all, said{r.Name, name, text(use, name)})
			}
		}
	}
	differs := func(in func(said) bool) bool {
		i := slices.IndexFunc(all, in)
		return i >= 0 && slices.ContainsFunc(all, func(s said) bool { return in(s) && s.text != all[i].text })
	}
	switch {
	case len(all) == 0:
		return ""
	case !differs(func(said) bool { return true }):
		return all[0].text
	}
	slices.SortStableFunc(all, func(a, b said) int { return strings.Compare(a.style, b.style) })
	var list []string
	for _, s := range all {
		who := s.style
		if differs(func(other said) bool { return other.style == s.style }) {
			who = s.role + " " + who
		}
		if line := who + ": " + s.text; !slices.Contains(list, line) {
			list = append(list, line)
		}
	}
	return strings.Join(list, "; ")
}
