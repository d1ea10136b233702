package field_test

import (
	"testing"

	"github.com/espgen/espgen/generator/field"
)

// TestTableIsACopy wants a change of what Fields and FieldAt return to stay
// without effect.
func TestTableIsACopy(t *testing.T) {
	get := func() field.Field {
		f, _ := field.Shared().At("target")
		return f
	}
	want := get().Values[0]
	f := get()
	f.Values[0] = "changed"
	for _, f := range field.Shared() {
		f.Values = append(f.Values[:0], "changed")
	}
	field.Shared()[0].Path = "changed"
	if got := get().Values[0]; got != want || field.Shared()[0].Path == "changed" {
		t.Errorf("the table has changed: %s, %s", got, field.Shared()[0].Path)
	}
}
