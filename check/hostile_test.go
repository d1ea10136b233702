//go:build linux

package check_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/espgen/espgen/check"
	"github.com/espgen/espgen/hostsdk"
)

// checksOf reads and binds checks.
func checksOf(t *testing.T, text string) check.Checks {
	t.Helper()
	checks, issues := check.Parse("c.yaml", []byte(text))
	if len(issues) > 0 {
		t.Fatal(issues)
	}
	bound, err := checks.Bind(map[string]any{})
	must(t, err)
	return bound
}

// written builds a program of one source.
func written(t *testing.T, source string) check.Program {
	t.Helper()
	building.Lock()
	defer building.Unlock()
	dir := t.TempDir()
	must(t, os.Mkdir(filepath.Join(dir, "main"), 0o755))
	must(t, os.WriteFile(filepath.Join(dir, "main/main.c"), []byte(source), 0o644))
	program, _, err := hostsdk.Build(t.Context(), dir, hostsdk.BuildOptions{Sanitize: true, Cache: cache})
	must(t, err)
	return check.Built(program)
}

const includes = `#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "esp_err.h"
#include "esp_system.h"
#include "freertos/FreeRTOS.h"
#include "freertos/task.h"

`

// TestHostilePrograms has programs that know no measure. Each fails its check,
// soon, and the result says why.
func TestHostilePrograms(t *testing.T) {
	needCompiler(t)
	const echo = "checks:\n  - name: a\n    do: [connect, {echo: x}]\n"
	for name, test := range map[string]struct{ body, checks, came string }{
		"never listens":  {`for (;;) { vTaskDelay(10); }`, echo, "it does not listen"},
		"spins":          {`for (volatile int i = 0;; i++) { }`, echo, "it does not listen"},
		"ends":           {`exit(0);`, echo, "the program ended by itself"},
		"ends with 3":    {`exit(3);`, echo, "exit status 3"},
		"aborts":         {`ESP_ERROR_CHECK(ESP_FAIL);`, echo, "it crashed: ESP_ERROR_CHECK(ESP_FAIL) failed"},
		"reads NULL":     {`volatile int *p = NULL; exit(*p);`, echo, "memory error"},
		"overflows":      {`volatile char *p = malloc(3); p[3] = 1;`, echo, "main/main.c:"},
		"leaks":          {`static char *volatile p; for (int i = 0; i < 10; i++) { p = malloc(300); } p = NULL; puts("done");`, "checks:\n  - name: a\n    do: [{log: done}, {tasks: {total: 0}}]\n", "main/main.c:15: memory leak: 3,000 bytes"},
		"floods its log": {`for (;;) { puts("0123456789012345678901234567890123456789012345678901234567890123456789"); }`, echo, "it printed more than 16 MiB"},
		"floods a line":  {`for (;;) { fputs("0123456789", stdout); }`, echo, "it printed more than 16 MiB"},
		"floods calls":   {`for (;;) { close(99); }`, echo, "it does not listen"},
		"restarts":       {`esp_restart();`, "checks:\n  - name: a\n    do: [{silent: 300ms}]\n", "it has restarted"},
		"ignores SIGTERM": {
			`atexit(never_return); puts("ready"); for (;;) { vTaskDelay(10); }`, "checks:\n  - name: a\n    do: [{log: ready}]\n", "signal: killed",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			source := includes + "static void never_return(void) { for (;;) { } }\nvoid (*used)(void) = never_return;\nvoid app_main(void)\n{\n" + test.body + "\n}\n"
			program := written(t, source)
			begin := time.Now()
			r := check.Run(t.Context(), program, checksOf(t, test.checks), check.Options{Patience: 2 * time.Second})[0]
			if r.Status != check.Failed || !strings.Contains(r.Came["en"], test.came) || r.Came["zh"] == "" {
				t.Errorf("it is not %q: %s", test.came, told(r))
			}
			if took := time.Since(begin); took > 40*time.Second {
				t.Errorf("it took %v", took)
			}
			if len(r.Timeline) > 400 {
				t.Errorf("%d lines", len(r.Timeline))
			}
		})
	}
}

// TestResults wants the three results, and the options to matter.
func TestResults(t *testing.T) {
	needCompiler(t)
	program := written(t, includes+"void app_main(void)\n{\n    printf(\"hello \\033[2J\\n\");\n}\n")
	checks := checksOf(t, `checks:
  - {name: passes, do: [{log: hello}]}
  - {name: fails, depends: [passes], do: [{log: {text: goodbye, within: 100ms}}]}
  - {name: waits, depends: [fails], do: [{log: hello}]}
  - {name: waits-too, depends: [waits], do: [{log: hello}]}
  - {name: seeds, seeds: 3, do: [{log: hello}]}
`)
	var order []string
	results := check.Run(t.Context(), program, checks, check.Options{Seed: 7, Done: func(r check.Result) { order = append(order, r.Check) }})
	want := []check.Status{check.Passed, check.Failed, check.NotReached, check.NotReached, check.Passed}
	for i, r := range results {
		if r.Status != want[i] {
			t.Errorf("%s, not %s", told(r), want[i])
		}
	}
	if results[2].Because != "fails" || results[3].Because != "waits" || len(order) != 5 || results[1].Seed != 7 || results[4].Seed != 9 {
		t.Errorf("got %+v, in the order %v", results, order)
	}
	if r := results[1]; r.Took < 100*time.Millisecond || r.Waited < 90*time.Millisecond || r.Waited > r.Took {
		t.Errorf("it took %v, of which it waited %v", r.Took, r.Waited)
	}
	for _, l := range results[0].Timeline {
		if strings.ContainsRune(l.Text, '\033') {
			t.Errorf("%q reaches a terminal as it is", l.Text)
		}
	}
	only := check.Run(t.Context(), program, checks, check.Options{Only: []string{"waits", "seeds@seed=2"}})
	if len(only) != 2 || only[0].Status != check.Passed || only[1].Status != check.Passed || only[1].Seed != 2 {
		t.Errorf("got %+v", only)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for _, r := range check.Run(ctx, program, checks, check.Options{}) {
		if r.Status != check.NotReached {
			t.Errorf("%s after the end", told(r))
		}
	}
	broken := func(context.Context, hostsdk.RunOptions) error { return errors.New("no sandbox") }
	if r := check.Run(t.Context(), broken, checks, check.Options{})[0]; r.Status != check.Failed || !strings.Contains(r.Came["en"], "no sandbox") {
		t.Error(told(r))
	}
}
