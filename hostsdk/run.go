package hostsdk

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
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
	return []string{
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
			return nil, fmt.Errorf("%s: there is no %q", flag, name)
		}
		if seen[name] {
			return nil, fmt.Errorf("%s %s is given twice", flag, name)
		}
		seen[name] = true
		switch {
		case takes == "" && given:
			return nil, fmt.Errorf("%s %s takes no value", flag, name)
		case takes == "TIME":
			d, err := time.ParseDuration(value)
			if err != nil || d < 0 {
				return nil, fmt.Errorf("%s %s needs a time, as in %s=2s", flag, name, name)
			}
			if d > longest {
				return nil, fmt.Errorf("%s %s is too long: at most 1h", flag, event)
			}
			value = strconv.FormatInt(d.Microseconds(), 10)
		case takes == "REASON":
			if n, err := strconv.ParseUint(value, 10, 8); err != nil || n == 0 {
				return nil, fmt.Errorf("%s %s needs a reason from 1 to 255, as in %s=7", flag, name, name)
			}
		case takes == "DBM:DBM...":
			if !areSignals(value) {
				return nil, fmt.Errorf("%s %s needs signals from -127 to 0 dBm, at most 13, as in %s=-70:-40", flag, name, name)
			}
		case takes != "" && (given || takes == "N"):
			if n, err := strconv.Atoi(value); err != nil || n < 1 {
				return nil, fmt.Errorf("%s %s needs a number, as in %s=3", flag, name, name)
			}
		}
		if value != "" {
			name += "=" + value
		}
		out = append(out, name)
	}
	slices.Sort(out)
	return out, nil
}

func areSignals(value string) bool {
	signals := strings.Split(value, ":")
	return len(signals) <= 13 && !slices.ContainsFunc(signals, func(signal string) bool {
		dbm, err := strconv.Atoi(signal)
		return err != nil || dbm < -127 || dbm > 0
	})
}

// Run runs a program that Build made until it ends, or ctx does, or nobody
// reads out, a pipe, any more: then it is told to end, reports what is left,
// and gets a few seconds for it.
func Run(ctx context.Context, program string, s Scenario, out io.Writer) error {
	environment, err := s.Environment()
	if err != nil {
		return err
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	if pipe, ok := out.(*os.File); ok {
		go func() {
			if readerGone(ctx, pipe) {
				stop()
			}
		}()
	}
	cmd := exec.CommandContext(ctx, program)
	cmd.Env = append(os.Environ(), environment...)
	cmd.Stdout, cmd.Stderr = out, out
	if s.Input != nil {
		if input, err := consoleInput(s.Input); err == nil { // a closed one is nothing to read
			cmd.Stdin = input
		}
	}
	cmd.SysProcAttr = processAttributes()
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = 5 * time.Second
	err = cmd.Run()
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
