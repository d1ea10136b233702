package main

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/espgen/espgen/generator"
	"github.com/espgen/espgen/project"
	"github.com/espgen/espgen/sandbox"
)

var update = flag.Bool("update", false, "rewrite the expected output in the scripts")

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"espgen": main})
}

// TestScripts runs the scripts: a file for each command and subject.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		UpdateScripts:       *update,
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Condition:           condition,
		Cmds:                map[string]func(*testscript.TestScript, bool, []string){"exits": exits, "older": older},
		Setup: func(env *testscript.Env) error {
			repo, err := os.Getwd()
			env.Setenv("REPO", repo+"/../..")
			return err
		},
	})
}

// condition adds to testscript's own: root may write everywhere, and mount, and
// not every kernel can hold a program in a sandbox.
func condition(name string) (bool, error) {
	switch name {
	case "root":
		return os.Geteuid() == 0, nil
	case "sandbox":
		return sandbox.Level().Err() == nil, nil
	case "mounts":
		return exec.Command("unshare", "-m", "mount", "-t", "tmpfs", "none", "/mnt").Run() == nil, nil
	}
	return false, fmt.Errorf("unknown condition %s", name)
}

// exits runs a program and wants its exit code: exits CODE PROGRAM [ARG ...].
// What "! exec" accepts is any failure, a panic included.
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE PROGRAM [ARG ...]")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	var exit *exec.ExitError
	switch err := ts.Exec(args[1], args[2:]...); {
	case errors.As(err, &exit):
		got = exit.ExitCode()
	default:
		ts.Check(err)
	}
	if got != want {
		ts.Fatalf("exit code %d, want %d", got, want)
	}
}

// older makes a client's project that of an espgen which sent the greeting
// itself: older DIR.
func older(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: older DIR")
	}
	const handler = "main/app_handler.c"
	dir := ts.MkAbs(args[0])
	ts.Check(os.WriteFile(filepath.Join(dir, handler), []byte("#include \"app_handler.h\"\n// an older one\n"), 0o644))
	p, _, err := project.Open(context.Background(), dir, nil)
	ts.Check(err)
	defer p.Close()
	var files []generator.File
	for path, e := range p.Lock.Files {
		data, err := os.ReadFile(filepath.Join(dir, path))
		ts.Check(err)
		files = append(files, generator.File{Path: path, Mode: cmp.Or(fs.FileMode(e.Mode), 0o644), User: e.Owner == "user", Key: e.Key, Data: data})
	}
	for _, f := range project.Records(p.Lock.Origin, files) {
		ts.Check(os.WriteFile(filepath.Join(dir, f.Path), f.Data, f.Mode))
	}
}
