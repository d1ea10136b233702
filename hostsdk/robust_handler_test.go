//go:build linux

package hostsdk_test

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/espgen/espgen/generator/spec"
	"github.com/espgen/espgen/hostsdk"
)

// handled starts a server with an application of its own.
func handled(t *testing.T, handler string, edit func(*spec.Spec)) *device {
	t.Helper()
	dir := project(t, robustServer(edit), nil)
	must(t, os.WriteFile(filepath.Join(dir, "main/app_handler.c"), []byte(handler), 0o644))
	return start(t, dir, hostsdk.Scenario{})
}

// busyHandler has an application that takes nothing for a second, as one does
// whose queue is full, and then sends all back.
const busyHandler = `
#include "esp_timer.h"
#include "app_handler.h"

void app_connected(tcp_connection_t *connection)
{
}

size_t app_received(tcp_connection_t *connection, const uint8_t *data, size_t length)
{
    if (esp_timer_get_time() - connection->opened_us < 1000000) {
        return 0;
    }
    return tcp_connection_send(connection, data, length);
}

void app_poll(tcp_connection_t *connection)
{
}

void app_disconnected(tcp_connection_t *connection)
{
}
`

// TestRobustServerBusyHandler sends more and less than a buffer holds to an
// application that is busy, with and without an end. Nothing is lost.
func TestRobustServerBusyHandler(t *testing.T) {
	t.Parallel()
	d := handled(t, busyHandler, nil)
	for _, size := range []int{1, 200, 1440, 5000} {
		for _, ends := range []bool{false, true} {
			t.Run(fmt.Sprint(size, " ", ends), func(t *testing.T) {
				conn, err := d.dial()
				must(t, err)
				defer conn.Close()
				data := pattern(size)
				_, err = conn.Write(data)
				must(t, err)
				if ends {
					must(t, conn.CloseWrite())
				}
				got := make([]byte, size)
				_, err = io.ReadFull(conn, got)
				must(t, err)
				if string(got) != string(data) {
					t.Error("the echo differs")
				}
			})
		}
	}
	must(t, checkRobustEnd(d))
}

// TestRobustServerEndsByItself has a recv() that fails with ENOTCONN behind the
// first bytes, as lwIP's does where it ends a connection by itself. A busy
// application gets those bytes all the same.
func TestRobustServerEndsByItself(t *testing.T) {
	t.Parallel()
	dir := project(t, robustServer(nil), nil)
	edit(t, dir, "main/tcp_connection.c", "ssize_t got = recv(connection->fd, connection->rx + connection->rx_length, room, 0);\n    int error = errno;\n",
		"errno = ENOTCONN;\n    ssize_t got = connection->rx_length > 0 ? -1 : recv(connection->fd, connection->rx + connection->rx_length, room, 0);\n    int error = errno;\n")
	must(t, os.WriteFile(filepath.Join(dir, "main/app_handler.c"), []byte(busyHandler), 0o644))
	d := start(t, dir, hostsdk.Scenario{})
	conn, err := d.dial()
	must(t, err)
	_, err = conn.Write([]byte("first"))
	must(t, err)
	time.Sleep(200 * time.Millisecond) // a slow machine may take both pieces at once, which is no fault
	_, err = conn.Write([]byte("more"))
	must(t, err)
	got := make([]byte, 5)
	_, err = io.ReadFull(conn, got)
	must(t, err)
	if string(got) != "first" {
		t.Errorf("got %q", got)
	}
	conn.Close()
	must(t, checkRobustEnd(d))
}

// stuckHandler has an application that takes nothing, ever.
var stuckHandler = strings.Replace(busyHandler, "< 1000000", ">= 0", 1)

// TestRobustServerStuckHandler closes a connection whose application takes
// nothing for too long: with a full buffer, or after the client's end.
func TestRobustServerStuckHandler(t *testing.T) {
	t.Parallel()
	d := handled(t, stuckHandler, func(s *spec.Spec) { s.Socket.HandlerTimeoutMS = new(500) })
	for i, size := range []int{1440, 1} {
		conn, err := d.dial()
		must(t, err)
		time.Sleep(700 * time.Millisecond) // longer than the time-out, which has not begun
		begin := time.Now()
		_, err = conn.Write(pattern(size))
		must(t, errors.Join(err, conn.CloseWrite()))
		_, err = d.wait("closed: the application takes no data", i+1)
		must(t, err)
		if took := time.Since(begin); took < 500*time.Millisecond {
			t.Errorf("%d bytes: closed after %v, not 500 ms", size, took)
		}
	}
	// Part of a message is no reason to close.
	conn, err := d.dial()
	must(t, err)
	_, err = conn.Write([]byte("part"))
	must(t, err)
	time.Sleep(1200 * time.Millisecond)
	if n := strings.Count(d.text(), "takes no data"); n != 2 {
		t.Errorf("%d connections were closed, not 2", n)
	}
	conn.Close()
	must(t, checkRobustEnd(d))
}

// trickle sends a byte now and then until the connection ends, and returns how
// long that took.
func trickle(conn net.Conn, pause time.Duration) time.Duration {
	begin := time.Now()
	go func() { _, _ = io.Copy(io.Discard, conn) }()
	for {
		if _, err := conn.Write([]byte("x")); err != nil {
			return time.Since(begin)
		}
		time.Sleep(pause)
	}
}

// slowloris takes all places of a server with clients that send a byte now and
// then.
func slowloris(t *testing.T, d *device, places int, pause time.Duration) <-chan time.Duration {
	t.Helper()
	ended := make(chan time.Duration, places)
	for range places {
		conn, err := d.dial()
		must(t, err)
		go func() { ended <- trickle(conn, pause) }()
	}
	_, err := d.wait(": connected", places)
	must(t, err)
	return ended
}

// TestRobustServerSlowloris has clients on all places that send a byte now and
// then, and one that wants to be served.
func TestRobustServerSlowloris(t *testing.T) {
	// So are those who do so without any of the settings against them.
	t.Run("wait", func(t *testing.T) {
		t.Parallel()
		d := start(t, project(t, robustServer(func(s *spec.Spec) { s.Server.IdleTimeoutS = new(1) }), nil), hostsdk.Scenario{})
		ended := slowloris(t, d, 4, 200*time.Millisecond)
		conn, err := d.dial()
		must(t, err)
		must(t, conn.SetDeadline(time.Now().Add(2500*time.Millisecond)))
		if err := echo(conn, []byte("hello"), 5); !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("a fifth client: %v", err)
		}
		if len(ended) > 0 {
			t.Error("a client was closed")
		}
	})
	t.Run("session timeout", func(t *testing.T) {
		t.Parallel()
		d := start(t, project(t, robustServer(func(s *spec.Spec) { s.Server.SessionTimeoutS = new(2) }), nil), hostsdk.Scenario{})
		ended := slowloris(t, d, 4, 200*time.Millisecond)
		must(t, d.serves())
		if took := <-ended; took < 1900*time.Millisecond {
			t.Errorf("closed after %v, not 2 s", took)
		}
		_, err := d.wait("closed: open for too long", 4)
		must(t, err)
		must(t, checkRobustEnd(d))
	})
	t.Run("close idle", func(t *testing.T) {
		t.Parallel()
		d := start(t, project(t, robustServer(func(s *spec.Spec) { s.Server.WhenFull = new("close_idle") }), nil), hostsdk.Scenario{})
		busy, err := d.dial()
		must(t, err)
		must(t, echo(busy, []byte("busy"), 4))
		slowloris(t, d, 3, time.Hour)
		done := make(chan error, 1)
		go func() { done <- keepBusy(busy, 3*time.Second) }()
		for range 2 {
			conn, err := d.dial()
			must(t, err)
			must(t, echo(conn, []byte("hello"), 5))
		}
		must(t, <-done)
		_, err = d.wait("closed: idle, and there is another client", 2)
		must(t, err)
		busy.Close()
		_, err = d.stop()
		must(t, err)
	})
	t.Run("none is idle", func(t *testing.T) {
		t.Parallel()
		dir := project(t, robustServer(func(s *spec.Spec) { s.Server.WhenFull = new("close_idle") }), nil)
		edit(t, dir, "main/tcp_server.c", "SHORTEST_IDLE_US INT64_C(1000000)", "SHORTEST_IDLE_US INT64_C(10000000)") // on a slow machine
		d := start(t, dir, hostsdk.Scenario{})
		done := make(chan error, 4)
		for range 4 {
			conn, err := d.dial()
			must(t, err)
			must(t, echo(conn, []byte("busy"), 4))
			go func() {
				done <- keepBusy(conn, 2*time.Second)
				conn.Close()
			}()
		}
		must(t, d.serves()) // once they have gone
		for range 4 {
			must(t, <-done)
		}
		must(t, checkRobustEnd(d))
	})
	t.Run("deadline", func(t *testing.T) {
		t.Parallel()
		d := handled(t, deadlineHandler, nil)
		ended := slowloris(t, d, 4, 100*time.Millisecond)
		must(t, eventually(func() error { // lines in time are answered
			conn, err := d.dial()
			if err != nil {
				return err
			}
			defer conn.Close()
			for range 5 {
				if err := echo(conn, []byte("hello\n"), 6); err != nil {
					return err
				}
				time.Sleep(200 * time.Millisecond) // longer in all than the deadline of one
			}
			return nil
		}))
		if took := <-ended; took < 600*time.Millisecond {
			t.Errorf("closed after %v, not 600 ms", took)
		}
		_, err := d.wait("closed: the deadline has passed", 4)
		must(t, err)
		must(t, checkRobustEnd(d))
	})
}

// keepBusy wants an echo again and again, so that a connection is never idle
// for a second.
func keepBusy(conn net.Conn, d time.Duration) error {
	for end := time.Now().Add(d); time.Now().Before(end); time.Sleep(100 * time.Millisecond) {
		if err := echo(conn, []byte("still here"), 10); err != nil {
			return err
		}
	}
	return nil
}

// deadlineHandler echoes lines, each of which must be complete in 600 ms.
const deadlineHandler = `
#include <string.h>
#include "app_handler.h"

static bool begun[CONFIG_TCP_SERVER_MAX_CLIENTS];

void app_connected(tcp_connection_t *connection)
{
    begun[connection->number] = false;
}

size_t app_received(tcp_connection_t *connection, const uint8_t *data, size_t length)
{
    const uint8_t *end = memchr(data, '\n', length);
    if (end == NULL) {
        if (!begun[connection->number]) {
            begun[connection->number] = true;
            tcp_connection_set_deadline(connection, 600);
        }
        return 0;
    }
    begun[connection->number] = false;
    tcp_connection_set_deadline(connection, 0);
    return tcp_connection_send(connection, data, (size_t)(end - data) + 1);
}

void app_poll(tcp_connection_t *connection)
{
}

void app_disconnected(tcp_connection_t *connection)
{
}
`

// TestRobustServerSegments sends 1 MiB and wants it back in few pieces: with
// TCP_NODELAY each call of send() makes a segment of its own.
func TestRobustServerSegments(t *testing.T) {
	t.Parallel()
	d := start(t, project(t, robustServer(nil), nil), hostsdk.Scenario{})
	conn, err := d.dial()
	must(t, err)
	const total, segment = 1 << 20, 1440
	must(t, echo(conn, pattern(total), total))
	conn.Close()
	must(t, checkRobustEnd(d))
	m := regexp.MustCompile(`host: send\(\) calls: (\d+), bytes: (\d+)`).FindStringSubmatch(d.text())
	if m == nil || m[2] != strconv.Itoa(total) {
		t.Fatalf("the report is %q", m)
	}
	calls, err := strconv.Atoi(m[1])
	must(t, err)
	if least := (total + segment - 1) / segment; calls < least || calls > least*11/10 {
		t.Errorf("%d calls of send(), not %d to %d", calls, least, least*11/10)
	}
}
