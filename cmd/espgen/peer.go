package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/dustin/go-humanize"
	"github.com/dustin/go-humanize/english"
	"github.com/spf13/cobra"

	"github.com/espgen/espgen/peer"
)

type peerOptions struct {
	spec  specFlags
	file  string
	addr  string
	conns int
	time  time.Duration
	size  int
}

func newPeerCmd() *cobra.Command {
	var o peerOptions
	cmd := &cobra.Command{
		Use:   "peer [DIR] [LINE...]",
		Short: "Be the other end of a project, on this PC or on a board",
		Long: `Be the other end of a project, on this PC or on a board. The project is the one in
DIR, where the first argument is the folder of a project, or else the one that the
current folder is in. -f names a spec in place of a project; all arguments are
lines then. What the project needs is taken from its spec, with its --set. The
address is that of an espgen run of the project that goes on, or else 127.0.0.1
with the port that is in its code.

For a server it is a client: it sends the lines, or standard input where there
are none, and prints what comes back. Where its input ends it closes its
direction, and waits for the server to close the other one.

For a client it is a server, until Ctrl-C: it prints what clients send, and
sends it back. What a client echoes is not sent again.

With --load it makes connections, or waits for as many clients. On each it
sends messages, one when the last is back, and checks every byte.`,
		Example: `  espgen peer tcp_server "Hello, board!"
  espgen peer tcp_server --addr 192.168.1.42 <photo.jpg >back.jpg
  espgen peer -f spec.yaml --load 1 --time 30s`,
		RunE: func(cmd *cobra.Command, args []string) error {
			return runPeer(cmd, o, args)
		},
		ValidArgsFunction: func(cmd *cobra.Command, args []string, begun string) ([]string, cobra.ShellCompDirective) {
			if len(args) > 0 {
				return nil, cobra.ShellCompDirectiveNoFileComp
			}
			return completeDirs(cmd, args, begun)
		},
	}
	f := cmd.Flags()
	f.StringVarP(&o.file, "file", "f", "", "a spec's `FILE` in place of a project; - for standard input")
	f.StringVar(&o.addr, "addr", "127.0.0.1", "connect to, or as a server listen on, `HOST[:PORT]` (default port the project's)")
	f.IntVar(&o.conns, "load", 0, "load `N` connections at once")
	f.DurationVar(&o.time, "time", 10*time.Second, "the `TIME` that a load goes on")
	f.IntVar(&o.size, "size", 64, "the `BYTES` of a load's messages")
	o.spec.addSet(cmd)
	must(cmd.MarkFlagFilename("file", "yaml", "yml"))
	return cmd
}

// The limits of a load.
const (
	maxConns = 1000
	maxSize  = 1 << 20
)

func (o *peerOptions) check(flagGiven func(string) bool, lines []string) error {
	load := flagGiven("load")
	switch {
	case o.file == "-" && len(lines) == 0 && !load:
		return &usageError{"standard input cannot be both the spec and what is sent", "give the lines to send as arguments"}
	case !load && (flagGiven("time") || flagGiven("size")):
		return &usageError{"--time and --size are for a load", "add --load N"}
	case load && len(lines) > 0:
		return &usageError{"a load sends messages of its own", "leave out the lines, or --load"}
	case load && (o.conns < 1 || o.conns > maxConns):
		return &usageError{fmt.Sprintf("--load: %d connections", o.conns), fmt.Sprintf("allowed: 1 to %d", maxConns)}
	case load && (o.size < 1 || o.size > maxSize):
		return &usageError{fmt.Sprintf("--size: %d bytes", o.size), fmt.Sprintf("allowed: 1 to %d", maxSize)}
	case load && o.time <= 0:
		return &usageError{fmt.Sprintf("--time: %v", o.time), "write a time such as 30s"}
	}
	return o.spec.checkSet()
}

func runPeer(cmd *cobra.Command, o peerOptions, args []string) error {
	dir, lines, err := o.target(cmd, args)
	if err != nil {
		return err
	}
	if err := o.check(cmd.Flags().Changed, lines); err != nil {
		return err
	}
	loaded, err := o.readSpec(cmd, dir)
	if err != nil {
		return err
	}
	end, err := otherEndOf(loaded)
	if err != nil {
		return err
	}
	ctx, stop := interruptible(cmd)
	defer stop()
	p := peerRun{ctx: ctx, out: cmd.OutOrStdout(), err: cmd.ErrOrStderr()}
	if p.address, err = o.address(end, dir, cmd.Flags().Changed("addr"), p.note); err != nil {
		return err
	}
	most := loaded.spec.Server.MaxClients
	switch {
	case most != nil && o.conns > *most:
		return &usageError{fmt.Sprintf("--load: %d connections, and the spec's server.max_clients is %d", o.conns, *most), "load fewer, or make the project with a larger server.max_clients"}
	case o.conns > 0:
		return p.load(o, end)
	case end.serves && len(lines) > 0:
		return &usageError{"the spec is a client's: it is not sent lines, but greets and is answered", "leave out the lines"}
	case end.serves:
		return p.serve()
	case len(lines) > 0:
		return p.talk(strings.NewReader(strings.Join(lines, "\n") + "\n"))
	}
	return p.talk(cmd.InOrStdin())
}

// An otherEnd is what a project's peer is, as its role says.
type otherEnd struct {
	serves   bool // the project connects to it
	port     int
	greeting string // what the project sends first
}

func otherEndOf(loaded *loadedSpec) (otherEnd, error) {
	p := loaded.role.Styles[*loaded.spec.Style].Peer
	if p == nil {
		return otherEnd{}, &hintError{
			fmt.Errorf("espgen has no other end for the role %s in the %s style", loaded.role.Name, *loaded.spec.Style),
			"a role.yaml names one as `peer`, where it speaks TCP",
		}
	}
	end := otherEnd{serves: p.Side == "server"}
	end.port, _ = loaded.spec.Value(p.Port).(int)
	end.greeting, _ = loaded.spec.Value(p.Greeting).(string)
	return end, nil
}

// address is where the project is, or is to find its other end.
func (o *peerOptions) address(end otherEnd, dir string, given bool, note func(format string, args ...any)) (string, error) {
	port := end.port
	if dir == "" {
		return withPort(o.addr, port)
	}
	if run, ok := runningOf(dir); ok && !given {
		if !end.serves && len(run.Listening) > 0 {
			return run.Listening[0], nil
		} else if end.serves && run.Server != "" {
			return run.Server, nil
		}
	}
	if edited, where := codePort(dir); edited != 0 && edited != port {
		note("espgen: port %d, which %s has; the spec has %d", edited, printable(where), port)
		port = edited
	}
	return withPort(o.addr, port)
}

// withPort adds the project's port to an address that has none.
func withPort(addr string, port int) (string, error) {
	host, given, err := net.SplitHostPort(addr)
	if err != nil { // no port, or no address
		host, given = strings.Trim(addr, "[]"), strconv.Itoa(port)
	}
	if n, err := strconv.ParseUint(given, 10, 16); err != nil || n > 65535 {
		return "", &usageError{fmt.Sprintf("--addr: %q is not a port", given), "write --addr 192.168.1.42:8080"}
	}
	if host == "" || strings.ContainsAny(host, " /") {
		return "", &usageError{fmt.Sprintf("--addr: %q is not a host", host), "write --addr 192.168.1.42, or a host's name"}
	}
	return net.JoinHostPort(host, given), nil
}

// A peerRun is one run of espgen peer.
type peerRun struct {
	ctx      context.Context
	address  string
	out, err io.Writer
}

func (p peerRun) note(format string, args ...any) {
	fmt.Fprintf(p.err, format+"\n", args...)
}

// dial connects to a server project.
func (p peerRun) dial() (*net.TCPConn, error) {
	d := net.Dialer{Timeout: 10 * time.Second}
	conn, err := d.DialContext(p.ctx, "tcp", p.address)
	if err != nil {
		return nil, netError("cannot connect to "+p.address, err, "is it running? `espgen run DIR` runs it on this PC; for a board add --addr, with the address in its log")
	}
	return conn.(*net.TCPConn), nil
}

// netError says what went wrong without Go's words for it, and what to do.
func netError(what string, err error, hint string) error {
	if unknown, ok := errors.AsType[*net.DNSError](err); ok {
		return &hintError{
			fmt.Errorf("--addr: no host with the name %q is found: %s", unknown.Name, unknown.Err),
			"correct the name, or write the address in place of it, as the board's log has it: --addr 192.168.1.42",
		}
	}
	if timeout, ok := err.(net.Error); ok && timeout.Timeout() { //nolint:errorlint // the outermost knows
		return &hintError{fmt.Errorf("%s: no answer", what), "are this PC and the board in the same network? The board's log has its address"}
	}
	if op, ok := errors.AsType[*net.OpError](err); ok {
		err = op.Err
	}
	if call, ok := errors.AsType[*os.SyscallError](err); ok {
		err = call.Err
	}
	return &hintError{fmt.Errorf("%s: %w", what, err), hint}
}

func (p peerRun) talk(in io.Reader) error {
	conn, err := p.dial()
	if err != nil {
		return p.unlessInterrupted(err)
	}
	defer conn.Close()
	p.note("connected to %s", conn.RemoteAddr())
	return peer.Talk(p.ctx, conn, in, p.out)
}

// unlessInterrupted is nil after Ctrl-C, which is no error.
func (p peerRun) unlessInterrupted(err error) error {
	if p.ctx.Err() != nil {
		err = nil
	}
	return err
}

// listen waits for client projects.
func (p peerRun) listen() (net.Listener, error) {
	l, err := net.Listen("tcp", p.address)
	if err != nil {
		return nil, netError("cannot listen on "+p.address, err, "name an address of this PC, or 0.0.0.0 for all of them, and a free port with --addr HOST:PORT")
	}
	p.note("listening on %s", l.Addr())
	return l, nil
}

func (p peerRun) serve() error {
	l, err := p.listen()
	if err != nil {
		return err
	}
	return peer.Serve(p.ctx, l, p.out, p.note)
}

func (p peerRun) load(o peerOptions, end otherEnd) error {
	load := peer.Load{Conns: o.conns, Size: o.size, Time: o.time}
	if end.serves {
		l, err := p.listen()
		if err != nil {
			return err
		}
		defer l.Close()
		greeted := peer.Greeted(l, end.greeting)
		load.Open = func(ctx context.Context, n int) (net.Conn, error) {
			conn, err := greeted(ctx, n)
			if err == nil {
				p.note("client %d of %d connected: %s", n+1, o.conns, conn.RemoteAddr())
			}
			return conn, err
		}
	} else {
		load.Open = func(context.Context, int) (net.Conn, error) { return p.dial() }
	}
	var count atomic.Int64
	stop := p.progress(&count, o)
	r, err := load.Run(p.ctx, &count)
	stop()
	if err != nil {
		return p.unlessInterrupted(err)
	}
	p.report(o, r)
	if len(r.Errors) > 0 {
		return fmt.Errorf("%d of %d connections failed; the first: %w", len(r.Errors), o.conns, r.Errors[0])
	}
	return nil
}

// progress keeps a line on the terminal up to date until it is stopped.
func (p peerRun) progress(count *atomic.Int64, o peerOptions) (stop func()) {
	if _, ok := onTerminal(p.err); !ok {
		return func() {}
	}
	const step = 200 * time.Millisecond
	ticker, done, ended := time.NewTicker(step), make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		for passed := step; ; passed += step {
			select {
			case <-ticker.C:
				fmt.Fprintf(p.err, "\r%s round trips, %v of %v\033[K", humanize.Comma(count.Load()), passed.Truncate(time.Second), o.time)
			case <-done:
				fmt.Fprint(p.err, "\r\033[K")
				return
			}
		}
	}()
	return func() {
		ticker.Stop()
		close(done)
		<-ended
	}
}

func (p peerRun) report(o peerOptions, r peer.Result) {
	seconds := r.Time.Seconds()
	rate := float64(r.RoundTrips) / seconds
	fmt.Fprintf(p.out, "%s round trips of %s over %s in %.1f s\n", humanize.Comma(r.RoundTrips),
		english.Plural(o.size, "byte", ""), english.Plural(o.conns, "connection", ""), seconds)
	fmt.Fprintf(p.out, "throughput  %s round trips/s, %s/s each way\n", humanize.Comma(int64(rate)), humanize.IBytes(uint64(rate*float64(o.size))))
	if r.RoundTrips == 0 {
		return
	}
	at := func(percent float64) string { return milliseconds(r.Latency.ValueAtQuantile(percent)) }
	fmt.Fprintf(p.out, "latency     p50 %s, p90 %s, p99 %s, max %s ms\n", at(50), at(90), at(99), milliseconds(r.Latency.Max()))
}

func milliseconds(ns int64) string { return strconv.FormatFloat(float64(ns)/1e6, 'f', 3, 64) }
