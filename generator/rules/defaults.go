package rules

import (
	"github.com/espgen/espgen/generator/field"
	"github.com/espgen/espgen/generator/idf"
	"github.com/espgen/espgen/generator/role"
)

// derive fills in the defaults that depend on other fields.
func (c *checker) derive(style role.Style) {
	lacks := func(path string) bool {
		_, used := style.Fields[path]
		return used && c.spec.Value(path) == nil
	}
	if c.spec.Project == nil {
		c.spec.Project = new(c.role.ProjectName())
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
		c.spec.WiFi.Hostname = new(field.Hostname(*c.spec.Project))
		c.hideToo("wifi.hostname", "project")
	}
	if lacks("server.backlog") && c.spec.Server.MaxClients != nil {
		c.spec.Server.Backlog = new(*c.spec.Server.MaxClients)
		if c.hasFixedMailbox() {
			*c.spec.Server.Backlog = min(*c.spec.Server.Backlog, idf.FixedMailbox)
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
func (c *checker) takeDefault(f field.Field) {
	if f.From == "" || c.given(f.Path) || c.faulty(f.From) {
		return
	}
	value := c.spec.Value(f.From)
	if value == nil {
		return
	}
	from, _ := c.table.At(f.From)
	hidden := c.file.Hidden(f.From)
	if from.Secret {
		hidden = "the value"
	}
	if msg, hint := f.Problem(value, field.Show(value, hidden)+", the value of "+f.From+","); msg != "" {
		c.errorf(f.Path, hint, "%s", msg)
		return
	}
	c.spec.Set(f.Path, value)
	c.hideToo(f.Path, f.From)
}
