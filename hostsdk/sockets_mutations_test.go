//go:build linux

package hostsdk_test

import (
	"testing"

	"github.com/espgen/espgen/hostsdk"
)

// TestSocketMutations breaks the sources of the sockets. The program of
// testdata/measured that it is for must see it.
func TestSocketMutations(t *testing.T) {
	t.Parallel()
	connect := hostsdk.Scenario{Net: []string{"connect=300ms"}}
	for program, mutations := range map[string][]struct {
		name, file, from, to string
		scenario             hostsdk.Scenario
	}{
		"sockets_errno.c": {
			{name: "the end again and again", file: "socket_stream.c", from: "            slot->no_read = true;\n            return 0;", to: "            return 0;"},
			{name: "no pending error", file: "socket_state.c", from: "slot->pending = error;", to: "slot->pending = 0;"},
			{name: "no error behind the data", file: "socket_state.c", from: "slot->message = error;", to: "slot->message = 0;"},
			{name: "a name of what is gone", file: "sockets.c", from: "    if (slot->state == GONE) {\n        return fail(ESP_ENOTCONN);\n    }\n    struct sockaddr_in6 a = own", to: "    struct sockaddr_in6 a = own"},
		},
		"sockets_connect.c": {
			{name: "SO_ERROR stays", file: "socket_options.c", from: "o.number = host_take_pending(slot);", to: "o.number = slot->pending;", scenario: connect},
			{name: "connected at once", file: "socket_state.c", from: "host_now_us() < connected_at(slot)) {\n        return;", to: "false) {\n        return;", scenario: connect},
		},
		"sockets_backlog.c": {
			{name: "a reset connection", file: "sockets.c", from: "    if (slot->state == GONE) {\n        host_drop", to: "    if (false) {\n        host_drop"},
			{name: "no socket without an address", file: "sockets.c", from: "s < 0 || addr == NULL || addrlen == NULL", to: "s < 0"},
			{name: "the last comes first", file: "socket_backlog.c", from: "first = mailbox->connections[0]", to: "first = mailbox->connections[mailbox->count - 1]"},
			{name: "no reset", file: "socket_backlog.c", from: ".l_onoff = 1", to: ".l_onoff = 0"},
		},
		"sockets_closing.c": {
			{name: "FIN in place of RST", file: "socket_stream.c", from: "host_unread(slot->fd) > 0) {", to: "false) {"},
			{name: "reads after SHUT_RD", file: "socket_stream.c", from: "slot->no_read = true;\n    slot->refuses", to: "slot->refuses"},
			{name: "SHUT_WR again", file: "socket_stream.c", from: "slot->state == UNCONNECTED || slot->no_write", to: "slot->state == UNCONNECTED"},
			{name: "closed, and still there", file: "socket_stream.c", from: "    slot->state = GONE;\n    slot->exception", to: "    slot->exception"},
		},
	} {
		t.Run(program, func(t *testing.T) {
			t.Parallel()
			needCompiler(t, "cc")
			for _, m := range mutations {
				t.Run(m.name, func(t *testing.T) {
					mutated := mutant(t, program, m.file, m.from, m.to)
					p := newScripted(t, t.Logf) // the program ends in the midst of what it checks
					d := run(t, mutated, p.scenario(m.scenario))
					said, err := d.wait(`(?m)^(FAILED|done)`, 1)
					must(t, err)
					if said[1] == "done" {
						t.Error("not noticed")
					}
				})
			}
		})
	}
}
