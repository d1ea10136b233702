// Package hostsdk builds generated projects for this PC and runs them there.
//
// The project's C is compiled unchanged, against a stand-in for the part of
// ESP-IDF's API that generated projects use: see README.md beside this file.
// The stand-in is C, embedded in the program.
package hostsdk

import "embed"

//go:embed include src host
var files embed.FS
