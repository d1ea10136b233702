//go:build linux

package hostsdk_test

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
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

// TestTrace wants each call of a program, with its arguments as in C, printed
// and sent alike.
func TestTrace(t *testing.T) {
	t.Parallel()
	log, sent := trace(t, "trace.c", hostsdk.Scenario{})
	varying := strings.NewReplacer("PORT", `\d+`)
	took := regexp.MustCompile(`, after \d+ ms`)
	for task, lines := range map[string][]string{
		"calls": {
			`socket(AF_INET, SOCK_STREAM, 0) = 54`,
			`socket(AF_INET6, SOCK_STREAM, 6) = 55`,
			`setsockopt(54, SOL_SOCKET, SO_KEEPALIVE, 1, 4) = 0`,
			`setsockopt(54, IPPROTO_TCP, TCP_KEEPIDLE, 1, 4) = 0`,
			`setsockopt(54, SOL_SOCKET, SO_RCVTIMEO, {0, 20000}, 16) = 0`,
			`setsockopt(54, SOL_SOCKET, SO_LINGER, {1, 2}, 8) = -1 ENOPROTOOPT (109)`,
			`setsockopt(54, 77, 78, 1, 4) = -1 ENOPROTOOPT (109)`,
			`bind(54, 0.0.0.0:0, 16) = 0`,
			`bind(55, [::]:0, 28) = 0`,
			`listen(54, 2) = 0`,
			`getsockname(54, 0.0.0.0:PORT, 16) = 0`,
			`accept(54, ?, 16) = -1 EAGAIN (11)`,
			`setsockopt(54, SOL_SOCKET, SO_RCVTIMEO, {0, 0}, 16) = 0`,
			`accept(54, ...) waits`,
			`accept(54, 127.0.0.1:PORT, 16) = 57`,
			`getpeername(57, 127.0.0.1:PORT, 16) = 0`,
			`select(58, {54, 57}, {57}, NULL, NULL) = 1; can be written: {57}`,
			`recv(57, ?, 40, MSG_PEEK|MSG_DONTWAIT) = -1 EAGAIN (11)`,
			`read(57, "12345678901234567890123456789012"..., 40) = 33`,
			`send(57, "a\r\n\"\\\x01\x00\xff", 8, 0) = 8`,
			`recv(57, ?, 40, 0) = -1 ECONNRESET (104); 127.0.0.1:PORT has reset the connection: its program was ended, or closed its socket before it had read everything`,
			`getsockopt(57, SOL_SOCKET, SO_ERROR, ECONNRESET, 4) = 0`,
			`fcntl(57, F_SETFL, O_NONBLOCK) = 0`,
			`fcntl(57, F_GETFL) = 16384; O_NONBLOCK`,
			`ioctl(57, FIONBIO, 1) = 0`,
			`shutdown(57, SHUT_RDWR) = -1 ENOTCONN (128)`,
			`close(57) = 0`,
			`close(57) = -1 EBADF (9)`,
			`getaddrinfo("example.com", "80", {AF_INET, SOCK_STREAM}, 192.0.2.1:80) = 0`,
			`getaddrinfo("", NULL, NULL, ?) = 202 EAI_FAIL`,
			`socket(AF_INET, SOCK_DGRAM, 0) = -1 EINVAL (22); only TCP is simulated: socket(AF_INET, SOCK_STREAM, 0)`,
			`socket(AF_INET, SOCK_STREAM, 0) = 56`,
			`connect(56, 192.168.137.9:1, 16) = -1 ECONNRESET (104); connects to 127.0.0.1:1 instead; nothing listens on 127.0.0.1:1 of this PC`,
		},
		"late": {
			`socket(AF_INET, SOCK_STREAM, 0) = 56`,
			`connect(56, 192.168.137.1:PORT, 16) = 0; connects to 127.0.0.1:PORT instead`,
			`write(56, "12345678901234567890123456789012"..., 33) = 33`,
			`close(56) = 0`,
		},
		"sys_evt": {
			`WIFI_EVENT_HOME_CHANNEL_CHANGE`, `WIFI_EVENT_STA_START`, `WIFI_EVENT_HOME_CHANNEL_CHANGE`,
			`WIFI_EVENT_STA_CONNECTED`, `IP_EVENT_STA_GOT_IP`, `IP_EVENT_GOT_IP6`,
		},
	} {
		got := regexp.MustCompile(`(?m)^trace: \(\d+\) `+task+`: (.*)$`).FindAllStringSubmatch(log, -1)
		for i, line := range lines {
			form := varying.Replace(regexp.QuoteMeta(line))
			if i >= len(got) || !regexp.MustCompile("^"+form+"$").MatchString(took.ReplaceAllString(got[i][1], "")) {
				t.Fatalf("task %s: line %d is not %s:\n%s", task, i+1, line, log)
			}
			isCall := strings.Contains(line, ") =")
			if isCall && !slices.ContainsFunc(sent, func(call string) bool { return strings.HasPrefix(task+": "+got[i][1], call) }) {
				t.Errorf("%q was not sent", got[i][1])
			}
		}
		if len(got) != len(lines) {
			t.Errorf("task %s: %d lines more:\n%s", task, len(got)-len(lines), log)
		}
	}
}

// TestTraceOfScenario wants what the scenario did to a call, and to Wi-Fi.
func TestTraceOfScenario(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		source string
		s      hostsdk.Scenario
		want   string
	}{
		"fail":   {"fail_once.c", hostsdk.Scenario{Net: []string{"fail-once=1"}}, `socket\(AF_INET, SOCK_STREAM, 0\) = -1 ENFILE \(23\); --net fail: fails on purpose`},
		"short":  {"trace.c", hostsdk.Scenario{Net: []string{"short"}}, `write\(56, .*, 33\) = (\d+); --net short: (\d+) of 33 bytes`},
		"slow":   {"trace.c", hostsdk.Scenario{Net: []string{"slow=20ms"}}, `read\(57, .*\) = 33, after \d+ ms; --net slow: 20 ms`},
		"waits":  {"trace.c", hostsdk.Scenario{}, `accept\(54, 127.0.0.1:\d+, 16\) = 57, after \d{3,} ms`},
		"names":  {"trace.c", hostsdk.Scenario{Net: []string{"no-dns"}}, `getaddrinfo\("example.com", "80", {AF_INET, SOCK_STREAM}, \?\) = 202 EAI_FAIL; --net no-dns: DNS does not answer`},
		"silent": {"trace_silent.c", hostsdk.Scenario{Net: []string{"silent=0s"}}, `recv\(\d+, ...\) waits; --net silent: nothing comes or goes`},
		"late":   {"trace.c", hostsdk.Scenario{Net: []string{"connect=30ms"}}, `connect\(56, 192.168.137.1:\d+, 16\) = 0, after \d+ ms; connects to \S+ instead; --net connect: it takes 30 ms`},
		"end":    {"trace_end.c", hostsdk.Scenario{}, `recv\(\d+, "", 10, 0\) = 0; the peer sends no more`},
		"wifi":   {"channel.c", hostsdk.Scenario{}, `WIFI_EVENT_STA_DISCONNECTED, reason 8 \(WIFI_REASON_ASSOC_LEAVE\)`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			log, _ := trace(t, test.source, test.s)
			m := regexp.MustCompile(`(?m)^trace: \(\d+\) \w+: ` + test.want + `$`).FindStringSubmatch(log)
			if m == nil || (len(m) == 3 && m[1] != m[2]) {
				t.Errorf("no line is %s:\n%s", test.want, log)
			}
		})
	}
}

// trace runs a project until it says that it is done, and returns its log and
// the calls that it sent.
func trace(t *testing.T, source string, s hostsdk.Scenario) (log string, sent []string) {
	t.Helper()
	needCompiler(t, "cc")
	program, _, err := hostsdk.Build(t.Context(), program(t, source, ""), hostsdk.BuildOptions{Sanitize: true, Cache: cache})
	must(t, err)
	ctx, stop := context.WithTimeout(t.Context(), patience)
	defer stop()
	s.Port = -1
	out := &untilRow{row: "FAILED", stop: stop}
	must(t, hostsdk.Run(ctx, program, hostsdk.RunOptions{Scenario: s, Out: out, Trace: true, Calls: true, Events: func(e hostsdk.Event) {
		if e.Kind == hostsdk.EventCall {
			sent = append(sent, fmt.Sprintf("%s: %s(%s) = %d", e.Task, e.Call, e.Args, e.Result))
		}
		if e.Kind == hostsdk.EventRestart {
			stop()
		}
	}}))
	return out.log.String(), sent
}

// TestEventOfTheState asks a program for what there is: options and all, which its
// log has no line of.
func TestEventOfTheState(t *testing.T) {
	t.Parallel()
	ask := make(chan struct{}, 1)
	var state hostsdk.Event
	o := hostsdk.RunOptions{Ask: ask}
	events(t, "channel_end.c", o, func(e hostsdk.Event) bool {
		switch {
		case e.Name == "WIFI_EVENT_STA_DISCONNECTED":
			ask <- struct{}{}
		case e.Kind == hostsdk.EventState:
			state = e
		}
		return e.Kind == hostsdk.EventState
	})
	if len(state.Sockets) < 2 || state.Heap < 1000 || !slices.ContainsFunc(state.Tasks, func(task hostsdk.TaskState) bool { return task.Name == "waits" }) {
		t.Fatalf("got %+v", state)
	}
	listener := state.Sockets[0]
	if listener.State != "listening" || listener.Port == 0 || listener.Backlog != 1 || listener.Options.KeepAliveIdle != 7200 || listener.Options.ReuseAddress != 0 {
		t.Errorf("got %+v", listener)
	}
}

// TestEventOfAFault wants to know why a program aborts.
func TestEventOfAFault(t *testing.T) {
	t.Parallel()
	needCompiler(t, "cc")
	for body, want := range map[string]string{
		`ESP_ERROR_CHECK(ESP_ERR_NO_MEM);`: "ESP_ERROR_CHECK(ESP_ERR_NO_MEM) failed in app_main(): ESP_ERR_NO_MEM",
		`configASSERT(1 == 2);`:            "assert(1 == 2) failed in app_main()",
	} {
		dir := program(t, "channel_end.c", "")
		must(t, os.WriteFile(filepath.Join(dir, "main/main.c"), []byte("#include \"esp_err.h\"\n#include \"freertos/FreeRTOS.h\"\nvoid app_main(void)\n{\n    "+body+"\n}\n"), 0o644))
		program, _, err := hostsdk.Build(t.Context(), dir, hostsdk.BuildOptions{Sanitize: true, Cache: cache})
		must(t, err)
		var fault string
		err = hostsdk.Run(t.Context(), program, hostsdk.RunOptions{Out: io.Discard, Events: func(e hostsdk.Event) {
			if e.Kind == hostsdk.EventFault {
				fault = e.Text
			}
		}})
		if fault != want || err == nil {
			t.Errorf("got %q, %v, want %q", fault, err, want)
		}
	}
}
