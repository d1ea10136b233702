package hostsdk

import (
	"os"
	"os/exec"
	"slices"
	"strings"
)

// A Confine changes a command that has not started, such as to run it in a
// sandbox, and is called for each compiler and program. Where it returns an
// error the command is not started. Commands of a build run at the same time.
type Confine func(cmd *exec.Cmd, needs Needs) error

// Needs are the files that a command uses beside those of the system. What of
// them is in links is in their targets' folders, too.
type Needs struct {
	Read  []string // files, and folders with all below
	Write []string // folders
}

// shared are the variables of this process's environment that a confined
// command gets: none that may be a secret.
func shared(name string) bool {
	return slices.Contains([]string{"PATH", "LANG", "LANGUAGE", "TZ"}, name) || strings.HasPrefix(name, "LC_")
}

// environment returns what of this process's environment a command gets.
func (c Confine) environment() []string {
	if c == nil {
		return os.Environ()
	}
	list := []string{} // nil would be all
	for _, variable := range os.Environ() {
		if name, _, _ := strings.Cut(variable, "="); shared(name) {
			list = append(list, variable)
		}
	}
	return list
}

// apply calls it, if there is one.
func (c Confine) apply(cmd *exec.Cmd, needs Needs) error {
	if c == nil {
		return nil
	}
	return c(cmd, needs)
}
