package main

import (
	"cmp"
	"fmt"
	"runtime"
	"time"

	"github.com/spf13/cobra"

	"github.com/espgen/espgen/hostsdk"
)

type runOptions struct {
	cc       string
	sanitize bool
	full     bool
	listen   string
	scenario hostsdk.Scenario
	trace    traceMode
	limit    time.Duration // 0 for none
	format   string
	ready    readyFile
	watch    bool
}

func (o *runOptions) json() bool { return o.format == "json" }

func newRunCmd() *cobra.Command {
	var o runOptions
	cmd := &cobra.Command{
		Use:   "run [DIR] [DIR]",
		Short: "Run a project on this PC, without a board, or two that talk to each other",
		Long: `Run a project on this PC, without a board. Its C is compiled unchanged, against a
stand-in for ESP-IDF with real sockets on 127.0.0.1 and [::1] and a simulated
Wi-Fi, and runs until Ctrl-C. It requires Linux (or WSL) and a C compiler. The
sources are those that the CMakeLists.txt files of main and components name, and
those in host/, which are for this PC only. DIR may be a folder below the
project's; the default is the current one.

Two projects, a server and a client, run at once, as two stations of one network:
192.168.137.42 and 192.168.137.43. The client is started when the server listens,
and is connected to it whatever address it was given. --wifi, --net and --map
apply to both, --listen to the server.

  --wifi absent[=N]     the access point is not found, for the first N tries
  --wifi password       the password is wrong
  --wifi open           the access point has no password
  --wifi no-auth        the access point does not answer when the station joins
  --wifi silent[=N]     the driver does not answer the first N tries, until the
                        project disconnects
  --wifi dead[=N]       the same, until the project stops Wi-Fi
  --wifi ap=DBM:DBM     several access points have the SSID, with these signals
  --wifi no-ip          there is no answer from DHCP
  --wifi ip-late=TIME   the answer comes late
  --wifi drop=TIME      the access point falls silent, this long after each address
  --wifi deauth=REASON  with drop: the access point does not fall silent, but ends
                        the connection, for this reason
  --wifi back=TIME      the access point is back, this long after each loss
  --wifi new-ip         each connection has another address
  --wifi real-times     a scan, and what follows, take as long as on a chip: up to
                        2.4 s, and 1 s for an address
  --net short           send() takes a part of what it is given
  --net slow=TIME       each recv() and send() takes this long
  --net fail=N          every Nth socket call fails. These count: socket, bind,
                        listen, connect, send, setsockopt, getaddrinfo, and,
                        when they have a result, accept, recv and select
  --net fail-once=N     the Nth of these calls fails, and no other
  --net silent=TIME     the other end is gone without a word, this long after
                        each connection
  --net connect=TIME    a connection that the project makes takes this long
  --net connect-timeout nobody answers when the project connects
  --net no-dns          no host name is found

A TIME is written as in 2s or 500ms, and is 1h at most.

An error that the sanitizers find is told in three lines; --full prints all that
they say, too. --watch builds and starts the project again each time that a source
is saved.

For scripts: --for ends the run after a time. --ready-file writes ADDRESS:PORT of
this PC to a file: where the project listens, or which server it is connected to,
as soon as it does (of two projects: the server, when the client is connected).
The file is written whole, and removed at the end. --format json prints one object
on standard output at the end, and the log on standard error:

  exit      the exit status
  reason    "interrupted", "time over", "crashed", "finding", "does not compile",
            "ended" or "failed"
  problems  what went wrong: a list of message and hint
  programs  for each project: project (the folder), listening and connected (lists
            of ADDRESS:PORT of this PC), restarts, findings (a list of kind, what,
            file, line, function, calling and memory), and end, which a program
            that crashed does not have: sockets (number, state), tasks (name),
            heap (bytes), sent_calls and sent_bytes

` + runStatuses,
		Example: `  espgen run tcp_server
  espgen run tcp_server tcp_client
  espgen run tcp_server --wifi drop=5s,back=2s --net short
  espgen run tcp_client --map 192.168.137.1:8080=127.0.0.1:9000`,
		Args: arguments(cobra.MaximumNArgs(2)),
		RunE: func(cmd *cobra.Command, args []string) error {
			return runRun(cmd, o, args)
		},
		ValidArgsFunction: completeDirs,
	}
	f := cmd.Flags()
	f.StringVar(&o.cc, "cc", "", "the C `COMPILER` (default the first of cc, gcc, clang)")
	f.BoolVar(&o.sanitize, "sanitize", true, "find memory errors and undefined behaviour, where the compiler can")
	f.StringVar(&o.listen, "listen", "127.0.0.1", "listen on `HOST[:PORT]` of this PC, for IPv6 also on ::1; port 0 is any that is free")
	f.StringArrayVar(&o.scenario.Map, "map", nil, "connect to another address: `ADDR:PORT=ADDR:PORT` (default 127.0.0.1 or [::1] and the same port)")
	f.StringSliceVar(&o.scenario.WiFi, "wifi", nil, "what happens to Wi-Fi: `EVENT,...`")
	f.StringSliceVar(&o.scenario.Net, "net", nil, "what happens to sockets: `EVENT,...`")
	f.Uint64Var(&o.scenario.Seed, "seed", 1, "`NUMBER` that chance starts from")
	f.BoolVar(&o.full, "full", false, "print all that the sanitizers report")
	f.BoolVar(&o.watch, "watch", false, "build and start again each time that a source is saved")
	f.DurationVar(&o.limit, "for", 0, "end after this `TIME`, with the exit status 124")
	f.StringVar(&o.format, "format", "text", "`text|json`: json prints what became of the run on standard output, and the log on standard error")
	f.StringVar(&o.ready.name, "ready-file", "", "write the address to `FILE` as soon as the project listens or is connected")
	o.trace.addFlag(cmd)
	complete(cmd, "format", "text", "json")
	completeEvents(cmd, "wifi", hostsdk.WiFiEvents)
	completeEvents(cmd, "net", hostsdk.NetEvents)
	return cmd
}

// check reads what is given by flags.
func (o *runOptions) check(cmd *cobra.Command, dirs []string) error {
	given := cmd.Flags().Changed
	switch {
	case runtime.GOOS != "linux":
		return &hintError{fmt.Errorf("espgen run requires Linux, and this is %s", runtime.GOOS), "on Windows, run it in WSL"}
	case o.format != "text" && o.format != "json":
		return &usageError{fmt.Sprintf("--format: %q is not a format", o.format), "allowed: text, json"}
	case o.json() && o.trace == traceMermaid:
		return &usageError{"--format json and --trace=mermaid both print on standard output", "leave out one of them"}
	case len(dirs) > 1 && o.trace == traceMermaid:
		return &usageError{"--trace=mermaid draws one project", "run one project, or write --trace"}
	case given("for") && o.limit <= 0:
		return &usageError{fmt.Sprintf("--for: %v is not a time to run", o.limit), "write a time such as 10s"}
	case o.watch && (given("for") || o.json()):
		return &usageError{"--watch goes on until Ctrl-C: --for and --format json do not go with it", "leave out --watch"}
	}
	if _, err := o.scenario.Environment(); err != nil {
		return &usageError{err.Error(), "`espgen run --help` describes the events"}
	}
	var err error
	if o.scenario.Map, err = readMap(o.scenario.Map); err != nil {
		return err
	}
	if !given("listen") {
		return nil
	}
	return readListen(o.listen, &o.scenario)
}

func runRun(cmd *cobra.Command, o runOptions, args []string) error {
	if len(args) == 0 {
		args = []string{"."}
	}
	var dirs []string
	for _, arg := range args {
		dirs = append(dirs, locateProject(arg))
	}
	s := &session{cmd: cmd, o: &o, dirs: dirs, log: cmd.OutOrStdout()}
	if o.json() || o.trace == traceMermaid {
		s.log = cmd.ErrOrStderr()
	}
	err := o.check(cmd, dirs)
	for _, dir := range dirs {
		err = cmp.Or(err, checkFolder(dir))
	}
	if err == nil {
		err = s.start()
	}
	if o.json() {
		return s.printResult(err)
	}
	return err
}

// start runs the projects, again and again where they are watched.
func (s *session) start() error {
	ctx, stop := interruptible(s.cmd)
	defer stop()
	s.cmd.SetContext(ctx) // who waits for another espgen ends with it, too
	if err := s.o.ready.prepare(); err != nil {
		return err
	}
	if s.o.watch {
		return s.watch(ctx)
	}
	return s.once(ctx)
}
