package library_test

import (
	"cmp"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/espgen/espgen/generator/field"
	"github.com/espgen/espgen/generator/role"
	"github.com/espgen/espgen/generator/rules"
	"github.com/espgen/espgen/generator/spec"
	"github.com/espgen/espgen/library"
)

// TestMain makes the test's program the one that executes templates, too.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == library.RenderCommand {
		if err := library.RenderFor(os.Stdin, os.Stdout); err != nil {
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

const roleYAML = `title: Own
summary: an own role
params:
  own.name: {type: string, default: x, summary: a name}
  own.count: {type: integer, min: 0, max: 9, default: 0, summary: a count}
styles:
  plain: {include: [project]}
`

// folder writes a folder of templates.
func folder(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		file := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// render renders a role of a folder, by default the one called own.
func render(t *testing.T, dir string, s spec.Spec) (map[string]string, error) {
	t.Helper()
	l, err := library.Open(dir, "")
	if err != nil {
		t.Fatal(err)
	}
	role, err := l.Role(cmp.Or(s.Role, "own"))
	if err != nil {
		return nil, err
	}
	s.WiFi.SSID = "x"
	checked, err := rules.Check(&s, role)
	if err != nil {
		t.Fatal(err)
	}
	files, err := l.Render(t.Context(), role, checked)
	texts := map[string]string{}
	for _, f := range files {
		texts[f.Path] = string(f.Data)
	}
	return texts, err
}

// TestOwnTemplates wants a folder's roles, its parts, and what it replaces of
// espgen's own, executed in another process with every value that a spec can
// have.
func TestOwnTemplates(t *testing.T) {
	dir := folder(t, map[string]string{
		"own/role.yaml":                       strings.Replace(roleYAML, "[project]", "[project, mine]", 1),
		"own/plain/main/main.c.tmpl":          "// {{.own.name}} {{.own.count}} {{.wifi.ssid}} {{template \"p.c\" .}}\n{{range .options}}{{.name}}={{.value}} {{end}}\n",
		"own/golden/plain/x":                  "no template",
		"mine/part.yaml":                      "summary: mine\ncomponents: [mine_c]\n",
		"mine/partials/p.c.tmpl":              "{{- /* A piece. */ -}}\npiece\n",
		"project/main/idf_component.yml.tmpl": "# mine\n",
		"README.md":                           "not looked at",
	})
	texts, err := render(t, dir, spec.Spec{
		Own:       map[string]any{"own.name": "no\n\"yes\" 1e3 \x01 网络", "own.count": 0},
		Sdkconfig: map[string]any{"CONFIG_A": field.Hex("0x0F"), "CONFIG_B": "0x0F", "CONFIG_C": false, "CONFIG_D": 0, "CONFIG_E": "yes"},
	})
	if err != nil {
		t.Fatal(err)
	}
	const want = "// no\n\"yes\" 1e3 \x01 网络 0 x piece\nCONFIG_A=0x0F CONFIG_B=\"0x0F\" CONFIG_C=n CONFIG_D=0 CONFIG_E=\"yes\" \n"
	if texts["main/main.c"] != want {
		t.Errorf("got %q\nwant %q", texts["main/main.c"], want)
	}
	if texts["main/idf_component.yml"] != "# mine\n" || !strings.Contains(texts["main/CMakeLists.txt"], "mine_c") {
		t.Errorf("got %q", texts)
	}
	l, err := library.Open(dir, "")
	if err != nil || len(l.Sum) != 64 {
		t.Error(l, err)
	}
	names, err := l.Names()
	if err != nil || !strings.Contains(strings.Join(names, " "), "own tcp-client tcp-server") {
		t.Error(names, err)
	}
}

// TestAddedTranslations wants the translations of a folder that replaces one
// template beside espgen's own, which they go before.
func TestAddedTranslations(t *testing.T) {
	dir := folder(t, map[string]string{
		"tcp_connection/main/app_handler.c.tmpl": "// A new comment.\nint x;\n",
		"tcp_connection/zh.yaml": "- {en: A new comment., zh: 新的注释。}\n" +
			"- {en: \"What the device does with its connections: the contract of app_handler.c, which is yours.\", zh: 约定。}\n",
	})
	robust, zh := "robust", "zh"
	texts, err := render(t, dir, spec.Spec{Role: "tcp-server", Style: &robust, Comments: &zh})
	if err != nil {
		t.Fatal(err)
	}
	if got := texts["main/app_handler.c"]; got != "// 新的注释。\nint x;\n" {
		t.Errorf("got %q", got)
	}
	if got := texts["main/app_handler.h"]; !strings.Contains(got, "/// 约定。") || !strings.Contains(got, "网络任务") {
		t.Errorf("got %q", got)
	}
}

// TestHostileTemplates executes templates that take for ever, take all memory,
// or want what is not theirs. Each fails soon, with its author's file named.
func TestHostileTemplates(t *testing.T) {
	for name, test := range map[string]struct{ file, text, want string }{
		"for ever":        {"own/plain/a.tmpl", "{{range 1000000000000}}{{end}}\n", "take longer than the limit of 10s"},
		"nested":          {"own/plain/a.tmpl", "{{range 100000}}{{range 100000}}{{range 100000}}{{end}}{{end}}{{end}}\n", "take longer than the limit"},
		"much output":     {"own/plain/a.tmpl", "{{range 1000000000000}}xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx{{end}}\n", "than the limit of"},
		"doubling":        {"own/plain/a.tmpl", "{{$x := \"xxxxxxxxxxxxxxxx\"}}{{range 60}}{{$x = print $x $x}}{{end}}\n", "than the limit of"},
		"doubling a list": {"own/plain/a.tmpl", "{{$x := list 1}}{{range 60}}{{$x = list $x $x}}{{end}}{{$x}}\n", "than the limit of"},
		"wide":            {"own/plain/a.tmpl", "{{indent 100000000000 \"x\"}}\n", "than the limit of"},
		"recursion":       {"own/partials/r.tmpl", "{{- /* r */ -}}\n{{template \"r\" .}}\n", "r.tmpl"},
		"git":             {"own/plain/.git/config.tmpl", "x\n", `a project cannot have a file ".git/config"`},
		"records":         {"own/plain/.espgen/x.tmpl", "x\n", `a project cannot have a file ".espgen/x"`},
		"the lock":        {"own/plain/espgen.lock.tmpl", "x\n", `a project cannot have a file "espgen.lock"`},
		"the environment": {"own/plain/a.tmpl", "{{env \"HOME\"}}\n", `function "env" not defined`},
		"the clock":       {"own/plain/a.tmpl", "{{now}}\n", `function "now" not defined`},
		"undeclared":      {"own/plain/a.tmpl", "ok\n  {{.own.nope}}\n", "own/plain/a.tmpl:2:9: "},
		"syntax":          {"own/plain/a.tmpl", "{{if}}\n", "own/plain/a.tmpl:1: missing value for if"},
		"a mode":          {"own/role.yaml", strings.Replace(roleYAML, "[project]", "[project], files: {a: {mode: 04755}}", 1), "it can only be some of 0755"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			files := map[string]string{"own/role.yaml": roleYAML, "own/plain/b.tmpl": "{{if .wifi.open}}{{template \"r\" .}}{{end}}", "own/partials/r.tmpl": "x"}
			files[test.file] = test.text
			dir := folder(t, files)
			begin := time.Now()
			_, err := render(t, dir, spec.Spec{})
			if err == nil || !strings.Contains(err.Error(), test.want) || !strings.HasPrefix(err.Error(), dir) || !strings.Contains(err.Error(), "a fault of the role own, not of the spec") {
				t.Errorf("got %v\nwant %s", err, test.want)
			}
			if took := time.Since(begin); took > 2*time.Minute {
				t.Errorf("it took %v", took)
			}
		})
	}
}

// TestInterrupted ends with its context.
func TestInterrupted(t *testing.T) {
	dir := folder(t, map[string]string{"own/role.yaml": roleYAML, "own/plain/a.tmpl": "{{range 1000000000000}}{{end}}\n"})
	l, err := library.Open(dir, "")
	if err != nil {
		t.Fatal(err)
	}
	role, err := l.Role("own")
	if err != nil {
		t.Fatal(err)
	}
	checked, err := rules.Check(&spec.Spec{WiFi: spec.WiFi{SSID: "x"}}, role)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(50*time.Millisecond, cancel)
	if _, err := l.Render(ctx, role, checked); err == nil || err.Error() != "context canceled" {
		t.Errorf("got %v", err)
	}
	if _, err := library.BuiltIn().Render(t.Context(), mustRole(t), checkedServer(t)); err != nil {
		t.Error(err)
	}
}

func mustRole(t *testing.T) role.Role {
	t.Helper()
	role, err := library.BuiltIn().Role("tcp-server")
	if err != nil {
		t.Fatal(err)
	}
	return role
}

func checkedServer(t *testing.T) *spec.Spec {
	t.Helper()
	checked, err := rules.Check(&spec.Spec{WiFi: spec.WiFi{SSID: "x"}}, mustRole(t))
	if err != nil {
		t.Fatal(err)
	}
	return checked
}
