//go:build linux

package hostsdk_test

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
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
			dir := t.TempDir()
			must(t, os.CopyFS(dir, os.DirFS(builtSDK(t))))
			edit(t, dir, "src/"+m.file, m.from, m.to)
			object := strings.TrimSuffix(m.file, ".c") + ".o"
			compileIn(t, dir, "-Iinclude", "-c", "src/"+m.file, "-o", object)
			objects, err := filepath.Glob(filepath.Join(dir, "*.o"))
			must(t, err)
			compileIn(t, dir, append(objects, "-Iinclude", "-I"+measuredDirFrom(t), filepath.Join(measuredDirFrom(t), m.program), "-o", "program",
				"-Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc,--wrap=strdup,--wrap=strndup,--wrap=free")...)

			p := wifiPrograms[m.program]
			ctx, stop := context.WithCancel(t.Context())
			defer stop()
			out := &untilRow{row: "FAILED " + m.row + ",", stop: stop}
			must(t, hostsdk.Run(ctx, filepath.Join(dir, "program"), hostsdk.RunOptions{Scenario: hostsdk.Scenario{WiFi: p.wifi, Net: p.net}, Out: out}))
			if !out.failed {
				t.Errorf("%s does not notice:\n%s", m.row, out.log.String())
			}
		})
	}
}

// builtSDK is the folder of an SDK that hostsdk.Build has built: its sources
// and headers, with the sdkconfig.h and the objects of a project.
var builtSDK = func() func(t *testing.T) string {
	var once sync.Once
	var folder string
	return func(t *testing.T) string {
		t.Helper()
		once.Do(func() {
			own := filepath.Join(cache, "mutations")
			_, _, err := hostsdk.Build(t.Context(), measuredProject(t, "hostname_early.c", ""), hostsdk.BuildOptions{CC: "cc", Cache: own})
			must(t, err)
			folders, err := filepath.Glob(filepath.Join(own, "sdk-*"))
			must(t, err)
			folder = folders[0]
		})
		return folder
	}
}()

func measuredDirFrom(t *testing.T) string {
	t.Helper()
	dir, err := filepath.Abs(measuredDir)
	must(t, err)
	return dir
}

// compileIn runs the compiler in the folder of an SDK. What does not come, since
// a mutation prevents it, is not waited for long.
func compileIn(t *testing.T, dir string, args ...string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "cc", append([]string{"-std=gnu17", "-O1", "-pthread", "-I.", "-DPATIENCE_MS=2000"}, args...)...)
	cmd.Dir = dir
	if said, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, said)
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
