// Command espgen turns a short YAML spec into a complete ESP-IDF project.
//
//	espgen new tcp-server -f spec.yaml
//
// exit.go lists the exit statuses.
package main

import "os"

func main() {
	os.Exit(run(os.Args[1:], streams{os.Stdin, os.Stdout, os.Stderr}))
}
