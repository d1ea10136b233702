package check

import (
	"net"
	"net/netip"
	"os"
	"syscall"
)

// hold takes a free port of an address of this PC, so that nobody else gets it.
// Whoever connects to it is refused, until somebody here listens on it.
func hold(ip netip.Addr) (at netip.AddrPort, release func(), err error) {
	family, bound := syscall.AF_INET, syscall.Sockaddr(&syscall.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}})
	if ip.Is6() {
		family, bound = syscall.AF_INET6, &syscall.SockaddrInet6{Addr: ip.As16()}
	}
	fd, err := syscall.Socket(family, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		return at, nil, os.NewSyscallError("socket", err)
	}
	release = func() { syscall.Close(fd) }
	err = syscall.SetsockoptInt(fd, syscall.SOL_SOCKET, syscall.SO_REUSEADDR, 1) // as net.Listen does
	if err == nil {
		err = syscall.Bind(fd, bound)
	}
	if err != nil {
		release()
		return at, nil, &net.OpError{Op: "bind", Net: "tcp", Err: err}
	}
	name, err := syscall.Getsockname(fd)
	if err != nil {
		release()
		return at, nil, os.NewSyscallError("getsockname", err)
	}
	switch a := name.(type) {
	case *syscall.SockaddrInet4:
		at = netip.AddrPortFrom(ip, uint16(a.Port)) //nolint:gosec // a port
	case *syscall.SockaddrInet6:
		at = netip.AddrPortFrom(ip, uint16(a.Port)) //nolint:gosec // a port
	}
	return at, release, nil
}
