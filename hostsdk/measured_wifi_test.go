//go:build linux

package hostsdk_test

import (
	"os"
	"path/filepath"
	"regexp"
	"testing"
	"time"

	"github.com/espgen/espgen/hostsdk"
)

// A measuredProgram is a program of testdata/measured and what it runs with.
type measuredProgram struct {
	config string // lines of sdkconfig.defaults
	wifi   []string
	net    []string
	// What the log shows of rows that the program cannot check itself, each to
	// be waited for. Without any, it says that it is done.
	shows  map[string]string
	aborts bool
	absent map[string]string // what the log does not show
}

var wifiPrograms = map[string]measuredProgram{
	"wifi_events.c":    {},
	"wifi_scanning.c":  {wifi: []string{"silent"}},
	"wifi_absent.c":    {wifi: []string{"absent"}, config: "CONFIG_ESP_NETIF_IP_LOST_TIMER_INTERVAL=2\n"},
	"wifi_lost_ip.c":   {config: "CONFIG_ESP_NETIF_IP_LOST_TIMER_INTERVAL=4\n"},
	"wifi_open.c":      {wifi: []string{"open"}},
	"wifi_no_auth.c":   {wifi: []string{"no-auth"}},
	"wifi_beacons.c":   {wifi: []string{"drop=50ms"}},
	"wifi_deauth.c":    {wifi: []string{"drop=50ms", "deauth=3"}},
	"wifi_times.c":     {wifi: []string{"real-times", "absent=1", "drop=1us"}},
	"wifi_codes.c":     {},
	"netif_codes.c":    {},
	"hostname_early.c": {},
	"event_loop.c":     {},
	"handler_order.c":  {},
	"names.c":          {},
	"no_names.c":       {net: []string{"no-dns"}},
	"tasks.c":          {},
	"heap.c":           {},
	"aborts.c":         {},
	"task_returns.c": {aborts: true, shows: map[string]string{
		"task-returns": `FreeRTOS Task "ret" should not return, Aborting now!\n`,
	}},
	"main_returns.c": {config: "CONFIG_ESP_TASK_WDT_TIMEOUT_S=1\n", shows: map[string]string{
		"main-returns": `main_task: Returned from app_main\(\)\n`,
		"main-watched": `did not reset the watchdog in time: main\n`,
	}},
	"main_deletes.c": {absent: map[string]string{"main-deletes": `Returned from app_main`}},
}

// measuredProject makes a project of a program of testdata/measured.
func measuredProject(t *testing.T, source, config string) string {
	t.Helper()
	dir := t.TempDir()
	must(t, os.Mkdir(filepath.Join(dir, "main"), 0o755))
	for from, to := range map[string]string{source: "main.c", "row.h": "row.h", "peer.h": "peer.h", "station.h": "station.h", "../join.h": "join.h"} {
		text, err := os.ReadFile(filepath.Join(measuredDir, from))
		must(t, err)
		must(t, os.WriteFile(filepath.Join(dir, "main", to), text, 0o644))
	}
	must(t, os.WriteFile(filepath.Join(dir, "sdkconfig.defaults"), []byte(config), 0o644))
	return dir
}

// TestMeasuredWiFi holds the SDK to what was measured of Wi-Fi, events,
// addresses and tasks on a chip.
func TestMeasuredWiFi(t *testing.T) {
	t.Parallel()
	rows := measured(t, "wifi.yaml")
	for _, row := range rows {
		if _, ok := wifiPrograms[row.Check]; row.Check != "" && !ok {
			t.Errorf("%s: there is no program %s", row.ID, row.Check)
		}
	}
	for source, p := range wifiPrograms {
		t.Run(source, func(t *testing.T) {
			t.Parallel()
			d := start(t, measuredProject(t, source, p.config), hostsdk.Scenario{WiFi: p.wifi, Net: p.net})
			log := ""
			for id, pattern := range p.shows {
				_, err := d.wait(pattern, 1)
				must(t, err)
				log += "\nok " + id + "\n"
			}
			if !p.aborts {
				_, err := d.wait(`(?m)^done$`, 1)
				must(t, err)
			}
			if p.aborts {
				select {
				case <-d.done:
				case <-time.After(patience):
				}
			}
			text, err := d.stop()
			if (err != nil) != p.aborts {
				t.Errorf("it ended: %v", err)
			}
			for id, pattern := range p.absent {
				if !regexp.MustCompile(pattern).MatchString(text) {
					log += "\nok " + id + "\n"
				}
			}
			checkRows(t, rows, source, text+log)
		})
	}
}
