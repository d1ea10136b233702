package rules_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/espgen/espgen/generator/field"
	"github.com/espgen/espgen/generator/role"
	"github.com/espgen/espgen/generator/rules"
	"github.com/espgen/espgen/generator/spec"
)

// TestHidden wants to know of each value that nobody else may read how messages
// call it, and another value of the same kind in its place.
func TestHidden(t *testing.T) {
	style := role.Style{Part: role.Part{Fields: map[string]role.Use{"server.addr": {Required: true}, "wifi.hostname": {}}}}
	r := role.Role{Name: "r", Title: "r", Summary: "r", Styles: map[string]role.Style{"guide": style}, Own: role.Params{
		{Path: "own.token", Kind: field.Text, Common: true, Secret: true, Default: "", Max: 100},
		{Path: "own.copy", Kind: field.Text, Common: true, Optional: true, From: "server.addr", Max: 100},
	}}
	const text = "project: !env NAME\nwifi: {ssid: !env NET, password: hunter22}\nserver: {addr: !env ADDR}\ntarget: !env CHIP\n" +
		"sdkconfig: {CONFIG_A: !secret host, CONFIG_B: x}\nown: {token: abc}\n"
	f := spec.Parse("s", []byte(text), spec.Sources{
		Table: func(string) field.Table { return r.Table() },
		Env: func(name string) (string, bool) {
			return map[string]string{"NAME": "p_1", "NET": "Zoë 1-9", "ADDR": "192.0.2.1", "CHIP": "esp32s3"}[name], true
		},
		Secret: func(string, string) (string, bool, error) { return "host.lan", true, nil },
	})
	s, err := rules.CheckFile(f, r)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{
		"project": "the value of !env NAME", "wifi.hostname": "the value of !env NAME, from project,",
		"wifi.ssid": "the value of !env NET", "wifi.password": "the value",
		"server.addr": "the value of !env ADDR", "own.copy": "the value of !env ADDR, from server.addr,",
		"own.token": "the value", "sdkconfig.CONFIG_A": "the value of !secret host",
	}
	if diff := cmp.Diff(want, s.Hidden); diff != "" {
		t.Error(diff)
	}
	other := s.Disguise(s.HiddenPaths())
	values := map[string]string{}
	for path := range want {
		values[path], _ = other.Value(path).(string)
	}
	values["sdkconfig.CONFIG_A"], _ = other.Sdkconfig["CONFIG_A"].(string)
	disguises := map[string]string{
		"project": "q_2", "wifi.hostname": "q-2", "wifi.ssid": "Apê 2-0", "wifi.password": "ivoufs33",
		"server.addr": "192.0.2.2", "own.copy": "192.0.2.2", "own.token": "bcd", "sdkconfig.CONFIG_A": "iptu.mbo",
	}
	if diff := cmp.Diff(disguises, values); diff != "" {
		t.Error(diff)
	}
	if s.Sdkconfig["CONFIG_A"] != "host.lan" || other.Sdkconfig["CONFIG_B"] != "x" || *other.Target != "esp32s3" {
		t.Errorf("the options are %v, of %v", other.Sdkconfig, s.Sdkconfig)
	}
	if one := s.Disguise([]string{"wifi.ssid"}); one.WiFi.SSID != "Apê 2-0" || *one.Server.Addr != "192.0.2.1" {
		t.Errorf("it is %+v", one)
	}
	open, err := rules.CheckFile(spec.Parse("s", []byte("wifi: {ssid: x, password: ''}\nserver: {addr: 10.0.0.1}\n"), spec.Sources{Table: func(string) field.Table { return r.Table() }}), r)
	if err != nil {
		t.Fatal(err)
	}
	if len(open.Hidden) > 0 {
		t.Errorf("an open network: %v", open.Hidden)
	}
}
