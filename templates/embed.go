// Package templates holds the templates of every role, embedded.
package templates

import "embed"

// FS holds the templates: roles, and the parts that they are built from.
//
//go:embed all:parts all:roles
var FS embed.FS
