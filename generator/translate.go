package generator

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"strings"
	"sync"
	"unicode"

	"github.com/mattn/go-runewidth"
	"gopkg.in/yaml.v3"
)

// The English text stands in the templates themselves, as plain comments and
// plain Markdown, so that they read as the files they print. A catalog holds
// its translation, passage by passage, and is applied to a template's source
// before it is parsed: the actions in a passage stay actions.

// A catalog maps the English passages of a folder's templates to another
// language.
type catalog map[string]string

// loadCatalog reads a catalog, a list of {en, zh} pairs. One that is not there
// is empty.
func loadCatalog(fsys fs.FS, file string) (catalog, error) {
	text, err := fs.ReadFile(fsys, file)
	if errors.Is(err, fs.ErrNotExist) {
		return catalog{}, nil // it stays in English
	}
	if err != nil {
		return nil, err
	}
	language := strings.TrimSuffix(path.Base(file), ".yaml")
	var pairs []map[string]string
	if err := yaml.Unmarshal(text, &pairs); err != nil {
		return nil, err
	}
	c := catalog{}
	for _, pair := range pairs {
		en := strings.TrimSpace(pair["en"])
		if _, ok := c[en]; ok {
			return nil, fmt.Errorf("two translations of %q", en)
		}
		c[en] = strings.TrimSpace(pair[language])
	}
	return c, nil
}

// AddTranslations returns the text of own, a catalog, with those of builtIn
// behind it whose passages own does not have: who replaces one template of a
// folder still needs the translations of its others.
func AddTranslations(own, builtIn []byte) []byte {
	var list, rest []map[string]string
	if yaml.Unmarshal(own, &list) != nil || yaml.Unmarshal(builtIn, &rest) != nil {
		return own // whoever loads it tells what is wrong
	}
	known := map[string]bool{}
	for _, pair := range list {
		known[strings.TrimSpace(pair["en"])] = true
	}
	for _, pair := range rest {
		if !known[strings.TrimSpace(pair["en"])] {
			list = append(list, pair)
		}
	}
	all, err := yaml.Marshal(list)
	if err != nil {
		return own
	}
	return all
}

// A passage is a piece of a template that is translated as a whole: a
// paragraph of a comment, or a block of Markdown.
type passage struct {
	first, last int    // its lines, from 0
	prefix      string // what each of its lines begins with: "    // "
	text        string // the rest: a comment's lines joined, Markdown's as they are
}

// translate returns the source of a template with every passage replaced that
// the catalog has.
func (c catalog) translate(file, source string) string {
	lines := strings.Split(source, "\n")
	var out []string
	next := 0
	for _, p := range passages(file, source) {
		text, ok := c[p.text]
		if !ok {
			continue
		}
		out = append(out, lines[next:p.first]...)
		if p.prefix == "" {
			out = append(out, strings.Split(text, "\n")...)
		} else {
			for _, line := range wrap(text, commentWidth-width(p.prefix)) {
				out = append(out, p.prefix+line)
			}
		}
		next = p.last + 1
	}
	return strings.Join(append(out, lines[next:]...), "\n")
}

// commentWidth is where the lines of a translated comment end, in columns.
const commentWidth = 90

// Only a project in another language needs these expressions.
var (
	letters = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`[A-Za-z]{2}`) })
	action  = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`\{\{.*?\}\}`) })
)

// passages finds the passages of a template by the kind of the file that it
// prints. Other kinds stay in English: on Windows, ESP-IDF's Python tools read
// sdkconfig.defaults and idf_component.yml in the system's code page, and stop
// at a character that it lacks.
func passages(file, source string) []passage {
	lines := strings.Split(source, "\n")
	switch path.Ext(strings.TrimSuffix(file, suffix)) {
	case ".md":
		return blocks(lines)
	case ".c", ".h":
		return comments(lines, "// ", "/// ")
	case ".txt", ".gitignore":
		return comments(lines, "# ")
	}
	return nil
}

// comments finds the paragraphs of comments that stand on lines of their own.
// A command of Doxygen, such as @return, begins a new one; @file is no text.
func comments(lines []string, marks ...string) []passage {
	var list []passage
	for i, line := range lines {
		indent := line[:len(line)-len(strings.TrimLeft(line, " "))]
		for _, mark := range marks {
			text, ok := strings.CutPrefix(line[len(indent):], mark)
			if text = strings.TrimSpace(text); !ok || text == "" || text == "@file" {
				continue
			}
			if n := len(list) - 1; n >= 0 && list[n].last == i-1 && list[n].prefix == indent+mark && text[0] != '@' {
				list[n].last = i
				list[n].text += " " + text
				continue
			}
			list = append(list, passage{i, i, indent + mark, text})
		}
	}
	return list
}

// blocks finds the blocks of Markdown between empty lines and template
// controls, code left out.
func blocks(lines []string) []passage {
	var list []passage
	code, open := false, false
	for i, line := range lines {
		fence := strings.HasPrefix(line, "```")
		if fence {
			code = !code
		}
		if fence || code || strings.TrimSpace(line) == "" || strings.HasPrefix(strings.TrimSpace(line), "{{-") {
			open = false
			continue
		}
		if open {
			n := len(list) - 1
			list[n].last = i
			list[n].text += "\n" + line
			continue
		}
		list = append(list, passage{i, i, "", line})
		open = true
	}
	var words []passage
	for _, p := range list {
		if letters().MatchString(action().ReplaceAllString(p.text, "")) {
			words = append(words, p)
		}
	}
	return words
}

// wrap breaks text into lines of at most most columns. It breaks at spaces and
// between Chinese characters, not beside punctuation, and not inside an action.
func wrap(text string, most int) []string {
	var lines []string
	line := ""
	for _, word := range words(text) {
		if line != "" && width(line+strings.TrimRight(word, " ")) > most {
			lines = append(lines, strings.TrimRight(line, " "))
			line = ""
		}
		line += word
	}
	return append(lines, strings.TrimRight(line, " "))
}

// columns counts as a Chinese terminal does, whatever the locale here.
var columns = &runewidth.Condition{EastAsianWidth: true}

// width is the number of columns of text. An action counts as the two digits
// that it mostly prints.
func width(text string) int { return columns.StringWidth(action().ReplaceAllString(text, "00")) }

// words cuts text at the places where a line may end.
func words(text string) []string {
	var list []string
	start, depth := 0, 0
	runes := []rune(text)
	for i, r := range runes {
		if i > 0 && r == '{' && runes[i-1] == '{' {
			depth++
		}
		if i > 0 && r == '}' && runes[i-1] == '}' {
			depth--
		}
		if depth > 0 || i+1 == len(runes) {
			continue
		}
		next := runes[i+1]
		if r == ' ' || (wide(r) || wide(next)) && next != ' ' && !closing(next) && !opening(r) {
			list = append(list, string(runes[start:i+1]))
			start = i + 1
		}
	}
	return append(list, string(runes[start:]))
}

func wide(r rune) bool { return columns.RuneWidth(r) == 2 }

// closing reports whether a line may not begin with r.
func closing(r rune) bool {
	return strings.ContainsRune("，。；：、！？…—,.;:!?`", r) || unicode.In(r, unicode.Pe, unicode.Pf)
}

// opening reports whether a line may not end with r.
func opening(r rune) bool {
	return r == '`' || unicode.In(r, unicode.Ps, unicode.Pi)
}
