package project

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/espgen/espgen/lazyregexp"
	"github.com/espgen/espgen/scratch"
)

// ErrNoGit is the error of a plan that has something to merge, where there is
// no git.
var ErrNoGit = errors.New("merging needs git, which is not installed")

// The names of the three sides in conflict markers.
const (
	sideYours = "yours"
	sideBase  = "generated before"
	sideNow   = "generated now"
)

// merge merges what base became in yours and in now. Conflicts are marked in
// the result.
func merge(base, yours, now []byte) (merged []byte, err error) {
	dir, remove, err := scratch.Make(os.TempDir(), "espgen-merge-")
	if err != nil {
		return nil, err
	}
	defer remove()
	for name, data := range map[string][]byte{"yours": yours, "base": base, "now": now} {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			return nil, err
		}
	}
	cmd := exec.Command("git", "merge-file", "-p", "-q", "--diff3", "-L", sideYours, "-L", sideBase, "-L", sideNow, "yours", "base", "now")
	cmd.Dir = dir
	// What is merged here is in no repository, and nobody's settings count.
	cmd.Env = append(cmd.Environ(), "LC_ALL=C", "GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_GLOBAL="+os.DevNull, "GIT_CONFIG_COUNT=0", "GIT_CONFIG_PARAMETERS=",
		"GIT_CEILING_DIRECTORIES="+filepath.Dir(dir))
	var said strings.Builder
	cmd.Stderr = &said
	merged, err = cmd.Output()
	exit, failed := errors.AsType[*exec.ExitError](err)
	switch {
	case errors.Is(err, exec.ErrNotFound):
		return nil, ErrNoGit
	case failed && exit.ExitCode() > 0 && exit.ExitCode() < 128:
		return merged, nil // that many conflicts
	case err != nil:
		return nil, fmt.Errorf("git merge-file: %w: %s", err, strings.TrimSpace(said.String()))
	}
	return merged, nil
}

// The lines that begin and end a conflict, of espgen or of git itself.
var (
	conflictStart = lazyregexp.New(`(?m)^<<<<<<< \S`)
	conflictEnd   = lazyregexp.New(`(?m)^>>>>>>> \S`)
)

// conflictsIn counts the conflicts that are marked in a file.
func conflictsIn(data []byte) int {
	return max(len(conflictStart().FindAll(data, -1)), len(conflictEnd().FindAll(data, -1)))
}

// isBinary reports whether git would not merge a file line by line.
func isBinary(data []byte) bool { return bytes.IndexByte(data, 0) >= 0 }

// asIn gives data, whose lines end with LF, the line endings that most lines of
// yours have.
func asIn(yours, data []byte) []byte {
	if 2*bytes.Count(yours, []byte("\r\n")) <= bytes.Count(yours, []byte("\n")) {
		return data
	}
	return bytes.ReplaceAll(data, []byte("\n"), []byte("\r\n"))
}
