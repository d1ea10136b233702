package sandbox

import (
	"errors"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/elastic/go-seccomp-bpf/arch"
	"golang.org/x/sys/unix"
)

// decide answers a call that the filter does not let through by itself. Only
// numbers decide, which the caller cannot change any more. What is behind an
// address is told, and left to Landlock.
func (s *supervisor) decide(c call) {
	info, err := arch.GetInfo("")
	if err != nil || c.arch != uint32(info.ID) {
		s.refuse(c, "a call of another kind of processor", strconv.Itoa(int(c.number)), unix.ENOSYS)
		return
	}
	name, known := info.SyscallNumbers[int(c.number)]
	if !known {
		s.refuse(c, "system call "+strconv.Itoa(int(c.number)), "", unix.ENOSYS)
		return
	}
	switch name {
	case "clone", "fork", "vfork":
		s.decideClone(c, name)
	case "socket":
		s.decideSocket(c)
	case "socketpair":
		if uint32(c.args[0]) == unix.AF_UNIX && kindOf(c.args[1]) == unix.SOCK_STREAM { // others could be sent from to any address
			s.calls.proceed(c.id)
			return
		}
		s.refuse(c, name, socketName(c), unix.EACCES)
	case "connect", "bind":
		s.tellAddress(c, name)
		s.calls.proceed(c.id)
	case "open", "openat", "openat2", "creat", "execve":
		s.tellFile(c, name)
		s.calls.proceed(c.id)
	case "chmod", "fchmod", "fchmodat", "fchmodat2":
		s.changeMode(c, name)
	case "kill", "tkill", "tgkill", "rt_sigqueueinfo", "rt_tgsigqueueinfo":
		s.decideSignal(c, name)
	case "ptrace":
		s.decideTrace(c)
	case "prlimit64", "sched_setaffinity":
		if isBelow(int(int32(c.args[0])), s.pid) {
			s.calls.proceed(c.id)
			return
		}
		s.refuse(c, name, processName(c.args[0]), unix.EPERM)
	case "sendto", "sendmsg", "sendmmsg":
		s.refuse(c, name, "MSG_FASTOPEN", unix.EOPNOTSUPP)
	case "fcntl", "ioctl":
		s.refuse(c, name, fmt.Sprintf("command %#x", uint32(c.args[1])), unix.EPERM)
	case "setsockopt":
		s.refuse(c, name, fmt.Sprintf("level %d, option %d", int32(c.args[1]), int32(c.args[2])), unix.EPERM)
	case "personality", "prctl":
		s.refuse(c, name, fmt.Sprintf("%#x", c.args[0]), unix.EPERM)
	case "process_vm_readv", "process_vm_writev", "pidfd_open":
		s.refuse(c, name, processName(c.args[0]), unix.EPERM)
	default:
		s.refuse(c, name, "", unix.EPERM)
	}
}

// refuse has a call fail, and tells of it.
func (s *supervisor) refuse(c call, name, detail string, errno unix.Errno) {
	s.tell(c, name, detail)
	s.calls.fail(c.id, errno)
}

func processName(argument uint64) string { return fmt.Sprintf("process %d", int32(argument)) }

// cloneNamespaces are the flags of clone() that make a namespace.
const cloneNamespaces = unix.CLONE_NEWNS | unix.CLONE_NEWCGROUP | unix.CLONE_NEWUTS | unix.CLONE_NEWIPC | unix.CLONE_NEWUSER | unix.CLONE_NEWPID | unix.CLONE_NEWNET

// decideClone counts processes and threads: RLIMIT_NPROC does not bind root,
// and counts all that a user has.
func (s *supervisor) decideClone(c call, name string) {
	switch {
	case name == "clone" && c.args[0]&cloneNamespaces != 0:
		s.refuse(c, name, fmt.Sprintf("flags %#x", c.args[0]), unix.EPERM)
	case s.mayClone():
		s.calls.proceed(c.id)
	default:
		s.calls.fail(c.id, unix.EAGAIN)
	}
}

// kindOf is a socket's type without its flags.
func kindOf(kind uint64) int { return int(uint32(kind) &^ (unix.SOCK_CLOEXEC | unix.SOCK_NONBLOCK)) }

// decideSocket gives the caller a socket that is made here, and reaches
// loopback alone: see loopbackSocket.
func (s *supervisor) decideSocket(c call) {
	family, kind, protocol := int(uint32(c.args[0])), kindOf(c.args[1]), uint32(c.args[2])
	if (family != unix.AF_INET && family != unix.AF_INET6) || kind != unix.SOCK_STREAM || (protocol != 0 && protocol != unix.IPPROTO_TCP) {
		s.refuse(c, "socket", socketName(c), unix.EACCES)
		return
	}
	fd, err := loopbackSocket(family, kind|int(c.args[1]&unix.SOCK_NONBLOCK))
	if err != nil {
		errno := unix.EACCES
		errors.As(err, &errno)
		s.calls.fail(c.id, errno)
		return
	}
	s.calls.give(c.id, fd, c.args[1]&unix.SOCK_CLOEXEC != 0)
	unix.Close(fd)
}

func socketName(c call) string {
	family, kind, protocol := uint32(c.args[0]), kindOf(c.args[1]), uint32(c.args[2])
	families := map[uint32]string{
		unix.AF_UNIX: "AF_UNIX", unix.AF_INET: "AF_INET", unix.AF_INET6: "AF_INET6", unix.AF_NETLINK: "AF_NETLINK", unix.AF_PACKET: "AF_PACKET",
		unix.AF_VSOCK: "AF_VSOCK", unix.AF_ALG: "AF_ALG", unix.AF_BLUETOOTH: "AF_BLUETOOTH", unix.AF_SMC: "AF_SMC", unix.AF_XDP: "AF_XDP",
	}
	kinds := map[int]string{unix.SOCK_STREAM: "SOCK_STREAM", unix.SOCK_DGRAM: "SOCK_DGRAM", unix.SOCK_RAW: "SOCK_RAW", unix.SOCK_SEQPACKET: "SOCK_SEQPACKET"}
	protocols := map[uint32]string{unix.IPPROTO_MPTCP: "IPPROTO_MPTCP", unix.IPPROTO_SCTP: "IPPROTO_SCTP", unix.IPPROTO_ICMP: "IPPROTO_ICMP"}
	protocolName, ok := protocols[protocol]
	if family != unix.AF_INET && family != unix.AF_INET6 || !ok {
		protocolName = strconv.Itoa(int(protocol))
	}
	return orNumber(families[family], family) + ", " + orNumber(kinds[kind], uint32(kind)) + ", " + protocolName
}

func orNumber(name string, number uint32) string {
	if name == "" {
		return strconv.Itoa(int(number))
	}
	return name
}

// tellAddress tells of an address that Landlock, or the socket, refuses.
func (s *supervisor) tellAddress(c call, name string) {
	m := memory(c.thread)
	raw, port, family := m.socketAddress(c.args[1], uint64(uint32(c.args[2])))
	ip, ok := netip.AddrFromSlice(raw)
	switch {
	case family == unix.AF_UNSPEC: // the end of a connection
	case !ok:
		s.tell(c, name, fmt.Sprintf("an address of family %d", family))
	case name == "connect" && (!ip.Unmap().IsLoopback() && !ip.IsUnspecified() || !slices.Contains(s.Policy.Connect, port)),
		name == "bind" && !slices.Contains(s.Policy.Listen, port):
		s.tell(c, name, netip.AddrPortFrom(ip.Unmap(), uint16(port)).String())
	}
}

// decideSignal lets a program signal its own processes. Landlock does so, too,
// where it is new enough.
func (s *supervisor) decideSignal(c call, name string) {
	to, signal := int(int32(c.args[0])), int32(c.args[1])
	if name == "tgkill" || name == "rt_tgsigqueueinfo" {
		signal = int32(c.args[2])
	}
	ok := false
	switch {
	case to > 0:
		ok = isBelow(to, s.pid)
	case to == 0: // its group, which is in its session, and so has only processes of ours
		ok = name == "kill"
	case to < -1:
		ok = name == "kill" && slices.ContainsFunc(descendants(s.pid), func(p process) bool { return p.group == -to })
	}
	if ok {
		s.calls.proceed(c.id)
		return
	}
	what := "process " + strconv.Itoa(to)
	if to == -1 {
		what = "all processes"
	} else if to < 0 {
		what = "process group " + strconv.Itoa(-to)
	}
	s.refuse(c, name, fmt.Sprintf("signal %d to %s", signal, what), unix.EPERM)
}

// leakSanitizer are the requests that it makes of its own threads.
var leakSanitizer = []uint64{
	unix.PTRACE_ATTACH, unix.PTRACE_SEIZE, unix.PTRACE_INTERRUPT, unix.PTRACE_DETACH, unix.PTRACE_CONT, ptraceGetRegs, ptraceGetFPRegs, unix.PTRACE_GETREGSET,
}

// These two are the same on all processors that have them.
const (
	ptraceGetRegs   = 12
	ptraceGetFPRegs = 14
)

func (s *supervisor) decideTrace(c call) {
	if slices.Contains(leakSanitizer, c.args[0]) && isBelow(int(int32(c.args[1])), s.pid) {
		s.calls.proceed(c.id)
		return
	}
	s.refuse(c, "ptrace", fmt.Sprintf("request %d, %s", int64(c.args[0]), processName(c.args[1])), unix.EPERM)
}

// tellFile tells of a file that is there and that Landlock refuses.
func (s *supervisor) tellFile(c call, name string) {
	path, ok := s.pathOf(c, name)
	if !ok {
		return
	}
	allowed := slices.Concat(s.Policy.Read, s.Policy.Execute, s.Policy.Tools, s.Policy.Write)
	detail := path
	switch {
	case name == "execve":
		allowed = slices.Concat(s.Policy.Execute, s.Policy.Tools)
	case name == "creat" || name == "open" && writes(c.args[1]) || name == "openat" && writes(c.args[2]):
		allowed, detail = s.Policy.Write, path+", to write"
	}
	inside := func(path string) bool {
		return slices.ContainsFunc(allowed, func(root string) bool { return within(path, root) })
	}
	target, err := followed(path)
	if err != nil { // it is not there, and its folder may be
		folder, folderErr := followed(filepath.Dir(path))
		if folderErr != nil || !strings.HasSuffix(detail, ", to write") {
			return
		}
		target = filepath.Join(folder, filepath.Base(path))
	}
	if !inside(target) && !s.isOwn(target) {
		s.tell(c, strings.TrimSuffix(name, "2"), detail)
	}
}

// followed returns where the links of a path lead, with fewer calls than
// filepath.EvalSymlinks makes.
func followed(path string) (string, error) {
	fd, err := unix.Open(path, unix.O_PATH|unix.O_CLOEXEC, 0)
	if err != nil {
		return "", err
	}
	defer unix.Close(fd)
	return os.Readlink("/proc/self/fd/" + strconv.Itoa(fd))
}

func writes(flags uint64) bool {
	return flags&(unix.O_WRONLY|unix.O_RDWR|unix.O_CREAT|unix.O_TRUNC) != 0
}

// isOwn reports whether a path is of /proc, and of one of the program's own
// processes.
func (s *supervisor) isOwn(path string) bool {
	rest, ok := strings.CutPrefix(path, "/proc/")
	number, _, _ := strings.Cut(rest, "/")
	pid, err := strconv.Atoi(number)
	return ok && err == nil && isBelow(pid, s.pid)
}

// pathOf returns the absolute path that a call is about, with its links.
func (s *supervisor) pathOf(c call, name string) (string, bool) {
	m := memory(c.thread)
	from := fmt.Sprintf("/proc/%d/cwd", c.thread)
	address := c.args[0]
	switch name {
	case "openat", "openat2", "fchmodat", "fchmodat2":
		address = c.args[1]
		if dir := int32(c.args[0]); dir != unix.AT_FDCWD {
			from = fmt.Sprintf("/proc/%d/fd/%d", c.thread, dir)
		}
	case "fchmod":
		path, err := os.Readlink(fmt.Sprintf("/proc/%d/fd/%d", c.thread, int32(c.args[0])))
		return path, err == nil
	}
	path, ok := m.text(address)
	if !ok || path == "" {
		return "", false
	}
	if !filepath.IsAbs(path) {
		dir, err := os.Readlink(from)
		if err != nil {
			return "", false
		}
		path = filepath.Join(dir, path)
	}
	path = filepath.Clean(path)
	for _, own := range []string{"/proc/self", "/proc/thread-self"} {
		if within(path, own) {
			path = fmt.Sprintf("/proc/%d", c.thread) + strings.TrimPrefix(path, own)
		}
	}
	return path, true
}

// changeMode sets the mode of a file for its caller, in a folder that it may
// write: linkers make their results executable so, and Landlock has no say in
// it. The name is read once, and os.Root lets none lead out of the folder.
func (s *supervisor) changeMode(c call, name string) {
	mode := c.args[1]
	if strings.HasPrefix(name, "fchmodat") {
		mode = c.args[2]
	}
	path, ok := s.pathOf(c, name)
	if !ok {
		s.refuse(c, name, "", unix.EPERM)
		return
	}
	folder, err := followed(filepath.Dir(path))
	if err != nil {
		s.calls.fail(c.id, unix.ENOENT)
		return
	}
	path = filepath.Join(folder, filepath.Base(path))
	for _, root := range s.Policy.Write {
		if relative, err := filepath.Rel(root, path); err == nil && filepath.IsLocal(relative) && relative != "." {
			if setMode(root, relative, os.FileMode(mode)&0o777) == nil {
				s.calls.fail(c.id, 0)
			} else {
				s.calls.fail(c.id, unix.EPERM)
			}
			return
		}
	}
	s.refuse(c, name, path, unix.EPERM)
}

func setMode(root, name string, mode os.FileMode) error {
	r, err := os.OpenRoot(root)
	if err != nil {
		return err
	}
	defer r.Close()
	return r.Chmod(name, mode)
}
