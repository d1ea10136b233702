package spec_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/espgen/espgen/generator/internal/spectest"
	"github.com/espgen/espgen/generator/rules"
	"github.com/espgen/espgen/generator/spec"
)

// TestJSON reads specs as JSON writers write them. Its strings are JSON's: no
// escape, no character and no line is what YAML would make of it.
func TestJSON(t *testing.T) {
	wide := `{"role": "tcp-server", "x-` + strings.Repeat("long", 300) + `": 1, "wifi": {"ssid": "a/b"}}`
	for text, want := range map[string]string{
		`{"wifi":{"ssid":"\ud83d\ude00"}}`:                                             "😀",
		`{"wifi": {"ssid": "a\/b"}}`:                                                   "a/b",
		`{"wifi": {"ssid": "\b\f\n\r\t\"\\\u0001\u00e9"}}`:                             "\b\f\n\r\t\"\\\x01é",
		"\ufeff{\"wifi\": {\"ssid\": \"x\"}}":                                          "x",
		"\n\n \t{\r\n\t\"wifi\"\t:\r\n\t{\r\n\t\t\"ssid\"\n\t\t:\n\t\t\"x\"\n\t}\n}\n": "x",
		"{\"wifi\": {\"ssid\": \"a\x7fb\u0085c\u2028d\u2029e\ufefff\uffff\"}}":         "a\x7fb\u0085c\u2028d\u2029e\ufefff\uffff",
		`{"wifi": {"ssid": "  a # b: c  "}, "x-a": {"b": [1, -2.5e+3, null, true]}}`:   "  a # b: c  ",
		`{"wifi": {"ssid": "!env SSID"}}`:                                              "!env SSID",
		`{"wifi": {"ssid": "\\ud83d \\/"}}`:                                            `\ud83d \/`,
		`{"wifi": {"ssid": "\ufffd"}}`:                                                 "\ufffd",
		`{"wifi": {"ssid": "“lab”"}}`:                                                  "“lab”",
		`{"\u0077ifi": {"ssid": "~"}}`:                                                 "~",
		`{"wifi": {"ssid": "null"}, "server": null}`:                                   "null",
		`{"x-": {"<<": 1}, "wifi": {"ssid": "&a *b"}}`:                                 "&a *b",
		wide: "a/b",
		// What is no JSON is still YAML.
		`{wifi: {ssid: x}}`:                   "x",
		`{"wifi": {"ssid": !env SSID}}`:       "from the environment",
		`{"wifi": {"ssid": "a",},} # end`:     "a",
		"{\"wifi\": {\"ssid\": \"a\n  b\"}}":  "a b",
		"{\"wifi\": {\"ssid\": 'x'}}":         "x",
		`{"wifi": &a {"ssid": "x"}, x-b: *a}`: "x",
	} {
		s, err := rules.CheckFile(spec.Parse("s.yaml", []byte(text), spectest.Sources), spectest.Role(t, "tcp-server"))
		if err != nil {
			t.Errorf("%.100s: %v", text, err)
		} else if s.WiFi.SSID != want {
			t.Errorf("%.100s: got %q, want %q", text, s.WiFi.SSID, want)
		}
	}
}

// TestJSONIssues wants the places of a JSON file's values, and what is wrong
// with one that is not quite JSON.
func TestJSONIssues(t *testing.T) {
	tests := map[string]struct {
		text string
		want []string
	}{
		"values": {
			"{\n\t\"wifi\": {\"ssid\": \"网\\ud83d\\ude00\", \"retries\": 999},\n\t\"server\": {\"port\": 8080.0, \"backlog\": 1e3},\n\t\"task\": {\"stack\": 99999999999999999999, \"priority\": -0},\n\t\"keepalive\": {\"enable\": \"yes\"}\n}",
			[]string{
				"2:47: wifi.retries: 999 is above the limit of 254*", "3:21: server.port: \"8080.0\" is not a whole number | allowed: 1 to 65535", "3:40: server.backlog: \"1e3\" is not a whole number*",
				"4:20: task.stack: \"99999999999999999999\" is far out of range*", "4:54: task.priority: 0 is below*", "5:26: keepalive.enable: \"yes\" is not true or false*",
			},
		},
		"after a BOM":     {"\ufeff{\"wifi\": {\"ssid\": 1}}", []string{"1:19: wifi.ssid: a string is needed here, not a number*"}},
		"twice":           {"{\"wifi\": {\"ssid\": \"x\",\n \"ssid\": \"hunter22\"}}", []string{"2:2: wifi.ssid: given twice; the first is in line 1*"}},
		"twice, escaped":  {`{"wifi": {"ssid": "x"}, "w\u0069fi": {}}`, []string{"1:25: wifi: given twice*"}},
		"unknown":         {`{"wifi": {"ssid": "x", "pasword": "hunter22"}}`, []string{"1:24: wifi: unknown key \"pasword\" | did you mean password?"}},
		"a section":       {`{"wifi": {"ssid": "x"}, "server": [1]}`, []string{"1:35: server: a map of fields is needed here, not a list*"}},
		"null":            {`{"wifi": {"ssid": null}}`, []string{"1:19: wifi.ssid: it has no value*"}},
		"empty":           {`{}`, []string{"1:1: wifi.ssid: required*"}},
		"options":         {`{"wifi": {"ssid": "x"}, "sdkconfig": {"CONFIG_A": 010, "CONFIG_B": 1.5, "CONFIG_C": {}}}`, []string{"1:51: sdkconfig.CONFIG_A: \"010\"*", "1:68: sdkconfig.CONFIG_B: *", "1:85: sdkconfig.CONFIG_C: *"}},
		"lone surrogate":  {"{\"wifi\": {\"ssid\": \"x\",\n\"password\": \"hunter22\\ud83d!\"}}", []string{"2:22: not JSON: incomplete surrogate pair | write both escapes, \\ud83d\\ude00, or the character itself*"}},
		"low surrogate":   {`{"wifi": {"ssid": "\\\ude00\ud83d"}}`, []string{"1:22: not JSON: incomplete surrogate pair*"}},
		"high, no low":    {`{"wifi": {"ssid": "\ud83d\ud83d\ude00"}}`, []string{"1:20: not JSON: incomplete surrogate pair*"}},
		"comma":           {"{\n  \"role\": \"tcp-server\"\n  \"wifi\": {\"ssid\": \"x\"}\n}", []string{"3:3: not JSON: a comma or } is missing before this | *"}},
		"comma in a list": {"{\"x-a\": [\"1\" \"2\"]}", []string{"1:14: not JSON: a comma or ] is missing before this | *"}},
		"colon":           {"{\"role\" \"tcp-server\"}", []string{"1:9: not JSON: a colon is missing before this | *"}},
		"open quote":      {"{\"wifi\": {\"ssid\": \"x,\n \"password\": \"hunter22\"}}", []string{"1:22: not JSON: a string holds a line break or another control character | *"}},
		"control":         {"{\"wifi\": {\"ssid\": \"x\x01\"}}", []string{"1:21: not YAML: control characters are not allowed | take it out, or write it as \\u0001, in double quotes"}},
		"escape":          {`{"wifi": {"ssid": "x", "password": "\hunter22"}}`, []string{"1:38: not JSON: \\ is not followed by an escape | write \\\\ for a backslash*"}},
		"escape's digits": {`{"wifi": {"ssid": "\u12g4"}}`, []string{"1:24: not JSON: \\u is not followed by four hexadecimal digits*"}},
		"a password":      {`{"wifi": {"ssid": "x", "password": hunter22, }`, []string{"1:36: not JSON: a value is needed here | *"}},
		"a key":           {`{"wifi": {"ssid": "x", password: "hunter22}}`, []string{"1:24: not JSON: a key in double quotes is needed here*"}},
		"wide colon":      {`{"role"： "tcp-server", "wifi": {"ssid": "：x"}}`, []string{"1:8: not YAML: unexpected full-width colon (U+FF1A)*"}},
		"wide comma":      {"{\"role\": \"tcp-server\"，\n\"wifi\": {\"ssid\": \"x\"}}", []string{"1:22: not YAML: unexpected full-width comma (U+FF0C)*"}},
		"end quote":       {"{\"role\": \"tcp-server”,\n\"wifi\": {\"ssid\": \"x\"}}", []string{"1:21: not YAML: unexpected typographic quote (U+201D)*"}},
		"a comment":       {"{\"wifi\": {\"ssid\": \"x\"} // hunter22\n}", []string{"1:24: not JSON: JSON has no comments | remove it; in YAML, # begins a comment"}},
		"a number":        {`{"wifi": {"ssid": 1.x}, `, []string{"1:21: not JSON: a number ends too early*"}},
		"a word":          {`{"wifi": {"ssid": trux}, `, []string{"1:22: not JSON: a value is needed here*"}},
		"the end":         {"{\"wifi\": {\n\"ssid\": \"x\"\n\n", []string{"2:12: not JSON: the file ends too early*"}},
		"two":             {"{\"wifi\": {\"ssid\": \"x\"}}\n{}", []string{"2:1: not JSON: unexpected text after the end of the spec*"}},
		"too deep":        {`{"x-a": ` + strings.Repeat("[", 20000), []string{"*not JSON: *"}},
		"invalid UTF-8":   {"{\"wifi\": {\"ssid\": \"x\xff\"}}", []string{"1:21: the file is not valid UTF-8*"}},
		"a YAML error":    {"{role: tcp-server, wifi: {ssid: x", []string{"1:1: not YAML: *"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := rules.CheckFile(spec.Parse("s.yaml", []byte(test.text), spectest.Sources), spectest.Role(t, "tcp-server"))
			issues, _ := errors.AsType[spec.Issues](err)
			spectest.CheckIssues(t, issues, test.want)
		})
	}
	for text, want := range map[string]string{
		"{role: tcp-server, wifi: {ssid: x": "s.json:1:2: not JSON: a key in double quotes is needed here*",
		"// the class\n{\"wifi\": {}}":      "s.json:1:1: not JSON: JSON has no comments*",
		"[1]":                               "s.json:1:1: a spec is a map of fields, not a list*",
		"\"hunter22\"":                      "s.json:1:1: a spec is a map of fields, not a string*",
		"":                                  "s.json:1:1: the spec is empty*",
	} {
		_, err := rules.CheckFile(spec.Parse("s.json", []byte(text), spectest.Sources), spectest.Role(t, "tcp-server"))
		issues, _ := errors.AsType[spec.Issues](err)
		spectest.CheckIssues(t, issues, []string{want})
	}
}

// FuzzJSON writes a spec as JSON, in two ways, and wants its values back.
func FuzzJSON(f *testing.F) {
	f.Add("x", "correct horse", "Hello World!", 8080, "CONFIG_A", "", true)
	f.Add("😀/\\", "<>&\"'~~~~~~", "a\tb\r\n\x01\x7f\u0085\u2028\u2029", 1, "CONFIG_B", "\t", false)
	f.Add("\ufffd", "!env SSID", "“x”　：", 65535, "CONFIG_C", "  ", true)
	role := spectest.Role(f, "tcp-client")
	f.Fuzz(func(t *testing.T, ssid, password, greeting string, port int, option, indent string, enable bool) {
		want := spec.Spec{
			Role:      "tcp-client",
			WiFi:      spec.WiFi{SSID: ssid, Password: &password},
			Server:    spec.Server{Addr: new("192.168.1.2"), Port: &port},
			Client:    spec.Client{Greeting: &greeting},
			KeepAlive: spec.KeepAlive{Enable: &enable},
			Sdkconfig: map[string]any{option: greeting},
		}
		checked, err := rules.Check(&want, role)
		if err != nil || !utf8.ValidString(ssid+greeting) || strings.Trim(indent, " \t\r\n") != "" {
			return
		}
		fields := map[string]any{
			"role": "tcp-client", "wifi": map[string]any{"ssid": ssid, "password": password}, "server": map[string]any{"addr": "192.168.1.2", "port": port},
			"client": map[string]any{"greeting": greeting}, "keepalive": map[string]any{"enable": enable}, "sdkconfig": map[string]any{option: greeting},
		}
		var escaped strings.Builder
		enc := json.NewEncoder(&escaped)
		enc.SetIndent("", indent)
		if err := enc.Encode(fields); err != nil {
			t.Fatal(err)
		}
		var plain strings.Builder
		enc = json.NewEncoder(&plain)
		enc.SetEscapeHTML(false)
		if err := enc.Encode(fields); err != nil {
			t.Fatal(err)
		}
		for _, text := range []string{escaped.String(), plain.String(), strings.ReplaceAll(plain.String(), "/", `\/`)} {
			got, err := rules.CheckFile(spec.Parse("s.json", []byte(text), spec.Sources{}), role)
			if err != nil {
				t.Fatalf("%s: %v", text, err)
			}
			if diff := cmp.Diff(checked, got); diff != "" {
				t.Errorf("%s: %s", text, diff)
			}
		}
	})
}
