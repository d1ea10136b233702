package generator

import (
	"text/template"

	"github.com/Masterminds/sprig/v3"

	"github.com/espgen/espgen/generator/escape"
)

// sprigFunctions are the functions of sprig that templates may call: those
// that one does. A function that reads the clock, the environment or the
// network, is random, changes its arguments, or turns an error into a zero has
// no place here.
var sprigFunctions []string

// functions are all that a template may call beside text/template's own: the
// escapers, and those of sprig that are named.
func functions(names []string) template.FuncMap {
	funcs := template.FuncMap{
		"cquote":       escape.C,
		"cmakequote":   escape.CMake,
		"kconfigquote": escape.Kconfig,
		"markdown":     escape.Markdown,
		"yamlquote":    escape.YAML,
	}
	all := sprig.GenericFuncMap()
	for _, name := range names {
		funcs[name] = all[name]
	}
	return funcs
}
