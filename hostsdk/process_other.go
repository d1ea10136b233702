//go:build !linux

package hostsdk

import "syscall"

func processAttributes() *syscall.SysProcAttr { return nil }
