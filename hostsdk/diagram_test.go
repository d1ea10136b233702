//go:build linux

package hostsdk_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/espgen/espgen/hostsdk"
)

// diagramLine is what a line of a diagram may be: with no character in its text
// that means something to mermaid.
var diagramLine = regexp.MustCompile("^(sequenceDiagram|" +
	"    participant \\w+ as ([^#;:%<>&$\\\\`\\pC]|#\\d+;)+|" +
	"    (\\w+(->>|-x)\\w+|Note over \\w+): ([^#;:%<>&$\\\\`\\pC]|#\\d+;)+)$")

func draw(t *testing.T, events []hostsdk.Event) string {
	t.Helper()
	var d hostsdk.Diagram
	for _, e := range events {
		d.Add(e)
	}
	var b strings.Builder
	_, err := d.WriteTo(&b)
	must(t, err)
	for line := range strings.Lines(b.String()) {
		if !diagramLine.MatchString(strings.TrimSuffix(line, "\n")) {
			t.Errorf("not a line of mermaid: %q", line)
		}
	}
	return b.String()
}

func TestDiagram(t *testing.T) {
	got := draw(t, []hostsdk.Event{
		{Kind: hostsdk.EventStart, PID: 1},
		{Kind: hostsdk.EventEvent, Task: "sys_evt", Base: "WIFI_EVENT", Name: "WIFI_EVENT_STA_DISCONNECTED", Reason: 201, ReasonName: "WIFI_REASON_NO_AP_FOUND"},
		{Kind: hostsdk.EventEvent, Task: "sys_evt", Base: "OWN", ID: 7},
		{Kind: hostsdk.EventCall, Task: "main", Call: "socket", Args: "AF_INET, SOCK_STREAM, 0", Result: 54},
		{Kind: hostsdk.EventCall, Task: "main", Call: "send", Args: `54, "a\n", 2, 0`, Result: 1, Note: "--net short: 1 of 2 bytes"},
		{Kind: hostsdk.EventCall, Task: "main", Call: "recv", Args: "54, ?, 9, 0", Result: -1, Errno: 104, Error: "ECONNRESET"},
		{Kind: hostsdk.EventCall, Task: "main", Call: "recv", Args: "54, ?, 9, 0", Result: -1, Errno: 104, Error: "ECONNRESET"},
		{Kind: hostsdk.EventNote, Text: "a note"},
		{Kind: hostsdk.EventListening, Task: "main", Address: "127.0.0.1:8080"},
		{Kind: hostsdk.EventRestart, Task: "main"},
	})
	const want = `sequenceDiagram
    participant WiFi as Wi-Fi
    participant Task1 as sys_evt
    participant Task2 as main
    participant Task3 as host
    participant Network as network
    WiFi->>Task1: WIFI_EVENT_STA_DISCONNECTED, reason 201 (WIFI_REASON_NO_AP_FOUND)
    Note over Task1: OWN 7
    Note over Task2: socket(AF_INET, SOCK_STREAM, 0) = 54
    Task2->>Network: send(54, "a#92;n", 2, 0) = 1#59; --net short#58; 1 of 2 bytes
    Network-xTask2: recv(54, ?, 9, 0) = -1 ECONNRESET (2 times)
    Note over Task3: a note
    Note over Network: listening on 127.0.0.1#58;8080
    Note over Task2: esp_restart()
`
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// TestDiagramOfHostileText wants no text to leave its line, and no diagram to be
// longer than mermaid draws.
func TestDiagramOfHostileText(t *testing.T) {
	var events []hostsdk.Event
	for i, text := range []string{
		"end", "a;b #c\nend", "style a: #b;", "wrap: %%{init: {}}%%", "<script>&amp;</script>", "$$x$$ `y` \\z", "\u00fc \u20ac \u2028 \x7f", strings.Repeat("x;", 300),
	} {
		events = append(events, hostsdk.Event{Kind: hostsdk.EventNote, Task: text, Text: text},
			hostsdk.Event{Kind: hostsdk.EventCall, Task: text, Call: "send", Args: text, Result: int64(i)})
	}
	t.Log(draw(t, events))
	for i := range 30_000 {
		events = append(events, hostsdk.Event{Kind: hostsdk.EventCall, Task: fmt.Sprint("task ", i), Call: "recv", Args: fmt.Sprint(i)})
	}
	got := draw(t, events)
	m := regexp.MustCompile(`Note over Network: (\d+) more messages are left out`).FindStringSubmatch(got)
	if len(got) >= 50_000 || m == nil {
		t.Fatalf("%d bytes, %q", len(got), m)
	}
	shown := strings.Count(got, "->>") + strings.Count(got, "Note over") - 1
	if fmt.Sprint(len(events)-shown) != m[1] {
		t.Errorf("%s are said to be left out, and %d of %d are shown", m[1], shown, len(events))
	}
}
