package rules

import (
	"strings"

	"github.com/espgen/espgen/generator/field"
	"github.com/espgen/espgen/generator/role"
)

// checkHidden refuses options that !env and !secret give where they would be in
// a file that git tracks.
func (c *checker) checkHidden(style role.Style) {
	if c.file != nil {
		c.spec.HiddenOptions = c.file.HiddenOptions()
	}
	if style.HidesOptions {
		return
	}
	var others []string
	for _, name := range c.role.StyleNames() {
		if c.role.Styles[name].HidesOptions {
			others = append(others, name)
		}
	}
	hint := "write the value itself"
	if len(others) > 0 {
		hint += ", or use the style " + strings.Join(others, " or ") + ", which keeps it in a file that git does not see"
	}
	for _, name := range c.spec.HiddenOptions {
		path, shown := field.Join("sdkconfig", name), "its value"
		if c.faulty(path) {
			continue
		}
		if c.file != nil {
			shown = "the value of " + c.file.Reference(path)
		}
		c.errorf(path, hint, "%s goes into sdkconfig.defaults, which git tracks", shown)
	}
}
