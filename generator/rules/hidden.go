package rules

import "github.com/espgen/espgen/generator/field"

// hide notes the values that nobody else may read, by what the file says of
// them, or their field.
func (c *checker) hide() {
	for _, f := range c.table {
		if text, _ := c.spec.Value(f.Path).(string); text == "" || isEnumerated(f) {
			continue
		}
		if ref := c.file.Reference(f.Path); ref != "" {
			c.hideAt(f.Path, "the value of "+ref)
		} else if f.Secret {
			c.hideAt(f.Path, "the value")
		}
	}
	for name, value := range c.spec.Sdkconfig {
		path := field.Join("sdkconfig", name)
		if ref := c.file.Reference(path); ref != "" && value != nil {
			c.hideAt(path, "the value of "+ref)
		}
	}
}

func (c *checker) hideAt(path, how string) {
	if c.spec.Hidden == nil {
		c.spec.Hidden = map[string]string{}
	}
	c.spec.Hidden[path] = how
}

// hideToo notes the value of a field that is made from another one's.
func (c *checker) hideToo(path, from string) {
	if how, ok := c.spec.Hidden[from]; ok {
		c.hideAt(path, how+", from "+from+",")
	}
}

// isEnumerated reports whether anybody knows the field's values: that one was
// chosen is no secret, and decides which files there are.
func isEnumerated(f field.Field) bool {
	return len(f.Values) > 0 || f.Path == "role" || f.Path == "style"
}
