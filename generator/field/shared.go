package field

import (
	"fmt"
	"strings"

	"github.com/espgen/espgen/generator/idf"
)

// The limits of sums over several fields, which the notes of their rows tell.
const (
	// StackMargin is what the task's own frames, lwIP's socket calls and
	// above all printf need, in bytes, beside the arrays on its stack.
	StackMargin = 1536

	// MaxStatic is the most static RAM that the buffers of all connections
	// may take, in bytes. Wi-Fi, lwIP and the heap need the rest: ESP-IDF
	// gives an ESP32 160 KiB for everything that is static.
	MaxStatic = 96 << 10
)

// shared are the rows that every role has. role and style are checked against
// the roles at hand, so they have no Values here.
var shared = []Field{
	{
		Path: "role", Kind: Name, Common: true, Derived: "the command's argument",
		Allowed: "a role that `espgen roles` lists",
		Summary: "what the project does",
		C:       "which templates are rendered",
		Guide:   "2.1, 2.2",
	},
	{
		Path: "style", Kind: Name, Common: true, Derived: "the role's default style",
		Allowed: "a style that the role has",
		Summary: "the way the code is written",
		C:       "which templates are rendered",
		Guide:   "3.1, 3.2",
	},
	{
		Path: "project", Kind: Name, Common: true, Pattern: `^[a-z][a-z0-9_]{0,31}$`,
		Allowed: "a small letter, then small letters, digits and _; at most 32 in all",
		Derived: "the role, - as _",
		check:   checkProject,
		Summary: "the name of the project and its binary",
		C:       "project() in CMakeLists.txt",
	},
	{
		Path: "target", Kind: Name, Common: true, Default: "esp32", Values: idf.TargetNames(),
		check:   checkTarget,
		Summary: "the chip",
		C:       "CONFIG_IDF_TARGET in sdkconfig.defaults",
	},
	{
		Path: "idf", Kind: Name, Common: true, Pattern: idf.Pattern,
		Allowed: "version bounds with commas between them, as idf_component.yml takes them, such as >=5.1,<7.0",
		Derived: ">=5.1; >=5.5 for esp32c5 and esp32c61",
		check:   checkIDFRange,
		Summary: "the range of ESP-IDF versions that may build the project",
		C:       "the idf dependency in main/idf_component.yml",
	},
	{
		Path: "templates", Kind: Text, Common: true, Optional: true, Min: 1, Max: 1024, Derived: "none, espgen's own",
		Summary: "the folder of further roles and parts, from the spec's own folder",
		C:       "which templates are rendered",
		Note:    "--templates and, where neither is given, $ESPGEN_TEMPLATES do the same for every command",
	},
	{
		Path: "comments", Kind: Name, Common: true, Default: "en", Values: []string{"en", "zh"},
		check:   checkComments,
		Summary: "the language of the generated comments and README",
		C:       "every comment, and README.md",
	},
	{
		Path: "wifi.ssid", Kind: Text, Common: true, Required: true, Min: 1, Max: 32,
		Allowed: "1 to 32 bytes (not characters), no NUL",
		Example: "my-network",
		Summary: "the network's name",
		C:       "ssid in wifi_config_t",
		Guide:   "3.1, 3.2",
	},
	{
		Path: "wifi.password", Kind: Text, Common: true, Secret: true, Max: 64, Default: "",
		Pattern: `^([ -~]{8,63}|[0-9A-Fa-f]{64})?$`,
		Allowed: "empty (an open network), 8 to 63 printable ASCII characters, or exactly 64 hexadecimal digits",
		check:   checkPassword,
		Example: "change-me!",
		Summary: "the network's key",
		C:       "password in wifi_config_t",
		Guide:   "3.1, 3.2",
	},
	{
		Path: "wifi.retries", Kind: Integer, Max: 254, Default: 5,
		Summary: "how many times in a row the station tries to reconnect before it gives up",
		C:       "if (connect_count < retries + 1) in WIFI_CallBack",
		Guide:   "3.1, 3.2",
	},
	{
		Path: "wifi.retry_delay_ms", Kind: Integer, Unit: "ms", Min: 1, Max: 60000, Default: 1000,
		Summary: "the pause before each of these tries",
		C:       "vTaskDelay() in WIFI_CallBack",
		Guide:   "3.1, 3.2",
		Note:    "rounded down to FreeRTOS ticks, of 10 ms by default",
	},
	{
		Path: "wifi.wait_ms", Kind: Integer, Unit: "ms", Max: 600000, Default: 5000,
		Summary: "how long the client's task waits for Wi-Fi before it connects",
		C:       "vTaskDelay() in tcp_client_task",
		Guide:   "3.1",
	},
	{
		Path: "wifi.power_save", Kind: Name, Common: true, Default: "none",
		Values:  []string{"none", "min_modem", "max_modem"},
		Summary: "the modem's power saving",
		C:       "esp_wifi_set_ps()",
		Guide:   "3.1, 3.2",
	},
	{
		Path: "wifi.backoff_ms", Kind: Pair, Unit: "ms", Min: 100, Max: 3600000, Default: [2]int{500, 30000},
		Summary: "the first and the longest delay before the station tries to reconnect",
		C:       "CONFIG_WIFI_STATION_BACKOFF_FIRST_MS, CONFIG_WIFI_STATION_BACKOFF_LONGEST_MS",
		Note:    "the delay doubles from the first to the longest",
	},
	{
		Path: "wifi.reboot_timeout_s", Kind: Integer, Unit: "s", Min: 120, Max: 86400, Zero: "never", Default: 900,
		Summary: "how long the station may be without an address before the device restarts",
		C:       "CONFIG_WIFI_STATION_REBOOT_TIMEOUT_S",
		Note:    "the last resort for a Wi-Fi driver that hangs; the time counts from the start, or from the loss of the last address; to join a network and get an address may take 95 s",
	},
	{
		Path: "wifi.scan", Kind: Name, Default: "all", Values: []string{"all", "fast"},
		Summary: "how the station chooses between access points of the same SSID",
		C:       "scan_method in wifi_config_t",
		Note:    "all: it scans all channels, which takes about 2.4 s, and joins the access point with the strongest signal; fast: it joins the first one that it finds",
	},
	{
		Path: "wifi.auth", Kind: Name, Values: []string{"open", "wpa_psk", "wpa2_psk", "wpa3_psk"}, Optional: true,
		Derived: "wpa2_psk; open where wifi.password is empty",
		Example: "wpa2_psk",
		Summary: "the weakest security that the station accepts of an access point",
		C:       "threshold.authmode in wifi_config_t",
		Note:    "open goes with no password and the others need one; for wpa3_psk it is not a raw key of 64 digits",
	},
	{
		Path: "wifi.hostname", Kind: Name, Pattern: `^` + hostLabel(maxHostname) + `$`, Optional: true,
		Allowed: fmt.Sprintf("at most %d letters, digits and -, the first and the last no -", maxHostname),
		Derived: "the project, _ as -",
		check:   checkHostname,
		Summary: "the name by which the network's DHCP server knows the station",
		C:       "esp_netif_set_hostname()",
	},
	{
		Path: "wifi.static_ip.address", Kind: Name, Pattern: ipv4Pattern, Optional: true, Group: true, Derived: noStaticIP,
		Allowed: ipv4Allowed,
		check:   checkIPv4,
		Example: "192.168.1.50",
		Summary: "the station's own address",
		C:       "esp_netif_set_ip_info()",
	},
	{
		Path: "wifi.static_ip.netmask", Kind: Name, Pattern: netmaskPattern, Optional: true, Group: true, Derived: noStaticIP,
		Allowed: "1 to 30 one bits and then zeros, as four numbers with dots between them, such as 255.255.255.0",
		check:   checkNetmask,
		Example: "255.255.255.0",
		Summary: "the netmask of the station's subnet",
		C:       "esp_netif_set_ip_info()",
	},
	{
		Path: "wifi.static_ip.gateway", Kind: Name, Pattern: ipv4Pattern, Optional: true, Group: true, Derived: noStaticIP,
		Allowed: ipv4Allowed,
		check:   checkIPv4,
		Example: "192.168.1.1",
		Summary: "the address of the subnet's router",
		C:       "esp_netif_set_ip_info()",
		Note:    "it lies in the subnet of address and netmask",
	},
	{
		Path: "wifi.static_ip.dns", Kind: Name, Pattern: ipv4Pattern, Optional: true, Group: true, Derived: noStaticIP,
		Allowed: ipv4Allowed,
		check:   checkIPv4,
		Example: "192.168.1.1",
		Summary: "the address of the DNS server",
		C:       "esp_netif_set_dns_info()",
	},
	{
		Path: "server.addr", Kind: Name, Derived: roleHasIt,
		Pattern: `^[0-9A-Za-z.:-]{1,253}$`, // the check says more
		Allowed: "an IPv4 address, an IPv6 address or a host name",
		check:   checkHost,
		forms:   map[string]form{"ipv4": {pattern: ipv4Pattern, allowed: ipv4Allowed, check: checkServerIPv4}},
		Example: "192.168.1.100",
		Summary: "the server's address, for a client",
		C:       "connect()",
		Guide:   "2.1.3",
	},
	{
		Path: "server.port", Kind: Integer, Min: 1, Max: 65535, Default: 8080,
		Summary: "the TCP port",
		C:       "bind() of a server, connect() of a client",
		Guide:   "2.1.3, 2.2.3",
	},
	{
		Path: "server.backlog", Kind: Integer, Unit: "connections", Min: 1, Max: 64, Optional: true,
		Derived: fmt.Sprintf("server.max_clients, at most %d before ESP-IDF %s", idf.FixedMailbox, idf.MailboxSince),
		Summary: "how many connections may wait to be accepted",
		C:       "listen(); CONFIG_LWIP_TCP_ACCEPTMBOX_SIZE",
		Note:    fmt.Sprintf("lwIP counts a connection from its SYN until it is accepted; it does not answer a SYN above the backlog, so that client asks again after 1 s, 3 s, 7 s and so on. It resets what its mailbox for accept() cannot hold: %d before ESP-IDF %s, from then on the backlog", idf.FixedMailbox, idf.MailboxSince),
		Guide:   "2.2.4",
	},
	{
		Path: "server.max_clients", Kind: Integer, Unit: "clients", Min: 1, Max: 15,
		Derived: roleHasIt,
		Summary: "how many clients are served at a time",
		C:       "CONFIG_LWIP_MAX_SOCKETS",
		Note:    fmt.Sprintf("the clients, a listener and the style's reserve must fit lwIP's socket table: %d before ESP-IDF %s", idf.MaxSockets, idf.BigTableSince),
		Guide:   "3.2, note",
	},
	{
		Path: "server.family", Kind: Name, Default: "ipv4", Values: []string{"ipv4", "ipv6", "dual"},
		Summary: "the kind of addresses that the server listens on",
		C:       "CONFIG_NET_FAMILY_IPV4, ..._IPV6 or ..._DUAL: the listener's socket()",
		Note:    "dual is one IPv6 socket, which takes IPv4 clients, too",
	},
	{
		Path: "server.idle_timeout_s", Kind: Integer, Unit: "s", Max: 86400, Default: 0,
		Allowed: "0 (never) to 86400 s",
		Summary: "how long no data may come from a client or go to it before the server closes its connection",
		C:       "CONFIG_TCP_SERVER_IDLE_TIMEOUT_S",
	},
	{
		Path: "server.session_timeout_s", Kind: Integer, Unit: "s", Max: 86400, Default: 0,
		Allowed: "0 (never) to 86400 s",
		Summary: "how long a connection may be open before the server closes it",
		C:       "CONFIG_TCP_SERVER_SESSION_TIMEOUT_S",
		Note:    "it ends a client that sends a byte now and then, which idle_timeout_s does not",
	},
	{
		Path: "server.when_full", Kind: Name, Default: "wait", Values: []string{"wait", "close_idle"},
		Summary: "what the server does with the next client while max_clients are served",
		C:       "CONFIG_TCP_SERVER_WHEN_FULL_WAIT, ..._CLOSE_IDLE",
		Note:    "wait: it waits in the backlog; close_idle: the server closes the connection that has been idle for the longest time, and for a second at least",
	},
	{
		Path: "client.greeting", Kind: Text, Max: 1024, Default: "Hello World!",
		Allowed: "at most 1024 bytes, no NUL",
		Summary: "what the client sends first",
		C:       "the first send()",
		Guide:   "2.1.4",
	},
	{
		Path: "client.connect_timeout_ms", Kind: Integer, Unit: "ms", Min: 100, Max: 120000, Default: 10000,
		Summary: "how long the client waits for a connection",
		C:       "CONFIG_TCP_CLIENT_CONNECT_TIMEOUT_MS",
		Note:    "lwIP itself gives up after about 18 s; CONFIG_LWIP_TCP_SYNMAXRTX changes that",
	},
	{
		Path: "client.backoff_ms", Kind: Pair, Unit: "ms", Min: 100, Max: 3600000, Default: [2]int{500, 30000},
		Summary: "the first and the longest delay before the client connects again",
		C:       "CONFIG_TCP_CLIENT_BACKOFF_FIRST_MS, CONFIG_TCP_CLIENT_BACKOFF_LONGEST_MS",
		Note:    "the delay doubles from the first to the longest",
	},
	{
		Path: "buffers.rx", Kind: Integer, Unit: "bytes", Min: 2, Max: 65536,
		Derived: roleHasIt,
		Summary: "the size of the receive buffer",
		C:       "the buffer of recv()",
		Note:    fmt.Sprintf("where it lies on the task's stack, it must fit task.stack with the other arrays and %d bytes for calls and logging; where it is static, the buffers of all connections must fit %d bytes", StackMargin, MaxStatic),
		Guide:   "2.1.5, 2.2.6",
	},
	{
		Path: "buffers.tx", Kind: Integer, Unit: "bytes", Min: 1, Max: 65536, Optional: true,
		Derived: "buffers.rx",
		Summary: "the size of the transmit buffer",
		C:       "CONFIG_TCP_CONNECTION_TX",
		Note:    fmt.Sprintf("it is static, and the buffers of all connections must fit %d bytes", MaxStatic),
	},
	{
		Path: "keepalive.enable", Kind: Boolean, Default: true,
		Summary: "whether keep-alive is on",
		C:       "SO_KEEPALIVE on the connection's socket",
		Guide:   "2.2.4",
	},
	{
		Path: "keepalive.idle", Kind: Integer, Unit: "s", Min: 1, Max: 7200, Default: 5,
		Summary: "how long a connection is silent before the first probe",
		C:       "TCP_KEEPIDLE on the connection's socket",
		Guide:   "2.2.4",
	},
	{
		Path: "keepalive.interval", Kind: Integer, Unit: "s", Min: 1, Max: 7200, Default: 5,
		Summary: "the time between two probes",
		C:       "TCP_KEEPINTVL on the connection's socket",
		Guide:   "2.2.4",
	},
	{
		Path: "keepalive.count", Kind: Integer, Unit: "probes", Min: 1, Max: 255, Default: 3,
		Summary: "how many probes without an answer end the connection",
		C:       "TCP_KEEPCNT on the connection's socket",
		Note:    "a dead peer is found after idle + interval x count seconds: 20 s by default",
		Guide:   "2.2.4",
	},
	{
		Path: "socket.no_delay", Kind: Boolean, Default: true,
		Summary: "whether small segments are sent at once, without waiting for an acknowledgement",
		C:       "TCP_NODELAY on the connection's socket",
	},
	{
		Path: "socket.send_timeout_ms", Kind: Integer, Unit: "ms", Max: 600000, Default: 5000,
		Allowed: "0 (never) to 600000 ms",
		Summary: "how long a peer may take nothing of what is sent to it before its connection is closed",
		C:       "CONFIG_TCP_CONNECTION_SEND_TIMEOUT_MS",
	},
	{
		Path: "socket.handler_timeout_ms", Kind: Integer, Unit: "ms", Min: 100, Max: 600000, Default: 10000,
		Summary: "how long app_received() may take nothing of a full receive buffer before the connection is closed",
		C:       "CONFIG_TCP_CONNECTION_HANDLER_TIMEOUT_MS",
		Note:    "the same holds for what is left when the peer has ended its side",
	},
	{
		Path: "task.stack", Kind: Integer, Unit: "bytes", Common: true, Min: 2048, Max: 65536, Multiple: 16, Default: 4096,
		Summary: "the size of the task's stack",
		C:       "the stack depth of xTaskCreate()",
		Guide:   "3.1, 3.2",
	},
	{
		Path: "task.priority", Kind: Integer, Common: true, Min: 1, Max: 24, Default: 5,
		Summary: "the task's FreeRTOS priority",
		C:       "the priority of xTaskCreate()",
		Guide:   "3.1, 3.2",
	},
	{
		Path: "task.core", Kind: Integer, Max: 1, Optional: true, Derived: "any",
		Allowed: "0 or 1, on chips with two cores: " + strings.Join(idf.DualCore(), ", "),
		Example: 1,
		Summary: "the processor core that the task runs on",
		C:       "the core of xTaskCreatePinnedToCore()",
	},
	{
		Path: "requires", Kind: List, Common: true, Optional: true, Max: maxRequires, Pattern: `^[a-z][a-z0-9_]*$`,
		Allowed: fmt.Sprintf("a list of at most %d components of ESP-IDF, each small letters, digits and _", maxRequires),
		Derived: "none",
		Example: []string{"esp_driver_gpio"},
		Summary: "further components of ESP-IDF that your code in main calls",
		C:       "PRIV_REQUIRES in main/CMakeLists.txt",
		Note:    "driver/gpio.h is of esp_driver_gpio from ESP-IDF 5.3 on, and of driver before",
	},
	{
		Path: "sdkconfig", Kind: Options, Common: true,
		Allowed: "CONFIG_ names, each with true, false, a whole number or a string",
		Derived: "nothing",
		Summary: "a map of further ESP-IDF options",
		C:       "sdkconfig.defaults",
		Note:    "keep to ASCII: on Windows, ESP-IDF's tools may read the file in another encoding",
	},
}

const (
	ipv4Allowed = "an IPv4 address: four numbers from 0 to 255, with dots between them"

	// Every octet from 0 to 255, without a leading zero: inet_addr() would
	// read that as octal.
	ipv4Pattern = `^(` + octet + `\.){3}` + octet + `$`
	octet       = `(25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])`

	// An octet that is not whole is followed by zeros. The last one leaves
	// two bits: room for the station and a gateway.
	netmaskPattern = `^(` + ones + `\.0\.0\.0|255\.` + ones + `\.0\.0|255\.255\.` + ones + `\.0|255\.255\.255\.(128|192|224|240|248|252))$`
	ones           = `(128|192|224|240|248|252|254|255)`

	// roleHasIt stands for a default that only roles have.
	roleHasIt = "the role's"

	noStaticIP = "none, DHCP gives it"

	// maxRequires is how many components a spec may add.
	maxRequires = 32

	// maxHostname is the longest host name that esp_netif takes.
	maxHostname = 32
)

// hostLabel is the pattern of one part of a host name, as RFC 1123 has it.
func hostLabel(most int) string {
	return fmt.Sprintf(`[0-9A-Za-z]([0-9A-Za-z-]{0,%d}[0-9A-Za-z])?`, most-2)
}
