//go:build linux

package hostsdk_test

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
	"unsafe"

	"github.com/espgen/espgen/hostsdk"
)

// A scripted is the other end of the programs of testdata/measured. A connection
// says in its first line what it does, step by step.
type scripted struct {
	listener net.Listener
	complain func(format string, args ...any)

	mutex sync.Mutex
	seen  map[string]chan string // what "watch NAME" saw
}

func newScripted(t *testing.T, complain func(format string, args ...any)) *scripted {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	p := &scripted{listener: l, complain: complain, seen: map[string]chan string{}}
	var all sync.WaitGroup
	all.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			all.Go(func() { p.serve(conn.(*net.TCPConn)) })
		}
	})
	t.Cleanup(func() {
		l.Close()
		all.Wait()
	})
	return p
}

func (p *scripted) scenario(s hostsdk.Scenario) hostsdk.Scenario {
	s.Map = []string{"192.168.137.1:7000=" + p.listener.Addr().String()}
	return s
}

// serve follows the script of a connection, and then reads it to its end.
func (p *scripted) serve(first *net.TCPConn) {
	defer first.Close()
	_ = first.SetDeadline(time.Now().Add(2 * patience))
	in := bufio.NewReaderSize(first, 128)
	line, err := in.ReadString('\n')
	if err != nil {
		return
	}
	conn := first
	for step := range strings.SplitSeq(strings.TrimSpace(line), ", ") {
		verb, value, _ := strings.Cut(step, " ")
		n, _ := strconv.Atoi(value)
		var err error
		switch verb {
		case "call": // from here on it is about a connection to that port
			var called net.Conn
			if called, err = net.Dial("tcp", fmt.Sprint("127.0.0.1:", n)); err == nil {
				conn = called.(*net.TCPConn)
				defer conn.Close()
			}
		case "send":
			_, err = conn.Write(make([]byte, n))
		case "wait": // for a byte
			if _, err = in.ReadByte(); errors.Is(err, io.EOF) {
				return
			}
		case "fin":
			err = conn.CloseWrite()
		case "reset":
			err = errors.Join(conn.SetLinger(0), conn.Close())
		case "": // nothing
		case "small": // takes little
			err = conn.SetReadBuffer(4096)
		case "hold": // reads nothing until a "free" comes, which is told how much has come
			<-p.saw("free " + value)
			p.saw("had " + value) <- strconv.Itoa(unread(conn))
		case "free":
			p.saw("free " + value) <- ""
			_, err = first.Write([]byte(<-p.saw("had " + value)))
			if err == nil {
				err = first.CloseWrite()
			}
		case "done": // says so where the script came from
			_, err = first.Write([]byte("done\n"))
		case "watch": // to the end of what comes
			p.saw(value) <- watch(conn, in, first)
		case "seen": // what "watch" saw
			_, err = first.Write([]byte(<-p.saw(value)))
			if err == nil {
				err = first.CloseWrite()
			}
		default:
			err = errors.New("not known")
		}
		if err != nil {
			p.complain("the peer's %q, of %q: %v", step, line, err)
			return
		}
	}
	_, _ = io.Copy(io.Discard, in)
}

func (p *scripted) saw(name string) chan string {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	if p.seen[name] == nil {
		p.seen[name] = make(chan string, 1)
	}
	return p.seen[name]
}

// watch reads a connection until it ends, and says how.
func watch(conn net.Conn, in io.Reader, first net.Conn) string {
	if conn != first {
		in = conn
	}
	n, err := io.Copy(io.Discard, in)
	switch {
	case err == nil:
		return fmt.Sprint("end after ", n)
	case errors.Is(err, syscall.ECONNRESET):
		return fmt.Sprint("reset after ", n)
	}
	return err.Error()
}

// unread returns how many bytes of a connection nobody has read.
func unread(conn *net.TCPConn) int {
	var n int32
	raw, err := conn.SyscallConn()
	if err != nil {
		return -1
	}
	_ = raw.Control(func(fd uintptr) {
		_, _, _ = syscall.Syscall(syscall.SYS_IOCTL, fd, syscall.TIOCINQ, uintptr(unsafe.Pointer(&n)))
	})
	return int(n)
}

// TestMeasuredSockets holds the sockets to the rows of sockets.yaml.
func TestMeasuredSockets(t *testing.T) {
	rows := measured(t, "sockets.yaml")
	for source, run := range map[string]struct {
		scenario hostsdk.Scenario
		config   string
	}{
		"sockets_errno.c":   {},
		"sockets_connect.c": {scenario: hostsdk.Scenario{Net: []string{"connect=300ms"}}},
		"sockets_bind.c":    {},
		"sockets_options.c": {},
		"sockets_sizes.c":   {},
		"sockets_backlog.c": {},
		"sockets_select.c":  {},
		"sockets_closing.c": {},
		"sockets_lost.c":    {},
		"sockets_silent.c":  {scenario: hostsdk.Scenario{Net: []string{"silent=500ms"}}},
	} {
		t.Run(source, func(t *testing.T) {
			t.Parallel()
			p := newScripted(t, t.Errorf)
			d := launch(t, "cc", measuredProject(t, source, run.config), p.scenario(run.scenario))
			log := finish(d)
			checkRows(t, rows, source, log)
			if strings.Contains(log, "FAILED to") {
				t.Error("the program failed")
			}
		})
	}
}
