package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestFailingCalls holds the help of --net fail to the calls that can fail.
func TestFailingCalls(t *testing.T) {
	help := newRunCmd().Long
	sources, err := filepath.Glob("../../hostsdk/src/*.c")
	if err != nil {
		t.Fatal(err)
	}
	calls := 0
	for _, source := range sources {
		text, err := os.ReadFile(source)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range regexp.MustCompile(`host_faulty\("(\w+)"`).FindAllStringSubmatch(string(text), -1) {
			calls++
			if !strings.Contains(help, m[1]) {
				t.Errorf("the help of --net fail does not name %s", m[1])
			}
		}
	}
	if calls == 0 {
		t.Error("no call can fail")
	}
}
