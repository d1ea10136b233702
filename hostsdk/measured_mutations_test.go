//go:build linux

package hostsdk_test

import (
	"bytes"
	"context"
	"strings"
	"testing"

	"github.com/espgen/espgen/hostsdk"
)

// TestMeasuredMutations breaks the SDK's own C. A row that was measured must
// see each of them.
func TestMeasuredMutations(t *testing.T) {
	t.Parallel()
	needCompiler(t, "cc")
	for _, m := range []struct{ name, file, from, to, program, row string }{
		// Events.
		{"an event is missing", "wifi.c", "        post(EVENT_HOME_CHANNEL_CHANGE, &e, sizeof(e));\n", "", "wifi_events.c", "start-first"},
		{"handlers run when they like", "wifi.c", "    host_let_handlers_run();\n", "", "wifi_events.c", "handlers-before-return"},
		{"the wrong reason", "wifi.c", "disconnect(WIFI_REASON_STA_LEAVING, NO_SIGNAL);", "disconnect(WIFI_REASON_ASSOC_LEAVE, NO_SIGNAL);", "wifi_scanning.c", "disconnect-scanning"},
		{"a failure is forgotten", "wifi.c", "failed = refusal >= WIFI_REASON_NO_AP_FOUND;", "failed = false;", "wifi_no_auth.c", "disconnect-after-205"},
		{"no word of the beacons", "wifi.c", "        post(WIFI_EVENT_STA_BEACON_TIMEOUT, NULL, 0);\n", "", "wifi_beacons.c", "beacon-timeout"},
		// Return codes.
		{"connect while connecting", "wifi.c", "        err = ESP_ERR_WIFI_CONN;\n", "", "wifi_scanning.c", "connect-connecting"},
		{"the mode after init", "wifi.c", "mode = WIFI_MODE_AP;", "mode;", "wifi_codes.c", "mode-after-init"},
		{"a threshold that is none", "wifi.c", "conf->sta.threshold.authmode >= AUTHMODE_MAX", "false", "wifi_codes.c", "invalid-arguments"},
		{"a handler that is registered again", "event.c", "    if (old != NULL) {", "    if (false) {", "event_loop.c", "handler-again"},
		{"a handler that is added", "event.c", "is_last ? (struct handler){ 0 } : next_handler", "next_handler", "event_loop.c", "handler-adds"},
		{"an early host name", "netif.c", "    if (!has_name) {", "    if (false) {", "netif_codes.c", "hostname"},
		{"a creator does not wait", "freertos.c", "        await_turn(&turn);\n", "        leave_turn(&turn);\n", "tasks.c", "task-first"},
	} {
		t.Run(m.name, func(t *testing.T) {
			t.Parallel()
			program := mutant(t, m.program, m.file, m.from, m.to)
			p := wifiPrograms[m.program]
			ctx, stop := context.WithCancel(t.Context())
			defer stop()
			out := &untilRow{row: "FAILED " + m.row + ",", stop: stop}
			must(t, hostsdk.Run(ctx, program, hostsdk.RunOptions{Scenario: hostsdk.Scenario{WiFi: p.wifi, Net: p.net}, Out: out}))
			if !out.failed {
				t.Errorf("%s does not notice:\n%s", m.row, out.log.String())
			}
		})
	}
}

// An untilRow takes a log, and stops the program that writes it when it is
// done or a row has failed.
type untilRow struct {
	row    string
	stop   func()
	log    bytes.Buffer
	failed bool
}

func (u *untilRow) Write(p []byte) (int, error) {
	u.log.Write(p)
	u.failed = strings.Contains(u.log.String(), u.row)
	if u.failed || strings.Contains(u.log.String(), "\ndone\n") {
		u.stop()
	}
	return len(p), nil
}
