package spec_test

import (
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/espgen/espgen/generator/internal/spectest"
	"github.com/espgen/espgen/generator/role"
	"github.com/espgen/espgen/generator/rules"
	"github.com/espgen/espgen/generator/spec"
)

// FuzzParse reads anything: no panic, and every issue has a place and a hint.
func FuzzParse(f *testing.F) {
	f.Add("wifi: {ssid: x}\n")
	f.Add(string(role.Starter(spectest.Role(f, "tcp-server"), "guide")))
	f.Add("x-a: &a {ssid: x}\nwifi: {<<: [*a, *a], retries: 1e3}\n")
	f.Add("wifi: !env X\nserver: {port: !secret y}\n? [a, b]\n: c\n")
	f.Add("a: &a [*a]\nwifi: *a\n")
	f.Add("wifi: {ssid: !!binary abc, ssid: !!binary \"/w==\"}\n--- \n...\n")
	f.Add("sdkconfig: {CONFIG_A: 0x10, CONFIG_B: yes, b: [], CONFIG_A: 1, ~: 2}\n")
	f.Add("wifi: {ssid: x}\nserver: {port: !!int \"\", backlog: !!int \"+\"}\nsdkconfig: {CONFIG_A: !!int \"_\"}\n")
	f.Add("sdkconfig: {\"a\\n\\e[2J\": 1, \"a\\n\\e[2J\": 2}\nwifi: {ssid: !env \"\\n\", password: !secret \"\\a\"}\n")
	f.Add("a: &a 1\nb: '*c'\nwifi: {ssid: *a, password: *ab}\n")
	f.Add("x-b: &b {wifi: {ssid: x}, sdkconfig: {CONFIG_A: !env SSID}}\n<<: [*b, *b]\nrole: tcp-sever\n")
	f.Add("style: robust\nwifi: {ssid: x, backoff_ms: [500, &a 30000], auth: open, static_ip: {address: 10.0.0.1, dns: !env ADDR}}\ntask: {core: 1}\n")
	f.Add("style: robust\nwifi: {ssid: x, backoff_ms: &a [*a, *a], static_ip: !env X, hostname: -}\nclient: {backoff_ms: [1, 2]}\n")
	f.Add(string(role.Starter(spectest.Role(f, "tcp-server"), "robust")))
	f.Add(spectest.Bomb(8))
	f.Add("{\"role\": \"tcp-server\",\n\t\"wifi\": {\"ssid\": \"\\ud83d\\ude00\\/\", \"retries\": 1e3}}")
	f.Add("{\"wifi\": {\"ssid\": \"\\ud83d\", \"x\" 1}, \"wifi\": [null, true]}")
	f.Add("%YAML 1.2\n%TAG !e! !\n---\nwifi: {ssid: !e!env SSID}\n...\n")
	f.Add("# 注\nrole：tcp-server\nwifi：\n\u3000ssid: “x”\n  password: \"a”，b\n")
	f.Add("wifi: {ssid: \"\\q\\ud83d\\x4\", x: 「y」，z: \u00a0}\n")
	f.Add("include: [a, ../b, a]\nwifi: {static_ip: {address: 10.0.0.1}}\nsdkconfig: {CONFIG_A: 1}\n")
	f.Add("include: &a [*a, ~, b]\ninclude: c\n")
	f.Add("{\"include\": \"a\", \"wifi\": {\"ssid\": \"x\"}}")
	r := spectest.Role(f, "tcp-server")
	f.Fuzz(func(t *testing.T, text string) {
		for _, set := range [][]string{
			{"server.port=80", "sdkconfig.CONFIG_X=y"},
			{"style=robust", "wifi.backoff_ms=[100, 200]", "wifi.static_ip.dns=1.1.1.1"},
		} {
			from := spectest.Sources
			from.Set = set
			included := 0
			from.Include = func(file, name string) (string, []byte, error) {
				if included++; included > 50 {
					return "", nil, errors.New("not found")
				}
				return file + name, []byte(text)[min(len(text), included-1):], nil
			}
			file := spec.Parse("s.yaml", []byte(text), from)
			s, err := rules.CheckFile(file, r)
			if err == nil && (s.WiFi.SSID == "" || s.Style == nil || s.Server.Port == nil) {
				t.Errorf("valid, but not whole: %+v", s)
			}
			for _, err := range []error{err, rules.CheckRole(file, []string{"tcp-server"})} {
				if err == nil {
					continue
				}
				issues, ok := err.(spec.Issues) //nolint:errorlint // the type itself is what is promised
				if !ok {
					t.Fatalf("%T is not issues", err)
				}
				for _, i := range issues {
					if i.Hint == "" || i.Pos.Line < 1 && !strings.HasPrefix(i.Pos.Flag, "--set") {
						t.Errorf("%+v lacks a hint or a place", i)
					}
					spectest.CheckPrints(t, i)
				}
			}
		}
	})
}

// BenchmarkParse reads and checks a short spec, and one that gives every field.
func BenchmarkParse(b *testing.B) {
	r := spectest.Role(b, "tcp-server")
	short, err := os.ReadFile("../../specs/tcp-server.yaml")
	if err != nil {
		b.Fatal(err)
	}
	for name, text := range map[string][]byte{"short": short, "whole": role.Starter(r, "guide")} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if _, err := rules.CheckFile(spec.Parse("s.yaml", text, spec.Sources{}), r); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
