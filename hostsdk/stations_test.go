//go:build linux

package hostsdk_test

import (
	"context"
	"net"
	"net/netip"
	"regexp"
	"strings"
	"testing"

	"github.com/espgen/espgen/hostsdk"
)

// TestStations has one station connect to another: each has an address of its
// own, and sees the other's. A connection from this PC's own address does not
// look like a station's.
func TestStations(t *testing.T) {
	t.Parallel()
	server := start(t, program(t, "station_server.c", ""), hostsdk.Scenario{Station: 1})
	m, err := server.wait(`listening on (\S+)`, 1)
	must(t, err)
	at := netip.MustParseAddrPort(m[1])
	client := start(t, program(t, "station_client.c", ""), hostsdk.Scenario{
		Station: 2, WiFi: []string{"new-ip"}, Servers: []hostsdk.Server{{Port: 7000, Address: at}},
	})
	for d, want := range map[*device]string{
		client: `I am 192.168.137.43, and 02:00:00:00:01:00; it sees 192.168.137.43\n`,
		server: `the peer is 192.168.137.43, 192.168.137.43\n`,
	} {
		if _, err := d.wait(want, 1); err != nil {
			t.Error(err)
		}
	}
	if _, err := client.wait(`it is 192.168.1.77\n`, 1); err != nil {
		t.Error(err)
	}
	conn, err := net.Dial("tcp4", at.String())
	must(t, err)
	defer conn.Close()
	if _, err := server.wait(`the peer is 127.0.0.1, 127.0.0.1\n`, 1); err != nil {
		t.Error(err)
	}
}

// TestLogColour wants colours in the log where they are asked for.
func TestLogColour(t *testing.T) {
	t.Parallel()
	needCompiler(t, "cc")
	built, _, err := hostsdk.Build(t.Context(), program(t, "channel_end.c", ""), hostsdk.BuildOptions{Sanitize: true, Cache: cache})
	must(t, err)
	line := regexp.MustCompile("\033\\[0;32mI \\(\\d+\\) esp_netif_handlers: .*\033\\[0m\n")
	for _, colour := range []bool{false, true} {
		ctx, stop := context.WithTimeout(t.Context(), patience)
		var out strings.Builder
		must(t, hostsdk.Run(ctx, built, hostsdk.RunOptions{Out: &out, Colour: colour, Scenario: hostsdk.Scenario{Port: -1}, Events: func(e hostsdk.Event) {
			if e.Name == "WIFI_EVENT_STA_DISCONNECTED" {
				stop()
			}
		}}))
		stop()
		if got := line.MatchString(out.String()); got != colour || strings.Contains(out.String(), "\033") != colour {
			t.Errorf("colour %v: %v, in\n%.500q", colour, got, out.String())
		}
	}
}
