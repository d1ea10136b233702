//go:build !unix || aix || illumos || solaris

package project

import (
	"context"
	"os"
)

// lockFolder is for systems without flock: two updates at once are on their
// own there.
func lockFolder(context.Context, *os.Root, func()) (unlock func(), err error) {
	return func() {}, nil
}

func openFolder(root *os.Root, name string) (*os.File, error) { return root.Open(local(name)) }
