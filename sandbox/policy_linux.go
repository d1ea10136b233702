package sandbox

import (
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"slices"
)

// check returns what is wrong with a policy, all of it.
func (p Policy) check() error {
	var errs []error
	for name, value := range map[string]int64{
		"CPU": int64(p.Limits.CPU), "Wall": int64(p.Limits.Wall), "Output": p.Limits.Output, "FileSize": p.Limits.FileSize,
		"Disk": p.Limits.Disk, "Memory": p.Limits.Memory, "Processes": int64(p.Limits.Processes), "OpenFiles": int64(p.Limits.OpenFiles),
	} {
		if value <= 0 {
			errs = append(errs, fmt.Errorf("sandbox: the limit %s is %d; it must be more than 0", name, value))
		}
	}
	for _, port := range slices.Concat(p.Listen, p.Connect) {
		if port < 0 || port > 65535 {
			errs = append(errs, fmt.Errorf("sandbox: %d is no port; ports are 0 to 65535", port))
		}
	}
	return errors.Join(errs...)
}

// resolved returns paths as the kernel sees them, without links.
func resolved(paths []string) ([]string, error) {
	var out []string
	for _, path := range paths {
		full, err := filepath.Abs(path)
		if err == nil {
			full, err = filepath.EvalSymlinks(full)
		}
		if err != nil {
			return nil, fmt.Errorf("sandbox: %s, which the program may use: %w", path, err)
		}
		out = append(out, full)
	}
	return out, nil
}

// withoutName is the error of a command whose program was not found.
func withoutName(cmd *exec.Cmd) error {
	if cmd.Err != nil {
		return cmd.Err
	}
	if cmd.Process != nil {
		return errors.New("sandbox: the program runs already")
	}
	return nil
}
