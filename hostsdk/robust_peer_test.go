//go:build linux

package hostsdk_test

import (
	"errors"
	"io"
	"net"
	"regexp"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/espgen/espgen/generator/spec"
	"github.com/espgen/espgen/hostsdk"
)

// TestRobustServerNarrow has a select() that never tells of room to send, as
// lwIP's does while there are less than two segments of it. The client takes
// what comes, and is not closed for taking nothing.
func TestRobustServerNarrow(t *testing.T) {
	t.Parallel()
	dir := project(t, robustServer(func(s *spec.Spec) { s.Socket.SendTimeoutMS = new(2000) }), nil)
	edit(t, dir, "main/tcp_server.c", "FD_ISSET(fd, &writes)", "false")
	edit(t, dir, "main/tcp_connection.c", "ssize_t sent = send(connection->fd, connection->tx, connection->tx_length, 0);\n    int error = errno;\n",
		"static unsigned calls;\n    ssize_t sent = ++calls % 2 ? -1 : send(connection->fd, connection->tx, connection->tx_length < 100 ? connection->tx_length : 100, 0);\n    int error = calls % 2 ? EAGAIN : errno;\n")
	d := start(t, dir, hostsdk.Scenario{})
	conn, err := d.dial()
	must(t, err)
	must(t, echo(conn, pattern(1500), 1500)) // of 15 pieces, each a tick later
	conn.Close()
	must(t, checkRobustEnd(d))
}

// floodHandler answers the first byte, which it does not take, without end.
const floodHandler = `
#include "app_handler.h"

void app_connected(tcp_connection_t *connection)
{
}

size_t app_received(tcp_connection_t *connection, const uint8_t *data, size_t length)
{
    static const uint8_t zeros[CONFIG_TCP_CONNECTION_TX];
    tcp_connection_send(connection, zeros, sizeof(zeros));
    return 0;
}

void app_poll(tcp_connection_t *connection)
{
}

void app_disconnected(tcp_connection_t *connection)
{
}
`

// TestRobustServerResets has a client that takes no data. What it has not taken
// is lost, and a reset tells it so.
func TestRobustServerResets(t *testing.T) {
	t.Parallel()
	d := handled(t, floodHandler, func(s *spec.Spec) { s.Socket.SendTimeoutMS = new(600) })
	conn, err := d.dial()
	must(t, err)
	_, err = conn.Write([]byte("x"))
	must(t, err)
	_, err = d.wait(`closed: the peer takes no data; \d+ bytes were not sent`, 1)
	must(t, err)
	if _, err := io.Copy(io.Discard, conn); !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("the client reads to the end, and gets %v, not a reset", err)
	}
	must(t, checkRobustEnd(d))
}

// TestRobustServerGoneWhileFull has a client that comes while all places are
// taken by idle ones, and is gone before it is accepted: nobody is closed for it.
func TestRobustServerGoneWhileFull(t *testing.T) {
	t.Parallel()
	dir := project(t, robustServer(func(s *spec.Spec) { s.Server.WhenFull = new("close_idle") }), nil)
	edit(t, dir, "main/tcp_server.c", "SHORTEST_IDLE_US INT64_C(1000000)", "SHORTEST_IDLE_US INT64_C(1500000)")
	d := start(t, dir, hostsdk.Scenario{})
	var conns []net.Conn
	for range 4 {
		conn, err := d.dial()
		must(t, err)
		must(t, echo(conn, []byte("here"), 4))
		conns = append(conns, conn)
	}
	gone, err := d.dial()
	must(t, err)
	must(t, errors.Join(gone.SetLinger(0), gone.Close()))
	time.Sleep(2 * time.Second) // the first idle one could be closed now
	for _, conn := range conns {
		must(t, echo(conn, []byte("still here"), 10))
	}
	_, err = d.stop()
	must(t, err)
}

// TestRobustClientAfterOutage has a server that is back after an outage, with
// sessions of two seconds: the pauses between them are short again.
func TestRobustClientAfterOutage(t *testing.T) {
	t.Parallel()
	s := robustServer(func(s *spec.Spec) {
		s.Role, s.Server.Addr = "tcp-client", new("192.168.1.2")
		s.Client.BackoffMS = &[2]int{100, 3200}
	})
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	at := l.Addr().String()
	must(t, l.Close()) // the outage
	d := start(t, project(t, s, nil), hostsdk.Scenario{Map: []string{"192.168.1.2:8080=" + at}})
	pause := regexp.MustCompile(`Next try in (\d+) ms`)
	_, err = d.wait(`tcp_client: `+pause.String(), 7)
	must(t, err)
	l, err = net.Listen("tcp", at)
	must(t, err)
	defer l.Close()
	for i := range 3 {
		conn, err := l.Accept()
		must(t, err)
		n := d.countNow(regexp.MustCompile(`tcp_client: ` + pause.String()))
		time.Sleep(1500 * time.Millisecond)
		conn.Close()
		m, err := d.wait(`tcp_client: `+pause.String(), n+1)
		must(t, err)
		if ms, err := strconv.Atoi(m[1]); err != nil || ms > 100 {
			t.Errorf("session %d: the pause is %s ms", i, m[1])
		}
	}
	_, err = d.stop()
	must(t, err)
}
