package check

import (
	"errors"
	"io"
	"net"
	"net/netip"
	"os"
	"sync"
	"syscall"
	"time"

	"github.com/espgen/espgen/hostsdk"
)

// A connection is the peer's end of one.
type connection struct {
	*net.TCPConn
	name    string
	flooded int // bytes of the last flood
}

// how tells from an error how a connection has ended; nil where the error is
// about something else.
func how(err error) Text {
	switch {
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return say("the connection was closed", "连接被关闭")
	case errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE), errors.Is(err, syscall.ECONNABORTED):
		return say("the connection was reset", "连接被重置（RST）")
	case errors.Is(err, os.ErrDeadlineExceeded):
		return say("nothing", "什么都没有")
	case errors.Is(err, net.ErrClosed):
		return say("this side has closed the connection", "这一端已经关闭了连接")
	}
	return nil
}

// words is how, or the error's own words.
func words(err error) Text {
	if t := how(err); t != nil {
		return t
	}
	return say("%s", "%s", printable(err.Error()))
}

// A host is what a project that is a client can connect to: the ports of the
// peer, by those of the project.
type host struct {
	ports    map[int]*door
	arrivals chan *net.TCPConn // that wait for an accept
}

// A door is one port, which is held from the start to the end.
type door struct {
	at       []netip.AddrPort
	release  []func()
	arrivals chan *net.TCPConn // the host's

	mu   sync.Mutex
	open []net.Listener
}

// maxArrivals is how many connections wait for an accept step.
const maxArrivals = 256

// newHost holds the ports that some steps are about.
func newHost(steps []*step) (*host, error) {
	h := &host{ports: map[int]*door{}, arrivals: make(chan *net.TCPConn, maxArrivals)}
	for s := range every(steps) {
		if s.action.name != "listen" && s.action.name != "refuse" {
			continue
		}
		port := s.number("port", 0)
		if h.ports[port] != nil {
			continue
		}
		d := &door{arrivals: h.arrivals}
		h.ports[port] = d
		for _, ip := range []string{"127.0.0.1", "::1"} {
			at, release, err := hold(netip.MustParseAddr(ip))
			if err != nil && len(d.at) > 0 {
				continue // a PC without IPv6
			}
			if err != nil {
				h.close()
				return nil, err
			}
			d.at, d.release = append(d.at, at), append(d.release, release)
		}
	}
	return h, nil
}

// servers lead the project to the ports, whatever address it gives.
func (h *host) servers() []hostsdk.Server {
	var list []hostsdk.Server
	for port, d := range h.ports {
		for _, at := range d.at {
			list = append(list, hostsdk.Server{Port: port, Address: at})
		}
	}
	return list
}

func (h *host) close() {
	for _, d := range h.ports {
		d.shut()
		for _, release := range d.release {
			release()
		}
	}
}

// listen lets connections arrive.
func (d *door) listen() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(d.open) > 0 {
		return nil
	}
	for _, at := range d.at {
		l, err := net.Listen("tcp", at.String())
		if err != nil {
			return err
		}
		d.open = append(d.open, l)
		go func() {
			for {
				conn, err := l.Accept()
				if err != nil {
					return
				}
				select {
				case d.arrivals <- conn.(*net.TCPConn):
				default:
					conn.Close()
				}
			}
		}()
	}
	return nil
}

// shut refuses connections, and drops those that nobody has accepted.
func (d *door) shut() {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, l := range d.open {
		l.Close()
	}
	d.open = nil
	for {
		select {
		case conn := <-d.arrivals:
			_ = conn.SetLinger(0)
			conn.Close()
		default:
			return
		}
	}
}

// readFull reads as much as there is room for, until a time.
func (c *connection) readFull(b []byte, until time.Time) (int, error) {
	if err := c.SetReadDeadline(until); err != nil {
		return 0, err
	}
	n, err := io.ReadFull(c, b)
	if errors.Is(err, io.ErrUnexpectedEOF) {
		err = io.EOF
	}
	return n, err
}

// writeAll writes in so many pieces, until a time.
func (c *connection) writeAll(b []byte, pieces int, pause time.Duration, until time.Time) (int, error) {
	if err := c.SetWriteDeadline(until); err != nil {
		return 0, err
	}
	size := max(1, (len(b)+pieces-1)/pieces)
	sent := 0
	for rest := b; len(rest) > 0; {
		n, err := c.Write(rest[:min(size, len(rest))])
		sent += n
		if err != nil {
			return sent, err
		}
		if rest = rest[n:]; len(rest) > 0 && pause > 0 {
			time.Sleep(pause)
		}
	}
	return sent, nil
}
