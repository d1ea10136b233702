package spec

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"maps"
	"math"
	"math/bits"
	"net/netip"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode"
)

const (
	// stackMargin is what the task's own frames, lwIP's socket calls and
	// above all printf need, in bytes, beside the arrays on its stack.
	stackMargin = 1536

	// lwIP's socket table: what ESP-IDF gives by default, and the most that
	// a version before bigTableIDF takes.
	defaultSockets = 10
	maxSockets     = 16

	// lwIP's mailbox of connections to be accepted: its size before mailboxIDF,
	// and by default.
	fixedMailbox = 6
	mailboxIDF   = "5.3"

	// maxStatic is the most static RAM that the buffers of all connections
	// may take, in bytes. Wi-Fi, lwIP and the heap need the rest: ESP-IDF
	// gives an ESP32 160 KiB for everything that is static.
	maxStatic = 96 << 10

	// segment is ESP-IDF's CONFIG_LWIP_TCP_MSS, in bytes. Buffers of this size
	// neither cut what arrives nor what leaves into smaller pieces.
	segment = 1440
)

// Check validates a spec against its role and returns a copy in which every
// field that the role uses holds a value. The error is [Issues], all of them,
// with paths and no lines.
func Check(s *Spec, role Role) (*Spec, error) {
	c := checker{spec: s.clone(), role: role, table: role.table()}
	c.check()
	if err := c.err(); err != nil {
		return nil, err
	}
	return &c.spec, nil
}

// A checker collects the issues of one spec.
type checker struct {
	spec   Spec
	role   Role
	table  Table
	idf    *idfRange // what the spec's says, once it was read
	file   *File     // nil for a spec that was built in Go
	issues Issues
}

// err returns what was found here and in reading the file.
func (c *checker) err() error {
	if c.file == nil {
		return c.issues.err()
	}
	return slices.Concat(c.file.issues, c.issues).err()
}

// errorf adds an issue with the place of the field's value.
func (c *checker) errorf(path, hint, format string, args ...any) {
	i := Issue{Path: path, Hint: hint, Msg: fmt.Sprintf(format, args...)}
	if c.file != nil {
		i.Pos = c.file.valuePos(path)
	}
	c.issues = append(c.issues, i)
}

// keyErrorf adds an issue with the place of the field's key.
func (c *checker) keyErrorf(path, hint, format string, args ...any) {
	c.errorf(path, hint, format, args...)
	if c.file != nil {
		c.issues[len(c.issues)-1].Pos = c.file.keyPos(path)
	}
}

// faulty reports whether the field has an issue already, so that one mistake
// is told once, or a value that is not known.
func (c *checker) faulty(paths ...string) bool {
	has := func(issues Issues) bool {
		return slices.ContainsFunc(issues, func(i Issue) bool { return slices.Contains(paths, i.Path) })
	}
	absent := func(path string) bool { return slices.Contains(c.file.absent, path) }
	return has(c.issues) || c.file != nil && (has(c.file.issues) || slices.ContainsFunc(paths, absent))
}

func (c *checker) check() {
	style, ok := c.checkRoleAndStyle()
	c.checkFields(style, ok)
	if ok {
		c.derive(style)
		c.checkIDF()
		c.checkAuth()
		c.checkStaticIP()
		c.checkCore()
		c.checkStack(style)
		c.checkStatic(style)
		c.checkGreeting(style)
		c.checkSockets(style)
		c.checkBacklog()
		c.checkComponents()
		c.checkFamilyOptions()
		c.checkHidden(style)
		c.checkRules(style)
	}
}

// checkFields checks each field on its own, and fills in the defaults. Where
// the style is not known, the fields that every style uses are required, and
// any one may be given.
func (c *checker) checkFields(style Style, known bool) {
	name := c.role.DefaultStyle()
	if c.spec.Style != nil {
		name = *c.spec.Style
	}
	for _, f := range c.table {
		if f.Path == "role" || f.Path == "style" {
			continue
		}
		f = f.in(name)
		value := get(&c.spec, f.Path)
		given := c.given(f.Path)
		use, used := style.Uses(f)
		switch {
		case known && !used && given:
			c.unused(f)
			continue
		case f.Kind == Options:
			c.checkOptions(f)
		case given && c.faulty(f.Path):
			continue
		case given:
			if value == nil {
				value = "" // an empty string in a field that is no pointer
			}
			if msg, hint := f.problem(value, c.file.hidden(f.Path)); msg != "" {
				c.errorf(f.Path, hint, "%s", msg)
			}
		case used && use.Required:
			c.missing(f)
		case used && f.Group && slices.ContainsFunc(c.table.siblings(f.Path), c.given):
			c.errorf(f.Path, fmt.Sprintf("add it: %s; or remove %s", f.Range(), parent(f.Path)), "required with the rest of %s, but missing", parent(f.Path))
		case used && use.Default != nil:
			set(&c.spec, f.Path, use.Default)
		}
	}
}

// given reports whether the spec has a value for the field, right or wrong.
// That is so only until the defaults are filled in.
func (c *checker) given(path string) bool {
	return get(&c.spec, path) != nil || c.file != nil && c.file.given(path)
}

// checkRoleAndStyle returns the style that the spec asks for.
func (c *checker) checkRoleAndStyle() (Style, bool) {
	if c.spec.Role == "" && (c.file == nil || !c.file.given("role")) {
		c.spec.Role = c.role.Name
	}
	if c.spec.Role != c.role.Name && !c.faulty("role") {
		c.errorf("role", "make the command's role and the spec's the same", "%s is not the role that the command names, %s", c.file.show("role", c.spec.Role), c.role.Name)
	}
	if c.faulty("style") {
		return Style{}, false
	}
	if c.spec.Style == nil {
		c.spec.Style = new(c.role.DefaultStyle())
	}
	name := *c.spec.Style
	style, ok := c.role.Styles[name]
	if !ok {
		names := c.role.StyleNames()
		c.errorf("style", Suggest(name, names), "%s has no style %s in this version of espgen", c.role.Name, c.file.show("style", name))
	}
	return style, ok
}

func (c *checker) unused(f Field) {
	c.keyErrorf(f.Path, fmt.Sprintf("remove it; `espgen explain %s` tells who uses it", f.Path),
		"%s in the %s style does not use this field", c.role.Name, *c.spec.Style)
}

func (c *checker) missing(f Field) {
	if !c.faulty(parent(f.Path)) && (c.file == nil || !c.file.unsure) {
		c.errorf(f.Path, "add it: "+f.Range(), "required, but missing")
	}
}

// derive fills in the defaults that depend on other fields.
func (c *checker) derive(style Style) {
	lacks := func(path string) bool {
		_, used := style.Fields[path]
		return used && get(&c.spec, path) == nil
	}
	if c.spec.Project == nil {
		c.spec.Project = new(c.role.projectName())
	}
	if c.spec.IDF == nil && c.spec.Target != nil {
		c.spec.IDF = new(">=" + c.neededIDF())
	}
	if lacks("wifi.auth") {
		c.spec.WiFi.Auth = new("wpa2_psk")
		if password := c.spec.WiFi.Password; password != nil && *password == "" {
			c.spec.WiFi.Auth = new("open")
		}
	}
	if lacks("wifi.hostname") {
		c.spec.WiFi.Hostname = new(hostname(*c.spec.Project))
	}
	if lacks("server.backlog") && c.spec.Server.MaxClients != nil {
		c.spec.Server.Backlog = new(*c.spec.Server.MaxClients)
		if c.hasFixedMailbox() {
			*c.spec.Server.Backlog = min(*c.spec.Server.Backlog, fixedMailbox)
		}
	}
	for _, f := range c.role.Own {
		c.takeDefault(f)
	}
	if lacks("buffers.tx") && c.spec.Buffers.RX != nil {
		c.spec.Buffers.TX = new(*c.spec.Buffers.RX)
	}
}

// takeDefault gives a field that the spec leaves out the value of the one that
// has its default.
func (c *checker) takeDefault(f Field) {
	if f.From == "" || c.given(f.Path) || c.faulty(f.From) {
		return
	}
	value := get(&c.spec, f.From)
	if value == nil {
		return
	}
	from, _ := c.table.At(f.From)
	hidden := c.file.hidden(f.From)
	if from.Secret {
		hidden = "the value"
	}
	if msg, hint := f.problem(value, show(value, hidden)+", the value of "+f.From+","); msg != "" {
		c.errorf(f.Path, hint, "%s", msg)
		return
	}
	set(&c.spec, f.Path, value)
}

// hostname is the default host name of a project. A project's name may end in
// _, a host name not in -.
func hostname(project string) string {
	return strings.TrimRight(strings.ReplaceAll(project, "_", "-"), "-")
}

// neededIDF is the oldest ESP-IDF that can build for the spec's target.
func (c *checker) neededIDF() string {
	if t := targetAt(*c.spec.Target); t.minIDF != "" {
		return t.minIDF
	}
	return oldestIDF
}

func (c *checker) checkIDF() {
	if c.faulty("idf", "target") {
		return
	}
	versions := c.versions()
	needed := c.neededIDF()
	hint := fmt.Sprintf("write %q, or leave it out", c.raisedIDF(needed))
	if versions.empty() {
		hint = fmt.Sprintf("write \">=%s\", or leave it out", needed)
	}
	shown := c.file.show("idf", *c.spec.IDF)
	switch {
	case versions.empty():
		c.errorf("idf", hint, "no version is within %s", shown)
	case versions.allowsBelow(needed) && needed == oldestIDF:
		c.errorf("idf", hint, "%s allows versions below %s, the oldest that the generated code is written for", shown, needed)
	case versions.allowsBelow(needed):
		c.errorf("idf", hint, "%s allows versions below %s, in which %s is only a preview or missing", shown, needed, cmp.Or(c.file.hidden("target"), *c.spec.Target))
	}
}

// versions is the spec's range of versions of ESP-IDF.
func (c *checker) versions() idfRange {
	if c.idf == nil || c.idf.text != *c.spec.IDF {
		r, _ := parseIDF(*c.spec.IDF)
		c.idf = &r
	}
	return *c.idf
}

// raisedIDF is the spec's range of versions from limit on, for a hint.
func (c *checker) raisedIDF(limit string) string {
	if c.file.hidden("idf") != "" {
		return ">=" + limit
	}
	return raised(*c.spec.IDF, limit)
}

// checkAuth holds the weakest security against the password.
func (c *checker) checkAuth() {
	if c.spec.WiFi.Auth == nil || c.faulty("wifi.auth", "wifi.password") {
		return
	}
	auth, password := *c.spec.WiFi.Auth, *c.spec.WiFi.Password
	shown := c.file.show("wifi.auth", auth)
	switch {
	case auth == "open" && password != "":
		c.errorf("wifi.auth", "write wpa2_psk, or leave it out", "%s would accept a network without a key, so that wifi.password protects nothing", shown)
	case auth != "open" && password == "":
		c.errorf("wifi.auth", "give wifi.password, or leave auth out for an open network", "%s needs a key, but wifi.password is empty", shown)
	case auth == "wpa3_psk" && len(password) == 64:
		c.errorf("wifi.auth", "give the passphrase as wifi.password, or write wpa2_psk", "%s needs a passphrase of 8 to 63 characters, but wifi.password is a raw key of 64 digits", shown)
	}
}

// checkStaticIP wants the station and its gateway to be two hosts of one
// subnet.
func (c *checker) checkStaticIP() {
	ip := c.spec.WiFi.StaticIP
	if ip.Address == nil || ip.Netmask == nil || ip.Gateway == nil || c.faulty("wifi.static_ip.address", "wifi.static_ip.netmask", "wifi.static_ip.gateway") {
		return
	}
	address, mask, gateway := ipv4(*ip.Address), ipv4(*ip.Netmask), ipv4(*ip.Gateway)
	network, broadcast := address&mask, address|^mask
	hint := "write the address of a host in the subnet"
	if c.file.hidden("wifi.static_ip.address") == "" && c.file.hidden("wifi.static_ip.netmask") == "" {
		hint = fmt.Sprintf("the subnet's hosts are %s to %s", dotted(network+1), dotted(broadcast-1))
	}
	for _, path := range []string{"wifi.static_ip.address", "wifi.static_ip.gateway"} {
		text, _ := get(&c.spec, path).(string)
		host, shown := ipv4(text), c.file.show(path, text)
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
		c.errorf("wifi.static_ip.gateway", "write the router's address", "%s is the station's own address", c.file.show("wifi.static_ip.gateway", *ip.Gateway))
	}
}

func ipv4(text string) uint32 {
	octets := netip.MustParseAddr(text).As4()
	return binary.BigEndian.Uint32(octets[:])
}

func dotted(ip uint32) string {
	return netip.AddrFrom4([4]byte(binary.BigEndian.AppendUint32(nil, ip))).String()
}

// checkCore refuses the choice of a core where there is none.
func (c *checker) checkCore() {
	if c.spec.Task.Core == nil || c.faulty("task.core", "target") || targetAt(*c.spec.Target).dual {
		return
	}
	c.errorf("task.core", "remove it, or take a chip with two: "+strings.Join(dualCore(), ", "),
		"%s has only one core", cmp.Or(c.file.hidden("target"), *c.spec.Target))
}

// arrays adds up arrays of a role.yaml. paths are the fields that say their
// sizes. ok is false where there is nothing to add, or one of these fields has
// an issue already.
func (c *checker) arrays(sizes map[string]any) (terms, paths []string, total int, ok bool) {
	for _, name := range slices.Sorted(maps.Keys(sizes)) {
		bytes, _ := sizes[name].(int)
		if path, isPath := sizes[name].(string); isPath {
			bytes, ok = get(&c.spec, path).(int)
			if !ok || c.faulty(path) {
				return nil, nil, 0, false
			}
			paths = append(paths, path)
		}
		total += bytes
		terms = append(terms, fmt.Sprintf("%d (%s)", bytes, name))
	}
	return terms, paths, total, len(terms) > 0
}

// sumErrorf adds an issue of a sum over fields, at the first of them that the
// file gives, or the last.
func (c *checker) sumErrorf(paths []string, hint, format string, args ...any) {
	i := 0
	if c.file != nil {
		i = slices.IndexFunc(paths, c.file.given)
	}
	if i < 0 {
		i = len(paths) - 1
	}
	c.errorf(paths[i], hint, format, args...)
}

// checkStack holds the arrays on the task's stack against its size.
func (c *checker) checkStack(style Style) {
	terms, paths, needed, ok := c.arrays(style.Stack)
	if !ok || c.faulty("task.stack") {
		return
	}
	needed += stackMargin
	if stack := *c.spec.Task.Stack; needed > stack {
		c.sumErrorf(append(paths, "task.stack"), fmt.Sprintf("set task.stack to at least %d, or make the buffer smaller", (needed+15)/16*16),
			"the task's stack is too small: %s + %d (margin for calls and logging) = %d bytes, but task.stack is %d", strings.Join(terms, " + "), stackMargin, needed, stack)
	}
}

// checkStatic holds the static buffers of all connections against a limit.
func (c *checker) checkStatic(style Style) {
	terms, paths, needed, ok := c.arrays(style.Static)
	if !ok || c.faulty("server.max_clients") {
		return
	}
	sum, hint := strings.Join(terms, " + "), "make the buffers smaller"
	if clients := c.spec.Server.MaxClients; clients != nil {
		sum = fmt.Sprintf("%d (clients) x (%s)", *clients, sum)
		hint += ", or lower server.max_clients"
		needed *= *clients
		paths = append(paths, "server.max_clients")
	}
	if needed > maxStatic {
		c.sumErrorf(append(paths, "style"), hint, "too much static RAM: %s = %d bytes, above the limit of %d", sum, needed, maxStatic)
	}
}

// checkGreeting holds the greeting against the buffer that it is sent from.
func (c *checker) checkGreeting(style Style) {
	_, greets := style.Fields["client.greeting"]
	if _, buffered := style.Fields["buffers.tx"]; !greets || !buffered || c.faulty("client.greeting", "buffers.tx", "buffers.rx") {
		return
	}
	if needed, room := len(*c.spec.Client.Greeting), *c.spec.Buffers.TX; needed > room {
		c.sumErrorf([]string{"client.greeting", "buffers.tx", "buffers.rx"}, fmt.Sprintf("set buffers.tx to at least %d, or shorten the greeting", needed),
			"the greeting does not fit the buffer that it is sent from: it has %d bytes, but buffers.tx is %d", needed, room)
	}
}

// checkSockets holds the sockets that a server needs against lwIP's table.
func (c *checker) checkSockets(style Style) {
	if _, server := style.Fields["server.max_clients"]; !server || c.faulty("server.max_clients", "idf", "target") {
		return
	}
	versions := c.versions()
	sum := fmt.Sprintf("%d (clients) + 1 (listener)", *c.spec.Server.MaxClients)
	if style.SpareSockets > 0 {
		sum += fmt.Sprintf(" + %d (reserve, to refuse the next client)", style.SpareSockets)
	}
	if evicts(&c.spec) {
		sum += " + 1 (the next client, before another is closed for it)"
	}
	if needed := style.neededSockets(&c.spec); needed > maxSockets && versions.allowsBelow(bigTableIDF) {
		c.errorf("server.max_clients",
			fmt.Sprintf("lower it to %d, or set idf to %q, which has room for 253 sockets", maxSockets-needed+*c.spec.Server.MaxClients, c.raisedIDF(bigTableIDF)),
			"too many sockets: %s = %d, but ESP-IDF before %s has at most %d", sum, needed, bigTableIDF, maxSockets)
	}
}

// hasFixedMailbox reports whether a version that the spec lets in cannot change
// the size of lwIP's mailbox.
func (c *checker) hasFixedMailbox() bool {
	if c.faulty("idf", "target") || c.spec.IDF == nil {
		return false
	}
	versions := c.versions()
	return versions.allowsBelow(mailboxIDF)
}

// checkBacklog holds the connections that wait against lwIP's mailbox.
func (c *checker) checkBacklog() {
	if c.spec.Server.Backlog == nil || c.faulty("server.backlog") || !c.hasFixedMailbox() {
		return
	}
	if backlog := *c.spec.Server.Backlog; backlog > fixedMailbox {
		c.errorf("server.backlog", fmt.Sprintf("lower it to %d, or set idf to %q, which has room for 64", fixedMailbox, c.raisedIDF(mailboxIDF)),
			"too many waiting connections: %d, but lwIP before ESP-IDF %s keeps %d for accept() and resets the others", backlog, mailboxIDF, fixedMailbox)
	}
}

// AcceptMailbox is the size that lwIP's mailbox of connections to be accepted
// needs for a checked spec, 0 where the default does.
func AcceptMailbox(checked *Spec) int {
	if backlog := checked.Server.Backlog; backlog != nil && *backlog > fixedMailbox {
		return *backlog
	}
	return 0
}

// evicts reports whether a server closes a connection to make room for the next
// client.
func evicts(s *Spec) bool { return s.Server.WhenFull != nil && *s.Server.WhenFull == "close_idle" }

func (s Style) neededSockets(checked *Spec) int {
	needed := 1 + s.SpareSockets
	if evicts(checked) {
		needed++
	}
	if checked.Server.MaxClients != nil {
		needed += *checked.Server.MaxClients
	}
	return needed
}

// Sockets is the size of lwIP's socket table that a checked spec of the style
// asks for: ESP-IDF's default, or more where the clients need more.
func (s Style) Sockets(checked *Spec) int { return max(defaultSockets, s.neededSockets(checked)) }

// problem says what is wrong with a value of the field, and what to do. hidden
// describes a value that must not be shown; "" where it may be.
func (f Field) problem(value any, hidden string) (msg, hint string) {
	if f.Secret && hidden == "" {
		hidden = "the value"
	}
	shown := show(value, hidden)
	switch v := value.(type) {
	case bool:
		if f.Kind != Boolean {
			return fmt.Sprintf("%s is a boolean, not a %s", shown, f.Kind), f.rangeHint()
		}
	case int:
		if f.Kind != Integer {
			return fmt.Sprintf("%d is a number, not a %s", v, f.Kind), f.rangeHint()
		}
		return f.intProblem(v)
	case [2]int:
		return f.pairProblem(v)
	case []string:
		return f.listProblem(v)
	case string:
		return f.stringProblem(v, shown)
	default:
		return fmt.Sprintf("%s is not a %s", shown, f.Kind), f.rangeHint()
	}
	return "", ""
}

func (f Field) intProblem(v int) (msg, hint string) {
	switch {
	case v == 0 && f.Zero != "":
		return "", ""
	case v < f.Min:
		return fmt.Sprintf("%d is below the limit of %d", v, f.Min), f.rangeHint()
	case v > f.Max:
		return fmt.Sprintf("%d is above the limit of %d", v, f.Max), f.rangeHint()
	case f.Multiple > 0 && v%f.Multiple != 0:
		return fmt.Sprintf("%d is not a multiple of %d", v, f.Multiple),
			fmt.Sprintf("the next ones are %d and %d", v/f.Multiple*f.Multiple, (v/f.Multiple+1)*f.Multiple)
	}
	return "", ""
}

func (f Field) listProblem(names []string) (msg, hint string) {
	if f.Kind != List {
		return fmt.Sprintf("a list is not a %s", f.Kind), f.rangeHint()
	}
	if len(names) > f.Max {
		return fmt.Sprintf("it has %d names, above the limit of %d", len(names), f.Max), f.rangeHint()
	}
	for i, name := range names {
		if !f.matches(name) {
			return fmt.Sprintf("%s is not of the form it must have", show(name, "")), f.rangeHint()
		}
		if slices.Contains(names[:i], name) {
			return fmt.Sprintf("%s is in it twice", show(name, "")), "remove one"
		}
	}
	return "", ""
}

func (f Field) pairProblem(v [2]int) (msg, hint string) {
	for _, n := range v {
		if msg, hint := f.intProblem(n); msg != "" {
			return msg, hint
		}
	}
	if v[0] > v[1] {
		return fmt.Sprintf("the first, %d, is above the longest, %d", v[0], v[1]), f.rangeHint()
	}
	return "", ""
}

func (f Field) stringProblem(v, shown string) (msg, hint string) {
	if f.Kind != Name && f.Kind != Text {
		return fmt.Sprintf("%s is a string, not a %s", shown, f.Kind), f.rangeHint()
	}
	if f.check != nil {
		if msg, hint := f.check(v, shown); msg != "" {
			return msg, cmp.Or(hint, f.rangeHint())
		}
	}
	switch {
	case len(f.Values) > 0 && !slices.Contains(f.Values, v):
		return fmt.Sprintf("%s is not one of its values", shown), Suggest(v, f.Values)
	case f.Pattern != "" && !f.matches(v):
		return fmt.Sprintf("%s is not of the form it must have", shown), f.rangeHint()
	case f.Kind == Text && len(v) < f.Min:
		return "it is empty", f.rangeHint()
	case f.Kind == Text && len(v) > f.Max:
		return fmt.Sprintf("%s is %d bytes long, above the limit of %d", shown, len(v), f.Max), f.rangeHint()
	case f.Kind == Text && strings.ContainsRune(v, 0):
		return fmt.Sprintf("%s holds a NUL byte, which ends a string in C", shown), "leave it out"
	}
	return "", ""
}

func (f Field) rangeHint() string { return "allowed: " + f.Range() }

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

func checkProject(v, shown string) (msg, hint string) {
	if !slices.Contains(reservedProjects, v) {
		return "", ""
	}
	if shown == show(v, "") { // else it is hidden
		hint = fmt.Sprintf("try %s_app", v)
	}
	return shown + " is a name that CMake or ESP-IDF uses itself", hint
}

func checkTarget(v, shown string) (msg, hint string) {
	if why := targetAt(v).why; why != "" {
		return fmt.Sprintf("%s cannot be used: %s", shown, why), ""
	}
	return "", ""
}

// checkComments knows other words for the languages: their names, locales and
// countries.
func checkComments(v, shown string) (msg, hint string) {
	word := strings.ToLower(v)
	if i := strings.IndexAny(word, "-_"); i >= 0 { // zh-CN, en_US.UTF-8
		word = word[:i]
	}
	meant := languages[word]
	if meant == "" || meant == v {
		return "", ""
	}
	return shown + " is not one of its values", "did you mean " + meant + "?"
}

var languages = map[string]string{
	"zh": "zh", "cn": "zh", "chinese": "zh", "中文": "zh", "简体中文": "zh", "汉语": "zh",
	"en": "en", "english": "en", "英文": "en", "英语": "en",
}

// checkIDFRange refuses what is of the right form, and still no range: a
// number too large for a version.
func checkIDFRange(v, shown string) (msg, hint string) {
	if _, ok := parseIDF(v); !ok {
		return shown + " is not of the form it must have", ""
	}
	return "", ""
}

func checkIPv4(v, shown string) (msg, hint string) {
	return ipv4Problem(v, shown, "and an IPv4 address is needed here", "and an IPv4 address is needed here"), ""
}

func checkGuideAddr(v, shown string) (msg, hint string) {
	if msg := ipv4Problem(v, shown, "which the guide style cannot use", "which the guide style cannot look up"); msg != "" {
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
	zeros := bits.TrailingZeros32(ipv4(v))
	switch {
	case ipv4(v)|(1<<zeros-1) != math.MaxUint32:
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
	if hex := Hex(label); hex.valid() {
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

// checkOptions checks the entries of sdkconfig.
func (c *checker) checkOptions(f Field) {
	for _, name := range slices.Sorted(maps.Keys(c.spec.Sdkconfig)) {
		path := join(f.Path, name)
		if msg, hint := checkOptionName(name); msg != "" {
			c.keyErrorf(path, hint, "%s", msg)
		} else if msg, hint := checkOptionValue(c.spec.Sdkconfig[name]); msg != "" && !c.faulty(path) {
			c.errorf(path, hint, "%s", msg)
		}
	}
}

// checkHidden refuses options that !env and !secret give where they would be in
// a file that git tracks.
func (c *checker) checkHidden(style Style) {
	if c.file != nil {
		c.spec.HiddenOptions = c.file.hiddenOptions()
	}
	if style.HidesOptions {
		return
	}
	var others []string
	for _, name := range c.role.StyleNames() {
		if c.role.Styles[name].HidesOptions {
			others = append(others, name)
		}
	}
	hint := "write the value itself"
	if len(others) > 0 {
		hint += ", or use the style " + strings.Join(others, " or ") + ", which keeps it in a file that git does not see"
	}
	for _, name := range c.spec.HiddenOptions {
		path, shown := join("sdkconfig", name), "its value"
		if c.faulty(path) {
			continue
		}
		if c.file != nil {
			ref := c.file.references[path]
			shown = "the value of " + ref.tag + " " + quoted(ref.name)
		}
		c.errorf(path, hint, "%s goes into sdkconfig.defaults, which git tracks", shown)
	}
}

func checkOptionName(name string) (msg, hint string) {
	switch {
	case !isOptionName(name):
		return fmt.Sprintf("%s is not the name of an ESP-IDF option", show(name, "")), "write CONFIG_ and then capitals, digits and _"
	case ownOption().MatchString(name):
		return "espgen sets this option itself", "remove it; `espgen explain` lists the fields that drive it"
	}
	return "", ""
}

func checkOptionValue(value any) (msg, hint string) {
	switch v := value.(type) {
	case bool, int:
		return "", ""
	case Hex:
		if !v.valid() {
			return "the value is not a hexadecimal number", "write 0x and hexadecimal digits"
		}
		return "", ""
	case string:
		if strings.ContainsFunc(v, unicode.IsControl) {
			return "the value holds a control character, which Kconfig cannot store", "write it on one line"
		}
		if cmakeVariable().MatchString(v) {
			return "the value holds ${, or $NAME{, which CMake expands when it reads the configuration", "write it without the brace"
		}
		return "", ""
	}
	return "the value is neither a boolean, nor a whole number, nor a string", "write true, false, a number or a string"
}

func isOptionName(name string) bool {
	rest, ok := strings.CutPrefix(name, "CONFIG_")
	return ok && rest != "" && strings.Trim(rest, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") == ""
}

// cmakeReference is what CMake takes for a reference to a variable. ESP-IDF
// writes an option's value into sdkconfig.cmake as it is, but for " and \.
const cmakeReference = `\$[A-Za-z0-9_/.+-]*\{`

// optionPattern is isOptionName for the schema.
const optionPattern = `^CONFIG_[A-Z0-9_]+$`

// ownOptionPattern is the options that the templates set, or define.
const ownOptionPattern = `^CONFIG_(IDF_TARGET|LWIP_MAX_SOCKETS|LWIP_SO_REUSE|LWIP_TCP_ACCEPTMBOX_SIZE|(WIFI_STATION|NET_FAMILY|NET_TASK|TCP_CONNECTION|TCP_SERVER|TCP_CLIENT)_.*)$`

var (
	ownOption     = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(ownOptionPattern) })
	cmakeVariable = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(cmakeReference) })
)

// reservedProjects are names that a project cannot have: CMake's own targets
// (its policy CMP0037), and the targets and folders that ESP-IDF's build
// system makes.
var reservedProjects = []string{
	"all", "clean", "depend", "edit_cache", "help", "install", "list_install_components",
	"package", "package_source", "preinstall", "rebuild_cache", "test",
	"app", "blank_ota_data", "bootloader", "build", "config", "confserver", "coverage", "dfu",
	"erase_flash", "esp_tee", "flash", "gen_project_binary", "image", "ld_script", "log", "main",
	"managed_components", "memory_ld", "menuconfig", "monitor", "partition_table",
	"partition_table_bin", "phy_init_data", "project_elf_src", "sdkconfig", "size", "uf2", "ulp",
}

// show prints a value for a message: quoted, so that it cannot disturb the
// terminal, and cut where it is long.
func show(value any, hidden string) string {
	if hidden != "" {
		return hidden
	}
	if pair, ok := value.([2]int); ok {
		return fmt.Sprintf("[%d, %d]", pair[0], pair[1])
	}
	s, ok := value.(string)
	if !ok {
		return fmt.Sprint(value)
	}
	const most = 40
	if runes := []rune(s); len(runes) > most {
		return strconv.Quote(string(runes[:most])) + "..."
	}
	return strconv.Quote(s)
}

func mustField(path string) Field {
	f, ok := Table(shared).At(path)
	if !ok {
		panic("spec: no field " + path)
	}
	return f
}
