package generator_test

import (
	"bytes"
	"errors"
	"io/fs"
	"maps"
	"os"
	"path"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"text/template/parse"
	"unicode"

	"github.com/google/go-cmp/cmp"

	"github.com/espgen/espgen/generator"
	"github.com/espgen/espgen/generator/rules"
	"github.com/espgen/espgen/generator/spec"
	"github.com/espgen/espgen/templates"
)

// TestEveryRoleIsTested wants a spec, and so a golden tree, for each role.
func TestEveryRoleIsTested(t *testing.T) {
	roles, err := generator.RoleNames(templates.FS)
	if err != nil || len(roles) == 0 {
		t.Fatalf("no roles: %v", err)
	}
	for _, role := range roles {
		if !slices.Contains(specNames(t), role) {
			t.Errorf("role %s has no specs/%s.yaml", role, role)
		}
	}
}

// TestOutputIsClean looks for what a faulty template leaves behind.
func TestOutputIsClean(t *testing.T) {
	for _, name := range specNames(t) {
		files, err := generator.Render(templates.FS, loadSpec(t, name))
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range files {
			checkClean(t, name+"/"+f.Path, f.Data)
		}
	}
}

// checkClean tells of what no generated file may hold, whatever the spec.
func checkClean(t *testing.T, name string, data []byte) {
	t.Helper()
	for _, bad := range []string{"<no value>", "<nil>", "%!", "{{", "}}\n", "\r", "\t", " \n", "\n\n\n"} {
		if before, _, ok := bytes.Cut(data, []byte(bad)); ok {
			t.Errorf("%s:%d: holds %q", name, bytes.Count(before, []byte("\n"))+1, bad)
		}
	}
	if !bytes.HasSuffix(data, []byte("\n")) || bytes.HasSuffix(data, []byte("\n\n")) {
		t.Errorf("%s does not end in one newline", name)
	}
	if path.Ext(name) != ".c" {
		return
	}
	for _, brackets := range []string{"()", "[]", "{}"} {
		code := cLiteral.ReplaceAll(data, nil)
		if open, closed := bytes.Count(code, []byte(brackets[:1])), bytes.Count(code, []byte(brackets[1:])); open != closed {
			t.Errorf("%s: %d %c, but %d %c", name, open, brackets[0], closed, brackets[1])
		}
	}
}

// cLiteral matches C's literals and comments.
var cLiteral = regexp.MustCompile(`"(\\.|[^"\\\n])*"|'(\\.|[^'\\\n])*'|//[^\n]*`)

// TestRenderIsPure renders every spec many times at once: equal bytes.
func TestRenderIsPure(t *testing.T) {
	for _, name := range specNames(t) {
		s := loadSpec(t, name)
		first, err := generator.Render(templates.FS, s)
		if err != nil {
			t.Fatal(err)
		}
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				again, err := generator.Render(templates.FS, s)
				if err != nil || !reflect.DeepEqual(first, again) { // cmp.Diff takes seconds for equal bytes
					t.Errorf("%s: %v\n%s", name, err, cmp.Diff(first, again))
				}
			})
		}
		wg.Wait()
	}
}

// TestGoAndYAMLAgree builds the guide's server in Go and from YAML.
func TestGoAndYAMLAgree(t *testing.T) {
	fromGo, err := generator.Render(templates.FS, &spec.Spec{
		Role: "tcp-server",
		WiFi: spec.WiFi{SSID: "duruofu_win10", Password: new("1234567890")},
	})
	if err != nil {
		t.Fatal(err)
	}
	fromYAML, err := generator.Render(templates.FS, loadSpec(t, "tcp-server"))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(fromYAML, fromGo); diff != "" {
		t.Error(diff)
	}
}

func TestUnknownRole(t *testing.T) {
	for _, role := range []string{"tcp-sever", "", "../tcp-server", "parts", "../parts", "a/b"} {
		_, err := generator.Render(templates.FS, &spec.Spec{Role: role})
		var issues spec.Issues
		if !errors.As(err, &issues) || issues[0].Path != "role" {
			t.Errorf("%q: got %v, want an issue of role", role, err)
		}
	}
}

// overlay is the templates with some files added or changed.
func overlay(t *testing.T, files map[string]string) fs.FS {
	t.Helper()
	all := fstest.MapFS{}
	err := fs.WalkDir(templates.FS, ".", func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := fs.ReadFile(templates.FS, p)
		all[p] = &fstest.MapFile{Data: data}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for p, text := range files {
		all[p] = &fstest.MapFile{Data: []byte(text)}
	}
	return all
}

// TestNewRoleIsData adds a role as CONTRIBUTING.md does: no Go.
func TestNewRoleIsData(t *testing.T) {
	fsys := overlay(t, map[string]string{
		"roles/udp-beacon/role.yaml": `title: UDP beacon
summary: sends a datagram now and then
styles:
  guide:
    include: [project, sockets]
    fields:
      server.port: {default: 9000}
      server.addr: {required: true, form: ipv4}
`,
		"roles/udp-beacon/guide/main/main.c.tmpl": "// Sends to {{.server.addr}}, port {{.server.port}}.\n",
		"roles/udp-beacon/guide/README.md.tmpl":   "# {{markdown .project}}\n",
	})
	_, err := generator.Render(fsys, &spec.Spec{Role: "udp-beacon", WiFi: spec.WiFi{SSID: "x"}})
	if err == nil || err.Error() != "server.addr: required, but missing\n\thint: add it: an IPv4 address: four numbers from 0 to 255, with dots between them" {
		t.Errorf("got %v, want server.addr missing", err)
	}
	files, err := generator.Render(fsys, &spec.Spec{
		Role:   "udp-beacon",
		WiFi:   spec.WiFi{SSID: "x"},
		Server: spec.Server{Addr: new("10.0.0.1")},
	})
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, f := range files {
		got[f.Path] = string(f.Data)
	}
	if got["main/main.c"] != "// Sends to 10.0.0.1, port 9000.\n" || got["README.md"] != "# udp\\_beacon\n" || got["CMakeLists.txt"] == "" {
		t.Errorf("got %v", slices.Sorted(maps.Keys(got)))
	}
}

// TestFaultyTemplates gives faults of a role's author; each names its place.
func TestFaultyTemplates(t *testing.T) {
	const mainC = "roles/tcp-server/guide/main/main.c.tmpl"
	tests := map[string]struct{ file, text, want string }{
		"syntax":           {mainC, "int a;\n{{if}}\n", "templates/" + mainC + ":2: missing value for if"},
		"unknown field":    {mainC, "\n  {{.nope}}\n", "templates/" + mainC + ":2:5: "},
		"unknown function": {mainC, "{{env \"HOME\"}}\n", "function \"env\" not defined"},
		"unknown partial":  {mainC, "{{template \"nope\" .}}\n", "none of the role's parts has the partial \"nope\""},
		"in a partial":     {"parts/guide_wifi/partials/includes.c.tmpl", "a\n{{.nope}}\n", "templates/parts/guide_wifi/partials/includes.c.tmpl:2:3: "},
		"define":           {mainC, "int a;\n{{define \"b\"}}int b;{{end}}\n{{define \"a\"}}{{end}}\n", "templates/" + mainC + ":2: it defines the template \"b\": "},
		"block":            {mainC, "{{if .buffers}}{{block \"b\" .}}{{end}}{{end}}\n", "templates/" + mainC + ":1: it defines the template \"b\": "},
		"define here":      {"parts/guide_wifi/partials/includes.c.tmpl", "{{define \"b\"}}{{end}}a\n", "templates/parts/guide_wifi/partials/includes.c.tmpl:1: it defines the template \"b\": "},
		"role.yaml":        {"roles/tcp-server/role.yaml", "sumary: x\n", "templates/roles/tcp-server/role.yaml:1: unknown key sumary"},
		"unknown use":      {"roles/tcp-server/role.yaml", "title: X\nsummary: x\nstyles: {guide: {fields: {wifi.nope: {}}}}\n", "the spec has no field wifi.nope"},
		"bad default":      {"roles/tcp-server/role.yaml", "title: X\nsummary: x\nstyles: {guide: {fields: {server.port: {default: 0}}}}\n", "0 is below the limit of 1"},
		"bad pair":         {"roles/tcp-server/role.yaml", "title: X\nsummary: x\nstyles: {x: {fields: {wifi.backoff_ms: {default: [500, 100, 1]}}}}\n", "[500 100 1] is not a pair of numbers"},
		"pair upside down": {"roles/tcp-server/role.yaml", "title: X\nsummary: x\nstyles: {x: {fields: {wifi.backoff_ms: {default: [500, 100]}}}}\n", "the first, 500, is above the longest, 100"},
		"bad static":       {"roles/tcp-server/role.yaml", "title: X\nsummary: x\nstyles: {x: {static: {a: buffers.rx}}}\n", "styles.x.static.a: neither a number of bytes nor a field"},
		"address by style": {"roles/tcp-server/role.yaml", "title: X\nsummary: x\nstyles: {guide: {fields: {server.addr: {default: example.com, form: ipv4}}}}\n", "a host name, which the guide style cannot look up"},
		"unknown form":     {"roles/tcp-server/role.yaml", "title: X\nsummary: x\nstyles: {guide: {fields: {server.addr: {required: true, form: ipv5}}}}\n", "styles.guide.fields.server.addr.form: \"ipv5\" is unknown; allowed: ipv4"},
		"field no forms":   {"roles/tcp-server/role.yaml", "title: X\nsummary: x\nstyles: {guide: {fields: {server.port: {form: ipv4}}}}\n", "is unknown; allowed: none"},
		"bad kconfig":      {"roles/tcp-server/role.yaml", "title: X\nsummary: x\nstyles: {guide: {kconfig: [MQTT]}}\n", "\"MQTT\" is not capitals, digits and _, with a _ at the end"},
		"no default":       {"roles/tcp-server/role.yaml", "title: X\nsummary: x\nstyles: {guide: {fields: {buffers.rx: {}}}}\n", "it has no default, and is not required"},
		"bad stack":        {"roles/tcp-server/role.yaml", "title: X\nsummary: x\nstyles: {guide: {stack: {a: b.c}}}\n", "neither a number of bytes nor a field"},
		"no role.yaml":     {"roles/tcp-server/role.yaml", "", "the file is empty"},
		"wrong type":       {"roles/tcp-server/role.yaml", "title: [x]\n", "templates/roles/tcp-server/role.yaml:1: the value is not of the type that belongs here"},
		"bad reserve":      {"roles/tcp-server/role.yaml", "title: X\nsummary: x\nstyles: {guide: {spare_sockets: -1}}\n", "styles.guide.spare_sockets: it is below 0"},
		"bad owner":        {"roles/tcp-server/role.yaml", "title: X\nsummary: x\nstyles: {x: {files: {a.c: {owner: me}}}}\n", "styles.x.files.a.c.owner: it can only be user"},
		"no styles":        {"roles/tcp-server/role.yaml", "title: X\nsummary: x\n", "styles is missing"},
		"catalog twice":    {"roles/tcp-server/zh.yaml", "- {en: a, zh: b}\n- {en: a, zh: c}\n", "two translations of \"a\""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			s := &spec.Spec{Role: "tcp-server", Comments: new("zh"), WiFi: spec.WiFi{SSID: "x"}}
			_, err := generator.Render(overlay(t, map[string]string{test.file: test.text}), s)
			var fault *generator.TemplateError
			if !errors.As(err, &fault) || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v\nwant %s", err, test.want)
			}
		})
	}
}

// TestFirstFault wants the first of many faults told, in the order of the
// files, and not any.
func TestFirstFault(t *testing.T) {
	faulty := map[string]string{}
	for _, name := range []string{"a", "b", "c", "d", "e", "f", "g", "h"} {
		faulty["roles/tcp-server/guide/"+name+".tmpl"] = "{{.nope}}\n"
	}
	for range 20 {
		_, err := generator.Render(overlay(t, faulty), &spec.Spec{Role: "tcp-server", WiFi: spec.WiFi{SSID: "x"}})
		if err == nil || !strings.Contains(err.Error(), "templates/roles/tcp-server/guide/a.tmpl:1:3: ") {
			t.Fatalf("got %v, want the fault of a.tmpl", err)
		}
	}
}

// TestUnquoted wants no action between the quotes of a C string.
func TestUnquoted(t *testing.T) {
	folders, err := fs.Glob(templates.FS, "*/*")
	if err != nil {
		t.Fatal(err)
	}
	for _, folder := range folders {
		for _, fault := range generator.Unquoted(templates.FS, folder) {
			t.Error(fault)
		}
	}
	faulty := overlay(t, map[string]string{"roles/tcp-server/guide/a.h.tmpl": "int a;\nputs(\"{{.project}}\");\n"})
	if faults := generator.Unquoted(faulty, "roles/tcp-server"); len(faults) != 1 || faults[0].Line != 2 {
		t.Errorf("got %v", faults)
	}
}

// TestTemplatesReadAsC holds the templates to the rules that keep them
// readable, and safe.
func TestTemplatesReadAsC(t *testing.T) {
	err := fs.WalkDir(templates.FS, ".", func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(p, ".tmpl") {
			return err
		}
		data, err := fs.ReadFile(templates.FS, p)
		if err != nil {
			return err
		}
		if strings.Contains(p, "/partials/") && !strings.HasPrefix(string(data), "{{- /* ") {
			t.Errorf("%s does not open with a comment on what it prints and needs", p)
		}
		isC := strings.HasSuffix(p, ".c.tmpl")
		for i, line := range strings.Split(string(data), "\n") {
			switch trimmed := strings.TrimSpace(line); {
			case strings.HasPrefix(trimmed, "{{-") && !strings.HasSuffix(trimmed, "}}"):
				t.Errorf("%s:%d: a control line stands alone", p, i+1)
			case strings.HasSuffix(trimmed, "-}}") && !strings.HasPrefix(trimmed, "{{- /*"):
				t.Errorf("%s:%d: a control line does not end in -}}", p, i+1)
			case isC && !strings.HasPrefix(trimmed, "//") && strings.Contains(cString.ReplaceAllString(line, ""), "//"):
				t.Errorf("%s:%d: a comment stands on lines of its own, where it is translated", p, i+1)
			}
		}
		tree := parse.New(p)
		tree.Mode = parse.SkipFuncCheck
		if _, err := tree.Parse(string(data), "", "", map[string]*parse.Tree{}); err != nil {
			t.Errorf("%s: %v", p, err)
			return nil
		}
		checkNodes(t, p, tree.Root, 0)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// checkNodes refuses an action that is only a constant, which is C's {{0}} by
// mistake, and control structures nested deeper than two.
func checkNodes(t *testing.T, file string, list *parse.ListNode, depth int) {
	t.Helper()
	if list == nil {
		return
	}
	if depth > 2 {
		t.Errorf("%s: control structures nest deeper than two: make a partial", file)
	}
	for _, n := range list.Nodes {
		switch n := n.(type) {
		case *parse.ActionNode:
			switch n.Pipe.Cmds[0].Args[0].(type) {
			case *parse.NumberNode, *parse.BoolNode, *parse.NilNode:
				t.Errorf("%s:%d: %s is a constant; write { { for C's braces", file, n.Line, n)
			}
		case *parse.IfNode:
			checkNodes(t, file, n.List, depth+1)
			checkNodes(t, file, n.ElseList, depth+1)
		case *parse.RangeNode:
			checkNodes(t, file, n.List, depth+1)
			checkNodes(t, file, n.ElseList, depth+1)
		case *parse.WithNode:
			checkNodes(t, file, n.List, depth+1)
			checkNodes(t, file, n.ElseList, depth+1)
		}
	}
}

// TestOwnOptions holds the options that a spec may not set to those that the
// templates do, or define.
func TestOwnOptions(t *testing.T) {
	found := map[string]string{} // the role by option
	for _, name := range specNames(t) {
		s := loadSpec(t, name)
		s.Sdkconfig = nil // what a spec may set
		files := render(t, s)
		for _, f := range files {
			form := `(?m)^CONFIG_(\w+)=`
			if strings.Contains(f.Path, "Kconfig") {
				form = `(?m)^ *config (\w+)$`
			}
			if f.Path != "main/Kconfig.projbuild" && !strings.HasPrefix(f.Path, "sdkconfig.") {
				continue
			}
			for _, m := range regexp.MustCompile(form).FindAllSubmatch(f.Data, -1) {
				found["CONFIG_"+string(m[1])] = s.Role
			}
		}
	}
	// What every project may want otherwise.
	for _, option := range []string{"CONFIG_ESP_TASK_WDT_PANIC", "CONFIG_ESP_TASK_WDT_TIMEOUT_S", "CONFIG_LWIP_SO_LINGER", "CONFIG_VFS_SUPPORT_SELECT", "CONFIG_LWIP_IPV6_AUTOCONFIG"} {
		delete(found, option)
	}
	for option, role := range found {
		s := &spec.Spec{Role: role, WiFi: spec.WiFi{SSID: "x"}, Sdkconfig: map[string]any{option: 1}}
		if _, err := generator.Render(templates.FS, s); err == nil || !strings.Contains(err.Error(), "espgen sets this option itself") {
			t.Errorf("%s: got %v, want it refused", option, err)
		}
	}
	if len(found) < 40 {
		t.Errorf("only %d options", len(found))
	}
}

// TestLogInReadme wants each line that a project's README shows of the log to
// come from a log call of its source.
func TestLogInReadme(t *testing.T) {
	call := regexp.MustCompile(`ESP_LOG([IWE])\((\w+|"[^"]*"), ("(?:[^"\\]|\\.)*"(?: PRIu32 "[^"]*")?(?: IPSTR)?)[,)]`)
	tag := regexp.MustCompile(`\*TAG = "(\w+)"`)
	line := regexp.MustCompile(`(?m)^([IWE]) \(\d+\) (\w+): (.*)$`)
	for _, name := range specNames(t) {
		files, err := generator.Render(templates.FS, loadSpec(t, name))
		if err != nil {
			t.Fatal(err)
		}
		var forms []*regexp.Regexp
		readme := ""
		for _, f := range files {
			source := string(f.Data)
			if f.Path == "README.md" {
				readme = source
			}
			for _, m := range call.FindAllStringSubmatch(source, -1) {
				format := strings.ReplaceAll(m[3], `" PRIu32 "`, "u")
				format, address := strings.CutSuffix(format, " IPSTR")
				if format, err = strconv.Unquote(format); err != nil {
					t.Fatal(err)
				}
				if address {
					format += "%s"
				}
				from := strings.Trim(m[2], `"`)
				if from == "TAG" {
					from = tag.FindStringSubmatch(source)[1]
				}
				form := regexp.MustCompile(`%(\\\.\\\*)?[dsu]`).ReplaceAllString(regexp.QuoteMeta(format), `.*`)
				forms = append(forms, regexp.MustCompile("^"+m[1]+" "+from+" "+form+"$"))
			}
		}
		shown := line.FindAllStringSubmatch(readme, -1)
		if len(shown) < 5 {
			t.Errorf("%s: README.md shows %d lines of the log", name, len(shown))
		}
		for _, m := range shown {
			if !slices.ContainsFunc(forms, func(f *regexp.Regexp) bool { return f.MatchString(m[1] + " " + m[2] + " " + m[3]) }) {
				t.Errorf("%s: README.md shows the log line %q, which no source can print", name, m[0])
			}
		}
	}
}

// TestReadmeShowsTheSpec wants the log and the commands in a project's README
// to have the spec's own network and addresses, and none that were made up.
func TestReadmeShowsTheSpec(t *testing.T) {
	code := regexp.MustCompile("(?ms)^```\\w+\n(.*?)^```")
	address := regexp.MustCompile(`\b\d+\.\d+\.\d+\.\d+\b`)
	for _, name := range specNames(t) {
		s := loadSpec(t, name)
		known := []string{"127.0.0.1"}
		if s.Server.Addr != nil {
			known = append(known, *s.Server.Addr)
		}
		if s.WiFi.StaticIP.Address != nil {
			known = append(known, *s.WiFi.StaticIP.Address)
		}
		readme := readmeOf(t, s)
		for _, block := range code.FindAllStringSubmatch(readme, -1) {
			for _, found := range address.FindAllString(block[1], -1) {
				if !slices.Contains(known, found) {
					t.Errorf("%s: README.md shows the address %s, which the spec does not have", name, found)
				}
			}
		}
		if s.WiFi.StaticIP.Address != nil && !strings.Contains(readme, "Address "+*s.WiFi.StaticIP.Address+"\n") {
			t.Errorf("%s: README.md shows the static address in no line of the log", name)
		}
		if m := regexp.MustCompile(`Joining "(.*)"`).FindStringSubmatch(readme); m != nil && m[1] != s.WiFi.SSID {
			t.Errorf("%s: README.md shows the network %q", name, m[1])
		}
	}
}

// readmeOf is the README.md of a spec's project.
func readmeOf(t *testing.T, s *spec.Spec) string {
	t.Helper()
	for _, f := range render(t, s) {
		if f.Path == "README.md" {
			return string(f.Data)
		}
	}
	t.Fatal("there is no README.md")
	return ""
}

// TestReasonNames wants each reason of a lost Wi-Fi that the guide's style logs
// to be called by its name.
func TestReasonNames(t *testing.T) {
	form := regexp.MustCompile(`case WIFI_REASON_(\w+):\n +reason = "(\w+): `)
	seen := 0
	for _, name := range specNames(t) {
		s := loadSpec(t, name)
		if !slices.Contains(loadRole(t, s.Role).Styles[*s.Style].Include, "guide_wifi") {
			continue
		}
		seen++
		files := render(t, s)
		text := files[slices.IndexFunc(files, func(f generator.File) bool { return f.Path == "main/main.c" })].Data
		found := form.FindAllSubmatch(text, -1)
		if want := bytes.Count(text, []byte("case WIFI_REASON_")); len(found) != want || want < 5 {
			t.Errorf("%s: %d of %d reasons have a text with a name", name, len(found), want)
		}
		for _, m := range found {
			if !bytes.Equal(m[1], m[2]) {
				t.Errorf("%s: WIFI_REASON_%s is called %s", name, m[1], m[2])
			}
		}
	}
	if seen == 0 {
		t.Error("no spec is of the guide's style")
	}
}

// TestNoSecretInReadme wants the password in the file that it belongs to, and
// nowhere else.
func TestNoSecretInReadme(t *testing.T) {
	const password = "correct horse battery"
	for style, home := range map[string]string{"guide": "main/main.c", "robust": "sdkconfig.secrets"} {
		s := &spec.Spec{Role: "tcp-server", Style: &style, WiFi: spec.WiFi{SSID: "x", Password: new(password)}}
		files, err := generator.Render(templates.FS, s)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range files {
			if strings.Contains(string(f.Data), password) != (f.Path == home) {
				t.Errorf("%s: the password is in a wrong place", f.Path)
			}
			if want := fs.FileMode(0o600); f.Path == "sdkconfig.secrets" && (f.Mode != want || !f.Secret()) {
				t.Errorf("%s has mode %v, not %v", f.Path, f.Mode, want)
			}
			if want := f.Path == "main/app_handler.c"; f.User != want {
				t.Errorf("%s is the user's: %v, not %v", f.Path, f.User, want)
			}
		}
	}
}

// TestChineseIsWhole wants no comment of the Chinese projects left in English,
// and no line of their READMEs: code is in English, and so is the log. A name
// alone is neither.
func TestChineseIsWhole(t *testing.T) {
	comment := regexp.MustCompile(`(?m)^ *(?:///?|#) (.*)\n(?: *(?:///?|#) [^@].*\n)*`) // a paragraph
	code := regexp.MustCompile("(?ms)^```.*?^```|`[^`\n]*`")
	text := regexp.MustCompile(`(?m)^.*[A-Za-z]{2}.*$`)
	styles := map[string]bool{}
	for _, name := range specNames(t) {
		s := loadSpec(t, name)
		if *s.Comments != "zh" {
			continue
		}
		styles[s.Role+" "+*s.Style] = true
		for _, f := range render(t, s) {
			var lines []string // or paragraphs
			switch {
			case f.Path == "README.md":
				lines = text.FindAllString(code.ReplaceAllString(string(f.Data), ""), -1)
				lines = slices.DeleteFunc(lines, func(line string) bool { return strings.HasPrefix(line, "# ") }) // the project's name
			case slices.Contains([]string{".c", ".h", ".txt", ".gitignore"}, path.Ext(f.Path)):
				lines = comment.FindAllString(string(f.Data), -1)
				lines = slices.DeleteFunc(lines, func(line string) bool { return strings.HasSuffix(line, "/// @file\n") })
			}
			for _, line := range lines {
				if !strings.ContainsFunc(line, func(r rune) bool { return unicode.Is(unicode.Han, r) }) {
					t.Errorf("%s/%s: not Chinese: %s", name, f.Path, line)
				}
			}
		}
	}
	if len(styles) != 4 {
		t.Errorf("only these have a Chinese project: %v", styles)
	}
}

// FuzzRender renders a server of any text and numbers: what is valid gives
// clean files, what is not gives issues.
func FuzzRender(f *testing.F) {
	f.Add("net", "password", "tcp_server", 8080, 128, 1, true)
	f.Add("\"\\%s??/\n\x01f", "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef", "x", 1, 1460, 14, false)
	f.Add("{{.}}", "{{`}}`}}  ", "a_b", 65535, 2, 15, true)
	f.Fuzz(func(t *testing.T, ssid, password, project string, port, rx, clients int, zh bool) {
		s := &spec.Spec{
			Role:    "tcp-server",
			Project: &project,
			WiFi:    spec.WiFi{SSID: ssid, Password: &password},
			Server:  spec.Server{Port: &port, MaxClients: &clients},
			Buffers: spec.Buffers{RX: &rx},
		}
		if zh {
			s.Comments = new("zh")
		}
		files, err := generator.Render(templates.FS, s)
		var issues spec.Issues
		if err != nil && !errors.As(err, &issues) {
			t.Fatal(err)
		}
		for _, file := range files {
			if file.Path == "main/main.c" { // with the user's own text left out
				checkClean(t, file.Path, cString.ReplaceAll(file.Data, []byte(`""`)))
			}
		}
	})
}

var cString = regexp.MustCompile(`"(\\.|[^"\\\n])*"`)

// BenchmarkRender is the time of a render, templates parsed anew.
// BenchmarkRender renders projects of one role, and one project from nothing.
func BenchmarkRender(b *testing.B) {
	s := &spec.Spec{Role: "tcp-server", WiFi: spec.WiFi{SSID: "x"}}
	role, err := generator.LoadRole(templates.FS, "tcp-server")
	if err != nil {
		b.Fatal(err)
	}
	checked, err := rules.Check(s, role)
	if err != nil {
		b.Fatal(err)
	}
	b.Run("many", func(b *testing.B) {
		r := generator.NewRenderer(templates.FS, role)
		for b.Loop() {
			if _, err := r.Render(checked); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("one", func(b *testing.B) {
		for b.Loop() {
			if _, err := generator.Render(templates.FS, s); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// TestGoldenHasNoStrays wants no file in golden/ that git would ignore, since
// a fresh clone would lack it.
func TestGoldenHasNoStrays(t *testing.T) {
	err := fs.WalkDir(os.DirFS(goldenDir), ".", func(p string, d fs.DirEntry, err error) error {
		if err == nil && slices.Contains([]string{"sdkconfig", "build", "secrets.yaml", "managed_components"}, d.Name()) {
			t.Errorf("golden/%s would be ignored", p)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
