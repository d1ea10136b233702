//go:build unix && !aix && !illumos && !solaris

package scratch

import (
	"errors"
	"os"
	"syscall"
)

// lock locks a folder that exists, and no link to one.
func lock(dir string) (unlock func(), err error) {
	f, err := os.OpenFile(dir, os.O_RDONLY|syscall.O_DIRECTORY|syscall.O_NOFOLLOW, 0)
	if err != nil {
		return func() {}, errTaken
	}
	err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		err = errTaken
	}
	mine, err1 := f.Stat()
	there, err2 := os.Lstat(dir)
	if err1 != nil || err2 != nil || !os.SameFile(mine, there) {
		err = errTaken
	}
	if err != nil {
		f.Close()
		return func() {}, err
	}
	return func() { f.Close() }, nil
}
