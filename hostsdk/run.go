package hostsdk

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// A Scenario is what a program meets while it runs. The zero value is a good
// network on this PC.
type Scenario struct {
	WiFi   []string // see WiFiEvents
	Net    []string // see NetEvents
	Listen string   // the PC's address that the program listens on; "" for 127.0.0.1
	Port   int      // in place of the one it binds; 0 for its own, -1 for any that is free
	Map    []string // ADDRESS:PORT=ADDRESS:PORT: where a connection goes in place of 127.0.0.1
	Seed   uint64   // equal seeds give equal chance
	NVS    string   // the file that non-volatile storage is kept in; "" to forget it at the end
	Input  *os.File // what the console reads; nil for nothing

	Station int      // which of several stations of one network it is, from 1 on; 0 for the only one
	Servers []Server // where connections go that Map does not name
}

// A Server is a program that listens on this PC, for another station of its
// network.
type Server struct {
	Port    int            // that the station connects to, at whatever address
	Address netip.AddrPort // of this PC
}

// setting is the server as a program's environment has it.
func (s Server) setting() string {
	family := 6
	if s.Address.Addr().Is4() {
		family = 4
	}
	return fmt.Sprintf("%d:%d=%s", family, s.Port, s.Address)
}

// What may happen to Wi-Fi, and to sockets, with what each takes: "" for
// nothing, "N" for a number, "[N]" for one that may be left out, "TIME" for a
// duration such as 2s, "DBM:DBM..." for the signals of access points, "REASON"
// for a number of wifi_err_reason_t.
var (
	WiFiEvents = map[string]string{
		"absent": "[N]", "open": "", "password": "", "no-auth": "", "silent": "[N]", "dead": "[N]", "ap": "DBM:DBM...",
		"no-ip": "", "ip-late": "TIME", "drop": "TIME", "deauth": "REASON", "back": "TIME", "new-ip": "", "real-times": "",
	}
	NetEvents = map[string]string{
		"short": "", "slow": "TIME", "fail": "N", "fail-once": "N", "silent": "TIME", "connect": "TIME", "connect-timeout": "", "no-dns": "",
	}
)

// Environment returns the variables that tell a program its scenario.
func (s Scenario) Environment() ([]string, error) {
	wifi, err := events("--wifi", s.WiFi, WiFiEvents)
	if err != nil {
		return nil, err
	}
	net, err := events("--net", s.Net, NetEvents)
	if err != nil {
		return nil, err
	}
	if s.Listen != "" {
		net = append(net, "listen="+s.Listen)
	}
	if s.Port != 0 {
		net = append(net, "port="+strconv.Itoa(max(s.Port, 0)))
	}
	if s.Station != 0 {
		wifi = append(wifi, "station="+strconv.Itoa(s.Station-1))
	}
	var servers []string
	for _, server := range s.Servers {
		servers = append(servers, server.setting())
	}
	return []string{
		"ESPGEN_SERVER=" + strings.Join(servers, ","),
		"ESPGEN_WIFI=" + strings.Join(wifi, ","),
		"ESPGEN_NET=" + strings.Join(net, ","),
		"ESPGEN_MAP=" + strings.Join(s.Map, ","),
		"ESPGEN_SEED=" + strconv.FormatUint(s.Seed, 10),
		"ESPGEN_NVS=" + s.NVS,
	}, nil
}

// longest is the longest time of an event. usleep takes no more than 71 minutes.
const longest = time.Hour

// events checks a list of events and writes times in microseconds.
func events(flag string, list []string, known map[string]string) ([]string, error) {
	var out []string
	seen := map[string]bool{}
	for _, event := range list {
		name, value, given := strings.Cut(event, "=")
		takes, ok := known[name]
		if !ok {
			return nil, fmt.Errorf("%s: unknown event %q; events: %s", flag, name, strings.Join(slices.Sorted(maps.Keys(known)), ", "))
		}
		if seen[name] {
			return nil, fmt.Errorf("%s %s is given twice", flag, name)
		}
		seen[name] = true
		if name == "fail-once" && seen["fail"] || name == "fail" && seen["fail-once"] {
			return nil, fmt.Errorf("%s fail and %s fail-once cannot both be given", flag, flag)
		}
		switch {
		case takes == "" && given:
			return nil, fmt.Errorf("%s %s: %q is given, but the event has no value", flag, name, value)
		case takes == "TIME":
			d, err := time.ParseDuration(value)
			if err != nil || d < 0 {
				return nil, fmt.Errorf("%s %s requires a time, as in %s=2s", flag, name, name)
			}
			if d > longest {
				return nil, fmt.Errorf("%s %s is too long: at most 1h", flag, event)
			}
			value = strconv.FormatInt(d.Microseconds(), 10)
		case takes == "REASON":
			if n, err := strconv.ParseUint(value, 10, 8); err != nil || n == 0 {
				return nil, fmt.Errorf("%s %s requires a reason from 1 to 255, as in %s=7", flag, name, name)
			}
		case takes == "DBM:DBM...":
			if !areSignals(value) {
				return nil, fmt.Errorf("%s %s requires signals from -127 to 0 dBm, at most 13, as in %s=-70:-40", flag, name, name)
			}
		case takes != "" && (given || takes == "N"):
			if n, err := strconv.Atoi(value); err != nil || n < 1 {
				return nil, fmt.Errorf("%s %s requires a number from 1, as in %s=3", flag, name, name)
			}
		}
		if value != "" {
			name += "=" + value
		}
		out = append(out, name)
	}
	if err := inVain(flag, out, seen, known); err != nil {
		return nil, err
	}
	slices.Sort(out)
	return out, nil
}

// What happens only to a station that has an address, that has joined, and that
// is answered.
var (
	afterAddress = []string{"drop", "deauth", "back", "new-ip"}
	afterJoining = append([]string{"no-ip", "ip-late"}, afterAddress...)
	atJoining    = append([]string{"no-auth", "open", "ap"}, afterJoining...)
)

// overshadowed are the events that never happen beside another one which happens
// each time: a number behind that one makes room for them.
var overshadowed = []struct {
	by     string
	events []string
}{
	{"dead", append([]string{"silent", "absent", "password"}, atJoining...)},
	{"silent", append([]string{"absent", "password"}, atJoining...)},
	{"absent", append([]string{"password"}, atJoining...)},
	{"password", append([]string{"no-auth", "open"}, afterJoining...)},
	{"no-auth", afterJoining},
	{"no-ip", append([]string{"ip-late"}, afterAddress...)},
	{"connect-timeout", []string{"connect"}},
}

// inVain finds an event that never happens.
func inVain(flag string, given []string, seen map[string]bool, known map[string]string) error {
	for _, o := range overshadowed {
		for _, event := range o.events {
			if !seen[event] || !slices.Contains(given, o.by) {
				continue
			}
			hint := "leave one out"
			if known[o.by] == "[N]" {
				hint = fmt.Sprintf("write %s=3 for the first three tries alone", o.by)
			}
			return fmt.Errorf("%s %s and %s %s cannot both be given: %s never happens then; %s", flag, o.by, flag, event, event, hint)
		}
	}
	for _, example := range []string{"deauth=8", "back=3s"} {
		if event, _, _ := strings.Cut(example, "="); seen[event] && !seen["drop"] {
			return fmt.Errorf("%s %s has no effect without drop: write %s drop=5s,%s", flag, event, flag, example)
		}
	}
	return nil
}

func areSignals(value string) bool {
	signals := strings.Split(value, ":")
	return len(signals) <= 13 && !slices.ContainsFunc(signals, func(signal string) bool {
		dbm, err := strconv.Atoi(signal)
		return err != nil || dbm < -127 || dbm > 0
	})
}

// A RunOptions says how a program runs.
type RunOptions struct {
	Scenario Scenario
	Out      io.Writer   // its standard output
	Err      io.Writer   // its standard error, where the sanitizers report; nil for Out
	Colour   bool        // of the log
	Events   func(Event) // is called for one event after the other, of which the last comes before Run returns; nil for none
	Calls    bool        // Events gets those of kind EventCall, too
	Trace    bool        // the program prints each socket call among its log
	Confine  Confine     // of the program; nil for none

	// Each value asks the program for an EventState. The project notices nothing of
	// it. nil where nobody asks.
	Ask <-chan struct{}
}

// trace returns the variable that tells a program what to do with each call.
func (o RunOptions) trace() string {
	var list []string
	if o.Trace {
		list = append(list, "print")
	}
	if o.Calls {
		list = append(list, "send")
	}
	return "ESPGEN_TRACE=" + strings.Join(list, ",")
}

// Run runs a program that Build made until it ends, or ctx does, or nobody
// reads o.Out, a pipe, any more: then it is told to end, reports what is left,
// and gets a few seconds for it.
func Run(ctx context.Context, program string, o RunOptions) error {
	environment, err := o.Scenario.Environment()
	if err != nil {
		return err
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	if pipe, ok := o.Out.(*os.File); ok {
		go func() {
			if ReaderGone(ctx, pipe) {
				stop()
			}
		}()
	}
	cmd := exec.CommandContext(ctx, program)
	cmd.Env = slices.Concat(o.Confine.environment(), environment, sanitizerOptions(), []string{o.trace()})
	if o.Colour {
		cmd.Env = append(cmd.Env, "ESPGEN_COLOUR=1")
	}
	cmd.Stdout, cmd.Stderr = o.Out, o.Out
	if o.Err != nil {
		cmd.Stderr = o.Err
	}
	if o.Scenario.Input != nil {
		if input, err := consoleInput(o.Scenario.Input); err == nil { // a closed one is nothing to read
			cmd.Stdin = input
		}
	}
	cmd.SysProcAttr = processAttributes()
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = 5 * time.Second
	var needs Needs
	if o.Scenario.NVS != "" { // a new file takes the old one's place
		needs.Write = []string{filepath.Dir(o.Scenario.NVS)}
	}
	err = runWithEvents(cmd, o, func() error { return o.Confine.apply(cmd, needs) })
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		status, _ := exit.Sys().(syscall.WaitStatus)
		switch {
		case status.Signal() == syscall.SIGPIPE:
			return nil // it printed, and nobody read
		case status.Signal() == syscall.SIGTERM && ctx.Err() != nil:
			return nil // it was told to end before it had begun
		}
		return fmt.Errorf("the program ended: %w", exit)
	}
	if errors.Is(err, ctx.Err()) {
		err = nil // it was told to end, and did
	}
	return err
}

// sanitizerOptions have the sanitizers look for more, and tell more, than they
// do by themselves. What the user's environment says wins.
func sanitizerOptions() []string {
	return []string{
		"ASAN_OPTIONS=detect_stack_use_after_return=1:" + os.Getenv("ASAN_OPTIONS"),
		"UBSAN_OPTIONS=print_stacktrace=1:" + os.Getenv("UBSAN_OPTIONS"),
	}
}

// runWithEvents runs a command, and calls o.Events, if not nil, for what comes
// over its channel of events, over which the requests of o.Ask go. confine is
// called when the command has all.
func runWithEvents(cmd *exec.Cmd, o RunOptions, confine func() error) error {
	if o.Events == nil {
		if err := confine(); err != nil {
			return err
		}
		return cmd.Run()
	}
	ours, theirs, err := channelOfEvents()
	if err != nil {
		return err
	}
	cmd.Env = append(cmd.Env, eventsVariable+"="+strconv.Itoa(firstExtraFile+len(cmd.ExtraFiles)))
	cmd.ExtraFiles = append(cmd.ExtraFiles, theirs)
	reader := readEvents(ours, o.Events)
	defer reader.finish()
	if err = confine(); err == nil {
		err = cmd.Start()
	}
	theirs.Close()
	if err != nil {
		return err
	}
	ended := make(chan struct{})
	defer close(ended)
	go func() {
		for {
			select {
			case <-ended:
				return
			case <-o.Ask:
				_, _ = ours.Write([]byte{'?'}) // one that ends gives no answer
			}
		}
	}()
	return cmd.Wait()
}
