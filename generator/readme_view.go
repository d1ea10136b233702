package generator

import (
	"net/netip"
	"strings"
	"unicode"
	"unicode/utf8"
)

// What a project's README shows of its log and its commands comes from the
// spec, where the spec knows it. These words stand for what only the network
// knows.
const (
	boardWord  = "BOARD"
	serverWord = "SERVER"
)

// Board is the board's address: the static one, or BOARD.
func (v *View) Board() string {
	if v.BoardUnknown() {
		return boardWord
	}
	return v.WiFi.StaticIP.Address
}

// BoardUnknown reports whether the network gives the board the address by
// which it is reached.
func (v *View) BoardUnknown() bool { return v.WiFi.StaticIP == nil || v.Family == "IPV6" }

// ServerShown is the server's address as the log of a client shows it, or
// SERVER where its name must be looked up.
func (v *View) ServerShown() string {
	addr, err := netip.ParseAddr(v.Server.Addr)
	switch {
	case err != nil:
		return serverWord
	case addr.Is6():
		return "[" + strings.ToUpper(addr.String()) + "]" // as lwIP writes it
	}
	return v.Server.Addr
}

// ServerUnknown reports whether the address of a client's server must be looked
// up.
func (v *View) ServerUnknown() bool { return v.ServerShown() == serverWord }

// SSIDShown is the SSID as the log shows it, or "..." where it is not a line of
// text.
func (v *View) SSIDShown() string {
	if !utf8.ValidString(v.WiFi.SSID) || strings.ContainsFunc(v.WiFi.SSID, func(r rune) bool { return !unicode.IsPrint(r) }) {
		return "..."
	}
	return v.WiFi.SSID
}

// OnlyIPv6 reports whether the board is reached over IPv6 and not over IPv4.
func (v *View) OnlyIPv6() bool { return v.Family == "IPV6" }

// BufferRAM is what the buffers of all of a server's clients take, in bytes.
func (v *View) BufferRAM() int { return v.Server.MaxClients * (v.RX + v.TX) }
