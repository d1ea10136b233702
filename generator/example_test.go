package generator_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"strings"

	"github.com/espgen/espgen/generator"
	"github.com/espgen/espgen/generator/spec"
	"github.com/espgen/espgen/templates"
)

// A spec that is built in Go: fields that are left out get their defaults.
func ExampleRender() {
	files, err := generator.Render(templates.FS, &spec.Spec{
		Role:   "tcp-client",
		WiFi:   spec.WiFi{SSID: "lab", Password: new("correct horse")},
		Server: spec.Server{Addr: new("192.168.1.20"), Port: new(5000)},
	})
	if err != nil {
		log.Fatal(err)
	}
	for _, f := range files {
		fmt.Println(f.Path)
		for line := range strings.Lines(string(f.Data)) {
			if strings.HasPrefix(line, "#define TCP") {
				fmt.Print("  ", line)
			}
		}
	}
	// Output:
	// .gitignore
	// CMakeLists.txt
	// README.md
	// main/CMakeLists.txt
	// main/idf_component.yml
	// main/main.c
	//   #define TCP_SREVER_ADDR "192.168.1.20"
	//   #define TCP_SREVER_PORT 5000
	// sdkconfig.defaults
}

// The issues of a spec that is built in Go have paths in place of lines.
func ExampleRender_issues() {
	_, err := generator.Render(templates.FS, &spec.Spec{
		Role:   "tcp-server",
		WiFi:   spec.WiFi{SSID: "lab", Password: new("short")},
		Server: spec.Server{Port: new(0)},
	})
	if issues, ok := errors.AsType[spec.Issues](err); ok {
		for _, issue := range issues {
			fmt.Println(issue)
		}
	}
	// Output:
	// wifi.password: the value is shorter than 8 characters
	// server.port: 0 is below the limit of 1
}

// Write puts a project on the disk, all of it or nothing.
func ExampleWrite() {
	files, err := generator.Render(templates.FS, &spec.Spec{Role: "tcp-server", WiFi: spec.WiFi{SSID: "lab"}})
	if err != nil {
		log.Fatal(err)
	}
	parent, err := os.MkdirTemp("", "example")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(parent)
	dir := filepath.Join(parent, "tcp_server")
	fmt.Println(generator.Write(context.Background(), dir, files))
	fmt.Println(errors.Is(generator.Write(context.Background(), dir, files), generator.ErrNotEmpty))
	// Output:
	// <nil>
	// true
}
