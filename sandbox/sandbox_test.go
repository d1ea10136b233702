//go:build linux

package sandbox_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/elastic/go-seccomp-bpf"

	"github.com/espgen/espgen/sandbox"
)

// helpers are what the test's program does as another process.
var helpers = map[string]func(args []string){
	// without tells what there is where the kernel lacks some calls.
	"without": func(calls []string) {
		err := seccomp.LoadFilter(seccomp.Filter{NoNewPrivs: true, Flag: seccomp.FilterFlagTSync, Policy: seccomp.Policy{
			DefaultAction: seccomp.ActionAllow,
			Syscalls:      []seccomp.SyscallGroup{{Action: seccomp.ActionErrno | seccomp.Action(syscall.ENOSYS), Names: calls}},
		}})
		if err != nil {
			fmt.Println("filter:", err)
			return
		}
		policy, err := sandbox.Program("/bin/sh")
		if err != nil {
			fmt.Println(err)
			return
		}
		_, run, err := sandbox.Command(context.Background(), policy, "/bin/sh", "-c", "echo started")
		fmt.Println(run == nil, errors.Is(err, sandbox.ErrUnsupported), err)
	},
	// grader starts a program in a sandbox, and waits.
	"grader": func(args []string) {
		policy, err := sandbox.Program(args[0])
		if err == nil {
			var cmd *exec.Cmd
			cmd, run, err := sandbox.Command(context.Background(), policy, args[0])
			if err == nil {
				cmd.Stdout = os.Stdout
				err = cmd.Run()
				_, _ = run.Result()
			}
			fmt.Println(err)
		}
	},
}

// TestRefusal has a kernel lack what a sandbox needs.
func TestRefusal(t *testing.T) {
	t.Parallel()
	need(t)
	for call, word := range map[string]string{"landlock_create_ruleset": "Landlock", "seccomp": "seccomp"} {
		// To lack seccomp() its filter has to be loaded first, which is the test's own.
		out, err := exec.Command(os.Args[0], "without", call).CombinedOutput()
		must(t, err)
		if !strings.HasPrefix(string(out), "true true ") || !strings.Contains(string(out), word) || strings.Contains(string(out), "started") {
			t.Errorf("without %s: %s", call, out)
		}
	}
}

func TestPolicyFaults(t *testing.T) {
	t.Parallel()
	need(t)
	good := policyOf(t, "/bin/sh")
	for word, change := range map[string]func(*sandbox.Policy){
		"the limit CPU is 0":                      func(p *sandbox.Policy) { p.Limits.CPU = 0 },
		"the limit Memory is -1":                  func(p *sandbox.Policy) { p.Limits.Memory = -1 },
		"70000 is no port":                        func(p *sandbox.Policy) { p.Connect = []int{70000} },
		"/not/there, which the program may use: ": func(p *sandbox.Policy) { p.Read = append(p.Read, "/not/there") },
	} {
		policy := good
		change(&policy)
		if _, _, err := sandbox.Command(t.Context(), policy, "/bin/sh"); err == nil || !strings.Contains(err.Error(), word) {
			t.Errorf("want %q, got %v", word, err)
		}
	}
	if _, _, err := sandbox.Command(t.Context(), good, "there-is-no-such-program"); !errors.Is(err, exec.ErrNotFound) {
		t.Errorf("got %v", err)
	}
	if _, err := sandbox.Program("sandbox_test.go"); err == nil || !strings.Contains(err.Error(), "sandbox_test.go is no program") {
		t.Errorf("got %v", err)
	}
}

// shell runs a command of the shell in a sandbox.
func shell(ctx context.Context, t *testing.T, command string, change func(*exec.Cmd)) (sandbox.Result, error) {
	t.Helper()
	cmd, run, err := sandbox.Command(ctx, policyOf(t, "/bin/sh"), "/bin/sh", "-c", command)
	must(t, err)
	if change != nil {
		change(cmd)
	}
	runErr := cmd.Run()
	r, err := run.Result()
	must(t, err)
	return r, runErr
}

// TestEnds wants a command to end as its program does.
func TestEnds(t *testing.T) {
	t.Parallel()
	need(t)
	for _, status := range []int{0, 3, 125, 255} {
		r, err := shell(t.Context(), t, "exit "+strconv.Itoa(status), nil)
		got := 0
		if exit, ok := errors.AsType[*exec.ExitError](err); ok {
			got = exit.ExitCode()
		}
		if got != status || r.Exit != status || r.Signal != 0 {
			t.Errorf("exit status %d: %d, %+v", status, got, r)
		}
	}
	for _, sig := range []syscall.Signal{syscall.SIGABRT, syscall.SIGSEGV, syscall.SIGPIPE, syscall.SIGKILL, syscall.SIGTERM} {
		var said bytes.Buffer
		r, err := shell(t.Context(), t, fmt.Sprintf("kill -%d $$", int(sig)), func(cmd *exec.Cmd) { cmd.Stderr = &said })
		exit, _ := errors.AsType[*exec.ExitError](err)
		if exit == nil || exit.Sys().(syscall.WaitStatus).Signal() != sig || r.Signal != sig || r.Exit != -1 {
			t.Errorf("%v: %v, %+v", sig, err, r)
		}
		if said.Len() > 0 {
			t.Errorf("%v: %q is printed", sig, said.String())
		}
	}
}

// TestGiven wants what the command has to reach the program: folder,
// environment, streams and descriptors.
func TestGiven(t *testing.T) {
	t.Parallel()
	need(t)
	r, w, err := os.Pipe()
	must(t, err)
	defer r.Close()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	must(t, err)
	cmd := exec.Command("/bin/sh", "-c", `read line; echo "$line $A $(ulimit -n)"; pwd; echo event >&3; echo wrong >&2`)
	cmd.Dir, cmd.Env, cmd.ExtraFiles = dir, []string{"A=b"}, []*os.File{w}
	var said bytes.Buffer
	cmd.Stdin, cmd.Stderr = strings.NewReader("input\n"), &said
	run, err := policyOf(t, "/bin/sh").Wrap(cmd)
	must(t, err)
	text, err := cmd.Output()
	w.Close()
	must(t, err)
	_, err = run.Result()
	must(t, err)
	if want := "input b 64\n" + dir + "\n"; string(text) != want || said.String() != "wrong\n" {
		t.Errorf("it printed %q and %q, not %q", text, said.String(), want)
	}
	if event, _ := io.ReadAll(r); string(event) != "event\n" {
		t.Errorf("the descriptor got %q", event)
	}
}

// TestNotStarted wants the reason why a program did not start.
func TestNotStarted(t *testing.T) {
	t.Parallel()
	need(t)
	dir := t.TempDir()
	script := filepath.Join(dir, "script")
	must(t, os.WriteFile(script, []byte("no program"), 0o755))
	policy := policyOf(t, "/bin/sh")
	for _, program := range []string{script, "/bin/cat"} { // a file that is no program, and one that is not in the policy
		policy.Execute = append(policy.Execute, script)
		cmd, run, err := sandbox.Command(t.Context(), policy, program)
		must(t, err)
		if err := cmd.Run(); err == nil {
			t.Errorf("%s: no error", program)
		}
		if r, err := run.Result(); err == nil || !strings.Contains(err.Error(), program+": ") {
			t.Errorf("%s: %v, %+v", program, err, r)
		}
	}
	cmd, run, err := sandbox.Command(t.Context(), policy, "/bin/sh")
	must(t, err)
	if r, err := run.Result(); err == nil {
		t.Errorf("a command that was not started: %+v", r)
	}
	_ = cmd
}

// TestCancel ends a program with its context: one that heeds SIGTERM has time,
// and one that does not is killed after it.
func TestCancel(t *testing.T) {
	t.Parallel()
	need(t)
	for command, want := range map[string]string{
		"trap 'echo told; exit 4' TERM; echo begun; while :; do :; done": "begun\ntold\n",
		"trap '' TERM; echo begun; while :; do :; done":                  "begun\n",
	} {
		ctx, cancel := context.WithCancel(t.Context())
		cmd := exec.CommandContext(ctx, "/bin/sh", "-c", command)
		cmd.WaitDelay = 300 * time.Millisecond
		run, err := policyOf(t, "/bin/sh").Wrap(cmd)
		must(t, err)
		pipe, err := cmd.StdoutPipe()
		must(t, err)
		must(t, cmd.Start())
		begun := make([]byte, 6)
		_, err = io.ReadFull(pipe, begun)
		must(t, err)
		cancel()
		begin := time.Now()
		rest, err := io.ReadAll(pipe)
		must(t, err)
		_ = cmd.Wait()
		r, err := run.Result()
		must(t, err)
		if got := string(begun) + string(rest); got != want {
			t.Errorf("it printed %q, not %q", got, want)
		}
		if told := strings.Contains(want, "told"); told != (r.Exit == 4) || time.Since(begin) > 8*time.Second || r.Limit != "" {
			t.Errorf("%q ended after %v with %+v", command, time.Since(begin), r)
		}
	}
}

// TestForgottenRun has nobody hold the run while the program runs, and the
// garbage collector look for it.
func TestForgottenRun(t *testing.T) {
	t.Parallel()
	need(t)
	cmd := exec.Command("/bin/sh", "-c", "read line; exit 5")
	_, err := policyOf(t, "/bin/sh").Wrap(cmd)
	must(t, err)
	pipe, err := cmd.StdinPipe()
	must(t, err)
	must(t, cmd.Start())
	for range 3 {
		runtime.GC()
		time.Sleep(20 * time.Millisecond)
	}
	must(t, pipe.Close())
	if err := cmd.Wait(); err == nil || err.Error() != "exit status 5" {
		t.Errorf("it ended with %v", err)
	}
}

// TestGraderDies kills the process that has started a sandbox.
func TestGraderDies(t *testing.T) {
	t.Parallel()
	need(t)
	cmd := exec.Command(os.Args[0], "grader", attack(t, "waits"))
	pipe, err := cmd.StdoutPipe()
	must(t, err)
	must(t, cmd.Start())
	text := make([]byte, 64)
	n, err := pipe.Read(text)
	must(t, err)
	var pids [2]int
	_, err = fmt.Sscanf(string(text[:n]), "waits %d %d", &pids[0], &pids[1])
	must(t, err)
	must(t, cmd.Process.Kill())
	_ = cmd.Wait()
	for _, pid := range pids {
		for begin := time.Now(); syscall.Kill(pid, 0) == nil; time.Sleep(10 * time.Millisecond) {
			if time.Since(begin) > 10*time.Second {
				t.Fatalf("process %d lives", pid)
			}
		}
	}
}

// TestNames has a program try files with names that a terminal would obey.
func TestNames(t *testing.T) {
	t.Parallel()
	need(t)
	file := filepath.Join(t.TempDir(), "a\x1b[2Jb\nc\xff")
	must(t, os.WriteFile(file, nil, 0o644))
	out, r := inside(t, nil, "read", file)
	refused(t, out, r, "openat", "a?[2Jb?c?")
}

// TestCompilerElsewhere has a compiler below a home: its parts are given, and
// nothing else of the home.
func TestCompilerElsewhere(t *testing.T) {
	t.Parallel()
	home, err := filepath.EvalSymlinks(t.TempDir())
	must(t, err)
	for _, folder := range []string{"bin", "lib", "mail"} {
		must(t, os.Mkdir(filepath.Join(home, folder), 0o755))
	}
	cc := filepath.Join(home, "bin", "cc")
	must(t, os.WriteFile(cc, nil, 0o755))
	policy, err := sandbox.Compiler(cc)
	must(t, err)
	var own []string
	for _, path := range policy.Execute {
		if part, ok := strings.CutPrefix(path, home); ok {
			own = append(own, part)
		}
	}
	if got := strings.Join(own, " "); got != "/bin /lib" {
		t.Errorf("it gets %s", got)
	}
}
