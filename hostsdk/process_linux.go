package hostsdk

import "syscall"

// processAttributes give the program a process group of its own, so that
// Ctrl-C reaches it through Run alone, and end it should Run's process die.
func processAttributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}
