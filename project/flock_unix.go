//go:build unix && !aix && !illumos && !solaris

package project

import (
	"os"
	"syscall"
)

// lockFolder waits until no other espgen updates the project, and keeps them
// out until unlock. Where the disk knows no locks, it does nothing.
func lockFolder(root *os.Root) (unlock func()) {
	f, err := root.Open(folder)
	if err != nil {
		return func() {}
	}
	_ = syscall.Flock(int(f.Fd()), syscall.LOCK_EX)
	return func() { f.Close() }
}
