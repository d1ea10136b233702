package project

import (
	"flag"
	"os"
	"os/exec"
	"testing"
)

// TestMain keeps the random tests short, unless a flag says otherwise.
func TestMain(m *testing.M) {
	for name, value := range map[string]string{"rapid.checks": "25", "rapid.nofailfile": "true"} {
		if err := flag.Set(name, value); err != nil {
			panic(err)
		}
	}
	os.Exit(m.Run())
}

func needGit(t *testing.T) {
	t.Helper()
	if _, err := exec.LookPath("git"); err != nil && os.Getenv("ESPGEN_NEED_TOOLS") == "" {
		t.Skip("git is not installed")
	}
}
