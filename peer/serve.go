package peer

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"sync"
	"syscall"
	"time"
)

// Serve accepts connections until ctx ends. It prints what they send on out,
// and sends back what they say of their own accord. What a client sends back
// itself is not sent again: the clients echo too, and the two would never end.
// note is told of each connection's begin and end.
func Serve(ctx context.Context, l net.Listener, out io.Writer, note func(format string, args ...any)) error {
	defer context.AfterFunc(ctx, func() { l.Close() })()
	var clients sync.WaitGroup
	defer clients.Wait()
	// Of its own, so that ctx has ended for sure where that has closed the listener.
	serving, cancel := context.WithCancel(ctx)
	defer cancel() // an error of accepting ends all connections
	out = &lockedWriter{w: out}
	for {
		conn, err := l.Accept()
		if ctx.Err() != nil {
			return nil
		}
		if errors.Is(err, syscall.EMFILE) || errors.Is(err, syscall.ENFILE) {
			select { // until one of the open files is closed
			case <-ctx.Done():
			case <-time.After(outOfFiles):
			}
			continue
		}
		if err != nil {
			return err
		}
		clients.Go(func() {
			defer conn.Close()
			defer context.AfterFunc(serving, func() { conn.Close() })()
			note("%s connected", conn.RemoteAddr())
			if err := echo(conn, out); err != nil && serving.Err() == nil {
				note("%s: %v", conn.RemoteAddr(), err)
				return
			}
			note("%s closed the connection", conn.RemoteAddr())
		})
	}
}

// outOfFiles is the pause before another try to accept, where no more files can
// be opened.
const outOfFiles = 100 * time.Millisecond

// maxDue is how much of what it was sent a client may be behind in echoing. One
// that is further behind does not echo.
const maxDue = 1 << 20

// echo prints what comes from a connection, and sends it back, but for what
// that is an echo of.
func echo(conn net.Conn, out io.Writer) error {
	buf := make([]byte, 32<<10)
	var due []byte // sent, and not yet echoed
	for {
		n, err := conn.Read(buf)
		if _, err := out.Write(buf[:n]); err != nil {
			return err
		}
		said := buf[:n]
		switch {
		case bytes.HasPrefix(due, said):
			said, due = nil, due[n:]
		case bytes.HasPrefix(said, due):
			said, due = said[len(due):], nil
		case len(due) > maxDue:
			due = nil
		}
		if len(said) > 0 {
			due = append(due, said...)
			if _, err := conn.Write(said); err != nil {
				return err
			}
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// A lockedWriter lets several connections write, one at a time.
type lockedWriter struct {
	mutex sync.Mutex
	w     io.Writer
}

func (l *lockedWriter) Write(p []byte) (int, error) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	return l.w.Write(p)
}
