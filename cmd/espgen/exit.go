package main

import (
	"errors"

	"github.com/espgen/espgen/generator/spec"
)

// The exit statuses.
const (
	exitOK          = 0
	exitFailure     = 1   // a file that cannot be read or written, and everything else
	exitUsage       = 2   // a wrong flag, argument or command
	exitSpec        = 3   // the spec is invalid
	exitStale       = 4   // `espgen check`: the project is not what the spec gives
	exitBuild       = 5   // `espgen run`: the project does not compile
	exitCrash       = 6   // `espgen run`: the program crashed, or ended by itself
	exitFinding     = 7   // `espgen run`: the sanitizers found an error
	exitCheck       = 8   // `espgen grade`: a check of one's own work has not passed
	exitNotGraded   = 9   // `espgen grade`: a submission was not graded
	exitTimeOver    = 124 // `espgen run --for`: the time is over, as timeout(1) has it
	exitInterrupted = 130 // Ctrl-C before the work was done, as shells have it
)

// runStatuses says in the help of `espgen run` what its exit statuses mean.
const runStatuses = `Exit status: 0 ended by Ctrl-C, 1 a failure such as a file that cannot be read,
2 a wrong command line, 5 the project does not compile, 6 the program crashed or
ended by itself, 7 the sanitizers found an error (a crash whose line they know
included), 124 the time of --for is over, 130 Ctrl-C while it is compiled.`

func exitCode(err error) int {
	var usage *usageError
	var issues spec.Issues
	var own *statusError
	switch {
	case err == nil:
		return exitOK
	case errors.As(err, &own):
		return own.status
	case errors.As(err, &usage):
		return exitUsage
	case errors.As(err, &issues):
		return exitSpec
	}
	return exitFailure
}

// A statusError is an error with an exit status of its own.
type statusError struct {
	err    error // nil where all has been printed, or there is nothing to print
	status int
}

func (e *statusError) Error() string {
	if e.err == nil {
		return "reported"
	}
	return e.err.Error()
}

func (e *statusError) Unwrap() error { return e.err }

// reported is the error of what was printed already: what is left of it is the
// exit status.
func reported(status int) error { return &statusError{nil, status} }
