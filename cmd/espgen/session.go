package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/espgen/espgen/hostsdk"
)

// A session is one call of `espgen run`.
type session struct {
	cmd  *cobra.Command
	o    *runOptions
	dirs []string
	log  io.Writer // what the programs print

	devices []*device
	cause   error // why they were told to end, nil where they were not
}

// Why programs are told to end, beside errInterrupted.
var (
	errTimeOver = errors.New("the time is over")
	errOther    = errors.New("the other program has ended")
	errUnread   = errors.New("nobody reads the log any more")
)

// note prints a line about the run.
func (s *session) note(format string, args ...any) {
	fmt.Fprintf(s.cmd.ErrOrStderr(), "espgen: "+format+"\n", args...)
}

// once builds the projects and runs them until they end, or ctx does.
func (s *session) once(ctx context.Context) error {
	if err := s.build(ctx); err != nil {
		return err
	}
	if s.o.limit > 0 {
		limited, stop := context.WithTimeoutCause(ctx, s.o.limit, errTimeOver)
		defer stop()
		ctx = limited
	}
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	broken := make(chan os.Signal, 1) // to write to a broken pipe is an error then, and not the end of espgen
	signal.Notify(broken, syscall.SIGPIPE)
	defer signal.Stop(broken)
	run := s.single
	if len(s.devices) > 1 {
		run = s.pair
	}
	err := run(ctx, stop)
	s.cause = context.Cause(ctx)
	err = joinErrors(err, s.o.ready.remove())
	switch {
	case err != nil:
		return err
	case errors.Is(s.cause, errTimeOver):
		return reported(exitTimeOver)
	case errors.Is(s.cause, errInterrupted), errors.Is(s.cause, errOther), errors.Is(s.cause, errUnread):
		return nil
	}
	return s.cause
}

// build builds the projects.
func (s *session) build(ctx context.Context) error {
	s.devices = nil
	colour := s.colour()
	for _, dir := range s.dirs {
		program, err := s.buildOne(ctx, dir)
		switch cause := context.Cause(ctx); {
		case errors.Is(cause, errInterrupted):
			return reported(exitInterrupted)
		case cause != nil:
			return cause
		case err != nil:
			return err
		}
		d := &device{dir: dir, name: filepath.Base(trueFolder(dir)), program: program, full: s.o.full, errors: s.cmd.ErrOrStderr()}
		d.options = hostsdk.RunOptions{Scenario: s.o.scenario, Out: s.log, Colour: colour}
		if d.options.Scenario.NVS, err = hostsdk.NVSFile(dir); err != nil {
			return err
		}
		s.devices = append(s.devices, d)
	}
	return nil
}

func (s *session) buildOne(ctx context.Context, dir string) (program string, err error) {
	if err := recoverProject(s.cmd, dir); err != nil {
		return "", err
	}
	sayOverrides(ctx, s.cmd, dir) // before they keep it from compiling
	if program, err = s.o.build(ctx, s.cmd, dir); err != nil {
		return "", buildError(err, dir)
	}
	return program, nil
}

// colour reports whether the log has colours.
func (s *session) colour() bool {
	_, ok := colourful(s.log)
	return ok
}

// single runs the only device.
func (s *session) single(ctx context.Context, stop func(error)) error {
	d := s.devices[0]
	if !s.o.watch { // what is typed would go to the program before
		d.options.Scenario.Input, _ = s.cmd.InOrStdin().(*os.File) // and of two nobody could tell whose console it is
	}
	finish := s.o.trace.apply(s.cmd, &d.options)
	record := recordRun(d.dir)
	defer record.remove()
	err := d.run(ctx, func(e hostsdk.Event) {
		if e.Kind != hostsdk.EventListening && e.Kind != hostsdk.EventConnecting && e.Kind != hostsdk.EventConnected {
			return
		}
		record.update(d)
		s.tellReady(d.address(), stop)
	})
	return joinErrors(err, finish())
}

// tellReady writes the ready-file, where the address is known.
func (s *session) tellReady(address string, stop func(error)) {
	if address == "" {
		return
	}
	if err := s.o.ready.write(address); err != nil {
		stop(fmt.Errorf("--ready-file: %w", err))
	}
}

// severalErrors are errors that are told one by one. The exit status is that of
// the first.
type severalErrors []error

func (e severalErrors) Error() string   { return errors.Join(e...).Error() }
func (e severalErrors) Unwrap() []error { return e }

// joinErrors returns the errors that are not nil, as one.
func joinErrors(errs ...error) error {
	var list severalErrors
	for _, err := range errs {
		if err != nil {
			list = append(list, err)
		}
	}
	switch len(list) {
	case 0:
		return nil
	case 1:
		return list[0]
	}
	return list
}
