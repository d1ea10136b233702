//go:build linux

package hostsdk_test

import (
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/espgen/espgen/generator/spec"
	"github.com/espgen/espgen/hostsdk"
)

// A peer is the server that a client project connects to.
type peer struct{ net.Listener }

func newPeer(t *testing.T) peer {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	t.Cleanup(func() { l.Close() })
	return peer{l}
}

// scenario leads a client's connection to the peer.
func (p peer) scenario(s *spec.Spec) hostsdk.Scenario {
	port := 8080
	if s.Server.Port != nil {
		port = *s.Server.Port
	}
	return hostsdk.Scenario{Map: []string{fmt.Sprintf("%s:%d=%s", *s.Server.Addr, port, p.Addr())}}
}

// accept takes the client's connection.
func (p peer) accept() (*net.TCPConn, error) {
	if err := p.Listener.(*net.TCPListener).SetDeadline(time.Now().Add(patience)); err != nil {
		return nil, err
	}
	conn, err := p.Accept()
	if err != nil {
		return nil, err
	}
	return conn.(*net.TCPConn), conn.SetDeadline(time.Now().Add(patience))
}

// greeted accepts, and wants the greeting.
func (p peer) greeted(greeting string) (*net.TCPConn, error) {
	conn, err := p.accept()
	if err != nil {
		return nil, err
	}
	got := make([]byte, len(greeting))
	if _, err := io.ReadFull(conn, got); err != nil || string(got) != greeting {
		return nil, errors.Join(fmt.Errorf("the greeting is %q, want %q", got, greeting), err)
	}
	return conn, nil
}

// checkClient plays the server: greeting, echo, end.
func checkClient(d *device, p peer, greeting string) error {
	conn, err := p.greeted(greeting)
	if err != nil {
		return err
	}
	for _, size := range []int{1, 2, 511, 512, 1023, 1024, 1025, 1 << 20} {
		if err := echo(conn, pattern(size), 1+size/5); err != nil {
			return fmt.Errorf("%d bytes: %w", size, err)
		}
	}
	if err := conn.Close(); err != nil {
		return err
	}
	if _, err := d.wait("Connection closed", 1); err != nil {
		return err
	}
	return checkClientEnd(d)
}

// checkClientEnd waits for the end of the client's task and stops the device:
// no socket and no task may be left.
func checkClientEnd(d *device) error {
	err := eventually(func() error {
		sockets, tasks, err := d.state()
		if err == nil && len(sockets)+len(tasks) > 0 {
			err = fmt.Errorf("left: sockets %+v, tasks %q", sockets, tasks)
		}
		return err
	})
	log, stopErr := d.stop()
	if !strings.Contains(log, "host: at the end: 0 sockets open, 0 tasks running") {
		err = errors.Join(err, errors.New("a socket or a task is left"))
	}
	return errors.Join(err, stopErr)
}

func TestClientClang(t *testing.T) {
	t.Parallel()
	p := newPeer(t)
	s := client(nil)
	d := startWith(t, "clang", project(t, s, nil), p.scenario(s))
	must(t, checkClient(d, p, "Hello World!"))
}

func TestClientShortWrites(t *testing.T) {
	t.Parallel()
	p := newPeer(t)
	s := client(func(s *spec.Spec) { s.Client.Greeting = new(strings.Repeat("greetings ", 100)) })
	scenario := p.scenario(s)
	scenario.Net = []string{"short"}
	d := start(t, project(t, s, nil), scenario)
	conn, err := p.greeted(*s.Client.Greeting)
	must(t, err)
	must(t, echo(conn, pattern(50_000), 777))
	conn.Close()
	must(t, checkClientEnd(d))
}

// TestClientErrors has the client meet errors: it says which, and closes.
func TestClientErrors(t *testing.T) {
	t.Run("address too late", func(t *testing.T) {
		t.Parallel()
		d := start(t, project(t, client(nil), nil), hostsdk.Scenario{WiFi: []string{"ip-late=1500ms"}})
		_, err := d.wait("connect failed: errno 118", 1)
		must(t, err)
	})
	t.Run("silence", func(t *testing.T) {
		t.Parallel()
		p := newPeer(t)
		s := client(nil)
		scenario := p.scenario(s)
		scenario.Net = []string{"silent=0s"}
		d := start(t, project(t, s, nil), scenario)
		conn, err := p.accept()
		must(t, err)
		_, err = d.wait("connecting to \\S+ instead of", 1)
		must(t, err)
		must(t, conn.Close())
		time.Sleep(time.Second) // the guide's client has no keep-alive: it waits for ever
		if strings.Contains(d.text(), "Connection closed") {
			t.Error("the client has noticed")
		}
	})
}
