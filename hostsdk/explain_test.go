//go:build linux

package hostsdk_test

import (
	"net"
	"regexp"
	"strings"
	"testing"

	"github.com/espgen/espgen/generator/spec"
	"github.com/espgen/espgen/hostsdk"
)

// TestExplainedErrors wants a line behind each that logs an errno, which says
// what has happened.
func TestExplainedErrors(t *testing.T) {
	t.Parallel()
	d := start(t, program(t, "explain.c", ""), hostsdk.Scenario{})
	_, err := d.wait(`(?m)^done$`, 1)
	must(t, err)
	log, err := d.stop()
	must(t, err)
	lines := strings.Split(log, "\n")
	for i, test := range []struct{ line, explained string }{
		{"early connect: errno 118", "118 EHOSTUNREACH: the station has no address yet; wait for IP_EVENT_STA_GOT_IP before connect()"},
		{"refused: errno 104", "104 ECONNRESET: nothing listens on 127.0.0.1:1 of this PC; start your server first, for example with `espgen peer`"},
		{"refused, told again: errno 104", ""},
		{"later: some text (104)", "104 ECONNRESET: nothing listens on 127.0.0.1:2 of this PC; *"},
		{"of no more use: errno 128", "128 ENOTCONN: the socket has no connection: *"},
		{"no number", ""},
		{"104 in another line", "104 ECONNRESET: nothing listens on 127.0.0.1:1 of this PC; *"},
		{"after the end: errno 128", "128 ENOTCONN: the end of what the peer sends has been read before*"},
		{"closed: errno 9", "9 EBADF: the socket is not open: *"},
		{"reset: errno 104", "104 ECONNRESET: 192.168.137.42:* has reset the connection: *"},
		{"no more sockets: errno 23", "23 ENFILE: all 10 sockets are open (CONFIG_LWIP_MAX_SOCKETS); *"},
		{"the same port: errno 112", "112 EADDRINUSE: another socket of the project has port *"},
		{"nothing is there", ""},
		{"received 11 bytes, 8 of them now", ""},
		{"lost: errno 113", "113 ECONNABORTED: Wi-Fi was lost, *"},
		{"late connect: errno 118", "118 EHOSTUNREACH: the station has no address any more; *"},
		{"no name: 202", "202 EAI_FAIL: the DNS server cannot be reached: the station has no address"},
	} {
		at := 0
		for at < len(lines) && !strings.HasSuffix(lines[at], " test: "+test.line) {
			at++
		}
		if at+1 >= len(lines) {
			t.Fatalf("%d: the log has no %q", i, test.line)
		}
		next, _ := strings.CutPrefix(lines[at+1], "host: ")
		explained := regexp.MustCompile(`^\d+ E\w+: `).MatchString(next)
		form := "^" + strings.ReplaceAll(regexp.QuoteMeta(test.explained), `\*`, ".*") + "$"
		if explained != (test.explained != "") || (explained && !regexp.MustCompile(form).MatchString(next)) {
			t.Errorf("behind %q is %q, want %q", test.line, lines[at+1], test.explained)
		}
	}
}

// TestExplainedScenario wants a line that says what the scenario, or this PC,
// has done.
func TestExplainedScenario(t *testing.T) {
	t.Parallel()
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	t.Cleanup(func() { taken.Close() })
	wifi := func(events ...string) hostsdk.Scenario { return hostsdk.Scenario{WiFi: events} }
	network := func(events ...string) hostsdk.Scenario { return hostsdk.Scenario{Net: events} }
	serves, connects := project(t, server(nil), nil), project(t, client(nil), nil)
	for name, test := range map[string]struct {
		dir  string
		s    hostsdk.Scenario
		want string // behind host:
	}{
		"absent":   {serves, wifi("absent"), "Wi-Fi: the access point is not found (--wifi absent): WIFI_EVENT_STA_DISCONNECTED with reason 201 (WIFI_REASON_NO_AP_FOUND)"},
		"password": {serves, wifi("password"), "Wi-Fi: the password is wrong (--wifi password): WIFI_EVENT_STA_DISCONNECTED with reason 15 (WIFI_REASON_4WAY_HANDSHAKE_TIMEOUT)"},
		"no-auth":  {serves, wifi("no-auth"), "Wi-Fi: the access point does not answer the authentication (--wifi no-auth): WIFI_EVENT_STA_DISCONNECTED with reason 2 (WIFI_REASON_AUTH_EXPIRE)"},
		"drop":     {serves, wifi("drop=10ms", "back=1h"), "Wi-Fi: the access point has fallen silent (--wifi drop): WIFI_EVENT_STA_DISCONNECTED with reason 200 (WIFI_REASON_BEACON_TIMEOUT)"},
		"back":     {serves, wifi("drop=10ms", "back=1h"), "Wi-Fi: the access point is not back yet (--wifi back): WIFI_EVENT_STA_DISCONNECTED with reason 201 (WIFI_REASON_NO_AP_FOUND)"},
		"deauth":   {serves, wifi("drop=10ms", "deauth=7"), "Wi-Fi: the access point ends the connection (--wifi deauth): WIFI_EVENT_STA_DISCONNECTED with reason 7 (WIFI_REASON_CLASS3_FRAME_FROM_NONASSOC_STA)"},
		"silent":   {serves, wifi("silent"), "Wi-Fi: no event will follow this esp_wifi_connect() (--wifi silent)"},
		"no-ip":    {serves, wifi("no-ip"), "Wi-Fi: DHCP does not answer, so there is no IP_EVENT_STA_GOT_IP (--wifi no-ip)"},
		"open":     {project(t, server(func(s *spec.Spec) { s.WiFi.Password = new("12345678") }), nil), wifi("open"), "Wi-Fi: the access point has no password, and the project gives one (--wifi open): WIFI_EVENT_STA_DISCONNECTED with reason 210 (WIFI_REASON_NO_AP_FOUND_W_COMPATIBLE_SECURITY)"},
		"fail":     {serves, network("fail-once=1"), "23 ENFILE: --net fail: fails on purpose"},
		"port":     {serves, hostsdk.Scenario{Port: taken.Addr().(*net.TCPAddr).Port}, "112 EADDRINUSE: this PC has refused the address, see above"},
		"address":  {serves, hostsdk.Scenario{Listen: "192.0.2.9"}, "192.0.2.9:0 is no address of this PC; choose one that it has, such as --listen 127.0.0.1, or 0.0.0.0 for all of them"},
		"map":      {connects, hostsdk.Scenario{Map: []string{"192.168.137.2:8080=127.0.0.1:1"}}, "no --map is for 192.168.137.1:8080, the given ones are: --map 192.168.137.2:8080=127.0.0.1:1"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := start(t, test.dir, test.s)
			_, err := d.wait("(?m)^host: "+regexp.QuoteMeta(test.want)+"$", 1)
			must(t, err)
		})
	}
}

// TestUnusedMapping wants a --map that was not used to be told of at the end,
// and no other.
func TestUnusedMapping(t *testing.T) {
	t.Parallel()
	d := start(t, project(t, client(nil), nil), hostsdk.Scenario{Map: []string{"192.168.137.2:80=127.0.0.1:1", "192.168.137.1:8080=127.0.0.1:1"}})
	_, err := d.wait("connecting to 127.0.0.1:1 instead of 192.168.137.1:8080", 1)
	must(t, err)
	log, err := d.stop()
	must(t, err)
	const unused = "host: --map 192.168.137.2:80=127.0.0.1:1 was not used: the project has not connected to 192.168.137.2:80\n"
	if !strings.Contains(log, unused) || strings.Count(log, "was not used") != 1 || strings.Contains(log, "no --map is for") {
		t.Error("the log does not tell which --map was not used")
	}
}
