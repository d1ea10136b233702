//go:build linux

package hostsdk_test

import (
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/espgen/espgen/generator/spec"
	"github.com/espgen/espgen/hostsdk"
)

// TestRobustRefusesToBuild changes a project so that it cannot work. The
// compiler says why, and shows no password.
func TestRobustRefusesToBuild(t *testing.T) {
	const secret = `hunter "22"`
	robustClient := func(edit func(*spec.Spec)) *spec.Spec {
		return robustServer(func(s *spec.Spec) {
			s.Role, s.Server.Addr = "tcp-client", new("server.example")
			edit(s)
		})
	}
	for name, test := range map[string]struct {
		spec   *spec.Spec
		change func(dir string) error
		want   string
	}{
		"a password of 7 characters": {
			robustServer(nil),
			func(dir string) error {
				return os.WriteFile(filepath.Join(dir, "sdkconfig.secrets"), []byte("CONFIG_WIFI_STATION_PASSWORD=\"1234567\"\n"), 0o600)
			},
			"the Wi-Fi password has less than 8 characters",
		},
		"a password's file is missing": {
			robustServer(func(s *spec.Spec) { s.WiFi.Password = new(secret) }),
			func(dir string) error { return os.Remove(filepath.Join(dir, "main/wifi_password.h")) },
			"main/wifi_password.h is missing, which git ignores: it defines WIFI_PASSWORD",
		},
		"a password where a number belongs": {
			robustServer(func(s *spec.Spec) { s.WiFi.Password = new(secret) }),
			func(dir string) error {
				return os.WriteFile(filepath.Join(dir, "main/backoff.c"), []byte("#include \"wifi_password.h\"\nint i = WIFI_PASSWORD;\n"), 0o644)
			},
			`define WIFI_PASSWORD "***"`,
		},
		"a backlog that lwIP does not keep": {
			robustServer(func(s *spec.Spec) { s.Server.MaxClients = new(8) }),
			func(dir string) error {
				return os.WriteFile(filepath.Join(dir, "sdkconfig"), []byte("CONFIG_TCP_SERVER_BACKLOG=7\n"), 0o644)
			},
			"the backlog is larger than LWIP_TCP_ACCEPTMBOX_SIZE",
		},
		"a watchdog that does not wait for DNS": {
			robustClient(func(s *spec.Spec) { s.Sdkconfig = map[string]any{"CONFIG_ESP_TASK_WDT_TIMEOUT_S": 21} }),
			func(string) error { return nil },
			"ESP_TASK_WDT_TIMEOUT_S is shorter than the look-up of a name may take",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			needCompiler(t, "cc")
			dir := project(t, test.spec, nil)
			must(t, test.change(dir))
			_, _, err := hostsdk.Build(t.Context(), dir, hostsdk.BuildOptions{Cache: cache})
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want %q", err, test.want)
			}
			if strings.Contains(fmt.Sprint(err), "hunter") {
				t.Errorf("it shows the password: %v", err)
			}
		})
	}
}

// TestRobustHeadersAreCPlusPlus includes each header of the golden projects in
// C++, and calls what it declares by the names that C has.
func TestRobustHeadersAreCPlusPlus(t *testing.T) {
	compiler, err := exec.LookPath("g++")
	if err != nil {
		if os.Getenv("ESPGEN_NEED_TOOLS") != "" {
			t.Fatal(err)
		}
		t.Skip(err)
	}
	functions := regexp.MustCompile(`(?m)^\w[\w *]*[ *](\w+)\(`)
	for name, s := range goldenSpecs(t, "robust") {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := project(t, s, nil)
			own := t.TempDir()
			_, _, err := hostsdk.Build(t.Context(), dir, hostsdk.BuildOptions{Cache: own})
			must(t, err)
			sdks, err := filepath.Glob(filepath.Join(own, "sdk-*"))
			must(t, err)
			config, err := filepath.Glob(filepath.Join(own, "*", "config"))
			must(t, err)
			headers, err := filepath.Glob(filepath.Join(dir, "main", "*.h"))
			must(t, err)
			if len(headers) < 8 || len(sdks) != 1 || len(config) != 1 {
				t.Fatalf("%d headers, SDKs %q, options %q", len(headers), sdks, config)
			}
			for _, header := range headers {
				text, err := os.ReadFile(header)
				must(t, err)
				var source strings.Builder
				fmt.Fprintf(&source, "#include %q\nvoid *all[] = {\n", header)
				names := functions.FindAllStringSubmatch(string(text), -1)
				for _, m := range names {
					fmt.Fprintf(&source, "(void *)%s,\n", m[1])
				}
				source.WriteString("};\n")
				file := filepath.Join(t.TempDir(), "all.cpp")
				must(t, os.WriteFile(file, []byte(source.String()), 0o644))
				object := strings.TrimSuffix(file, ".cpp") + ".o"
				out, err := exec.Command(compiler, "-std=gnu++2b", "-Wall", "-Wextra", "-Werror", "-I"+config[0], "-I"+sdks[0]+"/include", "-c", file, "-o", object).CombinedOutput()
				if err != nil {
					t.Fatalf("%s: %v\n%s", filepath.Base(header), err, out)
				}
				symbols, err := exec.Command("nm", "-u", object).Output()
				must(t, err)
				for _, m := range names {
					if !regexp.MustCompile(`(?m) ` + m[1] + `$`).Match(symbols) {
						t.Errorf("%s: C++ looks for another name than %s:\n%s", filepath.Base(header), m[1], symbols)
					}
				}
			}
		})
	}
}

// TestRobustServerNoMemory lets accept() fail for lack of memory, which lwIP
// tells as ECONNABORTED. The server pauses, and listens all the while.
func TestRobustServerNoMemory(t *testing.T) {
	t.Parallel()
	dir := project(t, robustServer(nil), nil)
	edit(t, dir, "main/tcp_server.c", "    int fd = accept(listener, (struct sockaddr *)&peer, &length);\n    int error = errno;\n",
		"    static int failures = 6;\n    errno = ECONNABORTED;\n    int fd = failures-- > 0 ? -1 : accept(listener, (struct sockaddr *)&peer, &length);\n    int error = errno;\n")
	d := start(t, dir, hostsdk.Scenario{})
	begin := time.Now()
	must(t, d.serves())
	// Pauses of at least 50, 100, 200, 400, 800 and 1600 ms.
	if took := time.Since(begin); took < 3*time.Second {
		t.Errorf("6 failures took %v: it did not pause", took)
	}
	if n := strings.Count(d.text(), "No memory or no socket for another client: accept failed with errno 113"); n != 6 {
		t.Errorf("it was told %d times, not 6", n)
	}
	if n := strings.Count(d.text(), "Listening on port"); n != 1 {
		t.Errorf("it listened %d times", n)
	}
	must(t, checkRobustEnd(d))
}

// TestRobustClientNoLookup gives a host name to a client whose watchdog does not
// wait for DNS: it says so, and asks nobody.
func TestRobustClientNoLookup(t *testing.T) {
	t.Parallel()
	s := robustServer(func(s *spec.Spec) {
		s.Role, s.Server.Addr = "tcp-client", new("192.168.1.2")
		s.Client.BackoffMS = &[2]int{100, 100}
	})
	dir := project(t, s, nil)
	must(t, os.WriteFile(filepath.Join(dir, "sdkconfig"), []byte("CONFIG_TCP_CLIENT_HOST=\"server.example\"\n"), 0o644))
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	defer l.Close()
	d := start(t, dir, hostsdk.Scenario{Map: []string{"192.0.2.1:8080=" + l.Addr().String()}})
	_, err = d.wait(`server.example is no IPv4 address, and TCP_CLIENT_LOOKUP is off`, 2)
	must(t, err)
	_, err = d.stop()
	must(t, errors.Join(err, l.Close()))
	if strings.Contains(d.text(), " instead of ") {
		t.Error("it connected")
	}
}
