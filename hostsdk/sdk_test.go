//go:build linux

package hostsdk_test

import (
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/espgen/espgen/hostsdk"
)

// program makes a project of one of the C files of testdata, with lines of
// sdkconfig.defaults.
func program(t *testing.T, source, config string) string {
	t.Helper()
	dir := t.TempDir()
	must(t, os.Mkdir(filepath.Join(dir, "main"), 0o755))
	for from, to := range map[string]string{source: "main.c", "join.h": "join.h"} {
		text, err := os.ReadFile(filepath.Join("testdata", from))
		must(t, err)
		must(t, os.WriteFile(filepath.Join(dir, "main", to), text, 0o644))
	}
	must(t, os.WriteFile(filepath.Join(dir, "sdkconfig.defaults"), []byte(config), 0o644))
	return dir
}

// check runs one of the C programs of testdata, which checks the SDK call by
// call, and wants at least n checks, none of them failed, and nothing left.
func check(t *testing.T, source, config string, s hostsdk.Scenario, n int) (log string) {
	t.Helper()
	log = finish(start(t, program(t, source, config), s))
	if got := strings.Count(log, "\nok "); got < n {
		t.Errorf("only %d checks", got)
	}
	for line := range strings.Lines(log) {
		if strings.HasPrefix(line, "FAILED") {
			t.Error(line)
		}
	}
	return log
}

// finish waits until a program is done, and wants no task and no socket left.
func finish(d *device) (log string) {
	d.t.Helper()
	_, err := d.wait(`(?m)^done$`, 1)
	must(d.t, err)
	must(d.t, eventually(func() error { // app_main returns, and its task ends
		_, tasks, err := d.state()
		if err == nil && len(tasks) > 0 {
			err = fmt.Errorf("still running: %q", tasks)
		}
		return err
	}))
	log, err = d.stop()
	must(d.t, err)
	if !strings.Contains(log, "0 sockets open, ") {
		d.t.Error("a socket is left")
	}
	return log
}

func TestFreeRTOS(t *testing.T) {
	t.Parallel()
	check(t, "freertos.c", "", hostsdk.Scenario{}, 43)
}

func TestEvents(t *testing.T) {
	t.Parallel()
	check(t, "events.c", "", hostsdk.Scenario{WiFi: []string{"ip-late=500ms"}}, 5)
}

func TestIPv6(t *testing.T) {
	t.Parallel()
	needIPv6(t)
	check(t, "ipv6.c", "", hostsdk.Scenario{}, 70)
}

// TestMapIPv6 maps an address to another port of this machine.
func TestMapIPv6(t *testing.T) {
	t.Parallel()
	l := needIPv6(t)
	check(t, "map.c", "", hostsdk.Scenario{Map: []string{"[2001:db8::5]:8080=" + l.Addr().String()}}, 3)
	conn, err := l.Accept()
	must(t, err)
	defer conn.Close()
	text, err := io.ReadAll(conn)
	must(t, err)
	if string(text) != "hello" {
		t.Errorf("heard %q", text)
	}
}

// TestIPv6Events loses the connection now and then.
func TestIPv6Events(t *testing.T) {
	t.Parallel()
	check(t, "ip6_events.c", "", hostsdk.Scenario{WiFi: []string{"drop=200ms", "back=50ms"}}, 15)
}

func TestGetaddrinfo(t *testing.T) {
	t.Parallel()
	check(t, "getaddrinfo.c", "", hostsdk.Scenario{}, 40)
}

func TestNoDNS(t *testing.T) {
	t.Parallel()
	check(t, "no_dns.c", "", hostsdk.Scenario{Net: []string{"no-dns"}}, 4)
}

func TestNetif(t *testing.T) {
	t.Parallel()
	check(t, "netif.c", "CONFIG_ESP_NETIF_IP_LOST_TIMER_INTERVAL=2\n", hostsdk.Scenario{}, 50)
}

func TestSocketOptions(t *testing.T) {
	t.Parallel()
	check(t, "options.c", "", hostsdk.Scenario{}, 25)
	check(t, "options.c", "CONFIG_LWIP_SO_LINGER=y\n", hostsdk.Scenario{}, 25)
}

// TestCloseWaiting closes sockets at which another task waits.
func TestCloseWaiting(t *testing.T) {
	t.Parallel()
	check(t, "close_waiting.c", "", hostsdk.Scenario{}, 50)
}

func TestHeapAndLog(t *testing.T) {
	t.Parallel()
	log := check(t, "system.c", "", hostsdk.Scenario{}, 9)
	for _, line := range []string{" long: " + strings.Repeat("x", 5000) + "\n", "\nno newline, then one\n"} {
		if !strings.Contains(log, line) {
			t.Errorf("the log lacks %.40q", line)
		}
	}
}

// TestAssert wants the message of ESP-IDF, and the end.
func TestAssert(t *testing.T) {
	t.Parallel()
	d := start(t, program(t, "assert.c", ""), hostsdk.Scenario{})
	_, err := d.wait(`(?m)^assert failed: app_main main\.c:8 \(answer == 41\)$`, 1)
	must(t, err)
	<-d.done
	if d.err == nil || !strings.Contains(d.err.Error(), "abort") {
		t.Errorf("the program ended: %v", d.err)
	}
}

// TestConnectTimeout has nobody answer: 3 x 1.5 s + 0.5 s, twice.
func TestConnectTimeout(t *testing.T) {
	t.Parallel()
	check(t, "connect_timeout.c", "CONFIG_LWIP_TCP_SYNMAXRTX=3\n", hostsdk.Scenario{Net: []string{"connect-timeout"}}, 10)
}

// TestTaskWatchdog feeds the watchdog, then lets it starve, then leaves a task
// watched that has ended.
func TestTaskWatchdog(t *testing.T) {
	t.Parallel()
	log := check(t, "task_wdt.c", "CONFIG_ESP_TASK_WDT_TIMEOUT_S=1\n", hostsdk.Scenario{}, 12)
	const message = "host: Task watchdog got triggered. The following tasks/users did not reset the watchdog in time: "
	before, after, inTime := strings.Cut(log, "fed in time\n")
	if inTime && strings.Contains(before, message) {
		t.Error("the watchdog was fed, and triggered")
	}
	if !inTime {
		after = log
	}
	starved, forgotten, _ := strings.Cut(after, "starved\n")
	if !strings.Contains(starved, message+"main\n") {
		t.Error("the watchdog starved, and did not trigger")
	}
	if !strings.Contains(forgotten, message+"forgetful") {
		t.Error("a task that has ended is not watched")
	}
}

// TestFailOnce lets each call of a program fail in turn.
func TestFailOnce(t *testing.T) {
	t.Parallel()
	calls := []string{
		"socket 23", "setsockopt 22", "bind 112", "listen 112", "getaddrinfo 202", "socket 23", "connect 104", "select 12",
		"accept 23", "send 104", "recv 104", "",
	}
	dir := program(t, "fail_once.c", "")
	for i, want := range calls {
		d := start(t, dir, hostsdk.Scenario{Net: []string{fmt.Sprintf("fail-once=%d", i+1)}})
		_, err := d.wait(`(?m)^done$`, 1)
		must(t, err)
		log, err := d.stop()
		must(t, err)
		var failed []string
		for _, m := range regexp.MustCompile(`(?m)^failed: (.*)`).FindAllStringSubmatch(log, -1) {
			failed = append(failed, m[1])
		}
		if got := strings.Join(failed, ", "); got != want {
			t.Errorf("of call %d: %q failed, want %q", i+1, got, want)
		}
	}
}

// needIPv6 listens on the IPv6 loopback, or skips the test where this machine
// has none.
func needIPv6(t *testing.T) net.Listener {
	t.Helper()
	l, err := net.Listen("tcp", "[::1]:0")
	if err != nil {
		t.Skipf("no IPv6 loopback: %v", err)
	}
	t.Cleanup(func() { l.Close() })
	return l
}

// TestKconfig runs a project with options of its own, a secret, and what
// menuconfig left.
func TestKconfig(t *testing.T) {
	t.Parallel()
	dir := program(t, "kconfig.c", "CONFIG_APP_PORT=8080\nCONFIG_APP_LED=y\nCONFIG_LWIP_MAX_SOCKETS=12\n")
	write := func(name, text string) { must(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644)) }
	kconfig, err := os.ReadFile(filepath.Join("testdata", "Kconfig.projbuild"))
	must(t, err)
	write("main/Kconfig.projbuild", string(kconfig))
	run := func() string {
		d := start(t, dir, hostsdk.Scenario{})
		_, err := d.wait(`(?m)^done$`, 1)
		must(t, err)
		log, err := d.stop()
		must(t, err)
		return log
	}
	want := func(log string, lines ...string) {
		t.Helper()
		for _, line := range lines {
			if !strings.Contains(log, line+"\n") {
				t.Errorf("the log does not have %q", line)
			}
		}
	}
	write("sdkconfig.secrets", `CONFIG_APP_PASSWORD="hunter \"22\""`+"\n")
	want(run(), "port 8080", `password hunter "22"`, "mask 0xff", "led at 2", "mode fast", "sockets 12")
	write("sdkconfig", "CONFIG_APP_PORT=81\n# CONFIG_APP_LED is not set\n# CONFIG_APP_FAST is not set\nCONFIG_APP_SAFE=y\n")
	want(run(), "port 81", `password hunter "22"`, "no led", "mode safe", "sockets 12")

	// The compiler shows the line that it complains of, and those of its macros.
	for name, source := range map[string]string{
		"an error":  "",
		"a warning": "#pragma GCC diagnostic warning \"-Wint-conversion\"\n",
	} {
		source += "#include \"sdkconfig.h\"\nvoid app_main(void) { int i = CONFIG_APP_PASSWORD; i++; }\n"
		write("main/main.c", source)
		_, warned, err := hostsdk.Build(t.Context(), dir, hostsdk.BuildOptions{Sanitize: true, Cache: cache})
		if said := fmt.Sprint(warned, err); !strings.Contains(said, "main.c:") || strings.Contains(said, "hunter") {
			t.Errorf("%s: the compiler says\n%s", name, said)
		}
	}
}
