//go:build linux

package hostsdk_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/espgen/espgen/hostsdk"
)

// program makes a project of one of the C files of testdata.
func program(t *testing.T, source string) string {
	t.Helper()
	dir := t.TempDir()
	text, err := os.ReadFile(filepath.Join("testdata", source))
	must(t, err)
	must(t, os.Mkdir(filepath.Join(dir, "main"), 0o755))
	must(t, os.WriteFile(filepath.Join(dir, "main", "main.c"), text, 0o644))
	return dir
}

// TestFreeRTOS runs a C program that checks the SDK's FreeRTOS call by call.
func TestFreeRTOS(t *testing.T) {
	t.Parallel()
	d := start(t, program(t, "freertos.c"), hostsdk.Scenario{})
	_, err := d.wait(`(?m)^done$`, 1)
	must(t, err)
	log, err := d.stop()
	must(t, err)
	if n := strings.Count(log, "\nok "); n < 30 {
		t.Errorf("only %d checks", n)
	}
	for line := range strings.Lines(log) {
		if strings.HasPrefix(line, "FAILED") {
			t.Error(line)
		}
	}
	if !strings.Contains(log, "0 tasks running, ") {
		t.Error("a task is left")
	}
}
