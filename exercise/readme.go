package exercise

import (
	"bytes"
	"embed"
	"slices"
	"strings"
	"sync"
	"text/template"
	"unicode"
	"unicode/utf8"

	"github.com/espgen/espgen/lazyregexp"
)

// A Task is what the text of an exercise says beside its steps. Its texts are
// Markdown.
type Task struct {
	Language string // "zh" for Chinese; any other is English
	Title    string
	Text     string   // more that the student is to know, "" for nothing
	Due      string   // when it is due, as text; "" where it does not say
	Blank    []string // the names of the steps to do
	Files    []string // the paths of those that are the student's to change
	Checks   bool     // whether `espgen grade .` has checks to run
}

//go:embed readme.en.md.tmpl readme.zh.md.tmpl
var readmeFiles embed.FS

var readmes = sync.OnceValue(func() *template.Template { return template.Must(template.New("").ParseFS(readmeFiles, "*.tmpl")) })

// A todo is a step in the text of an exercise.
type todo struct {
	Number             int // from 1
	Name, Title, Guide string
	Calls, Files       []string
	Wanted             string // what its stub says in a comment TODO(NAME)
}

// README returns the text of an exercise, in Markdown. The error is an
// [*UnknownError] where the task has a step that there is not.
func (s *Source) README(t Task) ([]byte, error) {
	if err := s.Check(t.Blank); err != nil {
		return nil, err
	}
	if t.Language != "zh" {
		t.Language = "en"
	}
	var steps []todo
	for _, step := range s.steps {
		if !slices.Contains(t.Blank, step.Name) {
			continue
		}
		one := todo{
			Number: len(steps) + 1, Name: step.Name, Title: step.Title.In(t.Language), Guide: step.Guide,
			Calls: step.Calls, Wanted: s.wanted(step),
		}
		for _, at := range step.Places {
			if !slices.Contains(one.Files, at.File) {
				one.Files = append(one.Files, at.File)
			}
		}
		steps = append(steps, one)
	}
	var out bytes.Buffer
	err := readmes().ExecuteTemplate(&out, "readme."+t.Language+".md.tmpl", struct {
		Task
		Steps []todo
	}{t, steps})
	return out.Bytes(), err
}

// comment is what begins the lines of a comment that stands alone.
var comment = lazyregexp.New(`^[ \t]*(?://+|#+|\*)[ \t]?`)

// wanted returns what the first of a step's stubs says in a comment: what
// follows TODO(NAME), to the end of the paragraph.
func (s *Source) wanted(step Step) string {
	begin := "TODO(" + step.Name + ")"
	for _, at := range step.Places {
		i := slices.IndexFunc(s.files[at.File], func(p piece) bool { return p.place != nil && p.line == at.Line })
		var words []string
		for line := range strings.Lines(string(s.files[at.File][i].stub)) {
			text := strings.TrimSpace(comment().ReplaceAllString(line, ""))
			switch {
			case words == nil && strings.HasPrefix(text, begin):
				words = append(words, strings.TrimSpace(strings.TrimLeft(text[len(begin):], ":： ")))
			case words == nil:
			case text == "" || !comment().MatchString(line):
				return joinLines(words)
			default:
				words = append(words, text)
			}
		}
		if len(words) > 0 {
			return joinLines(words)
		}
	}
	return ""
}

// joinLines joins the lines of a paragraph, and begins it with a capital letter.
// No space comes between two characters of Chinese, nor beside its punctuation.
func joinLines(lines []string) string {
	var b strings.Builder
	for _, line := range lines {
		last, _ := utf8.DecodeLastRuneInString(b.String())
		first, _ := utf8.DecodeRuneInString(line)
		bothHan := unicode.Is(unicode.Han, last) && unicode.Is(unicode.Han, first)
		if b.Len() > 0 && !bothHan && !isWideMark(last) && !isWideMark(first) {
			b.WriteByte(' ')
		}
		b.WriteString(line)
	}
	first, size := utf8.DecodeRuneInString(b.String())
	return string(unicode.ToUpper(first)) + b.String()[size:]
}

// isWideMark reports whether r is a mark of punctuation as wide as a character
// of Chinese.
func isWideMark(r rune) bool { return r >= 0x3000 && r <= 0x303f || r >= 0xff00 && r <= 0xffef }
