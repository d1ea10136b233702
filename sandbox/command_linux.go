package sandbox

import (
	"bytes"
	"context"
	"encoding/gob"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// A request is what the process that supervises a program gets, as a gob: JSON
// would change names that are no UTF-8.
type request struct {
	Path   string
	Args   []string
	Grace  time.Duration // from a SIGTERM to the program until it is killed
	Policy Policy        // with paths that the kernel sees
}

// A response is what it answers.
type response struct {
	Result Result
	Error  string // why the program did not start
}

// self is the program that uses this package. The link is right also where its
// file has been replaced meanwhile.
const self = "/proc/self/exe"

// A Run is a program in its sandbox.
type Run struct {
	control *os.File // to the process that supervises it, which ends all when it is closed
	given   []*os.File
}

// running holds the runs whose results nobody has taken yet: a descriptor that
// the garbage collector closes would end the program.
var running sync.Map

// Command returns a command like exec.CommandContext's that runs a program in a
// sandbox, with an empty environment.
func Command(ctx context.Context, policy Policy, name string, args ...string) (*exec.Cmd, *Run, error) {
	cmd := exec.CommandContext(ctx, name, args...)
	run, err := policy.Wrap(cmd)
	return cmd, run, err
}

// Wrap changes a command, which has not started, so that it runs in a sandbox.
// The program gets the command's folder, its descriptors, and its environment,
// of which nil is an empty one. Its exit status, or the signal that ends it, is
// that of the command. Where the command's context ends, the program gets
// SIGTERM, and as long as the command's WaitDelay to end; then, and where this
// process dies, it is killed. Result must be called when the command has ended,
// or is not started after all.
func (p Policy) Wrap(cmd *exec.Cmd) (*Run, error) {
	if err := errors.Join(Level().Err(), withoutName(cmd), p.check()); err != nil {
		return nil, err
	}
	q := request{Path: cmd.Path, Args: cmd.Args, Grace: cmd.WaitDelay, Policy: p}
	var err [5]error
	q.Policy.Read, err[0] = resolved(p.Read)
	q.Policy.Execute, err[1] = resolved(p.Execute)
	q.Policy.Write, err[2] = resolved(p.Write)
	q.Policy.Tools, err[4] = resolved(p.Tools)
	var text bytes.Buffer
	err[3] = gob.NewEncoder(&text).Encode(q)
	if err := errors.Join(err[:]...); err != nil {
		return nil, err
	}
	policy, policyErr := inMemory(text.Bytes())
	if policyErr != nil {
		return nil, policyErr
	}
	pair, pairErr := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if pairErr != nil {
		policy.Close()
		return nil, fmt.Errorf("sandbox: socketpair: %w", pairErr)
	}
	run := &Run{os.NewFile(uintptr(pair[0]), "control"), []*os.File{policy, os.NewFile(uintptr(pair[1]), "control")}}

	running.Store(run, nil)

	own := len(cmd.ExtraFiles)
	cmd.ExtraFiles = append(cmd.ExtraFiles[:own:own], run.given...)
	cmd.Path, cmd.Args = self, []string{filepath.Base(os.Args[0]), ExecCommand, supervise, strconv.Itoa(own)}
	if cmd.Env == nil { // which would be all of ours
		cmd.Env = []string{}
	}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if cmd.Cancel != nil { // it has a context
		cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	}
	cmd.WaitDelay += endDelay
	return run, nil
}

// endDelay is how long the end of a sandbox takes at most, after its program's.
const endDelay = 10 * time.Second

// Result returns how the program has ended. It is an error where it has not
// begun, and where the process that supervised it was killed.
func (r *Run) Result() (Result, error) {
	defer running.Delete(r)
	defer r.control.Close()
	for _, f := range r.given {
		f.Close()
	}
	var got response
	switch err := gob.NewDecoder(r.control).Decode(&got); {
	case err != nil:
		return Result{}, fmt.Errorf("sandbox: the program was not started, or the process that supervised it was killed: %w", err)
	case got.Error != "":
		return Result{}, fmt.Errorf("sandbox: %s", got.Error)
	}
	return got.Result, nil
}

// inMemory returns a file that is on no disk, and that a process reads which
// gets it.
func inMemory(text []byte) (*os.File, error) {
	fd, err := unix.MemfdCreate("policy", unix.MFD_CLOEXEC)
	if err != nil {
		return nil, fmt.Errorf("sandbox: memfd_create: %w", err)
	}
	f := os.NewFile(uintptr(fd), "policy")
	if _, err := f.WriteAt(text, 0); err != nil { // and the reader begins at 0
		f.Close()
		return nil, fmt.Errorf("sandbox: %w", err)
	}
	return f, nil
}

// The two processes, by the second argument. The third is how many descriptors
// the program gets beside its streams.
const (
	supervise = "supervise"
	confine   = "confine"
)

// Exec is the program's part as a process of a sandbox, with its arguments after
// [ExecCommand]. It returns its exit status, if it returns.
func Exec(args []string) int {
	if len(args) != 2 {
		return usage(args)
	}
	extra, err := strconv.Atoi(args[1])
	if err != nil || extra < 0 || extra > maxExtra {
		return usage(args)
	}
	policy := os.NewFile(uintptr(firstExtra+extra), "policy")
	peer := os.NewFile(uintptr(firstExtra+extra+1), "peer")
	switch args[0] {
	case supervise:
		return runSupervisor(policy, peer, extra)
	case confine:
		return runConfined(policy, peer, extra)
	}
	return usage(args)
}

// firstExtra is the descriptor of the first of exec.Cmd.ExtraFiles, and
// maxExtra how many there may be.
const (
	firstExtra = 3
	maxExtra   = 1000
)

func usage(args []string) int {
	fmt.Fprintf(os.Stderr, "espgen %s is for espgen itself, which starts it; its arguments %q are not valid\n", ExecCommand, strings.Join(args, " "))
	return exitSandbox
}

// readRequest reads a request from the file of inMemory.
func readRequest(policy *os.File) (request, error) {
	var q request
	if err := gob.NewDecoder(io.NewSectionReader(policy, 0, 1<<62)).Decode(&q); err != nil {
		return q, fmt.Errorf("the policy cannot be read: %w", err)
	}
	return q, nil
}
