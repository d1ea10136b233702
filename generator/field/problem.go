package field

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Problem says what is wrong with a value of the field, and what to do. hidden
// describes a value that must not be shown; "" where it may be.
func (f Field) Problem(value any, hidden string) (msg, hint string) {
	if f.Secret && hidden == "" {
		hidden = "the value"
	}
	shown := Show(value, hidden)
	switch v := value.(type) {
	case bool:
		if f.Kind != Boolean {
			return fmt.Sprintf("%s is a boolean, not a %s", shown, f.Kind), f.RangeHint()
		}
	case int:
		if f.Kind != Integer {
			return fmt.Sprintf("%d is a number, not a %s", v, f.Kind), f.RangeHint()
		}
		return f.intProblem(v)
	case [2]int:
		return f.pairProblem(v)
	case []string:
		return f.listProblem(v)
	case string:
		return f.stringProblem(v, shown)
	default:
		return fmt.Sprintf("%s is not a %s", shown, f.Kind), f.RangeHint()
	}
	return "", ""
}

func (f Field) intProblem(v int) (msg, hint string) {
	switch {
	case v == 0 && f.Zero != "":
		return "", ""
	case v < f.Min:
		return fmt.Sprintf("%d is below the limit of %d", v, f.Min), f.RangeHint()
	case v > f.Max:
		return fmt.Sprintf("%d is above the limit of %d", v, f.Max), f.RangeHint()
	case f.Multiple > 0 && v%f.Multiple != 0:
		return fmt.Sprintf("%d is not a multiple of %d", v, f.Multiple),
			fmt.Sprintf("the next ones are %d and %d", v/f.Multiple*f.Multiple, (v/f.Multiple+1)*f.Multiple)
	}
	return "", ""
}

func (f Field) listProblem(names []string) (msg, hint string) {
	if f.Kind != List {
		return fmt.Sprintf("a list is not a %s", f.Kind), f.RangeHint()
	}
	if len(names) > f.Max {
		return fmt.Sprintf("it has %d names, above the limit of %d", len(names), f.Max), f.RangeHint()
	}
	for i, name := range names {
		if !f.matches(name) {
			return fmt.Sprintf("%s is not of the form it must have", Show(name, "")), f.RangeHint()
		}
		if slices.Contains(names[:i], name) {
			return fmt.Sprintf("%s is in it twice", Show(name, "")), "remove one"
		}
	}
	return "", ""
}

func (f Field) pairProblem(v [2]int) (msg, hint string) {
	for _, n := range v {
		if msg, hint := f.intProblem(n); msg != "" {
			return msg, hint
		}
	}
	if v[0] > v[1] {
		return fmt.Sprintf("the first, %d, is above the longest, %d", v[0], v[1]), f.RangeHint()
	}
	return "", ""
}

func (f Field) stringProblem(v, shown string) (msg, hint string) {
	if f.Kind != Name && f.Kind != Text {
		return fmt.Sprintf("%s is a string, not a %s", shown, f.Kind), f.RangeHint()
	}
	if f.check != nil {
		if msg, hint := f.check(v, shown); msg != "" {
			return msg, cmp.Or(hint, f.RangeHint())
		}
	}
	switch {
	case len(f.Values) > 0 && !slices.Contains(f.Values, v):
		return fmt.Sprintf("%s is not one of its values", shown), Suggest(v, f.Values)
	case f.Pattern != "" && !f.matches(v):
		return fmt.Sprintf("%s is not of the form it must have", shown), f.RangeHint()
	case f.Kind == Text && len(v) < f.Min:
		return "it is empty", f.RangeHint()
	case f.Kind == Text && len(v) > f.Max:
		return fmt.Sprintf("%s is %d bytes long, above the limit of %d", shown, len(v), f.Max), f.RangeHint()
	case f.Kind == Text && strings.ContainsRune(v, 0):
		return fmt.Sprintf("%s holds a NUL byte, which ends a string in C", shown), "leave it out"
	}
	return "", ""
}

// RangeHint is the hint for a value that the field may not hold.
func (f Field) RangeHint() string { return "allowed: " + f.Range() }
