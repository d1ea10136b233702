// Package lazyregexp compiles regular expressions when they are first used. A
// command uses few of those that its packages have, and starts sooner without
// the others.
package lazyregexp

import (
	"regexp"
	"sync"
)

// New returns a function that returns the compiled expression. Any number of
// goroutines may call it; it panics where the expression is not valid.
func New(expr string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(expr) })
}
