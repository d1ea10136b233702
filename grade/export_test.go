package grade

import (
	"github.com/espgen/espgen/check"
	"github.com/espgen/espgen/report"
)

// Explain says in better words what a compiler means.
func Explain(message, source string) check.Text {
	return explain(report.Diagnostic{Message: message, Source: source})
}
