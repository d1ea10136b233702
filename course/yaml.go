package course

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"gopkg.in/yaml.v3"

	"github.com/espgen/espgen/check"
	"github.com/espgen/espgen/generator/field"
	"github.com/espgen/espgen/generator/spec"
	"github.com/espgen/espgen/lazyregexp"
)

// A reader reads the nodes of a course.yaml, and collects what is wrong with
// them.
type reader struct {
	file   string
	issues *spec.Issues
}

func (r reader) errorf(n *yaml.Node, path, hint, format string, args ...any) {
	pos := spec.Pos{File: r.file, Line: 1, Col: 1}
	if n != nil && n.Line > 0 {
		pos.Line, pos.Col = n.Line, n.Column
	}
	*r.issues = append(*r.issues, spec.Issue{Pos: pos, Path: path, Msg: fmt.Sprintf(format, args...), Hint: hint})
}

var yamlLine = lazyregexp.New(`line (\d+): (.*)`)

// top returns the map that a file holds, nil where there is none.
func (r reader) top(data []byte) *yaml.Node {
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	if at := invalid(data); at >= 0 {
		n := &yaml.Node{Line: 1 + bytes.Count(data[:at], []byte("\n")), Column: 1}
		r.errorf(n, "", "save the file as UTF-8", "the file is not valid UTF-8")
		return nil
	}
	dec := yaml.NewDecoder(bytes.NewReader(data))
	var doc, second yaml.Node
	err := dec.Decode(&doc)
	if errors.Is(err, io.EOF) {
		r.errorf(nil, "", "`espgen course new DIR` writes one to start from", "the file is empty")
		return nil
	}
	if err == nil {
		if err = dec.Decode(&second); err == nil {
			r.errorf(&second, "", "a course is one document: remove the line ---", "a second document begins here")
			return nil
		} else if errors.Is(err, io.EOF) {
			err = nil
		}
	}
	if err != nil {
		n := &yaml.Node{Line: 1, Column: 1}
		text := strings.TrimPrefix(err.Error(), "yaml: ")
		if m := yamlLine().FindStringSubmatch(text); m != nil {
			n.Line, _ = strconv.Atoi(m[1])
			text = m[2]
		}
		r.errorf(n, "", "look at this line and the one above it: a colon, a quote or the indentation", "not YAML: %s", text)
		return nil
	}
	top := doc.Content[0]
	if top.Kind != yaml.MappingNode {
		r.errorf(top, "", "`espgen course new DIR` writes one to start from", "a course is a map of fields, not a %s", spec.KindOf(top))
		return nil
	}
	if alias := aliasIn(top); alias != nil {
		r.errorf(alias, "", "write the value out", "aliases are not allowed here")
		return nil
	}
	return top
}

// invalid returns where data is no UTF-8, -1 where it is.
func invalid(data []byte) int {
	for i := 0; i < len(data); {
		c, n := utf8.DecodeRune(data[i:])
		if c == utf8.RuneError && n == 1 {
			return i
		}
		i += n
	}
	return -1
}

// aliasIn returns the first alias below n, nil where there is none: a file
// without aliases is no larger than it looks.
func aliasIn(n *yaml.Node) *yaml.Node {
	if n.Kind == yaml.AliasNode {
		return n
	}
	for _, c := range n.Content {
		if alias := aliasIn(c); alias != nil {
			return alias
		}
	}
	return nil
}

// fields returns the values of a map by their keys. A key that is unknown, or
// is there twice, is an issue.
func (r reader) fields(n *yaml.Node, path string, allowed ...string) map[string]*yaml.Node {
	found := map[string]*yaml.Node{}
	if n.Kind != yaml.MappingNode {
		r.errorf(n, path, "its fields are "+strings.Join(allowed, ", "), "a map of fields is needed here, not a %s", spec.KindOf(n))
		return found
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		name := key.Value
		switch _, twice := found[name]; {
		case key.Kind != yaml.ScalarNode:
			r.errorf(key, path, "write a field's name", "a key is a name, not a %s", spec.KindOf(key))
		case !slices.Contains(allowed, name):
			r.errorf(key, path, field.Suggest(name, allowed), "unknown key %q", name)
		case twice:
			r.errorf(key, field.Join(path, name), "remove one of them", "the key is there twice")
		case value.Tag == "!!null": // it is commented out
		default:
			found[name] = value
		}
	}
	return found
}

// text reads a string of at most most bytes, in one line.
func (r reader) text(n *yaml.Node, path string, most int) string {
	switch {
	case n == nil:
		return ""
	case n.Kind != yaml.ScalarNode || n.Tag != "!!str" && n.Tag != "!!timestamp":
		r.errorf(n, path, `write it in quotes: "..."`, "a string is needed here, not a %s", spec.KindOf(n))
	case len(n.Value) > most:
		r.errorf(n, path, "shorten it", "it has %d bytes, and the limit is %d", len(n.Value), most)
	case strings.ContainsFunc(n.Value, isControl):
		r.errorf(n, path, "write it in one line", "it holds a control character")
	default:
		return n.Value
	}
	return ""
}

// isControl reports whether r is no character of a line: what a terminal obeys,
// ends of lines, and marks that turn the direction of writing.
func isControl(r rune) bool {
	return r < ' ' || r >= 0x7f && r < 0xa0 || r == '\u2028' || r == '\u2029' || r >= '\u202a' && r <= '\u202e' || r >= '\u2066' && r <= '\u2069' || r == '\ufeff'
}

// languages are those of titles, and of what is written.
var languages = []string{"en", "zh"}

// title reads a text in one language or in several.
func (r reader) title(n *yaml.Node, path, language string) map[string]string {
	if n == nil {
		return nil
	}
	if n.Kind != yaml.MappingNode {
		if text := r.text(n, path, maxTitle); text != "" {
			return map[string]string{language: text}
		}
		return nil
	}
	texts := map[string]string{}
	for name, value := range r.fields(n, path, languages...) {
		texts[name] = r.text(value, field.Join(path, name), maxTitle)
	}
	return texts
}

// textIn reads Markdown in one language or in several.
func (o *opening) textIn(n *yaml.Node, path string) check.Text {
	if n == nil {
		return nil
	}
	values := map[string]*yaml.Node{o.Language: n}
	if n.Kind == yaml.MappingNode {
		values = o.fields(n, path, languages...)
	}
	texts := check.Text{}
	for language, value := range values {
		switch {
		case value.Kind != yaml.ScalarNode || value.Tag != "!!str":
			o.errorf(value, path, "write it in quotes, or as a block behind |", "a string is needed here, not a %s", spec.KindOf(value))
		case len(value.Value) > maxText:
			o.errorf(value, path, "put it into a file of its own, and name that", "it has %d bytes, and the limit is %d", len(value.Value), maxText)
		case strings.ContainsFunc(value.Value, func(r rune) bool { return r != '\n' && r != '\t' && isControl(r) }):
			o.errorf(value, path, "remove it", "it holds a control character")
		default:
			texts[language] = value.Value
		}
	}
	return texts
}

// choice reads one of several words.
func (r reader) choice(n *yaml.Node, path string, otherwise string, allowed ...string) string {
	if n == nil {
		return otherwise
	}
	if n.Kind != yaml.ScalarNode || !slices.Contains(allowed, n.Value) {
		r.errorf(n, path, field.Suggest(n.Value, allowed), "unknown value %q", n.Value)
		return otherwise
	}
	return n.Value
}

// list reads a list of names, each of which may be there once.
func (r reader) list(n *yaml.Node, path string) []*yaml.Node {
	if n == nil {
		return nil
	}
	if n.Kind != yaml.SequenceNode {
		r.errorf(n, path, "write [A, B], or one of them a line with - before it", "a list is needed here, not a %s", spec.KindOf(n))
		return nil
	}
	return n.Content
}

// names reads a list of words.
func (r reader) names(n *yaml.Node, path string) []*yaml.Node {
	var list []*yaml.Node
	for _, item := range r.list(n, path) {
		twice := slices.ContainsFunc(list, func(o *yaml.Node) bool { return o.Value == item.Value })
		switch {
		case item.Kind != yaml.ScalarNode || item.Value == "" || len(item.Value) > maxName:
			r.errorf(item, path, "write a name", "a name is needed here, not a %s", spec.KindOf(item))
		case twice:
			r.errorf(item, path, "remove one of them", "%q is there twice", item.Value)
		default:
			list = append(list, item)
		}
	}
	return list
}

// localPath reads the path of a file or folder that lies in the course's folder,
// or beside it.
func (r reader) localPath(n *yaml.Node, path string) string {
	name := r.text(n, path, maxPath)
	switch {
	case name == "":
		return ""
	case absolutePath().MatchString(name):
		r.errorf(n, path, "write a path that is relative to the course's folder", "%q is an absolute path, which differs between computers", name)
	case strings.Contains(name, `\`):
		r.errorf(n, path, "write / between folders", `%q has a \ in it`, name)
	default:
		return name
	}
	return ""
}

var absolutePath = lazyregexp.New(`^([/\\~]|[A-Za-z]:)`)
