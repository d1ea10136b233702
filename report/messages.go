package report

import (
	_ "embed"
	"fmt"
	"strconv"
	"sync"

	"gopkg.in/yaml.v3"

	"github.com/espgen/espgen/check"
)

//go:embed messages.yaml
var messagesFile []byte

// messages are the texts of reports, by their keys.
var messages = sync.OnceValue(func() (m map[string]check.Text) {
	if err := yaml.Unmarshal(messagesFile, &m); err != nil {
		panic(err)
	}
	return m
})

// A language is that of a report: "en" or "zh".
type language string

// say returns the text of a key, with values.
func (l language) say(key string, values ...any) string {
	text, ok := messages()[key]
	if !ok {
		panic("no message " + key)
	}
	if len(values) == 0 {
		return text.In(string(l))
	}
	return fmt.Sprintf(text.In(string(l)), values...)
}

// number writes points as people do: 2, 2.5, 0.33.
func number(points float64) string {
	text := strconv.FormatFloat(points, 'f', 2, 64)
	for len(text) > 1 && text[len(text)-1] == '0' {
		text = text[:len(text)-1]
	}
	if text[len(text)-1] == '.' {
		text = text[:len(text)-1]
	}
	return text
}

// score tells the points of a result, or why it has none.
func (l language) score(r Result) string {
	if !r.Counts() {
		return l.say(string(r.State))
	}
	return l.say("points", number(r.Points()), number(r.MaxScore))
}

// who names the student of a result.
func (l language) who(r Result) string {
	if r.Student == "" {
		return l.say("unknown-student")
	}
	return r.Student
}
