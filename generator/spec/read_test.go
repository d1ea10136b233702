package spec

import (
	"slices"
	"testing"
)

// TestElsewhere finds the fields of a name, wherever they are.
func TestElsewhere(t *testing.T) {
	paths := []string{"port", "server.port", "client.port", "server.report", "port.x"}
	for name, want := range map[string][]string{
		"port":   {"port", "server.port", "client.port"},
		"report": {"server.report"},
		"server": {},
		"x":      {"port.x"},
	} {
		if got := elsewhere(name, slices.Clone(paths)); !slices.Equal(got, want) {
			t.Errorf("%s: got %v, want %v", name, got, want)
		}
	}
}
