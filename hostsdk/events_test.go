//go:build linux

package hostsdk_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/espgen/espgen/hostsdk"
)

// events builds a project of testdata, runs it until an event for which until
// reports true, and returns the events, the last one of the end included.
func events(t *testing.T, source string, o hostsdk.RunOptions, until func(hostsdk.Event) bool) []hostsdk.Event {
	t.Helper()
	needCompiler(t, "cc")
	program, _, err := hostsdk.Build(t.Context(), program(t, source, ""), hostsdk.BuildOptions{Sanitize: true, Cache: cache})
	must(t, err)
	ctx, stop := context.WithTimeout(t.Context(), patience)
	defer stop()
	var got []hostsdk.Event
	o.Scenario.Port = -1
	o.Events = func(e hostsdk.Event) {
		got = append(got, e)
		if until(e) {
			stop()
		}
	}
	var out strings.Builder
	o.Out = &out
	must(t, hostsdk.Run(ctx, program, o))
	if t.Failed() || testing.Verbose() {
		t.Logf("%s%+v", out.String(), got)
	}
	return got
}

// TestEventChannel wants the events of a program that connects to itself, starts
// again and is told to end.
func TestEventChannel(t *testing.T) {
	t.Parallel()
	starts := 0
	got := events(t, "channel.c", hostsdk.RunOptions{}, func(e hostsdk.Event) bool {
		if e.Kind == hostsdk.EventStart {
			starts++
		}
		return starts == 2
	})
	find := func(what string, is func(hostsdk.Event) bool) hostsdk.Event {
		t.Helper()
		i := slices.IndexFunc(got, is)
		if i < 0 {
			t.Fatalf("no event: %s", what)
		}
		e := got[i]
		got = got[i+1:] // the next one comes after it
		return e
	}
	kind := func(kind string) func(hostsdk.Event) bool {
		return func(e hostsdk.Event) bool { return e.Kind == kind }
	}
	named := func(name string) func(hostsdk.Event) bool {
		return func(e hostsdk.Event) bool { return e.Kind == hostsdk.EventEvent && e.Name == name }
	}
	if got[0].Kind != hostsdk.EventStart || got[0].PID <= 0 {
		t.Errorf("the first event is %+v", got[0])
	}
	pid := got[0].PID
	find("an address", named("IP_EVENT_STA_GOT_IP"))
	listening := find("listening", kind(hostsdk.EventListening))
	connecting := find("connecting", kind(hostsdk.EventConnecting))
	if !strings.HasPrefix(listening.Address, "127.0.0.1:") || connecting.To != listening.Address || connecting.Instead != strings.Replace(listening.Address, "127.0.0.1", "192.168.137.1", 1) {
		t.Errorf("listens on %+v, connects to %+v", listening, connecting)
	}
	own := find("the project's own", func(e hostsdk.Event) bool { return e.Base == "OWN" })
	if own.ID != 7 || own.Name != "" {
		t.Errorf("got %+v", own)
	}
	lost := find("disconnected", named("WIFI_EVENT_STA_DISCONNECTED"))
	if lost.Base != "WIFI_EVENT" || lost.ID != 5 || lost.Reason != 8 || lost.ReasonName != "WIFI_REASON_ASSOC_LEAVE" || lost.Task != "sys_evt" {
		t.Errorf("got %+v", lost)
	}
	note := find("a note", kind(hostsdk.EventNote))
	if note.Text != "esp_restart: starting again" || note.Task != "t\u00fc\\xff\"\\\n\u20ac" {
		t.Errorf("got %+v", note)
	}
	find("a restart", kind(hostsdk.EventRestart))
	if again := find("a start", kind(hostsdk.EventStart)); again.PID != pid {
		t.Errorf("got %+v, and the process is %d", again, pid)
	}
	if len(got) == 0 || got[len(got)-1].Kind != hostsdk.EventEnd {
		t.Errorf("the last events are %+v", got)
	}
}

// TestEventOfTheEnd wants the sockets, the tasks and the sums.
func TestEventOfTheEnd(t *testing.T) {
	t.Parallel()
	got := events(t, "channel_end.c", hostsdk.RunOptions{}, func(e hostsdk.Event) bool { return e.Name == "WIFI_EVENT_STA_DISCONNECTED" })
	end := got[len(got)-1]
	want := []hostsdk.SocketState{{Number: 54, State: "listening"}, {Number: 55, State: "open"}}
	if end.Kind != hostsdk.EventEnd || !slices.Equal(end.Sockets[:min(2, len(end.Sockets))], want) || end.Heap < 1000 {
		t.Errorf("got %+v", end)
	}
	if !slices.ContainsFunc(end.Tasks, func(task hostsdk.TaskState) bool { return task.Name == "waits" }) {
		t.Errorf("got %+v", end)
	}
	if end.SentCalls != 1 || end.SentBytes != 5 {
		t.Errorf("got %+v", end)
	}
}

// TestEventsWithoutReader closes the channel, and lets it fill up.
func TestEventsWithoutReader(t *testing.T) {
	t.Parallel()
	needCompiler(t, "cc")
	program, _, err := hostsdk.Build(t.Context(), program(t, "channel_flood.c", ""), hostsdk.BuildOptions{Sanitize: true, Cache: cache})
	must(t, err)
	for _, name := range []string{"closed", "full", "no descriptor", "no number"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r, w, err := os.Pipe()
			must(t, err)
			defer r.Close()
			ctx, stop := context.WithTimeout(t.Context(), patience)
			defer stop()
			cmd := exec.CommandContext(ctx, program)
			cmd.Env = append(os.Environ(), "ESPGEN_EVENTS="+map[string]string{"no descriptor": "77", "no number": "x"}[name])
			if name == "closed" || name == "full" {
				cmd.ExtraFiles = []*os.File{w}
				cmd.Env = append(cmd.Env, "ESPGEN_EVENTS=3")
			}
			if name == "closed" {
				must(t, r.Close())
			}
			begin := time.Now()
			out, err := cmd.CombinedOutput()
			if want := "exit status 7"; fmt.Sprint(err) != want || !strings.Contains(string(out), "flooded\n") {
				t.Errorf("it ended after %v: %v\n%.2000s", time.Since(begin), err, out)
			}
			must(t, w.Close())
		})
	}
}
