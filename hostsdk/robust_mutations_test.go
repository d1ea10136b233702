//go:build linux

package hostsdk_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"testing"
	"time"

	"github.com/espgen/espgen/generator"
	"github.com/espgen/espgen/generator/rules"
	"github.com/espgen/espgen/generator/spec"
	"github.com/espgen/espgen/hostsdk"
	"github.com/espgen/espgen/templates"
)

// TestRobustMutations breaks the sources of the robust style's server. The
// check that each is for must see it.
func TestRobustMutations(t *testing.T) {
	s := robustServer(func(s *spec.Spec) { s.Sdkconfig = map[string]any{"CONFIG_ESP_TASK_WDT_TIMEOUT_S": 1} })
	role, err := generator.LoadRole(templates.FS, "tcp-server")
	must(t, err)
	checked, err := rules.Check(s, role)
	must(t, err)
	mutations := map[string]struct {
		file, from, to string
		scenario       hostsdk.Scenario
		check          func(*device) error
	}{
		"no close": {
			file: "tcp_connection.c", from: "    close(connection->fd);\n    connection->fd = -1;", to: "    connection->fd = -1;",
			check: func(d *device) error {
				if err := d.serves(); err != nil {
					return err
				}
				return d.settle(1)
			},
		},
		"keep-alive": {
			file: "tcp_connection.c", from: "SO_KEEPALIVE, 1)", to: "SO_KEEPALIVE, 0)",
			check: func(d *device) error { return checkOptions(d, checked) },
		},
		"what is not taken is lost": {
			file: "tcp_connection.c", from: "connection->rx_length, taken);", to: "connection->rx_length, connection->rx_length);",
			scenario: hostsdk.Scenario{Net: []string{"short"}}, check: checkEcho,
		},
		"what is not sent is lost": {
			file: "tcp_connection.c", from: "connection->tx_length, (size_t)sent);", to: "connection->tx_length, connection->tx_length);",
			scenario: hostsdk.Scenario{Net: []string{"short"}}, check: checkEcho,
		},
		"gives up": {
			file: "wifi_station.c", from: "    wait_for(PAUSING, ms);\n", to: "",
			scenario: hostsdk.Scenario{WiFi: []string{"absent=2"}}, check: (*device).serves,
		},
		"blocks the event task": {
			file: "wifi_station.c", from: "    wait_for(PAUSING, ms);\n",
			to:       "    for (int64_t from = esp_timer_get_time(); esp_timer_get_time() < from + 200000;) {\n    }\n    join();\n",
			scenario: hostsdk.Scenario{WiFi: []string{"absent=2"}},
			check: func(d *device) error {
				if err := d.serves(); err != nil {
					return err
				}
				return checkRobustEnd(d)
			},
		},
		"starves the watchdog": {
			file: "net_task.c", from: "    esp_task_wdt_reset();\n", to: "",
			check: func(d *device) error {
				if err := d.serves(); err != nil {
					return err
				}
				time.Sleep(1500 * time.Millisecond)
				return checkRobustEnd(d)
			},
		},
	}
	for name, m := range mutations {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := project(t, s, nil)
			edit(t, dir, "main/"+m.file, m.from, m.to)
			d := start(t, dir, m.scenario)
			noticed := make(chan error, 1)
			go func() { noticed <- m.check(d) }()
			select {
			case err := <-noticed:
				if err == nil {
					t.Error("not noticed")
				}
			case <-time.After(5 * time.Second): // it hangs, which a real check notices after its patience
			}
		})
	}
}

// checkHalfClose sends until it is held back, ends its side, and wants all of
// it back.
func checkHalfClose(d *device) error {
	conn, err := d.dial()
	if err != nil {
		return err
	}
	defer conn.Close()
	if err := errors.Join(conn.SetReadBuffer(64<<10), conn.SetWriteBuffer(64<<10), conn.SetWriteDeadline(time.Now().Add(time.Second))); err != nil {
		return err
	}
	data := pattern(64 << 20)
	sent, err := conn.Write(data)
	if !errors.Is(err, os.ErrDeadlineExceeded) {
		return fmt.Errorf("%d bytes were taken before anything was read, and then: %w", sent, err)
	}
	if err := conn.CloseWrite(); err != nil {
		return err
	}
	got, err := io.ReadAll(conn)
	if err == nil && !bytes.Equal(got, data[:sent]) {
		err = fmt.Errorf("%d bytes came back after the half-close, not %d", len(got), sent)
	}
	return err
}
