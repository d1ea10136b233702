package rules

import (
	"encoding/binary"
	"fmt"
	"net/netip"

	"github.com/espgen/espgen/generator/field"
)

// checkStaticIP wants the station and its gateway to be two hosts of one
// subnet.
func (c *checker) checkStaticIP() {
	ip := c.spec.WiFi.StaticIP
	if ip.Address == nil || ip.Netmask == nil || ip.Gateway == nil || c.faulty("wifi.static_ip.address", "wifi.static_ip.netmask", "wifi.static_ip.gateway") {
		return
	}
	address, mask, gateway := field.IPv4(*ip.Address), field.IPv4(*ip.Netmask), field.IPv4(*ip.Gateway)
	network, broadcast := address&mask, address|^mask
	hint := "write the address of a host in the subnet"
	if c.file.Hidden("wifi.static_ip.address") == "" && c.file.Hidden("wifi.static_ip.netmask") == "" {
		hint = fmt.Sprintf("the subnet's hosts are %s to %s", dotted(network+1), dotted(broadcast-1))
	}
	for _, path := range []string{"wifi.static_ip.address", "wifi.static_ip.gateway"} {
		text, _ := c.spec.Value(path).(string)
		host, shown := field.IPv4(text), c.file.Show(path, text)
		switch {
		case host&mask != network:
			c.errorf(path, hint, "%s is not in the subnet of wifi.static_ip.address", shown)
		case host == network:
			c.errorf(path, hint, "%s is the address of the subnet itself", shown)
		case host == broadcast:
			c.errorf(path, hint, "%s is the subnet's broadcast address", shown)
		}
	}
	if gateway == address {
		c.errorf("wifi.static_ip.gateway", "write the router's address", "%s is the station's own address", c.file.Show("wifi.static_ip.gateway", *ip.Gateway))
	}
}

func dotted(ip uint32) string {
	return netip.AddrFrom4([4]byte(binary.BigEndian.AppendUint32(nil, ip))).String()
}
