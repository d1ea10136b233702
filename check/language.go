package check

import (
	"maps"
	"slices"
	"time"
)

// A kind is what an argument of an action takes.
type kind int

const (
	isText       kind = iota
	isPattern         // a regular expression, RE2's
	isNumber          // a whole number
	isTime            // such as 300ms
	isTruth           // true or false
	isConnection      // the name of a connection that is open
	isName            // a new name
	isNames           // a list of names
	isChoice          // one of a few words
	isSteps           // a list of steps
	isStep            // one observation
	isOption          // a number, or a time for the time-outs
)

// An argument is one of those that an action takes.
type argument struct {
	name     string
	kind     kind
	required bool
	least    int      // of a number
	most     int      // of a number; 0 for any
	choices  []string // the first one is the default
	doc      string
}

// An action is what a step does, or looks at.
type action struct {
	name    string
	short   string // the argument that a step gives which is no mapping; "" for none
	args    []argument
	data    bool // it takes one of the arguments of data
	opens   bool // it opens the connection that "as" names
	side    string
	observe bool // it looks at what is told, and can stand below never
	doc     string
	run     func(*runner, *step) *failure
}

// data are the arguments that say which bytes are meant, of which one is given.
var data = []argument{
	{name: "text", kind: isText, doc: "a text, in UTF-8"},
	{name: "hex", kind: isText, doc: "bytes in hexadecimal, such as 00 ff"},
	{name: "pattern", kind: isNumber, least: 1, most: maxPattern, doc: "so many bytes of every value, NUL included"},
}

// The limits of the numbers in a file.
const (
	maxPattern = 64 << 20 // bytes
	maxClients = 200
	maxTimes   = 100_000
	maxTime    = 10 * time.Minute
)

var (
	on     = argument{name: "on", kind: isConnection, doc: "the connection; the one that was opened last, where it is not given"}
	within = argument{name: "within", kind: isTime, doc: "how long to wait"}
	count  = argument{name: "count", kind: isNumber, least: 1, most: maxTimes, doc: "how many there must be since the start; 1 where it is not given"}
)

// optionNames are the options of sockets that can be read back.
var optionNames = []string{
	"SO_REUSEADDR", "SO_KEEPALIVE", "TCP_KEEPIDLE", "TCP_KEEPINTVL", "TCP_KEEPCNT", "TCP_NODELAY", "SO_RCVTIMEO", "SO_SNDTIMEO", "O_NONBLOCK",
}

// socketStates are those that the host SDK tells.
var socketStates = []string{"connected", "listening", "connecting", "open", "ended"}

func optionArguments() []argument {
	var list []argument
	for _, name := range optionNames {
		list = append(list, argument{name: name, kind: isOption, doc: "what getsockopt() gives, a time-out as a time"})
	}
	return list
}

func stateArguments() []argument {
	var list []argument
	for _, name := range socketStates {
		list = append(list, argument{name: name, kind: isNumber, most: maxClients, doc: "how many sockets are " + name})
	}
	return list
}

// actions are all that a step can be. The documentation has an example of each,
// and the schema is made of them.
var actions map[string]*action

func init() {
	actions = map[string]*action{}
	for _, a := range []*action{
		{
			name: "connect", short: "as", opens: true, side: "server", run: (*runner).connect,
			doc: "The peer connects to the project, as soon as that listens.",
			args: []argument{
				{name: "as", kind: isName, doc: "the connection's name; client where it is not given"},
				{name: "family", kind: isChoice, choices: []string{"ipv4", "ipv6"}, doc: "where the project listens for both"},
				within,
			},
		},
		{
			name: "listen", short: "port", side: "client", run: (*runner).listen,
			doc:  "The peer listens on the port that the project connects to, at whatever address. What comes before every other step is done before the project starts.",
			args: []argument{{name: "port", kind: isNumber, required: true, least: 1, most: 65535, doc: "the project's"}},
		},
		{
			name: "refuse", short: "port", side: "client", run: (*runner).refuse,
			doc:  "Nobody listens on the port, from now on or until a listen: the project's connections are refused.",
			args: []argument{{name: "port", kind: isNumber, required: true, least: 1, most: 65535, doc: "the project's"}},
		},
		{
			name: "accept", short: "as", opens: true, side: "client", run: (*runner).accept,
			doc:  "The project connects to the peer.",
			args: []argument{{name: "as", kind: isName, doc: "the connection's name; client where it is not given"}, within},
		},
		{
			name: "send", short: "text", data: true, run: (*runner).send,
			doc: "The peer sends bytes.",
			args: []argument{
				on,
				{name: "pieces", kind: isNumber, least: 1, most: maxTimes, doc: "in how many pieces; 1 where it is not given"},
				{name: "pause", kind: isTime, doc: "between two pieces"},
				within,
			},
		},
		{
			name: "expect", short: "text", data: true, run: (*runner).expect,
			doc:  "The project sends exactly these bytes. What it sends behind them is for the next step.",
			args: []argument{on, {name: "flooded", kind: isTruth, doc: "true: all that the last flood has sent"}, within},
		},
		{
			name: "echo", short: "text", data: true, run: (*runner).echo,
			doc: "The peer sends bytes, reads at the same time, and wants the same bytes back.",
			args: []argument{
				on,
				{name: "pieces", kind: isNumber, least: 1, most: maxTimes, doc: "in how many pieces; 1 where it is not given"},
				{name: "pause", kind: isTime, doc: "between two pieces"},
				within,
			},
		},
		{
			name: "flood", short: "on", run: (*runner).flood,
			doc: "The peer sends without reading, until nothing more is taken for a time.",
			args: []argument{
				on,
				{name: "for", kind: isTime, doc: "how long nothing is taken; 500ms where it is not given"},
				{name: "goes-on", kind: isTruth, doc: "true: it goes on beside the next steps, until the connection ends"},
			},
		},
		{
			name: "half-close", short: "on", run: (*runner).halfClose,
			doc: "The peer ends its side of the connection, and can still receive.", args: []argument{on},
		},
		{
			name: "close", short: "on", run: (*runner).close,
			doc: "The peer closes the connection, in order.", args: []argument{on},
		},
		{
			name: "reset", short: "on", run: (*runner).reset,
			doc: "The peer breaks the connection off, with a reset.", args: []argument{on},
		},
		{
			name: "expect-close", short: "on", run: (*runner).expectClose,
			doc: "The project ends the connection, without sending anything before it.",
			args: []argument{
				on,
				{name: "how", kind: isChoice, choices: []string{"fin", "reset", "any"}, doc: "in order, with a reset, or either"},
				{name: "discard", kind: isTruth, doc: "true: bytes may come before the end"},
				within,
			},
		},
		{
			name: "silent", short: "for", run: (*runner).silent,
			doc: "The peer says nothing for a time, and on the connection nothing happens either. This is the only step that always takes its time.",
			args: []argument{
				on,
				{name: "for", kind: isTime, required: true, doc: "how long"},
				{name: "discard", kind: isTruth, doc: "true: whatever happens on the connection is no matter"},
				{name: "may-end", kind: isTruth, doc: "true: the connection may end, but no bytes may come"},
			},
		},
		{
			name: "clients", side: "server", run: (*runner).clients,
			doc: "So many peers take these steps at once. ${client} is the number of each, from 1 on. Connections that are opened in it are closed at its end.",
			args: []argument{
				{name: "keep", kind: isTruth, doc: "true: they stay open, to the end of the check"},
				{name: "count", kind: isNumber, required: true, least: 1, most: maxClients, doc: "how many"},
				{name: "do", kind: isSteps, required: true, doc: "what each of them does"},
			},
		},
		{
			name: "repeat", run: (*runner).repeat,
			doc: "The steps, one time after the other. ${round} is the number of each, from 1 on. Connections that are opened in it are closed at the end of each round.",
			args: []argument{
				{name: "times", kind: isNumber, required: true, least: 1, most: maxTimes, doc: "how many"},
				{name: "do", kind: isSteps, required: true, doc: "the steps"},
			},
		},
		{
			name: "retry", run: (*runner).retry,
			doc:  "The steps, again and again until all of them succeed. Connections that are opened in it are closed at the end of each try.",
			args: []argument{{name: "do", kind: isSteps, required: true, doc: "the steps"}, within},
		},
		{
			name: "listening", short: "port", observe: true, run: (*runner).listening,
			doc: "The project listens.",
			args: []argument{
				{name: "port", kind: isNumber, least: 1, most: 65535, doc: "the port that it has bound"},
				{name: "family", kind: isChoice, choices: []string{"any", "ipv4", "ipv6"}, doc: "of its socket"},
				count, within,
			},
		},
		{
			name: "connecting", short: "to", observe: true, run: (*runner).connecting,
			doc:  "The project has called connect().",
			args: []argument{{name: "to", kind: isText, doc: "ADDRESS:PORT that it gave"}, count, within},
		},
		{
			name: "event", short: "name", observe: true, run: (*runner).event,
			doc: "The event loop has called the handlers of an event.",
			args: []argument{
				{name: "name", kind: isText, required: true, doc: "such as IP_EVENT_STA_GOT_IP, or BASE:NUMBER of the project's own"},
				{name: "reason", kind: isNumber, least: 1, most: 255, doc: "of WIFI_EVENT_STA_DISCONNECTED"},
				count, within,
			},
		},
		{
			name: "call", short: "name", observe: true, run: (*runner).call,
			doc: "The project has made a socket call, and it has ended.",
			args: []argument{
				{name: "name", kind: isText, required: true, doc: "of the function, or of several with | between them"},
				{name: "args", kind: isPattern, doc: "found in its arguments, which are written as espgen run --trace prints them"},
				{name: "result", kind: isNumber, least: -1 << 31, doc: "what it returned"},
				{name: "errno", kind: isText, doc: "its error, such as ECONNRESET or 104, which are ESP-IDF's"},
				{name: "failed", kind: isTruth, doc: "whether it has failed"},
				{name: "task", kind: isText, doc: "the task that called it"},
				{name: "not-task", kind: isText, doc: "a task that is not the one that called it"},
				count, within,
			},
		},
		{
			name: "note", short: "text", observe: true, run: (*runner).note,
			doc: "The host SDK has told what a project should know, such as a handler that blocks the event task.",
			args: []argument{
				{name: "text", kind: isText, doc: "a part of it"},
				{name: "match", kind: isPattern, doc: "in place of text: what is found in it"},
				count, within,
			},
		},
		{
			name: "log", short: "text", observe: true, run: (*runner).log,
			doc: "The project has printed a line.",
			args: []argument{
				{name: "text", kind: isText, doc: "a part of it"},
				{name: "match", kind: isPattern, doc: "in place of text: what is found in it"},
				count, within,
			},
		},
		{
			name: "restart", observe: true, run: (*runner).restart,
			doc: "The project has called esp_restart(). A check with this step lets it.", args: []argument{count, within},
		},
		{
			name: "never", run: (*runner).never,
			doc:  "What the observation below it says has not happened until now; with a count: not so often.",
			args: []argument{{name: "of", kind: isStep, required: true, doc: "the observation"}}, short: "of",
		},
		{
			name: "options", run: (*runner).options,
			doc: "The sockets of a state have these options, and there is at least one.",
			args: append([]argument{
				{name: "of", kind: isChoice, choices: socketStates, doc: "the state"},
				{name: "backlog", kind: isNumber, most: 1 << 16, doc: "what listen() was given"},
				{name: "port", kind: isNumber, least: 1, most: 65535, doc: "that they are bound to"},
				within,
			}, optionArguments()...),
		},
		{
			name: "sockets", run: (*runner).sockets,
			doc:  "So many sockets of the project are in these states. Of states that are not named there may be any number, but for total.",
			args: append(stateArguments(), argument{name: "total", kind: isNumber, most: maxClients, doc: "how many sockets there are"}, within),
		},
		{
			name: "tasks", run: (*runner).tasks,
			doc: "These tasks run, and those have ended.",
			args: []argument{
				{name: "running", kind: isNames, doc: "their names"},
				{name: "ended", kind: isNames, doc: "their names"},
				{name: "total", kind: isNumber, most: 1000, doc: "how many tasks of the project run"},
				within,
			},
		},
		{
			name: "mark-heap", short: "as", run: (*runner).markHeap,
			doc:  "Takes note of how many bytes of the heap the project holds.",
			args: []argument{{name: "as", kind: isName, required: true, doc: "the mark's name"}},
		},
		{
			name: "heap", run: (*runner).heap,
			doc: "The project holds no more of the heap than it did.",
			args: []argument{
				{name: "since", kind: isText, required: true, doc: "the name of a mark-heap"},
				{name: "grown", kind: isNumber, most: 1 << 30, doc: "how many bytes more are right; 0 where it is not given"},
				within,
			},
		},
	} {
		actions[a.name] = a
	}
}

// all returns the arguments of an action, those of data included.
func (a *action) all() []argument {
	if !a.data {
		return a.args
	}
	return slices.Concat(data, a.args)
}

func (a *action) argument(name string) (argument, bool) {
	for _, arg := range a.all() {
		if arg.name == name {
			return arg, true
		}
	}
	return argument{}, false
}

func (a *action) argumentNames() []string {
	var names []string
	for _, arg := range a.all() {
		names = append(names, arg.name)
	}
	return names
}

func actionNames() []string { return slices.Sorted(maps.Keys(actions)) }

// What a check has, beside its steps.
const (
	keyName   = "name"
	keyTitle  = "title"
	keyHint   = "hint"
	keyGuide  = "guide"
	keySteps  = "steps"
	keyCatch  = "catches"
	keyDeps   = "depends"
	keyPoints = "points"
	keyHidden = "hidden"
	keyWhen   = "when"
	keyWiFi   = "wifi"
	keyNet    = "net"
	keySeeds  = "seeds"
	keyFails  = "each-call-fails"
	keyClean  = "clean"
	keyLimit  = "limit"
	keyDo     = "do"
)

var checkKeys = []string{
	keyName, keyTitle, keyHint, keyGuide, keySteps, keyCatch, keyDeps, keyPoints, keyHidden, keyWhen, keyWiFi, keyNet, keySeeds, keyFails, keyClean, keyLimit, keyDo,
}
