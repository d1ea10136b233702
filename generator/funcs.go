package generator

import (
	"text/template"

	"github.com/Masterminds/sprig/v3"

	"github.com/espgen/espgen/generator/escape"
)

// sprigFunctions are the functions of sprig that templates may call. The
// others read the clock, the environment or the network, are random, change
// their arguments, or turn an error into a zero.
var sprigFunctions = []string{
	"upper", "lower", "trim", "replace", "contains", "hasPrefix", "hasSuffix", "join", "splitList", "indent",
	"default", "ternary", "list", "dict", "hasKey", "add", "sub", "mul", "first", "last", "uniq", "sortAlpha",
}

// functions are all that a template may call beside text/template's own.
func functions() template.FuncMap {
	all := sprig.GenericFuncMap()
	funcs := template.FuncMap{
		"cquote":       escape.C,
		"cmakequote":   escape.CMake,
		"kconfigquote": escape.Kconfig,
		"markdown":     escape.Markdown,
		"yamlquote":    escape.YAML,
	}
	for _, name := range sprigFunctions {
		funcs[name] = all[name]
	}
	return funcs
}
