//go:build linux

package hostsdk_test

import (
	"net/netip"
	"strings"
	"testing"

	"github.com/espgen/espgen/generator/spec"
	"github.com/espgen/espgen/hostsdk"
)

// TestRobustWiFiSilent has a driver that takes esp_wifi_connect() and posts no
// event after it. The station leaves, and where that is not answered either,
// it starts Wi-Fi again.
func TestRobustWiFiSilent(t *testing.T) {
	for scenario, want := range map[string]string{
		"silent=2": `(?s)(No answer from the Wi-Fi driver in 200 ms: giving up this try.*Disconnected: [^\n]*\(36\).*){2}Address`,
		"dead=2":   `(?s)(giving up this try.*in 100 ms: stopping and starting Wi-Fi.*Joining.*){2}Address`,
	} {
		t.Run(scenario, func(t *testing.T) {
			t.Parallel()
			dir := project(t, robustServer(nil), nil)
			edit(t, dir, "main/wifi_station.c", "#define JOIN_WAIT_MS 30000", "#define JOIN_WAIT_MS 200")
			edit(t, dir, "main/wifi_station.c", "#define DRIVER_WAIT_MS 5000", "#define DRIVER_WAIT_MS 100")
			d := start(t, dir, hostsdk.Scenario{WiFi: []string{scenario}})
			_, err := d.wait(want, 1)
			must(t, err)
			must(t, d.serves())
			must(t, checkRobustEnd(d))
		})
	}
}

// TestRobustReboot has no address for too long, from the start on or after a
// loss. The device says why it restarts, and does.
func TestRobustReboot(t *testing.T) {
	for name, wifi := range map[string][]string{
		"a driver that hangs": {"dead"},
		"no network":          {"absent"},
		"a loss":              {"drop=100ms", "back=1h"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := project(t, robustServer(nil), nil)
			edit(t, dir, "main/Kconfig.projbuild", "default 900", "default 1")
			d := start(t, dir, hostsdk.Scenario{WiFi: wifi})
			_, err := d.wait(`net_task: No address in 1 s: restarting the device\n.*starting again`, 2)
			must(t, err)
			if strings.HasPrefix(name, "a loss") != strings.Contains(d.text(), ": Address ") {
				t.Error("it was not this scenario")
			}
			_, err = d.stop()
			must(t, err)
		})
	}
	t.Run("never", func(t *testing.T) {
		t.Parallel()
		s := robustServer(func(s *spec.Spec) { s.WiFi.RebootTimeoutS = new(0) })
		d := start(t, project(t, s, nil), hostsdk.Scenario{WiFi: []string{"absent=12"}})
		must(t, d.serves())
		must(t, checkRobustEnd(d))
	})
	t.Run("an address starts the time anew", func(t *testing.T) {
		t.Parallel()
		dir := project(t, robustServer(nil), nil)
		edit(t, dir, "main/Kconfig.projbuild", "default 900", "default 2")
		d := start(t, dir, hostsdk.Scenario{WiFi: []string{"drop=900ms", "back=300ms"}})
		_, err := d.wait(`: Address `, 4)
		must(t, err)
		if strings.Contains(d.text(), "restarting") {
			t.Error("it restarts, and had addresses")
		}
		_, err = d.stop()
		must(t, err)
	})
}

// TestRobustScan has access points of one name, and the strongest is not the
// first that a scan finds.
func TestRobustScan(t *testing.T) {
	for scan, want := range map[string]string{"all": "02:00:00:00:01:02 on channel 6", "fast": "02:00:00:00:01:01 on channel 1"} {
		t.Run(scan, func(t *testing.T) {
			t.Parallel()
			s := robustServer(func(s *spec.Spec) { s.WiFi.Scan = &scan })
			d := start(t, project(t, s, nil), hostsdk.Scenario{WiFi: []string{"ap=-80:-40:-60"}})
			_, err := d.wait("Joined the access point "+want, 1)
			must(t, err)
			must(t, d.serves())
			must(t, checkRobustEnd(d))
		})
	}
}

// TestRobustDualWithoutDHCP has a link-local IPv6 address at once, and no IPv4
// address ever: that alone is no reason to stay.
func TestRobustDualWithoutDHCP(t *testing.T) {
	t.Parallel()
	dir := project(t, robustServer(func(s *spec.Spec) { s.Server.Family = new("dual") }), nil)
	edit(t, dir, "main/wifi_station.c", "#define ADDRESS_WAIT_MS 60000", "#define ADDRESS_WAIT_MS 300")
	d := start(t, dir, hostsdk.Scenario{WiFi: []string{"no-ip"}})
	m, err := d.wait(`: Address (\S+)`, 2)
	must(t, err)
	if !netip.MustParseAddr(m[1]).IsLinkLocalUnicast() {
		t.Errorf("%s is not a link-local address", m[1])
	}
	_, err = d.wait("No address in 300 ms: leaving, to join again", 2)
	must(t, err)
	_, err = d.stop()
	must(t, err)
}
