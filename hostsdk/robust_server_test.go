//go:build linux

package hostsdk_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/espgen/espgen/generator/spec"
	"github.com/espgen/espgen/hostsdk"
)

// robustServer is a spec of the robust style's server that is in no hurry to
// give up, and in a hurry to try again.
func robustServer(edit func(*spec.Spec)) *spec.Spec {
	s := &spec.Spec{
		Role:  "tcp-server",
		Style: new("robust"),
		WiFi:  spec.WiFi{SSID: "lab", BackoffMS: &[2]int{100, 400}},
	}
	if edit != nil {
		edit(s)
	}
	return s
}

// checkRobustEnd stops a server that nobody is connected to. Nothing but its
// listener and its task may be left, no handler may have held up the event
// task, and the watchdog has always been fed.
func checkRobustEnd(d *device) error {
	if err := d.settle(1); err != nil {
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
	if !strings.Contains(log, "host: at the end: 1 sockets open, 1 tasks running") {
		return errors.New("more than the listener and the networking task are left")
	}
	return nil
}

// settle waits until so many sockets are open.
func (d *device) settle(want int) error {
	return eventually(func() error {
		sockets, _, err := d.state()
		if err == nil && len(sockets) != want {
			err = fmt.Errorf("%d sockets are open, not %d: %+v", len(sockets), want, sockets)
		}
		return err
	})
}

// heap asks the running device how many bytes of heap it holds.
func (d *device) heap() (int64, error) {
	state, err := d.look()
	return state.Heap, err
}

// serves wants an echo from a new connection, sooner or later.
func (d *device) serves() error {
	return eventually(func() error {
		conn, err := d.dial()
		if err != nil {
			return err
		}
		defer conn.Close()
		return echo(conn, pattern(300), 100)
	})
}

func TestRobustServerClang(t *testing.T) {
	t.Parallel()
	d := startWith(t, "clang", project(t, robustServer(nil), nil), hostsdk.Scenario{})
	must(t, checkEcho(d))
	must(t, checkRobustEnd(d))
}

// TestRobustServerDual takes clients over both families at a time.
func TestRobustServerDual(t *testing.T) {
	t.Parallel()
	needIPv6(t)
	d := start(t, project(t, robustServer(func(s *spec.Spec) { s.Server.Family = new("dual") }), nil), hostsdk.Scenario{})
	for _, family := range []string{"127.0.0.1", "[::1]"} {
		at, err := d.wait(`host: listening on `+regexp.QuoteMeta(family)+`:(\d+)`, 1)
		must(t, err)
		conn, err := net.Dial("tcp", family+":"+at[1])
		must(t, err)
		must(t, echo(conn, pattern(5000), 999))
		conn.Close()
	}
	must(t, checkRobustEnd(d))
}

// TestRobustServerWiFi runs the server on networks that come and go.
func TestRobustServerWiFi(t *testing.T) {
	t.Run("absent at first", func(t *testing.T) {
		t.Parallel()
		d := start(t, project(t, robustServer(nil), nil), hostsdk.Scenario{WiFi: []string{"absent=7"}})
		must(t, d.serves())
		if n := strings.Count(d.text(), "Disconnected: NO_AP_FOUND (201): is the access point on"); n != 7 {
			t.Errorf("the reason was told %d times, not 7", n)
		}
		must(t, checkRobustEnd(d))
	})
	t.Run("wrong password", func(t *testing.T) {
		t.Parallel()
		d := start(t, project(t, robustServer(nil), nil), hostsdk.Scenario{WiFi: []string{"password"}})
		_, err := d.wait(`Disconnected: 4WAY_HANDSHAKE_TIMEOUT \(15\): is the password right\?`, 6) // it never gives up
		must(t, err)
		log, err := d.stop()
		must(t, err)
		if strings.Contains(log, "Listening") {
			t.Error("it listens without a link")
		}
		checkPauses(t, log, `Next try in (\d+) ms`, 100, 400)
	})
	t.Run("no address", func(t *testing.T) {
		t.Parallel()
		d := start(t, project(t, robustServer(nil), nil), hostsdk.Scenario{WiFi: []string{"ip-late=2s"}})
		must(t, d.serves())
		must(t, checkRobustEnd(d))
	})
	t.Run("drops in a transfer", func(t *testing.T) {
		t.Parallel()
		d := start(t, project(t, robustServer(nil), nil), hostsdk.Scenario{WiFi: []string{"drop=700ms", "back=50ms"}})
		_, err := d.wait("Listening on port", 1)
		must(t, err)
		conn, err := d.dial()
		must(t, err)
		go endless(conn)
		got, _ := io.Copy(io.Discard, conn) // until the drop
		if got == 0 {
			t.Error("there was no transfer")
		}
		_, err = d.wait("Listening on port", 3)
		must(t, err)
		must(t, d.serves())
	})
	t.Run("a new address", func(t *testing.T) {
		t.Parallel()
		d := start(t, project(t, robustServer(nil), nil), hostsdk.Scenario{WiFi: []string{"drop=1s", "new-ip"}})
		conn, err := d.dial()
		must(t, err)
		must(t, echo(conn, []byte("first"), 5))
		_, err = d.wait(`closed: (the link is lost|ECONNABORTED)`, 1)
		must(t, err)
		_, err = d.wait("Listening on port", 2)
		must(t, err)
		must(t, d.serves())
	})
}

// endless writes until the connection ends.
func endless(conn net.Conn) {
	for data := pattern(10_000); ; {
		if _, err := conn.Write(data); err != nil {
			return
		}
	}
}

// checkPauses holds the pauses that a log tells of to their growth: each is
// between half of what it grew to and all of it.
func checkPauses(t *testing.T, log, form string, first, longest int) {
	t.Helper()
	most := first
	for i, m := range regexp.MustCompile(form).FindAllStringSubmatch(log, -1) {
		ms, err := strconv.Atoi(m[1])
		must(t, err)
		if ms < most/2 || ms > most {
			t.Errorf("pause %d is %d ms, not between %d and %d", i+1, ms, most/2, most)
		}
		most = min(2*most, longest)
	}
}

// TestRobustServerRudeClients has clients that behave badly in every way, with
// a polite one beside them that must not notice.
func TestRobustServerRudeClients(t *testing.T) {
	rude := map[string]func(conn *net.TCPConn) error{
		"reset":        func(conn *net.TCPConn) error { return errors.Join(conn.SetLinger(0), conn.Close()) },
		"says nothing": func(*net.TCPConn) error { return nil }, // and stays
		"leaves":       func(conn *net.TCPConn) error { return conn.Close() },
		"one byte at a time": func(conn *net.TCPConn) error {
			return errors.Join(conn.SetNoDelay(true), echo(conn, pattern(2000), 1))
		},
		"does not read": func(conn *net.TCPConn) error {
			if err := conn.SetWriteDeadline(time.Now().Add(500 * time.Millisecond)); err != nil {
				return err
			}
			var err error
			for data := pattern(100_000); err == nil; {
				_, err = conn.Write(data)
			}
			if errors.Is(err, os.ErrDeadlineExceeded) {
				return nil // the server reads no more either
			}
			return err
		},
	}
	for name, behave := range rude {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := start(t, project(t, robustServer(nil), nil), hostsdk.Scenario{})
			polite, err := d.dial()
			must(t, err)
			for range 3 {
				conn, err := d.dial()
				must(t, err)
				must(t, behave(conn))
				must(t, echo(polite, pattern(20_000), 777))
				conn.Close()
			}
			polite.Close()
			must(t, checkRobustEnd(d))
		})
	}
}

// TestRobustServerSendTimeout has a client that takes no data for too long.
func TestRobustServerSendTimeout(t *testing.T) {
	t.Parallel()
	d := start(t, project(t, robustServer(func(s *spec.Spec) { s.Socket.SendTimeoutMS = new(600) }), nil), hostsdk.Scenario{})
	conn, err := d.dial()
	must(t, err)
	go endless(conn)
	_, err = d.wait(`closed: the peer takes no data; \d+ bytes were not sent`, 1)
	must(t, err)
	must(t, d.settle(1))
	must(t, d.serves())
	must(t, checkRobustEnd(d))
}

// TestRobustServerSilence has clients that are gone without a word, and one
// that is there and says nothing.
func TestRobustServerSilence(t *testing.T) {
	t.Run("keep-alive", func(t *testing.T) {
		t.Parallel()
		s := robustServer(func(s *spec.Spec) {
			s.KeepAlive = spec.KeepAlive{Idle: new(1), Interval: new(1), Count: new(2)}
		})
		d := start(t, project(t, s, nil), hostsdk.Scenario{Net: []string{"silent=1s"}})
		conn, err := d.dial()
		must(t, err)
		must(t, echo(conn, []byte("and then"), 8))
		begin := time.Now()
		_, err = d.wait("closed: ECONNABORTED", 1)
		must(t, err)
		// Of the second until it falls silent, the echo took a part.
		if took := time.Since(begin); took < 3*time.Second {
			t.Errorf("keep-alive gave up after %v, not after 1 s + 1 s x 2", took)
		}
		must(t, d.serves())
	})
	t.Run("idle", func(t *testing.T) {
		t.Parallel()
		d := start(t, project(t, robustServer(func(s *spec.Spec) { s.Server.IdleTimeoutS = new(1) }), nil), hostsdk.Scenario{})
		conn, err := d.dial()
		must(t, err)
		for range 8 { // longer than the time-out, and never idle for so long
			must(t, echo(conn, []byte("x"), 1))
			time.Sleep(200 * time.Millisecond)
		}
		begin := time.Now()
		_, err = d.wait("closed: idle for too long", 1)
		must(t, err)
		if took := time.Since(begin); took < 700*time.Millisecond {
			t.Errorf("closed after %v of silence, not 1 s", took)
		}
		must(t, checkRobustEnd(d))
	})
}

// TestRobustServerFull has three clients more than there are places. All come
// at once, and all are served, the last ones when there is a place.
func TestRobustServerFull(t *testing.T) {
	t.Parallel()
	const places = 4
	d := start(t, project(t, robustServer(func(s *spec.Spec) { s.Server.Backlog = new(5) }), nil), hostsdk.Scenario{})
	_, err := d.wait("Listening on port", 1)
	must(t, err)
	var clients sync.WaitGroup
	failed := make(chan error, places+3)
	for i := range places + 3 {
		clients.Go(func() {
			conn, err := d.dial()
			if err == nil {
				err = echo(conn, pattern(30_000+i), 500+i)
				time.Sleep(200 * time.Millisecond) // it keeps its place for a while
				conn.Close()
			}
			failed <- err
		})
	}
	clients.Wait()
	for range places + 3 {
		must(t, <-failed)
	}
	open, most := 0, 0
	for _, m := range regexp.MustCompile(`: (connected|closed)`).FindAllStringSubmatch(d.text(), -1) {
		if m[1] == "closed" {
			open--
		} else {
			open++
		}
		most = max(most, open)
	}
	if most != places {
		t.Errorf("at most %d clients were served at a time, not %d", most, places)
	}
	must(t, checkRobustEnd(d))
}

// TestRobustServerRounds connects, echoes and closes 10,000 times. As many
// sockets, tasks and bytes of heap are in use after it as before.
func TestRobustServerRounds(t *testing.T) {
	t.Parallel()
	d := start(t, project(t, robustServer(nil), nil), hostsdk.Scenario{})
	must(t, d.serves())
	must(t, d.settle(1))
	before, err := d.heap()
	must(t, err)
	at, err := d.address()
	must(t, err)
	chance := rand.New(rand.NewPCG(1, 2))
	for i := range 10_000 {
		conn, err := net.Dial("tcp", at)
		must(t, err)
		if err := echo(conn, pattern(1+chance.IntN(400)), 1+chance.IntN(400)); err != nil {
			t.Fatalf("round %d: %v", i, err)
		}
		must(t, errors.Join(conn.(*net.TCPConn).SetLinger(chance.IntN(2)-1), conn.Close())) // half of them reset
	}
	must(t, d.settle(1))
	after, err := d.heap()
	must(t, err)
	if before != after {
		t.Errorf("%d bytes of heap are held after it, %d before", after, before)
	}
	must(t, checkRobustEnd(d))
}

// lineHandler answers whole lines, each with its length, and keeps the rest of
// what came for later.
const lineHandler = `
#include <stdio.h>
#include <string.h>
#include "app_handler.h"

void app_connected(tcp_connection_t *connection)
{
    tcp_connection_send(connection, "ready\n", 6);
}

size_t app_received(tcp_connection_t *connection, const uint8_t *data, size_t length)
{
    const uint8_t *end = memchr(data, '\n', length);
    if (end == NULL || tcp_connection_room(connection) < 32) {
        return 0;
    }
    size_t line = (size_t)(end - data);
    if (line == 0) {
        tcp_connection_finish(connection);
        return 1;
    }
    char answer[32];
    int n = snprintf(answer, sizeof(answer), "%u\n", (unsigned)line);
    tcp_connection_send(connection, answer, (size_t)n);
    return line + 1;
}

void app_poll(tcp_connection_t *connection)
{
}

void app_disconnected(tcp_connection_t *connection)
{
    printf("application: %d ended\n", connection->number);
}
`

// TestRobustServerLines has an application that takes lines, from clients that
// send them in pieces, many at a time, and too long.
func TestRobustServerLines(t *testing.T) {
	t.Parallel()
	dir := project(t, robustServer(func(s *spec.Spec) {
		s.Buffers.RX, s.Socket.HandlerTimeoutMS = new(128), new(400)
	}), nil)
	must(t, os.WriteFile(filepath.Join(dir, "main/app_handler.c"), []byte(lineHandler), 0o644))
	d := start(t, dir, hostsdk.Scenario{})

	conn, err := d.dial()
	must(t, err)
	var lines, want strings.Builder
	want.WriteString("ready\n")
	for i := range 2000 {
		fmt.Fprintf(&lines, "%s\n", strings.Repeat("x", 1+i%120))
		fmt.Fprintf(&want, "%d\n", 1+i%120)
	}
	lines.WriteString("\n") // the application ends the connection
	sent := make(chan error, 1)
	go func() {
		for text := lines.String(); text != ""; {
			n := min(len(text), 77)
			if _, err := io.WriteString(conn, text[:n]); err != nil {
				sent <- err
				return
			}
			text = text[n:]
		}
		sent <- nil
	}()
	got, err := io.ReadAll(conn)
	must(t, errors.Join(err, <-sent))
	if string(got) != want.String() {
		t.Errorf("the answers are %d bytes, not %d", len(got), want.Len())
	}
	_, err = d.wait("closed: by the application", 1)
	must(t, err)

	long, err := d.dial()
	must(t, err)
	_, err = long.Write(pattern(128)[:10]) // holds no line end
	must(t, err)
	_, err = long.Write(bytes.Repeat([]byte("x"), 118))
	must(t, err)
	_, err = d.wait("closed: the application takes no data", 1)
	must(t, err)
	must(t, d.settle(1))
	if n := strings.Count(d.text(), "application: 0 ended"); n != 2 {
		t.Errorf("the application heard of %d ends, not 2", n)
	}
	must(t, checkRobustEnd(d))
}

// TestRobustNetwork wants the SSID and the key to reach the driver byte for
// byte, from Kconfig, sdkconfig.secrets or the source.
func TestRobustNetwork(t *testing.T) {
	networks := map[string][2]string{
		"plain":   {"my network", "change-me!"},
		"full":    {"thirty-two bytes of an SSID here", strings.Repeat("0123456789abcdef", 4)},
		"hostile": {"%s $HOME \\ \"'?" + "?/\x01\n", `#"\$HOME ${X} %s '; //`},
		"Chinese": {"校园网", "12345678"},
		"open":    {"café", ""},
	}
	for name, n := range networks {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := project(t, robustServer(func(s *spec.Spec) { s.WiFi.SSID, s.WiFi.Password = n[0], &n[1] }), nil)
			edit(t, dir, "main/main.c", "    ESP_ERROR_CHECK(wifi_station_join(net_task_on_link));\n", `    ESP_ERROR_CHECK(wifi_station_join(net_task_on_link));
    wifi_config_t config;
    ESP_ERROR_CHECK(esp_wifi_get_config(WIFI_IF_STA, &config));
    printf("network: ");
    for (unsigned i = 0; i < sizeof(config.sta.ssid); i++) {
        printf("%02x", config.sta.ssid[i]);
    }
    for (unsigned i = 0; i < sizeof(config.sta.password); i++) {
        printf("%02x", config.sta.password[i]);
    }
    printf("\n");
`)
			edit(t, dir, "main/main.c", "#include \"esp_err.h\"\n", "#include <stdio.h>\n#include \"esp_err.h\"\n#include \"esp_wifi.h\"\n")
			d := start(t, dir, hostsdk.Scenario{})
			got, err := d.wait(`network: ([0-9a-f]*)\n`, 1)
			must(t, err)
			want := fmt.Sprintf("%x%s%x%s", n[0], strings.Repeat("00", 32-len(n[0])), n[1], strings.Repeat("00", 64-len(n[1])))
			if got[1] != want {
				t.Errorf("the driver has %s, want %s", got[1], want)
			}
			_, err = d.stop()
			must(t, err)
			if n[1] != "" && strings.Contains(d.text(), n[1]) {
				t.Error("the log has the password")
			}
		})
	}
}

// TestRobustServerStack wants the stack's high-water mark once for each
// connection, at log level debug.
func TestRobustServerStack(t *testing.T) {
	t.Parallel()
	s := robustServer(func(s *spec.Spec) { s.Sdkconfig = map[string]any{"CONFIG_LOG_DEFAULT_LEVEL_DEBUG": true} })
	d := start(t, project(t, s, nil), hostsdk.Scenario{})
	for range 3 {
		must(t, d.serves())
	}
	must(t, checkRobustEnd(d))
	if n := strings.Count(d.text(), "bytes of its stack"); n != strings.Count(d.text(), ": closed: ") {
		t.Errorf("it was told %d times", n)
	}
}

// TestRobustServerResetWaiting has a client that resets its connection while it
// waits to be accepted, which lwIP makes an error of accept(). Nobody else
// notices.
func TestRobustServerResetWaiting(t *testing.T) {
	t.Parallel()
	d := start(t, project(t, robustServer(func(s *spec.Spec) { s.Server.MaxClients = new(2) }), nil), hostsdk.Scenario{})
	var places []net.Conn
	for range 2 {
		conn, err := d.dial()
		must(t, err)
		must(t, echo(conn, []byte("here"), 4))
		places = append(places, conn)
	}
	waiting, err := d.dial()
	must(t, err)
	must(t, errors.Join(waiting.SetLinger(0), waiting.Close()))
	places[1].Close()
	must(t, d.serves())
	must(t, echo(places[0], []byte("still here"), 10))
	if strings.Contains(d.text(), "the server starts again") {
		t.Error("the server closed all connections")
	}
	places[0].Close()
	must(t, checkRobustEnd(d))
}

// pollHandler sends by itself, and counts how often it is given bytes that it
// does not take.
const pollHandler = `
#include <stdio.h>
#include "app_handler.h"

static unsigned calls[CONFIG_TCP_SERVER_MAX_CLIENTS];

void app_connected(tcp_connection_t *connection)
{
    calls[connection->number] = 0;
}

size_t app_received(tcp_connection_t *connection, const uint8_t *data, size_t length)
{
    calls[connection->number]++;
    return data[0] == 'p' ? tcp_connection_send(connection, data, length) : 0;
}

void app_poll(tcp_connection_t *connection)
{
    tcp_connection_send(connection, "t", 1);
}

void app_disconnected(tcp_connection_t *connection)
{
    printf("application: %d had %u calls\n", connection->number, calls[connection->number]);
}
`

// TestRobustServerPoll has an application that sends by itself, to a client
// that sends nothing it takes, beside one that keeps the server busy.
func TestRobustServerPoll(t *testing.T) {
	t.Parallel()
	dir := project(t, robustServer(nil), nil)
	must(t, os.WriteFile(filepath.Join(dir, "main/app_handler.c"), []byte(pollHandler), 0o644))
	d := start(t, dir, hostsdk.Scenario{})
	quiet, err := d.dial()
	must(t, err)
	_, err = quiet.Write([]byte("x")) // not taken
	must(t, err)
	busy, err := d.dial()
	must(t, err)
	for range 2000 {
		_, err := busy.Write([]byte("p"))
		must(t, err)
		for got := make([]byte, 1); got[0] != 'p'; {
			_, err := io.ReadFull(busy, got)
			must(t, err)
		}
	}
	ticks := make([]byte, 3)
	_, err = io.ReadFull(quiet, ticks)
	must(t, err)
	if string(ticks) != "ttt" {
		t.Errorf("the application sent %q", ticks)
	}
	quiet.Close()
	m, err := d.wait(`application: 0 had (\d+) calls`, 1)
	must(t, err)
	calls, err := strconv.Atoi(m[1])
	must(t, err)
	// One for the byte, and one for each time that there is room again.
	if calls < 1 || calls > 1000 {
		t.Errorf("the application was given the same byte %d times", calls)
	}
	busy.Close()
	must(t, checkRobustEnd(d))
}

// TestRobustServerNoAddress has a network that gives no address: the station
// leaves it and joins again.
func TestRobustServerNoAddress(t *testing.T) {
	t.Parallel()
	dir := project(t, robustServer(nil), nil)
	edit(t, dir, "main/wifi_station.c", "#define ADDRESS_WAIT_MS 60000", "#define ADDRESS_WAIT_MS 200")
	d := start(t, dir, hostsdk.Scenario{WiFi: []string{"no-ip"}})
	_, err := d.wait("No address in 200 ms: leaving, to join again", 3)
	must(t, err)
	_, err = d.wait(`Disconnected: ASSOC_LEAVE \(8\)`, 3)
	must(t, err)
	_, err = d.stop()
	must(t, err)
}
