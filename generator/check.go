package generator

import (
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"
	"text/template/parse"

	"github.com/espgen/espgen/generator/field"
	"github.com/espgen/espgen/generator/role"
	"github.com/espgen/espgen/generator/tree"
)

// CheckTemplates finds what is wrong with the templates of a role before there
// is a spec: what they print that the role does not declare, and what it
// declares that no template prints. The role is one of [LoadRole].
func CheckTemplates(templates fs.FS, role role.Role) []*TemplateError {
	var faults []*TemplateError
	for _, name := range role.StyleNames() {
		c := fieldCheck{
			set:  newTemplateSet(templates, role.Name, "en", folders(role, name)),
			used: map[string]bool{},
			seen: map[string]bool{},
		}
		c.root = everything(role, role.Styles[name])
		c.check()
		faults = append(faults, c.faults...)
		if len(c.faults) > 0 {
			continue // what could not be read may use it
		}
		for _, path := range c.unused(role, role.Styles[name]) {
			faults = append(faults, &TemplateError{File: roleFile(role.Name), Role: role.Name, Err: fmt.Errorf("styles.%s: no template prints the field %s", name, path)})
		}
	}
	slices.SortFunc(faults, func(a, b *TemplateError) int { return strings.Compare(a.Error(), b.Error()) })
	return slices.CompactFunc(faults, func(a, b *TemplateError) bool { return a.Error() == b.Error() })
}

// Untranslated finds what is wrong with the translation of a folder, such as
// roles/tcp-server: passages that it lacks, passages that no template has, and
// those in which it has other actions.
func Untranslated(templates fs.FS, folder, language string) []*TemplateError {
	file := path.Join(folder, language+".yaml")
	c, err := loadCatalog(templates, file)
	if err != nil {
		return []*TemplateError{yamlFault(file, path.Base(folder), err)}
	}
	var faults []*TemplateError
	say := func(file string, line int, format string, args ...any) {
		faults = append(faults, &TemplateError{File: file, Line: line, Role: path.Base(folder), Err: fmt.Errorf(format, args...)})
	}
	used := map[string]bool{}
	_ = fs.WalkDir(templates, folder, func(p string, _ fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(p, suffix) {
			return err
		}
		source, err := fs.ReadFile(templates, p)
		for _, passage := range passages(p, string(source)) {
			used[passage.text] = true
			if translated := c[passage.text]; translated == "" {
				say(p, passage.first+1, "not in %s:\n- en: |-\n    %s", path.Base(file), strings.ReplaceAll(passage.text, "\n", "\n    "))
			} else if !slices.Equal(actions(translated), actions(passage.text)) {
				say(p, passage.first+1, "the translation has other actions: %s", translated)
			}
		}
		return err
	})
	for en := range c {
		if !used[en] {
			say(file, 0, "no template has the passage %q", en)
		}
	}
	slices.SortFunc(faults, func(a, b *TemplateError) int { return strings.Compare(a.Error(), b.Error()) })
	return faults
}

// actions lists the actions of a passage, sorted: a translation may reorder
// them.
func actions(text string) []string {
	list := action().FindAllString(text, -1)
	slices.Sort(list)
	return list
}

// textInString is an action within quotes.
var textInString = regexp.MustCompile(`"[^"\n]*\{\{[^"\n]*"`)

// Unquoted finds actions inside of C strings: text goes there by cquote, which
// writes the quotes, too.
func Unquoted(templates fs.FS, folder string) []*TemplateError {
	var faults []*TemplateError
	_ = fs.WalkDir(templates, folder, func(p string, _ fs.DirEntry, err error) error {
		isC := slices.Contains([]string{".c", ".h", ".cpp"}, path.Ext(strings.TrimSuffix(p, suffix)))
		if err != nil || !strings.HasSuffix(p, suffix) || !isC {
			return err
		}
		source, err := fs.ReadFile(templates, p)
		for i, line := range strings.Split(string(source), "\n") {
			if textInString.MatchString(line) {
				fault := fmt.Errorf("text goes into a C string by cquote, without quotes around it")
				faults = append(faults, &TemplateError{File: p, Line: i + 1, Role: path.Base(folder), Err: fault})
			}
		}
		return err
	})
	return faults
}

// everything is a sample of all that templates of a style may print.
func everything(role role.Role, style role.Style) tree.Tree {
	d := sample(role, style)
	for _, own := range style.Derived {
		d.Put(own.Path, "")
	}
	line := tree.Tree{"comment": "", "name": "", "value": ""}
	d.Put("settings", []tree.Tree{line})
	d.Put("options", []tree.Tree{line})
	d.Put("hidden_options", []tree.Tree{line})
	d.Put("components", []string{""})
	d.Put("version_components", []tree.Tree{{"name": "", "condition": ""}})
	d.Put("dependencies", []tree.Tree{{"name": "", "version": "", "rule": ""}})
	d.Put("sources", []string{""})
	return d
}

// A fieldCheck walks through the templates of a style.
type fieldCheck struct {
	set    *templateSet
	root   tree.Tree
	used   map[string]bool // the paths that templates name
	seen   map[string]bool // the partials that were looked at, with what they were given
	faults []*TemplateError
	source *parse.Tree // that is looked at
}

func (c *fieldCheck) check() {
	found, err := c.set.templates()
	if err != nil {
		c.faults = append(c.faults, asFault(c.set.role, err))
		return
	}
	for _, src := range found {
		c.template(src, place{value: c.root})
	}
}

func asFault(role string, err error) *TemplateError {
	if fault, ok := err.(*TemplateError); ok { //nolint:errorlint // ours, as it was made
		return fault
	}
	return &TemplateError{Role: role, Err: err}
}

// A place is what dot is at a point of a template.
type place struct {
	path  string // "" for the top, or where it is not a field's
	value any
}

// template looks at a file with dot at a place.
func (c *fieldCheck) template(src string, dot place) {
	key := src + " " + dot.path
	if c.seen[key] {
		return
	}
	c.seen[key] = true
	t := c.set.base.New(src)
	if err := c.set.parse(t, src); err != nil {
		c.faults = append(c.faults, asFault(c.set.role, err))
		return
	}
	if partial := t.Lookup(strings.TrimSuffix(path.Base(src), suffix)); path.Base(path.Dir(src))+"/" == partials && partial != nil {
		t = partial
	}
	outer := c.source
	c.source = t.Tree
	c.list(t.Root, dot)
	c.source = outer
}

func (c *fieldCheck) list(list *parse.ListNode, dot place) {
	if list == nil {
		return
	}
	for _, n := range list.Nodes {
		switch n := n.(type) {
		case *parse.ActionNode:
			c.pipe(n.Pipe, dot)
		case *parse.IfNode:
			c.pipe(n.Pipe, dot)
			c.list(n.List, dot)
			c.list(n.ElseList, dot)
		case *parse.WithNode:
			c.list(n.List, c.pipe(n.Pipe, dot))
			c.list(n.ElseList, dot)
		case *parse.RangeNode:
			c.list(n.List, element(c.pipe(n.Pipe, dot)))
			c.list(n.ElseList, dot)
		case *parse.TemplateNode:
			at := c.pipe(n.Pipe, dot)
			if partial, ok := c.set.partial(n.Name); ok {
				c.template(partial, at)
			}
		}
	}
}

// element is what dot is in a range.
func element(p place) place {
	switch list := p.value.(type) {
	case []tree.Tree:
		return place{value: list[0]}
	case []string:
		return place{value: list[0]}
	}
	return place{}
}

// pipe looks at the fields of a pipeline, and returns the place that it stands
// for, where it is a field alone.
func (c *fieldCheck) pipe(p *parse.PipeNode, dot place) place {
	if p == nil {
		return place{}
	}
	var last place
	for _, cmd := range p.Cmds {
		for _, arg := range cmd.Args {
			last = c.arg(arg, dot)
		}
	}
	if len(p.Cmds) == 1 && len(p.Cmds[0].Args) == 1 {
		return last
	}
	return place{}
}

func (c *fieldCheck) arg(n parse.Node, dot place) place {
	switch n := n.(type) {
	case *parse.DotNode:
		return dot
	case *parse.FieldNode:
		return c.field(n, n.Ident, dot)
	case *parse.VariableNode:
		if n.Ident[0] == "$" {
			return c.field(n, n.Ident[1:], place{value: c.root})
		}
	case *parse.ChainNode:
		return c.field(n, n.Field, c.arg(n.Node, dot))
	case *parse.PipeNode:
		return c.pipe(n, dot)
	}
	return place{}
}

// field looks up what a chain of names stands for.
func (c *fieldCheck) field(n parse.Node, names []string, at place) place {
	for _, name := range names {
		section, ok := at.value.(tree.Tree)
		if !ok {
			return place{} // not known before there is a spec
		}
		value, ok := section[name]
		if !ok {
			c.undeclared(n, strings.TrimPrefix(at.path+"."+name, "."))
			return place{}
		}
		at = place{strings.TrimPrefix(at.path+"."+name, "."), value}
	}
	c.used[at.path] = true
	return at
}

func (c *fieldCheck) undeclared(n parse.Node, path string) {
	where, _ := c.source.ErrorContext(n)
	fault := c.set.fault("", fmt.Errorf("template: %s: %s: the role declares no such field", where, path))
	fault.Err = fmt.Errorf("%s: the role declares no such field", path)
	c.faults = append(c.faults, fault)
}

// unused returns the fields that the style declares beside those that every
// role has, and that neither a template, nor what is derived, nor a rule, nor
// another field's default names.
func (c *fieldCheck) unused(r role.Role, style role.Style) []string {
	named := func(path string) bool {
		for used := range c.used {
			if used == path || strings.HasPrefix(used, path+".") || used != "" && strings.HasPrefix(path, used+".") {
				return true
			}
		}
		return false
	}
	for _, v := range slices.Backward(derivations) {
		if named(v.path) {
			for _, from := range slices.Concat(v.from, v.maybe) {
				c.used[from] = true
			}
		}
	}
	var texts strings.Builder
	for _, own := range style.Derived {
		if named(own.Path) {
			texts.WriteString(" " + own.Expr)
		}
	}
	for _, s := range style.Sdkconfig {
		texts.WriteString(" " + s.From + " " + s.When)
	}
	var list []string
	for _, f := range r.Table() {
		_, declared := style.Fields[f.Path]
		_, own := field.Table(r.Own).At(f.Path)
		if (declared && !f.Common || own) && !named(f.Path) && !slices.Contains(role.PathsIn(texts.String(), r.Table()), f.Path) {
			list = append(list, f.Path)
		}
	}
	return list
}

func roleFile(name string) string { return path.Join(rolesFolder, name, "role.yaml") }
