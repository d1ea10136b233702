package generator

import (
	"github.com/espgen/espgen/generator/role"
	"github.com/espgen/espgen/generator/spec"
)

// Values returns what checks can name of a checked spec: what templates print,
// at the same paths, less what is secret and what is no single value.
func Values(s *spec.Spec, r role.Role) (map[string]any, error) {
	d, err := newData(s, r)
	if err != nil {
		return nil, err
	}
	for _, list := range []string{"settings", "options", "hidden_options", "components"} {
		delete(d, list)
	}
	d.Put("wifi.password", nil)
	for _, f := range r.Own {
		if f.Secret {
			d.Put(f.Path, nil)
		}
	}
	return d, nil
}
