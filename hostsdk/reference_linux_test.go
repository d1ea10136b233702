package hostsdk_test

import (
	"syscall"
	"testing"
)

// TestReferenceHasLinuxNumbers holds the numbers of the PC to the PC.
func TestReferenceHasLinuxNumbers(t *testing.T) {
	linux := map[string]syscall.Errno{
		"EINTR": syscall.EINTR, "EIO": syscall.EIO, "EBADF": syscall.EBADF, "EAGAIN": syscall.EAGAIN, "ENOMEM": syscall.ENOMEM,
		"EACCES": syscall.EACCES, "EFAULT": syscall.EFAULT, "EINVAL": syscall.EINVAL, "ENFILE": syscall.ENFILE, "EMFILE": syscall.EMFILE,
		"ENOSPC": syscall.ENOSPC, "EPIPE": syscall.EPIPE, "ENOSYS": syscall.ENOSYS, "EOPNOTSUPP": syscall.EOPNOTSUPP,
		"ECONNRESET": syscall.ECONNRESET, "ENOBUFS": syscall.ENOBUFS, "EAFNOSUPPORT": syscall.EAFNOSUPPORT, "ENOTSOCK": syscall.ENOTSOCK,
		"ENOPROTOOPT": syscall.ENOPROTOOPT, "ECONNREFUSED": syscall.ECONNREFUSED, "EADDRINUSE": syscall.EADDRINUSE,
		"ECONNABORTED": syscall.ECONNABORTED, "ENETUNREACH": syscall.ENETUNREACH, "ENETDOWN": syscall.ENETDOWN,
		"ETIMEDOUT": syscall.ETIMEDOUT, "EHOSTUNREACH": syscall.EHOSTUNREACH, "EINPROGRESS": syscall.EINPROGRESS,
		"EALREADY": syscall.EALREADY, "EMSGSIZE": syscall.EMSGSIZE, "EADDRNOTAVAIL": syscall.EADDRNOTAVAIL,
		"EISCONN": syscall.EISCONN, "ENOTCONN": syscall.ENOTCONN,
	}
	for _, e := range reference(t).Errnos {
		if e.Of != "" {
			continue
		}
		number := e.Linux
		if number == 0 {
			number = e.Number
		}
		if int(linux[e.Name]) != number {
			t.Errorf("%s is %d on Linux, and here %d", e.Name, int(linux[e.Name]), number)
		}
	}
}
