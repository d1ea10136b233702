//go:build linux

package check_test

import (
	"context"
	"flag"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"testing"

	"github.com/espgen/espgen/hostsdk"
)

var cache string

func TestMain(m *testing.M) {
	var err error
	if cache, err = os.MkdirTemp("", "espgen-test-*"); err != nil {
		panic(err)
	}
	// The tests wait for most of their time, so more of them run at a time than there are cores.
	flag.Parse()
	if err := flag.Set("test.parallel", strconv.Itoa(4*runtime.GOMAXPROCS(0))); err != nil {
		panic(err)
	}
	code := m.Run()
	os.RemoveAll(cache)
	os.Exit(code)
}

// needCompiler skips a test where there is no C compiler with the sanitizers,
// unless ESPGEN_NEED_TOOLS says that nothing may be skipped.
func needCompiler(t *testing.T) {
	t.Helper()
	_, err := exec.LookPath("cc")
	can := false
	if err == nil {
		can, err = hostsdk.CanSanitize(context.Background(), hostsdk.BuildOptions{CC: "cc", Cache: cache})
	}
	switch {
	case can:
	case os.Getenv("ESPGEN_NEED_TOOLS") != "":
		t.Fatalf("there is no C compiler with the sanitizers: %v", err)
	default:
		t.Skipf("there is no C compiler with the sanitizers: %v", err)
	}
}
