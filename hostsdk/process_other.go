//go:build !linux

package hostsdk

import (
	"context"
	"os"
	"syscall"
)

func processAttributes() *syscall.SysProcAttr { return nil }

func killGroup(p *os.Process) error { return p.Kill() }

func channelOfEvents() (ours, theirs *os.File, err error) { return os.Pipe() }

// ReaderGone is for systems where programs do not run.
func ReaderGone(context.Context, *os.File) bool { return false }

func consoleInput(input *os.File) (*os.File, error) { return input, nil }
