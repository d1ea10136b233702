package check

import (
	"context"
	"time"

	"github.com/espgen/espgen/hostsdk"
)

// A Status is what became of a check.
type Status string

// The three results. A check is not reached where one that it depends on has
// not passed, or the context ended before it began.
const (
	Passed     Status = "passed"
	Failed     Status = "failed"
	NotReached Status = "not-reached"
)

// A Result is what became of a check.
type Result struct {
	Check  string
	Status Status

	// Of a check that failed, in the languages of Text. Bytes are quoted, and long
	// texts cut: they are safe to print.
	Did      Text // what was done, as "Sent 5 bytes on connection a"
	Expected Text // what was to come of it
	Came     Text // what came

	Because  string   // the check that it depends on and that has not passed; "" for none
	Variant  string   // which of the runs that a check makes has failed, as "fail-once=3"; "" for the only one
	Findings []string // what the sanitizers have reported, a line each, as they put it
	Seed     uint64   // of the run that failed, or of the first one

	Timeline []Line // what the peer did and the device told, in the order of time; of the run that failed, or of the last one

	Took   time.Duration // all of it
	Waited time.Duration // the part in which the harness waited for the device, or was to be silent
}

// A Line is what happened at a time.
type Line struct {
	MS   int64 // since the start of the program, in milliseconds
	Who  Who
	Text string
}

// Who is one of the two sides of a check.
type Who string

// The two sides.
const (
	Peer   Who = "peer"
	Device Who = "device"
)

// A Program starts the program that is checked, and returns when it has ended,
// as [hostsdk.Run] does. It is called from several goroutines at a time. Who
// grades the work of others has it run the program in a sandbox.
type Program func(ctx context.Context, o hostsdk.RunOptions) error

// Built is a program that [hostsdk.Build] made, without a sandbox.
func Built(program string) Program {
	return func(ctx context.Context, o hostsdk.RunOptions) error { return hostsdk.Run(ctx, program, o) }
}

// Options say how checks are run. The zero value runs all, a few at a time.
type Options struct {
	Parallel int                // how many programs run at once; 0 for four for each processor
	Seed     uint64             // of chance; 0 for 1. A check with seeds of its own runs with those that follow it
	Only     []string           // the names of the checks to run, without those that they depend on; NAME@VARIANT is one of its runs; none for all
	Patience time.Duration      // how long a step waits that does not say so; 0 for 10 s
	Done     func(Result)       // is called for one result after the other, in the order in which they come; nil for none
	Line     func(string, Line) // is called for each line of a check's Timeline as it comes, from several goroutines; nil for none
}
