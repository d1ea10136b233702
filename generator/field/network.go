package field

import (
	"encoding/binary"
	"fmt"
	"math"
	"math/bits"
	"net/netip"
	"strings"
	"unicode"
)

// The functions below are the checks of single rows of the table: they know
// more to say of a value than that it is not of the row's form.

// checkPassword says what is wrong with a Wi-Fi key without showing it.
func checkPassword(v, shown string) (msg, hint string) {
	raw := len(v) == 64 && strings.Trim(v, "0123456789abcdefABCDEF") == ""
	switch {
	case v == "" || raw:
		return "", ""
	case strings.ContainsFunc(v, func(r rune) bool { return r < ' ' || r > '~' }):
		return shown + " holds a character that is not printable ASCII", ""
	case len(v) < 8:
		return shown + " is shorter than 8 characters", ""
	case len(v) == 64:
		return shown + " has 64 characters, as a raw key has, but not all are hexadecimal digits", ""
	case len(v) > 64:
		return shown + " is longer than 63 characters", ""
	}
	return "", ""
}

func checkIPv4(v, shown string) (msg, hint string) {
	return ipv4Problem(v, shown, "and an IPv4 address is needed here", "and an IPv4 address is needed here"), ""
}

// checkServerIPv4 is checkHost for a style that takes no name and no IPv6.
func checkServerIPv4(v, shown, style string) (msg, hint string) {
	if msg := ipv4Problem(v, shown, "which the "+style+" style cannot use", "which the "+style+" style cannot look up"); msg != "" {
		return msg, ""
	}
	return serverProblem(netip.MustParseAddr(v), shown)
}

// serverProblem says what is wrong with an address that a client is to connect
// to, where no server can have it.
func serverProblem(addr netip.Addr, shown string) (msg, hint string) {
	addr = addr.Unmap()
	switch {
	case addr.IsUnspecified():
		msg = " is the unspecified address: no server can be reached at it"
	case addr.IsLoopback():
		msg = " is a loopback address: it is the board itself"
	case addr.IsMulticast():
		msg = " is a multicast address: TCP connects to a single host"
	case addr == netip.AddrFrom4([4]byte{255, 255, 255, 255}):
		msg = " is the broadcast address: TCP connects to a single host"
	default:
		return "", ""
	}
	return shown + msg, serverHint
}

const serverHint = "write the address of the computer that the server runs on, such as 192.168.1.100: " +
	"`ip addr` (Linux), `ifconfig` (macOS) or `ipconfig` (Windows) shows it there"

// ipv4Problem says what is wrong with an IPv4 address, and of another address
// or a name why it is. netip refuses a leading zero, which inet_addr() would
// take for octal.
func ipv4Problem(v, shown, notIPv6, notName string) string {
	addr, err := netip.ParseAddr(v)
	switch {
	case err == nil && addr.Is4():
		return ""
	case err == nil:
		return shown + " is an IPv6 address, " + notIPv6
	case strings.TrimSpace(v) != v:
		return shown + outerSpace
	case strings.ContainsFunc(v, unicode.IsLetter):
		return shown + " is a host name, " + notName
	}
	return shown + " is not an IPv4 address"
}

const outerSpace = " has a space before or after the address"

func checkNetmask(v, shown string) (msg, hint string) {
	if msg, hint := checkIPv4(v, shown); msg != "" {
		return msg, hint
	}
	zeros := bits.TrailingZeros32(IPv4(v))
	switch {
	case IPv4(v)|(1<<zeros-1) != math.MaxUint32:
		return shown + " is not a netmask: it has a zero before a one", ""
	case zeros < 2:
		return shown + " has no room for the station and a gateway", ""
	case zeros == 32:
		return shown + " is the netmask of every address, not of a subnet", ""
	}
	return "", ""
}

// checkHost says what is wrong with an address or a host name.
func checkHost(v, shown string) (msg, hint string) {
	addr, err := netip.ParseAddr(v)
	labels := strings.Split(v, ".")
	switch {
	case err == nil && addr.Zone() != "":
		return shown + " has a zone, which is another one on each host", "leave out the % and what follows"
	case err == nil:
		return serverProblem(addr, shown)
	case strings.EqualFold(v, "localhost"):
		return shown + " is the board itself", serverHint
	case v == "":
		return "it is empty", ""
	case strings.TrimSpace(v) != v:
		return shown + outerSpace, ""
	case strings.Contains(v, ":"):
		return shown + " is not an IPv6 address", "leave out brackets; the port goes into server.port"
	case isNumber(labels[len(labels)-1]):
		return shown + " ends in a number, as no host name does, and is not an IPv4 address", ""
	case len(v) > 253:
		return fmt.Sprintf("%s is %d characters long, above the limit of 253", shown, len(v)), ""
	}
	for _, label := range labels {
		if problem := labelProblem(label, 63); problem != "" {
			return fmt.Sprintf("%s is not a host name: a part between dots %s", shown, problem), ""
		}
	}
	return "", ""
}

// isNumber reports whether lwIP takes a part of an address for a number.
func isNumber(label string) bool {
	if hex := Hex(label); hex.Valid() {
		return true
	}
	return label != "" && strings.Trim(label, "0123456789") == ""
}

func checkHostname(v, shown string) (msg, hint string) {
	if problem := labelProblem(v, maxHostname); problem != "" {
		return fmt.Sprintf("%s is not a host name: it %s", shown, problem), ""
	}
	return "", ""
}

// labelProblem says what is wrong with one part of a host name.
func labelProblem(label string, most int) string {
	switch {
	case label == "":
		return "is empty"
	case strings.ContainsFunc(label, func(r rune) bool {
		return r != '-' && (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z')
	}):
		return "has a character that is no letter, no digit and no -"
	case strings.Trim(label, "-") != label:
		return "begins or ends with -"
	case len(label) > most:
		return fmt.Sprintf("is %d characters long, above the limit of %d", len(label), most)
	}
	return ""
}

// IPv4 is the number that an IPv4 address stands for. It panics where text is none.
func IPv4(text string) uint32 {
	octets := netip.MustParseAddr(text).As4()
	return binary.BigEndian.Uint32(octets[:])
}

// Hostname is the default host name of a project. A project's name may end in
// _, a host name not in -.
func Hostname(project string) string {
	return strings.TrimRight(strings.ReplaceAll(project, "_", "-"), "-")
}
