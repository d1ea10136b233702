//go:build unix && !aix && !illumos && !solaris

package project

import (
	"context"
	"errors"
	"os"
	"syscall"
	"time"
)

// lockFolder waits until no other espgen updates the project, and keeps them
// out until unlock. Where it has to wait, it calls waiting, and gives up at the
// end of ctx. Where the disk knows no locks, it does nothing.
func lockFolder(ctx context.Context, root *os.Root, waiting func()) (unlock func(), err error) {
	f, err := openFolder(root, Folder)
	if err != nil {
		return func() {}, nil //nolint:nilerr // there is nothing to lock, and no project
	}
	const pause = 20 * time.Millisecond // between two tries
	for said := false; errors.Is(syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB), syscall.EWOULDBLOCK); said = true {
		if !said && waiting != nil {
			waiting()
		}
		select {
		case <-ctx.Done():
			f.Close()
			return nil, ctx.Err()
		case <-time.After(pause):
		}
	}
	return func() { f.Close() }, nil
}

// openFolder opens a Folder, and nothing else, which might wait.
func openFolder(root *os.Root, name string) (*os.File, error) {
	return root.OpenFile(local(name), os.O_RDONLY|syscall.O_DIRECTORY, 0)
}
