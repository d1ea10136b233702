//go:build linux

package hostsdk_test

import (
	"errors"
	"fmt"
	"io"
	"net"
	"regexp"
	"strings"
	"testing"

	"github.com/espgen/espgen/generator/spec"
	"github.com/espgen/espgen/hostsdk"
)

func robustClient(edit func(*spec.Spec)) *spec.Spec {
	s := &spec.Spec{
		Role:   "tcp-client",
		Style:  new("robust"),
		WiFi:   spec.WiFi{SSID: "lab", BackoffMS: &[2]int{100, 400}},
		Server: spec.Server{Addr: new("192.168.137.1")},
		Client: spec.Client{BackoffMS: &[2]int{100, 400}},
	}
	if edit != nil {
		edit(s)
	}
	return s
}

// returns wants the client's connection and an echo over it.
func (p peer) returns() error {
	return eventually(func() error {
		conn, err := p.greeted("Hello World!")
		if err != nil {
			return err
		}
		defer conn.Close()
		return echo(conn, pattern(300), 100)
	})
}

// checkRobustClientEnd stops a client that nobody answers any more. Nothing but
// its task may be left.
func checkRobustClientEnd(d *device, p peer) error {
	if err := p.Close(); err != nil {
		return err
	}
	if err := d.settle(0); err != nil {
		return err
	}
	log, err := d.stop()
	if err != nil {
		return err
	}
	for _, complaint := range []string{"blocked the event task", "Task watchdog"} {
		if strings.Contains(log, complaint) {
			return fmt.Errorf("the log has %q", complaint)
		}
	}
	tries := strings.Count(log, ": connecting\n") // one may be under way
	if !strings.Contains(log, fmt.Sprintf("host: at the end: %d sockets open, 1 tasks running", tries)) {
		return errors.New("more than the networking task is left")
	}
	return nil
}

func TestRobustClientClang(t *testing.T) {
	t.Parallel()
	p := newPeer(t)
	s := robustClient(nil)
	d := startWith(t, "clang", project(t, s, nil), p.scenario(s))
	must(t, p.returns())
	must(t, checkRobustClientEnd(d, p))
}

// TestRobustClientReturns has each thing happen that ends a connection, or
// prevents one. The client comes back.
func TestRobustClientReturns(t *testing.T) {
	happens := map[string]struct {
		scenario hostsdk.Scenario
		behave   func(conn *net.TCPConn) error // of the first connection
		log      string                        // what the client says of it
	}{
		"reset":  {behave: func(conn *net.TCPConn) error { return errors.Join(conn.SetLinger(0), conn.Close()) }, log: `closed: ECONNRESET`},
		"leaves": {behave: func(conn *net.TCPConn) error { return conn.Close() }, log: `closed: by the peer`},
		"half-close": {
			behave: func(conn *net.TCPConn) error {
				_, err := conn.Write(pattern(5000))
				if err = errors.Join(err, conn.CloseWrite()); err != nil {
					return err
				}
				got, err := io.ReadAll(conn)
				if err == nil && len(got) != 5000 {
					err = fmt.Errorf("%d bytes came back after the half-close", len(got))
				}
				return err
			},
			log: `closed: by the peer`,
		},
		"takes no data": {
			behave: func(conn *net.TCPConn) error { go endless(conn); return nil },
			log:    `closed: the peer takes no data; \d+ bytes were not sent`,
		},
		"silence": {scenario: hostsdk.Scenario{Net: []string{"silent=1s"}}, log: `closed: ECONNABORTED`},
		"drop":    {scenario: hostsdk.Scenario{WiFi: []string{"drop=1s"}}, log: `closed: (the link is lost|ECONNABORTED)`},
		"new address": {
			scenario: hostsdk.Scenario{WiFi: []string{"drop=1s", "new-ip"}},
			log:      `closed: (the link is lost|ECONNABORTED)`,
		},
	}
	for name, what := range happens {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPeer(t)
			s := robustClient(func(s *spec.Spec) {
				s.KeepAlive = spec.KeepAlive{Idle: new(1), Interval: new(1), Count: new(1)}
				s.Socket.SendTimeoutMS = new(500)
			})
			scenario := p.scenario(s)
			scenario.WiFi, scenario.Net = what.scenario.WiFi, what.scenario.Net
			d := start(t, project(t, s, nil), scenario)
			conn, err := p.greeted("Hello World!")
			must(t, err)
			if what.behave != nil {
				must(t, what.behave(conn))
			}
			_, err = d.wait(what.log, 1)
			must(t, err)
			must(t, p.returns())
		})
	}
}

// TestRobustClientConnects has each thing happen that keeps a client from its
// server. It tries for ever, with growing pauses.
func TestRobustClientConnects(t *testing.T) {
	happens := map[string]struct {
		scenario hostsdk.Scenario
		host     string
		log      string
	}{
		"refused":   {host: "192.168.137.1", log: `connect failed: ECONNRESET, the peer reset or refused the connection \(104\)`},
		"no answer": {hostsdk.Scenario{Net: []string{"connect-timeout"}}, "192.168.137.1", `connect failed: no answer in 300 ms`},
		"no DNS":    {hostsdk.Scenario{Net: []string{"no-dns"}}, "server.example", `server.example is not found over IPv4: getaddrinfo failed with 202`},
	}
	for name, what := range happens {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPeer(t)
			p.Close()
			s := robustClient(func(s *spec.Spec) {
				s.Server.Addr = &what.host
				s.Client.ConnectTimeoutMS = new(300)
			})
			if what.scenario.Net == nil {
				what.scenario = p.scenario(s)
			}
			d := start(t, project(t, s, nil), what.scenario)
			_, err := d.wait(what.log, 8)
			must(t, err)
			// Pauses begin anew with each address but a link-local one, which may come at any time.
			log := d.text()
			addresses := regexp.MustCompile(`wifi_station: Address (?:[^f]|f[^e])`).FindAllStringIndex(log, -1)
			log = log[addresses[len(addresses)-1][0]:]
			checkPauses(t, log, `tcp_client: Next try in (\d+) ms`, 100, 400)
			must(t, d.settle(0))
			_, err = d.stop()
			must(t, err)
		})
	}
}

// TestRobustClientServerStartsLater has the server come up after the client.
func TestRobustClientServerStartsLater(t *testing.T) {
	t.Parallel()
	p := newPeer(t)
	p.Close()
	s := robustClient(nil)
	d := start(t, project(t, s, nil), p.scenario(s))
	_, err := d.wait("connect failed", 3)
	must(t, err)
	l, err := net.Listen("tcp", p.Addr().String())
	must(t, err)
	p = peer{l}
	must(t, p.returns())
	must(t, checkRobustClientEnd(d, p))
}

// TestRobustClientShortWrites lets send() take pieces.
func TestRobustClientShortWrites(t *testing.T) {
	t.Parallel()
	p := newPeer(t)
	s := robustClient(func(s *spec.Spec) { s.Client.Greeting = new(strings.Repeat("greetings ", 100)) })
	scenario := p.scenario(s)
	scenario.Net = []string{"short"}
	d := start(t, project(t, s, nil), scenario)
	conn, err := p.greeted(*s.Client.Greeting)
	must(t, err)
	must(t, echo(conn, pattern(50_000), 777))
	conn.Close()
	must(t, checkRobustClientEnd(d, p))
}

// TestRobustClientRounds has a server that ends each of many connections. As
// many bytes of heap are held after it as before.
func TestRobustClientRounds(t *testing.T) {
	t.Parallel()
	p := newPeer(t)
	s := robustClient(nil)
	dir := project(t, s, nil)
	edit(t, dir, "main/tcp_client.c", ".first_ms = CONFIG_TCP_CLIENT_BACKOFF_FIRST_MS", ".first_ms = 1")
	edit(t, dir, "main/tcp_client.c", ".longest_ms = CONFIG_TCP_CLIENT_BACKOFF_LONGEST_MS", ".longest_ms = 1")
	d := start(t, dir, p.scenario(s))
	connectedHeap := func() int64 { // while it connects it holds more
		conn, err := p.greeted("Hello World!")
		must(t, err)
		defer conn.Close()
		heap, err := d.heap()
		must(t, err)
		return heap
	}
	before := connectedHeap()
	for i := range 2000 {
		conn, err := p.greeted("Hello World!")
		if err != nil {
			t.Fatalf("round %d: %v", i, err)
		}
		conn.Close()
	}
	if after := connectedHeap(); before != after {
		t.Errorf("%d bytes of heap are held after it, %d before", after, before)
	}
	_, err := d.stop()
	must(t, err)
}

// TestRobustClientStatic has a static address, and a server whose name is only
// found with the DNS server that goes with it: after each loss of the link, too.
func TestRobustClientStatic(t *testing.T) {
	t.Parallel()
	p := newPeer(t)
	s := robustClient(func(s *spec.Spec) {
		s.Server.Addr = new("server.example")
		s.WiFi.StaticIP = spec.StaticIP{
			Address: new("10.1.2.3"), Netmask: new("255.255.0.0"), Gateway: new("10.1.0.1"), DNS: new("1.1.1.1"),
		}
	})
	scenario := hostsdk.Scenario{
		Map:  []string{fmt.Sprintf("192.0.2.1:8080=%s", p.Addr())}, // what the SDK finds for a name
		WiFi: []string{"drop=1s"},
	}
	d := start(t, project(t, s, nil), scenario)
	must(t, p.returns())
	_, err := d.wait("Disconnected: BEACON_TIMEOUT", 1)
	must(t, err)
	_, err = d.wait("sta ip: 10.1.2.3, mask: 255.255.0.0, gw: 10.1.0.1", 2)
	must(t, err)
	must(t, p.returns())
}

// TestRobustClientLateAddress has an IPv6 address that leads nowhere, and IPv4's
// a good while later, after each loss of the link. The client does not wait for
// the end of its pause then.
func TestRobustClientLateAddress(t *testing.T) {
	t.Parallel()
	p := newPeer(t)
	s := robustClient(func(s *spec.Spec) {
		s.Server.Addr = new("server.example")
		s.Client.BackoffMS = &[2]int{60_000, 60_000}
	})
	scenario := hostsdk.Scenario{
		Map:  []string{fmt.Sprintf("192.0.2.1:8080=%s", p.Addr()), "[2001:db8::1]:8080=[::1]:1"}, // what the SDK finds for the name
		WiFi: []string{"drop=1500ms", "ip-late=700ms"},
	}
	d := start(t, project(t, s, nil), scenario)
	for n := range 3 {
		must(t, p.returns())
		_, err := d.wait("Disconnected: BEACON_TIMEOUT", n+1)
		must(t, err)
	}
}
