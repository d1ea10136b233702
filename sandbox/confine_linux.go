package sandbox

import (
	"fmt"
	"os"
	"runtime"
	"strings"
	"syscall"
	"time"

	"github.com/landlock-lsm/go-landlock/landlock"
	ll "github.com/landlock-lsm/go-landlock/landlock/syscall"
	"golang.org/x/sys/unix"
)

// runConfined takes everything from this process, and becomes the program. It
// returns only where that fails, and has told the supervisor why.
func runConfined(policy, peer *os.File, extra int) int {
	if err := confineAndExecute(policy, peer, extra); err != nil {
		fmt.Fprint(peer, err.Error())
	}
	return exitSandbox
}

func confineAndExecute(policy, peer *os.File, extra int) error {
	runtime.LockOSThread() // what follows is of a thread, and stays with it in the program
	q, err := readRequest(policy)
	if err != nil {
		return err
	}
	for _, step := range []struct {
		what string
		do   func() error
	}{
		{"end with the supervisor", endWithParent},
		{"be the first to be killed where memory is short", func() error { return os.WriteFile("/proc/self/oom_score_adj", []byte("1000"), 0) }},
		{"limits", func() error { return setLimits(q.Policy.Limits) }},
		{"capabilities", dropCapabilities},
		{"no_new_privs", func() error { return unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) }},
		{"descriptors", func() error { return unix.CloseRange(uint(firstExtra+extra), 1<<31-1, unix.CLOSE_RANGE_CLOEXEC) }},
		{"Landlock", func() error { return restrict(q.Policy) }},
		{"seccomp", func() error { return loadFilterFor(peer) }},
		{q.Path, func() error { return unix.Exec(q.Path, q.Args, os.Environ()) }},
	} {
		if err := step.do(); err != nil {
			return fmt.Errorf("%s: %w", step.what, err)
		}
	}
	return nil
}

func endWithParent() error {
	return unix.Prctl(unix.PR_SET_PDEATHSIG, uintptr(unix.SIGKILL), 0, 0, 0)
}

// noCore is a limit that makes no core of a crash, not even where cores go to
// another program: those do not heed 0.
const noCore = 1

// setLimits sets what the kernel counts, for each process. What it does not
// count, or for each process only, the supervisor counts.
func setLimits(l Limits) error {
	seconds := uint64((l.CPU + time.Second - 1) / time.Second)
	for resource, most := range map[int]uint64{
		unix.RLIMIT_CPU:      seconds,
		unix.RLIMIT_FSIZE:    uint64(l.FileSize),
		unix.RLIMIT_NOFILE:   uint64(l.OpenFiles),
		unix.RLIMIT_CORE:     noCore,
		unix.RLIMIT_MSGQUEUE: 0,
		unix.RLIMIT_MEMLOCK:  0,
	} {
		var now syscall.Rlimit
		if err := syscall.Getrlimit(resource, &now); err != nil {
			return err
		}
		limit := syscall.Rlimit{Cur: min(most, now.Max), Max: min(most, now.Max)}
		if resource == unix.RLIMIT_CPU { // at the first the program gets SIGXCPU, at the second it is killed
			limit.Max = min(most+1, now.Max)
		}
		if err := syscall.Setrlimit(resource, &limit); err != nil {
			return err
		}
	}
	return nil
}

// dropCapabilities leaves nothing of root but its number.
func dropCapabilities() error {
	header := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	if hasCapability(unix.CAP_SETPCAP) {
		for c := uintptr(0); ; c++ {
			there, err := unix.PrctlRetInt(unix.PR_CAPBSET_READ, c, 0, 0, 0)
			if err != nil {
				break // the kernel has no more
			}
			if there == 1 {
				if err := unix.Prctl(unix.PR_CAPBSET_DROP, c, 0, 0, 0); err != nil {
					return err
				}
			}
		}
	}
	if err := unix.Prctl(unix.PR_CAP_AMBIENT, unix.PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0); err != nil {
		return err
	}
	var data [2]unix.CapUserData
	return unix.Capset(&header, &data[0])
}

const (
	readRights    = ll.AccessFSReadFile | ll.AccessFSReadDir
	executeRights = readRights | ll.AccessFSExecute
	// No links, which could lead the reader of a result elsewhere, and no
	// pipes, sockets and devices.
	writeRights = readRights | ll.AccessFSWriteFile | ll.AccessFSTruncate | ll.AccessFSMakeReg | ll.AccessFSMakeDir | ll.AccessFSRemoveFile | ll.AccessFSRemoveDir
	fileRights  = ll.AccessFSReadFile | ll.AccessFSWriteFile | ll.AccessFSTruncate | ll.AccessFSExecute // that a file has
)

// restrict holds this process to the policy's files and ports with Landlock, in
// all that its version knows. Level has seen that it knows enough.
func restrict(p Policy) error {
	var rules []landlock.Rule
	add := func(rights landlock.AccessFSSet, paths []string) error {
		for _, path := range paths {
			info, err := os.Stat(path)
			if err != nil {
				return err
			}
			r := rights
			if !info.IsDir() {
				r &= fileRights
			}
			rules = append(rules, landlock.PathAccess(r, path))
		}
		return nil
	}
	for _, err := range []error{
		add(readRights, p.Read), add(executeRights, p.Execute), add(executeRights, p.Tools), add(writeRights, p.Write),
		add(readRights, []string{"/proc/self"}), // of the program, which has this process's number
	} {
		if err != nil {
			return err
		}
	}
	for _, port := range p.Listen {
		rules = append(rules, landlock.BindTCP(uint16(port)))
	}
	for _, port := range p.Connect {
		rules = append(rules, landlock.ConnectTCP(uint16(port)))
	}
	return landlock.V11.BestEffort().Restrict(rules...)
}

// loadFilterFor loads the filter, and sends the descriptor of its notifications
// to the supervisor.
func loadFilterFor(peer *os.File) error {
	fd, err := loadFilter()
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	return unix.Sendmsg(int(peer.Fd()), []byte{0}, unix.UnixRights(fd), nil, 0)
}

// failed is what a process says that could not become the program.
func failed(text []byte) string { return strings.TrimLeft(string(text), "\x00") }
