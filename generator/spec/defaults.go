package spec

import "strings"

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
