package exercise

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

// TestDocs wants the examples of docs/exercises.md to be right, and the first to
// give the hand-out that follows it.
func TestDocs(t *testing.T) {
	text, err := os.ReadFile("../docs/exercises.md")
	if err != nil {
		t.Fatal(err)
	}
	var marked, plain []string
	for _, m := range regexp.MustCompile("(?s)```c\n(.*?)```\n").FindAllStringSubmatch(string(text), -1) {
		if HasMarkers([]byte(m[1])) {
			marked = append(marked, m[1])
		} else {
			plain = append(plain, m[1])
		}
	}
	if len(marked) != 3 || len(plain) != 1 {
		t.Fatalf("%d marked examples, and %d without markers", len(marked), len(plain))
	}
	for i, example := range marked {
		s := parse(t, map[string]string{"main/main.c": example})
		handOut, err := s.HandOut([]string{s.Steps()[0].Name})
		if err != nil || i == 0 && string(handOut["main/main.c"]) != plain[0] {
			t.Errorf("%v\n%s", err, handOut["main/main.c"])
		}
	}
	if !strings.Contains(marked[2], "//|") {
		t.Error("the example of a C project lacks its marks")
	}
	for _, word := range words {
		if !strings.Contains(string(text), "| `//@"+word) {
			t.Errorf("//@%s is not in the table", word)
		}
	}
}
