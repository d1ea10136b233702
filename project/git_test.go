//go:build unix

package project

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// TestGitRunsNothing has a repository whose configuration names a program
// wherever it can: asking for what is not committed runs none of them.
func TestGitRunsNothing(t *testing.T) {
	needGit(t)
	home := t.TempDir()
	for name, value := range map[string]string{"HOME": home, "XDG_CONFIG_HOME": home, "GIT_CONFIG_NOSYSTEM": "1"} {
		t.Setenv(name, value)
	}
	dir, ran := t.TempDir(), filepath.Join(home, "ran")
	git := func(args ...string) {
		t.Helper()
		cmd := exec.Command("git", append([]string{"-C", dir, "-c", "user.name=x", "-c", "user.email=x@example.com"}, args...)...)
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("git %v: %v\n%s", args, err, out)
		}
	}
	fresh(t, dir, someNow("v1", public("f", lines)))
	git("init", "-q")
	git("add", "-A")
	git("commit", "-qm", "first")
	program := filepath.Join(home, "program")
	must(t, os.WriteFile(program, []byte("#!/bin/sh\necho \"$0 $*\" >>"+ran+"\ncat\n"), 0o755))
	place(t, dir, ".gitattributes", "* filter=evil diff=evil merge=evil\nf filter=e=v.il\n")
	for _, key := range []string{
		"core.fsmonitor", "core.sshCommand", "core.pager", "core.editor", "core.askPass", "core.alternateRefsCommand", "core.gitProxy",
		"filter.evil.clean", "filter.evil.smudge", "filter.evil.process", "filter.e=v.il.clean", "filter.e=v.il.process", "diff.evil.textconv", "diff.evil.command", "diff.external",
		"merge.evil.driver", "credential.helper", "gpg.program", "interactive.diffFilter", "uploadpack.packObjectsHook", "alias.status", "pager.status",
	} {
		value := program
		if key == "alias.status" {
			value = "!" + program
		}
		git("config", key, value)
	}
	git("config", "filter.evil.required", "true")
	git("config", "core.untrackedCache", "true")
	for _, hook := range []string{"post-index-change", "fsmonitor-watchman", "pre-commit", "reference-transaction"} {
		must(t, os.MkdirAll(filepath.Join(dir, ".git", "hooks"), 0o755))
		must(t, os.WriteFile(filepath.Join(dir, ".git", "hooks", hook), []byte("#!/bin/sh\nexec "+program+" "+hook+"\n"), 0o755))
	}
	place(t, dir, "f", "x"+lines[1:]) // of the same size: git has to read it
	p, _, err := Open(t.Context(), dir, nil)
	must(t, err)
	defer p.Close()
	changed, err := p.Uncommitted(t.Context(), "../s.yaml")
	must(t, err)
	if len(changed) != 2 || changed[0] != " M f" {
		t.Errorf("it lists %q", changed)
	}
	if said, err := os.ReadFile(ran); err == nil {
		t.Errorf("it ran\n%s", said)
	}
	// It is these settings that run something.
	cmd := exec.Command("git", "-C", dir, "status")
	_ = cmd.Run()
	if _, err := os.Stat(ran); err != nil {
		t.Error("git status runs nothing here anyway")
	}
}
