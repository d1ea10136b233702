package sandbox

import (
	"debug/elf"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// libraryFolders are where systems keep the libraries that programs load.
var libraryFolders = []string{"/lib", "/lib32", "/lib64", "/usr/lib", "/usr/lib32", "/usr/lib64", "/usr/local/lib", "/usr/local/lib64"}

// systemFiles are what the C library and the sanitizers read, none of which is
// private.
var systemFiles = []string{
	"/etc/ld.so.cache", "/etc/localtime", "/usr/share/zoneinfo", "/usr/share/locale", "/etc/locale.alias", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom",
	"/proc/cpuinfo", "/proc/meminfo", "/proc/stat", "/proc/sys/kernel/osrelease", "/proc/sys/vm/overcommit_memory", "/proc/sys/vm/mmap_min_addr",
	"/sys/devices/system/cpu", "/sys/kernel/mm/transparent_hugepage/enabled",
}

// Program returns what an executable file needs to run, with the sanitizers of
// gcc and clang: itself, the system's libraries, and the symbolizer. It has no
// folder to write and no ports, and small limits, which a caller may change.
func Program(file string) (Policy, error) {
	loader, err := loaderOf(file)
	if err != nil {
		return Policy{}, err
	}
	p := Policy{
		Read:    there(append(libraryFolders, systemFiles...)),
		Execute: []string{file},
		Write:   there([]string{"/dev/null"}),
		Limits: Limits{
			CPU: 20 * time.Second, Wall: time.Minute, Output: 16 << 20, FileSize: 1 << 20, Disk: 16 << 20, Memory: 1 << 30, Processes: 64, OpenFiles: 256,
		},
	}
	if loader != "" {
		p.Execute = append(p.Execute, loader)
	}
	// clang's sanitizers start it where the PATH has it, or a link to it.
	found, _ := filepath.Glob("/usr/lib/llvm*/bin/llvm-symbolizer")
	p.Tools = append(found, there([]string{"/usr/bin/llvm-symbolizer", "/usr/bin/addr2line"})...)
	return p, nil
}

// Compiler returns what gcc or clang needs, to compile and to link: the
// system's tools, libraries and headers. Sources are added to Read, the folder
// of the result and of temporary files to Write.
func Compiler(file string) (Policy, error) {
	file, err := filepath.EvalSymlinks(file)
	if err != nil {
		return Policy{}, err
	}
	tools := append([]string{"/bin", "/usr/bin", "/usr/libexec", "/usr/local/bin", "/usr/local/libexec"}, libraryFolders...)
	p := Policy{
		Read: there(append([]string{
			"/usr/include", "/usr/local/include", "/etc/clang", "/etc/ld.so.conf", "/etc/ld.so.conf.d", "/etc/os-release", "/etc/lsb-release",
			"/etc/debian_version", "/etc/redhat-release", "/opt/rh", // by which clang finds gcc's folders
		}, systemFiles...)),
		Execute: there(tools),
		Write:   there([]string{"/dev/null"}),
		Limits: Limits{
			CPU: time.Minute, Wall: 2 * time.Minute, Output: 4 << 20, FileSize: 256 << 20, Disk: 512 << 20, Memory: 2 << 30, Processes: 64, OpenFiles: 512,
		},
	}
	// One that is installed elsewhere has its parts beside its folder, as below
	// /usr. What else is there, in a home perhaps, is not its own.
	if !slices.ContainsFunc(p.Execute, func(folder string) bool { return leadsTo(folder, file) }) {
		prefix := filepath.Dir(filepath.Dir(file))
		for _, part := range []string{"bin", "lib", "lib64", "libexec", "include", "share"} {
			p.Execute = append(p.Execute, there([]string{filepath.Join(prefix, part)})...)
		}
	}
	return p, nil
}

// leadsTo reports whether a file is below a folder, which may be a link.
func leadsTo(folder, file string) bool {
	target, err := filepath.EvalSymlinks(folder)
	return err == nil && within(file, target)
}

// there returns the paths that are there.
func there(paths []string) []string {
	var found []string
	for _, path := range paths {
		if _, err := os.Stat(path); err == nil {
			found = append(found, path)
		}
	}
	return found
}

// loaderOf returns the program that loads the libraries of an executable file;
// "" where it has none.
func loaderOf(file string) (string, error) {
	f, err := elf.Open(file)
	if err != nil {
		return "", fmt.Errorf("%s is no program for Linux: %w", file, err)
	}
	defer f.Close()
	for _, part := range f.Progs {
		if part.Type == elf.PT_INTERP {
			const most = 4096 // bytes of a path
			if part.Filesz > most {
				return "", errors.New(file + " names a loader of more than 4096 bytes")
			}
			name := make([]byte, part.Filesz)
			_, err := part.ReadAt(name, 0)
			return strings.TrimRight(string(name), "\x00"), err
		}
	}
	return "", nil
}
