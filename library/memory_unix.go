//go:build unix

package library

import "syscall"

// limitMemory keeps the process from asking for much at once, before
// watchMemory sees it. Go reserves far more addresses than it uses.
func limitMemory() {
	const most = 16 << 30
	_ = syscall.Setrlimit(syscall.RLIMIT_AS, &syscall.Rlimit{Cur: most, Max: most}) // watchMemory is left
}
