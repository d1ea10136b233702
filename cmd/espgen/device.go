package main

import (
	"context"
	"io"
	"net/netip"
	"slices"
	"sync"

	"github.com/espgen/espgen/hostsdk"
	"github.com/espgen/espgen/sanitizer"
)

// A device is a project that runs on this PC.
type device struct {
	dir     string // the project's folder
	name    string // what it is called among others
	program string // what was built of it
	full    bool   // the sanitizers' reports are printed as they are, too
	options hostsdk.RunOptions
	errors  io.Writer // takes what the sanitizers report

	mutex     sync.Mutex // guards what the program tells of itself
	listening []hostsdk.Event
	connected []hostsdk.Event   // with To, where each went
	going     map[string]string // where connections to an address go
	last      string            // where the last one went
	restarts  int
	end       *hostsdk.Event // nil until it has told what is left

	findings []sanitizer.Finding // once it has ended
}

// run runs the device until it ends, or ctx does. watch is called for each event
// when the device has taken note of it. The error says what went wrong with the
// program.
func (d *device) run(ctx context.Context, watch func(hostsdk.Event)) error {
	others := d.options.Events
	d.options.Events = func(e hostsdk.Event) {
		d.note(e)
		watch(e)
		if others != nil {
			others(e)
		}
	}
	reports := &reportFilter{out: d.options.Out}
	d.options.Err = reports
	err := hostsdk.Run(ctx, d.program, d.options)
	return d.verdict(err, reports.finish())
}

// maxNoted is how many addresses of each kind a device keeps.
const maxNoted = 64

func (d *device) note(e hostsdk.Event) {
	d.mutex.Lock()
	defer d.mutex.Unlock()
	switch e.Kind {
	case hostsdk.EventListening:
		d.listening = noteAddress(d.listening, e)
	case hostsdk.EventConnecting:
		if d.going == nil || len(d.going) >= maxNoted {
			d.going = map[string]string{}
		}
		d.going[e.Instead], d.last = e.To, e.To
	case hostsdk.EventConnected:
		e.To = d.going[e.Instead]
		d.connected = noteAddress(d.connected, e)
	case hostsdk.EventRestart:
		d.restarts++
		d.listening, d.connected = nil, nil
	case hostsdk.EventEnd:
		d.end = &e
	}
}

func noteAddress(list []hostsdk.Event, e hostsdk.Event) []hostsdk.Event {
	same := func(other hostsdk.Event) bool { return other.Address == e.Address && other.Instead == e.Instead }
	if len(list) >= maxNoted || slices.ContainsFunc(list, same) {
		return list
	}
	return append(list, e)
}

// servers are where others find what the device listens on, on this PC.
func (d *device) servers() []hostsdk.Server {
	d.mutex.Lock()
	defer d.mutex.Unlock()
	var list []hostsdk.Server
	for _, e := range d.listening {
		at, err := netip.ParseAddrPort(e.Address)
		if err != nil {
			continue
		}
		list = append(list, hostsdk.Server{Port: e.Port, Address: netip.AddrPortFrom(reachable(at.Addr()), at.Port())})
	}
	return list
}

// reachable is an address to connect to, of one to listen on.
func reachable(ip netip.Addr) netip.Addr {
	switch {
	case !ip.IsUnspecified():
		return ip
	case ip.Is4():
		return netip.AddrFrom4([4]byte{127, 0, 0, 1})
	}
	return netip.IPv6Loopback()
}

// address is where the device is found on this PC, or, of a client, the server
// that it is connected to; "" while there is none.
func (d *device) address() string {
	if list := d.servers(); len(list) > 0 {
		return list[0].Address.String()
	}
	d.mutex.Lock()
	defer d.mutex.Unlock()
	if len(d.connected) > 0 {
		return d.connected[0].To
	}
	return ""
}

// goesTo is the address of this PC that the device connected to last; "" for
// none.
func (d *device) goesTo() string {
	d.mutex.Lock()
	defer d.mutex.Unlock()
	return d.last
}
