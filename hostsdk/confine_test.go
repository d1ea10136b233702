//go:build linux

package hostsdk_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/espgen/espgen/hostsdk"
	"github.com/espgen/espgen/sandbox"
)

// confined runs commands in sandboxes, and keeps what they tried.
type confined struct {
	policy func(file string) (sandbox.Policy, error)
	change func(*sandbox.Policy)

	mutex sync.Mutex
	runs  []*sandbox.Run
}

// needSandbox skips a test where the machine has none; sandbox's own tests see
// to the refusal.
func needSandbox(t *testing.T) {
	t.Helper()
	if err := sandbox.Level().Err(); err != nil {
		t.Skip(err)
	}
}

func (c *confined) wrap(cmd *exec.Cmd, needs hostsdk.Needs) error {
	policy, err := c.policy(cmd.Path)
	if err != nil {
		return err
	}
	policy.Read = append(policy.Read, needs.Read...)
	policy.Write = append(policy.Write, needs.Write...)
	if c.change != nil {
		c.change(&policy)
	}
	run, err := policy.Wrap(cmd)
	if err != nil {
		return err
	}
	c.mutex.Lock()
	defer c.mutex.Unlock()
	c.runs = append(c.runs, run)
	return nil
}

// results waits for nothing: the commands have ended.
func (c *confined) results(t *testing.T) (all []sandbox.Result) {
	t.Helper()
	for _, run := range c.runs {
		r, err := run.Result()
		must(t, err)
		all = append(all, r)
	}
	return all
}

// buildConfined builds a project with a compiler in a sandbox.
func buildConfined(t *testing.T, cc, dir string) (program, said string, results []sandbox.Result, err error) {
	t.Helper()
	c := &confined{policy: sandbox.Compiler}
	program, said, err = hostsdk.Build(t.Context(), dir, hostsdk.BuildOptions{CC: cc, Sanitize: true, Cache: filepath.Join(cache, "confined-"+cc), Confine: c.wrap})
	return program, said, c.results(t), err
}

// wantNothing wants that nothing was refused. clang looks into /opt, to find
// gcc there.
func wantNothing(t *testing.T, results []sandbox.Result) {
	t.Helper()
	for _, r := range results {
		attempts := slices.DeleteFunc(r.Attempts, func(a sandbox.Attempt) bool { return a.Detail == "/opt" })
		if len(attempts) > 0 || r.Limit != "" || r.Orphans > 0 {
			t.Errorf("refused: %+v", r)
		}
	}
}

// TestConfined builds and runs a server with both compilers in sandboxes, talks
// to it, and ends it. The sandboxes must not be felt.
func TestConfined(t *testing.T) {
	needSandbox(t)
	for _, cc := range []string{"gcc", "clang"} {
		t.Run(cc, func(t *testing.T) {
			t.Parallel()
			needCompiler(t, cc)
			c := &confined{policy: sandbox.Compiler}
			program, said, err := hostsdk.Build(t.Context(), project(t, server(nil), nil), hostsdk.BuildOptions{CC: cc, Sanitize: true, Cache: filepath.Join(t.TempDir(), "cache"), Confine: c.wrap})
			must(t, err)
			results := c.results(t)
			if said != "" {
				t.Errorf("the compiler warns:\n%s", said)
			}
			if len(results) < 30 {
				t.Errorf("only %d compilers ran: not the SDK's", len(results))
			}
			wantNothing(t, results)
			c = &confined{policy: sandbox.Program, change: func(p *sandbox.Policy) { p.Listen = []int{0} }}
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			at, ended := make(chan string, 1), make(chan error, 1)
			var log bytes.Buffer
			var end hostsdk.Event
			go func() {
				ended <- hostsdk.Run(ctx, program, hostsdk.RunOptions{
					Scenario: hostsdk.Scenario{Port: -1}, Out: &log, Confine: c.wrap, Calls: true,
					Events: func(e hostsdk.Event) {
						switch e.Kind {
						case hostsdk.EventListening:
							at <- e.Address
						case hostsdk.EventEnd:
							end = e
						}
					},
				})
			}()
			select {
			case address := <-at:
				conn, err := net.Dial("tcp", address)
				must(t, err)
				must(t, conn.SetDeadline(time.Now().Add(patience)))
				must(t, echo(conn, pattern(5000), 700))
				conn.Close()
			case err := <-ended:
				t.Fatalf("it ended: %v\n%s", err, log.String())
			case <-time.After(patience):
				t.Fatal("it does not listen")
			}
			cancel()
			if err := <-ended; err != nil {
				t.Errorf("%v\n%s", err, log.String())
			}
			if len(end.Tasks) == 0 {
				t.Errorf("the event of the end is %+v", end)
			}
			wantNothing(t, c.results(t))
		})
	}
}

// TestConfinedSanitizers wants the sanitizers' reports from a sandbox, with the
// lines of the source.
func TestConfinedSanitizers(t *testing.T) {
	needSandbox(t)
	const begin = "#include <stdlib.h>\n#include <string.h>\n#include \"esp_system.h\"\n"
	for report, source := range map[string]string{
		"LeakSanitizer: detected memory leaks": begin + "static char *volatile kept;\nvoid app_main(void)\n{\n    kept = malloc(77);\n    kept = NULL;\n}\n",
		"heap-buffer-overflow":                 begin + "void app_main(void)\n{\n    volatile int n = 8;\n    volatile char *p = malloc(8);\n    p[n] = 1;\n    free((void *)p);\n}\n",
		"signed integer overflow":              begin + "void app_main(void)\n{\n    volatile int n = 0x7fffffff;\n    n = n + 1;\n    abort();\n}\n",
	} {
		for _, cc := range []string{"gcc", "clang"} {
			t.Run(cc+"/"+report, func(t *testing.T) {
				t.Parallel()
				needCompiler(t, cc)
				program, _, _, err := buildConfined(t, cc, mainOnly(t, source))
				must(t, err)
				c := &confined{policy: sandbox.Program}
				ctx, cancel := context.WithTimeout(t.Context(), patience)
				defer cancel()
				var log lockedBuffer
				if strings.HasPrefix(report, "Leak") { // that is found at the end
					go func() {
						for ctx.Err() == nil && !strings.Contains(log.String(), "Returned from app_main()") {
							time.Sleep(10 * time.Millisecond)
						}
						cancel()
					}()
				}
				err = hostsdk.Run(ctx, program, hostsdk.RunOptions{Out: &log, Confine: c.wrap})
				if err == nil {
					t.Error("it ends without an error")
				}
				if text := log.String(); !strings.Contains(text, report) || !strings.Contains(text, "main.c:") || !strings.Contains(text, "in app_main") {
					t.Errorf("no report with lines:\n%s", text)
				}
				wantNothing(t, c.results(t))
			})
		}
	}
}

type lockedBuffer struct {
	mutex sync.Mutex
	bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	return b.Buffer.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	return b.Buffer.String()
}

// TestConfinedNVS keeps non-volatile storage in a file.
func TestConfinedNVS(t *testing.T) {
	needSandbox(t)
	t.Parallel()
	needCompiler(t, "cc")
	program, _, _, err := buildConfined(t, "cc", mainOnly(t, "#include <stdio.h>\n#include <stdlib.h>\n#include \"esp_system.h\"\n#include \"nvs.h\"\n#include \"nvs_flash.h\"\n"+
		"void app_main(void)\n{\n    nvs_handle_t h;\n    int32_t n = 0;\n    nvs_flash_init();\n    nvs_open(\"x\", NVS_READWRITE, &h);\n    nvs_get_i32(h, \"n\", &n);\n"+
		"    nvs_set_i32(h, \"n\", ++n);\n    nvs_commit(h);\n    printf(\"start %d\\n\", (int)n);\n    if (n < 3) {\n        esp_restart();\n    }\n    exit(0);\n}\n"))
	must(t, err)
	c := &confined{policy: sandbox.Program}
	var log bytes.Buffer
	nvs := filepath.Join(t.TempDir(), "nvs")
	must(t, hostsdk.Run(t.Context(), program, hostsdk.RunOptions{Scenario: hostsdk.Scenario{NVS: nvs}, Out: &log, Confine: c.wrap}))
	if _, err := os.Stat(nvs); err != nil || !strings.Contains(log.String(), "start 3\n") {
		t.Errorf("NVS was not kept: %v\n%s", err, log.String())
	}
	wantNothing(t, c.results(t))
}

// TestConfinedCompiler has sources read what is not theirs.
func TestConfinedCompiler(t *testing.T) {
	needSandbox(t)
	const words = "these_are_the_hidden_tests"
	secret := filepath.Join(t.TempDir(), "hidden.h")
	must(t, os.WriteFile(secret, []byte(words+"\n"), 0o644))
	const end = "\nvoid app_main(void) { }\n"
	embeds := func(cc string) string {
		return "#if !__has_embed(\"" + secret + "\")\n#error " + cc + " sees nothing\n#endif\n"
	}
	for _, cc := range []string{"gcc", "clang"} {
		needCompiler(t, cc)
		sources := map[string]string{
			"include":           "#include \"" + secret + "\"",
			"include passwd":    "#include \"/etc/passwd\"",
			"include relative":  "#include \"../../../../../../../../../.." + secret + "\"",
			"include_next":      "#include_next \"" + secret + "\"",
			"incbin":            "__asm__(\".incbin \\\"" + secret + "\\\"\");",
			"include in as":     "__asm__(\".include \\\"" + secret + "\\\"\");",
			"linker script":     "__asm__(\".section .note.x\\n.incbin \\\"" + secret + "\\\"\");",
			"through /proc":     "#include \"/proc/self/root" + secret + "\"",
			"another's environ": "#include \"/proc/" + fmt.Sprint(os.Getpid()) + "/environ\"",
		}
		if text, err := exec.Command(cc, "-dM", "-E", "-x", "c", "-std=gnu2x", "/dev/null").Output(); err == nil && bytes.Contains(text, []byte("__STDC_EMBED_FOUND__")) {
			sources["embed"] = "const char text[] = {\n#embed \"" + secret + "\"\n};" + embeds(cc)
		}
		for name, source := range sources {
			t.Run(cc+"/"+name, func(t *testing.T) {
				t.Parallel()
				dir := mainOnly(t, source+end)
				_, said, results, err := buildConfined(t, cc, dir)
				if err == nil {
					t.Fatal("it compiles")
				}
				for _, word := range []string{words, "root:x:0", "HOME="} {
					if strings.Contains(err.Error()+said, word) {
						t.Errorf("the compiler tells %q:\n%v", word, err)
					}
				}
				told := false
				for _, r := range results {
					for _, a := range r.Attempts {
						told = told || strings.HasPrefix(a.Call, "open")
					}
				}
				if !told {
					t.Errorf("no report says what was read: %v\n%v", results, err)
				}
				if name == "incbin" || name == "include" { // and without a sandbox it is read
					_, _, err := hostsdk.Build(t.Context(), dir, hostsdk.BuildOptions{CC: cc, Cache: cache})
					if name == "incbin" && err != nil || name == "include" && (err == nil || !strings.Contains(err.Error(), words)) {
						t.Errorf("without a sandbox: %v", err)
					}
				}
			})
		}
	}
}

// TestConfinedNames has sources whose names are options of compilers.
func TestConfinedNames(t *testing.T) {
	needSandbox(t)
	t.Parallel()
	needCompiler(t, "cc")
	dir := mainOnly(t, "void app_main(void) { }\n")
	for _, name := range []string{"-o.c", "-wrapper,sh.c", "@args.c", "-fplugin=x.c"} {
		must(t, os.WriteFile(filepath.Join(dir, "main", name), []byte("int only_declared(void);\n"), 0o644))
	}
	before, err := os.ReadDir(filepath.Join(dir, "main"))
	must(t, err)
	_, _, results, err := buildConfined(t, "cc", dir)
	must(t, err)
	after, err := os.ReadDir(filepath.Join(dir, "main"))
	must(t, err)
	if len(after) != len(before) {
		t.Errorf("the compiler has made files: %v", after)
	}
	wantNothing(t, results)
}

// TestConfinedConstructor has a constructor end the program with success: it
// has done so, and no event says that it has begun.
func TestConfinedConstructor(t *testing.T) {
	needSandbox(t)
	t.Parallel()
	needCompiler(t, "cc")
	program, _, _, err := buildConfined(t, "cc", mainOnly(t, "#include <stdio.h>\n#include <stdlib.h>\n"+
		"__attribute__((constructor)) static void first(void) { puts(\"all tests passed\"); exit(0); }\nvoid app_main(void) { }\n"))
	must(t, err)
	c := &confined{policy: sandbox.Program}
	var events []hostsdk.Event
	var log bytes.Buffer
	if err := hostsdk.Run(t.Context(), program, hostsdk.RunOptions{Out: &log, Confine: c.wrap, Events: func(e hostsdk.Event) { events = append(events, e) }}); err != nil {
		t.Errorf("%v: %+v", err, c.results(t))
	}
	if !strings.Contains(log.String(), "all tests passed") || len(events) > 0 {
		t.Errorf("events %v of a program that printed %q", events, log.String())
	}
}

// TestConfineRefuses wants nothing started where the hook says no.
func TestConfineRefuses(t *testing.T) {
	t.Parallel()
	needCompiler(t, "cc")
	no := errors.New("no")
	refuse := func(*exec.Cmd, hostsdk.Needs) error { return no }
	dir := mainOnly(t, "void app_main(void) { }\n")
	if _, _, err := hostsdk.Build(t.Context(), dir, hostsdk.BuildOptions{Cache: t.TempDir(), Confine: refuse}); !errors.Is(err, no) {
		t.Errorf("the build says %v", err)
	}
	for _, events := range []func(hostsdk.Event){nil, func(hostsdk.Event) {}} {
		if err := hostsdk.Run(t.Context(), "/bin/true", hostsdk.RunOptions{Confine: refuse, Events: events}); !errors.Is(err, no) {
			t.Errorf("the run says %v", err)
		}
	}
}
