// Package spec holds a spec: its values, and its text.
//
// A spec comes from a YAML or JSON file, and from those that it includes, read
// by [Parse], or is built in Go as a [Spec]. The file is walked against a table
// of fields, so that every value has its place and every problem is told. What
// the fields mean, and which values go together, is not known here: package
// rules checks a spec of either kind.
//
// The package does no I/O: it takes bytes, and look-up functions for what a
// spec refers to by !env, !secret and include.
package spec

// A Spec describes one project. A nil field was not given: rules.Check puts the
// default in its place, which is the role's where that has one of its own. In Go
// source, new(8080) makes a pointer to a value.
type Spec struct {
	// Role is what the project does. Allowed: a role that `espgen roles` lists. Default: the
	// command's argument.
	Role string `yaml:"role"`
	// Style is the way the code is written. Allowed: a style that the role has. Default: the
	// role's default style.
	Style *string `yaml:"style"`
	// Project is the name of the project and its binary. Allowed: a small letter, then small
	// letters, digits and _; at most 32 in all. Default: the role, - as _.
	Project *string `yaml:"project"`
	// Target is the chip. Allowed: esp32, esp32s2, esp32s3, esp32c2, esp32c3, esp32c5,
	// esp32c6, esp32c61. Default: esp32.
	Target *string `yaml:"target"`
	// IDF is the range of ESP-IDF versions that may build the project. Allowed: version bounds
	// with commas between them, as idf_component.yml takes them, such as >=5.1,<7.0. Default:
	// >=5.1; >=5.5 for esp32c5 and esp32c61.
	IDF *string `yaml:"idf"`
	// Templates is the folder of further roles and parts, from the spec's own folder. Allowed:
	// 1 to 1024 bytes. Default: none, espgen's own.
	Templates *string `yaml:"templates"`
	// Comments is the language of the generated comments and README. Allowed: en, zh. Default:
	// en.
	Comments *string `yaml:"comments"`
	// WiFi is the station's side of the Wi-Fi network.
	WiFi WiFi `yaml:"wifi"`
	// Server is the TCP server: the project itself, or the one that a client connects to.
	Server Server `yaml:"server"`
	// Client is what a TCP client does once it is connected.
	Client Client `yaml:"client"`
	// Buffers are the sizes of the task's buffers.
	Buffers Buffers `yaml:"buffers"`
	// KeepAlive finds peers that are gone without a word.
	KeepAlive KeepAlive `yaml:"keepalive"`
	// Socket is how the connections' sockets send.
	Socket Socket `yaml:"socket"`
	// Task is the FreeRTOS task that does the networking.
	Task Task `yaml:"task"`
	// Requires is further components of ESP-IDF that your code in main calls. Allowed: a list
	// of at most 32 components of ESP-IDF, each small letters, digits and _. Default: none.
	Requires []string `yaml:"requires"`
	// Sdkconfig is a map of further ESP-IDF options. Allowed: CONFIG_ names, each with true,
	// false, a whole number or a string. Default: nothing.
	Sdkconfig map[string]any `yaml:"sdkconfig"`
	// Own are the values of the role's own fields, by path: "mqtt.broker".
	Own map[string]any `yaml:"-"`
	// Hidden are the strings that go only into files which git does not see: by the path of a
	// field, or of an option, "sdkconfig.CONFIG_TOKEN", how messages call the value. In a file
	// these are the ones that !env and !secret give; [Check] adds those of secret fields.
	Hidden map[string]string `yaml:"-"`
}

// WiFi is the station's side of the Wi-Fi network.
type WiFi struct {
	// SSID is the network's name. Allowed: 1 to 32 bytes (not characters), no NUL. Default:
	// none, it is required.
	SSID string `yaml:"ssid"`
	// Password is the network's key. Allowed: empty (an open network), 8 to 63 printable ASCII
	// characters, or exactly 64 hexadecimal digits. Default: empty.
	Password *string `yaml:"password"`
	// Retries is how many times in a row the station tries to reconnect before it gives up.
	// Allowed: 0 to 254. Default: 5.
	Retries *int `yaml:"retries"`
	// RetryDelayMS is the pause before each of these tries. Allowed: 1 to 60000 ms. Default:
	// 1000.
	RetryDelayMS *int `yaml:"retry_delay_ms"`
	// WaitMS is how long the client's task waits for Wi-Fi before it connects. Allowed: 0 to
	// 600000 ms. Default: 5000.
	WaitMS *int `yaml:"wait_ms"`
	// PowerSave is the modem's power saving. Allowed: none, min_modem, max_modem. Default:
	// none.
	PowerSave *string `yaml:"power_save"`
	// BackoffMS is the first and the longest delay before the station tries to reconnect.
	// Allowed: [FIRST, LONGEST], each 100 to 3600000 ms, the first not above the longest.
	// Default: [500, 30000].
	BackoffMS *[2]int `yaml:"backoff_ms"`
	// RebootTimeoutS is how long the station may be without an address before the device
	// restarts. Allowed: 0 (never), or 120 to 86400 s. Default: 900.
	RebootTimeoutS *int `yaml:"reboot_timeout_s"`
	// Scan is how the station chooses between access points of the same SSID. Allowed: all,
	// fast. Default: all.
	Scan *string `yaml:"scan"`
	// Auth is the weakest security that the station accepts of an access point. Allowed: open,
	// wpa_psk, wpa2_psk, wpa3_psk. Default: wpa2_psk; open where wifi.password is empty.
	Auth *string `yaml:"auth"`
	// Hostname is the name by which the network's DHCP server knows the station. Allowed: at
	// most 32 letters, digits and -, the first and the last no -. Default: the project, _ as -.
	Hostname *string `yaml:"hostname"`
	// StaticIP is the station's address, where no DHCP server gives it one.
	StaticIP StaticIP `yaml:"static_ip"`
}

// StaticIP is the station's address, where no DHCP server gives it one.
type StaticIP struct {
	// Address is the station's own address. Allowed: an IPv4 address: four numbers from 0 to
	// 255, with dots between them. Default: none, DHCP gives it.
	Address *string `yaml:"address"`
	// Netmask is the netmask of the station's subnet. Allowed: 1 to 30 one bits and then zeros,
	// as four numbers with dots between them, such as 255.255.255.0. Default: none, DHCP gives
	// it.
	Netmask *string `yaml:"netmask"`
	// Gateway is the address of the subnet's router. Allowed: an IPv4 address: four numbers
	// from 0 to 255, with dots between them. Default: none, DHCP gives it.
	Gateway *string `yaml:"gateway"`
	// DNS is the address of the DNS server. Allowed: an IPv4 address: four numbers from 0 to
	// 255, with dots between them. Default: none, DHCP gives it.
	DNS *string `yaml:"dns"`
}

// Server is the TCP server: the project itself, or the one that a client
// connects to.
type Server struct {
	// Addr is the server's address, for a client. Allowed: an IPv4 address, an IPv6 address or
	// a host name. Default: the role's.
	Addr *string `yaml:"addr"`
	// Port is the TCP port. Allowed: 1 to 65535. Default: 8080.
	Port *int `yaml:"port"`
	// Backlog is how many connections may wait to be accepted. Allowed: 1 to 64 connections.
	// Default: server.max_clients, at most 6 before ESP-IDF 5.3.
	Backlog *int `yaml:"backlog"`
	// MaxClients is how many clients are served at a time. Allowed: 1 to 15 clients. Default: the
	// role's.
	MaxClients *int `yaml:"max_clients"`
	// Family is the kind of addresses that the server listens on. Allowed: ipv4, ipv6, dual.
	// Default: ipv4.
	Family *string `yaml:"family"`
	// IdleTimeoutS is how long no data may come from a client or go to it before the server
	// closes its connection. Allowed: 0 (never) to 86400 s. Default: 0.
	IdleTimeoutS *int `yaml:"idle_timeout_s"`
	// SessionTimeoutS is how long a connection may be open before the server closes it.
	// Allowed: 0 (never) to 86400 s. Default: 0.
	SessionTimeoutS *int `yaml:"session_timeout_s"`
	// WhenFull is what the server does with the next client while max_clients are served.
	// Allowed: wait, close_idle. Default: wait.
	WhenFull *string `yaml:"when_full"`
}

// Client is what a TCP client does once it is connected.
type Client struct {
	// Greeting is what the client sends first. Allowed: at most 1024 bytes, no NUL. Default:
	// "Hello World!".
	Greeting *string `yaml:"greeting"`
	// ConnectTimeoutMS is how long the client waits for a connection. Allowed: 100 to 120000
	// ms. Default: 10000.
	ConnectTimeoutMS *int `yaml:"connect_timeout_ms"`
	// BackoffMS is the first and the longest delay before the client connects again. Allowed:
	// [FIRST, LONGEST], each 100 to 3600000 ms, the first not above the longest. Default: [500,
	// 30000].
	BackoffMS *[2]int `yaml:"backoff_ms"`
}

// Buffers are the sizes of the task's buffers.
type Buffers struct {
	// RX is the size of the receive buffer. Allowed: 2 to 65536 bytes. Default: the
	// role's.
	RX *int `yaml:"rx"`
	// TX is the size of the transmit buffer. Allowed: 1 to 65536 bytes. Default: buffers.rx.
	TX *int `yaml:"tx"`
}

// KeepAlive finds peers that are gone without a word, within
// Idle + Interval × Count seconds.
type KeepAlive struct {
	// Enable is whether keep-alive is on. Allowed: true, false. Default: true.
	Enable *bool `yaml:"enable"`
	// Idle is how long a connection is silent before the first probe. Allowed: 1 to 7200 s.
	// Default: 5.
	Idle *int `yaml:"idle"`
	// Interval is the time between two probes. Allowed: 1 to 7200 s. Default: 5.
	Interval *int `yaml:"interval"`
	// Count is how many probes without an answer end the connection. Allowed: 1 to 255 probes.
	// Default: 3.
	Count *int `yaml:"count"`
}

// Socket is how the connections' sockets send.
type Socket struct {
	// NoDelay is whether small segments are sent at once, without waiting for an
	// acknowledgement. Allowed: true, false. Default: true.
	NoDelay *bool `yaml:"no_delay"`
	// SendTimeoutMS is how long a peer may take nothing of what is sent to it before its
	// connection is closed. Allowed: 0 (never) to 600000 ms. Default: 5000.
	SendTimeoutMS *int `yaml:"send_timeout_ms"`
	// HandlerTimeoutMS is how long app_received() may take nothing of a full receive buffer
	// before the connection is closed. Allowed: 100 to 600000 ms. Default: 10000.
	HandlerTimeoutMS *int `yaml:"handler_timeout_ms"`
}

// Task is the FreeRTOS task that does the networking.
type Task struct {
	// Stack is the size of the task's stack. Allowed: 2048 to 65536 bytes, a multiple of 16. Default:
	// 4096.
	Stack *int `yaml:"stack"`
	// Priority is the task's FreeRTOS priority. Allowed: 1 to 24. Default: 5.
	Priority *int `yaml:"priority"`
	// Core is the processor core that the task runs on. Allowed: 0 or 1, on chips with two
	// cores: esp32, esp32s3. Default: any.
	Core *int `yaml:"core"`
}
