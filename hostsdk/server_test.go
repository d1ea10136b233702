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
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/espgen/espgen/generator"
	"github.com/espgen/espgen/generator/rules"
	"github.com/espgen/espgen/generator/spec"
	"github.com/espgen/espgen/hostsdk"
	"github.com/espgen/espgen/templates"
)

// goldenSpecs are the specs of ../specs of a style, "" for any.
func goldenSpecs(t *testing.T, style string) map[string]*spec.Spec {
	t.Helper()
	paths, err := filepath.Glob("../specs/*.yaml")
	must(t, err)
	specs := map[string]*spec.Spec{}
	for _, p := range paths {
		data, err := os.ReadFile(p)
		must(t, err)
		file := spec.Parse(p, data, spec.Sources{})
		r, err := generator.LoadRole(templates.FS, file.Role())
		must(t, err)
		s, err := rules.CheckFile(file, r)
		must(t, err)
		if style == "" || *s.Style == style {
			specs[strings.TrimSuffix(filepath.Base(p), ".yaml")] = s
		}
	}
	if len(specs) < 4 {
		t.Fatalf("only %d specs", len(specs))
	}
	return specs
}

// TestGoldenCompile compiles every golden project with ESP-IDF's warnings as
// errors, and both compilers, without a word from them.
func TestGoldenCompile(t *testing.T) {
	for _, cc := range []string{"gcc", "clang"} {
		for name, s := range goldenSpecs(t, "") {
			t.Run(cc+"/"+name, func(t *testing.T) {
				t.Parallel()
				needCompiler(t, cc)
				_, warned, err := hostsdk.Build(t.Context(), project(t, s, nil), hostsdk.BuildOptions{CC: cc, Sanitize: true, Cache: cache})
				must(t, err)
				if warned != "" {
					t.Error(warned)
				}
			})
		}
	}
}

// TestServerClang runs the server as the other compiler and its sanitizers
// make it.
func TestServerClang(t *testing.T) {
	t.Parallel()
	d := startWith(t, "clang", project(t, server(nil), nil), hostsdk.Scenario{})
	must(t, checkEcho(d))
	must(t, checkEnd(d))
}

func checkEcho(d *device) error {
	conn, err := d.dial()
	if err != nil {
		return err
	}
	defer conn.Close()
	for _, size := range []int{1, 2, 126, 127, 128, 129, 1000, 65537, 1 << 20} {
		if err := echo(conn, pattern(size), 1+size/7); err != nil {
			return fmt.Errorf("%d bytes: %w", size, err)
		}
	}
	return nil
}

// checkEnd stops a server: nothing but its listener may be left, and neither
// it nor a sanitizer complains.
func checkEnd(d *device) error {
	conns := 0
	for range 100 { // the last client's socket closes in its own time
		sockets, _, err := d.state()
		if err != nil {
			return err
		}
		if conns = len(sockets); conns == 1 {
			break
		}
		time.Sleep(20 * time.Millisecond)
	}
	log, err := d.stop()
	if err != nil {
		return err
	}
	if conns != 1 || !strings.Contains(log, "host: at the end: 1 sockets open") {
		return fmt.Errorf("%d sockets are open, not the listener alone", conns)
	}
	return nil
}

// TestServerManyClients serves 200 clients, one after the other.
func TestServerManyClients(t *testing.T) {
	for name, clients := range map[string]int{"one at a time": 1, "tasks": 4} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := project(t, server(func(s *spec.Spec) { s.Server.MaxClients = &clients }), nil)
			d := start(t, dir, hostsdk.Scenario{})
			must(t, checkManyClients(d))
			must(t, checkEnd(d))
		})
	}
}

func checkManyClients(d *device) error {
	for i := range 200 {
		// The places of those before may not be free yet: then it is refused, and comes again.
		err := eventually(func() error {
			conn, err := d.dial()
			if err != nil {
				return err
			}
			defer conn.Close()
			return echo(conn, pattern(300), 100)
		})
		if err != nil {
			return fmt.Errorf("client %d: %w", i, err)
		}
	}
	return nil
}

// TestServerRudeClients has clients that leave badly. Each time the next one
// is served.
func TestServerRudeClients(t *testing.T) {
	rude := map[string]func(conn *net.TCPConn) error{
		// Once it has been accepted: a reset before that ends the guide's server, as any error of accept() does.
		"reset": func(conn *net.TCPConn) error {
			return errors.Join(echo(conn, []byte("x"), 1), conn.SetLinger(0), conn.Close())
		},
		"says nothing": func(conn *net.TCPConn) error { return conn.Close() },
		"half-close": func(conn *net.TCPConn) error {
			_, err := conn.Write([]byte("bye"))
			if err = errors.Join(err, conn.CloseWrite()); err != nil {
				return err
			}
			if got := make([]byte, 10); true {
				n, err := conn.Read(got)
				if err != nil || string(got[:n]) != "bye" {
					return errors.Join(fmt.Errorf("after the half-close: %q", got[:n]), err)
				}
			}
			return conn.Close()
		},
		"does not read": func(conn *net.TCPConn) error {
			err := echo(conn, []byte("x"), 1)
			_, writeErr := conn.Write(pattern(100_000))
			return errors.Join(err, writeErr, conn.SetLinger(0), conn.Close())
		},
	}
	for name, behave := range rude {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := start(t, project(t, server(nil), nil), hostsdk.Scenario{})
			for range 5 {
				conn, err := d.dial()
				must(t, err)
				must(t, behave(conn))
				polite, err := d.dial()
				must(t, err)
				must(t, echo(polite, []byte("still there?"), 5))
				polite.Close()
			}
			must(t, checkEnd(d))
		})
	}
}

// TestServerRefuses fills every place of a server; the next client is told so,
// and served when a place is free.
func TestServerRefuses(t *testing.T) {
	t.Parallel()
	d := start(t, project(t, server(func(s *spec.Spec) { s.Server.MaxClients = new(3) }), nil), hostsdk.Scenario{})
	var places []*net.TCPConn
	for range 3 {
		conn, err := d.dial()
		must(t, err)
		must(t, echo(conn, []byte("here"), 4))
		places = append(places, conn)
	}
	extra, err := d.dial()
	must(t, err)
	text := make([]byte, 100)
	n, err := extra.Read(text)
	if err != nil || !strings.HasPrefix(string(text[:n]), "Server full") {
		t.Errorf("the fourth client reads %q, %v", text[:n], err)
	}
	extra.Close()
	for i, conn := range places {
		must(t, echo(conn, pattern(1000+i), 100))
	}
	places[1].Close()
	_, err = d.wait("Connection closed", 1)
	must(t, err)
	must(t, eventually(func() error {
		conn, err := d.dial()
		if err != nil {
			return err
		}
		defer conn.Close()
		return echo(conn, []byte("my turn"), 7)
	}))
	places[0].Close()
	places[2].Close()
	must(t, checkEnd(d))
}

// crowded is a server that has a task for each of two clients.
func crowded() *spec.Spec {
	return server(func(s *spec.Spec) { s.Server.MaxClients = new(2) })
}

// fill takes both places of a crowded server.
func fill(d *device) error {
	for range 2 {
		conn, err := d.dial()
		if err != nil {
			return err
		}
		if err := echo(conn, []byte("here"), 4); err != nil {
			return err
		}
	}
	return nil
}

const full = "Server full, try again later\n"

// TestServerTurnsAway turns clients away that have sent something already, that
// say nothing, and that never stop sending.
func TestServerTurnsAway(t *testing.T) {
	t.Run("after data", func(t *testing.T) {
		t.Parallel()
		// send() takes a while, in which the client's bytes arrive.
		d := start(t, project(t, crowded(), nil), hostsdk.Scenario{Net: []string{"slow=200ms"}})
		must(t, checkTurnedAway(d))
	})
	t.Run("in time", func(t *testing.T) {
		t.Parallel()
		d := start(t, project(t, crowded(), nil), hostsdk.Scenario{})
		must(t, checkTurnedAwayInTime(d))
	})
}

// checkTurnedAway wants a client that has sent bytes to read the whole message,
// and the end of the connection after it. There is no reset: Linux's sockets
// give what came before one, others do not.
func checkTurnedAway(d *device) error {
	if err := fill(d); err != nil {
		return err
	}
	conn, err := d.dial()
	if err != nil {
		return err
	}
	if _, err := conn.Write(pattern(100)); err != nil {
		return err
	}
	got, err := io.ReadAll(conn)
	if err != nil || string(got) != full {
		return errors.Join(fmt.Errorf("the client reads %q", got), err)
	}
	err = eventually(func() error {
		sockets, _, err := d.state()
		if err == nil && len(sockets) != 3 { // the listener, and both places
			err = fmt.Errorf("%d sockets are open", len(sockets))
		}
		return err
	})
	return errors.Join(err, pendingError(conn))
}

// pendingError is what has happened to a connection since it was last used.
func pendingError(conn *net.TCPConn) error {
	raw, err := conn.SyscallConn()
	if err != nil {
		return err
	}
	var pending int
	controlErr := raw.Control(func(fd uintptr) {
		pending, err = syscall.GetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_ERROR)
	})
	if pending != 0 {
		err = syscall.Errno(pending)
	}
	return errors.Join(controlErr, err)
}

// checkTurnedAwayInTime has clients that the server cannot wait for. Each time
// the next one is told soon that it is full.
func checkTurnedAwayInTime(d *device) error {
	if err := fill(d); err != nil {
		return err
	}
	silent, err := d.dial()
	if err != nil {
		return err
	}
	defer silent.Close() // not before the next one has been told
	if err := checkTold(d); err != nil {
		return fmt.Errorf("beside a silent client: %w", err)
	}
	busy, err := d.dial()
	if err != nil {
		return err
	}
	defer busy.Close()
	go func() {
		for err := error(nil); err == nil; {
			_, err = busy.Write(pattern(1000))
		}
	}()
	if err := checkTold(d); err != nil {
		return fmt.Errorf("beside a busy client: %w", err)
	}
	return nil
}

// checkTold connects, and wants to be told soon that the server is full. The
// client before may take a second; the rest is for a slow machine.
func checkTold(d *device) error {
	conn, err := d.dial()
	if err != nil {
		return err
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(4 * time.Second)); err != nil {
		return err
	}
	got := make([]byte, len(full))
	if _, err := io.ReadFull(conn, got); err != nil || string(got) != full {
		return errors.Join(fmt.Errorf("the client reads %q", got), err)
	}
	return nil
}

// TestServerNamesClients wants each line about data to say which client's it
// is.
func TestServerNamesClients(t *testing.T) {
	t.Parallel()
	d := start(t, project(t, crowded(), nil), hostsdk.Scenario{})
	must(t, checkNames(d))
	must(t, checkEnd(d))
}

func checkNames(d *device) error {
	var conns []*net.TCPConn
	for range 2 {
		conn, err := d.dial()
		if err != nil {
			return err
		}
		conns = append(conns, conn)
	}
	for i, conn := range conns {
		text := fmt.Sprintf("client %d", i)
		if err := echo(conn, []byte(text), len(text)); err != nil {
			return err
		}
		if err := checkLog(d, conn, "Received 8 bytes: "+text); err != nil {
			return err
		}
	}
	for _, conn := range conns {
		if err := conn.Close(); err != nil {
			return err
		}
		if err := checkLog(d, conn, "Connection closed"); err != nil {
			return err
		}
	}
	return nil
}

// checkLog wants a line of the log that begins with the name of a client.
func checkLog(d *device, client *net.TCPConn, text string) error {
	_, err := d.wait(`tcp_server: `+regexp.QuoteMeta(client.LocalAddr().String()+": "+text), 1)
	return err
}

// eventually tries until there is no error, or patience ends.
func eventually(try func() error) error {
	deadline := time.Now().Add(patience)
	for {
		err := try()
		if err == nil || time.Now().After(deadline) {
			return err
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// TestServerSilence has clients that are gone without a word. Keep-alive finds
// them, where it is on, and no earlier than the spec says; the next one is
// served.
func TestServerSilence(t *testing.T) {
	t.Run("keep-alive", func(t *testing.T) {
		t.Parallel()
		s := server(func(s *spec.Spec) {
			s.KeepAlive = spec.KeepAlive{Idle: new(1), Interval: new(1), Count: new(2)}
		})
		d := start(t, project(t, s, nil), hostsdk.Scenario{Net: []string{"silent=1s"}})
		conn, err := d.dial()
		must(t, err)
		must(t, echo(conn, []byte("and then"), 8))
		begin := time.Now()
		_, err = d.wait("recv failed: errno 113", 1)
		must(t, err)
		// Of the second until it falls silent, the echo took a part.
		if took := time.Since(begin); took < 3*time.Second {
			t.Errorf("keep-alive gave up after %v, not after 1 s + 1 s x 2", took)
		}
		must(t, eventually(func() error {
			conn, err := d.dial()
			if err != nil {
				return err
			}
			defer conn.Close()
			return echo(conn, []byte("next"), 4)
		}))
	})
	t.Run("no keep-alive", func(t *testing.T) {
		t.Parallel()
		s := server(func(s *spec.Spec) { s.KeepAlive.Enable = new(false) })
		d := start(t, project(t, s, nil), hostsdk.Scenario{Net: []string{"silent=0s"}})
		conn, err := d.dial()
		must(t, err)
		_, err = d.wait("Accepted a connection", 1)
		must(t, err)
		must(t, conn.Close()) // a word that does not arrive
		time.Sleep(time.Second)
		if log := d.text(); strings.Contains(log, "Connection closed") || strings.Contains(log, "recv failed") {
			t.Errorf("the server has noticed:\n%s", log)
		}
	})
}

// TestServerWiFi runs the server on networks that come and go.
func TestServerWiFi(t *testing.T) {
	t.Run("absent at first", func(t *testing.T) {
		t.Parallel()
		d := start(t, project(t, server(nil), nil), hostsdk.Scenario{WiFi: []string{"absent=4"}})
		must(t, checkEcho(d))
		must(t, checkEnd(d))
	})
	t.Run("absent for ever", func(t *testing.T) {
		t.Parallel()
		d := start(t, project(t, server(nil), nil), hostsdk.Scenario{WiFi: []string{"absent"}})
		_, err := d.wait("Gave up reconnecting", 1)
		must(t, err)
		log, err := d.stop()
		must(t, err)
		if n := strings.Count(log, "Wi-Fi disconnected"); n != 6 { // the first try and 5 retries
			t.Errorf("%d tries, want 6", n)
		}
	})
	t.Run("comes and goes", func(t *testing.T) {
		t.Parallel()
		d := start(t, project(t, server(nil), nil), hostsdk.Scenario{WiFi: []string{"drop=400ms", "back=50ms"}})
		// More losses in all than retries: the count starts anew with each address.
		_, err := d.wait("Got IP address", 8)
		must(t, err)
		must(t, eventually(func() error {
			conn, err := d.dial()
			if err != nil {
				return err
			}
			defer conn.Close()
			return echo(conn, pattern(500), 100)
		}))
		if strings.Contains(d.text(), "Gave up") {
			t.Error("the server gave up")
		}
	})
	t.Run("a new address", func(t *testing.T) {
		t.Parallel()
		d := start(t, project(t, server(nil), nil), hostsdk.Scenario{WiFi: []string{"drop=1s", "new-ip"}})
		conn, err := d.dial()
		must(t, err)
		must(t, echo(conn, []byte("first"), 5))
		_, err = d.wait(`recv failed: errno 113`, 1) // the old connection is aborted, and its socket closed
		must(t, err)
		conn.Close()
		must(t, eventually(func() error {
			conn, err := d.dial()
			if err != nil {
				return err
			}
			defer conn.Close()
			return echo(conn, []byte("second"), 6)
		}))
	})
	t.Run("a blocked handler", func(t *testing.T) {
		t.Parallel()
		s := server(func(s *spec.Spec) { s.WiFi.RetryDelayMS = new(300) })
		d := start(t, project(t, s, nil), hostsdk.Scenario{WiFi: []string{"absent=1"}})
		_, err := d.wait(`host: a handler of WIFI_EVENT_STA_DISCONNECTED blocked the event task for \d+ ms`, 1)
		must(t, err)
	})
}

// TestGuideWiFiReason has Wi-Fi fail in two ways, which the log must tell apart
// by the names of their reasons: each try has its line.
func TestGuideWiFiReason(t *testing.T) {
	reasons := map[string]string{
		"password": `W \(\d+\) WIFI_EVENT: Reason 15: 4WAY_HANDSHAKE_TIMEOUT: `,
		"absent":   `W \(\d+\) WIFI_EVENT: Reason 201: NO_AP_FOUND: `,
	}
	for role, s := range map[string]*spec.Spec{"server": server(nil), "client": client(nil)} {
		for event := range reasons {
			t.Run(role+"/"+event, func(t *testing.T) {
				t.Parallel()
				d := start(t, project(t, s, nil), hostsdk.Scenario{WiFi: []string{event}})
				_, err := d.wait("Gave up reconnecting", 1)
				must(t, err)
				log, err := d.stop()
				must(t, err)
				for other, form := range reasons {
					want := 0
					if other == event {
						want = 6 // the first try and 5 retries
					}
					if n := len(regexp.MustCompile(form).FindAllString(log, -1)); n != want {
						t.Errorf("%d lines of %q, want %d", n, form, want)
					}
				}
			})
		}
	}
}

// TestServerPortTaken starts two servers on one port: the second says why it
// cannot.
func TestServerPortTaken(t *testing.T) {
	t.Parallel()
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	defer taken.Close()
	d := start(t, project(t, server(nil), nil), hostsdk.Scenario{Port: taken.Addr().(*net.TCPAddr).Port})
	_, err = d.wait("bind failed: errno 112", 1)
	must(t, err)
	_, err = d.wait(`host: another program of this PC listens on 127.0.0.1:\d+; end it, or choose another port, as in --listen 127.0.0.1:\d+`, 1)
	must(t, err)
	must(t, checkClientEnd(d)) // the socket is closed, and the task gone
}

// TestServerTasksMutations breaks what a server with a task for each client
// has beside.
func TestServerTasksMutations(t *testing.T) {
	mutations := map[string]struct {
		from, to string
		net      []string
		check    func(*device) error
	}{
		"bytes stay unread":        {"if (recv(sock, unread, sizeof(unread), 0) <= 0) {", "if (unread[0] == 0) {", []string{"slow=200ms"}, checkTurnedAway},
		"waits for the silent":     {"SO_RCVTIMEO", "SO_SNDTIMEO", nil, checkTurnedAwayInTime},
		"reads for ever":           {"< 800 /", "< 800000 /", nil, checkTurnedAwayInTime},
		"every client is \"name\"": {"Received %d bytes: %s\", name,", "Received %d bytes: %s\", \"name\",", nil, checkNames},
	}
	for name, m := range mutations {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := project(t, crowded(), func(source string) string { return strings.Replace(source, m.from, m.to, 1) })
			mustNotice(t, start(t, dir, hostsdk.Scenario{Net: m.net}), m.check)
		})
	}
}

// mustNotice wants a check to fail.
func mustNotice(t *testing.T, d *device, check func(*device) error) {
	t.Helper()
	noticed := make(chan error, 1)
	go func() { noticed <- check(d) }()
	select {
	case err := <-noticed:
		if err == nil {
			t.Error("not noticed")
		}
	case <-time.After(5 * time.Second): // it hangs, which a real check notices after its patience
	}
}
