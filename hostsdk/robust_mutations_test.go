//go:build linux

package hostsdk_test

import (
	"strings"
	"testing"
	"time"

	"github.com/espgen/espgen/generator/spec"
	"github.com/espgen/espgen/hostsdk"
)

// TestRobustStarvesTheWatchdog breaks the server's source so that it does not
// reset the watchdog any more, which the log must have.
func TestRobustStarvesTheWatchdog(t *testing.T) {
	t.Parallel()
	dir := project(t, robustServer(func(s *spec.Spec) { s.Sdkconfig = map[string]any{"CONFIG_ESP_TASK_WDT_TIMEOUT_S": 1} }), nil)
	edit(t, dir, "main/net_task.c", "    esp_task_wdt_reset();\n", "")
	d := start(t, dir, hostsdk.Scenario{})
	must(t, d.serves())
	deadline := time.Now().Add(patience)
	for !strings.Contains(d.text(), "Task watchdog") {
		if time.Now().After(deadline) {
			t.Fatal("the watchdog says nothing")
		}
		time.Sleep(20 * time.Millisecond)
	}
	if err := checkRobustEnd(d); err == nil {
		t.Error("checkRobustEnd does not see it")
	}
}
