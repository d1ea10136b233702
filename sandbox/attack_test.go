//go:build linux

package sandbox_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/espgen/espgen/sandbox"
)

// TestMain makes the test's program the processes of a sandbox, too.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == sandbox.ExecCommand {
		os.Exit(sandbox.Exec(os.Args[2:]))
	}
	if len(os.Args) > 1 && helpers[os.Args[1]] != nil {
		helpers[os.Args[1]](os.Args[2:])
		os.Exit(0)
	}
	code := m.Run()
	os.RemoveAll(built.dir)
	os.Exit(code)
}

// need skips nothing: where the machine has no sandbox, it wants the refusal,
// with a reason, and nothing started.
func need(t *testing.T) {
	t.Helper()
	level := sandbox.Level()
	for _, w := range level.Weaker {
		t.Log("weaker here: " + w)
	}
	err := level.Err()
	if err == nil {
		return
	}
	marker := filepath.Join(t.TempDir(), "started")
	policy := policyOf(t, "/bin/true")
	policy.Write = append(policy.Write, filepath.Dir(marker))
	_, _, wrapErr := sandbox.Command(t.Context(), policy, "/usr/bin/touch", marker)
	if !errors.Is(wrapErr, sandbox.ErrUnsupported) || wrapErr.Error() != err.Error() {
		t.Errorf("refused with %v, not %v", wrapErr, err)
	}
	if _, err := os.Stat(marker); err == nil {
		t.Error("the program was started all the same")
	}
	t.Skipf("only the refusal is tested here: %v", err)
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// built are the attacks as programs.
var built struct {
	sync.Mutex
	dir      string
	programs map[string]string
}

// attack returns one of testdata's programs.
func attack(t *testing.T, name string) string {
	t.Helper()
	built.Lock()
	defer built.Unlock()
	if built.dir == "" {
		dir, err := os.MkdirTemp("", "attacks-*") //nolint:usetesting // all tests share it
		must(t, err)
		built.dir, built.programs = dir, map[string]string{}
	}
	if _, err := exec.LookPath("cc"); err != nil && os.Getenv("ESPGEN_NEED_TOOLS") == "" {
		t.Skip("cc is not installed")
	}
	if built.programs[name] == "" {
		program := filepath.Join(built.dir, name)
		out, err := exec.Command("cc", "-Wall", "-Werror", "-pthread", "-o", program, filepath.Join("testdata", "attacks", name+".c")).CombinedOutput()
		if err != nil {
			t.Fatalf("%s: %v\n%s", name, err, out)
		}
		built.programs[name] = program
	}
	return built.programs[name]
}

// policyOf is small enough for the attacks to hit its limits.
func policyOf(t *testing.T, program string) sandbox.Policy {
	t.Helper()
	policy, err := sandbox.Program(program)
	must(t, err)
	policy.Limits = sandbox.Limits{
		CPU: 5 * time.Second, Wall: 20 * time.Second, Output: 1 << 20, FileSize: 4 << 20, Disk: 8 << 20, Memory: 64 << 20, Processes: 20, OpenFiles: 64,
	}
	return policy
}

// outside runs an attack without a sandbox, in a folder of its own, and wants
// it to succeed: or the test of it could not fail.
func outside(t *testing.T, name string, args ...string) string {
	t.Helper()
	cmd := exec.Command(attack(t, name), args...)
	cmd.Dir = t.TempDir()
	out, err := cmd.CombinedOutput()
	if err != nil || !bytes.Contains(out, []byte("succeeded")) {
		t.Errorf("without a sandbox %s %q does not succeed: %v\n%.300s", name, args, err, out)
	}
	return string(out)
}

// inside runs an attack in a sandbox, in a folder that it may write.
func inside(t *testing.T, change func(*sandbox.Policy), name string, args ...string) (string, sandbox.Result) {
	t.Helper()
	program := attack(t, name)
	policy := policyOf(t, program)
	dir := t.TempDir()
	policy.Write = append(policy.Write, dir)
	if change != nil {
		change(&policy)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute) // a sandbox that hangs
	defer cancel()
	cmd, run, err := sandbox.Command(ctx, policy, program, args...)
	must(t, err)
	cmd.Dir = dir
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	runErr := cmd.Run()
	result, err := run.Result()
	must(t, err)
	if ctx.Err() != nil {
		t.Errorf("%s: the sandbox did not end by itself: %v", name, runErr)
	}
	t.Logf("%s %q: %+v\n%.300s", name, args, result, out.String())
	return out.String(), result
}

// refused wants an attack to fail, and what it tried to be told.
func refused(t *testing.T, out string, r sandbox.Result, call, detail string) {
	t.Helper()
	if strings.Contains(out, "succeeded") {
		t.Errorf("the attack succeeded: %.300q", out)
	}
	if call != "" && !r.Tried(call, detail) {
		t.Errorf("the report does not say %q of %q: %v", detail, call, r.Attempts)
	}
}

// limited wants a limit to end an attack.
func limited(t *testing.T, out string, r sandbox.Result, limit sandbox.Limit) {
	t.Helper()
	if strings.Contains(out, "succeeded") || r.Limit != limit || r.Why == "" {
		t.Errorf("limit %q (%s), not %q: %.300q", r.Limit, r.Why, limit, out)
	}
}

func TestForkBomb(t *testing.T) {
	t.Parallel()
	need(t)
	for _, name := range []string{"fork_bomb", "fork_chain", "threads"} {
		outside(t, name)
		out, r := inside(t, func(p *sandbox.Policy) {
			if name == "fork_chain" { // few live at a time: it has to be stopped by another limit
				p.Limits.Wall = 500 * time.Millisecond
			}
		}, name)
		if name != "fork_chain" || r.Limit != sandbox.LimitWall { // of which many may live for a moment
			limited(t, out, r, sandbox.LimitProcesses)
		}
	}
}

func TestEndlessLoop(t *testing.T) {
	t.Parallel()
	need(t)
	outside(t, "loop")
	for _, processes := range []string{"1", "4"} { // each of the four takes less than the limit
		out, r := inside(t, func(p *sandbox.Policy) { p.Limits.CPU = time.Second }, "loop", processes)
		limited(t, out, r, sandbox.LimitCPU)
		if r.CPU > 3*time.Second {
			t.Errorf("it took %v", r.CPU)
		}
	}
	out, r := inside(t, func(p *sandbox.Policy) { p.Limits.Wall = 300 * time.Millisecond }, "sleep")
	limited(t, out, r, sandbox.LimitWall)
}

func TestMuchOutput(t *testing.T) {
	t.Parallel()
	need(t)
	outside(t, "output")
	out, r := inside(t, nil, "output")
	limited(t, out, r, sandbox.LimitOutput)
	if len(out) != 1<<20 {
		t.Errorf("%d bytes came", len(out))
	}
}

func TestBigFiles(t *testing.T) {
	t.Parallel()
	need(t)
	outside(t, "file")
	outside(t, "files")
	out, r := inside(t, nil, "file")
	limited(t, out, r, sandbox.LimitFileSize)
	out, r = inside(t, nil, "file", "stubborn") // its write() fails
	refused(t, out, r, "", "")
	if !strings.Contains(out, "File too large") {
		t.Errorf("no error of a large file: %q", out)
	}
	out, r = inside(t, nil, "files")
	limited(t, out, r, sandbox.LimitDisk)
}

func TestMuchMemory(t *testing.T) {
	t.Parallel()
	need(t)
	outside(t, "memory")
	for _, args := range [][]string{nil, {"4"}} {
		out, r := inside(t, nil, "memory", args...)
		limited(t, out, r, sandbox.LimitMemory)
		if r.Memory <= 64<<20 {
			t.Errorf("the result says that it held %d bytes", r.Memory)
		}
	}
}

var orphanNumber = regexp.MustCompile(`orphan (\d+)`)

// TestOrphan has a process outlive the program.
func TestOrphan(t *testing.T) {
	t.Parallel()
	need(t)
	lives := func(out string) bool {
		pid, err := strconv.Atoi(orphanNumber.FindStringSubmatch(out + "orphan 0")[1])
		must(t, err)
		stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
		return pid > 0 && err == nil && !strings.Contains(string(stat), ") Z ")
	}
	cmd := exec.Command(attack(t, "orphan"))
	pipe, err := cmd.StdoutPipe()
	must(t, err)
	must(t, cmd.Start())
	first := make([]byte, 64)
	n, err := pipe.Read(first)
	must(t, err)
	must(t, cmd.Wait())
	if !lives(string(first[:n])) {
		t.Error("without a sandbox the orphan does not live")
	}
	begin := time.Now()
	out, r := inside(t, nil, "orphan")
	if !strings.Contains(out, "orphan") || lives(out) {
		t.Errorf("the orphan lives: %q", out)
	}
	if r.Orphans != 1 || r.Exit != 0 {
		t.Errorf("%d orphans are told of, exit status %d", r.Orphans, r.Exit)
	}
	if took := time.Since(begin); took > 12*time.Second {
		t.Errorf("the sandbox waited %v for the orphan", took)
	}
}

// victim starts a process of this user that a program in a sandbox must not
// reach.
func victim(t *testing.T) (pid int, endsWithin func(time.Duration) bool) {
	t.Helper()
	cmd := exec.Command("sleep", "20")
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	must(t, cmd.Start())
	ended := make(chan struct{})
	go func() {
		_ = cmd.Wait()
		close(ended)
	}()
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		<-ended
	})
	return cmd.Process.Pid, func(most time.Duration) bool {
		select {
		case <-ended:
			return true
		case <-time.After(most):
			return false
		}
	}
}

func TestSignals(t *testing.T) {
	t.Parallel()
	need(t)
	for way, call := range map[string]string{
		"kill": "kill", "group": "kill", "tgkill": "tgkill", "tkill": "tkill", "queue": "rt_sigqueueinfo", "pidfd": "pidfd_open", "owner": "fcntl",
		"limit": "prlimit64", "priority": "setpriority",
	} {
		pid, endsWithin := victim(t)
		out, r := inside(t, nil, "signal", way, strconv.Itoa(pid))
		refused(t, out, r, call, "")
		if endsWithin(50 * time.Millisecond) {
			t.Errorf("%s reached it", way)
		}
		outside(t, "signal", way, strconv.Itoa(pid))
		if way != "limit" && way != "priority" && !endsWithin(10*time.Second) {
			t.Errorf("without a sandbox %s does not end it", way)
		}
	}
	out, r := inside(t, nil, "signal", "kill", "parent") // it would be the process that supervises
	refused(t, out, r, "kill", "signal 9 to process ")
	outside(t, "everybody")
	out, r = inside(t, nil, "everybody")
	refused(t, out, r, "kill", "all processes")
}

// TestPerfectReport has a program print what it likes: the result is what was
// seen of it.
func TestPerfectReport(t *testing.T) {
	t.Parallel()
	need(t)
	leak, err := os.CreateTemp(t.TempDir(), "")
	must(t, err)
	defer leak.Close()
	_, _, errno := syscall.Syscall(syscall.SYS_FCNTL, leak.Fd(), syscall.F_SETFD, 0) // somebody forgot O_CLOEXEC
	if errno != 0 {
		t.Fatal(errno)
	}
	out, r := inside(t, nil, "report")
	if r.Exit != 7 || r.Limit != "" || len(r.Attempts) > 0 {
		t.Errorf("the result is %+v", r)
	}
	if !strings.Contains(out, "other descriptors: 0\n") {
		t.Errorf("it had descriptors: %q", out)
	}
	if text, _ := exec.Command(attack(t, "report")).Output(); bytes.Contains(text, []byte("other descriptors: 0\n")) {
		t.Errorf("without a sandbox it has no other descriptor: %q", text)
	}
}

func TestGradersSecrets(t *testing.T) {
	t.Parallel()
	need(t)
	outside(t, "grader")
	out, r := inside(t, nil, "grader")
	refused(t, out, r, "openat", "/environ")
	t.Run("environment", func(t *testing.T) {
		program := attack(t, "grader")
		cmd := exec.Command(program) // without an environment of its own, os/exec gives it all of ours
		run, err := policyOf(t, program).Wrap(cmd)
		must(t, err)
		if cmd.Env == nil {
			t.Error("the program gets the environment of the grader")
		}
		_ = cmd.Run()
		_, err = run.Result()
		must(t, err)
	})
}

func TestFilesOfOthers(t *testing.T) {
	t.Parallel()
	need(t)
	other := filepath.Join(t.TempDir(), "submission")
	must(t, os.Mkdir(other, 0o755))
	secret := filepath.Join(other, "main.c")
	must(t, os.WriteFile(secret, []byte("the secret"), 0o644))
	link := filepath.Join(t.TempDir(), "link")
	must(t, os.Symlink(secret, link))
	home, err := os.UserHomeDir()
	if err != nil {
		home = "/root"
	}
	if out := outside(t, "read", secret, other); !strings.Contains(out, "the secret") {
		t.Errorf("without a sandbox it reads %q", out)
	}
	for _, path := range []string{secret, link, "/etc/passwd", "/etc/shadow", "/etc/hostname", "/proc/1/environ", "/proc/self/root/etc/passwd", home} {
		if _, err := os.Stat(path); err != nil && path != "/proc/1/environ" {
			continue // such as /etc/hostname, in some containers
		}
		out, r := inside(t, nil, "read", path, filepath.Dir(secret))
		call := "openat"
		if strings.HasPrefix(path, "/proc/self/") {
			call = "" // it is the program's own entry that leads there
		}
		refused(t, out, r, call, path)
		if strings.Contains(out, "the secret") || strings.Contains(out, "root:") {
			t.Errorf("it read %s: %q", path, out)
		}
	}
}

func TestChangesOfOthers(t *testing.T) {
	t.Parallel()
	need(t)
	for way, call := range map[string]string{
		"chmod": "chmod", "chown": "chown", "times": "utimensat", "truncate": "", "write": "openat", "unlink": "", "rename": "", "link": "",
		"symlink": "symlink", "attribute": "setxattr", "device": "mknod",
	} {
		file := filepath.Join(t.TempDir(), "file")
		must(t, os.WriteFile(file, []byte("as it was"), 0o600))
		must(t, os.Chtimes(file, time.Unix(1, 0), time.Unix(1, 0)))
		before, err := os.Stat(file)
		must(t, err)
		out, r := inside(t, nil, "change", way, file)
		if arm := r.Tried(call+"at", ""); arm { // where the processor has no older call
			call += "at"
		}
		refused(t, out, r, call, "")
		after, err := os.Stat(file)
		must(t, err)
		text, err := os.ReadFile(file)
		must(t, err)
		if after.Mode() != before.Mode() || after.ModTime() != before.ModTime() || string(text) != "as it was" {
			t.Errorf("%s has changed the file", way)
		}
		if way == "attribute" { // not each file system has them
			continue
		}
		cmd := exec.Command(attack(t, "change"), way, file)
		cmd.Dir = filepath.Dir(file) // the same file system
		if text, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("without a sandbox %s does not succeed: %s", way, text)
		}
	}
}

func TestOtherPrograms(t *testing.T) {
	t.Parallel()
	need(t)
	outside(t, "execute")
	outside(t, "execute", "/bin/sh")
	out, r := inside(t, nil, "execute")
	refused(t, out, r, "execve", "/mine")
	out, r = inside(t, nil, "execute", "/bin/sh")
	refused(t, out, r, "execve", "/bin/sh")
}

func TestTracing(t *testing.T) {
	t.Parallel()
	need(t)
	for way, call := range map[string]string{"attach": "ptrace", "me": "ptrace", "read": "process_vm_readv"} {
		pid, _ := victim(t)
		out, r := inside(t, nil, "trace", way, strconv.Itoa(pid))
		refused(t, out, r, call, "")
		if way == "me" || os.Getuid() == 0 { // with Yama's restriction nobody traces a sister
			outside(t, "trace", way, strconv.Itoa(pid))
		}
	}
}

// listener returns a port, and whether it has that many connections so far.
func listener(t *testing.T) (port string, has func(connections int) bool) {
	t.Helper()
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	must(t, err)
	t.Cleanup(func() { l.Close() })
	var mu sync.Mutex
	n := 0
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			mu.Lock()
			n++
			mu.Unlock()
			c.Close()
		}
	}()
	return strconv.Itoa(l.Addr().(*net.TCPAddr).Port), func(connections int) bool {
		got := -1
		for begin := time.Now(); got < connections && time.Since(begin) < 10*time.Second; {
			time.Sleep(50 * time.Millisecond)
			mu.Lock()
			got = n
			mu.Unlock()
		}
		return got == connections
	}
}

func TestConnections(t *testing.T) {
	t.Parallel()
	need(t)
	port, has := listener(t)
	number, err := strconv.Atoi(port)
	must(t, err)
	given := func(p *sandbox.Policy) { p.Connect = []int{number} }

	for _, way := range []string{"", "fastopen"} {
		out, r := inside(t, nil, "connect", "127.0.0.1", port, way)
		call, detail := "connect", "127.0.0.1:"+port
		if way == "fastopen" {
			call, detail = "sendto", "MSG_FASTOPEN"
		}
		refused(t, out, r, call, detail)
	}
	if !has(0) {
		t.Error("a port that was not given was reached")
	}
	if out, _ := inside(t, given, "connect", "127.0.0.1", port); !strings.Contains(out, "succeeded") || !has(1) {
		t.Errorf("a port that was given is not reached: %q", out)
	}
	outside(t, "connect", "127.0.0.1", port)
	outside(t, "connect", "127.0.0.1", port, "device")

	// An address that belongs to nobody: not one packet leaves this machine, or the sandbox has failed.
	out, r := inside(t, given, "connect", "198.51.100.1", port)
	refused(t, out, r, "connect", "198.51.100.1:"+port)
	out, r = inside(t, given, "connect", "198.51.100.1", port, "device")
	refused(t, out, r, "", "")
	if !strings.Contains(out, "Operation not permitted") {
		t.Errorf("the socket can leave loopback: %q", out)
	}
	for _, own := range addresses(t) { // this machine's other ones are not loopback
		out, r := inside(t, given, "connect", own, port)
		refused(t, out, r, "connect", own)
	}
}

// addresses are the addresses of this machine that are not loopback.
func addresses(t *testing.T) []string {
	t.Helper()
	list, err := net.InterfaceAddrs()
	must(t, err)
	var found []string
	for _, a := range list {
		if n, ok := a.(*net.IPNet); ok && !n.IP.IsLoopback() && n.IP.To4() != nil {
			found = append(found, n.IP.String())
		}
	}
	return found
}

func TestPortsToListenAt(t *testing.T) {
	t.Parallel()
	need(t)
	l, err := net.Listen("tcp4", "127.0.0.1:0") // a port that is free when it is closed
	must(t, err)
	port := l.Addr().(*net.TCPAddr).Port
	l.Close()
	out, r := inside(t, func(p *sandbox.Policy) { p.Listen = []int{0} }, "bind", strconv.Itoa(port))
	refused(t, out, r, "bind", "0.0.0.0:"+strconv.Itoa(port))
	if out, _ := inside(t, func(p *sandbox.Policy) { p.Listen = []int{port} }, "bind", strconv.Itoa(port)); !strings.Contains(out, "succeeded") {
		t.Errorf("a port that was given cannot be bound: %q", out)
	}
	if out, _ := inside(t, func(p *sandbox.Policy) { p.Listen = []int{0} }, "bind", "0"); !strings.Contains(out, "succeeded") {
		t.Errorf("no free port can be bound: %q", out)
	}
}

func TestUDP(t *testing.T) {
	t.Parallel()
	need(t)
	l, err := net.ListenPacket("udp4", "127.0.0.1:0")
	must(t, err)
	defer l.Close()
	port := strconv.Itoa(l.LocalAddr().(*net.UDPAddr).Port)
	out, r := inside(t, nil, "udp", "127.0.0.1", port)
	refused(t, out, r, "socket", "AF_INET, SOCK_DGRAM")
	outside(t, "udp", "127.0.0.1", port)
}

func TestUnixSockets(t *testing.T) {
	t.Parallel()
	need(t)
	for _, name := range []string{fmt.Sprintf("@espgen-attack-%d", os.Getpid()), filepath.Join(t.TempDir(), "s")} {
		l, err := net.Listen("unix", name)
		must(t, err)
		defer l.Close()
		out, r := inside(t, nil, "unix", name)
		refused(t, out, r, "socket", "AF_UNIX")
		outside(t, "unix", name)
	}
}

func TestSocketFamilies(t *testing.T) {
	t.Parallel()
	need(t)
	for _, tt := range []struct {
		family, kind, protocol int
		detail                 string
	}{
		{syscall.AF_INET, syscall.SOCK_STREAM, 262, "IPPROTO_MPTCP"},
		{syscall.AF_INET6, syscall.SOCK_STREAM, 262, "IPPROTO_MPTCP"},
		{syscall.AF_NETLINK, syscall.SOCK_RAW, 0, "AF_NETLINK"},
		{syscall.AF_PACKET, syscall.SOCK_RAW, 0, "AF_PACKET"},
		{syscall.AF_INET, syscall.SOCK_RAW, 1, "SOCK_RAW"},
		{syscall.AF_INET, syscall.SOCK_DGRAM, 1, "IPPROTO_ICMP"},
		{40, syscall.SOCK_STREAM, 0, "AF_VSOCK"},
		{38, syscall.SOCK_SEQPACKET, 0, "AF_ALG"},
		{99, syscall.SOCK_STREAM, 0, "99"},
	} {
		out, r := inside(t, nil, "socket", strconv.Itoa(tt.family), strconv.Itoa(tt.kind), strconv.Itoa(tt.protocol))
		refused(t, out, r, "socket", tt.detail)
		if !strings.Contains(out, "Permission denied") {
			t.Errorf("%s: %q", tt.detail, out)
		}
	}
	out, r := inside(t, nil, "socket", "1", strconv.Itoa(syscall.SOCK_DGRAM), "0", "pair")
	refused(t, out, r, "socketpair", "AF_UNIX, SOCK_DGRAM")
	outside(t, "socket", "1", strconv.Itoa(syscall.SOCK_DGRAM), "0", "pair")
	l, err := net.Listen("tcp6", "[::1]:0")
	if err != nil {
		return // this machine has no IPv6
	}
	l.Close()
	if out, _ := inside(t, nil, "socket", "10", "1", "6"); !strings.Contains(out, "succeeded") {
		t.Errorf("TCP of IPv6: %q", out)
	}
}

func TestSystemCalls(t *testing.T) {
	t.Parallel()
	need(t)
	out, r := inside(t, nil, "calls")
	if strings.Contains(out, "went through") || !strings.Contains(out, "done\n") {
		t.Errorf("system calls went through:\n%s", out)
	}
	for _, call := range []string{"unshare", "mount", "io_uring_setup", "bpf", "userfaultfd", "keyctl", "memfd_create", "seccomp", "clone", "shmget", "ioctl", "fcntl", "setsockopt"} {
		if !r.Tried(call, "") {
			t.Errorf("the report does not say %s: %v", call, r.Attempts)
		}
	}
	out, r = inside(t, nil, "call32")
	refused(t, out, r, "", "")
}

// TestHarmless wants what programs need to work.
func TestHarmless(t *testing.T) {
	t.Parallel()
	need(t)
	program := attack(t, "harmless")
	policy := policyOf(t, program)
	dir := t.TempDir()
	policy.Write = append(policy.Write, dir)
	policy.Listen = []int{0}
	cmd, run, err := sandbox.Command(t.Context(), policy, program)
	must(t, err)
	cmd.Dir = dir
	out, err := cmd.StdoutPipe()
	must(t, err)
	must(t, cmd.Start())
	text := make([]byte, 4096)
	n, err := out.Read(text)
	must(t, err)
	m := regexp.MustCompile(`listens at (\d+)`).FindSubmatch(text[:n])
	if m == nil {
		t.Fatalf("it does not listen: %q", text[:n])
	}
	c, err := net.Dial("tcp", "127.0.0.1:"+string(m[1]))
	must(t, err)
	defer c.Close()
	_, err = c.Write([]byte("hello"))
	must(t, err)
	echo := make([]byte, 5)
	_, err = c.Read(echo)
	must(t, err)
	more, _ := out.Read(text[n:])
	if err := cmd.Wait(); err != nil {
		t.Errorf("%v: %s", err, text[:n+more])
	}
	r, err := run.Result()
	must(t, err)
	if len(r.Attempts) > 0 || r.Limit != "" || r.Orphans != 0 {
		t.Errorf("the result is %+v", r)
	}
}
