//go:build linux

package hostsdk_test

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/espgen/espgen/hostsdk"
)

// mainOnly writes a project of one file, and returns its folder.
func mainOnly(t *testing.T, source string) string {
	t.Helper()
	dir := t.TempDir()
	must(t, os.Mkdir(filepath.Join(dir, "main"), 0o755))
	must(t, os.WriteFile(filepath.Join(dir, "main", "main.c"), []byte(source), 0o644))
	return dir
}

// TestRunWithoutReader has nobody read the log any more, of a program that
// goes on printing and of one that waits for ever.
func TestRunWithoutReader(t *testing.T) {
	programs := map[string]string{
		"prints": "for (;;) { puts(\"again\"); vTaskDelay(1); }",
		"waits":  "for (;;) { vTaskDelay(1000); }",
	}
	for name, body := range programs {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			needCompiler(t, "cc")
			dir := mainOnly(t, "#include <stdio.h>\n#include \"freertos/FreeRTOS.h\"\n#include \"freertos/task.h\"\nvoid app_main(void) { puts(\"begin\"); fflush(stdout); "+body+" }\n")
			program, _, err := hostsdk.Build(t.Context(), dir, hostsdk.BuildOptions{Sanitize: true, Cache: cache})
			must(t, err)
			r, w, err := os.Pipe()
			must(t, err)
			defer w.Close()
			ended := make(chan error, 1)
			go func() { ended <- hostsdk.Run(t.Context(), program, hostsdk.RunOptions{Out: w}) }()
			line, err := bufio.NewReader(r).ReadString('\n')
			must(t, err)
			must(t, r.Close())
			select {
			case err := <-ended:
				must(t, err)
			case <-time.After(patience):
				t.Fatal("it goes on")
			}
			var pid int
			_, err = fmt.Sscanf(line, "host: process %d", &pid)
			must(t, err)
			if err := syscall.Kill(pid, 0); !errors.Is(err, syscall.ESRCH) {
				t.Errorf("the process is still there: %v", err)
			}
		})
	}
}
