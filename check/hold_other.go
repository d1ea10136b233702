//go:build !linux

package check

import (
	"errors"
	"net/netip"
)

// hold is for systems where programs do not run.
func hold(netip.Addr) (netip.AddrPort, func(), error) {
	return netip.AddrPort{}, nil, errors.ErrUnsupported
}
