//go:build linux

package hostsdk_test

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"testing"
	"time"

	"github.com/espgen/espgen/generator"
	"github.com/espgen/espgen/generator/role"
	"github.com/espgen/espgen/generator/spec"
	"github.com/espgen/espgen/hostsdk"
	"github.com/espgen/espgen/templates"
)

// TestEveryRole runs the project of every spec that there is, whatever its role,
// and speaks to it as the role says that its other end does.
func TestEveryRole(t *testing.T) {
	seen := map[string]bool{}
	for name, s := range goldenSpecs(t, "") {
		role, err := generator.LoadRole(templates.FS, s.Role)
		must(t, err)
		seen[s.Role+" "+*s.Style] = true
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			other := role.Styles[*s.Style].Peer
			switch {
			case other == nil:
				d := start(t, project(t, s, nil), hostsdk.Scenario{})
				_, err = d.wait(`main_task: Returned from app_main`, 1)
			case other.Transport == "tcp" && other.Side == "client":
				err = talkAsClient(t, s, *other)
			case other.Transport == "tcp" && other.Side == "server":
				err = talkAsServer(t, s, *other)
			default:
				err = fmt.Errorf("no test speaks %s as a %s", other.Transport, other.Side)
			}
			must(t, err)
		})
	}
	names, err := generator.RoleNames(templates.FS)
	must(t, err)
	for _, name := range names {
		role, err := generator.LoadRole(templates.FS, name)
		must(t, err)
		for _, style := range role.StyleNames() {
			if !seen[name+" "+style] {
				t.Errorf("no spec in specs is of %s in the %s style", name, style)
			}
		}
	}
}

// talkAsClient connects to the project's port twice: a client that leaves ends
// nothing.
func talkAsClient(t *testing.T, s *spec.Spec, other role.Peer) error {
	t.Helper()
	d := start(t, project(t, s, nil), hostsdk.Scenario{})
	for range 2 {
		conn, err := d.dial()
		if err == nil {
			err = speak(conn, s, other)
		}
		if err != nil {
			return err
		}
	}
	_, _, err := d.state() // it is still there
	return err
}

// talkAsServer takes the project's connection, which goes to the port that the
// spec gives at whatever address.
func talkAsServer(t *testing.T, s *spec.Spec, other role.Peer) error {
	t.Helper()
	port, ok := s.Value(other.Port).(int)
	if !ok {
		return fmt.Errorf("the spec has no %s", other.Port)
	}
	// Whether the project comes by IPv4 or IPv6 is its own matter.
	var scenario hostsdk.Scenario
	conns := make(chan *net.TCPConn, 10)
	for _, host := range []string{"127.0.0.1:0", "[::1]:0"} {
		l, err := net.Listen("tcp", host)
		if err != nil {
			continue // a PC without IPv6
		}
		t.Cleanup(func() { l.Close() })
		scenario.Servers = append(scenario.Servers, hostsdk.Server{Port: port, Address: netip.MustParseAddrPort(l.Addr().String())})
		go func() {
			for conn, err := l.Accept(); err == nil; conn, err = l.Accept() {
				conns <- conn.(*net.TCPConn)
			}
		}()
	}
	d := start(t, project(t, s, nil), scenario)
	select {
	case conn := <-conns:
		if err := speak(conn, s, other); err != nil {
			return err
		}
	case <-time.After(patience):
		return errors.New("the project does not connect")
	}
	_, _, err := d.state()
	return err
}

// speak wants the greeting, sends some bytes and leaves.
func speak(conn *net.TCPConn, s *spec.Spec, other role.Peer) error {
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(patience)); err != nil {
		return err
	}
	if other.Greeting != "" {
		want, _ := s.Value(other.Greeting).(string)
		got := make([]byte, len(want))
		if _, err := io.ReadFull(conn, got); err != nil {
			return fmt.Errorf("the greeting, %q: %w", want, err)
		} else if string(got) != want {
			return fmt.Errorf("the greeting is %q, not %q", got, want)
		}
	}
	if _, err := conn.Write([]byte("hello\n")); err != nil {
		return err
	}
	if err := conn.CloseWrite(); err != nil {
		return err
	}
	if _, err := io.Copy(io.Discard, conn); err != nil { // until the project closes its side
		return fmt.Errorf("the end of the connection: %w", err)
	}
	return nil
}
