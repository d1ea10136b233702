package hostsdk

import (
	"bufio"
	"encoding/json"
	"errors"
	"os"
	"time"
)

// Kinds of an [Event].
const (
	EventStart      = "start"      // the program has begun, also after esp_restart: PID
	EventListening  = "listening"  // a socket listens: Address, Port
	EventConnecting = "connecting" // connect() was called: To, Instead
	EventEchoing    = "echoing"    // of two stations: a connection sends back what it receives, very often
	EventConnected  = "connected"  // a connection that the project makes is made: Instead
	EventCall       = "call"       // a socket call has ended, where RunOptions.Calls is set: Call to Note
	EventEvent      = "event"      // the event loop calls the handlers of an event: Base to ReasonName
	EventNote       = "note"       // a line of the host SDK about what the project should know: Text
	EventRestart    = "restart"    // esp_restart() was called
	EventFault      = "fault"      // the program is about to abort: Text
	EventState      = "state"      // what there is, since RunOptions.Ask was asked: Sockets, with their options, Tasks and Heap
	EventStack      = "stack"      // a task's stack is too small by estimate: Size, Estimate
	EventEnd        = "end"        // the program ends because it was told to: Sockets to Stacks
)

// An Event is something that a program tells of its run. Each kind has the
// fields that its constant names; the others are zero.
type Event struct {
	Kind string `json:"kind"`
	MS   int64  `json:"ms"`             // since the program's start, in milliseconds
	Task string `json:"task,omitempty"` // the FreeRTOS task that it happened in; "" for none

	PID int `json:"pid,omitempty"` // the program's process

	Address string `json:"address,omitempty"` // ADDRESS:PORT of this PC
	Port    int    `json:"port,omitempty"`    // that the project has bound, which may be another

	To      string `json:"to,omitempty"`      // ADDRESS:PORT of this PC that is connected to
	Instead string `json:"instead,omitempty"` // ADDRESS:PORT that the project gave

	Call   string `json:"call,omitempty"`   // the function's name
	Args   string `json:"args,omitempty"`   // its arguments as in C, abridged
	Result int64  `json:"result"`           // what it returned
	Errno  int    `json:"errno,omitempty"`  // ESP-IDF's number; 0 where it did not fail
	Error  string `json:"error,omitempty"`  // its name, such as ECONNRESET
	Waited int64  `json:"waited,omitempty"` // how long the call took where it had to wait, in milliseconds
	Note   string `json:"note,omitempty"`   // what the scenario did to it

	Base       string `json:"base,omitempty"`        // such as WIFI_EVENT
	ID         int    `json:"id"`                    // the event's number
	Name       string `json:"name,omitempty"`        // such as WIFI_EVENT_STA_START; "" for the project's own
	Reason     int    `json:"reason,omitempty"`      // of WIFI_EVENT_STA_DISCONNECTED
	ReasonName string `json:"reason_name,omitempty"` // such as WIFI_REASON_NO_AP_FOUND

	Text string `json:"text,omitempty"`

	Size     int `json:"size,omitempty"`     // of the task's stack, in bytes
	Estimate int `json:"estimate,omitempty"` // what the task needs of it on the chip, in bytes

	Sockets   []SocketState `json:"sockets,omitempty"` // those that are open
	Tasks     []TaskState   `json:"tasks,omitempty"`   // those that are running
	Heap      int64         `json:"heap,omitempty"`    // bytes of the heap that the project and ESP-IDF's part of it hold
	SentCalls int64         `json:"sent_calls,omitempty"`
	SentBytes int64         `json:"sent_bytes,omitempty"`
	Stacks    []StackUse    `json:"stacks,omitempty"` // those of the project's tasks and callbacks, also of tasks that have ended
}

// A SocketState is a socket of the project.
type SocketState struct {
	Number int    `json:"number"`
	State  string `json:"state"` // open, connecting, connected, listening or ended

	// In an EventState only.
	Port    int           `json:"port,omitempty"`    // that it is bound to, as the project knows it
	Backlog int           `json:"backlog,omitempty"` // of a listener, as the project gave it
	Peer    string        `json:"peer,omitempty"`    // ADDRESS:PORT of the other end, as the project knows it
	Options SocketOptions `json:"options,omitzero"`
}

// SocketOptions are what getsockopt() and fcntl() would give, by the names of the
// options. SO_REUSEADDR and SO_KEEPALIVE are 1 where they are set.
type SocketOptions struct {
	ReuseAddress      int `json:"SO_REUSEADDR"`
	KeepAlive         int `json:"SO_KEEPALIVE"`
	KeepAliveIdle     int `json:"TCP_KEEPIDLE"`  // in seconds
	KeepAliveInterval int `json:"TCP_KEEPINTVL"` // in seconds
	KeepAliveCount    int `json:"TCP_KEEPCNT"`
	NoDelay           int `json:"TCP_NODELAY"`
	ReceiveTimeout    int `json:"SO_RCVTIMEO"` // in milliseconds, 0 for none
	SendTimeout       int `json:"SO_SNDTIMEO"` // in milliseconds, 0 for none
	NonBlocking       int `json:"O_NONBLOCK"`
}

// A TaskState is a task of the project.
type TaskState struct {
	Name string `json:"name"`
}

// A StackUse is an estimate of the stack that a task needs on the chip. A build
// with the sanitizers has none.
type StackUse struct {
	Task     string `json:"task"`
	Size     int    `json:"size"`     // of the stack, in bytes
	Estimate int    `json:"estimate"` // what the task needs of it, in bytes
}

// maxEvent is the limit of an event's line, in bytes.
const maxEvent = 1 << 20

// eventsVariable tells a program the number of the descriptor for its events.
const eventsVariable = "ESPGEN_EVENTS"

// firstExtraFile is the descriptor of the first of exec.Cmd.ExtraFiles.
const firstExtraFile = 3

// An eventReader receives the events of a program.
type eventReader struct {
	r    *os.File
	done chan struct{} // closed after the last event
}

// readEvents calls events for each event that comes from r.
func readEvents(r *os.File, events func(Event)) *eventReader {
	reader := &eventReader{r, make(chan struct{})}
	go func() {
		defer close(reader.done)
		lines := bufio.NewReaderSize(r, maxEvent)
		for {
			line, err := lines.ReadSlice('\n')
			var e Event
			if err == nil && json.Unmarshal(line, &e) == nil { // a project that writes there itself is not heard
				events(e)
			}
			if err != nil && !errors.Is(err, bufio.ErrBufferFull) {
				return
			}
		}
	}()
	return reader
}

// finish waits for the last event of a program that has ended. Where a child of
// it holds the channel open, it does not wait for long.
func (e *eventReader) finish() {
	_ = e.r.SetReadDeadline(time.Now().Add(time.Second))
	<-e.done
	e.r.Close()
}
