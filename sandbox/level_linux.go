package sandbox

import (
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"
	"sync"

	ll "github.com/landlock-lsm/go-landlock/landlock/syscall"
	"golang.org/x/sys/unix"
)

// What Landlock has from which version on: of the kernel, and its own.
const (
	landlockTCP    = 4 // Linux 6.7
	landlockScopes = 6 // Linux 6.12
)

// Level returns what this machine gives. It tries, instead of asking for the
// kernel's version: containers and boot options take much away.
func Level() Support { return level() }

var level = sync.OnceValue(func() Support {
	var s Support
	missing := func(format string, args ...any) { s.Missing = append(s.Missing, fmt.Sprintf(format, args...)) }
	if runtime.GOARCH != "amd64" && runtime.GOARCH != "arm64" {
		missing("the processor is %s; the lists of system calls are for amd64 and arm64", runtime.GOARCH)
	}
	abi, err := ll.LandlockGetABIVersion()
	switch {
	case err != nil:
		missing("Landlock: %v; it needs Linux 6.7 or newer with landlock in /sys/kernel/security/lsm, and a container whose seccomp profile lets it through", err)
	case abi < landlockTCP:
		missing("Landlock has version %d and cannot hold TCP ports; version %d, of Linux 6.7, can", abi, landlockTCP)
	case abi < landlockScopes:
		s.Weaker = append(s.Weaker, fmt.Sprintf("Landlock has version %d: signals and Unix sockets are held by seccomp alone; version %d, of Linux 6.12, holds them, too", abi, landlockScopes))
	}
	s.Landlock = max(abi, 0)
	if err := notifies(); err != nil {
		missing("seccomp's notifications: %v; they need Linux 5.19 or newer, and a container whose seccomp profile lets them through", err)
	}
	if err := loopbackOnly(); err != nil {
		missing("a socket cannot be bound to loopback: %v; that needs Linux 5.7 or newer, and the interface lo", err)
	}
	if _, err := readProcess(os.Getpid()); err != nil {
		missing("processes cannot be counted: %v; /proc must be mounted", err)
	}
	if scope := ptraceScope(); scope > 2 || scope == 2 && !hasCapability(unix.CAP_SYS_PTRACE) {
		missing("kernel.yama.ptrace_scope is %d, so that a program's calls cannot be read; it must be 0 or 1", scope)
	}
	return s
})

// ptraceScope returns Yama's setting; 0 where the kernel has no Yama.
func ptraceScope() int {
	text, err := os.ReadFile("/proc/sys/kernel/yama/ptrace_scope")
	if err != nil {
		return 0
	}
	scope, _ := strconv.Atoi(strings.TrimSpace(string(text)))
	return scope
}

// hasCapability reports whether this process has one of the first 32.
func hasCapability(capability int) bool {
	header := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	var data [2]unix.CapUserData
	return unix.Capget(&header, &data[0]) == nil && data[0].Effective&(1<<capability) != 0
}

// notifies returns why seccomp cannot tell of system calls. A filter at no
// address is EFAULT where all of the flags are known.
func notifies() error {
	_, _, err := unix.Syscall(unix.SYS_SECCOMP, unix.SECCOMP_SET_MODE_FILTER, filterFlags, 0)
	if err == unix.EFAULT {
		return nil
	}
	return err
}

func loopbackOnly() error {
	fd, err := loopbackSocket(unix.AF_INET, unix.SOCK_STREAM)
	if err == nil {
		unix.Close(fd)
	}
	return err
}

// loopbackSocket returns a TCP socket that reaches loopback and nothing else,
// and is reached from there only. Who has not CAP_NET_RAW cannot change that.
func loopbackSocket(family, kind int) (int, error) {
	fd, err := unix.Socket(family, kind|unix.SOCK_CLOEXEC, unix.IPPROTO_TCP)
	if err != nil {
		return -1, err
	}
	if err := unix.BindToDevice(fd, "lo"); err != nil {
		unix.Close(fd)
		return -1, err
	}
	return fd, nil
}
