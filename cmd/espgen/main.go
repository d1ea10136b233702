// Command espgen turns a short YAML spec into a complete ESP-IDF project.
//
//	espgen new tcp-server -f spec.yaml
//
// exit.go lists the exit statuses.
package main

import (
	"os"

	"github.com/espgen/espgen/sandbox"
)

func main() {
	if len(os.Args) > 1 && os.Args[1] == sandbox.ExecCommand { // another espgen has started this one, many times
		os.Exit(sandbox.Exec(os.Args[2:]))
	}
	os.Exit(run(os.Args[1:], streams{os.Stdin, os.Stdout, os.Stderr}))
}
