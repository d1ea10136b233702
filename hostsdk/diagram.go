package hostsdk

import (
	"fmt"
	"io"
	"slices"
	"strings"
)

// A Diagram draws a run as a sequence diagram of mermaid. The zero value is
// empty.
type Diagram struct {
	tasks   []string // those that take part, in the order in which they came
	named   int      // the bytes of the lines that declare them
	lines   strings.Builder
	last    string // the last line, which may come again
	times   int    // how often it came
	dropped int    // messages for which there was no room
}

const (
	// maxDiagram is how long a diagram's lines may get, in bytes. Mermaid
	// draws no text of more than 50,000 characters.
	maxDiagram = 45_000
	// maxMessage is how long a message may be, in characters.
	maxMessage = 100
	network    = "Network"
	wifi       = "WiFi"
)

// Add adds an event. Those for which there is no room are counted.
func (d *Diagram) Add(e Event) {
	switch e.Kind {
	case EventCall:
		d.addCall(e)
	case EventEvent:
		text := e.Name
		if text == "" {
			text = fmt.Sprintf("%s %d", e.Base, e.ID)
		}
		if e.Reason != 0 {
			text += fmt.Sprintf(", reason %d (%s)", e.Reason, e.ReasonName)
		}
		if e.Base == "WIFI_EVENT" || e.Base == "IP_EVENT" {
			d.add(wifi+"->>%s", e.Task, text)
		} else {
			d.add("Note over %s", e.Task, text)
		}
	case EventNote:
		d.add("Note over %s", e.Task, e.Text)
	case EventListening:
		d.add("Note over %s", network, "listening on "+e.Address)
	case EventRestart:
		d.add("Note over %s", e.Task, "esp_restart()")
	}
}

// Calls that bring something from the network, and those that tell it something.
var (
	fromNetwork = []string{"accept", "recv", "read"}
	toNetwork   = []string{"connect", "send", "write", "shutdown", "close", "getaddrinfo"}
)

func (d *Diagram) addCall(e Event) {
	text := fmt.Sprintf("%s(%s) = %d", e.Call, e.Args, e.Result)
	arrow := "->>"
	if e.Error != "" {
		text += " " + e.Error
		arrow = "-x"
	}
	if e.Note != "" {
		text += "; " + e.Note
	}
	switch {
	case slices.Contains(fromNetwork, e.Call):
		d.add(network+arrow+"%s", e.Task, text)
	case slices.Contains(toNetwork, e.Call):
		d.add("%s"+arrow+network, e.Task, text)
	default:
		d.add("Note over %s", e.Task, text)
	}
}

// add adds a line: between a task and another participant, or over one.
func (d *Diagram) add(form, participant, text string) {
	if d.dropped > 0 {
		d.dropped++
		return
	}
	if participant != network {
		participant = d.task(participant)
	}
	line := fmt.Sprintf(form, participant) + ": " + escapeMermaid(abridge(text))
	if line == d.last {
		d.times++
		return
	}
	d.flush()
	d.last, d.times = line, 1
}

// flush writes the last line, with how often it came, or drops it where there is
// no room. After that all others are dropped, too.
func (d *Diagram) flush() {
	switch {
	case d.times == 0:
	case d.dropped > 0 || d.lines.Len()+d.named+len(d.last) > maxDiagram:
		d.dropped += d.times
	case d.times > 1:
		fmt.Fprintf(&d.lines, "    %s (%d times)\n", d.last, d.times)
	default:
		fmt.Fprintf(&d.lines, "    %s\n", d.last)
	}
	d.times = 0
}

// task returns the name in the diagram of a task, "" for the host SDK itself.
func (d *Diagram) task(name string) string {
	if name == "" {
		name = "host"
	}
	i := slices.Index(d.tasks, name)
	if i < 0 {
		i = len(d.tasks)
		d.tasks = append(d.tasks, name)
		d.named += len(taskLine(i, name))
	}
	return fmt.Sprintf("Task%d", i+1)
}

// taskLine declares a task.
func taskLine(i int, name string) string {
	return fmt.Sprintf("    participant Task%d as %s\n", i+1, escapeMermaid(abridge(name)))
}

// WriteTo writes the diagram.
func (d *Diagram) WriteTo(w io.Writer) (int64, error) {
	d.flush()
	var text strings.Builder
	text.WriteString("sequenceDiagram\n")
	fmt.Fprintf(&text, "    participant %s as Wi-Fi\n", wifi)
	for i, name := range d.tasks {
		text.WriteString(taskLine(i, name))
	}
	fmt.Fprintf(&text, "    participant %s as network\n", network)
	text.WriteString(d.lines.String())
	if d.dropped > 0 {
		fmt.Fprintf(&text, "    Note over %s: %d more messages are left out, since mermaid draws no longer diagram\n", network, d.dropped)
	}
	n, err := io.WriteString(w, text.String())
	return int64(n), err
}

func abridge(text string) string {
	if runes := []rune(text); len(runes) > maxMessage {
		return string(runes[:maxMessage-3]) + "..."
	}
	return text
}

// escapeMermaid writes what means something to mermaid or to HTML as an entity,
// as mermaid's documentation has it: #59; is a semicolon.
func escapeMermaid(text string) string {
	var b strings.Builder
	for _, r := range text {
		switch {
		case r < ' ' || r == 0x7f || r == '\u2028' || r == '\u2029':
			b.WriteByte(' ')
		case strings.ContainsRune("#;:%<>&$\\`", r):
			fmt.Fprintf(&b, "#%d;", r)
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}
