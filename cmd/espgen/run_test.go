package main

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestFailingCalls holds the list in the help of --net fail to the calls that can
// fail: it names each, and no other.
func TestFailingCalls(t *testing.T) {
	_, passage, _ := strings.Cut(newRunCmd().Long, "--net fail=N")
	passage, _, _ = strings.Cut(passage, "--net ")
	_, list, _ := strings.Cut(passage, "These count:")
	named := map[string]bool{}
	for _, word := range regexp.MustCompile(`\w+`).FindAllString(list, -1) {
		if !slices.Contains([]string{"and", "when", "they", "have", "a", "result"}, word) {
			named[word] = true
		}
	}
	sources, err := filepath.Glob("../../hostsdk/src/*.c")
	if err != nil {
		t.Fatal(err)
	}
	fails := map[string]bool{}
	for _, source := range sources {
		text, err := os.ReadFile(source)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range regexp.MustCompile(`host_faulty\("(\w+)"`).FindAllStringSubmatch(string(text), -1) {
			fails[m[1]] = true
		}
	}
	if diff := cmp.Diff(fails, named); diff != "" || len(fails) == 0 {
		t.Errorf("the calls that can fail are not those in the help of --net fail (-source +help):\n%s", diff)
	}
}
