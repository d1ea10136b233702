package role_test

import (
	"testing"

	"github.com/espgen/espgen/generator/field"
	"github.com/espgen/espgen/generator/role"
)

// TestDescription wants what roles and styles make of a field told by those
// which differ, and once where they do not.
func TestDescription(t *testing.T) {
	styles := func(uses map[string]role.Use) map[string]role.Style {
		m := map[string]role.Style{}
		for name, use := range uses {
			m[name] = role.Style{Part: role.Part{Fields: map[string]role.Use{"server.addr": use, "buffers.rx": use, "server.port": {}}}}
		}
		return m
	}
	four, six, name := role.Use{Default: "192.0.2.1", Form: "ipv4"}, role.Use{Required: true}, role.Use{Default: "host.lan"}
	roles := []role.Role{
		{Name: "a", Styles: styles(map[string]role.Use{"plain": four, "rich": six})},
		{Name: "b", Styles: styles(map[string]role.Use{"plain": name, "rich": six})},
		{Name: "c", Styles: map[string]role.Style{"plain": {}}},
	}
	const ipv4 = "an IPv4 address: four numbers from 0 to 255, with dots between them"
	const anyAddress = "an IPv4 address, an IPv6 address or a host name"
	for path, want := range map[string][2]string{
		"server.addr":     {"a plain: " + ipv4 + "; b plain: " + anyAddress + "; rich: " + anyAddress, "a plain: 192.0.2.1; b plain: host.lan; rich: none, it is required"},
		"server.port":     {"1 to 65535", "8080"},
		"client.greeting": {"at most 1024 bytes, no NUL", `"Hello World!"`}, // nobody uses it
	} {
		f, _ := field.Shared().At(path)
		if got := role.RangeText(f, roles); got != want[0] {
			t.Errorf("%s: the range is %q, want %q", path, got, want[0])
		}
		if got := role.DefaultText(f, roles); got != want[1] {
			t.Errorf("%s: the default is %q, want %q", path, got, want[1])
		}
	}
}

// TestOwnsOption wants a role to own the options that its parts define or fix, and
// those with its own name, in whichever style.
func TestOwnsOption(t *testing.T) {
	r := role.Role{Name: "my-role", Styles: map[string]role.Style{
		"a": {Part: role.Part{Kconfig: []string{"LINK_"}}},
		"b": {Part: role.Part{Sdkconfig: []role.Setting{{Option: "CONFIG_FIXED", Fixed: true}, {Option: "CONFIG_FREE"}, {Comment: "no option"}}}},
	}}
	for option, owned := range map[string]bool{
		"CONFIG_LINK_A": true, "CONFIG_MY_ROLE_X": true, "CONFIG_FIXED": true,
		"CONFIG_FREE": false, "CONFIG_LINKS": false, "CONFIG_FIXED_2": false, "CONFIG_MY_ROLES": false, "CONFIG_TCP_SERVER_PORT": false,
	} {
		if r.OwnsOption(option) != owned {
			t.Errorf("%s: want it to be the role's: %t", option, owned)
		}
	}
}
