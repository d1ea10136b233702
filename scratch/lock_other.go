//go:build !unix || aix || illumos || solaris

package scratch

import "errors"

// lock is for systems where a folder cannot be locked.
func lock(string) (unlock func(), err error) { return func() {}, errors.ErrUnsupported }
