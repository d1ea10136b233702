package spec_test

import (
	"strings"
	"testing"

	"github.com/espgen/espgen/generator/internal/spectest"
	"github.com/espgen/espgen/generator/spec"
)

// TestIssuePrints gives texts that would disturb a terminal or break a line.
func TestIssuePrints(t *testing.T) {
	tests := map[string]struct {
		issue       spec.Issue
		error, hint string
	}{
		"plain": {
			spec.Issue{Pos: spec.Pos{File: "s.yaml", Line: 2, Col: 3}, Path: "wifi.ssid", Msg: "网络 \"x\" \\ é", Hint: "mend it"},
			"s.yaml:2:3: wifi.ssid: 网络 \"x\" \\ é", "hint: mend it",
		},
		"no hint":   {spec.Issue{Msg: "x"}, "x", ""},
		"a flag":    {spec.Issue{Pos: spec.Pos{Flag: "--set a\n"}, Msg: "x"}, `--set a\n: x`, ""},
		"lines":     {spec.Issue{Path: "a\nb", Msg: "c\r\nd", Hint: "e\tf"}, `a\nb: c\r\nd`, `hint: e\tf`},
		"sequences": {spec.Issue{Pos: spec.Pos{File: "\x1b[2J"}, Msg: "\u009b1m\x00\x7f"}, `\x1b[2J: \u009b1m\x00\x7f`, ""},
		"direction": {spec.Issue{Msg: "a\u202eb\u200bc"}, `a\u202eb\u200bc`, ""},
		"no UTF-8":  {spec.Issue{Msg: "a\xffb\ufffd"}, `a\xffb` + "\ufffd", ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if got := test.issue.Error(); got != test.error {
				t.Errorf("got %s, want %s", got, test.error)
			}
			if got := test.issue.HintLine(); got != test.hint {
				t.Errorf("got %s, want %s", got, test.hint)
			}
		})
	}
	spectest.CheckPrints(t, spec.Issue{Path: strings.Repeat("a", 1<<20), Msg: strings.Repeat("\n", 1<<20), Hint: strings.Repeat("网", 1<<20)})
}
