//go:build linux

package hostsdk_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/espgen/espgen/hostsdk"
)

// mutant makes a program of testdata/measured with a change in one of the SDK's
// sources. What does not come, since the change prevents it, the program does
// not wait for long.
func mutant(t *testing.T, program, file, from, to string) string {
	t.Helper()
	sdk, dir := builtSDK(t), t.TempDir()
	text, err := os.ReadFile(filepath.Join(sdk, "src", file))
	must(t, err)
	if strings.Count(string(text), from) != 1 {
		t.Fatalf("%s has not one %q", file, from)
	}
	source := filepath.Join(dir, file)
	must(t, os.WriteFile(source, []byte(strings.Replace(string(text), from, to, 1)), 0o644))
	headers := []string{"-I" + sdk, "-I" + filepath.Join(sdk, "src")}
	own := "-I" + filepath.Join(sdk, "include")
	args := append(headers, "-c", source, "-o", filepath.Join(dir, "mutated.o"))
	if !strings.HasPrefix(file, "socket") { // those use the PC's headers
		args = append(args, own)
	}
	compileC(t, args...)

	objects, err := filepath.Glob(filepath.Join(sdk, "*.o"))
	must(t, err)
	args = []string{"-DPATIENCE_MS=2000", "-I" + sdk, own, "-Itestdata", filepath.Join(measuredDir, program), filepath.Join(dir, "mutated.o")}
	for _, o := range objects {
		if filepath.Base(o) != strings.TrimSuffix(file, ".c")+".o" {
			args = append(args, o)
		}
	}
	made := filepath.Join(dir, "program")
	compileC(t, append(args, "-o", made, "-Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc,--wrap=strdup,--wrap=strndup,--wrap=free")...)
	return made
}

func compileC(t *testing.T, args ...string) {
	t.Helper()
	said, err := exec.CommandContext(t.Context(), "cc", append([]string{"-std=gnu17", "-O1", "-pthread"}, args...)...).CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, said)
	}
}

// builtSDK is the folder of an SDK that hostsdk.Build has built: its sources
// and headers, with the sdkconfig.h and the objects of a project.
var builtSDK = func() func(t *testing.T) string {
	var once sync.Once
	var folder string
	return func(t *testing.T) string {
		t.Helper()
		once.Do(func() {
			own := filepath.Join(cache, "mutations")
			_, _, err := hostsdk.Build(t.Context(), measuredProject(t, "hostname_early.c", ""), hostsdk.BuildOptions{CC: "cc", Cache: own})
			must(t, err)
			folders, err := filepath.Glob(filepath.Join(own, "sdk-*"))
			must(t, err)
			folder = folders[0]
		})
		return folder
	}
}()
