package generator

import "testing"

// TestReadmeView wants what the READMEs show of the log to be the spec's, and
// what the spec does not know marked.
func TestReadmeView(t *testing.T) {
	static := &StaticIPView{Address: "10.1.2.3"}
	for _, test := range []struct {
		view                View
		board, server, ssid string
	}{
		{View{Family: "IPV4", WiFi: WiFiView{SSID: "校园网 5"}}, "BOARD", "SERVER", "校园网 5"},
		{View{Family: "IPV4", WiFi: WiFiView{SSID: "a\nb", StaticIP: static}, Server: ServerView{Addr: "10.0.0.9"}}, "10.1.2.3", "10.0.0.9", "..."},
		{View{Family: "DUAL", WiFi: WiFiView{SSID: "\xff", StaticIP: static}, Server: ServerView{Addr: "pc.lan"}}, "10.1.2.3", "SERVER", "..."},
		{View{Family: "IPV6", WiFi: WiFiView{SSID: "x", StaticIP: static}, Server: ServerView{Addr: "fe80::1234"}}, "BOARD", "[FE80::1234]", "x"},
	} {
		v := test.view
		if v.Board() != test.board || v.ServerShown() != test.server || v.SSIDShown() != test.ssid {
			t.Errorf("%+v: got %q, %q, %q\nwant %q, %q, %q", v, v.Board(), v.ServerShown(), v.SSIDShown(), test.board, test.server, test.ssid)
		}
		if v.BoardUnknown() != (test.board == "BOARD") || v.ServerUnknown() != (test.server == "SERVER") || v.OnlyIPv6() != (v.Family == "IPV6") {
			t.Errorf("%+v: got %v, %v, %v", v, v.BoardUnknown(), v.ServerUnknown(), v.OnlyIPv6())
		}
	}
}
