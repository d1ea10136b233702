package main

import "syscall"

// errDiskFull is ERROR_DISK_FULL. Windows has no ENOSPC; Go's own is made up.
const errDiskFull = syscall.Errno(112)
