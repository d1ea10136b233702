package sandbox

import (
	"fmt"
	"unsafe"

	"github.com/elastic/go-seccomp-bpf"
	"github.com/elastic/go-seccomp-bpf/arch"
	"golang.org/x/net/bpf"
	"golang.org/x/sys/unix"
)

// What is in no list here goes to the process that supervises the program,
// which decides, or refuses it, and tells of it: see calls_linux.go.

// allowed are the system calls that reach nothing outside of the program, or
// only what Landlock lets through.
var allowed = []string{
	// what programs call most, as the filter looks at one after the other
	"read", "write", "futex", "close", "fstat", "newfstatat", "mmap", "munmap", "mprotect", "lseek", "brk", "poll", "ppoll", "recvfrom",
	"rt_sigprocmask", "rt_sigaction", "clock_gettime", "clock_nanosleep", "pread64", "readlink", "access",

	// files that are open
	"readv", "writev", "pwrite64", "preadv", "pwritev", "preadv2", "pwritev2", "sendfile", "splice", "tee", "vmsplice", "copy_file_range", "dup", "dup2",
	"dup3", "pipe", "pipe2", "flock", "fsync", "fdatasync", "sync_file_range", "ftruncate", "fallocate", "fadvise64", "readahead", "getdents",
	"getdents64", "fstatfs", "close_range", "select", "pselect6", "epoll_create", "epoll_create1", "epoll_ctl", "epoll_wait", "epoll_pwait", "epoll_pwait2",
	"eventfd", "eventfd2", "signalfd", "signalfd4", "timerfd_create", "timerfd_settime", "timerfd_gettime",

	// names of files, of which Landlock holds what changes them; the others tell whether a file is there
	"stat", "lstat", "statx", "statfs", "faccessat", "faccessat2", "readlinkat", "getcwd", "chdir", "fchdir", "rename", "renameat", "renameat2", "mkdir",
	"mkdirat", "rmdir", "link", "linkat", "unlink", "unlinkat", "truncate", "umask",

	// sockets that are there
	"recvmsg", "recvmmsg", "shutdown", "listen", "accept", "accept4", "getsockname", "getpeername", "getsockopt",

	// memory
	"mremap", "msync", "mincore", "madvise", "mlock", "mlock2", "munlock", "mlockall", "munlockall", "membarrier", "mseal", "map_shadow_stack", "cachestat",
	"pkey_mprotect", "pkey_alloc", "pkey_free",

	// itself
	"exit", "exit_group", "wait4", "waitid", "getpid", "gettid", "getppid", "getpgrp", "getpgid", "getsid", "setpgid", "setsid", "getuid", "geteuid", "getgid",
	"getegid", "getgroups", "getresuid", "getresgid", "capget", "getrlimit", "setrlimit", "getrusage", "times", "sysinfo", "uname", "getpriority",
	"sched_yield", "sched_getaffinity", "sched_getparam", "sched_getscheduler", "sched_getattr", "sched_get_priority_max", "sched_get_priority_min",
	"sched_rr_get_interval", "getcpu", "getrandom", "prctl", "arch_prctl", "set_tid_address", "set_robust_list", "rseq", "restart_syscall",
	"set_thread_area", "get_thread_area", "futex_waitv", "futex_wake", "futex_wait", "futex_requeue",

	// its signals and times
	"rt_sigreturn", "rt_sigpending", "rt_sigtimedwait", "rt_sigsuspend", "sigaltstack", "pause", "nanosleep", "alarm", "getitimer", "setitimer", "time",
	"gettimeofday", "clock_getres", "timer_create", "timer_settime", "timer_gettime", "timer_getoverrun", "timer_delete",
}

// unknown are calls that the C library replaces by others where the kernel does
// not know them. Of clone3 the flags are in memory, where they could change
// after a look at them.
var unknown = []string{"clone3"}

// The commands that are allowed of calls with many: those that signal another
// process, or put text into a terminal, are not.
var (
	fcntlCommands = []uint64{
		unix.F_DUPFD, unix.F_GETFD, unix.F_SETFD, unix.F_GETFL, unix.F_SETFL, unix.F_GETLK, unix.F_SETLK, unix.F_SETLKW, unix.F_OFD_GETLK, unix.F_OFD_SETLK,
		unix.F_OFD_SETLKW, unix.F_DUPFD_CLOEXEC, unix.F_GETPIPE_SZ, unix.F_GET_SEALS,
	}
	ioctlCommands = []uint64{
		fioNRead, fioNBIO, fioCLEX, fioNCLEX, unix.TCGETS, unix.TIOCGWINSZ, unix.TIOCGPGRP, unix.TIOCOUTQ, unix.SIOCATMARK, siocOutQNSD,
	}
)

const (
	msgFastOpen = 0x20000000 // MSG_FASTOPEN: a send that connects, which Landlock does not see
	tcpULP      = 31         // TCP_ULP: makes another protocol of a socket
	query       = 0xffffffff // of personality()
	noRandomize = 0x0040000  // ADDR_NO_RANDOMIZE, which sanitizers set where addresses are too random

	siocOutQNSD = 0x894b // SIOCOUTQNSD: what a socket has not sent yet

	fioNRead, fioNBIO, fioCLEX, fioNCLEX = 0x541b, 0x5421, 0x5451, 0x5450 // FIONREAD and so on, as amd64 and arm64 have them
)

// withArguments are the calls that are allowed with some arguments. All of them
// are compared in 64 bits: a call with anything in the upper half of an int is
// in no list.
func withArguments() []seccomp.NameWithConditions {
	var list []seccomp.NameWithConditions
	add := func(name string, conditions ...seccomp.Condition) {
		list = append(list, seccomp.NameWithConditions{Name: name, Conditions: conditions})
	}
	equal := func(argument uint32, value uint64) seccomp.Condition {
		return seccomp.Condition{Argument: argument, Operation: seccomp.Equal, Value: value}
	}
	for _, command := range fcntlCommands {
		add("fcntl", equal(1, command))
	}
	for _, command := range ioctlCommands {
		add("ioctl", equal(1, command))
	}
	// Here the bit is in the lower half, and the upper counts for nothing.
	for name, argument := range map[string]uint32{"sendto": 3, "sendmsg": 2, "sendmmsg": 3} {
		add(name, seccomp.Condition{Argument: argument, Operation: seccomp.BitsNotSet, Value: msgFastOpen})
	}
	for _, level := range []uint64{unix.SOL_SOCKET, unix.IPPROTO_IP, unix.IPPROTO_IPV6} {
		add("setsockopt", equal(1, level))
	}
	add("setsockopt", equal(1, unix.IPPROTO_TCP), seccomp.Condition{Argument: 2, Operation: seccomp.LessThan, Value: tcpULP})
	for _, value := range []uint64{0, query, noRandomize} {
		add("personality", equal(0, value))
	}
	for _, name := range []string{"prlimit64", "sched_setaffinity"} {
		add(name, equal(0, 0)) // of itself
	}
	return list
}

// filter returns the filter as the kernel reads it.
func filter() ([]unix.SockFilter, error) {
	info, err := arch.GetInfo("")
	if err != nil {
		return nil, err
	}
	there := func(names []string) []string { // not each processor has them all
		var known []string
		for _, name := range names {
			if _, ok := info.SyscallNames[name]; ok {
				known = append(known, name)
			}
		}
		return known
	}
	policy := seccomp.Policy{
		DefaultAction: seccomp.ActionErrno, // replaced below
		Syscalls: []seccomp.SyscallGroup{
			{Action: seccomp.ActionAllow, Names: there(allowed)},
			{Action: seccomp.ActionErrno | seccomp.Action(unix.ENOSYS), Names: there(unknown)},
			{Action: seccomp.ActionAllow, NamesWithCondtions: withArguments()},
		},
	}
	instructions, err := policy.Assemble()
	if err != nil {
		return nil, err
	}
	// The library knows no default of this kind. It is also where calls of
	// another processor's kind go.
	last := len(instructions) - 1
	if _, ok := instructions[last].(bpf.RetConstant); !ok {
		return nil, fmt.Errorf("the filter ends with %v", instructions[last])
	}
	instructions[last] = bpf.RetConstant{Val: uint32(seccomp.ActionUserNotify)}
	raw, err := bpf.Assemble(instructions)
	if err != nil {
		return nil, err
	}
	program := make([]unix.SockFilter, len(raw))
	for i, r := range raw {
		program[i] = unix.SockFilter{Code: r.Op, Jt: r.Jt, Jf: r.Jf, K: r.K}
	}
	return program, nil
}

// filterFlags ask for a descriptor that tells of calls, and keep signals, but
// those that kill, from interrupting a call that is decided.
const filterFlags = unix.SECCOMP_FILTER_FLAG_NEW_LISTENER | unix.SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV

// loadFilter puts the filter on this thread, and returns the descriptor.
func loadFilter() (int, error) {
	list, err := filter()
	if err != nil {
		return -1, err
	}
	program := unix.SockFprog{Len: uint16(len(list)), Filter: &list[0]}
	fd, _, errno := unix.Syscall(unix.SYS_SECCOMP, unix.SECCOMP_SET_MODE_FILTER, filterFlags, uintptr(unsafe.Pointer(&program)))
	if errno != 0 {
		return -1, errno
	}
	return int(fd), nil
}
