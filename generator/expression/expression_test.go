package expression_test

import (
	"strings"
	"testing"

	"github.com/espgen/espgen/generator/expression"
	"github.com/espgen/espgen/generator/tree"
)

var values = tree.Tree{"mqtt": tree.Tree{"broker": "mqtts://b", "qos": 1, "topic": "a/b"}, "task": tree.Tree{"core": nil, "stack": 4096}, "on": true}

func TestRun(t *testing.T) {
	for text, want := range map[string]any{
		`mqtt.broker startsWith "mqtts://"`:        true,
		`mqtt.qos * 2 + 1`:                         3,
		`"QOS_" + upper(mqtt.topic)`:               "QOS_A/B",
		`mqtt.qos > 0 ? "retain" : "none"`:         "retain",
		`task.core ?? -1`:                          -1,
		`len(mqtt.topic) <= 128 and on`:            true,
		`mqtt.topic matches "^[a-z/]+$"`:           true,
		`trimPrefix(mqtt.broker, "mqtts://")`:      "b",
		`max(task.stack, 8192) - min(mqtt.qos, 2)`: 8191,
		`mqtt.qos in [0, 1, 2] && not (1 == 2)`:    true,
		`{"a": 1}.a`:                               1,
	} {
		p, err := expression.Compile(text, values)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if got, err := p.Run(values); got != want || err != nil {
			t.Errorf("%s: got %#v, %v, want %#v", text, got, err, want)
		}
	}
}

// TestRefused wants what is not there told, and nothing in that takes long.
func TestRefused(t *testing.T) {
	for text, want := range map[string]string{
		`mqtt.port`:                       "column 6: ",
		`nope > 1`:                        "column 1: unknown name nope",
		`mqtt.qos + "x"`:                  "column 10: ",
		`1..1000000000`:                   "a range is not allowed here",
		`all([1], # > 0)`:                 "a loop is not allowed here",
		`map([1, 2], {# * 2})`:            "a loop is not allowed here",
		`repeat("x", 1000000000)`:         "unknown name repeat",
		`replace(mqtt.topic, "", "xxxx")`: "unknown name replace",
		`now()`:                           "unknown name now",
		`let a = 1; a`:                    "let is not allowed here",
		`mqtt.`:                           "column ",
		`len(`:                            "column ",
		strings.Repeat("1 + ", 300) + "1": "",
		``:                                "",
		strings.Repeat("(", 100_000):      "",
	} {
		_, err := expression.Compile(text, values)
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%.40s: got %v, want %q in one line", text, err, want)
		}
	}
}
