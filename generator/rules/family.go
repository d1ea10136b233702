package rules

import (
	"net/netip"

	"github.com/espgen/espgen/generator/field"
	"github.com/espgen/espgen/generator/idf"
	"github.com/espgen/espgen/generator/spec"
)

// checkFamilyOptions refuses options that take away the addresses which the
// project needs.
func (c *checker) checkFamilyOptions() {
	if c.faulty("server.family", "server.addr") {
		return
	}
	family := Family(&c.spec)
	for option, other := range map[string]string{"CONFIG_LWIP_IPV4": "ipv6", "CONFIG_LWIP_IPV6": "ipv4"} {
		if family != other && idf.IsOff(c.spec.Sdkconfig[option]) {
			c.errorf(field.Join("sdkconfig", option), "remove it", "the project needs the addresses that this option takes away: its family is %s", family)
		}
	}
}

// Family is the kind of addresses that a project needs: ipv4, ipv6 or dual. A
// host name may stand for either.
func Family(s *spec.Spec) string {
	if s.Server.Family != nil {
		return *s.Server.Family
	}
	if s.Server.Addr == nil {
		return "ipv4"
	}
	addr, err := netip.ParseAddr(*s.Server.Addr)
	switch {
	case err != nil:
		return "dual"
	case addr.Is6():
		return "ipv6"
	}
	return "ipv4"
}
