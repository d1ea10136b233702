package generator_test

import (
	"strings"
	"testing"

	"github.com/espgen/espgen/generator"
	"github.com/espgen/espgen/templates"
)

// TestTemplatesPrintWhatIsDeclared holds every role to what it declares, both
// ways.
func TestTemplatesPrintWhatIsDeclared(t *testing.T) {
	names, err := generator.RoleNames(templates.FS)
	if err != nil || len(names) == 0 {
		t.Fatal(names, err)
	}
	for _, name := range names {
		role, err := generator.LoadRole(templates.FS, name)
		if err != nil {
			t.Fatal(err)
		}
		for _, fault := range generator.CheckTemplates(templates.FS, role) {
			t.Error(fault)
		}
	}
}

// TestUndeclared finds what a role's templates print that it does not declare,
// in every place that a field can stand in, and what it declares in vain.
func TestUndeclared(t *testing.T) {
	for name, test := range map[string]struct{ text, want string }{
		"plain":         {"a\n  {{.mqtt.port}}\n", "templates/roles/mqtt/plain/main/main.c.tmpl:2:10: mqtt.port: the role declares no such field"},
		"in a function": {"{{cquote .mqtt.port}}\n", "main.c.tmpl:1:15: mqtt.port: "},
		"in brackets":   {"{{if and .wifi.open (not .mqtt.port)}}{{end}}\n", "mqtt.port: "},
		"in else":       {"{{if .wifi.open}}{{else}}{{.nope}}{{end}}\n", "nope: "},
		"from the top":  {"{{with .mqtt}}{{$.nope}}{{.broker}}{{end}}\n", "nope: "},
		"below with":    {"{{with .mqtt}}{{.nope}}{{end}}\n", "mqtt.nope: "},
		"in a range":    {"{{range .options}}{{.nam}}{{end}}\n", "nam: "},
		"a chain":       {"{{(.mqtt).nope}}\n", "mqtt.nope: "},
		"not its field": {"{{.server.port}}\n", "server: "},
		"a partial":     {"{{template \"p\" .mqtt}}\n", "templates/roles/mqtt/partials/p.tmpl:1:3: mqtt.inner: "},
	} {
		fsys := overlay(t, map[string]string{
			"roles/mqtt/role.yaml": ownRole, "roles/mqtt/plain/main/main.c.tmpl": ownTemplate + "// {{.client.greeting}}\n{{template \"wifi_callback.c\" .}}\n",
			"roles/mqtt/partials/p.tmpl": "{{.inner}}{{.broker}}\n", "roles/mqtt/plain/main/token.h.tmpl": ownHeader,
		})
		role, err := generator.LoadRole(fsys, "mqtt")
		if err != nil {
			t.Fatal(err)
		}
		if faults := generator.CheckTemplates(fsys, role); len(faults) > 0 {
			t.Fatal(faults)
		}
		fsys = overlay(t, map[string]string{
			"roles/mqtt/role.yaml": ownRole, "roles/mqtt/plain/main/main.c.tmpl": test.text, "roles/mqtt/partials/p.tmpl": "{{.inner}}{{.broker}}\n",
		})
		faults := generator.CheckTemplates(fsys, role)
		if len(faults) != 1 || !strings.Contains(faults[0].Error(), test.want) {
			t.Errorf("%s: got %v\nwant %s", name, faults, test.want)
		}
	}
	fsys := overlay(t, map[string]string{"roles/mqtt/role.yaml": ownRole, "roles/mqtt/plain/main/main.c.tmpl": "{{.mqtt.tls}}{{template \"wifi_callback.c\" .}}{{template \"wifi_sta_init.c\" .}}\n"})
	role, err := generator.LoadRole(fsys, "mqtt")
	if err != nil {
		t.Fatal(err)
	}
	var all strings.Builder
	for _, fault := range generator.CheckTemplates(fsys, role) {
		all.WriteString(fault.Error() + "\n")
	}
	for _, path := range []string{"mqtt.token", "mqtt.qos", "mqtt.retain", "mqtt.pause_ms", "mqtt.client_id", "client.greeting"} {
		if !strings.Contains(all.String(), "roles/mqtt/role.yaml: styles.plain: no template prints the field "+path+" ") {
			t.Errorf("%s is unused, and that is not told:\n%s", path, &all)
		}
	}
	if strings.Contains(all.String(), "mqtt.broker") || strings.Contains(all.String(), "wifi.retries") {
		t.Errorf("what is derived of them is printed:\n%s", &all)
	}
}
