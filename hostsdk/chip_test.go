//go:build linux

package hostsdk_test

import (
	"context"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/espgen/espgen/hostsdk"
)

// TestStackEstimate has a task with an array that is larger than its stack, and
// others that have room.
func TestStackEstimate(t *testing.T) {
	t.Parallel()
	needCompiler(t, "cc")
	program, _, err := hostsdk.Build(t.Context(), program(t, "stack.c", ""), hostsdk.BuildOptions{Cache: cache})
	must(t, err)
	ctx, stop := context.WithTimeout(t.Context(), patience)
	defer stop()
	out := &untilRow{row: "FAILED", stop: stop}
	var events []hostsdk.Event
	must(t, hostsdk.Run(ctx, program, hostsdk.RunOptions{Out: out, Events: func(e hostsdk.Event) { events = append(events, e) }}))
	log := out.log.String()
	if n := strings.Count(log, "host: the stack of the task "); n != 1 {
		t.Errorf("%d warnings:\n%s", n, log)
	}
	for _, form := range []string{
		`host: the stack of the task big is too small: it requires 4[5-9]\d\d bytes by estimate \(3[0-3]\d\d for its own functions, 1536 for ESP-IDF's calls\), and has 2048; on the chip it overflows`,
		`host: stack of big: 4\d\d\d of 2048 bytes by estimate \(3\d\d\d for its own functions, 1536 for ESP-IDF's calls\): too small`,
		`host: stack of small: 1[67]\d\d of 2048 bytes by estimate \(\d+ for its own functions, 1536 for ESP-IDF's calls\)`,
		`host: stack of large: 4\d\d\d of 8192 bytes by estimate \(3\d\d\d for its own functions, 1536 for ESP-IDF's calls\)`,
		`host: stack of main: 1[5-9]\d\d of 4096 bytes by estimate`,
	} {
		if !regexp.MustCompile(`(?m)^` + form).MatchString(log) {
			t.Errorf("no line is %s:\n%s", form, log)
		}
	}
	var warned, end hostsdk.Event
	for _, e := range events {
		switch e.Kind {
		case hostsdk.EventStack:
			warned = e
		case hostsdk.EventEnd:
			end = e
		}
	}
	if warned.Task != "big" || warned.Size != 2048 || warned.Estimate < 4500 {
		t.Errorf("the warning is %+v", warned)
	}
	if len(end.Stacks) != 4 || end.Stacks[1] != (hostsdk.StackUse{Task: "big", Size: 2048, Estimate: warned.Estimate}) {
		t.Errorf("at the end: %+v", end.Stacks)
	}
}

// TestNoStackEstimate has the sanitizers, which make frames larger.
func TestNoStackEstimate(t *testing.T) {
	t.Parallel()
	d := start(t, program(t, "stack.c", ""), hostsdk.Scenario{})
	_, err := d.wait(`(?m)^done$`, 1)
	must(t, err)
	log, err := d.stop()
	must(t, err)
	if strings.Contains(log, "host: stack of") || strings.Contains(log, "too small") {
		t.Error("it estimates stacks")
	}
}

// TestSpinningTask has a task that never waits. What counts is the processor's
// time, so a slow machine changes nothing.
func TestSpinningTask(t *testing.T) {
	t.Parallel()
	for target, idle := range map[string]string{"esp32": "IDLE0", "esp32c3": "IDLE"} {
		t.Run(target, func(t *testing.T) {
			t.Parallel()
			d := start(t, program(t, "spin.c", "CONFIG_IDF_TARGET=\""+target+"\"\nCONFIG_ESP_TASK_WDT_TIMEOUT_S=1\n"), hostsdk.Scenario{})
			_, err := d.wait(`(?m)^E \(\d+\) task_wdt: Task watchdog got triggered\. The following tasks/users did not reset the watchdog in time:
E \(\d+\) task_wdt:  - `+idle+` \(CPU 0\)
E \(\d+\) task_wdt: Tasks currently running:
E \(\d+\) task_wdt: CPU 0: spins
host: the task spins has kept the processor busy for 1 s and has not waited once; `, 2)
			must(t, err)
			log, err := d.stop()
			must(t, err)
			if strings.Contains(log, "CPU 0: works") || strings.Contains(log, "CPU 0: idles") {
				t.Error("it names another task")
			}
		})
	}
}

// TestSpinningPanics ends the program where the watchdog is to panic.
func TestSpinningPanics(t *testing.T) {
	t.Parallel()
	d := start(t, program(t, "spin.c", "CONFIG_ESP_TASK_WDT_TIMEOUT_S=1\nCONFIG_ESP_TASK_WDT_PANIC=y\n"), hostsdk.Scenario{})
	_, err := d.wait(`host: aborting, as esp_task_wdt is told to`, 1)
	must(t, err)
	<-d.done
	if d.err == nil {
		t.Error("it did not abort")
	}
}

// TestCoreOfTask pins a task to the second core, which some chips have.
func TestCoreOfTask(t *testing.T) {
	t.Parallel()
	const source = `
#include <stdio.h>
#include "freertos/FreeRTOS.h"
#include "freertos/task.h"
static void run(void *arg) { printf("it runs\n"); fflush(stdout); vTaskDelete(NULL); }
void app_main(void) { xTaskCreatePinnedToCore(run, "pinned", 4096, NULL, 5, NULL, 1); }
`
	for config, runs := range map[string]bool{
		"": true, "CONFIG_IDF_TARGET=\"esp32s3\"\n": true, "CONFIG_FREERTOS_UNICORE=y\n": false,
		"CONFIG_IDF_TARGET=\"esp32c6\"\n": false, "CONFIG_IDF_TARGET=\"esp32c3\"\n# CONFIG_FREERTOS_UNICORE is not set\n": false,
	} {
		t.Run(config, func(t *testing.T) {
			t.Parallel()
			dir := mainOnly(t, source)
			must(t, os.WriteFile(filepath.Join(dir, "sdkconfig.defaults"), []byte(config), 0o644))
			d := start(t, dir, hostsdk.Scenario{})
			form := `assert failed: xTaskCreatePinnedToCore freertos\.c:\d+ \(xCoreID == `
			if runs {
				form = `it runs`
			}
			_, err := d.wait(form, 1)
			must(t, err)
			if said := strings.Contains(d.text(), "host: xTaskCreatePinnedToCore: there is no core 1: the chip has 1"); said == runs {
				t.Errorf("the hint is there: %v", said)
			}
		})
	}
}
