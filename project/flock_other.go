//go:build !unix || aix || illumos || solaris

package project

import "os"

// lockFolder is for systems without flock: two updates at once are on their
// own there.
func lockFolder(*os.Root) (unlock func()) { return func() {} }
