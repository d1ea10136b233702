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
			rebootAfter(t, dir, "1")
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
	t.Run("a link-local address alone", func(t *testing.T) {
		t.Parallel()
		dir := project(t, robustServer(func(s *spec.Spec) { s.Server.Family = new("dual") }), nil)
		rebootAfter(t, dir, "1")
		d := start(t, dir, hostsdk.Scenario{WiFi: []string{"no-ip"}})
		_, err := d.wait(`(?s)Address fe80.*No address in 1 s: restarting the device`, 1)
		must(t, err)
		_, err = d.stop()
		must(t, err)
	})
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
		rebootAfter(t, dir, "2")
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

// rebootAfter sets a project's reboot timeout, in seconds, which is shorter than
// a spec may say.
func rebootAfter(t *testing.T, dir, seconds string) {
	t.Helper()
	edit(t, dir, "main/Kconfig.projbuild", "default 900", "default "+seconds)
	edit(t, dir, "main/net_task.c", "SHORTEST_REBOOT_TIMEOUT_S 120", "SHORTEST_REBOOT_TIMEOUT_S 1")
}

// TestRobustLateAddress has an address event behind that of a lost link, as one
// that waited in the queue. The station joins again all the same.
func TestRobustLateAddress(t *testing.T) {
	for family, post := range map[string]string{
		"ipv4": "    ip_event_got_ip_t late = { .ip_changed = false };\n    esp_event_post(IP_EVENT, IP_EVENT_STA_GOT_IP, &late, sizeof(late), portMAX_DELAY);\n",
		"ipv6": "    ip_event_got_ip6_t late = { .esp_netif = esp_netif_get_handle_from_ifkey(\"WIFI_STA_DEF\") };\n    esp_event_post(IP_EVENT, IP_EVENT_GOT_IP6, &late, sizeof(late), portMAX_DELAY);\n",
	} {
		t.Run(family, func(t *testing.T) {
			t.Parallel()
			if family == "ipv6" {
				needIPv6(t)
			}
			dir := project(t, robustServer(func(s *spec.Spec) { s.Server.Family = &family }), nil)
			edit(t, dir, "main/wifi_station.c", "static void on_disconnected(const wifi_event_sta_disconnected_t *event)\n{\n",
				"static void on_disconnected(const wifi_event_sta_disconnected_t *event)\n{\n"+post)
			d := start(t, dir, hostsdk.Scenario{WiFi: []string{"drop=300ms", "back=50ms"}})
			_, err := d.wait("Joined the access point", 3)
			must(t, err)
			_, err = d.stop()
			must(t, err)
		})
	}
}

// TestRobustConnectFails has an esp_wifi_connect() that returns an error again
// and again: Wi-Fi is started again.
func TestRobustConnectFails(t *testing.T) {
	t.Parallel()
	dir := project(t, robustServer(nil), nil)
	edit(t, dir, "main/wifi_station.c", "esp_err_t err = esp_wifi_connect();", "static int calls;\n    esp_err_t err = ++calls <= 2 ? ESP_ERR_WIFI_CONN : esp_wifi_connect();")
	edit(t, dir, "main/wifi_station.c", "#define JOIN_WAIT_MS 30000", "#define JOIN_WAIT_MS 200")
	edit(t, dir, "main/wifi_station.c", "#define DRIVER_WAIT_MS 5000", "#define DRIVER_WAIT_MS 100")
	d := start(t, dir, hostsdk.Scenario{})
	_, err := d.wait(`(?s)(esp_wifi_connect failed: ESP_ERR_WIFI_CONN.*stopping and starting Wi-Fi.*){2}Address`, 1)
	must(t, err)
	must(t, d.serves())
	must(t, checkRobustEnd(d))
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
	m, err := d.wait(`: Address (\S+)`, 1)
	must(t, err)
	if !netip.MustParseAddr(m[1]).IsLinkLocalUnicast() {
		t.Errorf("%s is not a link-local address", m[1])
	}
	_, err = d.wait("No address in 300 ms: leaving, to join again", 2)
	must(t, err)
	_, err = d.stop()
	must(t, err)
}
