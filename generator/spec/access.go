package spec

import (
	"maps"
	"reflect"
	"slices"
	"sync"

	"github.com/espgen/espgen/generator/field"
)

// places are where the values of Spec's paths lie in it. The yaml tags are the
// paths.
var places = sync.OnceValue(func() map[string][]int {
	found := map[string][]int{}
	var visit func(t reflect.Type, path string, index []int)
	visit = func(t reflect.Type, path string, index []int) {
		for i := range t.NumField() {
			key := t.Field(i).Tag.Get("yaml")
			at, here := field.Join(path, key), append(slices.Clone(index), i)
			switch {
			case key == "-": // Own has paths of its own
			case t.Field(i).Type.Kind() == reflect.Struct:
				visit(t.Field(i).Type, at, here)
			default:
				found[at] = here
			}
		}
	}
	visit(reflect.TypeFor[Spec](), "", nil)
	return found
})

// at returns the settable field of s that a path names. ok is false for a field
// of a role's own, which has none.
func at(s *Spec, path string) (v reflect.Value, ok bool) {
	index, ok := places()[path]
	if !ok {
		return v, false
	}
	return reflect.ValueOf(s).Elem().FieldByIndex(index), true
}

// Value returns the value at a path such as "wifi.ssid", nil where the spec
// does not give one.
func (s *Spec) Value(path string) any {
	v, ok := at(s, path)
	switch {
	case !ok:
		return s.Own[path]
	case v.IsZero():
		return nil
	case v.Kind() == reflect.Pointer:
		return v.Elem().Interface()
	}
	return v.Interface()
}

// Set puts a value of the field's Go type at a path.
func (s *Spec) Set(path string, value any) {
	v, ok := at(s, path)
	if !ok {
		if s.Own == nil {
			s.Own = map[string]any{}
		}
		s.Own[path] = value
		return
	}
	if v.Kind() == reflect.Pointer {
		v.Set(reflect.New(v.Type().Elem()))
		v = v.Elem()
	}
	v.Set(reflect.ValueOf(value))
}

// Clone returns a copy that shares nothing with s.
func (s *Spec) Clone() Spec {
	c := *s
	c.Requires = slices.Clone(s.Requires)
	c.Sdkconfig, c.Own, c.Hidden = maps.Clone(s.Sdkconfig), maps.Clone(s.Own), maps.Clone(s.Hidden)
	for _, index := range places() {
		if v := reflect.ValueOf(&c).Elem().FieldByIndex(index); v.Kind() == reflect.Pointer && !v.IsNil() {
			copied := reflect.New(v.Type().Elem())
			copied.Elem().Set(v.Elem())
			v.Set(copied)
		}
	}
	return c
}
