package check

import (
	"fmt"
	"strings"
)

// References are what docs/checks.md says of each step, by its name.
func References() map[string]string {
	list := map[string]string{}
	for name, a := range actions {
		var b strings.Builder
		fmt.Fprintf(&b, "### %s\n\n%s", name, a.doc)
		if a.short != "" && name != "never" {
			fmt.Fprintf(&b, " `%s: X` is short for `%s: {%s: X}`.", name, name, a.short)
		}
		if a.data {
			b.WriteString(" It takes one of `text`, `hex` and `pattern`, as below.")
		}
		b.WriteString("\n\n")
		if len(a.args) > 0 && name != "never" {
			b.WriteString("| argument | what it is |\n| --- | --- |\n")
			for _, arg := range a.args {
				doc := strings.ReplaceAll(arg.doc, "|", `\|`)
				switch {
				case arg.required:
					doc += "; required"
				case len(arg.choices) > 0:
					doc += ": " + strings.Join(arg.choices, ", ") + "; " + arg.choices[0] + " where it is not given"
				}
				fmt.Fprintf(&b, "| `%s` | %s |\n", arg.name, doc)
			}
			b.WriteString("\n")
		}
		list[name] = b.String()
	}
	return list
}
