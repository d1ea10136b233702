package peer_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/iotest"
	"testing/synctest"
	"time"

	"github.com/espgen/espgen/peer"
)

// A device is the other end of a test: it gets a connection, and closes it.
type device func(conn net.Conn)

// echo is a device that works.
func echo(conn net.Conn) { _, _ = io.Copy(conn, conn) }

// meet connects to a device.
func meet(t *testing.T, behave device) *net.TCPConn {
	t.Helper()
	conns := listener(t)
	go func() {
		conn, err := conns.Accept()
		if err == nil {
			behave(conn)
			conn.Close()
		}
	}()
	return dial(t, conns)
}

func listener(t *testing.T) net.Listener {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l
}

func dial(t *testing.T, l net.Listener) *net.TCPConn {
	t.Helper()
	conn, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return conn.(*net.TCPConn)
}

func TestTalk(t *testing.T) {
	want := strings.Repeat("any bytes, \x00 too\n", 100_000)
	var got bytes.Buffer
	if err := peer.Talk(t.Context(), meet(t, echo), strings.NewReader(want), &got); err != nil {
		t.Fatal(err)
	}
	if got.String() != want {
		t.Errorf("%d bytes came back, not the %d that were sent", got.Len(), len(want))
	}
}

func TestTalkErrors(t *testing.T) {
	endless, _ := io.Pipe()
	t.Run("closed early", func(t *testing.T) {
		hello := func(conn net.Conn) { _, _ = conn.Write([]byte("Server full\n")) }
		var got bytes.Buffer
		if err := peer.Talk(t.Context(), meet(t, hello), endless, &got); !errors.Is(err, peer.ErrClosedEarly) {
			t.Errorf("got error %v", err)
		}
		if got.String() != "Server full\n" {
			t.Errorf("printed %q", got.String())
		}
	})
	t.Run("reset", func(t *testing.T) {
		reset := func(conn net.Conn) {
			_, _ = conn.Read(make([]byte, 1))
			_ = conn.(*net.TCPConn).SetLinger(0)
		}
		in := io.MultiReader(strings.NewReader("x"), endless)
		if err := peer.Talk(t.Context(), meet(t, reset), in, io.Discard); !errors.Is(err, syscall.ECONNRESET) {
			t.Errorf("got error %v", err)
		}
	})
	t.Run("interrupted", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if err := peer.Talk(ctx, meet(t, echo), endless, io.Discard); err != nil {
			t.Error(err)
		}
	})
	t.Run("input cannot be read", func(t *testing.T) {
		in := iotest.ErrReader(errors.New("is a directory"))
		if err := peer.Talk(t.Context(), meet(t, echo), in, io.Discard); err == nil || !strings.Contains(err.Error(), "is a directory") {
			t.Errorf("got error %v", err)
		}
	})
	t.Run("output is closed", func(t *testing.T) {
		r, w := io.Pipe()
		r.Close()
		if err := peer.Talk(t.Context(), meet(t, echo), strings.NewReader("x"), w); !errors.Is(err, io.ErrClosedPipe) {
			t.Errorf("got error %v", err)
		}
	})
}

// TestTalkSilence has a device that keeps the connection open for ever. In the
// bubble its time passes at once.
func TestTalkSilence(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ours, theirs := net.Pipe()
		defer theirs.Close()
		go func() { _, _ = io.Copy(io.Discard, theirs) }()
		start := time.Now()
		err := peer.Talk(t.Context(), pipe{ours}, strings.NewReader("hello"), io.Discard)
		if err == nil || !strings.Contains(err.Error(), "does not close the connection") {
			t.Errorf("got error %v", err)
		}
		if waited := time.Since(start); waited != 10*time.Second {
			t.Errorf("waited %v", waited)
		}
		ours.Close()
	})
}

// A pipe is a net.Pipe whose other end never learns of CloseWrite.
type pipe struct{ net.Conn }

func (pipe) CloseWrite() error { return nil }

// TestServe has clients that echo, as generated ones do: what they say of
// their own accord comes back once.
func TestServe(t *testing.T) {
	l := listener(t)
	ctx, cancel := context.WithCancel(t.Context())
	var printed lockedBuffer
	served := make(chan error)
	go func() { served <- peer.Serve(ctx, l, &printed, t.Logf) }()
	for _, greeting := range []string{"Hello World!", strings.Repeat("0123456789", 3000)} {
		conn := dial(t, l)
		said, got := []byte(greeting), make([]byte, len(greeting))
		for range 2 { // the second is the client's echo: nothing comes back
			if _, err := conn.Write(said); err != nil {
				t.Fatal(err)
			}
			if len(got) > 0 {
				if _, err := io.ReadFull(conn, got); err != nil || string(got) != greeting {
					t.Fatalf("got %d bytes, %v", len(got), err)
				}
			}
			got = nil
		}
		if err := conn.CloseWrite(); err != nil {
			t.Fatal(err)
		}
		if rest, err := io.ReadAll(conn); err != nil || len(rest) > 0 {
			t.Errorf("more came: %d bytes, %v", len(rest), err)
		}
		if got, want := printed.take(), greeting+greeting; got != want {
			t.Errorf("printed %d bytes, not %d", len(got), len(want))
		}
	}
	open := dial(t, l) // Serve ends in spite of it
	_, _ = open.Write([]byte("x"))
	if _, err := io.ReadFull(open, make([]byte, 1)); err != nil {
		t.Fatal(err)
	}
	cancel()
	if err := <-served; err != nil {
		t.Error(err)
	}
	if rest, _ := io.ReadAll(open); len(rest) > 0 {
		t.Errorf("at the end came %q", rest)
	}
}

// A shortListener has no file left for some calls.
type shortListener struct {
	net.Listener
	left int
}

func (l *shortListener) Accept() (net.Conn, error) {
	if l.left > 0 {
		l.left--
		return nil, &net.OpError{Op: "accept", Err: []error{syscall.EMFILE, syscall.ENFILE}[l.left%2]}
	}
	return l.Listener.Accept()
}

func TestServeOutOfFiles(t *testing.T) {
	l := listener(t)
	ctx, cancel := context.WithCancel(t.Context())
	served := make(chan error, 1)
	go func() { served <- peer.Serve(ctx, &shortListener{l, 2}, io.Discard, t.Logf) }()
	conn := dial(t, l)
	_, _ = conn.Write([]byte("x"))
	_ = conn.SetDeadline(time.Now().Add(time.Minute))
	if _, err := io.ReadFull(conn, make([]byte, 1)); err != nil {
		t.Error(err)
	}
	cancel()
	if err := <-served; err != nil {
		t.Error(err)
	}
}

type lockedBuffer struct {
	mutex sync.Mutex
	b     bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) take() string {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	defer l.b.Reset()
	return l.b.String()
}

// run loads devices of one kind until at least two messages came back, or
// until a connection fails.
func run(t *testing.T, conns, size int, behave device) (peer.Result, error) {
	t.Helper()
	var count atomic.Int64
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	go func() {
		for count.Load() < int64(2*conns) && ctx.Err() == nil {
			time.Sleep(time.Millisecond)
		}
		cancel()
	}()
	load := peer.Load{
		Conns: conns, Size: size, Time: time.Minute,
		Open: func(context.Context, int) (net.Conn, error) { return meet(t, behave), nil },
	}
	return load.Run(ctx, &count)
}

func TestLoad(t *testing.T) {
	for _, size := range []int{1, 64, 1 << 20} {
		r, err := run(t, 3, size, echo)
		if err != nil || len(r.Errors) > 0 {
			t.Fatal(err, r.Errors)
		}
		if r.RoundTrips < 6 || r.Latency.TotalCount() != r.RoundTrips || r.Latency.Max() <= 0 || r.Time <= 0 {
			t.Errorf("size %d: %d round trips, at most %d ns, in %v", size, r.RoundTrips, r.Latency.Max(), r.Time)
		}
	}
}

// TestLoadFinds has devices that do wrong. Each connection's error says what.
func TestLoadFinds(t *testing.T) {
	devices := map[string]struct {
		behave device
		want   string
	}{
		"another byte": {func(conn net.Conn) {
			buf := make([]byte, 64)
			for n, err := conn.Read(buf); err == nil; n, err = conn.Read(buf) {
				buf[n-1]++
				_, _ = conn.Write(buf[:n])
			}
		}, "connection 1, round trip 1: what came back is not what was sent: "},
		"a refusal": {func(conn net.Conn) {
			_, _ = io.ReadFull(conn, make([]byte, 64))
			_, _ = conn.Write([]byte("Server full\n"))
		}, `not what was sent: "Server full\n"`},
		"an early end": {func(conn net.Conn) {
			_, _ = io.CopyN(conn, conn, 60)
			_, _ = io.ReadFull(conn, make([]byte, 4))
		}, "the other end closed the connection after 60 of 64 bytes"},
		"an old answer": {func(conn net.Conn) {
			first := make([]byte, 64)
			_, _ = io.ReadFull(conn, first)
			_, _ = conn.Write(first)
			_, _ = io.ReadFull(conn, make([]byte, 64))
			_, _ = conn.Write(first)
		}, "connection 1, round trip 2: what came back is not what was sent"},
	}
	for name, d := range devices {
		t.Run(name, func(t *testing.T) {
			r, err := run(t, 1, 64, d.behave)
			if err != nil {
				t.Fatal(err)
			}
			if len(r.Errors) != 1 || !strings.Contains(r.Errors[0].Error(), d.want) {
				t.Errorf("errors: %v", r.Errors)
			}
		})
	}
}

// TestLoadSilence has a device that never answers.
func TestLoadSilence(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		load := peer.Load{Conns: 1, Size: 8, Time: time.Minute, Open: func(context.Context, int) (net.Conn, error) {
			ours, theirs := net.Pipe()
			go func() { _, _ = io.Copy(io.Discard, theirs) }()
			return ours, nil
		}}
		r, err := load.Run(t.Context(), new(atomic.Int64))
		if err != nil || len(r.Errors) != 1 || !strings.Contains(r.Errors[0].Error(), "no answer: 0 of 8 bytes came") {
			t.Errorf("%v, errors: %v", err, r.Errors)
		}
		if r.RoundTrips != 0 || r.Time != time.Minute+10*time.Second {
			t.Errorf("%d round trips in %v", r.RoundTrips, r.Time)
		}
	})
}

func TestGreeted(t *testing.T) {
	l := listener(t)
	open := peer.Greeted(l, "Hello")
	conn := dial(t, l)
	_, _ = conn.Write([]byte("Hello"))
	got, err := open(t.Context(), 0)
	if err != nil {
		t.Fatal(err)
	}
	got.Close()

	conn = dial(t, l)
	_, _ = conn.Write([]byte("HELLO"))
	if _, err := open(t.Context(), 1); err == nil || !strings.Contains(err.Error(), `"HELLO"`) {
		t.Errorf("got error %v", err)
	}

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := open(ctx, 2); err == nil {
		t.Error("no error of a wait that was ended")
	}
}
