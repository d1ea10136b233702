package sandbox

import (
	"bytes"
	"encoding/binary"
	"unsafe"

	"golang.org/x/sys/unix"
)

// A call is a system call that waits for a decision: the kernel's struct
// seccomp_notif.
type call struct {
	id      uint64
	thread  uint32 // that makes it
	flags   uint32
	number  int32
	arch    uint32
	pointer uint64
	args    [6]uint64
}

// An answer is the kernel's struct seccomp_notif_resp.
type answer struct {
	id    uint64
	value int64
	errno int32 // negative
	flags uint32
}

// A descriptor is the kernel's struct seccomp_notif_addfd.
type descriptor struct {
	id      uint64
	flags   uint32
	from    uint32
	to      uint32
	toFlags uint32
}

// calls is the descriptor of a filter's notifications.
type calls int

// next waits for a call. It reports false where no process with the filter is
// left.
func (c calls) next() (call, bool) {
	for {
		poll := []unix.PollFd{{Fd: int32(c), Events: unix.POLLIN}}
		if _, err := unix.Poll(poll, -1); err != nil && err != unix.EINTR {
			return call{}, false
		}
		if poll[0].Revents&unix.POLLIN == 0 {
			if poll[0].Revents != 0 {
				return call{}, false
			}
			continue
		}
		var next call
		switch c.ioctl(unix.SECCOMP_IOCTL_NOTIF_RECV, unsafe.Pointer(&next)) {
		case 0:
			return next, true
		case unix.EINTR, unix.ENOENT: // the process was killed before it was heard
		default:
			return call{}, false
		}
	}
}

// proceed lets a call be made.
func (c calls) proceed(id uint64) {
	c.answer(answer{id: id, flags: unix.SECCOMP_USER_NOTIF_FLAG_CONTINUE})
}

// fail has a call return an error; 0 is success.
func (c calls) fail(id uint64, errno unix.Errno) { c.answer(answer{id: id, errno: -int32(errno)}) }

// answer may come too late: the caller was killed.
func (c calls) answer(a answer) { _ = c.ioctl(unix.SECCOMP_IOCTL_NOTIF_SEND, unsafe.Pointer(&a)) }

// give has a call return a new descriptor of the caller's for one of ours.
func (c calls) give(id uint64, fd int, closeOnExec bool) {
	d := descriptor{id: id, flags: unix.SECCOMP_ADDFD_FLAG_SEND, from: uint32(fd)}
	if closeOnExec {
		d.toFlags = unix.O_CLOEXEC
	}
	if errno := c.ioctl(unix.SECCOMP_IOCTL_NOTIF_ADDFD, unsafe.Pointer(&d)); errno != 0 {
		c.fail(id, errno) // such as EMFILE
	}
}

// hurry has the caller and this process take turns on one processor, where the
// kernel (Linux 6.6) can.
func (c calls) hurry() {
	_, _, _ = unix.Syscall(unix.SYS_IOCTL, uintptr(c), unix.SECCOMP_IOCTL_NOTIF_SET_FLAGS, unix.SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP)
}

func (c calls) ioctl(request uintptr, argument unsafe.Pointer) unix.Errno {
	_, _, errno := unix.Syscall(unix.SYS_IOCTL, uintptr(c), request, uintptr(argument))
	return errno
}

// A memory is that of a thread, for what a call's arguments point to. What is
// there may change until the call is made, and so decides nothing: it is for
// reports.
type memory int

// read returns up to n bytes, as many as there are.
func (m memory) read(address uint64, n int) []byte {
	const page = 4096
	var out []byte
	for n > 0 {
		part := make([]byte, min(n, page-int(address%page)))
		local, remote := unix.Iovec{Base: &part[0]}, unix.RemoteIovec{Base: uintptr(address), Len: len(part)}
		local.SetLen(len(part))
		got, err := unix.ProcessVMReadv(int(m), []unix.Iovec{local}, []unix.RemoteIovec{remote}, 0)
		if err != nil || got == 0 {
			break
		}
		out = append(out, part[:got]...)
		address, n = address+uint64(got), n-got
	}
	return out
}

// text returns a string of C.
func (m memory) text(address uint64) (string, bool) {
	const often = 256 // bytes, which most paths are shorter than
	for _, n := range []int{often, unix.PathMax} {
		if text, _, ended := bytes.Cut(m.read(address, n), []byte{0}); ended {
			return string(text), true
		}
	}
	return "", false
}

// socketAddress returns the address and the port of a struct sockaddr.
func (m memory) socketAddress(address, size uint64) (ip []byte, port int, family uint16) {
	raw := m.read(address, int(min(size, 128)))
	if len(raw) < 2 {
		return nil, 0, unix.AF_UNSPEC
	}
	family = binary.NativeEndian.Uint16(raw)
	switch {
	case family == unix.AF_INET && len(raw) >= 8:
		return raw[4:8], int(binary.BigEndian.Uint16(raw[2:])), family
	case family == unix.AF_INET6 && len(raw) >= 24:
		return raw[8:24], int(binary.BigEndian.Uint16(raw[2:])), family
	}
	return nil, 0, family
}
