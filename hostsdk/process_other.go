//go:build !linux

package hostsdk

import (
	"context"
	"os"
	"syscall"
)

func processAttributes() *syscall.SysProcAttr { return nil }

func readerGone(context.Context, *os.File) bool { return false }
