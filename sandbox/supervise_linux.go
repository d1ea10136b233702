package sandbox

import (
	"encoding/gob"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
	"unicode"
	"unsafe"

	"golang.org/x/sys/unix"
)

// How often what a program takes is looked at.
const (
	lookEvery = 10 * time.Millisecond
	diskEvery = 200 * time.Millisecond
)

// The limits of what is remembered and looked at.
const (
	maxAttempts = 64
	maxDetail   = 300    // characters
	maxEntries  = 100000 // of the folders that a program writes; more is too much
)

// A supervisor is the process that starts a program, decides its calls, counts
// what it takes, and ends all that is left of it. No part of the program can
// signal or trace it.
type supervisor struct {
	request
	pid   int // of this process
	main  int // of the program
	calls calls
	began time.Time

	limits chan struct{} // is closed when a limit is hit

	mu       sync.Mutex
	ending   bool // nothing may be started any more
	count    int  // processes and threads at the last look
	since    int  // those that have been allowed since
	result   Result
	written  int64 // bytes of output
	attempts map[[2]string]int
}

// runSupervisor runs a program in its sandbox, and ends as it does.
func runSupervisor(policy, control *os.File, extra int) int {
	runtime.LockOSThread() // the program ends with the thread that has started it
	s := &supervisor{pid: os.Getpid(), limits: make(chan struct{}), attempts: map[[2]string]int{}}
	var err error
	if s.request, err = readRequest(policy); err == nil {
		err = s.run(policy, control, extra)
	}
	got := response{Result: s.result}
	if err != nil {
		got.Error = err.Error()
	}
	_ = gob.NewEncoder(control).Encode(got) // to a process that may have gone
	if err != nil {
		return exitSandbox
	}
	if s.result.Signal != 0 {
		endBySignal(s.result.Signal)
	}
	return s.result.Exit
}

func (s *supervisor) run(policy, control *os.File, extra int) error {
	// A reader of the output that has gone ends the copy, not this process. To
	// ignore the signal would have the program ignore it, too.
	signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE)
	told := make(chan os.Signal, 4)
	signal.Notify(told, syscall.SIGTERM, syscall.SIGINT, syscall.SIGHUP)
	if err := unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0); err != nil { // what loses its parent becomes our child
		return fmt.Errorf("PR_SET_CHILD_SUBREAPER: %w", err)
	}
	output, streams, err := s.copyOutput()
	if err != nil {
		return err
	}
	if err := s.start(policy, streams, extra); err != nil {
		return err
	}
	// Landlock knows /proc/PID by its entry, which stays as long as it is open.
	if entry, err := os.Open("/proc/" + strconv.Itoa(s.main)); err == nil {
		defer entry.Close()
	}
	s.began = time.Now()
	mainDone, allDone := make(chan unix.WaitStatus, 1), make(chan struct{})
	go s.reap(mainDone, allDone)
	gone := make(chan struct{})
	go func() {
		_, _ = io.Copy(io.Discard, control) // nothing comes: it ends with the other process
		close(gone)
	}()
	stopLooking := make(chan struct{})
	var looking sync.WaitGroup
	looking.Go(func() { s.look(stopLooking) })
	looking.Go(func() { s.lookAtDisk(stopLooking) })

	wall := time.After(s.Policy.Limits.Wall)
	var grace <-chan time.Time
	var status unix.WaitStatus
	ended := false
	for waiting := true; waiting; {
		select {
		case status = <-mainDone:
			ended, waiting = true, false
		case <-wall:
			s.hit(LimitWall, fmt.Sprintf("it ran for more than %v", s.Policy.Limits.Wall))
		case <-s.limits:
			waiting = false
		case <-gone:
			waiting = false
		case sig := <-told:
			_ = unix.Kill(s.main, sig.(syscall.Signal))
			if grace == nil {
				grace = time.After(s.Grace)
			}
		case <-grace:
			waiting = false
		}
	}
	s.result.Wall = time.Since(s.began)
	orphans := s.endAll(allDone)
	if !ended {
		status = <-mainDone
	} else {
		s.result.Orphans = orphans
	}
	close(stopLooking)
	looking.Wait()
	select { // of a reader that does not read
	case <-output:
	case <-time.After(endDelay / 2):
	}
	s.finish(status)
	return nil
}

// finish fills in the result.
func (s *supervisor) finish(status unix.WaitStatus) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.result.Exit = status.ExitStatus()
	if status.Signaled() {
		s.result.Exit, s.result.Signal = -1, status.Signal()
	}
	s.result.CPU = endedCPU()
	if s.result.Limit == "" {
		switch s.result.Signal {
		case unix.SIGXCPU:
			s.result.Limit, s.result.Why = LimitCPU, s.cpuLimit()
		case unix.SIGXFSZ:
			s.result.Limit, s.result.Why = LimitFileSize, "it wrote a file of more than "+size(s.Policy.Limits.FileSize)
		}
	}
	for i, a := range s.result.Attempts {
		s.result.Attempts[i].Times = s.attempts[[2]string{a.Call, a.Detail}]
	}
}

// start starts the program, and returns when it has begun.
func (s *supervisor) start(policy *os.File, streams [2]*os.File, extra int) error {
	pair, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_SEQPACKET|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return fmt.Errorf("socketpair: %w", err)
	}
	defer unix.Close(pair[0])
	files := []uintptr{0, streams[0].Fd(), streams[1].Fd()}
	for i := range extra {
		files = append(files, uintptr(firstExtra+i))
	}
	files = append(files, policy.Fd(), uintptr(pair[1]))
	s.main, err = syscall.ForkExec(self, []string{os.Args[0], ExecCommand, confine, strconv.Itoa(extra)}, &syscall.ProcAttr{
		Env: os.Environ(), Files: files, Sys: &syscall.SysProcAttr{Setsid: true, Pdeathsig: syscall.SIGKILL},
	})
	unix.Close(pair[1])
	streams[0].Close()
	streams[1].Close()
	for i := range extra { // the program's alone
		unix.Close(firstExtra + i)
	}
	if err != nil {
		return fmt.Errorf("it cannot start itself again: %w", err)
	}
	return s.receive(pair[0])
}

// receive takes the descriptor of the filter, and waits until the program has
// begun, which closes the other end.
func (s *supervisor) receive(fd int) error {
	said, rights := make([]byte, 4096), make([]byte, 64)
	n, rightsLength, _, _, err := unix.Recvmsg(fd, said, rights, unix.MSG_CMSG_CLOEXEC)
	if err != nil {
		return fmt.Errorf("recvmsg: %w", err)
	}
	if rightsLength == 0 {
		return errors.New(failed(said[:n]))
	}
	messages, err := unix.ParseSocketControlMessage(rights[:rightsLength])
	if err != nil || len(messages) != 1 {
		return fmt.Errorf("no descriptor of the filter: %w", err)
	}
	fds, err := unix.ParseUnixRights(&messages[0])
	if err != nil || len(fds) != 1 {
		return fmt.Errorf("no descriptor of the filter: %w", err)
	}
	s.calls = calls(fds[0])
	s.calls.hurry()
	go s.decideAll() // from now on the other process has calls that wait
	if n, _ := unix.Read(fd, said); n > 0 {
		return errors.New(failed(said[:n]))
	}
	return nil
}

// decideAll decides calls as long as there is a process that makes some.
func (s *supervisor) decideAll() {
	for {
		c, ok := s.calls.next()
		if !ok {
			return
		}
		s.decide(c)
	}
}

// reap takes leave of all children.
func (s *supervisor) reap(mainDone chan<- unix.WaitStatus, allDone chan<- struct{}) {
	for {
		var status unix.WaitStatus
		pid, err := unix.Wait4(-1, &status, unix.WALL, nil)
		switch {
		case err == unix.ECHILD:
			close(allDone)
			return
		case pid == s.main && (status.Exited() || status.Signaled()):
			mainDone <- status
		}
	}
}

// endAll kills the program and all that it has started, and returns how many
// processes that were, without tools.
func (s *supervisor) endAll(allDone <-chan struct{}) int {
	s.mu.Lock()
	s.ending = true
	s.mu.Unlock()
	killed := map[int]bool{}
	left := 0
	for {
		for _, p := range descendants(s.pid) {
			if !p.ended {
				if file, err := fileOf(p.pid); err == nil && !killed[p.pid] && !slices.Contains(s.Policy.Tools, file) {
					left++
				}
				killed[p.pid] = true
				_ = unix.Kill(p.pid, unix.SIGKILL)
			}
		}
		select {
		case <-allDone:
			return left
		case <-time.After(time.Millisecond):
		}
	}
}

// mayClone reports whether another process or thread may begin.
func (s *supervisor) mayClone() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	most := s.Policy.Limits.Processes
	if !s.ending && s.count+s.since >= most {
		s.count, s.since = 0, 0
		for _, p := range descendants(s.pid) {
			s.count += p.threads
		}
		if s.count >= most {
			s.hitLocked(LimitProcesses, fmt.Sprintf("it had more than %d processes and threads", most))
		}
	}
	if s.ending {
		return false
	}
	s.since++
	return true
}

// hit ends the program for a limit, the first of those that it hits.
func (s *supervisor) hit(l Limit, why string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.hitLocked(l, why)
}

func (s *supervisor) hitLocked(l Limit, why string) {
	if s.result.Limit != "" || s.ending && l != LimitOutput { // which comes after its program
		return
	}
	s.ending = true
	s.result.Limit, s.result.Why = l, why
	close(s.limits)
}

// isTool reports whether a process is one of the policy's tools.
func (s *supervisor) isTool(pid int) bool {
	file, err := fileOf(pid)
	return err == nil && slices.Contains(s.Policy.Tools, file)
}

// fileOf returns the file that a process executes. One that is about to end has
// none.
func fileOf(pid int) (string, error) { return os.Readlink(fmt.Sprintf("/proc/%d/exe", pid)) }

// tell remembers an attempt.
func (s *supervisor) tell(c call, name, detail string) {
	if s.isTool(int(c.thread)) {
		return
	}
	detail = printable(detail)
	s.mu.Lock()
	defer s.mu.Unlock()
	key := [2]string{name, detail}
	if s.attempts[key] == 0 {
		if len(s.result.Attempts) == maxAttempts {
			return
		}
		s.result.Attempts = append(s.result.Attempts, Attempt{Call: name, Detail: detail})
	}
	s.attempts[key]++
}

// printable is a text that the program has made, which goes to terminals.
func printable(text string) string {
	text = strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return '?'
		}
		return r
	}, strings.ToValidUTF8(text, "?"))
	if runes := []rune(text); len(runes) > maxDetail {
		text = string(runes[:maxDetail]) + "..."
	}
	return text
}

func (s *supervisor) cpuLimit() string {
	return fmt.Sprintf("it took more than %v of processor time", s.Policy.Limits.CPU)
}

// look counts memory and processor time until the end.
func (s *supervisor) look(stop <-chan struct{}) {
	for {
		var memory int64
		cpu := endedCPU()
		count := 0
		for _, p := range descendants(s.pid) {
			memory, cpu, count = memory+p.memory, cpu+p.cpu, count+p.threads
		}
		s.mu.Lock()
		s.result.Memory = max(s.result.Memory, memory)
		s.mu.Unlock()
		if memory > s.Policy.Limits.Memory {
			s.hit(LimitMemory, "it held more than "+size(s.Policy.Limits.Memory)+" of memory")
		}
		if cpu > s.Policy.Limits.CPU {
			s.hit(LimitCPU, s.cpuLimit())
		}
		if count > s.Policy.Limits.Processes {
			s.hit(LimitProcesses, fmt.Sprintf("it had more than %d processes and threads", s.Policy.Limits.Processes))
		}
		select {
		case <-stop:
			return
		case <-time.After(lookEvery):
		}
	}
}

// lookAtDisk counts what is in the folders that the program writes.
func (s *supervisor) lookAtDisk(stop <-chan struct{}) {
	for len(s.Policy.Write) > 0 {
		if used := s.disk(); used > s.Policy.Limits.Disk {
			s.hit(LimitDisk, "its files had more than "+size(s.Policy.Limits.Disk))
		}
		select {
		case <-stop:
			return
		case <-time.After(diskEvery):
		}
	}
}

// disk returns the bytes on the disk; too many where there are too many files.
func (s *supervisor) disk() int64 {
	var used int64
	entries := 0
	for _, root := range s.Policy.Write {
		_ = filepath.WalkDir(root, func(_ string, d fs.DirEntry, err error) error {
			if err != nil {
				return nil //nolint:nilerr // it was removed meanwhile
			}
			if info, err := d.Info(); err == nil && (info.Mode().IsRegular() || info.IsDir()) {
				if stat, ok := info.Sys().(*syscall.Stat_t); ok {
					used += stat.Blocks * 512
				}
			}
			if entries++; entries > maxEntries {
				used = 1 << 62
				return fs.SkipAll
			}
			return nil
		})
	}
	return used
}

// copyOutput returns what the program gets as standard output and error. The
// channel is closed when all of it is copied to ours.
func (s *supervisor) copyOutput() (<-chan struct{}, [2]*os.File, error) {
	var streams [2]*os.File
	var copies sync.WaitGroup
	for i, to := range []*os.File{os.Stdout, os.Stderr} {
		if i == 1 && sameFile(os.Stdout, os.Stderr) { // in the order in which it is written
			fd, err := unix.FcntlInt(streams[0].Fd(), unix.F_DUPFD_CLOEXEC, 0)
			if err != nil {
				return nil, streams, err
			}
			streams[1] = os.NewFile(uintptr(fd), "stderr")
			break
		}
		r, w, err := os.Pipe()
		if err != nil {
			return nil, streams, err
		}
		streams[i] = w
		copies.Go(func() { s.copy(to, r) })
	}
	done := make(chan struct{})
	go func() {
		copies.Wait()
		close(done)
	}()
	return done, streams, nil
}

func sameFile(a, b *os.File) bool {
	first, err := a.Stat()
	second, otherErr := b.Stat()
	return err == nil && otherErr == nil && os.SameFile(first, second)
}

// copy copies what the program writes, as much as it may.
func (s *supervisor) copy(to, from *os.File) {
	defer from.Close() // where nobody reads, the program hears of it
	text := make([]byte, 64<<10)
	for {
		n, err := from.Read(text)
		s.mu.Lock()
		left := s.Policy.Limits.Output - s.written
		s.written += int64(n)
		s.mu.Unlock()
		if int64(n) > left {
			n = int(max(left, 0))
			s.hit(LimitOutput, "it wrote more than "+size(s.Policy.Limits.Output)+" to standard output and error")
		}
		if _, writeErr := to.Write(text[:n]); err != nil || writeErr != nil || left < 0 {
			return
		}
	}
}

// size writes a number of bytes for people.
func size(n int64) string {
	for _, unit := range []struct {
		name  string
		bytes int64
	}{{"GiB", 1 << 30}, {"MiB", 1 << 20}, {"KiB", 1 << 10}} {
		if n >= unit.bytes && n%unit.bytes == 0 {
			return fmt.Sprintf("%d %s", n/unit.bytes, unit.name)
		}
	}
	return fmt.Sprintf("%d bytes", n)
}

// endBySignal ends this process as the program was. Go's runtime would print
// something of its own.
func endBySignal(sig syscall.Signal) {
	var byDefault [4]uint64 // the kernel's struct sigaction
	_, _, _ = unix.RawSyscall6(unix.SYS_RT_SIGACTION, uintptr(sig), uintptr(unsafe.Pointer(&byDefault)), 0, 8, 0, 0)
	_ = unix.Prctl(unix.PR_SET_DUMPABLE, 0, 0, 0, 0) // no core of this process
	_ = unix.Kill(os.Getpid(), sig)
	time.Sleep(time.Second)
}
