package peer

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// A Load sends messages over several connections at once, waits for each to
// come back, and checks its bytes.
type Load struct {
	Conns int                                                // how many connections
	Size  int                                                // of a message, in bytes
	Time  time.Duration                                      // how long it goes on
	Open  func(ctx context.Context, n int) (net.Conn, error) // makes connection n, counted from 0
}

// A Result is what a load saw.
type Result struct {
	RoundTrips int64
	Time       time.Duration           // from the first message to the last answer
	Latency    *hdrhistogram.Histogram // of the round trips, in nanoseconds
	Errors     []error                 // one for each connection that failed
}

// Run opens the connections, one after the other, and loads them. count holds
// the round trips so far. The end of ctx ends it early, without an error.
func (l Load) Run(ctx context.Context, count *atomic.Int64) (Result, error) {
	var conns []net.Conn
	defer func() {
		for _, conn := range conns {
			conn.Close()
		}
	}()
	for n := range l.Conns {
		conn, err := l.Open(ctx, n)
		if err != nil {
			return Result{}, fmt.Errorf("connection %d: %w", n+1, err)
		}
		conns = append(conns, conn)
	}

	start := time.Now()
	for _, conn := range conns {
		if err := conn.SetDeadline(start.Add(l.Time + patience)); err != nil {
			return Result{}, err
		}
		defer context.AfterFunc(ctx, func() { conn.Close() })()
	}
	histograms := make([]*hdrhistogram.Histogram, l.Conns)
	errs := make([]error, l.Conns)
	var all sync.WaitGroup
	for n, conn := range conns {
		histograms[n] = newHistogram()
		all.Go(func() {
			defer conn.Close() // a server that serves one at a time goes on to the next
			if err := l.load(ctx, n, conn, start.Add(l.Time), histograms[n], count); err != nil && ctx.Err() == nil {
				errs[n] = fmt.Errorf("connection %d, round trip %d: %w", n+1, histograms[n].TotalCount()+1, err)
			}
		})
	}
	all.Wait()

	r := Result{Time: time.Since(start), Latency: newHistogram()}
	for n := range conns {
		r.Latency.Merge(histograms[n])
		if errs[n] != nil {
			r.Errors = append(r.Errors, errs[n])
		}
	}
	r.RoundTrips = r.Latency.TotalCount()
	return r, nil
}

// newHistogram holds times from a microsecond to an hour, to three digits.
func newHistogram() *hdrhistogram.Histogram {
	return hdrhistogram.New(int64(time.Microsecond), int64(time.Hour), 3)
}

// load sends messages over one connection until a time.
func (l Load) load(ctx context.Context, n int, conn net.Conn, until time.Time, latency *hdrhistogram.Histogram, count *atomic.Int64) error {
	message, got := make([]byte, l.Size), make([]byte, l.Size)
	var seed [32]byte
	copy(seed[:], strconv.Itoa(n))
	random := rand.NewChaCha8(seed)
	for ctx.Err() == nil && time.Now().Before(until) {
		// Each message has other bytes: one of another connection, or an
		// older one, is not taken for it.
		_, _ = random.Read(message)
		begin := time.Now()
		if err := roundTrip(conn, message, got); err != nil {
			return err
		}
		if err := latency.RecordValue(int64(time.Since(begin))); err != nil {
			return err
		}
		count.Add(1)
	}
	return nil
}

// roundTrip sends a message and reads as much. It does both at once: a device
// that answers piece by piece stops reading while nobody reads its answer.
func roundTrip(conn net.Conn, message, got []byte) error {
	wrote := make(chan error, 1)
	go func() {
		_, err := conn.Write(message)
		wrote <- err
	}()
	n, err := io.ReadFull(conn, got)
	if err != nil {
		conn.Close() // which ends the writer, too
	}
	writeErr := <-wrote
	switch {
	case !bytes.Equal(got[:n], message[:n]):
		return fmt.Errorf("what came back is not what was sent: %s", shown(got[:n]))
	case errors.Is(err, os.ErrDeadlineExceeded):
		return fmt.Errorf("no answer: %d of %d bytes came", n, len(message))
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return fmt.Errorf("%w after %d of %d bytes", ErrClosedEarly, n, len(message))
	case err != nil:
		return err
	}
	return writeErr
}

// shown quotes the beginning of what came, for a message.
func shown(data []byte) string {
	const most = 32
	if len(data) > most {
		return fmt.Sprintf("%q...", data[:most])
	}
	return fmt.Sprintf("%q", data)
}

// Greeted makes connections of clients that greet: it waits for one on l, and
// takes its greeting.
func Greeted(l net.Listener, greeting string) func(ctx context.Context, n int) (net.Conn, error) {
	return func(ctx context.Context, _ int) (net.Conn, error) {
		defer context.AfterFunc(ctx, func() { l.Close() })()
		conn, err := l.Accept()
		if err != nil {
			return nil, err
		}
		defer context.AfterFunc(ctx, func() { conn.Close() })()
		if err := conn.SetReadDeadline(time.Now().Add(patience)); err != nil {
			return nil, err
		}
		got := make([]byte, len(greeting))
		if n, err := io.ReadFull(conn, got); err != nil || string(got) != greeting {
			conn.Close()
			return nil, fmt.Errorf("the client's greeting begins with %s, and the spec's is %s", shown(got[:n]), shown([]byte(greeting)))
		}
		return conn, nil
	}
}
