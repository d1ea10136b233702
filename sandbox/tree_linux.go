package sandbox

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// A process is one as /proc tells of it.
type process struct {
	pid, parent, group int
	ended              bool
	threads            int
	cpu                time.Duration // its own, and of its children that have ended
	memory             int64         // bytes
}

// tick is the unit of times in /proc.
const tick = time.Second / 100

func readProcess(pid int) (process, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return process{}, err
	}
	// The name, in parentheses, may hold anything.
	fields := strings.Fields(string(text[bytes.LastIndexByte(text, ')')+1:]))
	if len(fields) < 22 {
		return process{}, fmt.Errorf("/proc/%d/stat has %d fields", pid, len(fields))
	}
	number := func(field int) int64 { // as proc(5) counts them
		n, _ := strconv.ParseInt(fields[field-3], 10, 64)
		return n
	}
	return process{
		pid: pid, parent: int(number(4)), group: int(number(5)),
		ended:   fields[0] == "Z" || fields[0] == "X",
		threads: max(1, int(number(20))),
		cpu:     time.Duration(number(14)+number(15)+number(16)+number(17)) * tick,
		memory:  number(24) * int64(os.Getpagesize()),
	}, nil
}

// descendants returns the processes below one, without itself. What begins or
// ends meanwhile may be missing.
func descendants(root int) []process {
	var all []process
	seen := map[int]bool{root: true}
	for queue := []int{root}; len(queue) > 0; queue = queue[1:] {
		for _, pid := range childrenOf(queue[0]) {
			if seen[pid] {
				continue
			}
			seen[pid] = true
			queue = append(queue, pid)
			if p, err := readProcess(pid); err == nil {
				all = append(all, p)
			}
		}
	}
	return all
}

// childrenOf returns the children of a process.
func childrenOf(pid int) []int {
	if !listsChildren() {
		return searchChildren(pid)
	}
	dir := fmt.Sprintf("/proc/%d/task/", pid)
	threads, _ := os.ReadDir(dir) // none where it has ended
	var children []int
	for _, thread := range threads {
		text, _ := os.ReadFile(dir + thread.Name() + "/children")
		for field := range strings.FieldsSeq(string(text)) {
			if child, err := strconv.Atoi(field); err == nil {
				children = append(children, child)
			}
		}
	}
	return children
}

// listsChildren reports whether the kernel has CONFIG_PROC_CHILDREN.
var listsChildren = sync.OnceValue(func() bool {
	_, err := os.Stat("/proc/thread-self/children")
	return err == nil
})

// searchChildren looks at every process of the machine.
func searchChildren(parent int) []int {
	entries, _ := os.ReadDir("/proc")
	var children []int
	for _, e := range entries {
		pid, err := strconv.Atoi(e.Name())
		if err != nil {
			continue
		}
		if p, err := readProcess(pid); err == nil && p.parent == parent {
			children = append(children, pid)
		}
	}
	return children
}

// isBelow reports whether a process, or the process of a thread, is below root.
func isBelow(id, root int) bool {
	const tries, depth = 3, 10000
	for range tries { // a parent that ends on the way is replaced by root
		pid := processOf(id)
		for i := 0; pid > 1 && i < depth; i++ {
			p, err := readProcess(pid)
			if err != nil {
				break
			}
			if pid = p.parent; pid == root {
				return true
			}
		}
		if pid <= 1 {
			return false
		}
	}
	return false
}

// processOf returns the process of a thread; 0 where there is none.
func processOf(thread int) int {
	text, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", thread))
	_, rest, _ := strings.Cut(string(text), "\nTgid:")
	number, _, _ := strings.Cut(rest, "\n")
	pid, _ := strconv.Atoi(strings.TrimSpace(number))
	return pid
}

// endedCPU returns the processor time of this process's children that have ended.
func endedCPU() time.Duration {
	var used unix.Rusage
	if unix.Getrusage(unix.RUSAGE_CHILDREN, &used) != nil {
		return 0
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}
