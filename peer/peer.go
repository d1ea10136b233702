// Package peer is the other end of a generated project: for a server a client
// that sends what it is given and prints what comes back, for a client a
// server that echoes, and for both a load that checks every byte.
package peer

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"sync/atomic"
	"time"
)

// patience is how long the other end may say nothing when it has been sent all
// that it will be.
const patience = 10 * time.Second

// ErrClosedEarly is the error of a connection that the other end closes before
// it has been sent everything.
var ErrClosedEarly = errors.New("the other end closed the connection")

// A Conn is a connection of which one direction can be closed: *[net.TCPConn].
type Conn interface {
	net.Conn
	CloseWrite() error
}

// Talk sends all of in and prints what comes back on out, until the other end
// has closed the connection. It closes its own direction where in ends. The
// end of ctx ends it at once, without an error.
func Talk(ctx context.Context, conn Conn, in io.Reader, out io.Writer) error {
	defer context.AfterFunc(ctx, func() { conn.Close() })()
	var sent atomic.Bool
	sending := make(chan error, 1)
	go func() {
		_, err := io.Copy(conn, in)
		if err == nil {
			sent.Store(true)
			err = errors.Join(conn.CloseWrite(), conn.SetReadDeadline(time.Now().Add(patience)))
		}
		sending <- err
		if err != nil {
			conn.Close() // which ends the reading, too
		}
	}()
	buf := make([]byte, 32<<10)
	for {
		n, err := conn.Read(buf)
		if _, err := out.Write(buf[:n]); err != nil {
			return err
		}
		switch {
		case ctx.Err() != nil:
			return nil
		case errors.Is(err, io.EOF) && sent.Load():
			return <-sending
		case errors.Is(err, net.ErrClosed):
			return <-sending
		case errors.Is(err, io.EOF):
			return ErrClosedEarly
		case errors.Is(err, os.ErrDeadlineExceeded):
			return fmt.Errorf("all is sent, but for %v nothing came, and the other end does not close the connection", patience)
		case err != nil:
			return err
		}
		if sent.Load() {
			if err := conn.SetReadDeadline(time.Now().Add(patience)); err != nil {
				return err
			}
		}
	}
}
