package hostsdk

import (
	"context"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"
)

// processAttributes give the program a process group of its own, so that
// Ctrl-C reaches it through Run alone, and end it should Run's process die.
func processAttributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}

// killGroup ends a process and its children.
func killGroup(p *os.Process) error { return syscall.Kill(-p.Pid, syscall.SIGKILL) }

// channelOfEvents returns both ends of a channel: what the program writes is
// read from ours, and what is asked goes the other way.
func channelOfEvents() (ours, theirs *os.File, err error) {
	ends, err := syscall.Socketpair(syscall.AF_UNIX, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, nil, os.NewSyscallError("socketpair", err)
	}
	if err := syscall.SetNonblock(ends[0], true); err != nil { // else nothing could end a read
		return nil, nil, err
	}
	return os.NewFile(uintptr(ends[0]), "events"), os.NewFile(uintptr(ends[1]), "events"), nil
}

// ReaderGone waits until nobody reads a pipe any more, and reports whether it
// is so: not where ctx ended, or the file is no pipe.
func ReaderGone(ctx context.Context, pipe *os.File) bool {
	epoll, err := syscall.EpollCreate1(syscall.EPOLL_CLOEXEC)
	if err != nil {
		return false
	}
	defer syscall.Close(epoll)
	events := []syscall.EpollEvent{{}} // no event is asked for: that of a broken pipe comes unasked
	if syscall.EpollCtl(epoll, syscall.EPOLL_CTL_ADD, int(pipe.Fd()), &events[0]) != nil {
		return false
	}
	const step = 100 * time.Millisecond // between two looks at ctx
	for ctx.Err() == nil {
		if n, _ := syscall.EpollWait(epoll, events, int(step.Milliseconds())); n > 0 {
			return true
		}
	}
	return false
}

// consoleInput returns what a program reads in place of input. A terminal is
// read only by the group in the foreground, which the program is not in: what
// is typed is copied for it, as long as this process is there.
func consoleInput(input *os.File) (*os.File, error) {
	if info, err := input.Stat(); err != nil || info.Mode()&os.ModeCharDevice == 0 {
		return input, err
	}
	r, w, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	signal.Ignore(syscall.SIGTTIN) // in the background there is nothing to copy, and no reason to stop
	go func() {
		_, _ = io.Copy(w, input)
		w.Close()
	}()
	return r, nil
}
