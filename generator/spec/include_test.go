package spec_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"gopkg.in/yaml.v3"
	"pgregory.net/rapid"

	"github.com/espgen/espgen/generator/internal/spectest"
	"github.com/espgen/espgen/generator/role"
	"github.com/espgen/espgen/generator/rules"
	"github.com/espgen/espgen/generator/spec"
)

// including returns sources with these files, and with a secret of each folder.
func including(files map[string]string) spec.Sources {
	from := spectest.Sources
	from.Include = func(file, name string) (string, []byte, error) {
		included := path.Join(path.Dir(file), name)
		text, ok := files[included]
		if !ok {
			return included, nil, &fs.PathError{Op: "open", Path: included, Err: fs.ErrNotExist}
		}
		return included, []byte(spectest.Lines(text)), nil
	}
	from.Secret = func(file, name string) (string, bool, error) {
		if name == "nope" {
			return "", false, nil
		}
		return "secret of " + path.Dir(file), true, nil
	}
	return from
}

// TestInclude takes over the fields of other files, and wants those of the
// file that includes them, and of the later one, to go before.
func TestInclude(t *testing.T) {
	classroom := map[string]string{
		"class.yaml":        "role: tcp-server; style: robust; wifi:;   ssid: class;   password: !secret wifi;   static_ip: {address: 10.0.0.9, netmask: 255.0.0.0, gateway: 10.0.0.1, dns: 10.0.0.1}; server: {port: 81}; sdkconfig: {CONFIG_A: 1, CONFIG_B: 2}; x-mine: 1",
		"lab.yaml":          "server: {port: 82, max_clients: 3}; sdkconfig: {CONFIG_B: 3, CONFIG_C: 4}; wifi:; task: {}",
		"a/one.yaml":        "include: ../class.yaml; wifi: {ssid: one}",
		"a/two.yaml":        "include: [../class.yaml, ../lab.yaml]; wifi: {hostname: two}",
		"json.json":         `{"include": "a/one.yaml", "server": {"port": 83}}`,
		"anchors.yaml":      "x-w: &w {ssid: anchored, retries: 7}; wifi: {<<: *w}; sdkconfig:",
		"again.yaml":        "include: [a/one.yaml, a/two.yaml, class.yaml]",
		"deep8.yaml":        "wifi: {ssid: deep}",
		"roles/client.yaml": "role: tcp-client; server: {addr: 10.0.0.1}",
		"wrong.yaml":        "wifi: {ssid: 5, retries: many}; server: {port: 0}",
	}
	for i := range 7 {
		classroom[fmt.Sprintf("deep%d.yaml", i+1)] = fmt.Sprintf("include: deep%d.yaml", i+2)
	}
	tests := map[string]struct {
		yaml string
		set  []string
		want string
	}{
		"one":             {"include: class.yaml", nil, "class robust 81 secret of . 10.0.0.9 map[CONFIG_A:1 CONFIG_B:2]"},
		"its own":         {"include: class.yaml; wifi: {ssid: mine, static_ip: {address: 10.0.0.7}}; sdkconfig: {CONFIG_A: 9}", nil, "mine robust 81 secret of . 10.0.0.7 map[CONFIG_A:9 CONFIG_B:2]"},
		"a list":          {"include: [class.yaml, lab.yaml]", nil, "class robust 82 secret of . 10.0.0.9 map[CONFIG_A:1 CONFIG_B:3 CONFIG_C:4]"},
		"the other way":   {"include:; - lab.yaml; - class.yaml", nil, "class robust 81 secret of . 10.0.0.9 map[CONFIG_A:1 CONFIG_B:2 CONFIG_C:4]"},
		"in turn":         {"include: a/one.yaml; sdkconfig:; server:", nil, "one robust 81 secret of . 10.0.0.9 map[CONFIG_A:1 CONFIG_B:2]"},
		"twice":           {"include: again.yaml", nil, "class robust 81 secret of . 10.0.0.9 map[CONFIG_A:1 CONFIG_B:2 CONFIG_C:4]"},
		"--set":           {"include: class.yaml; wifi: {ssid: mine}", []string{"wifi.ssid=set", "server.port=90", "wifi.static_ip.address=10.0.0.3", "sdkconfig.CONFIG_B=8"}, "set robust 90 secret of . 10.0.0.3 map[CONFIG_A:1 CONFIG_B:8]"},
		"JSON":            {`{"include": ["json.json"], "wifi": {"ssid": "j"}}`, nil, "j robust 83 secret of . 10.0.0.9 map[CONFIG_A:1 CONFIG_B:2]"},
		"an alias":        {"x-c: &c class.yaml; include: [*c]; wifi: {password: !secret mine}", nil, "class robust 81 secret of . 10.0.0.9 map[CONFIG_A:1 CONFIG_B:2]"},
		"merged":          {"x-a: &a {x-y: 1}; x-b: &b {include: class.yaml}; <<: [*a, *b]", nil, "class robust 81 secret of . 10.0.0.9 map[CONFIG_A:1 CONFIG_B:2]"},
		"merged twice":    {"x-a: &a {include: class.yaml}; x-b: &b {<<: *a}; <<: *b; include: [anchors.yaml]; role: tcp-server", nil, "anchored guide 8080   map[]"},
		"anchors":         {"include: anchors.yaml; role: tcp-server", nil, "anchored guide 8080   map[]"},
		"nested":          {"include: deep1.yaml; role: tcp-server", nil, "deep guide 8080   map[]"},
		"nothing":         {"include:; wifi: {ssid: x}", nil, "x guide 8080   map[]"},
		"wrong, replaced": {"include: wrong.yaml; wifi: {ssid: x, retries: 3}; server: {port: 80}", nil, "x guide 80   map[]"},
		"another folder":  {"include: roles/client.yaml; role: tcp-server; wifi: {ssid: x}; server: {port: 1}", nil, ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			from := including(classroom)
			from.Set = test.set
			s, err := rules.CheckFile(spec.Parse("s.yaml", []byte(spectest.Lines(test.yaml)), from), spectest.Role(t, "tcp-server"))
			if test.want == "" {
				if err == nil || !strings.HasPrefix(err.Error(), "roles/client.yaml:2:10: server.addr: tcp-server in the guide style does not use this field") {
					t.Errorf("got %v", err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			address := ""
			if s.WiFi.StaticIP.Address != nil {
				address = *s.WiFi.StaticIP.Address
			}
			got := fmt.Sprint(s.WiFi.SSID, " ", *s.Style, " ", *s.Server.Port, " ", *s.WiFi.Password, " ", address, " ", s.Sdkconfig)
			if got != test.want {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
		})
	}

	s, err := rules.CheckFile(spec.Parse("lab/s.yaml", []byte("include: ../a/two.yaml\nrole: tcp-server\n"), including(classroom)), spectest.Role(t, "tcp-server"))
	if err != nil {
		t.Fatal(err)
	}
	if *s.WiFi.Hostname != "two" || *s.Server.Port != 82 || *s.WiFi.Password != "secret of ." {
		t.Errorf("got %+v", s)
	}
}

// TestIncludeIssues wants what is wrong with an include, or in one, told with
// its place.
func TestIncludeIssues(t *testing.T) {
	files := map[string]string{
		"class.yaml":     "wifi:;   ssid: \"\";   pasword: hunter22; server: {port: 0}; stile: robust; sdkconfig: {X: 1}",
		"dir/class.yaml": "include: more.yaml; wifi: {ssid: !env NOPE, password: !secret nope}",
		"dir/more.yaml":  "server: {port: http}; buffers: {rx: 4096}",
		"broken.yaml":    "wifi: {ssid: x",
		"list.yaml":      "- a",
		"empty.yaml":     "",
		"wide.yaml":      "wifi:;   ssid：hunter22",
		"self.yaml":      "include: ./self.yaml",
		"a.yaml":         "include: dir/../b.yaml",
		"b.yaml":         "include: [ok.yaml, c.yaml]",
		"c.yaml":         "server: {port: 1}; include: a.yaml",
		"ok.yaml":        "wifi: {ssid: x}",
		"keys.yaml":      "? [c]; : d",
		"main.yaml":      "include: s.yaml",
		"s.yaml":         "include: main.yaml",
		"gone.yaml":      "include: [gone2.yaml, gone3.yaml]",
		"large.yaml":     "# " + strings.Repeat("x", spec.MaxBytes-200),
		"section.yaml":   "wifi: hunter22; sdkconfig: hunter22",
		"s.json":         `{"wifi": {"ssid" "x"}}`,
	}
	for i := range 12 {
		files[fmt.Sprintf("deep%d.yaml", i)] = fmt.Sprintf("include: deep%d.yaml", i+1)
	}
	var many []string
	for i := range 34 {
		name := fmt.Sprintf("many%d.yaml", i)
		many = append(many, name)
		files[name] = "wifi: {ssid: x}"
	}
	const hint = " | write a path that is relative to this file's folder, with / between folders: include: ../class.yaml"
	tests := map[string]struct {
		yaml string
		set  []string
		want []string
	}{
		"values": {"include: class.yaml; task: {stack: 17}", nil, []string{
			"class.yaml:2:9: wifi.ssid: it is empty*", "class.yaml:3:3: wifi: unknown key \"pasword\" | did you mean password?", "class.yaml:4:16: server.port: 0 is below*",
			"class.yaml:5:1: unknown key \"stile\" | did you mean style?", "class.yaml:6:13: sdkconfig.X: \"X\" is not the name*", "2:15: task.stack: 17*",
		}},
		"in turn": {"include:; - dir/class.yaml", nil, []string{
			"dir/class.yaml:2:14: wifi.ssid: the environment has no variable \"NOPE\"*", "dir/class.yaml:2:35: wifi.password: secrets.yaml has no entry \"nope\"*", "dir/more.yaml:1:16: server.port: a whole number is needed here*",
			"dir/more.yaml:2:15: buffers.rx: the task's stack is too small*",
		}},
		"missing fields":   {"include: s.json; server: {port: 1}", nil, []string{"s.json:1:18: not JSON: a colon is missing before this*"}},
		"set":              {"include: ok.yaml", []string{"server.port=0"}, []string{"--set server.port: 0 is below*"}},
		"no file":          {"include: nope/nope.yaml; wifi: {retries: 999}", nil, []string{"1:10: include: \"nope/nope.yaml\" cannot be included: open nope/nope.yaml: file does not exist" + hint}},
		"no files":         {"include: [ok.yaml, nope.yaml, gone.yaml]", nil, []string{"gone.yaml:1:11: include: \"gone2.yaml\"*", "gone.yaml:1:23: include: \"gone3.yaml\"*", "1:20: include: \"nope.yaml\" cannot*"}},
		"broken":           {"include: broken.yaml", nil, []string{"broken.yaml:1:1: not YAML: *"}},
		"a list":           {"include: list.yaml", nil, []string{"list.yaml:1:1: a spec is a map of fields, not a list*"}},
		"empty":            {"include: empty.yaml", nil, []string{"empty.yaml:1:1: the spec is empty*"}},
		"wide":             {"include: wide.yaml", nil, []string{"wide.yaml:2:7: wifi: unexpected full-width colon (U+FF1A)*"}},
		"itself":           {"include: self.yaml", nil, []string{"self.yaml:1:10: include: the file includes itself: self.yaml includes self.yaml | remove one of these lines"}},
		"the spec":         {"include: [ok.yaml, main.yaml]", nil, []string{"main.yaml:1:10: include: the file includes itself: s.yaml includes main.yaml includes s.yaml*"}},
		"a cycle":          {"include: a.yaml", nil, []string{"c.yaml:2:10: include: the file includes itself: a.yaml includes b.yaml includes c.yaml includes a.yaml*"}},
		"too deep":         {"include: deep0.yaml", nil, []string{"deep7.yaml:1:10: include: includes are nested more than 8 deep | include it in the spec itself"}},
		"too many":         {"include: [" + strings.Join(many, ", ") + "]", nil, []string{"1:11: include: a spec may include no more than 32 files*", "1:23: include: a spec may*"}},
		"too large":        {"include: large.yaml; # " + strings.Repeat("y", 300), nil, []string{"1:10: include: together, the spec and the files that it includes are larger than the limit of 1048576 bytes*"}},
		"a number":         {"include: 5", nil, []string{"1:10: include: the name of a file is needed here, not a number | write include: FILE, or a list of them"}},
		"a map":            {"include: {file: ok.yaml}", nil, []string{"1:10: include: the name of a file is needed here, not a map*"}},
		"null in a list":   {"include: [~, ok.yaml, [ok.yaml], !env X]", nil, []string{"1:11: include: the name*not a null*", "1:23: include: the name*not a list*", "1:34: include: the name*not a tagged value*"}},
		"empty name":       {"include: ''", nil, []string{"1:10: include: it is empty" + hint}},
		"absolute":         {"include: [/etc/class.yaml, 'C:\\class.yaml', ~/class.yaml, '\\\\host\\x']", nil, []string{"1:11: include: \"/etc/class.yaml\" is an absolute path, which differs between computers" + hint, "1:28: include: *absolute*", "1:45: include: *absolute*", "1:59: include: *absolute*"}},
		"backslash":        {`include: ..\class.yaml`, nil, []string{`1:10: include: "..\\class.yaml" has a \ in it` + hint}},
		"quotes":           {"include: “ok.yaml”", nil, []string{"1:10: include: the value is in typographic quotes*"}},
		"twice":            {"include: ok.yaml; include: ok.yaml", nil, []string{"2:1: include: given twice*"}},
		"misspelt":         {"inclde: ok.yaml; wifi: {ssid: x, include: a, static_ip: {include: a}}", nil, []string{"1:1: unknown key \"inclde\" | did you mean include?", "2:17: wifi: unknown key \"include\" | did you mean include?", "2:41: wifi.static_ip: unknown key \"include\" | did you mean include?"}},
		"keys":             {"include: keys.yaml; ? [a]; : b; wifi: {ssid: x}", nil, []string{"keys.yaml:1:3: a key is a name, not a list*", "2:3: a key is a name, not a list*"}},
		"a tag":            {"wifi: !include ok.yaml; sdkconfig: !include ok.yaml", nil, []string{"1:7: wifi: a map of fields is needed here, not a tagged value | write include: FILE at the top of the spec", "2:12: sdkconfig: a map is needed here, not a tagged value | write include*"}},
		"no section":       {"include: section.yaml; wifi: {ssid: x}; sdkconfig: {CONFIG_A: 1}", nil, []string{"section.yaml:1:7: wifi: a map of fields*", "section.yaml:2:12: sdkconfig: a map*"}},
		"no section, here": {"include: ok.yaml; wifi: hunter22", nil, []string{"2:7: wifi: a map of fields*"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			from := including(files)
			from.Set = test.set
			parsed := spec.Parse("s.yaml", []byte(spectest.Lines(test.yaml)), from)
			_, err := rules.CheckFile(parsed, spectest.Role(t, "tcp-server"))
			issues, _ := errors.AsType[spec.Issues](err)
			spectest.CheckIssues(t, issues, test.want)
		})
	}
	parsed := spec.Parse("s.yaml", []byte("include: ok.yaml\n"), spec.Sources{})
	_, err := rules.CheckFile(parsed, spectest.Role(t, "tcp-server"))
	issues, _ := errors.AsType[spec.Issues](err)
	spectest.CheckIssues(t, issues, []string{"1:10: include: \"ok.yaml\" cannot be included: the spec has no folder to look for it in*"})
	if diff := cmp.Diff(err, rules.CheckRole(parsed, []string{"tcp-server"})); diff != "" {
		t.Errorf("CheckRole tells something else: %s", diff)
	}
}

// TestIncludeSplit spreads a spec over files that include each other, with
// other values where a file goes before, and wants the spec itself.
func TestIncludeSplit(t *testing.T) {
	r := spectest.Role(t, "tcp-client")
	text := string(role.Starter(r, "robust")) + "sdkconfig: {CONFIG_A: 1, CONFIG_B: 2, CONFIG_C: x}\n"
	want, err := rules.CheckFile(spec.Parse("s.yaml", []byte(text), spec.Sources{}), r)
	if err != nil {
		t.Fatal(err)
	}
	var whole map[string]any
	if err := yaml.Unmarshal([]byte(text), &whole); err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(t *rapid.T) {
		const n = 4
		var files [n]map[string]any
		for i := range files {
			files[i] = map[string]any{}
		}
		// A value is in one file at least. What is in those that it goes before has no effect.
		put := func(section, key string, value any) {
			first := rapid.IntRange(0, n-1).Draw(t, "first")
			for i := first; i < n; i++ {
				fields := files[i]
				if section != "" {
					if files[i][section] == nil {
						files[i][section] = map[string]any{}
					}
					fields, _ = files[i][section].(map[string]any)
				}
				if i == first {
					fields[key] = value
				} else if rapid.Bool().Draw(t, "again") {
					fields[key] = []string{"nothing"}
				}
			}
		}
		for _, key := range slices.Sorted(maps.Keys(whole)) {
			section, ok := whole[key].(map[string]any)
			if !ok {
				put("", key, whole[key])
			}
			for _, k := range slices.Sorted(maps.Keys(section)) {
				put(key, k, section[k])
			}
		}
		// In each case 0 goes before 1, that before 2, and that before 3.
		includes := rapid.SampledFrom([][n]any{{"1", "2", "3"}, {[]string{"3", "2", "1"}}, {[]string{"2", "1"}, nil, "3"}, {[]string{"3", "1"}, "2", "3"}}).Draw(t, "includes")
		texts := map[string][]byte{}
		for i, fields := range files {
			if includes[i] != nil {
				fields["include"] = includes[i]
			}
			marshal := yaml.Marshal
			if rapid.Bool().Draw(t, "JSON") {
				marshal = json.Marshal
			}
			text, err := marshal(fields)
			if err != nil {
				t.Fatal(err)
			}
			texts[fmt.Sprint(i)] = text
		}
		from := spec.Sources{Include: func(_, name string) (string, []byte, error) { return name, texts[name], nil }}
		got, err := rules.CheckFile(spec.Parse("0", texts["0"], from), r)
		if err != nil {
			t.Fatalf("%s\n%v", texts, err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s\n%s", texts, diff)
		}
	})
}
