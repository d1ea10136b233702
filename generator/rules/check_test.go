package rules_test

import (
	"errors"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/espgen/espgen/generator/field"
	"github.com/espgen/espgen/generator/internal/spectest"
	"github.com/espgen/espgen/generator/rules"
	"github.com/espgen/espgen/generator/spec"
)

// TestIssues gives specs with one mistake or more, and wants every one told,
// with its place and a hint.
func TestIssues(t *testing.T) {
	const ok = "wifi: {ssid: x}; "
	const robust = "style: robust; wifi: {ssid: x}; "
	static := func(fields string) string { return "style: robust; wifi: {ssid: x, static_ip: {" + fields + "}}" }
	tests := map[string]struct {
		role string // tcp-server where empty
		yaml string
		set  []string
		want []string // "line:col: path: message | hint"; a * at the end matches the rest
	}{
		// The backlog and other limits.
		"backlog before 5.3": {
			yaml: robust + "server: {backlog: 7}",
			want: []string{"3:19: server.backlog: too many waiting connections: 7, but lwIP before ESP-IDF 5.3 keeps 6 for accept() and resets the others | lower it to 6, or set idf to \">=5.3\", which has room for 64"},
		},
		"backlog, guide":  {yaml: ok + "server: {backlog: 64}; idf: '>=5.2'", want: []string{"2:19: server.backlog: too many waiting connections: 64*"}},
		"backlog above":   {yaml: ok + "server: {backlog: 65}; idf: '>=5.3'", want: []string{"2:19: server.backlog: 65 is above the limit of 64*"}},
		"mailbox option":  {yaml: ok + "sdkconfig: {CONFIG_LWIP_TCP_ACCEPTMBOX_SIZE: 9}", want: []string{"2:13: sdkconfig.CONFIG_LWIP_TCP_ACCEPTMBOX_SIZE: espgen sets this option itself*"}},
		"reboot too soon": {yaml: "style: robust; wifi: {ssid: x, reboot_timeout_s: 119}", want: []string{"2:35: wifi.reboot_timeout_s: 119 is below the limit of 120 | allowed: 0 (never), or 120 to 86400 s"}},
		"component, 5.2":  {yaml: ok + "sdkconfig: {CONFIG_NVS_ENCRYPTION: true}", want: []string{"2:13: sdkconfig.CONFIG_NVS_ENCRYPTION: it needs the component nvs_sec_provider, which ESP-IDF has since 5.2 | set idf to \">=5.2\", or remove it"}},
		"component, 6.0":  {yaml: ok + "sdkconfig: {CONFIG_ESP_TRACE_ENABLE: true}; idf: '>=5.5'", want: []string{"2:13: sdkconfig.CONFIG_ESP_TRACE_ENABLE: it needs the component esp_trace, which ESP-IDF has since 6.0*"}},
		"component, both": {yaml: ok + "sdkconfig: {CONFIG_NVS_ENCRYPTION: true}; idf: '>=5.1,<5.6'", want: []string{"2:13: sdkconfig.CONFIG_NVS_ENCRYPTION: it needs*"}},
		"no IPv6, dual":   {yaml: robust + "server: {family: dual}; sdkconfig: {CONFIG_LWIP_IPV6: false}", want: []string{"4:31: sdkconfig.CONFIG_LWIP_IPV6: the project needs the addresses that this option takes away: its family is dual | remove it"}},
		"no IPv4, guide":  {yaml: ok + "sdkconfig: {CONFIG_LWIP_IPV4: n}", want: []string{"2:31: sdkconfig.CONFIG_LWIP_IPV4: the project needs*"}},
		"close_idle":      {yaml: robust + "server: {max_clients: 15, when_full: close_idle}", want: []string{"3:23: server.max_clients: too many sockets: 15 (clients) + 1 (listener) + 1 (the next client, before another is closed for it) = 17, but ESP-IDF before 5.4 has at most 16 | lower it to 14*"}},
		"CMake's variable": {
			yaml: ok + "sdkconfig: {CONFIG_A: 'x${HOME}', CONFIG_B: '$ENV{', CONFIG_C: '$x {}', CONFIG_D: '{$}'}",
			want: []string{
				"2:23: sdkconfig.CONFIG_A: the value holds ${, or $NAME{, which CMake expands when it reads the configuration | write it without the brace",
				"2:45: sdkconfig.CONFIG_B: the value holds ${, or $NAME{,*",
			},
		},
		// The file.
		"empty file":      {yaml: "", want: []string{"1:1: the spec is empty | `espgen init ROLE` prints one to start from"}},
		"only a comment":  {yaml: "# nothing\n", want: []string{"1:1: the spec is empty*"}},
		"only a document": {yaml: "---\n", want: []string{"*the spec is empty*"}},
		"a list":          {yaml: "- a", want: []string{"1:1: a spec is a map of fields, not a list*"}},
		"a string":        {yaml: "hello", want: []string{"1:1: a spec is a map of fields, not a string*"}},
		"second document": {yaml: ok + "---; a: 1", want: []string{"2:1: a second document begins here*"}},
		"tab":             {yaml: "wifi:; \tssid: x", want: []string{"2:1: not YAML: found character that cannot start any token | indent with spaces*"}},
		"conflicts": {yaml: "wifi:; <<<<<<< HEAD;   ssid: x; ||||||| 123;   ssid: z; =======;   ssid: y; >>>>>>> b; <<<<<<< HEAD; =======; a: 1; >>>>>>> b; ", want: []string{
			"2:1: git has left a conflict here, up to line 8: two branches changed these lines | keep what is right of the two versions, and delete the lines of git: <<<<<<<, ======= and >>>>>>>",
			"9:1: git has left a conflict here, up to line 12: two branches changed these lines*",
		}},
		"open quote":      {yaml: "wifi: {ssid: \"x}", want: []string{"*not YAML: *"}},
		"open bracket":    {yaml: ok + "server: {port: 1", want: []string{"2:1: not YAML: did not find expected ',' or '}'*"}},
		"list in a map":   {yaml: "role: tcp-server; wifi:;   ssid: x;   - a", want: []string{"3:1: not YAML: did not find expected key*"}},
		"missing colon":   {yaml: "wifi:;   ssid x;   password: y", want: []string{"*not YAML: *"}},
		"invalid UTF-8":   {yaml: "wifi:;   ssid: a\xffb", want: []string{"2:10: the file is not valid UTF-8 | save the file as UTF-8"}},
		"after a BOM":     {yaml: "\ufeffwifi: {ssid: a\xffb}", want: []string{"1:15: the file is not valid UTF-8*"}},
		"UTF-16":          {yaml: "\xff\xfew\x00", want: []string{"1:1: the file is not valid UTF-8 | the file is UTF-16: save the file as UTF-8"}},
		"too large":       {yaml: strings.Repeat("#", spec.MaxBytes+1), want: []string{"1:1: the file is larger than the limit of 1048576 bytes*"}},
		"alias bomb":      {yaml: spectest.Bomb(12), want: []string{"*the file's aliases give more than 100000 values | write the values out*"}},
		"alias in itself": {yaml: "x-a: &a [*a]; " + ok, want: []string{"*"}},
		"unknown anchor":  {yaml: "wifi: *nothing", want: []string{"1:7: not YAML: no anchor before it has this alias's name | put & and the name before the value that it repeats; a text that begins with * needs quotes"}},
		"unknown, after others": {
			yaml: "x-a: &ab 1; x-b: '*abc' # *abc; wifi: {ssid: *ab,;   x: [网, *ab], y: *abc, z: *abc}",
			want: []string{"4:19: not YAML: no anchor before it has this alias's name*"},
		},
		"unknown, a key":      {yaml: ok + "*hunter22 : x; task: {}", want: []string{"2:1: not YAML: no anchor*"}},
		"unknown, a password": {yaml: "wifi:;   ssid: x;   password: *hunter22", want: []string{"3:13: not YAML: no anchor*"}},
		"unknown tag handle":  {yaml: "wifi:;   ssid: x;   password: !h!unter22 x", want: []string{"3:1: not YAML: found undefined tag handle*"}},
		"handle in line 1":    {yaml: "wifi: {ssid: !h!x y}", want: []string{"1:1: not YAML: found undefined tag handle*"}},
		"anchor, no name":     {yaml: "wifi:;   ssid: & x", want: []string{"2:1: not YAML: did not find expected alphabetic or numeric character*"}},
		"directive twice":     {yaml: "%YAML 1.1; %YAML 1.2; ---; " + ok, want: []string{"2:1: not YAML: found duplicate %YAML directive*"}},
		"future YAML":         {yaml: "# a; %YAML 3.0; ---; " + ok, want: []string{"2:1: not YAML: found incompatible YAML document | write %YAML 1.2, or remove the line"}},
		"unknown directive":   {yaml: "%FOO 1; ---; " + ok, want: []string{"1:1: not YAML: found unknown directive name | remove the line; %YAML 1.1, %YAML 1.2 and %TAG are known"}},
		"no ---":              {yaml: "%YAML 1.2; " + ok, want: []string{"2:1: not YAML: a line --- is missing before this | put one between the lines that begin with % and the spec"}},
		"%TAG takes !env":     {yaml: "%TAG ! tag:example.com,2000:; ---; wifi: {ssid: !env SSID}", want: []string{"3:14: wifi.ssid: a string is needed here, not a tagged value | espgen knows !env NAME*"}},
		"unknown escape":      {yaml: "wifi:;   ssid: \"a\\n; b\\-hunter22\"", want: []string{"3:2: not YAML: \\ is not followed by an escape | write \\\\ for a backslash, or put the value in single quotes"}},
		"escaped surrogate":   {yaml: `wifi: {ssid: 网, x: "\\\ud83d\ude00"}`, want: []string{"1:23: not YAML: the escape is not a valid character | write the character itself, or \\U and its eight hexadecimal digits"}},
		"escape's digits":     {yaml: `wifi: {ssid: "\x4g"}`, want: []string{"1:15: not YAML: the escape has too few hexadecimal digits | write \\x and 2 digits, \\u and 4, or \\U and 8; or \\\\ for a backslash"}},
		"escape, long":        {yaml: `wifi: {ssid: "\U0001f60"}`, want: []string{"1:15: not YAML: the escape has too few hexadecimal digits*"}},
		"control character":   {yaml: "wifi:;   ssid: a\x01b", want: []string{"2:10: not YAML: control characters are not allowed | take it out, or write it as \\u0001, in double quotes"}},
		"merge of a string":   {yaml: ok + "task: {<<: abc}", want: []string{"2:12: task: << merges a map, not a string*"}},

		// Characters that look like ASCII ones.
		"quotes around a value": {yaml: "role: “tcp-server”; wifi: {ssid: ‘lab’}; comments: 「zh」; style: ＂robust＂; project: „x“", want: []string{
			"1:7: role: the value is in typographic quotes | use ASCII quotes, \"...\", or none; if the typographic quotes belong to the value, put ASCII quotes around them",
			"2:14: wifi.ssid: the value is in typographic quotes*", "3:11: comments: the value is in typographic quotes*", "4:8: style: the value is in typographic quotes*", "5:10: project: the value is in typographic quotes*",
		}},
		"quotes, a password":      {yaml: "wifi: {ssid: x, password: “hunter22”}", want: []string{"1:27: wifi.password: the value is in typographic quotes*"}},
		"quotes, a number":        {yaml: ok + "server: {port: “8080”}; keepalive: {enable: ‘true’}; wifi.x: 1", want: []string{"2:16: server.port: unexpected typographic quote (U+*)*", "3:21: keepalive.enable: unexpected typographic quote*", "4:1: unknown key*"}},
		"quotes, a secret's name": {yaml: "wifi: {ssid: !env “SSID”, password: !secret 'wifi'}", want: []string{"1:19: wifi.ssid: the value is in typographic quotes*"}},
		"quotes, an option":       {yaml: ok + "sdkconfig: {CONFIG_A: “x”, CONFIG_B: !env ‘SSID’, “CONFIG_C”: 1}", want: []string{"2:23: sdkconfig.CONFIG_A: the value is in typographic quotes*", "2:43: sdkconfig.CONFIG_B: the value is in typographic quotes*", "2:51: sdkconfig: unexpected typographic quote (U+*)*"}},
		"quotes around a key":     {yaml: ok + "“role”: tcp-server", want: []string{"2:1: unexpected typographic quote (U+*) | write the ASCII quote, \" or '"}},
		"quotes, set":             {yaml: ok, set: []string{"wifi.ssid=“lab”"}, want: []string{"--set wifi.ssid: the value is in typographic quotes*"}},
		"set, a pair":             {yaml: "\n\n" + robust, set: []string{"wifi.backoff_ms=[500，30000]"}, want: []string{"--set wifi.backoff_ms: unexpected full-width comma*"}},
		"quotes of two kinds":     {yaml: "wifi:;   ssid: \"lab”;   password: \"hunter22\"", want: []string{"2:13: not YAML: unexpected typographic quote (U+*) | write the ASCII quote*"}},
		"quotes, the other way":   {yaml: "wifi:;   ssid: “a, b”;   password: “hunter22\";   retries: 3; task: {", want: []string{"*not YAML*"}},
		"colon, a line":           {yaml: "role：tcp-server", want: []string{"1:5: unexpected full-width colon (U+FF1A) | write the ASCII character: a colon and a space"}},
		"colon, every line":       {yaml: "role：tcp-server; wifi：;   ssid：x", want: []string{"1:5: unexpected full-width colon*"}},
		"colon, then others":      {yaml: "role：tcp-server; wifi: {ssid: x}", want: []string{"1:5: not YAML: unexpected full-width colon*"}},
		"colon, not the first":    {yaml: "# 注意：网络; wifi:;   ssid: \"网：络\";   # 密码：;   password：hunter22;   retries: 3", want: []string{"5:11: not YAML: unexpected full-width colon*"}},
		"colon, two":              {yaml: "wifi:;   ssid: 网：络;   password：hunter22; server：;   port：8080; task:;   stack：4096", want: []string{"3:11: not YAML: unexpected full-width colon*"}},
		"colon, in a section":     {yaml: ok + "server:;   port 8080;   backlog：1", want: []string{"4:10: server: unexpected full-width colon*"}},
		"colon, a flow map":       {yaml: "wifi: {ssid: x, password：hunter22}", want: []string{"1:25: wifi: unexpected full-width colon*"}},
		"colon, an option":        {yaml: ok + "sdkconfig: {CONFIG_A：1}", want: []string{"2:21: sdkconfig: unexpected full-width colon*"}},
		"braces":                  {yaml: "role: tcp-server; wifi: ｛ssid: x｝; x: ［1］", want: []string{"2:7: not YAML: unexpected full-width brace (U+FF5B) | write the ASCII character"}},
		"keys in quotes":          {yaml: "{“role”: x, “wifi”: {“ssid”: y}}", want: []string{"1:2: unexpected typographic quote (U+201C)*", "1:13: unexpected typographic*"}},
		"comma":                   {yaml: "wifi: {ssid: x，password: hunter22}", want: []string{"1:15: not YAML: unexpected full-width comma (U+FF0C) | write the ASCII character: a comma and a space"}},
		"comma, two":              {yaml: "wifi: {ssid: \"a，b\"，password: hunter22，retries: 3}", want: []string{"1:19: not YAML: unexpected full-width comma*"}},
		"comma, a pair":           {yaml: "style: robust; wifi: {ssid: x, backoff_ms: [500，30000]}", want: []string{"2:33: wifi.backoff_ms: unexpected full-width comma*"}},
		"space, indentation":      {yaml: "wifi:; \u3000\u3000ssid: hunter22", want: []string{"2:1: unexpected full-width space (U+3000) | write an ASCII space"}},
		"space, no break":         {yaml: "wifi:;   ssid: x;  \u00a0password: hunter22; task: {}", want: []string{"3:2: not YAML: unexpected no-break space (U+00A0)*"}},
		"space, no break, first":  {yaml: "wifi: {ssid: x}; task:; \u00a0 stack: 2048", want: []string{"3:1: unexpected no-break space (U+00A0)*"}},
		"space, after a colon":    {yaml: "wifi: {ssid: \u3000x, password: \u00a0hunter22}", want: []string{"1:14: wifi.ssid: unexpected full-width space*", "1:28: wifi.password: unexpected no-break space*"}},
		"space, for the ASCII":    {yaml: "wifi:;   ssid:\u3000x", want: []string{"2:8: wifi: unexpected full-width space*"}},
		"space, a number":         {yaml: ok + "server: {port: \u00a080}", want: []string{"2:16: server.port: unexpected no-break space*"}},
		"space, behind":           {yaml: "wifi:;   ssid: x\u00a0;   retries: 3\u3000", want: []string{"2:10: wifi.ssid: unexpected no-break space*", "3:13: wifi.retries: unexpected full-width space*"}},
		"not the reason":          {yaml: "# 一，二：三; wifi: {ssid: \"网：络，一“二”\";   server: [", want: []string{"*not YAML: did not*"}},

		// Keys.
		"templates, env":   {yaml: ok + "templates: !env SSID", want: []string{"2:12: templates: !env has no meaning here: it is read before the rest of the spec*"}},
		"requires, text":   {yaml: ok + "requires: driver", want: []string{"2:11: requires: a list of names is needed here, not a string | allowed: a list of at most 32 components*"}},
		"requires, number": {yaml: ok + "requires: [driver, 1]", want: []string{"2:20: requires: a name is needed here, not a number*"}},
		"requires, form":   {yaml: ok + "requires: [driver, 'a) b']", want: []string{"2:11: requires: \"a) b\" is not of the form*"}},
		"requires, twice":  {yaml: ok + "requires: [driver, driver]", want: []string{"2:11: requires: \"driver\" is in it twice | remove one"}},
		"requires, set":    {yaml: ok, set: []string{"requires=driver"}, want: []string{"--set requires: a list of names is needed here, not a string*"}},
		"unknown key":      {yaml: ok + "sever: {port: 1}", want: []string{"2:1: unknown key \"sever\" | did you mean server?"}},
		"unknown subkey":   {yaml: "wifi: {ssid: x, pasword: hunter22}", want: []string{"1:17: wifi: unknown key \"pasword\" | did you mean password?"}},
		"far from any":     {yaml: ok + "buffers: {frobnicate: 1}", want: []string{"2:11: buffers: unknown key \"frobnicate\" | allowed: rx, tx"}},
		"wrong place":      {yaml: ok + "port: 80", want: []string{"2:1: unknown key \"port\" | did you mean server.port?"}},
		"duplicate key":    {yaml: "wifi: {ssid: x};  ; wifi: {ssid: y}", want: []string{"3:1: wifi: given twice; the first is in line 1 | keep one of them"}},
		"key with colon":   {yaml: "wifi: {ssid: x, password:hunter22}", want: []string{"1:17: wifi: unknown key | write a field's name, a colon and a space; allowed: ssid, *"}},
		"colons twice":     {yaml: "wifi: {ssid: x, password:hunter22, password:hunter22}", want: []string{"1:17: wifi: unknown key | *", "1:36: wifi: given twice*"}},
		"key not shown":    {yaml: "? \"a\\n\\e[2J\"; : 1; " + ok, want: []string{"1:3: unknown key | write*"}},
		"huge key":         {yaml: "? " + strings.Repeat("a", 2000) + "; : 1; " + ok, want: []string{"1:3: unknown key | write*"}},
		"top-level field":  {yaml: ok + "ssid: y", want: []string{"2:1: unknown key \"ssid\" | did you mean wifi.ssid?"}},
		"field too deep":   {yaml: "wifi: {ssid: x, style: y}", want: []string{"1:17: wifi: unknown key \"style\" | did you mean style?"}},
		"two list keys":    {yaml: ok + "? [a]; : b; ? [c]; : d", want: []string{"2:3: a key is a name*", "4:3: a key is a name*"}},
		"key is a list":    {yaml: ok + "? [a]; : b", want: []string{"2:3: a key is a name, not a list*"}},
		"shorter here":     {role: "tcp-client", yaml: ok + "server: {address: 1.2.3.4, addr: 1.2.3.4}", want: []string{"2:10: server: unknown key \"address\" | allowed: addr, *"}},
		"in two sections":  {yaml: ok + "backoff_ms: 1", want: []string{"2:1: unknown key \"backoff_ms\" | did you mean wifi.backoff_ms or client.backoff_ms?"}},
		"nested section":   {yaml: "wifi: {ssid: x, static_ip: hunter22}", want: []string{"1:28: wifi.static_ip: a map of fields is needed here, not a string | its fields are address, netmask, gateway, dns"}},
		"section is text":  {yaml: "wifi: hunter22", want: []string{"1:7: wifi: a map of fields is needed here, not a string | its fields are ssid, *"}},
		"section empty":    {yaml: "wifi:", want: []string{"1:1: wifi.ssid: required, but missing | add it: 1 to 32 bytes (not characters), no NUL"}},
		"nothing at all":   {yaml: "{}", want: []string{"1:1: wifi.ssid: required, but missing*"}},

		// Types.
		"number for string": {yaml: "wifi: {ssid: 12345678}", want: []string{"1:14: wifi.ssid: a string is needed here, not a number | put the value in quotes"}},
		"password a number": {yaml: "wifi: {ssid: x, password: 1234567890}", want: []string{"1:27: wifi.password: a string is needed here, not a number | put the value in quotes"}},
		"list for string":   {yaml: "wifi: {ssid: [x]}", want: []string{"1:14: wifi.ssid: a string is needed here, not a list*"}},
		"string for number": {yaml: ok + "server: {port: http}", want: []string{"2:16: server.port: a whole number is needed here, not a string | allowed: 1 to 65535"}},
		"int without digits": {yaml: ok + `server: {port: !!int "", backlog: !!int "+"}; keepalive: {idle: !!int "_"}`, want: []string{
			`2:16: server.port: "" is not in decimal*`, `2:35: server.backlog: "+" is not in decimal*`, `3:19: keepalive.idle: "_" is not in decimal*`,
		}},
		"float for number":   {yaml: ok + "server: {port: 80.5}", want: []string{"2:16: server.port: \"80.5\" is not a whole number*"}},
		"octal":              {yaml: ok + "server: {port: 010}", want: []string{"2:16: server.port: \"010\" is not in decimal | write a plain decimal number, without a leading zero"}},
		"hexadecimal":        {yaml: ok + "server: {port: 0x50}", want: []string{"2:16: server.port: \"0x50\" is not in decimal*"}},
		"huge":               {yaml: ok + "server: {port: 99999999999999999999}", want: []string{"2:16: server.port: \"99999999999999999999\" is not a whole number*"}},
		"null":               {yaml: ok + "server: {port: }", want: []string{"2:16: server.port: it has no value | allowed: 1 to 65535"}},
		"yes for boolean":    {yaml: ok + "keepalive: {enable: yes}", want: []string{"2:21: keepalive.enable: \"yes\" is not true or false | allowed: true, false"}},
		"unknown tag":        {yaml: "wifi: {ssid: !vault x}", want: []string{"1:14: wifi.ssid: a string is needed here, not a tagged value | espgen knows !env NAME and !secret NAME"}},
		"tagged secret":      {yaml: "wifi: {ssid: x, password: !hunter22 }", want: []string{"1:27: wifi.password: a string is needed here, not a tagged value*"}},
		"tagged section":     {yaml: ok + "task: !hunter22 x", want: []string{"2:7: task: a map of fields is needed here, not a tagged value*"}},
		"date for string":    {yaml: "wifi: {ssid: 2001-01-01}", want: []string{"1:14: wifi.ssid: a string is needed here, not a date | put the value in quotes"}},
		"merge for string":   {yaml: "wifi: {ssid: <<}", want: []string{"1:14: wifi.ssid: a string is needed here, not a tagged value | put the value in quotes"}},
		"sdkconfig a string": {yaml: ok + "sdkconfig: x", want: []string{"2:12: sdkconfig: a map is needed here, not a string*"}},

		// Ranges.
		"below":            {yaml: ok + "server: {port: 0}", want: []string{"2:16: server.port: 0 is below the limit of 1 | allowed: 1 to 65535"}},
		"above":            {yaml: ok + "wifi: ", role: "tcp-server", want: []string{"2:1: wifi: given twice*"}},
		"retries":          {yaml: "wifi: {ssid: x, retries: 255}", want: []string{"1:26: wifi.retries: 255 is above the limit of 254 | allowed: 0 to 254"}},
		"multiple":         {yaml: ok + "task: {stack: 4100}", want: []string{"2:15: task.stack: 4100 is not a multiple of 16 | the next ones are 4096 and 4112"}},
		"ssid too long":    {yaml: "wifi: {ssid: 网网网网网网网网网网网}", want: []string{"1:14: wifi.ssid: \"网网网网网网网网网网网\" is 33 bytes long, above the limit of 32*"}},
		"ssid empty":       {yaml: `wifi: {ssid: ""}`, want: []string{"1:14: wifi.ssid: it is empty*"}},
		"ssid with NUL":    {yaml: `wifi: {ssid: "a\0b"}`, want: []string{"1:14: wifi.ssid: \"a\\x00b\" holds a NUL byte, which ends a string in C | leave it out"}},
		"password short":   {yaml: "wifi: {ssid: x, password: hunter2}", want: []string{"1:27: wifi.password: the value is shorter than 8 characters*"}},
		"password long":    {yaml: "wifi: {ssid: x, password: " + strings.Repeat("a1", 33) + "}", want: []string{"1:27: wifi.password: the value is longer than 63 characters*"}},
		"password not hex": {yaml: "wifi: {ssid: x, password: " + strings.Repeat("xy", 32) + "}", want: []string{"1:27: wifi.password: the value has 64 characters, as a raw key has, but not all are hexadecimal digits*"}},
		"password in Greek": {
			yaml: "wifi: {ssid: x, password: hunter2α}",
			want: []string{"1:27: wifi.password: the value holds a character that is not printable ASCII*"},
		},
		"target without Wi-Fi": {yaml: ok + "target: esp32h2", want: []string{"2:9: target: \"esp32h2\" cannot be used: it has IEEE 802.15.4 and Bluetooth, but no Wi-Fi*"}},
		"target misspelt":      {yaml: ok + "target: esp32-s3", want: []string{"2:9: target: \"esp32-s3\" is not one of its values | did you mean esp32s3?"}},
		"project form":         {yaml: ok + "project: My-Project", want: []string{"2:10: project: \"My-Project\" is not of the form it must have*"}},
		"project reserved":     {yaml: ok + "project: test", want: []string{"2:10: project: \"test\" is a name that CMake or ESP-IDF uses itself | try test_app"}},
		"comments":             {yaml: ok + "comments: fr", want: []string{"2:11: comments: \"fr\" is not one of its values | allowed: en, zh"}},
		"power save":           {yaml: "wifi: {ssid: x, power_save: off}", want: []string{"1:29: wifi.power_save: \"off\" is not one of its values | allowed: none, min_modem, max_modem"}},

		// Roles and styles.
		"other role":      {yaml: "role: tcp-client; " + ok, want: []string{"1:7: role: \"tcp-client\" is not the role that the command names, tcp-server*"}},
		"other style":     {yaml: "style: rusty; " + ok, want: []string{"1:8: style: tcp-server has no style \"rusty\" in this version of espgen | allowed: guide, robust"}},
		"client's field":  {yaml: ok + "client: {greeting: x}", want: []string{"2:10: client.greeting: tcp-server in the guide style does not use this field | remove it; `espgen explain client.greeting` tells who uses it"}},
		"server's field":  {role: "tcp-client", yaml: ok + "server: {addr: 1.2.3.4, backlog: 2}", want: []string{"2:25: server.backlog: tcp-client in the guide style does not use this field*"}},
		"client, no addr": {role: "tcp-client", yaml: ok, want: []string{"1:1: server.addr: required, but missing*"}},

		// Addresses.
		"host name":    {role: "tcp-client", yaml: ok + "server: {addr: example.com}", want: []string{"2:16: server.addr: \"example.com\" is a host name, which the guide style cannot look up*"}},
		"IPv6":         {role: "tcp-client", yaml: ok + `server: {addr: "::1"}`, want: []string{"2:16: server.addr: \"::1\" is an IPv6 address, which the guide style cannot use*"}},
		"space":        {role: "tcp-client", yaml: ok + `server: {addr: " 1.2.3.4"}`, want: []string{"2:16: server.addr: \" 1.2.3.4\" has a space before or after the address*"}},
		"leading zero": {role: "tcp-client", yaml: ok + `server: {addr: 192.168.010.1}`, want: []string{"2:16: server.addr: \"192.168.010.1\" is not an IPv4 address*"}},
		"three parts":  {role: "tcp-client", yaml: ok + `server: {addr: "192.168.1"}`, want: []string{"2:16: server.addr: \"192.168.1\" is not an IPv4 address*"}},

		// Addresses that no server has.
		"own address":       {role: "tcp-client", yaml: ok + `server: {addr: 0.0.0.0}`, want: []string{"2:16: server.addr: \"0.0.0.0\" is the unspecified address: no server can be reached at it | write the address of the computer that the server runs on, such as 192.168.1.100: `ip addr` (Linux), `ifconfig` (macOS) or `ipconfig` (Windows) shows it there"}},
		"broadcast address": {role: "tcp-client", yaml: ok + `server: {addr: 255.255.255.255}`, want: []string{"2:16: server.addr: \"255.255.255.255\" is the broadcast address: TCP connects to a single host | write the address of the computer*"}},
		"loopback":          {role: "tcp-client", yaml: ok + `server: {addr: 127.0.0.1}`, want: []string{"2:16: server.addr: \"127.0.0.1\" is a loopback address: it is the board itself | write the address of the computer*"}},
		"loopback, another": {role: "tcp-client", yaml: robust + `server: {addr: 127.255.255.255}`, want: []string{"3:16: server.addr: \"127.255.255.255\" is a loopback address*"}},
		"multicast":         {role: "tcp-client", yaml: ok + `server: {addr: 224.0.0.1}`, want: []string{"2:16: server.addr: \"224.0.0.1\" is a multicast address: TCP connects to a single host | write*"}},
		"multicast, last":   {role: "tcp-client", yaml: robust + `server: {addr: 239.255.255.255}`, want: []string{"3:16: server.addr: \"239.255.255.255\" is a multicast address*"}},
		"own IPv6 address":  {role: "tcp-client", yaml: robust + `server: {addr: "::"}`, want: []string{"3:16: server.addr: \"::\" is the unspecified address*"}},
		"IPv6 loopback":     {role: "tcp-client", yaml: robust + `server: {addr: "0::1"}`, want: []string{"3:16: server.addr: \"0::1\" is a loopback address*"}},
		"IPv6 multicast":    {role: "tcp-client", yaml: robust + `server: {addr: "ff02::1"}`, want: []string{"3:16: server.addr: \"ff02::1\" is a multicast address*"}},
		"mapped loopback":   {role: "tcp-client", yaml: robust + `server: {addr: "::ffff:127.0.0.1"}`, want: []string{"3:16: server.addr: \"::ffff:127.0.0.1\" is a loopback address*"}},
		"localhost":         {role: "tcp-client", yaml: robust + `server: {addr: LocalHost}`, want: []string{"3:16: server.addr: \"LocalHost\" is the board itself | write*"}},

		// The robust style.
		"robust only": {
			yaml: "wifi: {ssid: x, backoff_ms: [1, 2], static_ip: {address: 1.2.3.4}}; socket: {no_delay: true}; task: {core: 1}",
			want: []string{
				"1:17: wifi.backoff_ms: tcp-server in the guide style does not use this field | remove it; `espgen explain wifi.backoff_ms` tells who uses it",
				"1:49: wifi.static_ip.address: tcp-server in the guide style does not use this field*",
				"2:10: socket.no_delay: tcp-server in the guide style does not use this field*",
				"3:8: task.core: tcp-server in the guide style does not use this field*",
			},
		},
		"guide only": {yaml: "style: robust; wifi: {ssid: x, retries: 3, wait_ms: 1}", want: []string{
			"2:17: wifi.retries: tcp-server in the robust style does not use this field*", "2:29: wifi.wait_ms: tcp-server in the robust style does not use this field*",
		}},
		"server's, robust": {role: "tcp-client", yaml: robust + "server: {addr: a.b, family: dual, idle_timeout_s: 1, max_clients: 2}", want: []string{
			"3:21: server.family: tcp-client in the robust style does not use this field*", "3:35: server.idle_timeout_s: tcp-client*", "3:54: server.max_clients: tcp-client*",
		}},
		"client's, robust": {yaml: robust + "client: {backoff_ms: [100, 100], connect_timeout_ms: 100}", want: []string{
			"3:10: client.backoff_ms: tcp-server in the robust style does not use this field*", "3:34: client.connect_timeout_ms: tcp-server*",
		}},
		"ranges": {
			yaml: robust + "server: {family: ipv5, idle_timeout_s: 86401}; buffers: {tx: 0}; socket: {no_delay: 1, send_timeout_ms: 600001}; task: {core: 2}",
			want: []string{
				`3:18: server.family: "ipv5" is not one of its values | did you mean ipv4?`,
				"3:40: server.idle_timeout_s: 86401 is above the limit of 86400 | allowed: 0 (never) to 86400 s",
				"4:15: buffers.tx: 0 is below the limit of 1 | allowed: 1 to 65536 bytes",
				`5:20: socket.no_delay: "1" is not true or false*`,
				"5:40: socket.send_timeout_ms: 600001 is above the limit of 600000*",
				"6:14: task.core: 2 is above the limit of 1 | allowed: 0 or 1, on chips with two cores: esp32, esp32s3",
			},
		},
		"client's ranges": {
			role: "tcp-client", yaml: robust + "server: {addr: a.b}; client: {connect_timeout_ms: 99, backoff_ms: [500, 99]}",
			want: []string{
				"4:30: client.connect_timeout_ms: 99 is below the limit of 100 | allowed: 100 to 120000 ms",
				"4:46: client.backoff_ms: 99 is below the limit of 100*",
			},
		},

		// Pairs.
		"pair, below":       {yaml: "style: robust; wifi: {ssid: x, backoff_ms: [99, 500]}", want: []string{"2:29: wifi.backoff_ms: 99 is below the limit of 100 | allowed: [FIRST, LONGEST], each 100 to 3600000 ms, the first not above the longest"}},
		"pair, above":       {yaml: "style: robust; wifi: {ssid: x, backoff_ms: [500, 3600001]}", want: []string{"2:29: wifi.backoff_ms: 3600001 is above the limit of 3600000 | allowed: [FIRST, *"}},
		"pair, upside down": {yaml: "style: robust; wifi: {ssid: x, backoff_ms: [501, 500]}", want: []string{"2:29: wifi.backoff_ms: the first, 501, is above the longest, 500 | allowed: [FIRST, *"}},
		"pair, three":       {yaml: "style: robust; wifi: {ssid: x, backoff_ms: [500, 600, 700]}", want: []string{"2:29: wifi.backoff_ms: a pair has two numbers, not 3 | allowed: [FIRST, *"}},
		"pair, a number":    {yaml: "style: robust; wifi: {ssid: x, backoff_ms: 500}", want: []string{"2:29: wifi.backoff_ms: a pair of numbers is needed here, not a number | allowed: [FIRST, *"}},
		"pair, of text":     {yaml: "style: robust; wifi: {ssid: x, backoff_ms: [500, abc]}", want: []string{"2:29: wifi.backoff_ms: a whole number is needed here, not a string*"}},
		"pair, of env":      {yaml: "style: robust; wifi: {ssid: x, backoff_ms: [500, !env SSID]}", want: []string{"2:29: wifi.backoff_ms: a whole number is needed here, not a tagged value*"}},
		"pair, in env":      {yaml: "style: robust; wifi: {ssid: x, backoff_ms: !env SSID}", want: []string{"2:29: wifi.backoff_ms: !env stands for a string, and this field is a pair of numbers*"}},
		"pair, octal":       {yaml: "style: robust; wifi: {ssid: x, backoff_ms: [0500, 1000]}", want: []string{`2:29: wifi.backoff_ms: "0500" is not in decimal*`}},
		"pair, null":        {yaml: "style: robust; wifi: {ssid: x, backoff_ms: }", want: []string{"2:29: wifi.backoff_ms: it has no value*"}},
		"pair, set":         {yaml: robust, set: []string{"wifi.backoff_ms=[600,500]"}, want: []string{"--set wifi.backoff_ms: the first, 600, is above the longest, 500*"}},
		"pair, set to one":  {yaml: robust, set: []string{"wifi.backoff_ms=500"}, want: []string{"--set wifi.backoff_ms: a pair of numbers is needed here, not a string*"}},
		"list for a number": {yaml: ok, set: []string{"server.port=[80]"}, want: []string{"--set server.port: a whole number is needed here, not a string*"}},

		// Security.
		"auth":               {yaml: "style: robust; wifi: {ssid: x, password: correct horse, auth: wpa2}", want: []string{`2:48: wifi.auth: "wpa2" is not one of its values | *`}},
		"auth without a key": {yaml: "style: robust; wifi: {ssid: x, auth: wpa2_psk}", want: []string{`2:23: wifi.auth: "wpa2_psk" needs a key, but wifi.password is empty | give wifi.password, or leave auth out for an open network`}},
		"open with a key":    {yaml: "style: robust; wifi: {ssid: x, password: !secret wifi, auth: open}", want: []string{`2:47: wifi.auth: "open" would accept a network without a key, so that wifi.password protects nothing | write wpa2_psk, or leave it out`}},
		"open from env":      {yaml: "style: robust; wifi: {ssid: x, password: !secret wifi, auth: !env OPEN}", want: []string{"2:47: wifi.auth: the value of !env OPEN would accept*"}},
		"WPA3 with a raw key": {
			yaml: "style: robust; wifi: {ssid: x, password: " + strings.Repeat("0aF9", 16) + ", auth: wpa3_psk}",
			want: []string{`2:99: wifi.auth: "wpa3_psk" needs a passphrase of 8 to 63 characters, but wifi.password is a raw key of 64 digits | give the passphrase as wifi.password, or write wpa2_psk`},
		},
		"auth, bad password": {yaml: "style: robust; wifi: {ssid: x, password: hunter2, auth: open}", want: []string{"2:27: wifi.password: the value is shorter than 8 characters*"}},

		// Text for Kconfig.

		// Host names.
		"hostname, _":    {yaml: "style: robust; wifi: {ssid: x, hostname: my_device}", want: []string{`2:27: wifi.hostname: "my_device" is not a host name: it has a character that is no letter, no digit and no - | allowed: at most 32 letters, digits and -, the first and the last no -`}},
		"hostname, -":    {yaml: "style: robust; wifi: {ssid: x, hostname: dev-}", want: []string{`2:27: wifi.hostname: "dev-" is not a host name: it begins or ends with -*`}},
		"hostname, long": {yaml: "style: robust; wifi: {ssid: x, hostname: " + strings.Repeat("a", 33) + "}", want: []string{`2:27: wifi.hostname: "*" is not a host name: it is 33 characters long, above the limit of 32*`}},
		"hostname, none": {yaml: `style: robust; wifi: {ssid: x, hostname: ""}`, want: []string{`2:27: wifi.hostname: "" is not a host name: it is empty*`}},
		"hostname, dot":  {yaml: "style: robust; wifi: {ssid: x, hostname: a.b}", want: []string{`2:27: wifi.hostname: "a.b" is not a host name: it has a character*`}},
		"zone":           {role: "tcp-client", yaml: robust + `server: {addr: "fe80::1%eth0"}`, want: []string{`3:16: server.addr: "fe80::1%eth0" has a zone, which is another one on each host | leave out the % and what follows`}},
		"brackets":       {role: "tcp-client", yaml: robust + `server: {addr: "[::1]:80"}`, want: []string{`3:16: server.addr: "[::1]:80" is not an IPv6 address | leave out brackets; the port goes into server.port`}},
		"robust space":   {role: "tcp-client", yaml: robust + `server: {addr: "a.b "}`, want: []string{`3:16: server.addr: "a.b " has a space before or after the address | allowed: an IPv4 address, an IPv6 address or a host name`}},
		"robust, parts":  {role: "tcp-client", yaml: robust + `server: {addr: "192.168.1"}`, want: []string{`3:16: server.addr: "192.168.1" ends in a number, as no host name does, and is not an IPv4 address*`}},
		"robust, octal":  {role: "tcp-client", yaml: robust + `server: {addr: 192.168.010.1}`, want: []string{`3:16: server.addr: "192.168.010.1" ends in a number*`}},
		"robust, hex":    {role: "tcp-client", yaml: robust + `server: {addr: a.0x7f}`, want: []string{`3:16: server.addr: "a.0x7f" ends in a number*`}},
		"empty part":     {role: "tcp-client", yaml: robust + `server: {addr: a..b}`, want: []string{`3:16: server.addr: "a..b" is not a host name: a part between dots is empty*`}},
		"dot at the end": {role: "tcp-client", yaml: robust + `server: {addr: a.b.}`, want: []string{`3:16: server.addr: "a.b." is not a host name: a part between dots is empty*`}},
		"long part":      {role: "tcp-client", yaml: robust + `server: {addr: a.` + strings.Repeat("b", 64) + `}`, want: []string{`3:16: server.addr: "*"... is not a host name: a part between dots is 64 characters long, above the limit of 63*`}},
		"long name":      {role: "tcp-client", yaml: robust + `server: {addr: ` + strings.Repeat("a.", 126) + `bc}`, want: []string{`3:16: server.addr: "*"... is 254 characters long, above the limit of 253*`}},
		"not ASCII":      {role: "tcp-client", yaml: robust + `server: {addr: 网.cn}`, want: []string{`3:16: server.addr: "网.cn" is not a host name: a part between dots has a character that is no letter, no digit and no -*`}},
		"robust, no":     {role: "tcp-client", yaml: robust, want: []string{"1:1: server.addr: required, but missing | add it: an IPv4 address, an IPv6 address or a host name"}},
		"robust, empty":  {role: "tcp-client", yaml: robust + `server: {addr: ""}`, want: []string{"3:16: server.addr: it is empty | allowed: an IPv4 address, *"}},
		"robust, env":    {role: "tcp-client", yaml: robust + `server: {addr: !env ADDR}`, want: []string{"3:16: server.addr: the value of !env ADDR is not a host name: a part between dots has a character*"}},

		// The static address.
		"static, half": {yaml: static("address: 10.0.0.5, netmask: 255.0.0.0"), want: []string{
			"2:17: wifi.static_ip.gateway: required with the rest of wifi.static_ip, but missing | add it: an IPv4 address: four numbers from 0 to 255, with dots between them; or remove wifi.static_ip",
			"2:17: wifi.static_ip.dns: required with the rest of wifi.static_ip, but missing*",
		}},
		"static, set":       {yaml: robust, set: []string{"wifi.static_ip.dns=1.1.1.1"}, want: []string{"--set wifi.static_ip.dns: wifi.static_ip.address: required*", "--set wifi.static_ip.dns: wifi.static_ip.netmask: required*", "--set wifi.static_ip.dns: wifi.static_ip.gateway: required*"}},
		"static, key":       {yaml: static("adress: 10.0.0.5"), want: []string{`2:29: wifi.static_ip: unknown key "adress" | did you mean address?`}},
		"static, wrong":     {yaml: static(`address: "::1", netmask: 24, gateway: router, dns: 1.1.1`), want: []string{`2:38: wifi.static_ip.address: "::1" is an IPv6 address, and an IPv4 address is needed here*`, "2:54: wifi.static_ip.netmask: a string is needed here, not a number*", `2:67: wifi.static_ip.gateway: "router" is a host name, and an IPv4 address is needed here*`, `2:80: wifi.static_ip.dns: "1.1.1" is not an IPv4 address*`}},
		"netmask, gap":      {yaml: static("address: 10.0.0.5, netmask: 255.0.255.0, gateway: 10.0.0.1, dns: 1.1.1.1"), want: []string{`2:57: wifi.static_ip.netmask: "255.0.255.0" is not a netmask: it has a zero before a one | allowed: 1 to 30 one bits and then zeros, *`}},
		"netmask, inverse":  {yaml: static("address: 10.0.0.5, netmask: 0.0.0.255, gateway: 10.0.0.1, dns: 1.1.1.1"), want: []string{`2:57: wifi.static_ip.netmask: "0.0.0.255" is not a netmask: it has a zero*`}},
		"netmask, 31":       {yaml: static("address: 10.0.0.5, netmask: 255.255.255.254, gateway: 10.0.0.1, dns: 1.1.1.1"), want: []string{`2:57: wifi.static_ip.netmask: "255.255.255.254" has no room for the station and a gateway*`}},
		"netmask, 0":        {yaml: static("address: 10.0.0.5, netmask: 0.0.0.0, gateway: 10.0.0.1, dns: 1.1.1.1"), want: []string{`2:57: wifi.static_ip.netmask: "0.0.0.0" is the netmask of every address, not of a subnet*`}},
		"outside":           {yaml: static("address: 192.168.7.9, netmask: 255.255.255.0, gateway: 192.168.8.1, dns: 1.1.1.1"), want: []string{`2:84: wifi.static_ip.gateway: "192.168.8.1" is not in the subnet of wifi.static_ip.address | the subnet's hosts are 192.168.7.1 to 192.168.7.254`}},
		"network address":   {yaml: static("address: 192.168.7.8, netmask: 255.255.255.248, gateway: 192.168.7.15, dns: 1.1.1.1"), want: []string{`2:38: wifi.static_ip.address: "192.168.7.8" is the address of the subnet itself | the subnet's hosts are 192.168.7.9 to 192.168.7.14`, `2:86: wifi.static_ip.gateway: "192.168.7.15" is the subnet's broadcast address*`}},
		"hidden address":    {yaml: static("address: !env LAN, netmask: 255.255.255.0, gateway: 192.168.7.255, dns: 1.1.1.1"), want: []string{"2:38: wifi.static_ip.address: the value of !env LAN is the address of the subnet itself | write the address of a host in the subnet", `2:81: wifi.static_ip.gateway: "192.168.7.255" is the subnet's broadcast address | write the address of a host*`}},
		"its own gateway":   {yaml: static("address: 10.0.0.5, netmask: 255.0.0.0, gateway: 10.0.0.5, dns: 1.1.1.1"), want: []string{`2:77: wifi.static_ip.gateway: "10.0.0.5" is the station's own address | write the router's address`}},
		"core of a C3":      {yaml: "style: robust; target: esp32c3; wifi: {ssid: x}; task: {core: 0}", want: []string{"4:14: task.core: esp32c3 has only one core | remove it, or take a chip with two: esp32, esp32s3"}},
		"core, hidden chip": {yaml: "style: robust; target: !env C5; wifi: {ssid: x}; task: {core: 1}", want: []string{"4:14: task.core: the value of !env C5 has only one core*"}},

		// Versions of ESP-IDF.
		"idf too old":         {yaml: ok + `idf: ">=4.4"`, want: []string{"2:6: idf: \">=4.4\" allows versions below 5.1, the oldest*| write \">=5.1\", or leave it out"}},
		"idf open below":      {yaml: ok + `idf: "<6.0"`, want: []string{"2:6: idf: \"<6.0\" allows versions below 5.1*"}},
		"idf for c5":          {yaml: ok + `target: esp32c5; idf: ">=5.1"`, want: []string{"3:6: idf: \">=5.1\" allows versions below 5.5, in which esp32c5 is only a preview or missing*"}},
		"idf nothing":         {yaml: ok + `idf: ">=6.0,<5.5"`, want: []string{"2:6: idf: no version is within \">=6.0,<5.5\"*"}},
		"idf three numbers":   {yaml: ok + `idf: "~=5.4.1,>=5.5"`, want: []string{"2:6: idf: no version is within*"}},
		"idf next patch":      {yaml: ok + `idf: ">5.0.9"`, want: []string{"2:6: idf: \">5.0.9\" allows versions below 5.1*"}},
		"idf next major":      {yaml: ok + `idf: ">4"`, want: []string{"2:6: idf: \">4\" allows versions below 5.1*"}},
		"idf too many digits": {yaml: ok + `idf: ">=99999999999999999999999"`, want: []string{"2:6: idf: \">=99999999999999999999999\" is not of the form it must have*"}},
		"idf secret target":   {yaml: ok + `target: !env C5; idf: ">=5.1"`, want: []string{"3:6: idf: \">=5.1\" allows versions below 5.5, in which the value of !env C5 is only a preview or missing*"}},
		"idf form":            {yaml: ok + `idf: latest`, want: []string{"2:6: idf: \"latest\" is not of the form it must have*"}},
		"idf a number":        {yaml: ok + `idf: 5.1`, want: []string{"2:6: idf: a string is needed here, not a number | put the value in quotes"}},
		"idf caret below":     {yaml: ok + `idf: "^5.0"`, want: []string{"2:6: idf: \"^5.0\" allows versions below 5.1*"}},

		// Budgets.
		"stack": {
			yaml: ok + "buffers: {rx: 4096}",
			want: []string{"2:15: buffers.rx: the task's stack is too small: 128 (addr_str) + 4096 (rx_buffer) + 1536 (margin for calls and logging) = 5760 bytes, but task.stack is 4096 | set task.stack to at least 5760, or make the buffer smaller"},
		},
		"stack, a byte too much": {
			yaml: ok + "buffers: {rx: 2433}",
			want: []string{"2:15: buffers.rx: the task's stack is too small: *= 4097 bytes, but task.stack is 4096 | set task.stack to at least 4112, *"},
		},
		"stack, 16 less": {
			yaml: ok + "buffers: {rx: 2432}; task: {stack: 4080}",
			want: []string{"2:15: buffers.rx: the task's stack is too small: *= 4096 bytes, but task.stack is 4080 | set task.stack to at least 4096, *"},
		},
		"stack of a client": {
			role: "tcp-client", yaml: ok + "server: {addr: 1.2.3.4}; task: {stack: 2048}",
			want: []string{"3:15: task.stack: the task's stack is too small: 1024 (rx_buffer) + 1536 (margin for calls and logging) = 2560 bytes, but task.stack is 2048*"},
		},
		"sockets": {
			yaml: ok + "server: {max_clients: 15}",
			want: []string{"2:23: server.max_clients: too many sockets: 15 (clients) + 1 (listener) + 1 (reserve, to refuse the next client) = 17, but ESP-IDF before 5.4 has at most 16 | lower it to 14, or set idf to \">=5.4\", which has room for 253 sockets"},
		},
		"greeting and buffer": {
			role: "tcp-client", yaml: robust + "server: {addr: 192.168.1.2}\nclient: {greeting: Hello!}\nbuffers: {tx: 5}",
			want: []string{"4:20: client.greeting: the greeting does not fit the buffer that it is sent from: it has 6 bytes, but buffers.tx is 5 | set buffers.tx to at least 6, or shorten the greeting"},
		},
		"static RAM of a server": {
			yaml: robust + "server: {max_clients: 12}; buffers: {rx: 4096, tx: 4097}",
			want: []string{"4:15: buffers.rx: too much static RAM: 12 (clients) x (4096 (rx_buffer) + 4097 (tx_buffer)) = 98316 bytes, above the limit of 98304 | make the buffers smaller, or lower server.max_clients"},
		},
		"static RAM of a client": {
			role: "tcp-client", yaml: robust + "server: {addr: a.b}; buffers: {tx: 65536, rx: 32769}",
			want: []string{"4:26: buffers.rx: too much static RAM: 32769 (rx_buffer) + 65536 (tx_buffer) = 98305 bytes, above the limit of 98304 | make the buffers smaller"},
		},
		"static RAM, one given": {yaml: robust + "buffers: {tx: 65536}", want: []string{"3:15: buffers.tx: too much static RAM: 4 (clients) x (1440 (rx_buffer) + 65536 (tx_buffer)) = 267904 bytes*"}},

		// sdkconfig.
		"option form":    {yaml: ok + "sdkconfig: {LWIP_X: 1}", want: []string{"2:13: sdkconfig.LWIP_X: \"LWIP_X\" is not the name of an ESP-IDF option | write CONFIG_ and then capitals, digits and _"}},
		"option ours":    {yaml: ok + "sdkconfig: {CONFIG_LWIP_MAX_SOCKETS: 12}", want: []string{"2:13: sdkconfig.CONFIG_LWIP_MAX_SOCKETS: espgen sets this option itself*"}},
		"option list":    {yaml: ok + "sdkconfig: {CONFIG_X: [1]}", want: []string{"2:23: sdkconfig.CONFIG_X: the value is neither a boolean, nor a whole number, nor a string*"}},
		"option float":   {yaml: ok + "sdkconfig: {CONFIG_X: 1.5}", want: []string{"2:23: sdkconfig.CONFIG_X: the value is neither*"}},
		"option octal":   {yaml: ok + "sdkconfig: {CONFIG_X: 010, CONFIG_Y: 0o10}", want: []string{"2:23: sdkconfig.CONFIG_X: \"010\" is not a number that Kconfig reads | write a plain decimal number, without a leading zero, or 0x and hexadecimal digits", "2:38: sdkconfig.CONFIG_Y: \"0o10\" is not*"}},
		"option too big": {yaml: ok + "sdkconfig: {CONFIG_X: 9999999999999999999}", want: []string{"2:23: sdkconfig.CONFIG_X: \"9999999999999999999\" is not a number that Kconfig reads*"}},
		"option digits":  {yaml: ok + `sdkconfig: {CONFIG_X: !!int "", CONFIG_Y: 0x, CONFIG_Z: !!int 0x}`, want: []string{`2:23: sdkconfig.CONFIG_X: "" is not a number*`, `2:57: sdkconfig.CONFIG_Z: "0x" is not a number*`}},
		"option yes":     {yaml: ok + "sdkconfig: {CONFIG_X: yes, CONFIG_Y: Off}", want: []string{"2:23: sdkconfig.CONFIG_X: \"yes\" is a string here, and a boolean to other YAML readers | write true or false, or put it in quotes", "2:38: sdkconfig.CONFIG_Y: \"Off\"*"}},
		"option set on":  {yaml: ok, set: []string{"sdkconfig.CONFIG_X=on"}, want: []string{"--set sdkconfig.CONFIG_X: \"on\" is a string here*"}},
		"option bool":    {yaml: ok + "sdkconfig: {CONFIG_X: !!bool yes}", want: []string{"2:23: sdkconfig.CONFIG_X: the value is neither*"}},
		"option no env":  {yaml: ok + "sdkconfig: {CONFIG_X: !env NOPE, Y: !secret nope, CONFIG_Z: !vault z}", want: []string{"2:23: sdkconfig.CONFIG_X: the environment has no variable \"NOPE\"*", "2:34: sdkconfig.Y: \"Y\" is not the name*", "2:37: sdkconfig.Y: secrets.yaml has no entry*", "2:61: sdkconfig.CONFIG_Z: the value is neither*"}},
		"option secret":  {yaml: ok + "sdkconfig: {CONFIG_X: !env LINES}", want: []string{"2:23: sdkconfig.CONFIG_X: the value holds a control character*"}},
		"option colon":   {yaml: ok + "sdkconfig: {CONFIG_X:hunter22, CONFIG_Y: 1.5}", want: []string{"2:13: sdkconfig: this is not the name of an ESP-IDF option*", "2:42: sdkconfig.CONFIG_Y: the value is neither*"}},
		"option twice":   {yaml: ok + "sdkconfig: {CONFIG_X: 1, CONFIG_X: 2, ? [a] : 1}", want: []string{"2:26: sdkconfig.CONFIG_X: given twice*", "2:41: sdkconfig: this is not the name*"}},
		"option merged":  {yaml: ok + "sdkconfig: {<<: a, CONFIG_X: 1.5}", want: []string{"2:17: sdkconfig: << merges a map*", "2:30: sdkconfig.CONFIG_X: the value is neither*"}},
		"option lines":   {yaml: ok + `sdkconfig: {CONFIG_X: "a\nb"}`, want: []string{"2:23: sdkconfig.CONFIG_X: the value holds a control character*"}},

		// !env and !secret.
		"no variable":     {yaml: "wifi: {ssid: !env NOPE}", want: []string{"1:14: wifi.ssid: the environment has no variable \"NOPE\" | set it: export NOPE=..."}},
		"no secret":       {yaml: "wifi: {ssid: x, password: !secret nope}", want: []string{"1:27: wifi.password: secrets.yaml has no entry \"nope\"*"}},
		"secrets broken":  {yaml: "wifi: {ssid: x, password: !secret broken}", want: []string{"1:27: wifi.password: no secret \"broken\": open secrets.yaml: permission denied*"}},
		"secret is bad":   {yaml: "wifi: {ssid: x, password: !secret bad}", want: []string{"1:27: wifi.password: the value of !secret bad is shorter than 8 characters*"}},
		"env is bad":      {role: "tcp-client", yaml: ok + "server: {addr: !env ADDR}", want: []string{"2:16: server.addr: the value of !env ADDR is a host name*"}},
		"secret project":  {yaml: ok + "project: !env TEST", want: []string{"2:10: project: the value of !env TEST is a name that CMake or ESP-IDF uses itself | allowed: *"}},
		"secret role":     {yaml: "role: !env SHORT; " + ok, want: []string{"1:7: role: the value of !env SHORT is not the role that the command names, tcp-server*"}},
		"secret style":    {yaml: "style: !env SHORT; " + ok, want: []string{"1:8: style: tcp-server has no style the value of !env SHORT in this version*"}},
		"shell in a name": {yaml: "wifi: {ssid: !env $(reboot)}", want: []string{"1:14: wifi.ssid: the environment has no variable \"$(reboot)\" | a variable's name has only letters, digits and _"}},
		"secret's name":   {yaml: "wifi: {ssid: !secret \"a: \\n\"}", want: []string{"1:14: wifi.ssid: secrets.yaml has no entry \"a: \\n\" | put a line `\"a: \\n\": ...` into it"}},
		"env of a number": {yaml: ok + "server: {port: !env SSID}", want: []string{"2:16: server.port: !env stands for a string, and this field is a whole number*"}},
		"env, no name":    {yaml: `wifi: {ssid: !env ""}`, want: []string{"1:14: wifi.ssid: !env is not followed by a name*"}},

		// --set.
		"set out of range": {yaml: ok, set: []string{"server.port=70000"}, want: []string{"--set server.port: 70000 is above the limit of 65535*"}},
		"set unknown":      {yaml: ok, set: []string{"wifi.pasword=hunter22"}, want: []string{"--set wifi.pasword: unknown field | did you mean wifi.password?"}},
		"set, colon":       {yaml: ok, set: []string{"wifi.password:hunter=22abc"}, want: []string{"--set: unknown field | did you mean wifi.password?"}},
		"set, an option":   {yaml: ok, set: []string{"sdkconfig.A:hunter22=abc"}, want: []string{"--set: unknown field | `espgen explain` lists the fields"}},
		"set, very long":   {yaml: ok, set: []string{strings.Repeat("hunter22", 20) + "=abc"}, want: []string{"--set: unknown field | `espgen explain` lists the fields"}},
		"set, no pair":     {yaml: ok, set: []string{"hunter22"}, want: []string{"--set: a path=value pair is needed*"}},
		"set on an alias":  {yaml: "wifi: &n {ssid: x}; task: *n", set: []string{"wifi.retries=1"}, want: []string{"1:11: task: unknown key \"ssid\"*"}},
		"set in no map":    {yaml: "wifi: x", set: []string{"wifi.ssid=a"}, want: []string{"1:7: wifi: a map of fields is needed here, not a string*"}},
		"set wrong type":   {yaml: ok, set: []string{"server.port=http"}, want: []string{"--set server.port: a whole number is needed here, not a string*"}},
		"set a section":    {yaml: ok, set: []string{"wifi=x"}, want: []string{"--set wifi: wifi is a section, not a field | name one of its fields: ssid, *"}},
		"set, !env":        {yaml: ok, set: []string{"wifi.ssid=!env SSID"}, want: []string{"--set wifi.ssid: --set uses the text as it is: !env has no meaning here | let the shell insert the value: --set wifi.ssid=\"$NAME\"; !env and !secret work in the spec's file"}},
		"set, !secret":     {yaml: ok, set: []string{"wifi.password=!secret hunter22", "project=!env"}, want: []string{"--set project: --set uses the text as it is: !env *", "--set wifi.password: --set uses the text as it is: !secret has no meaning here*"}},
		"set an option":    {yaml: ok, set: []string{"sdkconfig.X=1"}, want: []string{"--set sdkconfig.X: \"X\" is not the name*"}},

		// Many at once, in the order of the file.
		"many": {
			yaml: "stlye: guide; wifi:;   ssid: x;   retries: 999; server: {port: 0, backlog: 0}; task: {stack: 17}",
			want: []string{
				"1:1: unknown key \"stlye\" | did you mean style?",
				"4:12: wifi.retries: 999 is above the limit of 254*",
				"5:16: server.port: 0 is below the limit of 1*",
				"5:28: server.backlog: 0 is below the limit of 1*",
				"6:15: task.stack: 17 is below the limit of 2048*",
			},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if test.role == "" {
				test.role = "tcp-server"
			}
			from := spectest.Sources
			from.Set = test.set
			_, err := rules.CheckFile(spec.Parse("s.yaml", []byte(spectest.Lines(test.yaml)), from), spectest.Role(t, test.role))
			var issues spec.Issues
			if !errors.As(err, &issues) {
				t.Fatalf("got %v, want issues", err)
			}
			spectest.CheckIssues(t, issues, test.want)
		})
	}
}

// TestValid gives specs that are in order, and wants their values.
func TestValid(t *testing.T) {
	type values = map[string]any
	tests := map[string]struct {
		role string
		yaml string
		set  []string
		want values
	}{
		"the shortest": {
			yaml: "wifi: {ssid: x}",
			want: values{"style": "guide", "project": "tcp_server", "target": "esp32", "idf": ">=5.1", "rx": 128, "port": 8080, "retries": 5, "stack": 4096},
		},
		"a client's buffer":   {role: "tcp-client", yaml: "wifi: {ssid: x}; server: {addr: 1.2.3.4}", want: values{"project": "tcp_client", "rx": 1024}},
		"zero is a value":     {yaml: "wifi: {ssid: x, retries: 0}", want: values{"retries": 0}},
		"idf of a new chip":   {yaml: "wifi: {ssid: x}; target: esp32c61", want: values{"idf": ">=5.5"}},
		"idf of two bounds":   {yaml: "wifi: {ssid: x}; idf: '>=5.1, <7'", want: values{"idf": ">=5.1, <7"}},
		"idf compatible":      {yaml: "wifi: {ssid: x}; idf: ~=5.4", want: values{"idf": "~=5.4"}},
		"idf exact":           {yaml: "wifi: {ssid: x}; idf: ==5.5.2", want: values{"idf": "==5.5.2"}},
		"idf above":           {yaml: "wifi: {ssid: x}; idf: '>5.1'", want: values{"idf": ">5.1"}},
		"a 32-byte SSID":      {yaml: "wifi: {ssid: " + strings.Repeat("x", 32) + "}", want: values{"ssid": strings.Repeat("x", 32)}},
		"bytes":               {yaml: "wifi: {ssid: !!binary /w==}", want: values{"ssid": "\xff"}},
		"a byte order mark":   {yaml: "\ufeffwifi: {ssid: x}", want: values{"ssid": "x"}},
		"Windows lines":       {yaml: "wifi:\r\n  ssid: x\r\n", want: values{"ssid": "x"}},
		"environment":         {yaml: "wifi: {ssid: !env SSID, password: !secret wifi}", want: values{"ssid": "from the environment", "password": "correct horse"}},
		"anchors":             {yaml: "x-net: &n {ssid: a, retries: 7}; wifi: {<<: *n, ssid: b}", want: values{"ssid": "b", "retries": 7}},
		"merged list":         {yaml: "x-a: &a {ssid: a}; x-b: &b {ssid: b, retries: 8}; wifi: {<<: [*a, *b]}", want: values{"ssid": "a", "retries": 8}},
		"an alias":            {yaml: "x-s: &s lab; wifi: {ssid: *s}", want: values{"ssid": "lab"}},
		"an empty section":    {yaml: "wifi: {ssid: x}; server:", want: values{"port": 8080}},
		"set wins":            {yaml: "wifi: {ssid: x}; server: {port: 1}", set: []string{"server.port=2", "wifi.ssid=12"}, want: values{"port": 2, "ssid": "12"}},
		"set adds":            {yaml: "x-a: 1", set: []string{"wifi.ssid=x", "wifi.password="}, want: values{"ssid": "x", "password": ""}},
		"set keeps the =":     {yaml: "wifi: {ssid: x}", set: []string{"wifi.ssid=a=b !env Y"}, want: values{"ssid": "a=b !env Y"}},
		"set mends":           {yaml: "wifi: {ssid: x}; server: {port: http}", set: []string{"server.port=80"}, want: values{"port": 80}},
		"set, merged top":     {yaml: "x-b: &b {wifi: {ssid: a, retries: 7}, server: {port: 81}}; <<: *b", set: []string{"wifi.ssid=x", "server.max_clients=2"}, want: values{"ssid": "x", "retries": 7, "port": 81, "max": 2}},
		"set, merged section": {yaml: "x-b: &b {ssid: a, retries: 7}; wifi: {<<: *b}", set: []string{"wifi.ssid=x"}, want: values{"ssid": "x", "retries": 7}},
		"set, empty section":  {yaml: "wifi: {ssid: x}; server: ; sdkconfig:", set: []string{"server.port=81", "sdkconfig.CONFIG_X=1"}, want: values{"port": 81, "sdkconfig": values{"CONFIG_X": 1}}},
		"set, a bang":         {yaml: "wifi: {ssid: x}", set: []string{"wifi.ssid=!envoy", "wifi.password=!secretive"}, want: values{"ssid": "!envoy", "password": "!secretive"}},
		"set twice":           {yaml: "wifi: {ssid: x}", set: []string{"server.port=81", "server.port=82"}, want: values{"port": 82}},
		"set options":         {yaml: "style: robust; wifi: {ssid: x}; sdkconfig: {CONFIG_X: 1, CONFIG_Y: 2}", set: []string{"sdkconfig.CONFIG_X=!env SSID", "sdkconfig.CONFIG_Z=true"}, want: values{"sdkconfig": values{"CONFIG_X": "from the environment", "CONFIG_Y": 2, "CONFIG_Z": true}}},
		"set beside an alias": {yaml: "x-n: &n {ssid: a}; wifi: *n", set: []string{"wifi.retries=1"}, want: values{"ssid": "a", "retries": 1}},
		"options": {
			yaml: "style: robust; wifi: {ssid: x}; sdkconfig: {CONFIG_A: True, CONFIG_B: TRUE, CONFIG_C: False, CONFIG_D: 0x1F, CONFIG_E: 1_000, CONFIG_F: -7, CONFIG_G: 'yes', CONFIG_H: !!str off, CONFIG_I: !secret wifi, CONFIG_J: y}",
			want: values{"sdkconfig": values{
				"CONFIG_A": true, "CONFIG_B": true, "CONFIG_C": false, "CONFIG_D": field.Hex("0x1F"), "CONFIG_E": 1000,
				"CONFIG_F": -7, "CONFIG_G": "yes", "CONFIG_H": "off", "CONFIG_I": "correct horse", "CONFIG_J": "y",
			}},
		},
		"merged options":      {yaml: "x-o: &o {CONFIG_X: 1, CONFIG_Y: 2}; wifi: {ssid: x}; sdkconfig: {<<: *o, CONFIG_X: 3}", want: values{"sdkconfig": values{"CONFIG_X": 3, "CONFIG_Y": 2}}},
		"YAML 1.2":            {yaml: "# a; ; %YAML 1.2 # b; # c; ---; wifi: {ssid: '%YAML 1.2'}; ...; # end", want: values{"ssid": "%YAML 1.2"}},
		"a directive's like":  {yaml: "---; wifi:;   ssid: |;     x; # %YAML 1.2; server: {port: 80}", want: values{"ssid": "x\n"}},
		"another handle":      {yaml: "%YAML\t1.2; %TAG !e! !; --- # spec; wifi: {ssid: !e!env SSID}; ...", want: values{"ssid": "from the environment"}},
		"document on a line":  {yaml: "--- {wifi: {ssid: x}}; ...", want: values{"ssid": "x"}},
		"looks like ASCII":    {yaml: "# “一”，二：三; wifi: {ssid: '“lab”', password: \"12345678\"}; x-a：b: “x”; sdkconfig: {CONFIG_A: '　', CONFIG_B: 网：络，“一”二}", want: values{"ssid": "“lab”", "sdkconfig": values{"CONFIG_A": "\u3000", "CONFIG_B": "网：络，“一”二"}}},
		"quotes in a value":   {yaml: "wifi: {ssid: 张三的“网络”}; # “x", want: values{"ssid": "张三的“网络”"}},
		"one quote":           {yaml: "wifi: {ssid: ’s lab}", want: values{"ssid": "’s lab"}},
		"password with tilde": {yaml: "wifi: {ssid: x, password: '~~~~~~ ~'}", want: values{"password": "~~~~~~ ~"}},
		"the whole stack":     {yaml: "wifi: {ssid: x}; buffers: {rx: 2432}", want: values{"rx": 2432, "stack": 4096}},
		"idf, three numbers":  {yaml: "wifi: {ssid: x}; idf: ~=5.4.1; server: {max_clients: 15}", want: values{"idf": "~=5.4.1"}},
		"idf, two numbers":    {yaml: "wifi: {ssid: x}; idf: '~=5.4,>=5.9'", want: values{"idf": "~=5.4,>=5.9"}},
		"idf, next patch":     {yaml: "wifi: {ssid: x}; idf: '>5.1.0,<5.2.0'", want: values{"idf": ">5.1.0,<5.2.0"}},
		"idf, next minor":     {yaml: "wifi: {ssid: x}; idf: '>5.1,<5.3'", want: values{"idf": ">5.1,<5.3"}},
		"idf, next major":     {yaml: "wifi: {ssid: x}; idf: '>5,<7'", want: values{"idf": ">5,<7"}},
		"idf above a patch":   {yaml: "wifi: {ssid: x}; idf: '>=5.1,!=5.1.0,<5.1.2'", want: values{"idf": ">=5.1,!=5.1.0,<5.1.2"}},
		"many sockets, new":   {yaml: "wifi: {ssid: x}; idf: '>=5.4'; server: {max_clients: 15}", want: values{"max": 15}},
		"the smallest stack":  {yaml: "wifi: {ssid: x}; task: {stack: 2048}", want: values{"stack": 2048}},
		"robust": {
			yaml: "style: robust; wifi: {ssid: x, password: correct horse}",
			want: values{
				"backoff": [2]int{500, 30000}, "auth": "wpa2_psk", "hostname": "tcp-server", "ip": spec.StaticIP{}, "max": 4, "family": "ipv4",
				"idle": 0, "rx": 1440, "tx": 1440, "no delay": true, "send": 5000, "core": (*int)(nil),
				"backlog": 4, "reboot": 900, "scan": "all", "session": 0, "full": "wait", "handler": 10000,
			},
		},
		"a robust client": {
			role: "tcp-client", yaml: "style: robust; project: a_b_; wifi: {ssid: 网, backoff_ms: [100, 100]}; server: {addr: b0x.example-1.com}; buffers: {rx: 12}",
			want: values{
				"backoff": [2]int{100, 100}, "auth": "open", "hostname": "a-b", "addr": "b0x.example-1.com", "connect": 10000,
				"client backoff": [2]int{500, 30000}, "rx": 12, "tx": 12, "keepalive": true,
			},
		},
		"static address": {
			yaml: "style: robust; wifi: {ssid: x, static_ip: {address: 10.0.0.1, netmask: 255.255.255.252, gateway: 10.0.0.2, dns: 8.8.8.8}}",
			want: values{"ip": spec.StaticIP{Address: new("10.0.0.1"), Netmask: new("255.255.255.252"), Gateway: new("10.0.0.2"), DNS: new("8.8.8.8")}},
		},
		"set, nested": {
			yaml: "style: robust; wifi: {ssid: x, static_ip: }", set: []string{"wifi.static_ip.address=10.0.0.1", "wifi.static_ip.netmask=255.0.0.0", "wifi.static_ip.gateway=10.0.0.2", "wifi.static_ip.dns=10.0.0.3"},
			want: values{"ip": spec.StaticIP{Address: new("10.0.0.1"), Netmask: new("255.0.0.0"), Gateway: new("10.0.0.2"), DNS: new("10.0.0.3")}},
		},
		"set, nothing yet":     {yaml: "style: robust", set: []string{"wifi.static_ip.address=10.0.0.1", "wifi.ssid=x", "wifi.static_ip.netmask=255.0.0.0", "wifi.static_ip.gateway=10.0.0.2", "wifi.static_ip.dns=10.0.0.3"}, want: values{"ssid": "x"}},
		"empty static_ip":      {yaml: "style: robust; wifi: {ssid: x, static_ip: {}}", want: values{"ip": spec.StaticIP{}}},
		"pair in lines":        {yaml: "style: robust; x-p: &p 700; wifi:;   ssid: x;   backoff_ms:;     - *p;     - 1_000", want: values{"backoff": [2]int{700, 1000}}},
		"pair, set":            {yaml: "style: robust; wifi: {ssid: x, backoff_ms: 5}", set: []string{"wifi.backoff_ms=[ 700, 800 ]"}, want: values{"backoff": [2]int{700, 800}}},
		"option list as set":   {yaml: "wifi: {ssid: x}", set: []string{"sdkconfig.CONFIG_X=[1]"}, want: values{"sdkconfig": values{"CONFIG_X": "[1]"}}},
		"WPA3":                 {yaml: "style: robust; wifi: {ssid: x, password: correct horse, auth: wpa3_psk}", want: values{"auth": "wpa3_psk"}},
		"a raw key":            {yaml: "style: robust; wifi: {ssid: x, password: " + strings.Repeat("0aF9", 16) + ", auth: wpa_psk}", want: values{"auth": "wpa_psk"}},
		"longest hostname":     {yaml: "style: robust; wifi: {ssid: x, hostname: 4" + strings.Repeat("-", 30) + "B}", want: values{"hostname": "4" + strings.Repeat("-", 30) + "B"}},
		"IPv6 server":          {role: "tcp-client", yaml: "style: robust; wifi: {ssid: x}; server: {addr: 'fd00::1'}", want: values{"addr": "fd00::1"}},
		"longest name":         {role: "tcp-client", yaml: "style: robust; wifi: {ssid: x}; server: {addr: " + strings.Repeat("a.", 126) + "b}", want: values{"addr": strings.Repeat("a.", 126) + "b"}},
		"one core":             {yaml: "style: robust; target: esp32s3; wifi: {ssid: x}; task: {core: 0}", want: values{"core": 0}},
		"backlog as clients":   {yaml: "style: robust; wifi: {ssid: x}; server: {max_clients: 15}; idf: '>=5.3'", want: values{"backlog": 15}},
		"backlog before 5.3":   {yaml: "style: robust; wifi: {ssid: x}; server: {max_clients: 15}", want: values{"backlog": 6}},
		"backlog of the guide": {yaml: "wifi: {ssid: x}; server: {max_clients: 5}", want: values{"backlog": 1}},
		"NVS before minimal":   {yaml: "wifi: {ssid: x}; sdkconfig: {CONFIG_NVS_ENCRYPTION: true}; idf: '>=5.1,<5.5'", want: values{"idf": ">=5.1,<5.5"}},
		"NVS, off":             {yaml: "wifi: {ssid: x}; sdkconfig: {CONFIG_NVS_ENCRYPTION: false}", want: values{"idf": ">=5.1"}},
		"no IPv6":              {yaml: "style: robust; wifi: {ssid: x}; sdkconfig: {CONFIG_LWIP_IPV6: false}", want: values{"family": "ipv4"}},
		"never reboots":        {yaml: "style: robust; wifi: {ssid: x, reboot_timeout_s: 0}", want: values{"reboot": 0}},
		"no reserve":           {yaml: "style: robust; wifi: {ssid: x}; server: {max_clients: 15}", want: values{"max": 15, "idf": ">=5.1"}},
		"all static RAM":       {yaml: "style: robust; wifi: {ssid: x}; server: {max_clients: 12}; buffers: {rx: 4096}", want: values{"tx": 4096}},
		"underscores in digit": {yaml: "wifi: {ssid: x}; server: {port: 8_080}", want: values{"port": 8080}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if test.role == "" {
				test.role = "tcp-server"
			}
			from := spectest.Sources
			from.Set = test.set
			s, err := rules.CheckFile(spec.Parse("s.yaml", []byte(spectest.Lines(test.yaml)), from), spectest.Role(t, test.role))
			if err != nil {
				t.Fatal(err)
			}
			all := values{
				"style": s.Style, "project": s.Project, "target": s.Target, "idf": s.IDF, "rx": s.Buffers.RX,
				"port": s.Server.Port, "retries": s.WiFi.Retries, "stack": s.Task.Stack, "ssid": &s.WiFi.SSID,
				"password": s.WiFi.Password, "max": s.Server.MaxClients, "sdkconfig": s.Sdkconfig,
				"backoff": s.WiFi.BackoffMS, "auth": s.WiFi.Auth, "hostname": s.WiFi.Hostname, "ip": s.WiFi.StaticIP,
				"addr": s.Server.Addr, "family": s.Server.Family, "idle": s.Server.IdleTimeoutS, "connect": s.Client.ConnectTimeoutMS,
				"client backoff": s.Client.BackoffMS, "tx": s.Buffers.TX, "keepalive": s.KeepAlive.Enable,
				"no delay": s.Socket.NoDelay, "send": s.Socket.SendTimeoutMS, "core": s.Task.Core,
				"backlog": s.Server.Backlog, "reboot": s.WiFi.RebootTimeoutS, "scan": s.WiFi.Scan, "session": s.Server.SessionTimeoutS,
				"full": s.Server.WhenFull, "handler": s.Socket.HandlerTimeoutMS,
			}
			for key, want := range test.want {
				got := all[key]
				if p := reflect.ValueOf(got); p.Kind() == reflect.Pointer && !p.IsNil() {
					got = p.Elem().Interface()
				}
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("%s: %s", key, diff)
				}
			}
		})
	}
}

// TestSpecFromGo checks a spec without a file: its issues have paths.
func TestSpecFromGo(t *testing.T) {
	s := &spec.Spec{
		Role:      "tcp-server",
		Target:    new("esp32p4"),
		WiFi:      spec.WiFi{Retries: new(300), Password: new("hunter2")},
		Client:    spec.Client{Greeting: new("x")},
		Sdkconfig: map[string]any{"CONFIG_A": 1.5, "CONFIG_B": "b", "CONFIG_C": field.Hex("12")},
	}
	_, err := rules.Check(s, spectest.Role(t, "tcp-server"))
	var issues spec.Issues
	if !errors.As(err, &issues) {
		t.Fatalf("got %v, want issues", err)
	}
	var got []string
	for _, i := range issues {
		got = append(got, i.Error())
	}
	want := []string{
		`target: "esp32p4" cannot be used: it has no radio of its own: Wi-Fi takes a second chip`,
		`wifi.ssid: required, but missing`,
		`wifi.password: the value is shorter than 8 characters`,
		`wifi.retries: 300 is above the limit of 254`,
		`client.greeting: tcp-server in the guide style does not use this field`,
		`sdkconfig.CONFIG_A: the value is neither a boolean, nor a whole number, nor a string`,
		`sdkconfig.CONFIG_C: the value is not a hexadecimal number`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	var one spec.Issue
	if !errors.As(err, &one) || one.Path != "target" {
		t.Errorf("the issues do not unwrap: %v", one)
	}
	if s.Style != nil || s.Project != nil {
		t.Error("Check changed its argument")
	}
}

// TestOtherWords gives a language, a role and a style in words that are not
// theirs, and wants the right one named.
func TestOtherWords(t *testing.T) {
	for meant, words := range map[string][]string{
		"zh":         {"cn", "CN", "ZH", "zh-CN", "zh_CN", "zh-Hans", "zh_TW.UTF-8", "chinese", "Chinese", "中文", "简体中文", "汉语"},
		"en":         {"EN", "en-US", "en_GB.UTF-8", "english", "English", "英文", "英语"},
		"tcp-server": {"tcp_server", "TCP-Server", "tcpserver", "TCP SERVER", "TCPServer"},
		"tcp-client": {"tcp_client", "TCP-Client", "tcpclient"},
		"robust":     {"Robust", "ROBUST", "robuts"},
	} {
		key := map[string]string{"zh": "comments", "en": "comments", "robust": "style"}[meant]
		if key == "" {
			key = "role"
		}
		for _, word := range words {
			text := "wifi: {ssid: x}\n" + key + ": " + word + "\n"
			if key != "role" {
				text += "role: tcp-server\n"
			}
			parsed := spec.Parse("s.yaml", []byte(text), spec.Sources{})
			err := rules.CheckRole(parsed, []string{"tcp-client", "tcp-server"})
			if err == nil {
				_, err = rules.CheckFile(parsed, spectest.Role(t, "tcp-server"))
			}
			if err == nil || !strings.HasSuffix(err.Error(), "\thint: did you mean "+meant+"?") {
				t.Errorf("%s: got %v, want it to name %s", word, err, meant)
			}
		}
	}
	for _, word := range []string{"fr", "de-DE", "english-german", "日本語", "zhang", "end", "e"} {
		_, err := rules.CheckFile(spec.Parse("s.yaml", []byte("wifi: {ssid: x}\ncomments: "+word+"\n"), spec.Sources{}), spectest.Role(t, "tcp-server"))
		if err == nil || !strings.HasPrefix(err.Error(), "s.yaml:2:11: comments: ") {
			t.Errorf("%s: got %v", word, err)
		}
	}
}

// TestReservedProjects gives names that CMake or ESP-IDF would refuse, or take
// for their own.
func TestReservedProjects(t *testing.T) {
	for _, name := range []string{"all", "app", "bootloader", "clean", "flash", "help", "install", "main", "menuconfig", "monitor", "size", "test", "ulp"} {
		_, err := rules.Check(&spec.Spec{Role: "tcp-server", Project: &name, WiFi: spec.WiFi{SSID: "x"}}, spectest.Role(t, "tcp-server"))
		if err == nil || !strings.Contains(err.Error(), "uses itself\n\thint: try "+name+"_app") {
			t.Errorf("%s: got %v, want it to be reserved", name, err)
		}
	}
}

// TestCheckCopies wants the checked spec and its source to share nothing.
func TestCheckCopies(t *testing.T) {
	source := func() *spec.Spec {
		return &spec.Spec{
			Role:      "tcp-server",
			WiFi:      spec.WiFi{SSID: "x", Retries: new(3)},
			Server:    spec.Server{Port: new(80)},
			KeepAlive: spec.KeepAlive{Enable: new(true)},
			Sdkconfig: map[string]any{"CONFIG_A": 1},
		}
	}
	change := func(s *spec.Spec) {
		*s.WiFi.Retries, *s.Server.Port, *s.KeepAlive.Enable, s.Sdkconfig["CONFIG_A"] = 4, 81, false, 2
	}
	role := spectest.Role(t, "tcp-server")
	s := source()
	checked, err := rules.Check(s, role)
	if err != nil {
		t.Fatal(err)
	}
	change(s)
	if again, err := rules.Check(source(), role); err != nil || cmp.Diff(again, checked) != "" {
		t.Errorf("a change of the source changed the result: %s", cmp.Diff(again, checked))
	}
	s = source()
	if checked, err = rules.Check(s, role); err != nil {
		t.Fatal(err)
	}
	change(checked)
	if diff := cmp.Diff(source(), s); diff != "" {
		t.Errorf("a change of the result changed the source: %s", diff)
	}

	s = &spec.Spec{Style: new("robust"), WiFi: spec.WiFi{SSID: "x", BackoffMS: &[2]int{100, 200}}}
	if checked, err = rules.Check(s, role); err != nil {
		t.Fatal(err)
	}
	checked.WiFi.BackoffMS[0], *checked.Buffers.TX = 1, 1
	if s.WiFi.BackoffMS[0] != 100 || *checked.Buffers.RX == 1 {
		t.Errorf("a change of the result changed the source, or another field: %+v", s)
	}

	file := spec.Parse("s.yaml", []byte("wifi: {ssid: x, retries: 3}\nserver: {port: 80}\nkeepalive: {enable: true}\nsdkconfig: {CONFIG_A: 1}\n"), spec.Sources{})
	if checked, err = rules.CheckFile(file, role); err != nil {
		t.Fatal(err)
	}
	change(checked)
	if again, err := rules.CheckFile(file, role); err != nil || *again.Server.Port != 80 || again.Sdkconfig["CONFIG_A"] != 1 {
		t.Errorf("a change of the result changed the file's spec: %+v, %v", again, err)
	}
}

// TestFileWithoutRole wants the problems of a file's fields told even where
// its role is missing or wrong.
func TestFileWithoutRole(t *testing.T) {
	tests := map[string]struct {
		yaml string
		want []string
	}{
		"missing": {"wifi: {retries: 999}; server: {port: 0, addr: x}; project: test", []string{
			"1:1: role: required, but missing | add it: tcp-client or tcp-server", "1:1: wifi.ssid: required, but missing*",
			"1:17: wifi.retries: 999 is above the limit of 254*", "2:16: server.port: 0 is below*", "3:10: project: \"test\" is a name*",
		}},
		"wrong":       {"role: tcp-sever; style: rusty; wifi: {ssid: \"\"}; task: {stack: 17}", []string{"1:7: role: \"tcp-sever\" is not a role | did you mean tcp-server?", "3:14: wifi.ssid: it is empty*", "4:15: task.stack: 17 is below*"}},
		"a number":    {"role: 5; wifi: {ssid: x}; sdkconfig: {X: 1}", []string{"1:7: role: a string is needed here, not a number*", "3:13: sdkconfig.X: \"X\" is not the name*"}},
		"hidden":      {"role: !env SHORT; wifi: {ssid: x}", []string{"1:7: role: the value of !env SHORT is not a role*"}},
		"a wide role": {"role：tcp-server; server: {port: 0}; {", []string{"*unexpected full-width colon*"}},
		"wide key":    {"“role”: tcp-server; wifi: {retries: 999}", []string{"1:1: unexpected typographic quote*", "2:17: wifi.retries: 999*"}},
		"not YAML":    {"role: {", []string{"*not YAML*"}},
		"nothing bad": {"role: tcp-client; wifi: {ssid: x}; server: {port: 0}", nil},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			err := rules.CheckRole(spec.Parse("s.yaml", []byte(spectest.Lines(test.yaml)), spectest.Sources), []string{"tcp-client", "tcp-server"})
			issues, _ := errors.AsType[spec.Issues](err)
			spectest.CheckIssues(t, issues, test.want)
		})
	}
}

func TestHex(t *testing.T) {
	for value, valid := range map[field.Hex]bool{"0x0": true, "0X1f": true, "0xFFFFFFFFFFFFFFFFFF": true, "0x": false, "": false, "10": false, "0xg": false, "0x1 ": false, "-0x1": false} {
		s := &spec.Spec{Role: "tcp-server", WiFi: spec.WiFi{SSID: "x"}, Sdkconfig: map[string]any{"CONFIG_X": value}}
		if _, err := rules.Check(s, spectest.Role(t, "tcp-server")); (err == nil) != valid {
			t.Errorf("%q: got %v, want it to be valid: %t", value, err, valid)
		}
	}
}
