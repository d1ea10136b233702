package generator

import (
	"maps"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"github.com/espgen/espgen/generator/escape"
	"github.com/espgen/espgen/generator/spec"
)

// A View is what templates print: a checked spec with every decision made.
// A field that the role does not use is zero.
type View struct {
	Guide            string // the guide's section that the style follows: "3.2"
	Project          string
	Target           string // "esp32s3"
	Chip             string // as Espressif writes it: "ESP32-S3"
	IDF              string // ">=5.1"
	WiFi             WiFiView
	Family           string // of addresses: "IPV4", "IPV6" or "DUAL"
	IPv6             bool   // they are IPv6's, among others
	Server           ServerView
	Client           ClientView
	Greeting         string
	RX               int // bytes
	TX               int // bytes
	KeepAlive        KeepAliveView
	NoDelay          bool
	SendTimeoutMS    int // 0: never
	HandlerTimeoutMS int
	Stack            int // bytes
	Priority         int
	Core             int      // -1: any
	AcceptMailbox    int      // size of lwIP's mailbox for accept(); 0: the default
	Sockets          int      // size of lwIP's socket table
	Options          []Option // of the spec's sdkconfig, sorted by name
	Components       []string // that these options need, beside those of the code; sorted
}

// WiFiView is the part of a [View] about the Wi-Fi station.
type WiFiView struct {
	SSID            string
	Password        string
	Open            bool // no password
	SSIDFull        bool // the SSID fills its field, with no room for a NUL
	PasswordFull    bool // the password does
	Retries         int
	RetryLimit      int // the failure with this number is not followed by a retry
	RetryDelayMS    int
	WaitMS          int
	PowerSave       string // the constant: "WIFI_PS_NONE"
	SSIDKconfig     bool   // Kconfig can hold the SSID
	PasswordKconfig bool   // and the password
	Backoff         BackoffView
	RebootS         int    // 0: never
	Scan            string // "ALL" or "FAST"
	Auth            string // the constant: "WIFI_AUTH_WPA2_PSK"
	Hostname        string
	StaticIP        *StaticIPView // nil: DHCP
}

// StaticIPView is the part of a [View] about the station's static address.
type StaticIPView struct {
	Address, Netmask, Gateway, DNS string
}

// BackoffView is the delays between tries, which grow from the first to the
// longest.
type BackoffView struct {
	FirstMS, LongestMS int
}

// ServerView is the part of a [View] about the server.
type ServerView struct {
	Addr            string
	Port            int
	Backlog         int
	MaxClients      int
	Tasks           bool   // each client has a task of its own
	IdleTimeoutS    int    // 0: never
	SessionTimeoutS int    // 0: never
	WhenFull        string // "WAIT" or "CLOSE_IDLE"
}

// ClientView is the part of a [View] about a client's connections.
type ClientView struct {
	LooksUp          bool // the server's address is a host name
	ConnectTimeoutMS int
	Backoff          BackoffView
}

// KeepAliveView is the part of a [View] about keep-alive. Its times are in
// seconds.
type KeepAliveView struct {
	Enable   bool
	Idle     int
	Interval int
	Count    int
	Total    int // from the last sign of life to the end of the connection
}

// An Option is a line of sdkconfig.defaults.
type Option struct {
	Name  string // CONFIG_...
	Value string // as Kconfig writes it: y, 10, "text"
}

// ESP-IDF's fields for them: uint8_t ssid[32], uint8_t password[64].
const (
	ssidField     = 32
	passwordField = 64
)

func newView(s *spec.Spec, role spec.Role) *View {
	ka := KeepAliveView{
		Enable:   value(s.KeepAlive.Enable),
		Idle:     value(s.KeepAlive.Idle),
		Interval: value(s.KeepAlive.Interval),
		Count:    value(s.KeepAlive.Count),
	}
	ka.Total = ka.Idle + ka.Interval*ka.Count
	password := value(s.WiFi.Password)
	style := role.Styles[*s.Style]
	family := strings.ToUpper(spec.Family(s))
	return &View{
		Guide:   style.Guide,
		Project: *s.Project,
		Target:  *s.Target,
		Chip:    chip(*s.Target),
		IDF:     *s.IDF,
		Family:  family,
		IPv6:    family != "IPV4",
		WiFi: WiFiView{
			SSID:            s.WiFi.SSID,
			Password:        password,
			Open:            password == "",
			SSIDFull:        len(s.WiFi.SSID) == ssidField,
			PasswordFull:    len(password) == passwordField,
			Retries:         value(s.WiFi.Retries),
			RetryLimit:      value(s.WiFi.Retries) + 1,
			RetryDelayMS:    value(s.WiFi.RetryDelayMS),
			WaitMS:          value(s.WiFi.WaitMS),
			PowerSave:       "WIFI_PS_" + strings.ToUpper(*s.WiFi.PowerSave),
			SSIDKconfig:     inKconfig(s.WiFi.SSID),
			PasswordKconfig: inKconfig(password),
			Backoff:         backoff(s.WiFi.BackoffMS),
			RebootS:         value(s.WiFi.RebootTimeoutS),
			Scan:            strings.ToUpper(value(s.WiFi.Scan)),
			Auth:            auth(s.WiFi.Auth),
			Hostname:        value(s.WiFi.Hostname),
			StaticIP:        staticIP(s.WiFi.StaticIP),
		},
		Server: ServerView{
			Addr:            value(s.Server.Addr),
			Port:            value(s.Server.Port),
			Backlog:         value(s.Server.Backlog),
			MaxClients:      value(s.Server.MaxClients),
			Tasks:           value(s.Server.MaxClients) > 1,
			IdleTimeoutS:    value(s.Server.IdleTimeoutS),
			SessionTimeoutS: value(s.Server.SessionTimeoutS),
			WhenFull:        strings.ToUpper(value(s.Server.WhenFull)),
		},
		Client: ClientView{
			LooksUp:          s.Server.Addr != nil && !isAddress(*s.Server.Addr),
			ConnectTimeoutMS: value(s.Client.ConnectTimeoutMS),
			Backoff:          backoff(s.Client.BackoffMS),
		},
		Greeting:         value(s.Client.Greeting),
		RX:               value(s.Buffers.RX),
		TX:               value(s.Buffers.TX),
		KeepAlive:        ka,
		NoDelay:          value(s.Socket.NoDelay),
		SendTimeoutMS:    value(s.Socket.SendTimeoutMS),
		HandlerTimeoutMS: value(s.Socket.HandlerTimeoutMS),
		Stack:            value(s.Task.Stack),
		Priority:         value(s.Task.Priority),
		Core:             core(s.Task.Core),
		AcceptMailbox:    spec.AcceptMailbox(s),
		Sockets:          style.Sockets(s),
		Options:          options(s.Sdkconfig),
		Components:       spec.Components(s),
	}
}

// value is what p points to, zero where the role does not use the field.
func value[T any](p *T) T {
	if p == nil {
		var zero T
		return zero
	}
	return *p
}

func isAddress(text string) bool {
	_, err := netip.ParseAddr(text)
	return err == nil
}

// inKconfig reports whether the files of a configuration hold s as it is. They
// hold lines of text, in which $ begins a macro; on Windows, not every encoding
// is UTF-8. CMake reads them, too: it expands ${NAME}, or stops and shows the
// line.
func inKconfig(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r > '~' || strings.ContainsRune(`"'\$`, r) })
}

func backoff(ms *[2]int) BackoffView {
	pair := value(ms)
	return BackoffView{pair[0], pair[1]}
}

func auth(name *string) string {
	if name == nil {
		return ""
	}
	return "WIFI_AUTH_" + strings.ToUpper(*name)
}

func staticIP(ip spec.StaticIP) *StaticIPView {
	if ip.Address == nil {
		return nil
	}
	return &StaticIPView{*ip.Address, value(ip.Netmask), value(ip.Gateway), value(ip.DNS)}
}

func core(number *int) int {
	if number == nil {
		return -1
	}
	return *number
}

// chip writes a target as Espressif does: esp32c61 is ESP32-C61.
func chip(target string) string {
	name := strings.ToUpper(target)
	if variant, ok := strings.CutPrefix(name, "ESP32"); ok && variant != "" {
		return "ESP32-" + variant
	}
	return name
}

func options(values map[string]any) []Option {
	var list []Option
	for _, name := range slices.Sorted(maps.Keys(values)) {
		list = append(list, Option{name, kconfigValue(values[name])})
	}
	return list
}

// kconfigValue writes a value as sdkconfig does. The strings y and n mean the
// booleans, as in Kconfig's own files.
func kconfigValue(value any) string {
	switch v := value.(type) {
	case bool:
		if v {
			return "y"
		}
		return "n"
	case int:
		return strconv.Itoa(v)
	case spec.Hex:
		return string(v)
	case string:
		if v == "y" || v == "n" {
			return v
		}
		return escape.Kconfig(v)
	}
	return ""
}
