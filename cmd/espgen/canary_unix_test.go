//go:build unix

package main

import (
	"bytes"
	"cmp"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"

	"github.com/espgen/espgen/generator/field"
	"github.com/espgen/espgen/generator/role"
	"github.com/espgen/espgen/library"
)

// canaries are values that no project has by itself. Of each pair, one is what a
// field is given at first, the other one later. Every field takes a kind of them,
// and each field has its own, by a number.
func canaries(i int) [][2]string {
	n := strconv.Itoa(10 + i)
	return [][2]string{
		{`kanarien"vogel` + n, `zaun"koenig` + n}, // what Kconfig cannot hold
		{"kanarien_vogel" + n, "zaun_koenig" + n},
		{"10.77.66.1" + n, "10.77.66.2" + n},
		{"kanarienvogel-" + n, "zaunkoenig-" + n},
		{"255.255.254.0", "255.255.252.0"},
		{">=5.5.1" + n, ">=5.5.2" + n},
	}
}

// ownTemplates is a role with a file of its own for what is hidden, and a part of
// espgen's that it does not have to name.
var ownTemplates = map[string]string{
	"hider/role.yaml": `title: Hider
summary: a role that hides
params:
  hider.text: {type: string, max: 100, default: "", summary: a text}
  hider.token: {type: string, secret: true, max: 100, default: "", summary: a token}
  hider.tracked: {type: string, max: 100, default: "", summary: a text that git tracks}
styles:
  plain:
    include: [project, wifi_secrets, sockets, wifi_station]
    files: {main/hider.h: {mode: 0600}, main/text.h: {hides: true}}
`,
	"hider/plain/main/hider.h.tmpl":           "#define TOKEN {{cquote .hider.token}}\n",
	"hider/plain/main/text.h.tmpl":            "#define TEXT {{cquote .hider.text}}\n",
	"hider/plain/main/main.c.tmpl":            "int i; // {{.hider.tracked}}\n",
	"hider/plain/main/Kconfig.projbuild.tmpl": "menu \"x\"\n    {{template \"wifi_station.kconfig\" .}}\nendmenu\n",
	"hider/plain/README.md.tmpl":              "Says {{markdown .hider.text}}, with {{len .hider.text}} bytes.\n",
}

// TestCanary plants a value in every string field, and in an option, of every
// role and style, by every way. It is refused, with its place, or it is in no
// file but those that its owner alone may read, and in nothing that a command
// prints. The guide's main.c is the exception.
func TestCanary(t *testing.T) {
	roles := t.TempDir()
	for name, text := range ownTemplates {
		file := filepath.Join(roles, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	lib, err := library.Open(roles, "")
	if err != nil {
		t.Fatal(err)
	}
	all, err := lib.Roles()
	if err != nil {
		t.Fatal(err)
	}
	builtIn, err := library.BuiltIn().Names()
	if err != nil {
		t.Fatal(err)
	}
	for _, role := range all {
		from := roles
		if slices.Contains(builtIn, role.Name) {
			from = "" // which takes less time
		}
		for _, style := range role.StyleNames() {
			for _, way := range []string{"!env CANARY", "!secret canary", plain, "--set"} {
				t.Run(role.Name+" "+style+" "+way, func(t *testing.T) {
					t.Parallel()
					c := canary{T: t, dir: t.TempDir(), roles: from, role: role, style: style, way: way}
					c.run()
				})
			}
		}
	}
}

// plain is the way of a value that stands in the spec itself. Only a secret field
// hides one.
const plain = "plain"

// A canary is a value that is planted in the specs of a style.
type canary struct {
	*testing.T
	dir, roles string
	role       role.Role
	style, way string
	set        []string // what --set gives now
}

// A planted is a field that has the value.
type planted struct {
	path  string
	value [2]string
}

func (c *canary) run() {
	var accepted []planted
	var refused []string
	for i, path := range c.fields() {
		taken := c.accepts(i, path)
		if len(taken) == 0 {
			refused = append(refused, path)
			continue
		}
		accepted = append(accepted, taken[0])
		for n, p := range taken[1:] { // of another kind
			if c.way == "!secret canary" {
				break // as with !env
			}
			c.live([]planted{p}, path+strconv.Itoa(n))
		}
	}
	c.live(accepted, "all")
	// These are in files that work with the value alone, and that git tracks.
	var want []string
	if strings.HasPrefix(c.way, "!") {
		if !c.role.Styles[c.style].HidesOptions {
			want = append(want, "sdkconfig.CONFIG_APP_TOKEN")
		}
		want = append(want, "project", "idf")
		if c.role.Name == "hider" {
			want = append(want, "hider.tracked")
		}
	}
	if !slices.Equal(refused, want) {
		c.Errorf("refused are %v, not %v", refused, want)
	}
}

// fields lists the string fields of the style that nobody can know the values
// of, and an option.
func (c *canary) fields() []string {
	var list []string
	isTag := strings.HasPrefix(c.way, "!")
	if isTag {
		list = append(list, "sdkconfig.CONFIG_APP_TOKEN")
	}
	for _, f := range c.role.Table() {
		isText := f.Kind == field.Text || f.Kind == field.Name
		_, used := c.role.Styles[c.style].Uses(f)
		if isText && used && (isTag || f.Secret) && len(f.Values) == 0 && !slices.Contains([]string{"role", "style", "templates"}, f.Path) {
			list = append(list, f.Path)
		}
	}
	return list
}

// accepts tries the canaries that the field takes. Where it takes none since they
// would be seen, the refusal must name the field's place.
func (c *canary) accepts(i int, path string) (taken []planted) {
	isRefused := false
	for _, value := range canaries(i) {
		out, err := c.espgen(c.spec([]planted{{path, value}}, 0), "validate", "spec.yaml")
		if err == nil {
			taken = append(taken, planted{path, value})
		}
		if strings.Contains(out, "which git tracks") {
			isRefused = true
			if !strings.Contains(out, path+": the value of "+c.way+" would be in ") || !strings.HasPrefix(out, "spec.yaml:") {
				c.Errorf("%s is refused without its place:\n%s", path, out)
			}
		}
		if strings.Contains(out, value[0]) {
			c.Errorf("%s: %q is printed:\n%s", path, value[0], out)
		}
	}
	if isRefused == (len(taken) > 0) {
		c.Errorf("%s takes %v of the canaries, and refuses others", path, taken)
	}
	return taken
}

// live makes a project with the canary, and changes the canary, and more.
func (c *canary) live(list []planted, name string) {
	p := filepath.Join("p", name)
	var out strings.Builder
	do := func(env []string, args ...string) {
		text, err := c.espgen(env, args...)
		out.WriteString(text)
		if code := exitOf(err); code != exitOK && code != exitStale {
			c.Errorf("%s: espgen %v: %v\n%s", name, args, err, text)
		}
	}
	env := c.spec(list, 0)
	do(env, "new", c.role.Name, "-f", "spec.yaml", "-o", p, "--format", "json")
	do(env, "check", p)
	do(env, "update", p, "--set", "task.priority=7")
	do(env, "diff", p, "--set", "task.priority=8")
	env = c.spec(list, 1)
	do(env, "diff", p)
	do(env, "check", p, "--format", "json")
	do(env, "update", p)
	do(env, "diff", "--mine", p)
	do(env, "validate", "spec.yaml", "--format", "json")
	for _, planted := range list {
		for _, value := range planted.value {
			c.search(p, planted.path, value, out.String())
		}
	}
}

// search looks for a value in what was printed, and in the files that not only
// their owner may read.
func (c *canary) search(dir, path, value, printed string) {
	if strings.Contains(printed, value) {
		c.Errorf("%s: %q is printed:\n%s", path, value, printed)
	}
	forms := []string{value, strings.ReplaceAll(value, `"`, `\"`)}
	found := false
	err := filepath.WalkDir(filepath.Join(c.dir, dir), func(file string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(file)
		info, _ := d.Info()
		has := slices.ContainsFunc(forms, func(form string) bool { return bytes.Contains(bytes.ToLower(data), []byte(strings.ToLower(form))) })
		rel, _ := filepath.Rel(filepath.Join(c.dir, dir), file)
		isKept := info.Mode()&0o077 == 0 || c.role.Styles[c.style].Files[filepath.ToSlash(rel)].Key != ""
		found = found || has
		if has && !isKept {
			c.Errorf("%s: %q is in %s, mode %v", path, value, rel, info.Mode())
		}
		return err
	})
	if err != nil {
		c.Error(err)
	}
	isWiFi := strings.HasPrefix(path, "wifi.")
	if !found && (!isWiFi || slices.ContainsFunc(c.role.Styles[c.style].Components, func(c role.Component) bool { return c.Name == "esp_wifi" })) {
		c.Errorf("%s: %q is nowhere in the project", path, value)
	}
}

// spec writes the spec with the canary, and the secrets, and returns the
// environment that it needs.
func (c *canary) spec(list []planted, which int) (env []string) {
	values := map[string]string{"role": c.role.Name, "style": c.style, "wifi.ssid": "lab"}
	for _, f := range c.role.Table() {
		if use, used := c.role.Styles[c.style].Uses(f); used && use.Required && values[f.Path] == "" {
			values[f.Path] = "10.0.0.9"
		}
	}
	secrets := map[string]string{"none": "x"}
	c.set = nil
	for i, p := range list {
		if strings.HasPrefix(p.path, "wifi.static_ip.") { // they are given together
			for field, value := range map[string]string{"address": "10.77.66.9", "netmask": "255.255.255.0", "gateway": "10.77.66.1", "dns": "10.77.66.2"} {
				path := "wifi.static_ip." + field
				values[path] = cmp.Or(values[path], value)
			}
		}
		switch c.way {
		case plain:
			values[p.path] = p.value[which]
			continue
		case "--set":
			c.set = append(c.set, "--set", p.path+"="+p.value[which])
			continue
		}
		values[p.path] = c.way
		if len(list) > 1 {
			values[p.path] += strconv.Itoa(i)
		}
		_, name, _ := strings.Cut(values[p.path], " ")
		env = append(env, name+"="+p.value[which])
		secrets[name] = p.value[which]
	}
	c.write("spec.yaml", nested(values))
	c.write("secrets.yaml", secrets)
	return env
}

// nested returns values at paths as YAML has them.
func nested(values map[string]string) map[string]any {
	top := map[string]any{}
	for path, value := range values {
		section := top
		keys := strings.Split(path, ".")
		for _, key := range keys[:len(keys)-1] {
			below, ok := section[key].(map[string]any)
			if !ok {
				below = map[string]any{}
				section[key] = below
			}
			section = below
		}
		n := &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: value}
		if tag, name, ok := strings.Cut(value, " "); ok && strings.HasPrefix(tag, "!") {
			n.Tag, n.Value = tag, name
		}
		section[keys[len(keys)-1]] = n
	}
	return top
}

func (c *canary) write(name string, value any) {
	data, err := yaml.Marshal(value)
	if err == nil {
		err = os.WriteFile(filepath.Join(c.dir, name), data, 0o600)
	}
	if err != nil {
		c.Fatal(err)
	}
}

// espgen runs espgen, and returns all that it prints.
func (c *canary) espgen(env []string, args ...string) (out string, err error) {
	cmd := exec.Command("espgen", append(args, c.set...)...)
	cmd.Dir, cmd.Env = c.dir, append(os.Environ(), "ESPGEN_TEMPLATES="+c.roles)
	if strings.HasPrefix(c.way, "!env") {
		cmd.Env = append(cmd.Env, env...)
	}
	text, err := cmd.CombinedOutput()
	return string(text), err
}

// exitOf is the exit status of a command.
func exitOf(err error) int {
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		return exit.ExitCode()
	}
	return exitOK
}
