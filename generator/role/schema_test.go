package role_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"gopkg.in/yaml.v3"

	"github.com/espgen/espgen/generator/field"
	"github.com/espgen/espgen/generator/internal/spectest"
	"github.com/espgen/espgen/generator/role"
	"github.com/espgen/espgen/generator/rules"
	"github.com/espgen/espgen/generator/spec"
)

func compileSchema(t *testing.T, roles []role.Role) *jsonschema.Schema {
	t.Helper()
	text, err := role.Schema(roles)
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
	roles := spectest.Roles(t)
	schema := compileSchema(t, roles)
	used := map[excuse]bool{}
	for _, r := range roles {
		for _, style := range r.StyleNames() {
			text, err := yaml.Marshal(smallest(r, style))
			if err != nil {
				t.Fatal(err)
			}
			if err := errors.Join(checkYAML(t, r, string(text)), schema.Validate(asJSON(t, smallest(r, style)))); err != nil {
				t.Fatalf("the smallest spec of %s, %s is not valid:\n%s%v", r.Name, style, text, err)
			}
			for _, f := range r.Table() {
				for _, value := range probes(f) {
					doc := minimal(r, style, f.Path, value)
					text, err := yaml.Marshal(doc)
					if err != nil {
						t.Fatal(err)
					}
					checkErr := checkYAML(t, r, string(text))
					schemaErr := schema.Validate(asJSON(t, doc))
					if (checkErr == nil) != (schemaErr == nil) && !beyondSchema(checkErr, used) {
						t.Errorf("%s, %s, %s = %#v:\ncheck:  %v\nschema: %v", r.Name, style, f.Path, value, checkErr, schemaErr)
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

func checkYAML(t *testing.T, role role.Role, text string) error {
	t.Helper()
	_, err := rules.CheckFile(spec.Parse("s.yaml", []byte(text), spec.Sources{}), role)
	return err
}

// minimal is the shortest valid spec of a role, with one value changed.
func minimal(role role.Role, style, path string, value any) map[string]any {
	doc := smallest(role, style)
	if _, used := role.Styles[style].Fields[path]; used && strings.HasPrefix(path, "wifi.static_ip.") {
		doc["wifi"].(map[string]any)["static_ip"] = map[string]any{"address": "10.0.0.2", "netmask": "255.0.0.0", "gateway": "10.0.0.1", "dns": "10.0.0.1"}
	}
	put(doc, path, value)
	return doc
}

// smallest is a spec of what is required, with room for large buffers on the
// stack.
func smallest(role role.Role, style string) map[string]any {
	doc := map[string]any{}
	put(doc, "task.stack", 65536)
	for _, f := range role.Table() {
		use, used := role.Styles[style].Uses(f)
		switch {
		case f.Path == "role":
			put(doc, f.Path, role.Name)
		case f.Path == "style":
			put(doc, f.Path, style)
		case used && use.Required && f.Example != nil:
			put(doc, f.Path, f.Example)
		case used && use.Required:
			put(doc, f.Path, "192.168.1.2")
		}
	}
	return doc
}

// put puts a value at a path.
func put(doc map[string]any, path string, value any) {
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
func probes(f field.Field) []any {
	list := []any{"", "x", "a b", "网络", "esp32h2", "tcp-server", "tcp-client", "test", "none", "guide", "zh", 0, 1, -1, 16, 70000, 1.5, true, false, []any{"x"}, map[string]any{}, map[string]any{"a": "b"}}
	switch f.Kind {
	case field.Pair:
		list = append(list, []any{f.Min, f.Max}, []any{f.Min, f.Min}, []any{f.Min - 1, f.Max}, []any{f.Min, f.Max + 1}, []any{f.Max, f.Min}, []any{f.Min}, []any{}, []any{f.Min, "x"}, []any{f.Min, f.Max, f.Max})
	case field.Integer:
		for _, n := range []int{f.Min - 1, f.Min, f.Min + 1, f.Max - 1, f.Max, f.Max + 1, f.Min + f.Multiple, f.Max - f.Multiple} {
			list = append(list, n)
		}
	case field.Text:
		for _, n := range []int{f.Min - 1, f.Min, f.Max, f.Max + 1, 7, 8, 63, 64, 65} {
			list = append(list, strings.Repeat("a", max(n, 0)), strings.Repeat("网", max(n, 0)/3), strings.Repeat("x", max(n, 0)))
		}
	case field.Name:
		for _, v := range f.Values {
			list = append(list, v, v+"x", strings.ToUpper(v))
		}
		list = append(list, "1.2.3.4", "01.2.3.4", "1.2.3", "256.1.1.1", "1.2.3.4.", "a.b", "::1", "0.0.0.0", "255.255.255.255", "127.0.0.1", "224.0.0.1", "ff02::1",
			"fe80::1%eth0", "a_b.c", "a.7", "-a", "a-", "128.0.0.0", "255.255.255.252", "255.255.255.254", "255.0.255.0", "254.0.0.1", "10.9.9.9", "11.0.0.1",
			">=5.1", ">=5.1,<7", "~=5.5", "5.5", "latest", ">= 5.2", "5.1.2.3", "a_1", "1a", "main", strings.Repeat("a", 32), strings.Repeat("a", 33))
	case field.Options:
		list = append(list, map[string]any{"CONFIG_A": true, "CONFIG_B": 1, "CONFIG_C": "x"}, map[string]any{"CONFIG_a": 1}, map[string]any{"CONFIG_IDF_TARGET": "esp32"}, map[string]any{"CONFIG_A": []any{1}}, map[string]any{"CONFIG_A": 1.5})
	}
	return list
}

// TestSchemaDescribesEveryField wants each field in the schema, with its text.
func TestSchemaDescribesEveryField(t *testing.T) {
	text, err := role.Schema(spectest.Roles(t))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range field.Shared() {
		if quoted, err := json.Marshal(role.Description(f, spectest.Roles(t))); err != nil || !bytes.Contains(text, quoted) {
			t.Errorf("%s is not described: %s", f.Path, quoted)
		}
	}
}

// TestSchemaGroups wants the fields of a static address together or not at all.
func TestSchemaGroups(t *testing.T) {
	schema := compileSchema(t, spectest.Roles(t))
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
		if err := checkYAML(t, spectest.Role(t, "tcp-server"), text); (err == nil) != valid {
			t.Errorf("%s: got %v, want it to be valid: %t", text, err, valid)
		}
	}
}

// TestStarter wants the starter spec of each role and style to be valid, as it
// stands and with its examples, to name every field that the style uses, and to
// give the project of the shortest spec.
func TestStarter(t *testing.T) {
	for _, r := range spectest.Roles(t) {
		for _, style := range r.StyleNames() {
			text := string(role.Starter(r, style))
			whole := regexp.MustCompile(`(?m)^( *)# (  )?([a-z_]+:)`).ReplaceAllString(text, "$1$2$3")
			for _, text := range []string{text, whole} {
				if err := checkYAML(t, r, text); err != nil {
					t.Errorf("%s, %s:\n%s%v", r.Name, style, text, err)
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
			for _, f := range r.Table() {
				use, used := r.Styles[style].Uses(f)
				value, there := flat[f.Path]
				switch {
				case f.Path == "style" && value == style, f.Path == "templates":
				case f.Path == "idf" || f.Path == "sdkconfig" || f.Optional && used:
					key := f.Path[strings.LastIndex(f.Path, ".")+1:]
					if there || !regexp.MustCompile(`(?m)^ *# +`+key+`: `).MatchString(text) {
						t.Errorf("%s: %s is not an example in the starter", r.Name, f.Path)
					}
				case used != there:
					t.Errorf("%s: %s is used: %t, in the starter: %t", r.Name, f.Path, used, there)
				case used && use.Default != nil && f.Path != "wifi.password" && fmt.Sprint(value) != fmt.Sprint(use.Default):
					t.Errorf("%s: %s is %v in the starter, its default is %v", r.Name, f.Path, value, use.Default)
				}
			}
		}
	}
}

// TestSchemaInclude wants the schema to accept a part of a spec that includes
// the rest, and to know its fields.
func TestSchemaInclude(t *testing.T) {
	schema := compileSchema(t, spectest.Roles(t))
	for text, valid := range map[string]bool{
		"include: class.yaml": true, "include: [a.yaml, b.yaml]": true, "{include: a.yaml, role: tcp-client, wifi: }": true,
		"{include: a.yaml, role: tcp-server, wifi: {static_ip: {address: 10.0.0.2}, backoff_ms: [500, 600]}}": true,
		"{include: , role: tcp-server, wifi: {ssid: x}}":                                                      true,
		"{include: 5, role: tcp-server, wifi: {ssid: x}}":                                                     false, "include: ['']": false, "include: {a: b}": false, "{include: a.yaml, wifi: {retries: 999}}": false,
		"{include: a.yaml, sever: {}}": false, "role: tcp-server": false, "{role: tcp-server, wifi: }": false, "{role: tcp-server, wifi: {include: a.yaml, ssid: x}}": false,
	} {
		var doc map[string]any
		if err := yaml.Unmarshal([]byte(text), &doc); err != nil {
			t.Fatal(err)
		}
		if err := schema.Validate(asJSON(t, doc)); (err == nil) != valid {
			t.Errorf("%s: got %v from the schema, want it to be valid: %t", text, err, valid)
		}
	}
}
