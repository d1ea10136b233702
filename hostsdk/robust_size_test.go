//go:build linux

package hostsdk_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/espgen/espgen/hostsdk"
)

// TestRobustServerRAM holds the memory of the server with its defaults, 4
// clients, to its budget: static data and the task's stack. A PC's pointers
// make it somewhat more than on a chip.
func TestRobustServerRAM(t *testing.T) {
	t.Parallel()
	const buffers, stack = 4 * (1440 + 1440), 4096
	const budget = buffers + stack + 3<<10
	needCompiler(t, "cc")
	if _, err := exec.LookPath("size"); err != nil {
		if os.Getenv("ESPGEN_NEED_TOOLS") != "" {
			t.Fatal(err)
		}
		t.Skip(err)
	}
	own := t.TempDir() // a cache in which no other project's objects are
	_, _, err := hostsdk.Build(t.Context(), project(t, robustServer(nil), nil), hostsdk.BuildOptions{Cache: own})
	must(t, err)
	objects, err := filepath.Glob(filepath.Join(own, "object-*", "*.o"))
	must(t, err)
	out, err := exec.Command("size", append([]string{"--totals"}, objects...)...).Output()
	must(t, err)
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	total := strings.Fields(lines[len(lines)-1]) // text, data, bss
	data, err := strconv.Atoi(total[1])
	must(t, err)
	bss, err := strconv.Atoi(total[2])
	must(t, err)
	t.Logf("code %s bytes, data %d, bss %d, stack %d", total[0], data, bss, stack)
	if ram := data + bss + stack; ram >= budget {
		t.Errorf("%d bytes of RAM, not below %d:\n%s", ram, budget, out)
	}
	if data > 1<<10 {
		t.Errorf("%d bytes of data, which lie in the image", data)
	}
	if bss < buffers {
		t.Errorf("%d bytes of bss cannot hold the buffers of 4 clients: are these all objects?\n%s", bss, out)
	}
}
