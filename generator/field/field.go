// Package field holds the table of a spec's fields: what a row says of a value, and
// the rows that all roles share. Ranges, messages, `espgen explain`, the JSON
// Schema and the starter spec all come from the rows.
package field

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"sync"
)

// A Kind is the type that a field has in YAML.
type Kind int

// The kinds of field.
const (
	Name    Kind = iota // a string out of Field.Values, or of the form Field.Pattern
	Text                // a string of Field.Min to Field.Max bytes
	Integer             // a whole number from Field.Min to Field.Max
	Pair                // two whole numbers, each from Field.Min to Field.Max, the first not above the second
	Boolean             // true or false
	Options             // a map of CONFIG_ names to values
	List                // of at most Field.Max names, each of the form Field.Pattern
)

// String names the kind as an error message does.
func (k Kind) String() string {
	return [...]string{"name", "string", "whole number", "pair of numbers", "boolean", "map", "list of names"}[k]
}

// A Field is one row of the spec's table.
type Field struct {
	Path     string   // where it stands in the spec: "wifi.retries"
	Kind     Kind     // its type
	Unit     string   // "ms", "s", "bytes", "" for a plain number
	Min, Max int      // Integer, Pair: its range; Text: its length in bytes
	Multiple int      // Integer: what it must be a multiple of; 0 for any
	Zero     string   // Integer: what 0 means where it is allowed beside the range, "" where it is not
	Values   []string // Name: what it may be
	Pattern  string   // regular expression of a whole value, in the syntax that Go and ECMAScript share
	Allowed  string   // what Pattern demands, in words
	Default  any      // nil where it is required, derived, or a matter of the role
	From     string   // the field that has the default, where another one has
	Derived  string   // where the default comes from otherwise, in words
	Example  any      // its value in a starter spec, nil for its default
	Required bool     // whether every role needs it
	Optional bool     // whether it may be left out without a default: it is derived from other fields, or stays nil
	Group    bool     // whether it is given with all the other fields of its section, or not at all
	Common   bool     // whether every role and style uses it
	Secret   bool     // whether its value is kept out of every message

	Summary string // what it is: "the network's name"
	C       string // the generated code that it drives
	Guide   string // the guide's section about it; "" where it has none
	Note    string // what else there is to know

	// check says what is wrong with a string, where there is more to say than
	// Values, Pattern, Min and Max do. shown is the value as a message may
	// print it. An empty hint stands for the field's Range.
	check func(value, shown string) (msg, hint string)

	// forms are what it may hold, by name, in the styles that take less than the
	// row says.
	forms map[string]form

	Line int // of role.yaml; 0 for a row that every role has
}

// A form goes before the same fields of its row.
type form struct {
	pattern, allowed string
	check            func(value, shown, style string) (msg, hint string)
}

// Forms returns the names of the forms that a style may ask for, sorted.
func (f Field) Forms() []string { return slices.Sorted(maps.Keys(f.forms)) }

// As returns the row as it holds in a style that takes only a form of it.
func (f Field) As(name, style string) Field {
	if form, ok := f.forms[name]; ok {
		f.Pattern, f.Allowed = form.pattern, form.allowed
		f.check = func(value, shown string) (msg, hint string) { return form.check(value, shown, style) }
	}
	return f
}

// patterns are the compiled patterns of rows. They are as many as there are rows,
// of espgen's and of roles that somebody wrote.
var patterns sync.Map

// matches reports whether a value is of the form Pattern.
func (f Field) matches(value string) bool {
	re, ok := patterns.Load(f.Pattern)
	if !ok {
		re, _ = patterns.LoadOrStore(f.Pattern, regexp.MustCompile(f.Pattern))
	}
	return re.(*regexp.Regexp).MatchString(value)
}

// Range says in words what the field may hold.
func (f Field) Range() string {
	switch {
	case f.Allowed != "":
		return f.Allowed
	case len(f.Values) > 0:
		return strings.Join(f.Values, ", ")
	case f.Kind == Boolean:
		return "true, false"
	case f.Kind == Text && f.Min == 0:
		return fmt.Sprintf("at most %d bytes", f.Max)
	case f.Kind == Text:
		return fmt.Sprintf("%d to %d bytes", f.Min, f.Max)
	}
	text := fmt.Sprintf("%d to %d", f.Min, f.Max)
	if f.Unit != "" {
		text += " " + f.Unit
	}
	if f.Kind == Pair {
		return fmt.Sprintf("[FIRST, LONGEST], each %s, the first not above the longest", text)
	}
	if f.Multiple > 0 {
		text += fmt.Sprintf(", a multiple of %d", f.Multiple)
	}
	if f.Zero != "" {
		return fmt.Sprintf("0 (%s), or %s", f.Zero, text)
	}
	return text
}

// DefaultText says in words what holds where the field is not given.
func (f Field) DefaultText() string {
	switch {
	case f.Required:
		return "none, it is required"
	case f.Derived != "":
		return f.Derived
	case f.Default == "":
		return "empty"
	case f.Kind == Name:
		return fmt.Sprint(f.Default)
	}
	return Show(f.Default, "")
}

// Description says all of it in a line or two: what the field is, what it may
// hold, and its default.
func (f Field) Description() string {
	return fmt.Sprintf("%s. Allowed: %s. Default: %s.", f.Summary, f.Range(), f.DefaultText())
}

// Typed returns a role's default in the Go type that Spec has for it.
func (f Field) Typed(value any) any {
	if list, ok := value.([]any); ok && f.Kind == Pair && len(list) == 2 {
		first, ok1 := list[0].(int)
		longest, ok2 := list[1].(int)
		if ok1 && ok2 {
			return [2]int{first, longest}
		}
	}
	return value
}
