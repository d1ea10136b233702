// Command espgen turns a short YAML spec into a complete ESP-IDF project.
//
//	espgen new tcp-server -f spec.yaml
//
// Exit status: 0 done, 1 other failure, 2 usage, 3 the spec is invalid.
package main

import "os"

func main() {
	os.Exit(run(os.Args[1:], streams{os.Stdin, os.Stdout, os.Stderr}))
}
