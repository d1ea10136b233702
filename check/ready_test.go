//go:build linux

package check_test

import (
	"bytes"
	"errors"
	"io/fs"
	"net"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/espgen/espgen/check"
	"github.com/espgen/espgen/generator"
	"github.com/espgen/espgen/generator/role"
	"github.com/espgen/espgen/generator/rules"
	"github.com/espgen/espgen/generator/spec"
	"github.com/espgen/espgen/library"
)

// ready are the ready-made checks of a spec's project.
func ready(t *testing.T, role role.Role, s *spec.Spec) check.Checks {
	t.Helper()
	name, text, err := library.BuiltIn().Checks(role.Name, *s.Style)
	must(t, err)
	checks, issues := check.Parse(name, text)
	if len(issues) > 0 {
		t.Fatal(issues)
	}
	values, err := generator.Values(s, role)
	must(t, err)
	bound, err := checks.Bind(values)
	must(t, err)
	return bound
}

// hasIPv6 reports whether this PC has IPv6's loopback.
func hasIPv6() bool {
	l, err := net.Listen("tcp", "[::1]:0")
	if err == nil {
		l.Close()
	}
	return err == nil
}

// TestReadyChecks runs every golden project against the ready-made checks of its
// style: sizes of an echo, options, errors, bad peers, bad networks, the end.
func TestReadyChecks(t *testing.T) {
	t.Parallel()
	needCompiler(t)
	lib := library.BuiltIn()
	paths, err := filepath.Glob("../specs/*.yaml")
	must(t, err)
	roles, err := lib.Roles()
	must(t, err)
	for _, role := range roles {
		for _, p := range paths {
			s := sampleSpec(t, p, role)
			if s == nil || rules.Family(s) != "ipv4" && !hasIPv6() {
				continue
			}
			if _, _, err := lib.Checks(role.Name, *s.Style); errors.Is(err, fs.ErrNotExist) {
				continue
			}
			t.Run(strings.TrimSuffix(filepath.Base(p), ".yaml"), func(t *testing.T) {
				t.Parallel()
				files, err := lib.Render(t.Context(), role, s)
				must(t, err)
				for _, r := range check.Run(t.Context(), built(t, files), ready(t, role, s), check.Options{Parallel: 4}) {
					if r.Status != check.Passed {
						t.Error(told(r))
					}
				}
			})
		}
	}
}

// A mutation breaks the source of a golden project in a way that students do.
type mutation struct {
	spec, file, from, to string
	check                string // that must see it
}

// TestMutations wants the check that each mutation is for to see it. Those of the
// steps of exercises are in TestProof.
func TestMutations(t *testing.T) {
	t.Parallel()
	needCompiler(t)
	const server, client = "tcp-server", "tcp-client"
	for name, m := range map[string]mutation{
		"no close":                    {server, "main.c", "shutdown(sock, 0);\n        close(sock);", "shutdown(sock, 0);", "close"},
		"a task returns":              {server, "main.c", "        do_retransmit(sock);", "        do_retransmit(sock);\n        return;", "next-clients"},
		"keep-alive idle":             {server, "main.c", "int keepIdle = 5;", "int keepIdle = 6;", "keep-alive"},
		"keep-alive count":            {server, "main.c", "int keepCount = 3;", "int keepCount = 4;", "keep-alive"},
		"keep-alive off":              {server, "main.c", "int keepAlive = 1;", "int keepAlive = 0;", "keep-alive"},
		"one byte lost":               {server, "main.c", "int to_write = len;", "int to_write = len - 1;", "echo"},
		"NUL ends the echo":           {server, "main.c", "int to_write = len;", "int to_write = strlen(rx_buffer);", "echo"},
		"one byte too many":           {server, "main.c", "sizeof(rx_buffer) - 1, 0)", "sizeof(rx_buffer), 0)", "echo"},
		"a closed peer":               {server, "main.c", "ESP_LOGW(TAG, \"Connection closed\");\n            return;", "for (;;) {\n                vTaskDelay(1);\n            }", "close"},
		"NVS is not ready":            {server, "main.c", "esp_err_t ret = nvs_flash_init();", "esp_err_t ret = ESP_OK;", "wifi"},
		"no event loop":               {server, "main.c", "ESP_ERROR_CHECK(esp_event_loop_create_default());", "", "wifi"},
		"no mode":                     {server, "main.c", "ESP_ERROR_CHECK(esp_wifi_set_mode(WIFI_MODE_STA));", "", "wifi"},
		"Wi-Fi not started":           {server, "main.c", "ESP_ERROR_CHECK(esp_wifi_start());", "ESP_ERROR_CHECK(esp_wifi_connect());", "wifi"},
		"nobody listens":              {server, "main.c", "err = listen(listen_sock, 1);", "", "listen"},
		"client: no close":            {client, "main.c", "    close(sock);\n    vTaskDelete(NULL);\n}", "    vTaskDelete(NULL);\n}", "close"},
		"client: the task returns":    {client, "main.c", "    close(sock);\n    vTaskDelete(NULL);\n}", "    close(sock);\n}", "close"},
		"client: a closed peer":       {client, "main.c", "ESP_LOGW(TAG, \"Connection closed\");\n            break;", "for (;;) {\n                vTaskDelay(1);\n            }", "close"},
		"client: another greeting":    {client, "main.c", "\"Hello World!\"", "\"Hello world!\"", "greet"},
		"robust: no close":            {"tcp-server_robust", "tcp_connection.c", "    close(connection->fd);\n    connection->fd = -1;", "    connection->fd = -1;", "close"},
		"robust: keep-alive":          {"tcp-server_robust", "tcp_connection.c", "SO_KEEPALIVE, 1)", "SO_KEEPALIVE, 0)", "options"},
		"robust: not taken is lost":   {"tcp-server_robust", "tcp_connection.c", "connection->rx_length, taken);", "connection->rx_length, connection->rx_length);", "half-close"},
		"robust: not sent is lost":    {"tcp-server_robust", "tcp_connection.c", "connection->tx_length, (size_t)sent);", "connection->tx_length, connection->tx_length);", "echo-short"},
		"robust: gives up":            {"tcp-server_robust", "wifi_station.c", "    wait_for(PAUSING, ms);\n", "", "late-wifi"},
		"robust: blocks the handlers": {"tcp-server_robust", "wifi_station.c", "    wait_for(PAUSING, ms);\n", "    for (int64_t from = esp_timer_get_time(); esp_timer_get_time() < from + 1100000;) {\n    }\n    join();\n", "late-wifi"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			lib := library.BuiltIn()
			roleName := "tcp-" + strings.Split(strings.TrimPrefix(m.spec, "tcp-"), "_")[0]
			role, err := lib.Role(roleName)
			must(t, err)
			s := sampleSpec(t, "../specs/"+m.spec+".yaml", role)
			files, err := lib.Render(t.Context(), role, s)
			must(t, err)
			i := slices.IndexFunc(files, func(f generator.File) bool { return f.Path == "main/"+m.file })
			files[i].Data = bytes.Replace(files[i].Data, []byte(m.from), []byte(m.to), 1)
			if again, _ := lib.Render(t.Context(), role, s); bytes.Equal(again[i].Data, files[i].Data) {
				t.Fatal("the mutation changes nothing")
			}
			for _, r := range check.Run(t.Context(), built(t, files), ready(t, role, s), check.Options{Patience: impatience, Only: []string{m.check}}) {
				if r.Status != check.Failed {
					t.Errorf("%s does not see it", r.Check)
				}
			}
		})
	}
}
