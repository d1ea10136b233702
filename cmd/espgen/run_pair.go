package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/fatih/color"

	"github.com/espgen/espgen/hostsdk"
	"github.com/espgen/espgen/lazyregexp"
	"github.com/espgen/espgen/plainfile"
)

// A pair is a server and a client that run at once.
type pair struct {
	s              *session
	server, client *device
	stop           func(error)
	logs           *logs

	listens chan struct{} // closed when the server does
	listen  sync.Once

	mutex   sync.Mutex
	echoing map[*device]bool
	known   []hostsdk.Server // what the client knows of the server
	told    map[string]bool  // warnings
}

// maxTold is how many different warnings a pair gets.
const maxTold = 10

// pair runs two devices. What ends one of them ends the other.
func (s *session) pair(ctx context.Context, stop func(error)) error {
	p := &pair{s: s, stop: stop, listens: make(chan struct{}), echoing: map[*device]bool{}, told: map[string]bool{}}
	p.server, p.client = inOrder(s.devices)
	p.client.options.Scenario.Listen, p.client.options.Scenario.Port = "", 0
	p.logs = newLogs(s.log, func() { stop(errUnread) })
	if pipe, ok := s.log.(*os.File); ok {
		go func() {
			if hostsdk.ReaderGone(ctx, pipe) {
				stop(errUnread)
			}
		}()
	}
	names := namesOf(s.devices)
	for i, d := range s.devices {
		d.name = names[i]
		d.options.Out = p.logs.add(s.prefix(names, i))
		s.o.trace.apply(s.cmd, &d.options)
	}
	p.server.options.Scenario.Station, p.client.options.Scenario.Station = 1, 2

	var all sync.WaitGroup
	var errs []error // the first one is of what ended first
	start := func(d *device) {
		record := recordRun(d.dir)
		all.Go(func() {
			defer record.remove()
			err := d.run(ctx, func(e hostsdk.Event) { p.hear(d, record, e) })
			p.mutex.Lock()
			errs = append(errs, err)
			p.mutex.Unlock()
			stop(errOther)
		})
	}
	start(p.server)
	if p.waitForServer(ctx) {
		servers := p.server.servers()
		p.client.options.Scenario.Servers = servers
		p.mutex.Lock()
		p.known = servers
		p.mutex.Unlock()
		start(p.client)
	}
	all.Wait()
	if err := p.logs.close(); !errors.Is(err, syscall.EPIPE) {
		errs = append(errs, err)
	}
	return joinErrors(errs...)
}

// waitForServer waits until the server listens. False where it never does.
func (p *pair) waitForServer(ctx context.Context) bool {
	const (
		long    = 5 * time.Second
		another = 20 * time.Millisecond // a socket for IPv6 may follow one for IPv4
	)
	late := time.AfterFunc(long, func() {
		p.s.note("%s does not listen yet; %s is started when it does", p.server.name, p.client.name)
	})
	defer late.Stop()
	select {
	case <-p.listens:
		time.Sleep(another)
		return ctx.Err() == nil
	case <-ctx.Done():
		return false
	}
}

// hear takes note of what one of the two tells.
func (p *pair) hear(d *device, record *recorder, e hostsdk.Event) {
	switch e.Kind {
	case hostsdk.EventListening:
		record.update(d)
		if d == p.server {
			p.listen.Do(func() { close(p.listens) })
			p.checkAddress()
		}
	case hostsdk.EventConnecting:
		record.update(d)
		if d == p.client {
			p.checkPort(e)
			return
		}
		select {
		case <-p.listens:
		default:
			p.stop(&hintError{
				fmt.Errorf("neither %s nor %s listens: %s connects to %s", p.server.name, p.client.name, d.name, e.Instead),
				"of two projects one must be a server, and the other a client",
			})
		}
	case hostsdk.EventConnected:
		if d == p.client {
			p.s.tellReady(p.server.address(), p.stop)
		}
	case hostsdk.EventEchoing:
		p.checkEcho(d)
	}
}

// checkAddress says where the server has another address on this PC after a
// restart, which the client does not know.
func (p *pair) checkAddress() {
	p.mutex.Lock()
	known := p.known
	p.mutex.Unlock()
	for _, s := range p.server.servers() {
		moved := slices.ContainsFunc(known, func(k hostsdk.Server) bool { return k.Port == s.Port && k.Address.Addr() == s.Address.Addr() && k != s })
		if moved && !slices.Contains(known, s) {
			p.warn(fmt.Sprintf("%s listens on %s since its restart, and %s does not find it there", p.server.name, s.Address, p.client.name),
				"give --listen a port that is not 0: it stays the same then")
		}
	}
}

// checkPort says where the client connects to a port that the server does not
// listen on.
func (p *pair) checkPort(e hostsdk.Event) {
	to, err := netip.ParseAddrPort(e.Instead)
	if err != nil || slices.ContainsFunc(p.s.o.scenario.Map, func(m string) bool { return strings.HasPrefix(m, e.Instead+"=") }) {
		return
	}
	var ports []string
	for _, s := range p.server.servers() {
		if s.Port == int(to.Port()) {
			return
		}
		ports = append(ports, fmt.Sprint(s.Port))
	}
	if len(ports) > 0 { // else it is starting again
		p.warn(fmt.Sprintf("%s connects to port %d, but %s listens on port %s", p.client.name, to.Port(), p.server.name, strings.Join(slices.Compact(ports), ", ")),
			"give both the same port: server.port of their specs, or the number in their code")
	}
}

// checkEcho says where both send back what they receive, and keeps the lines back
// that they go on printing.
func (p *pair) checkEcho(d *device) {
	p.mutex.Lock()
	p.echoing[d] = true
	both := len(p.echoing) == 2
	p.mutex.Unlock()
	if both {
		p.logs.quiet()
		p.warn(fmt.Sprintf("%s and %s echo each other without end: each sends back what it receives", p.server.name, p.client.name),
			fmt.Sprintf("take the send() behind a recv() out of one of them, such as that in %s; lines like those above are only counted from now on", p.client.handler()))
	}
}

// warn prints a warning, once.
func (p *pair) warn(what, hint string) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	if p.told[what] || len(p.told) >= maxTold {
		return
	}
	p.told[what] = true
	report(p.s.cmd.ErrOrStderr(), &hintError{errors.New(what), hint})
}

// handler is the file that answers what a device receives, as far as it can be
// told.
func (d *device) handler() string {
	for _, file := range []string{"main/app_handler.c", "main/main.c"} {
		if d.owns(file) {
			return d.path(file)
		}
	}
	return d.name
}

// prefix is what begins the lines of device i.
func (s *session) prefix(names []string, i int) string {
	width := max(len(names[0]), len(names[1]))
	text := fmt.Sprintf("%-*s |", width, names[i])
	c := color.New([]color.Attribute{color.FgCyan, color.FgMagenta}[i])
	if s.colour() {
		c.EnableColor()
	} else {
		c.DisableColor()
	}
	return c.Sprint(text) + " "
}

// namesOf names two devices by their folders, or where that is one name by their
// paths.
func namesOf(devices []*device) []string {
	names := []string{printable(devices[0].name), printable(devices[1].name)}
	if names[0] == names[1] {
		names = []string{printable(filepath.ToSlash(devices[0].dir)), printable(filepath.ToSlash(devices[1].dir))}
	}
	if names[0] == names[1] { // one project twice
		names[0], names[1] = names[0]+"#1", names[1]+"#2"
	}
	return names
}

// inOrder returns the server and the client of two devices: the server is the one
// whose code listens, or if both or none do, the one that connects to nobody.
func inOrder(devices []*device) (server, client *device) {
	first, second := calls(devices[0].dir), calls(devices[1].dir)
	score := func(called map[string]bool) int {
		n := 0
		if called["listen"] {
			n += 2
		}
		if called["connect"] {
			n--
		}
		return n
	}
	if score(second) > score(first) {
		return devices[1], devices[0]
	}
	return devices[0], devices[1]
}

// The limits of what is read to find out who listens.
const (
	maxSources    = 2000
	maxSourceSize = 1 << 20
)

var (
	comments    = lazyregexp.New(`//[^\n]*|(?s:/\*.*?\*/)`)
	socketCalls = lazyregexp.New(`\b(?:lwip_)?(listen|connect)\s*\(`)
	sourceNames = lazyregexp.New(`(?i)\.(c|cc|cpp|cxx|h|hh|hpp)$`)
)

// calls returns which of listen() and connect() a project's sources call.
func calls(dir string) map[string]bool {
	called := map[string]bool{}
	n := 0
	_ = filepath.WalkDir(dir, func(name string, e fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return nil //nolint:nilerr // the build tells what cannot be read
		case name != dir && isBuilt(e):
			return fs.SkipDir
		case e.IsDir() || !sourceNames().MatchString(e.Name()):
			return nil
		}
		if n++; n > maxSources {
			return fs.SkipAll
		}
		text, err := plainfile.Read(name, maxSourceSize)
		if err != nil {
			return nil //nolint:nilerr // as above
		}
		for _, m := range socketCalls().FindAllSubmatch(comments().ReplaceAll(text, nil), -1) {
			called[string(m[1])] = true
		}
		return nil
	})
	return called
}
