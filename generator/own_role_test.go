package generator_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/espgen/espgen/generator"
	"github.com/espgen/espgen/generator/field"
	"github.com/espgen/espgen/generator/rules"
	"github.com/espgen/espgen/generator/spec"
)

// ownRole is a role with fields of every type, values that it derives, and a
// rule.
const ownRole = `title: MQTT client
summary: publishes to a topic
params:
  mqtt.broker: {type: string, pattern: '^mqtts?://.+$', allowed: a URI, required: true, example: mqtt://b, summary: the broker's address}
  mqtt.token: {type: string, secret: true, max: 20, default: "", summary: the broker's token}
  mqtt.qos: {type: integer, min: 0, max: 2, default: 1, summary: the quality of service}
  mqtt.retain: {type: boolean, default: false, summary: whether the broker keeps messages}
  mqtt.pause_ms: {type: pair, unit: ms, min: 1, max: 1000, default: [10, 20], summary: the pauses}
  mqtt.client_id: {type: string, default_from: project, values: [], pattern: '^[a-z_]+$', allowed: small letters, summary: the client's name}
styles:
  plain:
    include: [project, guide_wifi]
    fields: {client.greeting: {}}
    files: {main/token.h: {mode: 0600}}
    derived:
      mqtt.tls: mqtt.broker startsWith "mqtts://"
      mqtt.qos_name: '"QOS_" + (mqtt.qos == 2 ? "EXACTLY_ONCE" : "OTHER")'
    rules:
      - check: not (mqtt.retain and mqtt.qos == 0)
        field: mqtt.retain
        message: a message that is kept needs a quality of service above {mqtt.qos}, with {mqtt.token}
        hint: set mqtt.qos to 1 or 2, not {mqtt.qos}
`

const ownTemplate = `#define TLS {{.mqtt.tls}}
#define QOS {{.mqtt.qos_name}}
#define ID {{cquote .mqtt.client_id}}
#define PAUSE {{.mqtt.pause_ms.first}} {{.mqtt.pause_ms.longest}}
{{- if .mqtt.retain}}
#define RETAIN
{{- end}}
#define URI {{cquote .mqtt.broker}}
`

const ownHeader = "#define TOKEN {{cquote .mqtt.token}}\n"

// TestOwnRole renders a role that is data alone, built in Go as well as from
// YAML, and breaks its rule.
func TestOwnRole(t *testing.T) {
	fsys := overlay(t, map[string]string{"roles/mqtt/role.yaml": ownRole, "roles/mqtt/plain/main/main.c.tmpl": ownTemplate, "roles/mqtt/plain/main/token.h.tmpl": ownHeader})
	role, err := generator.LoadRole(fsys, "mqtt")
	if err != nil {
		t.Fatal(err)
	}
	const want = "#define TLS true\n#define QOS QOS_EXACTLY_ONCE\n#define ID \"mqtt\"\n#define PAUSE 10 20\n#define URI \"mqtts://b\"\n"
	s := &spec.Spec{Role: "mqtt", WiFi: spec.WiFi{SSID: "x"}, Own: map[string]any{"mqtt.broker": "mqtts://b", "mqtt.token": "hunter22", "mqtt.qos": 2}}
	files, err := generator.Render(fsys, s)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if f.Path == "main/main.c" && string(f.Data) != want {
			t.Errorf("got\n%s\nwant\n%s", f.Data, want)
		}
	}
	parse := func(text string) *spec.File {
		return spec.Parse("s.yaml", []byte(text), spec.Sources{Table: func(string) field.Table { return role.Table() }})
	}
	fromYAML, err := rules.CheckFile(parse("wifi: {ssid: x}\nmqtt: {broker: 'mqtts://b', token: hunter22, qos: 2}\n"), role)
	if err != nil {
		t.Fatal(err)
	}
	again, err := generator.RenderChecked(fsys, role, fromYAML)
	if err != nil || len(again) != len(files) {
		t.Fatal(len(again), err)
	}
	for i := range files {
		if string(again[i].Data) != string(files[i].Data) {
			t.Errorf("%s differs from that of the spec in Go", files[i].Path)
		}
	}
	_, err = rules.CheckFile(parse("wifi: {ssid: x}\nmqtt: {broker: 'mqtts://b', token: hunter22, qos: 0, retain: true}\n"), role)
	const breach = "s.yaml:2:62: mqtt.retain: a message that is kept needs a quality of service above 0, with the value of mqtt.token\n\thint: set mqtt.qos to 1 or 2, not 0"
	if err == nil || err.Error() != breach {
		t.Errorf("got %v\nwant %s", err, breach)
	}
	_, err = rules.CheckFile(parse("wifi: {ssid: x}\nproject: p2\nmqtt: {broker: 'http://b', token: 'hunter22 and far too long for it', pause_ms: [3, 2], retain: 1, qos: 3}\n"), role)
	for _, want := range []string{
		`3:16: mqtt.broker: "http://b" is not of the form`, "3:35: mqtt.token: the value is 32 bytes long", "mqtt.pause_ms: the first, 3, is above", `mqtt.retain: "1" is not true or false`,
		"mqtt.qos: 3 is above the limit of 2", `mqtt.client_id: "p2", the value of project, is not of the form`,
	} {
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "hunter22") {
			t.Errorf("got %v\nwant %s", err, want)
		}
	}
}

// TestFaultyRoles gives faults of an own role's author; each is told with what
// is wrong.
func TestFaultyRoles(t *testing.T) {
	head, styles := "title: X\nsummary: x\nparams:\n", "styles: {s: {include: [project]}}\n"
	for name, test := range map[string]struct{ text, want string }{
		"unknown key":      {head + "  a.b: {type: string, defualt: x, summary: s}\n" + styles, `params.a.b: unknown key defualt; did you mean default?`},
		"unknown type":     {head + "  a.b: {type: float, summary: s}\n" + styles, `params.a.b: the type "float" is unknown; allowed: string, integer, boolean, pair`},
		"no summary":       {head + "  a.b: {type: integer, default: 1}\n" + styles, "params.a.b: summary is missing"},
		"taken":            {head + "  wifi.ssid: {type: string, default: x, summary: s}\n" + styles, "params.wifi.ssid: there is a field of this path already"},
		"below a field":    {head + "  wifi.ssid.x: {type: string, default: x, summary: s}\n" + styles, "wifi.ssid is a field already"},
		"a section":        {head + "  wifi: {type: string, default: x, summary: s}\n" + styles, "is a field already, and a field cannot be a section"},
		"path":             {head + "  A.b: {type: string, default: x, summary: s}\n" + styles, "params.A.b: a path is small letters"},
		"no default":       {head + "  a.b: {type: integer, summary: s}\n" + styles, "params.a.b: default is missing, or required: true"},
		"bad default":      {head + "  a.b: {type: integer, min: 1, default: 0, summary: s}\n" + styles, "params.a.b: 0 is below the limit of 1"},
		"wrong type":       {head + "  a.b: {type: integer, default: x, summary: s}\n" + styles, `params.a.b: "x" is a string, not a whole number`},
		"bad pattern":      {head + "  a.b: {type: string, pattern: '^($', allowed: a, default: x, summary: s}\n" + styles, "params.a.b: pattern is not a regular expression"},
		"part of a value":  {head + "  a.b: {type: string, pattern: 'a', allowed: a, default: a, summary: s}\n" + styles, "params.a.b: pattern begins with ^"},
		"secret number":    {head + "  a.b: {type: integer, secret: true, default: 1, summary: s}\n" + styles, "params.a.b: only a string can be a secret"},
		"default from":     {head + "  a.b: {type: integer, default_from: project, summary: s}\n" + styles, "no field of the same type before it has the path project"},
		"no example":       {head + "  a.b: {type: string, required: true, summary: s}\n" + styles, "params.a.b: example is missing"},
		"group, default":   {head + "  a.b: {type: string, group: true, default: x, summary: s}\n" + styles, "params.a.b: a field with group has no default"},
		"upside down":      {head + "  a.b: {type: integer, min: 2, max: 1, default: 1, summary: s}\n" + styles, "params.a.b: min, 2, is above max, 1"},
		"unknown part":     {"title: X\nsummary: x\nstyles: {s: {include: [projct]}}\n", `styles.s.include: unknown part "projct"`},
		"two styles":       {"title: X\nsummary: x\nstyles: {a: {include: [project]}, b: {include: [project]}}\n", "default_style: allowed: a, b"},
		"derived, unknown": {"title: X\nsummary: x\nstyles: {s: {include: [project], derived: {x.y: wifi.nope + 1}}}\n", "derived.x.y: column 6: "},
		"derived, taken":   {"title: X\nsummary: x\nstyles: {s: {include: [project], derived: {wifi.open: 'true'}}}\n", "derived.wifi.open: there is a value of this path already"},
		"derived, a loop":  {"title: X\nsummary: x\nstyles: {s: {include: [project], derived: {x: '1..1000000000'}}}\n", "a range is not allowed here"},
		"rule, no bool":    {"title: X\nsummary: x\nstyles: {s: {include: [project], rules: [{check: task.stack + 1, field: task.stack, message: m}]}}\n", "styles.s.rules[0].check: it is neither true nor false"},
		"rule, no field":   {"title: X\nsummary: x\nstyles: {s: {include: [project], rules: [{check: task.stack > 1, field: server.port, message: m}]}}\n", "styles.s.rules[0].field: the style does not use server.port"},
		"rule, no words":   {"title: X\nsummary: x\nstyles: {s: {include: [project], rules: [{check: task.stack > 1, field: task.stack}]}}\n", "styles.s.rules[0].message is missing"},
		"rule, unknown":    {"title: X\nsummary: x\nstyles: {s: {include: [project], rules: [{check: task.stack > 1, field: task.stack, message: '{a.b}'}]}}\n", "message: the style does not use a.b"},
		"peer, transport":  {"title: X\nsummary: x\nstyles: {s: {include: [project], peer: {transport: udp, side: client, port: task.stack}}}\n", "styles.s.peer.transport: \"udp\" is unknown; allowed: tcp"},
		"peer, side":       {"title: X\nsummary: x\nstyles: {s: {include: [project], peer: {transport: tcp, side: both, port: task.stack}}}\n", "styles.s.peer.side: \"both\" is unknown; allowed: client, server"},
		"peer, port":       {"title: X\nsummary: x\nstyles: {s: {include: [project], peer: {transport: tcp, side: client, port: server.port}}}\n", "styles.s.peer.port: the style uses no number \"server.port\""},
		"peer, greeting":   {"title: X\nsummary: x\nstyles: {s: {include: [project], peer: {transport: tcp, side: client, port: task.stack, greeting: task.priority}}}\n", "styles.s.peer.greeting: the style uses no string \"task.priority\""},
		"params, a list":   {"title: X\nsummary: x\nparams: [a]\n" + styles, "params is a map of paths to rows"},
	} {
		_, err := generator.LoadRole(overlay(t, map[string]string{"roles/x/role.yaml": test.text, "roles/x/s/a.txt.tmpl": "a\n"}), "x")
		if _, ok := errors.AsType[*generator.TemplateError](err); !ok || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: got %v\nwant %s", name, err, test.want)
		}
	}
}
