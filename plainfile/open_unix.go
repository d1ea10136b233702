//go:build unix

package plainfile

import "syscall"

// noWait opens a named pipe without waiting for its other end.
const noWait = syscall.O_NONBLOCK
