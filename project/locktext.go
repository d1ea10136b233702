package project

import (
	"bytes"
	"cmp"
	"encoding/base64"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"gopkg.in/yaml.v3"

	"github.com/espgen/espgen/lazyregexp"
)

// lockHead begins a lock.
const lockHead = `# What espgen knows of this project. Commit it, together with .espgen.
# Each fact has a line of its own, with an empty one behind it, so that git can merge two branches.
`

// The names of the facts, in their order.
const (
	factVersion      = "version"
	factEspgen       = "espgen"
	factRole         = "role"
	factStyle        = "style"
	factTemplates    = "templates"
	factTemplatesSum = "templates-sha256"
	factExercise     = "exercise"
	factCourse       = "course-exercise"
	factStudent      = "student"
	factSpec         = "spec"
	factValues       = "values"
	factFiles        = "files"
)

// The tags of a value: that --set gave it, as text or in base64, and that it is a
// secret. A !set with nothing behind it is both.
const (
	tagSet       = "!set"
	tagSetBinary = "!set-binary"
	tagHidden    = "!hidden"
	notGiven     = "~"
)

// encode writes the lock, in its newest version. git sees a conflict where two
// branches change neighbouring lines, or add lines at one place. So no two facts
// are neighbours, and a field that is not given has a line as well.
func (l Lock) encode() []byte {
	var b strings.Builder
	b.WriteString(lockHead)
	fact := func(indent, name, value string) {
		fmt.Fprintf(&b, "%s%s: %s\n\n", indent, name, value)
	}
	fact("", factVersion, strconv.Itoa(lockVersion))
	fact("", factEspgen, text(l.Espgen))
	fact("", factRole, text(l.Role))
	fact("", factStyle, text(l.Style))
	if l.Templates != (Templates{}) {
		fact("", factTemplates, text(l.Templates.Path))
		fact("", factTemplatesSum, text(l.Templates.Sum))
	}
	if len(l.Exercise) > 0 {
		fact("", factExercise, oneLine(&yaml.Node{Kind: yaml.SequenceNode}, l.Exercise))
	}
	if l.CourseExercise != "" {
		fact("", factCourse, text(l.CourseExercise))
	}
	if l.Student != "" {
		fact("", factStudent, text(l.Student))
	}
	spec := notGiven
	if l.Spec != "" {
		spec = text(l.Spec)
	}
	fact("", factSpec, spec)
	b.WriteString(factValues + ":\n\n")
	for _, v := range l.Values {
		fact("  ", v.Path, v.yaml())
	}
	b.WriteString(factFiles + ":\n\n")
	for _, path := range slices.Sorted(maps.Keys(l.Files)) {
		fact("  ", text(path), oneLine(&yaml.Node{Kind: yaml.MappingNode}, l.Files[path]))
	}
	return []byte(strings.TrimSuffix(b.String(), "\n"))
}

// yaml is the value as the lock has it.
func (v Value) yaml() string {
	switch {
	case v.Set && v.Beneath != "":
		return v.overSpec()
	case v.Set && v.Hidden:
		return tagSet
	case v.Set && !utf8.ValidString(v.Text):
		return tagSetBinary + " " + base64.StdEncoding.EncodeToString([]byte(v.Text))
	case v.Set && v.Text == "":
		return tagSet + ` ""`
	case v.Set:
		return scalar(&yaml.Node{Kind: yaml.ScalarNode, Tag: tagSet, Value: v.Text})
	case v.Hidden:
		return tagHidden
	}
	return cmp.Or(v.Text, notGiven)
}

// overSpec is a value of --set with what the spec says beneath it: both in a list.
func (v Value) overSpec() string {
	tag := tagSet
	given := &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: v.Text}
	switch {
	case v.Hidden:
		given = &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!null", Value: notGiven}
	case !utf8.ValidString(v.Text):
		tag, given.Value = tagSetBinary, base64.StdEncoding.EncodeToString([]byte(v.Text))
	case strings.ContainsFunc(v.Text, isUnprintable):
		given.Style = yaml.DoubleQuotedStyle
	}
	var beneath yaml.Node
	if err := yaml.Unmarshal([]byte(v.Beneath), &beneath); err != nil {
		panic(err) // it is one of ours
	}
	list := &yaml.Node{Kind: yaml.SequenceNode, Style: yaml.FlowStyle, Tag: tag, Content: append([]*yaml.Node{given}, beneath.Content...)}
	line, err := yaml.Marshal(list)
	if err != nil {
		panic(err) // a list of scalars cannot fail
	}
	return strings.TrimSpace(string(line))
}

// text writes a string.
func text(s string) string {
	var n yaml.Node
	n.SetString(s) // which may be no text
	return scalar(&n)
}

// scalar writes a scalar on one line.
func scalar(n *yaml.Node) string {
	if n.Style &= yaml.DoubleQuotedStyle | yaml.TaggedStyle; strings.ContainsFunc(n.Value, isUnprintable) {
		n.Style |= yaml.DoubleQuotedStyle
	}
	line, err := yaml.Marshal(n)
	if err != nil {
		panic(err) // a scalar cannot fail
	}
	return strings.TrimSpace(string(line))
}

// isUnprintable reports whether r may end a line, or is not seen in one.
func isUnprintable(r rune) bool { return !unicode.IsPrint(r) }

// oneLine writes a list or a map on one line.
func oneLine(n *yaml.Node, value any) string {
	if err := n.Encode(value); err != nil {
		panic(err) // strings and numbers cannot fail
	}
	n.Style = yaml.FlowStyle
	line, err := yaml.Marshal(n)
	if err != nil {
		panic(err)
	}
	return strings.TrimSpace(string(line))
}

// maxLockNodes is how many values a lock may have: of a thousand files with a
// dozen each, and as many of the spec's fields. The yaml package takes time for
// the square of them.
const maxLockNodes = 14 * maxFiles

// decodeLock reads a lock of any version. name is the file's name in errors.
func decodeLock(name string, data []byte) (Lock, error) {
	var doc yaml.Node
	if err := yaml.Unmarshal(bothSides(data), &doc); err != nil {
		return Lock{}, lockError(name, err)
	}
	if nodes(&doc, maxLockNodes+1) > maxLockNodes {
		return Lock{}, &RecordError{fmt.Errorf("%s:1: it holds more than the limit of %d values", name, maxLockNodes)}
	}
	r := lockReader{name: name, seen: map[string]string{}}
	var top []fact
	if len(doc.Content) == 1 && doc.Content[0].Kind == yaml.MappingNode {
		top = facts(doc.Content[0])
	}
	for _, f := range top {
		if f.name == factVersion {
			version, _ := strconv.Atoi(f.value.Value)
			r.lock.Version = max(r.lock.Version, version)
		}
	}
	switch {
	case r.lock.Version > lockVersion:
		return r.lock, fmt.Errorf("%s has version %d, of a newer espgen: this one reads versions up to %d", name, r.lock.Version, lockVersion)
	case r.lock.Version < 1:
		return r.lock, &RecordError{fmt.Errorf("%s:1: the version is missing, so this is not a lock of espgen", name)}
	case !r.lock.HasValues():
		return decodeOldLock(name, &doc)
	}
	r.lock.Files = map[string]entry{}
	for _, f := range top {
		if err := r.fact(f); err != nil {
			return r.lock, err
		}
	}
	return r.lock, r.lock.check(name)
}

// A fact is an entry of a map.
type fact struct {
	name  string
	line  int
	value *yaml.Node
}

func facts(n *yaml.Node) []fact {
	var list []fact
	for i := 0; i+1 < len(n.Content); i += 2 {
		list = append(list, fact{n.Content[i].Value, n.Content[i].Line, n.Content[i+1]})
	}
	return list
}

// A lockReader reads the facts of a lock. Each may be there more than once.
type lockReader struct {
	name string
	lock Lock
	seen map[string]string // what facts said
}

func (r *lockReader) errorf(line int, format string, args ...any) error {
	return &RecordError{fmt.Errorf("%s:%d: %s", r.name, line, fmt.Sprintf(format, args...))}
}

func (r *lockReader) fact(f fact) error {
	switch f.name {
	case factValues, factFiles:
		return r.section(f)
	case factExercise:
		return r.exercise(f)
	}
	to := map[string]*string{
		factVersion: new(string), factEspgen: &r.lock.Espgen, factRole: &r.lock.Role, factStyle: &r.lock.Style, factSpec: &r.lock.Spec,
		factTemplates: &r.lock.Templates.Path, factTemplatesSum: &r.lock.Templates.Sum,
		factCourse: &r.lock.CourseExercise, factStudent: &r.lock.Student,
	}[f.name]
	if to == nil {
		return r.errorf(f.line, "unknown fact %s", strconv.Quote(f.name))
	}
	was := *to
	if err := r.decode(f, to); err != nil {
		return err
	}
	if f.name == factEspgen && Newer(was, *to) {
		*to = was // what that one did is in the project
	} else if f.name != factEspgen {
		r.twice("", f.name, *to, false)
	}
	return nil
}

// exercise reads the steps that are blank. Where git has merged two lists, those
// of both are: no solution is shown by mistake.
func (r *lockReader) exercise(f fact) error {
	var steps []string
	if err := r.decode(f, &steps); err != nil {
		return err
	}
	for _, step := range steps {
		if !slices.Contains(r.lock.Exercise, step) {
			r.lock.Exercise = append(r.lock.Exercise, step)
		}
	}
	return nil
}

// section reads the values, or the files.
func (r *lockReader) section(section fact) error {
	if section.value.Tag == "!!null" {
		return nil
	}
	if section.value.Kind != yaml.MappingNode {
		return r.errorf(section.line, "the value is not of the type that espgen writes")
	}
	for _, f := range facts(section.value) {
		if section.name == factFiles {
			var e entry
			if err := r.decode(f, &e); err != nil {
				return err
			}
			if problem := e.problem(); problem != "" {
				return r.errorf(f.line, "%s", problem)
			}
			r.lock.Files[f.name] = e
			continue
		}
		v, err := r.value(f)
		if err != nil {
			return err
		}
		if i := slices.IndexFunc(r.lock.Values, func(w Value) bool { return w.Path == v.Path }); i >= 0 {
			r.lock.Values[i] = v
		} else {
			r.lock.Values = append(r.lock.Values, v)
		}
	}
	return nil
}

var fieldPath = lazyregexp.New(`^[0-9A-Za-z_.]{1,100}$`)

// value reads what the spec says of a field.
func (r *lockReader) value(f fact) (Value, error) {
	n, v := f.value, Value{Path: f.name}
	if isOver := n.Tag == tagSet || n.Tag == tagSetBinary; isOver && n.Kind == yaml.SequenceNode && len(n.Content) == 2 {
		beneath, err := r.beneath(fact{f.name, f.line, n.Content[1]})
		if err != nil {
			return v, err
		}
		v.Beneath = beneath
		given := *n.Content[0]
		if given.Tag == "!!null" {
			given.Value = ""
		} else {
			given.Style |= yaml.DoubleQuotedStyle // "" is not nothing
		}
		given.Tag, n = n.Tag, &given
	}
	isList := n.Kind == yaml.SequenceNode && !slices.ContainsFunc(n.Content, func(c *yaml.Node) bool { return c.Kind != yaml.ScalarNode })
	switch {
	case !fieldPath().MatchString(f.name):
		return v, r.errorf(f.line, "no field has such a name")
	case n.Kind != yaml.ScalarNode && !isList || n.Anchor != "":
		return v, r.errorf(f.line, "the value is not of the type that espgen writes")
	case n.Tag == tagSet:
		v.Set, v.Text = true, n.Value
		v.Hidden = v.Text == "" && n.Style&yaml.DoubleQuotedStyle == 0
	case n.Tag == tagSetBinary:
		text, err := base64.StdEncoding.DecodeString(n.Value)
		if err != nil {
			return v, r.errorf(f.line, "the value is not of the type that espgen writes")
		}
		v.Set, v.Text = true, string(text)
	case n.Tag == tagHidden:
		v.Hidden = true
	case isList:
		n.Style, n.HeadComment, n.LineComment, n.FootComment = yaml.FlowStyle, "", "", ""
		list, err := yaml.Marshal(n)
		if err != nil {
			return v, r.errorf(f.line, "the value is not of the type that espgen writes")
		}
		v.Text = strings.TrimSpace(string(list))
	case n.Tag != "!!null":
		n.HeadComment, n.LineComment, n.FootComment = "", "", ""
		v.Text = scalar(n)
	}
	r.twice(factValues, f.name, v.shown(), v.Set)
	return v, nil
}

// beneath reads what the spec says of a field that --set gave.
func (r *lockReader) beneath(f fact) (string, error) {
	apart := lockReader{name: r.name, seen: map[string]string{}}
	v, err := apart.value(f)
	switch {
	case err != nil:
		return "", err
	case v.Set || v.Text == "" && !v.Hidden || !v.Hidden && yaml.Unmarshal([]byte(v.Text), new(yaml.Node)) != nil:
		return "", r.errorf(f.line, "the value is not of the type that espgen writes")
	case v.Hidden:
		return tagHidden, nil
	}
	return v.Text, nil
}

// shown is the value for a message.
func (v Value) shown() string {
	switch {
	case v.Hidden:
		return "a secret"
	case v.Text == "":
		return "nothing"
	}
	return v.Text
}

// twice remembers a fact that has another value than before.
func (r *lockReader) twice(section, name, value string, set bool) {
	key := section + ":" + name
	was, ok := r.seen[key]
	r.seen[key] = value
	if ok && was != value {
		r.lock.Twice = append(r.lock.Twice, Twice{Fact: name, Values: [2]string{was, value}, IsValue: section == factValues, Set: set})
	}
}

func (r *lockReader) decode(f fact, to any) error {
	if f.value.Kind == yaml.AliasNode {
		return r.errorf(f.line, "the value is not of the type that espgen writes")
	}
	if err := f.value.Decode(to); err != nil {
		return lockError(r.name, err)
	}
	return nil
}

// nodes counts the values of a document, up to most.
func nodes(n *yaml.Node, most int) int {
	total := 1
	for _, child := range n.Content {
		if total >= most {
			return most
		}
		total += nodes(child, most-total)
	}
	return total
}

// git's marks of a conflict in a text.
var (
	markOurs   = []byte("<<<<<<< ")
	markBase   = []byte("||||||| ")
	markMiddle = []byte("=======")
	markTheirs = []byte(">>>>>>> ")
)

// bothSides returns a record in which git marked conflicts with what both sides
// say, as git's own union merge does. Lines keep their numbers.
func bothSides(data []byte) []byte {
	data = bytes.ReplaceAll(data, []byte("\r\n"), []byte("\n")) // git may have changed them
	if !conflictStart().Match(data) {
		return data
	}
	lines := bytes.SplitAfter(data, []byte("\n"))
	inConflict, inBase := false, false
	for i, line := range lines {
		isMark := true
		switch {
		case bytes.HasPrefix(line, markOurs):
			inConflict = true
		case inConflict && bytes.HasPrefix(line, markBase):
			inBase = true
		case inConflict && bytes.HasPrefix(line, markMiddle):
			inBase = false
		case inConflict && bytes.HasPrefix(line, markTheirs):
			inConflict = false
		default:
			isMark = false
		}
		if isMark || inBase {
			lines[i] = []byte("\n")
		}
	}
	return bytes.Join(lines, nil)
}

var yamlLine = lazyregexp.New(`(?s)^(?:yaml: )?(?:unmarshal errors:\s*)?line (\d+): ([^\n]*)`)

// lockError gives an error of the yaml package the form file:line.
func lockError(name string, err error) error {
	if m := yamlLine().FindStringSubmatch(err.Error()); m != nil {
		what := m[2]
		if strings.HasPrefix(what, "cannot unmarshal ") {
			what = "the value is not of the type that espgen writes"
		}
		return &RecordError{fmt.Errorf("%s:%s: %s", name, m[1], what)}
	}
	return &RecordError{fmt.Errorf("%s:1: %w", name, err)}
}
