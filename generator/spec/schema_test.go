package spec_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"gopkg.in/yaml.v3"

	"github.com/espgen/espgen/generator"
	"github.com/espgen/espgen/generator/spec"
	"github.com/espgen/espgen/templates"
)

func allRoles(tb testing.TB) []spec.Role {
	tb.Helper()
	names, err := generator.RoleNames(templates.FS)
	if err != nil {
		tb.Fatal(err)
	}
	var roles []spec.Role
	for _, name := range names {
		roles = append(roles, loadRole(tb, name))
	}
	return roles
}

func compileSchema(t *testing.T, roles []spec.Role) *jsonschema.Schema {
	t.Helper()
	text, err := spec.Schema(roles)
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	c.DefaultDraft(jsonschema.Draft2020)
	if err := c.AddResource("espgen.json", doc); err != nil {
		t.Fatal(err)
	}
	return c.MustCompile("espgen.json")
}

// TestSchemaAgrees gives both the schema and Check every field with values
// at and around its limits, of its own type and of others. They must say the
// same, but where a schema cannot know: see excuses.
func TestSchemaAgrees(t *testing.T) {
	roles := allRoles(t)
	schema := compileSchema(t, roles)
	used := map[excuse]bool{}
	for _, role := range roles {
		for _, style := range role.StyleNames() {
			for _, f := range role.Table() {
				for _, value := range probes(f) {
					doc := minimal(role, style, f.Path, value)
					text, err := yaml.Marshal(doc)
					if err != nil {
						t.Fatal(err)
					}
					checkErr := checkYAML(t, role, string(text))
					schemaErr := schema.Validate(asJSON(t, doc))
					if (checkErr == nil) != (schemaErr == nil) && !beyondSchema(checkErr, used) {
						t.Errorf("%s, %s, %s = %#v:\ncheck:  %v\nschema: %v", role.Name, style, f.Path, value, checkErr, schemaErr)
					}
				}
			}
		}
	}
	for _, e := range excuses {
		if !used[e] {
			t.Errorf("nothing needs the excuse %q of %s", e.message, e.path)
		}
	}
}

// An excuse is of an issue: its field, and a piece of its message.
type excuse struct{ path, message string }

// excuses are what no schema can say of a field: a length in bytes, a range of
// versions, a sum over fields, what one field says of another, what is special
// about a host name or an address. A field may have several.
var excuses = []excuse{
	{"idf", "allows versions below "},
	{"wifi.ssid", " bytes long, above the limit of 32"},
	{"wifi.auth", "needs a key, but wifi.password is empty"},
	{"wifi.backoff_ms", "is above the longest"},
	{"client.backoff_ms", "is above the longest"},
	{"wifi.static_ip.address", "subnet"},
	{"wifi.static_ip.gateway", "subnet"},
	{"server.addr", "ends in a number, as no host name does"},
	{"server.addr", "is not a host name"},
	{"server.addr", "is the unspecified address"},
	{"server.addr", "is a loopback address"},
	{"server.addr", "is a multicast address"},
	{"server.addr", "is the broadcast address"},
	{"server.max_clients", "too many sockets"},
	{"server.backlog", "too many waiting connections"},
	{"buffers.tx", "the greeting does not fit the buffer"},
	{"buffers.rx", "the greeting does not fit the buffer"},
	{"buffers.rx", "the task's stack is too small"},
	{"buffers.rx", "too much static RAM"},
	{"buffers.tx", "too much static RAM"},
	{"task.stack", "the task's stack is too small"},
}

// beyondSchema reports whether every issue is one that no schema can see, and
// notes their excuses.
func beyondSchema(err error, used map[excuse]bool) bool {
	issues, ok := errors.AsType[spec.Issues](err)
	for _, issue := range issues {
		i := slices.IndexFunc(excuses, func(e excuse) bool {
			return e.path == issue.Path && strings.Contains(issue.Msg, e.message)
		})
		if i < 0 {
			return false
		}
		used[excuses[i]] = true
	}
	return ok
}

func checkYAML(t *testing.T, role spec.Role, text string) error {
	t.Helper()
	_, err := spec.Parse("s.yaml", []byte(text), spec.Sources{}).Check(role)
	return err
}

// minimal is the shortest valid spec of a role, with one value changed.
func minimal(role spec.Role, style, path string, value any) map[string]any {
	doc := map[string]any{"role": role.Name, "wifi": map[string]any{"ssid": "x"}, "task": map[string]any{"stack": 65536}}
	if style != "guide" {
		doc["style"] = style
	}
	if role.Styles[style].Fields["server.addr"].Required {
		doc["server"] = map[string]any{"addr": "192.168.1.2"}
	}
	if _, used := role.Styles[style].Fields[path]; used && strings.HasPrefix(path, "wifi.static_ip.") {
		doc["wifi"].(map[string]any)["static_ip"] = map[string]any{"address": "10.0.0.2", "netmask": "255.0.0.0", "gateway": "10.0.0.1", "dns": "10.0.0.1"}
	}
	fields, keys := doc, strings.Split(path, ".")
	for _, key := range keys[:len(keys)-1] {
		section, _ := fields[key].(map[string]any)
		if section == nil {
			section = map[string]any{}
		}
		fields[key] = section
		fields = section
	}
	fields[keys[len(keys)-1]] = value
	return doc
}

func asJSON(t *testing.T, v any) any {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

// probes are values of a field that could be judged wrongly.
func probes(f spec.Field) []any {
	list := []any{"", "x", "a b", "网络", "esp32h2", "tcp-server", "tcp-client", "test", "none", "guide", "zh", 0, 1, -1, 16, 70000, 1.5, true, false, []any{"x"}, map[string]any{}, map[string]any{"a": "b"}}
	switch f.Kind {
	case spec.Pair:
		list = append(list, []any{f.Min, f.Max}, []any{f.Min, f.Min}, []any{f.Min - 1, f.Max}, []any{f.Min, f.Max + 1}, []any{f.Max, f.Min}, []any{f.Min}, []any{}, []any{f.Min, "x"}, []any{f.Min, f.Max, f.Max})
	case spec.Integer:
		for _, n := range []int{f.Min - 1, f.Min, f.Min + 1, f.Max - 1, f.Max, f.Max + 1, f.Min + f.Multiple, f.Max - f.Multiple} {
			list = append(list, n)
		}
	case spec.Text:
		for _, n := range []int{f.Min - 1, f.Min, f.Max, f.Max + 1, 7, 8, 63, 64, 65} {
			list = append(list, strings.Repeat("a", max(n, 0)), strings.Repeat("网", max(n, 0)/3), strings.Repeat("x", max(n, 0)))
		}
	case spec.Name:
		for _, v := range f.Values {
			list = append(list, v, v+"x", strings.ToUpper(v))
		}
		list = append(list, "1.2.3.4", "01.2.3.4", "1.2.3", "256.1.1.1", "1.2.3.4.", "a.b", "::1", "0.0.0.0", "255.255.255.255", "127.0.0.1", "224.0.0.1", "ff02::1",
			"fe80::1%eth0", "a_b.c", "a.7", "-a", "a-", "128.0.0.0", "255.255.255.252", "255.255.255.254", "255.0.255.0", "254.0.0.1", "10.9.9.9", "11.0.0.1",
			">=5.1", ">=5.1,<7", "~=5.5", "5.5", "latest", ">= 5.2", "5.1.2.3", "a_1", "1a", "main", strings.Repeat("a", 32), strings.Repeat("a", 33))
	case spec.Options:
		list = append(list, map[string]any{"CONFIG_A": true, "CONFIG_B": 1, "CONFIG_C": "x"}, map[string]any{"CONFIG_a": 1}, map[string]any{"CONFIG_IDF_TARGET": "esp32"}, map[string]any{"CONFIG_A": []any{1}}, map[string]any{"CONFIG_A": 1.5})
	}
	return list
}

// TestSchemaDescribesEveryField wants each field in the schema, with its text.
func TestSchemaDescribesEveryField(t *testing.T) {
	text, err := spec.Schema(allRoles(t))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range spec.Shared() {
		if quoted, err := json.Marshal(f.Description()); err != nil || !bytes.Contains(text, quoted) {
			t.Errorf("%s is not described: %s", f.Path, quoted)
		}
	}
}

// TestSchemaGroups wants the fields of a static address together or not at all.
func TestSchemaGroups(t *testing.T) {
	schema := compileSchema(t, allRoles(t))
	for text, valid := range map[string]bool{
		"{}": true, "": true, "{address: 10.0.0.2, netmask: 255.0.0.0, gateway: 10.0.0.1, dns: 10.0.0.1}": true,
		"{address: 10.0.0.2}": false, "{address: 10.0.0.2, netmask: 255.0.0.0, gateway: 10.0.0.1}": false, "{dns: 10.0.0.1}": false,
	} {
		text = "{role: tcp-server, style: robust, wifi: {ssid: x, static_ip: " + text + "}}"
		var doc map[string]any
		if err := yaml.Unmarshal([]byte(text), &doc); err != nil {
			t.Fatal(err)
		}
		if err := schema.Validate(asJSON(t, doc)); (err == nil) != valid {
			t.Errorf("%s: got %v from the schema, want it to be valid: %t", text, err, valid)
		}
		if err := checkYAML(t, loadRole(t, "tcp-server"), text); (err == nil) != valid {
			t.Errorf("%s: got %v, want it to be valid: %t", text, err, valid)
		}
	}
}

// TestStarter wants the starter spec of each role and style to be valid, as it
// stands and with its examples, to name every field that the style uses, and to
// give the project of the shortest spec.
func TestStarter(t *testing.T) {
	for _, role := range allRoles(t) {
		for _, style := range role.StyleNames() {
			text := string(spec.Starter(role, style))
			whole := regexp.MustCompile(`(?m)^( *)# (  )?([a-z_]+:)`).ReplaceAllString(text, "$1$2$3")
			for _, text := range []string{text, whole} {
				if err := checkYAML(t, role, text); err != nil {
					t.Errorf("%s, %s:\n%s%v", role.Name, style, text, err)
				}
			}
			var doc map[string]any
			if err := yaml.Unmarshal([]byte(text), &doc); err != nil {
				t.Fatal(err)
			}
			flat := map[string]any{}
			for key, value := range doc {
				if section, ok := value.(map[string]any); ok {
					for k, v := range section {
						flat[key+"."+k] = v
					}
				} else {
					flat[key] = value
				}
			}
			for _, f := range role.Table() {
				use, used := role.Styles[style].Uses(f)
				value, there := flat[f.Path]
				switch {
				case f.Path == "style" && value == style, f.Path == "templates":
				case f.Path == "idf" || f.Path == "sdkconfig" || f.Optional && used:
					key := f.Path[strings.LastIndex(f.Path, ".")+1:]
					if there || !regexp.MustCompile(`(?m)^ *# +`+key+`: `).MatchString(text) {
						t.Errorf("%s: %s is not an example in the starter", role.Name, f.Path)
					}
				case used != there:
					t.Errorf("%s: %s is used: %t, in the starter: %t", role.Name, f.Path, used, there)
				case used && use.Default != nil && f.Path != "wifi.password" && fmt.Sprint(value) != fmt.Sprint(use.Default):
					t.Errorf("%s: %s is %v in the starter, its default is %v", role.Name, f.Path, value, use.Default)
				}
			}
		}
	}
}

// FuzzParse reads anything: no panic, and every issue has a place and a hint.
func FuzzParse(f *testing.F) {
	f.Add("wifi: {ssid: x}\n")
	f.Add(string(spec.Starter(loadRole(f, "tcp-server"), "guide")))
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
	f.Add(string(spec.Starter(loadRole(f, "tcp-server"), "robust")))
	f.Add(bomb(8))
	f.Add("{\"role\": \"tcp-server\",\n\t\"wifi\": {\"ssid\": \"\\ud83d\\ude00\\/\", \"retries\": 1e3}}")
	f.Add("{\"wifi\": {\"ssid\": \"\\ud83d\", \"x\" 1}, \"wifi\": [null, true]}")
	f.Add("%YAML 1.2\n%TAG !e! !\n---\nwifi: {ssid: !e!env SSID}\n...\n")
	f.Add("# 注\nrole：tcp-server\nwifi：\n\u3000ssid: “x”\n  password: \"a”，b\n")
	f.Add("wifi: {ssid: \"\\q\\ud83d\\x4\", x: 「y」，z: \u00a0}\n")
	f.Add("include: [a, ../b, a]\nwifi: {static_ip: {address: 10.0.0.1}}\nsdkconfig: {CONFIG_A: 1}\n")
	f.Add("include: &a [*a, ~, b]\ninclude: c\n")
	f.Add("{\"include\": \"a\", \"wifi\": {\"ssid\": \"x\"}}")
	role := loadRole(f, "tcp-server")
	f.Fuzz(func(t *testing.T, text string) {
		for _, set := range [][]string{
			{"server.port=80", "sdkconfig.CONFIG_X=y"},
			{"style=robust", "wifi.backoff_ms=[100, 200]", "wifi.static_ip.dns=1.1.1.1"},
		} {
			from := sources
			from.Set = set
			included := 0
			from.Include = func(file, name string) (string, []byte, error) {
				if included++; included > 50 {
					return "", nil, errors.New("not found")
				}
				return file + name, []byte(text)[min(len(text), included-1):], nil
			}
			file := spec.Parse("s.yaml", []byte(text), from)
			s, err := file.Check(role)
			if err == nil && (s.WiFi.SSID == "" || s.Style == nil || s.Server.Port == nil) {
				t.Errorf("valid, but not whole: %+v", s)
			}
			for _, err := range []error{err, file.CheckRole([]string{"tcp-server"})} {
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
					checkPrints(t, i)
				}
			}
		}
	})
}

// BenchmarkParse reads and checks a short spec, and one that gives every field.
func BenchmarkParse(b *testing.B) {
	role := loadRole(b, "tcp-server")
	short, err := os.ReadFile("../../specs/tcp-server.yaml")
	if err != nil {
		b.Fatal(err)
	}
	for name, text := range map[string][]byte{"short": short, "whole": spec.Starter(role, "guide")} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if _, err := spec.Parse("s.yaml", text, spec.Sources{}).Check(role); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func ExampleCheck() {
	role := spec.Role{
		Name:   "tcp-beacon",
		Styles: map[string]spec.Style{"guide": {Part: spec.Part{Fields: map[string]spec.Use{"server.port": {}}}}},
	}
	_, err := spec.Check(&spec.Spec{Role: "tcp-beacon", Server: spec.Server{Port: new(70000)}}, role)
	fmt.Println(err)
	// Output:
	// wifi.ssid: required, but missing
	// 	hint: add it: 1 to 32 bytes (not characters), no NUL
	// server.port: 70000 is above the limit of 65535
	// 	hint: allowed: 1 to 65535
}
