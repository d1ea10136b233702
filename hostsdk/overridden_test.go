package hostsdk

import (
	"fmt"
	"strings"
	"testing"
)

const overriddenKconfig = `config PORT
    int "Port"
    default 9000
config HEX
    hex "Hex"
    default 0x10
config NAME
    string "Name"
    default "new"
config FLAG
    bool "Flag"
    default y
config PASSWORD
    string "Password"
    default ""
config HIDDEN
    int "Hidden"
    depends on !FLAG
    default 7
choice AUTH
    prompt "Auth"
    default AUTH_B
    config AUTH_A
        bool "A"
    config AUTH_B
        bool "B"
    config AUTH_C
        bool "C"
endchoice
choice
    prompt "Nameless"
    default X
    config X
        bool "X"
    config Y
        bool "Y"
endchoice
`

func sourceOf(files map[string]string) Source {
	return func(name string) (string, error) { return files[name], nil }
}

// TestOverridden has a sdkconfig with each kind of option, and brings it up to
// date.
func TestOverridden(t *testing.T) {
	t.Parallel()
	files := map[string]string{
		"main/Kconfig.projbuild": overriddenKconfig,
		"sdkconfig.defaults":     "CONFIG_LWIP_MAX_SOCKETS=13\nCONFIG_VFS=n\nCONFIG_LOG_DEFAULT_LEVEL_DEBUG=y\nCONFIG_SAME=y\nCONFIG_NOT_THERE=5\n",
		"sdkconfig.secrets":      "CONFIG_PASSWORD=\"new secret\"\n",
	}
	const same = "# by ESP-IDF\nCONFIG_PORT=9000\nCONFIG_HEX=0x010\nCONFIG_NAME=\"new\"\nCONFIG_FLAG=y\nCONFIG_PASSWORD=\"new secret\"\n" +
		"# CONFIG_AUTH_A is not set\nCONFIG_AUTH_B=y\n# CONFIG_AUTH_C is not set\nCONFIG_X=y\n# CONFIG_Y is not set\n" +
		"CONFIG_LWIP_MAX_SOCKETS=13\n# CONFIG_VFS is not set\nCONFIG_LOG_DEFAULT_LEVEL_DEBUG=y\nCONFIG_SAME=y\nCONFIG_OTHER=1\n"
	other := strings.NewReplacer(
		"PORT=9000", "PORT=8080", "0x010", "0x11", `"new"`, `"old"`, "CONFIG_FLAG=y", "# CONFIG_FLAG is not set\nCONFIG_HIDDEN=8", "new secret", "old secret",
		"# CONFIG_AUTH_A is not set\nCONFIG_AUTH_B=y", "CONFIG_AUTH_A=y\n# CONFIG_AUTH_B is not set", "CONFIG_X=y\n# CONFIG_Y is not set", "# CONFIG_X is not set\nCONFIG_Y=y",
		"SOCKETS=13", "SOCKETS=10", "# CONFIG_VFS is not set", "CONFIG_VFS=y", "CONFIG_LOG_DEFAULT_LEVEL_DEBUG=y", "# CONFIG_LOG_DEFAULT_LEVEL_DEBUG is not set\nCONFIG_LOG_DEFAULT_LEVEL_INFO=y",
	).Replace(same)
	for _, crlf := range []bool{false, true} {
		end := func(text string) string {
			if crlf {
				return strings.ReplaceAll(text, "\n", "\r\n")
			}
			return text
		}
		files["sdkconfig"] = end(same)
		if list, err := Overridden("p", sourceOf(files)); err != nil || len(list) > 0 {
			t.Errorf("of the same: %+v, %v", list, err)
		}
		files["sdkconfig"] = end(other)
		list, err := Overridden("p", sourceOf(files))
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, o := range list {
			got = append(got, fmt.Sprintf("%s: %s, %s, %v", o.Name, o.Value, o.Default, o.Secret))
		}
		want := []string{
			"CONFIG_AUTH: CONFIG_AUTH_A, CONFIG_AUTH_B, false",
			"CONFIG_FLAG: n, y, false",
			"CONFIG_HEX: 0x11, 0x10, false",
			"CONFIG_LOG_DEFAULT_LEVEL_DEBUG: n, y, false",
			"CONFIG_LWIP_MAX_SOCKETS: 10, 13, false",
			`CONFIG_NAME: "old", "new", false`,
			`CONFIG_PASSWORD: "old secret", "new secret", true`,
			"CONFIG_PORT: 8080, 9000, false",
			"CONFIG_VFS: y, n, false",
			"choice of CONFIG_X: CONFIG_Y, CONFIG_X, false",
		}
		if strings.Join(got, "\n") != strings.Join(want, "\n") {
			t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
		files["sdkconfig"] = Bring(end(other), list)
		if list, err := Overridden("p", sourceOf(files)); err != nil || len(list) > 0 {
			t.Errorf("after it is brought up to date: %+v, %v\n%s", list, err, files["sdkconfig"])
		}
		if !strings.Contains(files["sdkconfig"], "CONFIG_OTHER=1") || !strings.HasPrefix(files["sdkconfig"], "# by ESP-IDF") {
			t.Errorf("another line is changed:\n%s", files["sdkconfig"])
		}
		if n := strings.Count(files["sdkconfig"], "CONFIG_LOG_DEFAULT_LEVEL_DEBUG"); n != 1 {
			t.Errorf("it has %d lines of an option", n)
		}
	}
}

// TestInferred has lines that ESP-IDF 6 says nobody set: sdkconfig.defaults wins
// over them, a new default of a Kconfig file does not.
func TestInferred(t *testing.T) {
	t.Parallel()
	list, err := Overridden("p", sourceOf(map[string]string{
		"main/Kconfig.projbuild": overriddenKconfig,
		"sdkconfig.defaults":     "CONFIG_NAME=\"given\"\nCONFIG_LWIP_MAX_SOCKETS=13\n",
		"sdkconfig":              "# default:\nCONFIG_PORT=8080\n# default:\nCONFIG_NAME=\"old\"\n# default:\nCONFIG_LWIP_MAX_SOCKETS=10\n",
	}))
	if err != nil || len(list) != 1 || list[0].Name != "CONFIG_PORT" || !list[0].Inferred {
		t.Errorf("got %+v, %v", list, err)
	}
	if list, err := Overridden("p", sourceOf(nil)); err != nil || len(list) > 0 {
		t.Errorf("without sdkconfig: %+v, %v", list, err)
	}
}

// TestFormer has an option that the project's files gave formerly.
func TestFormer(t *testing.T) {
	t.Parallel()
	const text = "CONFIG_A=1\nCONFIG_B=2\n# default:\nCONFIG_C=3\n"
	list, err := Overridden("p", sourceOf(map[string]string{"sdkconfig": text, "sdkconfig.defaults": "CONFIG_B=2\n"}), "CONFIG_C", "CONFIG_B", "CONFIG_A", "CONFIG_D")
	if err != nil || len(list) != 1 || list[0] != (Option{Name: "CONFIG_A", Value: "1"}) {
		t.Fatalf("got %+v, %v", list, err)
	}
	if got, want := Bring(text, list), "CONFIG_B=2\n# default:\nCONFIG_C=3\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestDefaults wants no secret among the defaults.
func TestDefaults(t *testing.T) {
	t.Parallel()
	got, err := Defaults(sourceOf(map[string]string{
		"main/Kconfig.projbuild": overriddenKconfig,
		"sdkconfig.defaults":     "CONFIG_PORT=1\n",
		"sdkconfig.secrets":      "CONFIG_PASSWORD=\"hush\"\nCONFIG_MORE=\"hush\"\n",
		"sdkconfig":              "CONFIG_PORT=2\n",
	}))
	if err != nil || got["CONFIG_PORT"] != "1" || got["CONFIG_AUTH"] != "CONFIG_AUTH_B" || got["CONFIG_FLAG"] != "y" || strings.Contains(fmt.Sprint(got), "hush") {
		t.Errorf("got %v, %v", got, err)
	}
}

// TestBringMany brings as many options up to date as an sdkconfig can have.
func TestBringMany(t *testing.T) {
	t.Parallel()
	var text, want strings.Builder
	var options []Option
	for i := range 50_000 {
		name := fmt.Sprintf("CONFIG_A%d", i)
		fmt.Fprintf(&text, "%s=1\n", name)
		fmt.Fprintf(&want, "%s=2\n", name)
		options = append(options, Option{Name: name, Value: "1", Default: "2"})
	}
	if Bring(text.String(), options) != want.String() {
		t.Error("they are not brought up to date")
	}
}

// FuzzBring wants each option to have its default then, and all other lines as
// they were.
func FuzzBring(f *testing.F) {
	f.Add("CONFIG_A=1\n# CONFIG_B is not set\nCONFIG_AB=2\r\n", "2", true)
	f.Fuzz(func(t *testing.T, text, value string, own bool) {
		if value == "" || strings.ContainsAny(value, "\r\n") {
			return
		}
		options := []Option{{Name: "CONFIG_A", Default: value, own: own}, {Name: "CONFIG_B", Default: "y", own: own}}
		got := Bring(text, options)
		c := &configuration{settings: map[string]setting{}, secrets: map[string]bool{}}
		c.read("f", got, false)
		if s := c.settings["CONFIG_B"]; s.text != "y" {
			t.Errorf("CONFIG_B is %q in %q", s.text, got)
		}
		rest := func(text string) string {
			var b strings.Builder
			for line := range strings.Lines(text) {
				if name := optionOf(strings.TrimRight(line, " \t\r\n")); name != "CONFIG_A" && name != "CONFIG_B" {
					b.WriteString(line)
				}
			}
			return b.String()
		}
		if a, b := strings.TrimRight(rest(text), "\n"), strings.TrimRight(rest(got), "\n"); a != b {
			t.Errorf("%q becomes %q", a, b)
		}
	})
}
