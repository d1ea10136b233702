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

// TestSum wants a hash that tells specs apart, but not by their secrets.
func TestSum(t *testing.T) {
	sum := func(ssid, password string, port int) string {
		return (&Spec{WiFi: WiFi{SSID: ssid, Password: &password}, Server: Server{Port: &port}}).Sum(Shared())
	}
	first := sum("a", "secret one", 80)
	if first != sum("a", "secret two", 80) {
		t.Error("the password changes the hash")
	}
	if first == sum("b", "secret one", 80) || first == sum("a", "secret one", 81) {
		t.Error("another spec has the same hash")
	}
}
