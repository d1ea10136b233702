package rules_test

import (
	"fmt"

	"github.com/espgen/espgen/generator/role"
	"github.com/espgen/espgen/generator/rules"
	"github.com/espgen/espgen/generator/spec"
)

func ExampleCheck() {
	role := role.Role{
		Name:   "tcp-beacon",
		Styles: map[string]role.Style{"guide": {Part: role.Part{Fields: map[string]role.Use{"server.port": {}}}}},
	}
	_, err := rules.Check(&spec.Spec{Role: "tcp-beacon", Server: spec.Server{Port: new(70000)}}, role)
	fmt.Println(err)
	// Output:
	// wifi.ssid: required, but missing
	// 	hint: add it: 1 to 32 bytes (not characters), no NUL
	// server.port: 70000 is above the limit of 65535
	// 	hint: allowed: 1 to 65535
}
