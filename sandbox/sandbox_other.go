//go:build !linux

package sandbox

import (
	"context"
	"os/exec"
	"runtime"
)

// Level returns that this system has no sandbox.
func Level() Support {
	return Support{Missing: []string{"the system is " + runtime.GOOS + "; the sandbox needs Linux 6.7 or newer"}}
}

// A Run is a program in its sandbox.
type Run struct{}

// Command returns an error: this system has no sandbox.
func Command(ctx context.Context, policy Policy, name string, args ...string) (*exec.Cmd, *Run, error) {
	cmd := exec.CommandContext(ctx, name, args...)
	run, err := policy.Wrap(cmd)
	return cmd, run, err
}

// Wrap returns an error: this system has no sandbox.
func (p Policy) Wrap(*exec.Cmd) (*Run, error) { return nil, Level().Err() }

// Result is for systems where programs run in a sandbox.
func (r *Run) Result() (Result, error) { return Result{}, Level().Err() }

// Exec is for systems that have a sandbox.
func Exec([]string) int { return exitSandbox }
