package main

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"syscall"

	"github.com/espgen/espgen/hostsdk"
)

// readListen reads --listen into the scenario of the program that listens.
func readListen(listen string, s *hostsdk.Scenario) error {
	const every = "write --listen 0.0.0.0 for every network of this PC, [::1]:8080 for IPv6"
	host, port, err := net.SplitHostPort(listen)
	if err != nil {
		host = listen
	} else {
		n, err := strconv.ParseUint(port, 10, 16)
		if err != nil {
			return &usageError{fmt.Sprintf("--listen: %q is not a port from 0 to 65535", port), "write --listen 127.0.0.1:8080"}
		}
		s.Port = int(n)
		if n == 0 {
			s.Port = -1
		}
	}
	ip, err := netip.ParseAddr(host)
	if err != nil || ip.Zone() != "" {
		return &usageError{fmt.Sprintf("--listen: %q is not an IP address", host), every}
	}
	s.Listen = ip.Unmap().String()
	return canListen(ip.Unmap(), s.Port)
}

// canListen looks whether this PC can listen on an address: to hear of it from
// the project would come late. The port is 0 where the project's own is not
// known yet, and -1 for any.
func canListen(ip netip.Addr, port int) error {
	if own := pcAddresses(); len(own) > 0 && !ip.IsUnspecified() && !ip.IsLoopback() && !slices.Contains(own, ip) {
		return &hintError{
			fmt.Errorf("--listen: %s is not an address of this PC", ip),
			fmt.Sprintf("this PC has %s; 0.0.0.0 stands for all of them", joined(own)),
		}
	}
	if port <= 0 {
		return nil
	}
	at := netip.AddrPortFrom(ip, uint16(port)) //nolint:gosec // it was read as 16 bits
	l, err := net.ListenTCP("tcp", net.TCPAddrFromAddrPort(at))
	const free = "--listen HOST:0 takes a free port"
	switch {
	case err == nil:
		return l.Close()
	case errors.Is(err, syscall.EACCES):
		return &hintError{fmt.Errorf("--listen: you may not listen on port %d of this PC: ports below 1024 are for root", port), "write a larger one, or 0: " + free}
	case errors.Is(err, syscall.EADDRINUSE):
		return &hintError{fmt.Errorf("--listen: %s is in use by another program of this PC", at), free}
	}
	return &hintError{fmt.Errorf("--listen: this PC cannot listen on %s: %w", at, errors.Unwrap(err)), free}
}

// pcAddresses lists the addresses of this PC that programs can listen on.
func pcAddresses() []netip.Addr {
	var list []netip.Addr
	addresses, _ := net.InterfaceAddrs()
	for _, a := range addresses {
		if prefix, err := netip.ParsePrefix(a.String()); err == nil && !prefix.Addr().IsLinkLocalUnicast() {
			list = append(list, prefix.Addr().Unmap())
		}
	}
	return list
}

func joined(addresses []netip.Addr) string {
	const most = 8
	var list []string
	for _, a := range addresses[:min(len(addresses), most)] {
		list = append(list, a.String())
	}
	return strings.Join(list, ", ")
}

// readMap checks --map, and writes its addresses as the program does.
func readMap(pairs []string) ([]string, error) {
	var list []string
	for _, pair := range pairs {
		from, to, err := readPair(pair)
		if err != nil {
			return nil, &usageError{fmt.Sprintf("--map: %q: %v", pair, err), "write --map 192.168.1.2:8080=127.0.0.1:9000, or [fe80::2]:8080=[::1]:9000"}
		}
		list = append(list, from.String()+"="+to.String())
	}
	return list, nil
}

// readPair reads ADDR:PORT=ADDR:PORT.
func readPair(pair string) (from, to netip.AddrPort, err error) {
	left, right, ok := strings.Cut(pair, "=")
	if !ok {
		return from, to, errors.New("there is no = in it")
	}
	if from, err = readAddrPort(left); err != nil {
		return from, to, err
	}
	if to, err = readAddrPort(right); err != nil {
		return from, to, err
	}
	if from.Addr().Is4() != to.Addr().Is4() {
		return from, to, errors.New("one address is IPv4's, the other IPv6's")
	}
	return from, to, nil
}

func readAddrPort(text string) (netip.AddrPort, error) {
	a, err := netip.ParseAddrPort(text)
	if err != nil || a.Addr().Zone() != "" {
		return a, fmt.Errorf("%q is not an address with a port", text)
	}
	if a.Port() == 0 {
		return a, fmt.Errorf("%q has port 0", text)
	}
	return netip.AddrPortFrom(a.Addr().Unmap(), a.Port()), nil
}
