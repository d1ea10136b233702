package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/netip"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/espgen/espgen/hostsdk"
	"github.com/espgen/espgen/project"
)

type runOptions struct {
	cc       string
	sanitize bool
	listen   string
	scenario hostsdk.Scenario
}

func newRunCmd() *cobra.Command {
	var o runOptions
	cmd := &cobra.Command{
		Use:   "run [DIR]",
		Short: "Run a project on this PC, without a board",
		Long: `Run a project on this PC, without a board. Its C is compiled unchanged, against a
stand-in for ESP-IDF with real sockets on 127.0.0.1 and [::1] and a simulated
Wi-Fi, and runs until Ctrl-C. It needs Linux (or WSL) and a C compiler. The
sources are those that the CMakeLists.txt files of main and components name, and
those in host/, which are for this PC only.

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
  --wifi deauth=REASON  it does not, but ends the connection then, with this reason
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

A TIME is written as in 2s or 500ms, and is 1h at most.`,
		Example: `  espgen run tcp_server
  espgen run tcp_server --wifi drop=5s,back=2s --net short
  espgen run tcp_client --map 192.168.137.1:8080=127.0.0.1:9000`,
		Args: arguments(cobra.MaximumNArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			return runRun(cmd, o, dirOf(args))
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
	return cmd
}

func runRun(cmd *cobra.Command, o runOptions, dir string) error {
	if runtime.GOOS != "linux" {
		return &hintError{fmt.Errorf("espgen run needs Linux, and this is %s", runtime.GOOS), "on Windows, run it in WSL"}
	}
	if err := o.readAddresses(); err != nil {
		return err
	}
	if _, err := o.scenario.Environment(); err != nil {
		return &usageError{err.Error(), "`espgen run --help` lists the events"}
	}
	if err := recoverProject(cmd, dir); err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(cmd.Context(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	sayOverrides(ctx, cmd, dir) // before they keep it from compiling
	program, err := o.build(ctx, cmd, dir)
	switch {
	case ctx.Err() != nil:
		return nil // interrupted while it was built
	case err != nil:
		return withHint(err, dir)
	}
	if o.scenario.NVS, err = hostsdk.NVSFile(dir); err != nil {
		return err
	}
	o.scenario.Input, _ = cmd.InOrStdin().(*os.File)
	return hostsdk.Run(ctx, program, o.scenario, cmd.OutOrStdout())
}

// sayOverrides tells of the values that the program gets from sdkconfig, and the
// project's own files do not give.
func sayOverrides(ctx context.Context, cmd *cobra.Command, dir string) {
	var was map[string][]string
	if p, _, err := project.Open(ctx, dir, sayWaiting(cmd, dir)); err == nil { // else it is none of espgen's
		was = p.Lock.Was
		p.Close()
	}
	found, err := findOverrides(dir, hostsdk.Folder(dir), was)
	if err != nil {
		return // the build tells
	}
	found.print(cmd.ErrOrStderr(), "espgen: ")
	if len(found.stale) > 0 && isProject(dir) {
		fmt.Fprintf(cmd.ErrOrStderr(), "\thint: `espgen update %s --sdkconfig` brings the former defaults up to date\n", printable(shellQuote(dir)))
	}
}

// build builds the project, with the sanitizers where the compiler has them.
func (o *runOptions) build(ctx context.Context, cmd *cobra.Command, dir string) (program string, err error) {
	options := hostsdk.BuildOptions{CC: o.cc}
	if o.sanitize {
		if options.Sanitize, err = hostsdk.CanSanitize(ctx, options); err != nil {
			return "", err
		}
	}
	if o.sanitize && !options.Sanitize {
		const lacks, hint = "the C compiler has no sanitizers", "install them: apt install libclang-rt-dev for clang, dnf install libasan libubsan for gcc"
		if cmd.Flags().Changed("sanitize") {
			return "", &hintError{errors.New(lacks), hint + "; or leave out --sanitize"}
		}
		fmt.Fprintf(cmd.ErrOrStderr(), "espgen: %s, so memory errors are not found; %s\n", lacks, hint)
	}
	program, warned, err := hostsdk.Build(ctx, dir, options)
	return program, errors.Join(err, printText(cmd.ErrOrStderr(), warned))
}

// withHint says what to do about an error of a build.
func withHint(err error, dir string) error {
	missing, ok := errors.AsType[*hostsdk.MissingError](err)
	noMain := ok && slices.Contains(missing.Functions, "app_main")
	_, statErr := os.Lstat(filepath.Join(dir, "main", "main.c"))
	wrong, ok := errors.AsType[*hostsdk.ProjectError](err)
	noMain = noMain || errors.Is(err, hostsdk.ErrNoSources) || ok && wrong.File == "main/main.c"
	hinted, ok := errors.AsType[hinter](err)
	switch {
	case noMain && isProject(dir) && errors.Is(statErr, fs.ErrNotExist):
		return &hintError{fmt.Errorf("%s has no main/main.c", dir), "`espgen update " + shellQuote(dir) + " --restore main/main.c` brings it back"}
	case errors.Is(err, hostsdk.ErrNoCompiler):
		return &hintError{err, "install one: apt install gcc"}
	case errors.Is(err, hostsdk.ErrNoCXX):
		return &hintError{err, "install one: apt install g++, or apt install clang for --cc clang"}
	case ok && hinted.Hint() != "":
		return &hintError{err, hinted.Hint()}
	}
	return err
}

// A hinter is an error that knows what to do about it.
type hinter interface {
	error
	Hint() string
}

// readAddresses checks --listen and --map, and writes the latter's addresses as
// the program does.
func (o *runOptions) readAddresses() error {
	const every = "write --listen 0.0.0.0 for every network of this PC, [::1]:8080 for IPv6"
	host, port, err := net.SplitHostPort(o.listen)
	if err != nil {
		host = o.listen
	} else {
		n, err := strconv.ParseUint(port, 10, 16)
		if err != nil {
			return &usageError{fmt.Sprintf("--listen: %q is not a port", port), "write --listen 127.0.0.1:8080"}
		}
		o.scenario.Port = int(n)
		if n == 0 {
			o.scenario.Port = -1
		}
	}
	ip, err := netip.ParseAddr(host)
	if err != nil || ip.Zone() != "" {
		return &usageError{fmt.Sprintf("--listen: %q is not an IP address", host), every}
	}
	o.scenario.Listen = ip.Unmap().String()
	for i, pair := range o.scenario.Map {
		from, to, err := readPair(pair)
		if err != nil {
			return &usageError{fmt.Sprintf("--map: %q: %v", pair, err), "write --map 192.168.1.2:8080=127.0.0.1:9000, or [fe80::2]:8080=[::1]:9000"}
		}
		o.scenario.Map[i] = from.String() + "=" + to.String()
	}
	return nil
}

// readPair reads ADDR:PORT=ADDR:PORT.
func readPair(pair string) (from, to netip.AddrPort, err error) {
	left, right, ok := strings.Cut(pair, "=")
	if !ok {
		return from, to, errors.New("there is no = in it")
	}
	if from, err = readAddrPort(left); err != nil {
		return from, to, err
	}
	if to, err = readAddrPort(right); err != nil {
		return from, to, err
	}
	if from.Addr().Is4() != to.Addr().Is4() {
		return from, to, errors.New("one address is IPv4's, the other IPv6's")
	}
	return from, to, nil
}

func readAddrPort(text string) (netip.AddrPort, error) {
	a, err := netip.ParseAddrPort(text)
	if err != nil || a.Addr().Zone() != "" {
		return a, fmt.Errorf("%q is not an address with a port", text)
	}
	if a.Port() == 0 {
		return a, fmt.Errorf("%q has port 0", text)
	}
	return netip.AddrPortFrom(a.Addr().Unmap(), a.Port()), nil
}
