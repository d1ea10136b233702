package check

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/espgen/espgen/hostsdk"
	"github.com/espgen/espgen/sanitizer"
)

// What a program may print and do before it is ended.
const (
	maxLog    = 16 << 20  // bytes
	maxLine   = 4 << 10   // bytes of a line that are looked at
	maxReport = 256 << 10 // bytes of standard error that are kept
	maxEvents = 2_000_000
)

// A timeline keeps the first and the last lines of a run.
type timeline struct {
	mu    sync.Mutex
	begun time.Time
	first []Line
	last  []Line // a ring
	next  int
	lost  int
	told  func(Line)
}

const (
	keptFirst = 60
	keptLast  = 240
)

func (t *timeline) add(who Who, text string) {
	t.mu.Lock()
	line := Line{time.Since(t.begun).Milliseconds(), who, text}
	switch {
	case len(t.first) < keptFirst:
		t.first = append(t.first, line)
	case len(t.last) < keptLast:
		t.last = append(t.last, line)
	default:
		t.last[t.next] = line
		t.next = (t.next + 1) % keptLast
		t.lost++
	}
	t.mu.Unlock()
	if t.told != nil {
		t.told(line)
	}
}

func (t *timeline) lines() []Line {
	t.mu.Lock()
	defer t.mu.Unlock()
	lines := slices.Clone(t.first)
	last := slices.Concat(t.last[t.next:], t.last[:t.next])
	if t.lost > 0 {
		lines = append(lines, Line{last[0].MS, Device, fmt.Sprintf("... %d lines are left out", t.lost)})
	}
	return append(lines, last...)
}

// A device is a program that runs.
type device struct {
	timeline *timeline
	stop     context.CancelFunc
	ask      chan struct{}

	mu       sync.Mutex
	changed  chan struct{} // closed and made anew when something is told
	watches  []*watch
	lines    []string // of the log
	logBytes int
	part     []byte // of a line that has not ended
	events   int
	asked    int // how many states were told
	state    hostsdk.Event
	starts   int
	listens  []listener
	restarts int
	fault    string
	failed   bool // a call has failed on purpose
	overflow Text // what it did too much of
	report   bytes.Buffer
	ended    bool
	err      error
}

// A listener is where the project listens.
type listener struct {
	address string // of this PC
	port    int    // of the project
}

// A watch counts what an observation is about, from the start on.
type watch struct {
	event func(hostsdk.Event) bool // nil for a line of the log
	line  func(string) bool
	count int
}

// start runs a program. It ends with the context.
func start(ctx context.Context, program Program, o hostsdk.RunOptions, watches []*watch, t *timeline) *device {
	ctx, stop := context.WithCancel(ctx)
	d := &device{timeline: t, stop: stop, ask: make(chan struct{}, 1), changed: make(chan struct{}), watches: watches}
	o.Out, o.Err = (*logWriter)(d), (*reportWriter)(d)
	o.Events, o.Ask = d.hear, d.ask
	t.begun = time.Now()
	go func() {
		err := program(ctx, o)
		d.tell(func() {
			d.endLine()
			d.ended, d.err = true, err
		})
		stop()
	}()
	return d
}

// tell changes the device, and wakes those who wait for it.
func (d *device) tell(change func()) {
	d.mu.Lock()
	defer d.mu.Unlock()
	change()
	close(d.changed)
	d.changed = make(chan struct{})
}

// await waits until a condition, which is called with the device locked, is
// true. It is not where the time is over or the program has ended meanwhile.
func (d *device) await(ctx context.Context, limit time.Duration, is func() bool) bool {
	timer := time.NewTimer(limit)
	defer timer.Stop()
	for {
		d.mu.Lock()
		ok, over, changed := is(), d.ended, d.changed
		d.mu.Unlock()
		if ok || over {
			return ok
		}
		select {
		case <-changed:
		case <-timer.C:
			d.mu.Lock()
			defer d.mu.Unlock()
			return is()
		case <-ctx.Done():
			return false
		}
	}
}

// look asks the program for its state. False where it does not tell in time.
func (d *device) look(ctx context.Context, limit time.Duration) (hostsdk.Event, bool) {
	var answer hostsdk.Event
	d.mu.Lock()
	before := d.asked
	d.mu.Unlock()
	for end := time.Now().Add(limit); ; {
		select {
		case d.ask <- struct{}{}:
		default: // one is under way
		}
		d.mu.Lock()
		starts := d.starts
		d.mu.Unlock()
		known := false
		d.await(ctx, time.Until(end), func() bool {
			known, answer = d.asked > before, d.state
			return known || d.starts != starts // what starts again may not have heard the question
		})
		if known || ctx.Err() != nil || time.Now().After(end) || d.hasEnded() {
			return answer, known
		}
	}
}

func (d *device) hasEnded() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.ended
}

// hear takes an event of the program's.
func (d *device) hear(e hostsdk.Event) {
	if text := describe(e); text != "" {
		d.timeline.add(Device, text)
	}
	d.tell(func() {
		if d.events++; d.events > maxEvents {
			d.tooMuch(say("it made more than %d socket calls", "它调用 socket 函数超过 %d 次", maxEvents))
		}
		for _, w := range d.watches {
			if w.event != nil && w.event(e) {
				w.count++
			}
		}
		switch e.Kind {
		case hostsdk.EventStart:
			d.starts++
			d.listens = nil
		case hostsdk.EventState:
			d.asked++
			d.state = e
		case hostsdk.EventListening:
			d.listens = append(d.listens, listener{e.Address, e.Port})
		case hostsdk.EventRestart:
			d.restarts++
		case hostsdk.EventFault:
			d.fault = e.Text
		case hostsdk.EventNote:
			d.failed = d.failed || strings.HasPrefix(e.Text, "--net fail:")
		}
	})
}

// tooMuch ends a program that knows no measure. The device is locked.
func (d *device) tooMuch(what Text) {
	if d.overflow == nil {
		d.overflow = what
		d.stop()
	}
}

// describe is an event as a line of the timeline; "" for one that has none.
func describe(e hostsdk.Event) string {
	switch e.Kind {
	case hostsdk.EventListening:
		return fmt.Sprintf("listens on port %d", e.Port)
	case hostsdk.EventConnecting:
		return "connects to " + printable(e.Instead)
	case hostsdk.EventCall:
		text := fmt.Sprintf("%s(%s) = %d", e.Call, printable(e.Args), e.Result)
		if e.Error != "" {
			text += " " + e.Error
		}
		if e.Note != "" {
			text += "; " + printable(e.Note)
		}
		return text
	case hostsdk.EventEvent:
		text := e.Name
		if text == "" {
			text = printable(e.Base) + ":" + strconv.Itoa(e.ID)
		}
		if e.ReasonName != "" {
			text += ", " + e.ReasonName
		}
		return text
	case hostsdk.EventRestart:
		return "esp_restart()"
	case hostsdk.EventFault:
		return "aborts: " + printable(e.Text)
	}
	return ""
}

// A logWriter takes what a device prints.
type logWriter device

func (w *logWriter) Write(p []byte) (int, error) {
	d := (*device)(w)
	d.tell(func() {
		if d.logBytes += len(p); d.logBytes > maxLog {
			d.tooMuch(say("it printed more than %d MiB", "它打印了超过 %d MiB", maxLog>>20))
			return
		}
		for rest := p; len(rest) > 0; {
			line, more, ends := bytes.Cut(rest, []byte("\n"))
			if room := maxLine - len(d.part); room > 0 {
				d.part = append(d.part, line[:min(room, len(line))]...)
			}
			if ends {
				d.endLine()
			}
			rest = more
		}
	})
	return len(p), nil
}

// endLine takes a line of the log. The device is locked.
func (d *device) endLine() {
	if len(d.part) == 0 {
		return
	}
	line := strings.TrimSuffix(string(d.part), "\r")
	d.part = d.part[:0]
	d.lines = append(d.lines, line)
	for _, w := range d.watches {
		if w.line != nil && w.line(line) {
			w.count++
		}
	}
	if !strings.HasPrefix(line, "host: ") { // that is in the events
		d.timeline.add(Device, printable(line))
	}
}

// A reportWriter takes what a device prints on standard error, where the
// sanitizers report.
type reportWriter device

func (w *reportWriter) Write(p []byte) (int, error) {
	d := (*device)(w)
	d.mu.Lock()
	defer d.mu.Unlock()
	if room := maxReport - d.report.Len(); room > 0 {
		d.report.Write(p[:min(room, len(p))])
	}
	return len(p), nil
}

// findings are what the sanitizers have reported.
func (d *device) findings(own func(string) bool) []string {
	text := d.report.String()
	if !d.hasReported() {
		return nil
	}
	var list []string
	reported := sanitizer.Parse(text, own)
	for _, f := range reported {
		at := f.At
		if f.Kind == "leak" && len(f.Memory) > 0 {
			at = f.Memory[0].Place
		}
		if f.Kind == "leak" && at.File == "" {
			continue // of a thread of the SDK's that the end has caught in the midst
		}
		what := f.What
		if at.File != "" {
			what = fmt.Sprintf("%s:%d: %s", at.File, at.Line, what)
		}
		list = append(list, printable(what))
	}
	if len(reported) == 0 {
		first, _, _ := strings.Cut(strings.TrimLeft(text, "=\n"), "\n")
		list = append(list, printable(first))
	}
	return list
}

// hasReported reports whether a sanitizer has.
func (d *device) hasReported() bool {
	for line := range strings.Lines(d.report.String()) {
		if sanitizer.Starts(strings.TrimRight(line, "\r\n")) {
			return true
		}
	}
	return false
}

// How a program that was told to end has ended, or one that ended by itself:
// "" and no findings where nothing is wrong with it.
func (d *device) end(limit time.Duration) (wrong Text, findings []string) {
	d.mu.Lock()
	byItself := d.ended && d.overflow == nil
	d.mu.Unlock()
	d.stop()
	if !d.await(context.Background(), limit, func() bool { return d.ended }) {
		return say("it does not end", "它不结束"), nil
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	findings = d.findings(isOwn)
	switch {
	case d.overflow != nil:
		wrong = d.overflow
	case d.fault != "":
		wrong = say("it crashed: %s", "它崩溃了：%s", printable(d.fault))
	case len(findings) > 0:
		wrong = say("a memory error or undefined behaviour: %s", "内存错误或未定义行为：%s", findings[0])
	case d.err != nil && (byItself || !d.hasReported()):
		wrong = say("%s", "程序结束：%s", printable(d.err.Error()))
	case byItself:
		wrong = say("the program ended by itself", "程序自己结束了")
	}
	return wrong, findings
}
