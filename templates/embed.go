// Package templates holds the templates of every role, embedded.
package templates

import "embed"

// FS holds the templates: a folder for each role, _project and _partials.
//
//go:embed all:*
var FS embed.FS
