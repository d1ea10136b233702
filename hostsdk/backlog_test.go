//go:build linux

package hostsdk_test

import (
	"errors"
	"fmt"
	"net"
	"os"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/espgen/espgen/hostsdk"
)

// TestBacklog has 16 clients come to a listener that accepts nobody for
// a while. The numbers are those that were measured on a chip.
func TestBacklog(t *testing.T) {
	for _, test := range []struct {
		backlog, mailbox     int
		kept, reset, ignored int32
	}{
		{0, 6, 1, 0, 15},
		{1, 6, 1, 0, 15},
		{4, 6, 4, 0, 12},
		{6, 6, 6, 0, 10},
		{8, 6, 6, 10, 0},
		{12, 6, 6, 10, 0},
		{12, 12, 12, 0, 4},
		{4, 2, 2, 14, 0},
	} {
		t.Run(fmt.Sprint(test.backlog, " of ", test.mailbox), func(t *testing.T) {
			t.Parallel()
			dir := program(t, "backlog.c", fmt.Sprintf("CONFIG_LWIP_TCP_ACCEPTMBOX_SIZE=%d\nCONFIG_LWIP_MAX_SOCKETS=16\n", test.mailbox))
			edit(t, dir, "main/main.c", "BACKLOG 100", "BACKLOG "+strconv.Itoa(test.backlog))
			d := start(t, dir, hostsdk.Scenario{})
			at, err := d.address()
			must(t, err)
			var kept, reset, ignored atomic.Int32
			var clients sync.WaitGroup
			for range 16 {
				time.Sleep(20 * time.Millisecond) // Linux lets one more in where two come in the same instant
				clients.Go(func() {
					conn, err := net.DialTimeout("tcp", at, 2*time.Second)
					if err == nil {
						defer conn.Close()
						_ = conn.SetDeadline(time.Now().Add(2 * time.Second))
						_, err = conn.Read(make([]byte, 1))
					}
					var timeout net.Error
					switch {
					case errors.Is(err, syscall.ECONNRESET):
						reset.Add(1)
					case conn != nil && errors.Is(err, os.ErrDeadlineExceeded):
						kept.Add(1)
					case conn == nil && errors.As(err, &timeout) && timeout.Timeout():
						ignored.Add(1)
					default:
						t.Error(err)
					}
				})
			}
			clients.Wait()
			if kept.Load() != test.kept || reset.Load() != test.reset || ignored.Load() != test.ignored {
				t.Errorf("%d wait, %d were reset, %d were not answered; want %d, %d, %d", kept.Load(), reset.Load(), ignored.Load(), test.kept, test.reset, test.ignored)
			}
			m, err := d.wait(`accepted (\d+)`, 1)
			must(t, err)
			if m[1] != fmt.Sprint(test.kept) {
				t.Errorf("accept() gave %s connections, not %d", m[1], test.kept)
			}
			must(t, d.settle(0))
		})
	}
}
