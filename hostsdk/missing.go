package hostsdk

import (
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"
)

// missing is the error of functions that are nowhere.
func (p *plan) missing(functions []string) *MissingError {
	e := &MissingError{Functions: functions}
	for _, c := range p.components {
		for _, source := range c.others {
			text, err := readUpTo(p.at(source), maxSource)
			if i := slices.IndexFunc(functions, func(name string) bool { return defines(text, name) }); err == nil && i >= 0 {
				e.help = fmt.Sprintf("%s is in %s: add %q to SRCS in %s", functions[i], source, strings.TrimPrefix(source, c.dir+"/"), c.list)
				return e
			}
		}
	}
	if slices.Contains(functions, "app_main") {
		e.help = "write void app_main(void) in one of " + path.Join(mainDir, "*.c")
		return e
	}
	e.help = "define the function in the project, or, for this PC only, in a C file in " + hostDir + "/"
	return e
}

// defines reports whether a source looks as if it defined a function.
func defines(source, name string) bool {
	form := regexp.MustCompile(`\b` + regexp.QuoteMeta(name) + `\s*\([^;{}]*\)\s*\{`)
	return form.MatchString(source)
}
