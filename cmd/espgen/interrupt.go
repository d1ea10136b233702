package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"
)

// errInterrupted is why a command ends that a signal told to.
var errInterrupted = errors.New("interrupted")

// interruptible returns a context that Ctrl-C ends, or another signal to end
// does. The ^C that a terminal shows gets a line of its own.
func interruptible(cmd *cobra.Command) (ctx context.Context, stop func()) {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	ctx, cancel := context.WithCancelCause(cmd.Context())
	go func() {
		select {
		case s := <-signals:
			if _, ok := onTerminal(cmd.ErrOrStderr()); ok && s == os.Interrupt {
				fmt.Fprintln(cmd.ErrOrStderr())
			}
			cancel(errInterrupted)
		case <-ctx.Done():
		}
	}()
	return ctx, func() {
		signal.Stop(signals)
		cancel(nil)
	}
}
