// Package sandbox runs programs that nobody trusts: with some files, some ports
// of loopback, limits, and nothing else. It needs Linux, and no rights: see
// docs/sandbox.md for how it holds, and what it does not hold.
//
// A sandbox is two more processes of the program that uses this package, which
// must call [Exec] where its first argument is [ExecCommand].
package sandbox

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"syscall"
	"time"
)

// ExecCommand is the first argument of the processes that make a sandbox.
const ExecCommand = "sandbox-exec"

// exitSandbox is the exit status of a sandbox that has failed itself.
const exitSandbox = 125

// A Policy is what a program may do. Its folder, its environment, its streams
// and its other descriptors are those of its exec.Cmd.
type Policy struct {
	Read    []string // files, and folders with all below them, that it reads
	Execute []string // the same, that it executes, too
	Tools   []string // files that it executes, too, and that are known: what they try is refused, and not told
	Write   []string // the same as Read, that it reads, changes, makes and removes, but does not execute
	Listen  []int    // TCP ports of loopback that it binds; 0 for any that is free
	Connect []int    // TCP ports of loopback that it connects to
	Limits  Limits
}

// Limits are what a program takes at most, with all processes that it starts.
// None may be zero.
type Limits struct {
	CPU       time.Duration // processor time of all of them together
	Wall      time.Duration // from the start to the end
	Output    int64         // bytes of standard output and error together
	FileSize  int64         // bytes of a file that it writes
	Disk      int64         // bytes on the disk of what is in the folders of Policy.Write, also of what was there
	Memory    int64         // bytes that all of them hold in memory
	Processes int           // at a time, with threads
	OpenFiles int           // of a process; more is its error EMFILE and ends nothing
}

// A Limit is which of the [Limits] ended a program.
type Limit string

// The limits that end a program.
const (
	LimitCPU       Limit = "cpu"
	LimitWall      Limit = "wall"
	LimitOutput    Limit = "output"
	LimitFileSize  Limit = "file-size"
	LimitDisk      Limit = "disk"
	LimitMemory    Limit = "memory"
	LimitProcesses Limit = "processes"
)

// A Result is how a program has ended, and what it tried.
type Result struct {
	Exit     int            // its exit status; -1 where a signal ended it
	Signal   syscall.Signal // that ended it; 0 for none
	Limit    Limit          // that ended it; "" for none
	Why      string         // the limit in words, such as "it held more than 64 MiB of memory"
	Attempts []Attempt      // that the sandbox saw and refused, the first of each kind, in their order
	Orphans  int            // processes that were left when the program had ended, and were killed

	CPU    time.Duration // processor time that was used
	Wall   time.Duration
	Memory int64 // the most that was seen in memory, in bytes
}

// An Attempt is something that the sandbox refused.
type Attempt struct {
	Call   string // the system call, such as "kill"
	Detail string // what it was about, such as "signal 9 to process 1"; "" where that is not known
	Times  int    // from 1 on
}

// String returns the attempt in words.
func (a Attempt) String() string {
	text := a.Call
	if a.Detail != "" {
		text += ": " + a.Detail
	}
	if a.Times > 1 {
		text += fmt.Sprintf(" (%d times)", a.Times)
	}
	return text
}

// Tried reports whether a system call is among the attempts, and the details
// of one of its attempts contain the text.
func (r Result) Tried(call, detail string) bool {
	return slices.ContainsFunc(r.Attempts, func(a Attempt) bool { return a.Call == call && strings.Contains(a.Detail, detail) })
}

// ErrUnsupported is in the error of a [Support] that does not hold.
var ErrUnsupported = errors.New("no sandbox on this machine")

// A Support is what this machine gives.
type Support struct {
	Landlock int      // its version, as the kernel counts it; 0 for none
	Missing  []string // what a sandbox needs and the machine lacks, with what to do; a sandbox starts only where there is none
	Weaker   []string // what one layer of two does without, or what a report cannot tell
}

// Err returns an [ErrUnsupported] that names all that is missing; nil where
// nothing is.
func (s Support) Err() error {
	if len(s.Missing) == 0 {
		return nil
	}
	return fmt.Errorf("%w: %s", ErrUnsupported, strings.Join(s.Missing, "; "))
}

// within reports whether path is root, or below it.
func within(path, root string) bool {
	return path == root || strings.HasPrefix(path, strings.TrimSuffix(root, "/")+"/")
}
