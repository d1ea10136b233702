package generator

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"text/template"
	"text/template/parse"
)

// suffix is the ending of every template's name. What is before it is the
// name of the file that the template prints.
const suffix = ".tmpl"

// A TemplateError is a fault of the templates, not of the spec.
type TemplateError struct {
	File string // below the folder of templates
	Line int    // from 1; 0 where it is not known
	Col  int    // from 1; 0 where it is not known
	Role string
	Err  error
}

// Error returns file:line:col, as far as they are known, and the message.
func (e *TemplateError) Error() string {
	at := e.File
	if e.Line > 0 {
		at += ":" + strconv.Itoa(e.Line)
	}
	if e.Col > 0 {
		at += ":" + strconv.Itoa(e.Col)
	}
	return fmt.Sprintf("templates/%s: %v (a fault of espgen's role %s, not of your spec)", at, e.Err, e.Role)
}

// Unwrap returns the error behind it.
func (e *TemplateError) Unwrap() error { return e.Err }

// text/template puts the place into the text of its errors: the line, and the
// column as an offset from 0.
const templatePlace = `^template: ([^:]+):(\d+)(?::(\d+))?: (?:executing "[^"]*" )?(.*)$`

// templateError finds the place of an error of text/template.
func templateError(role, file string, err error) *TemplateError {
	e := &TemplateError{File: file, Role: role, Err: err}
	m := regexp.MustCompile(templatePlace).FindStringSubmatch(err.Error())
	if m == nil {
		return e
	}
	e.File, e.Err = m[1], errors.New(m[4])
	if !strings.HasSuffix(e.File, suffix) {
		e.File = partials + e.File + suffix
	}
	e.Line, _ = strconv.Atoi(m[2])
	if col, err := strconv.Atoi(m[3]); err == nil {
		e.Col = col + 1
	}
	return e
}

// A templateSet renders the templates of one role in one language. It parses
// a template when it is first needed.
type templateSet struct {
	fsys     fs.FS
	role     string
	language string
	base     *template.Template // empty, with the functions and options of all
	catalogs map[string]catalog // by folder
}

func newTemplateSet(fsys fs.FS, role, language string) *templateSet {
	return &templateSet{
		fsys:     fsys,
		role:     role,
		language: language,
		base:     template.New("").Funcs(functions()).Option("missingkey=error"),
		catalogs: map[string]catalog{},
	}
}

// render prints every template below the folders, and returns the files sorted
// by path. A later folder's file goes before an earlier one's of the same name.
// One that prints nothing but white space is a file that this project does not
// have: its Data is nil.
func (s *templateSet) render(data any, folders ...string) ([]File, error) {
	sources := map[string]string{} // by the path of the file they print
	for _, folder := range folders {
		err := fs.WalkDir(s.fsys, folder, func(p string, _ fs.DirEntry, err error) error {
			if err == nil && strings.HasSuffix(p, suffix) {
				sources[strings.TrimSuffix(strings.TrimPrefix(p, folder+"/"), suffix)] = p
			}
			return err
		})
		if err != nil {
			return nil, &TemplateError{File: folder, Role: s.role, Err: err}
		}
	}
	var files []File
	for _, dst := range slices.Sorted(maps.Keys(sources)) {
		text, err := s.execute(sources[dst], data)
		if err != nil {
			return nil, err
		}
		text = bytes.TrimLeft(text, "\n") // of a control line at the beginning
		if len(bytes.TrimSpace(text)) == 0 {
			text = nil
		}
		files = append(files, File{Path: dst, Mode: 0o644, Data: text})
	}
	return files, nil
}

func (s *templateSet) execute(src string, data any) ([]byte, error) {
	// All are in one set, so that a partial is parsed once.
	t := s.base.New(src)
	if err := s.parse(t, src); err != nil {
		return nil, err
	}
	var out bytes.Buffer
	if err := t.Execute(&out, data); err != nil {
		return nil, templateError(s.role, src, err)
	}
	return out.Bytes(), nil
}

// parse adds the template of file src to t, and then the partials that it
// uses.
func (s *templateSet) parse(t *template.Template, src string) error {
	text, err := fs.ReadFile(s.fsys, src)
	if err != nil {
		return &TemplateError{File: src, Role: s.role, Err: err}
	}
	source, err := s.translate(src, string(text))
	if err != nil {
		return err
	}
	if partial, ok := strings.CutPrefix(src, partials); ok {
		// A partial is used on a line of its own, which has a newline already.
		source = strings.TrimSuffix(source, "\n")
		t = t.New(strings.TrimSuffix(partial, suffix))
	}
	before := t.Templates()
	if _, err := t.Parse(source); err != nil {
		return templateError(s.role, src, err)
	}
	if d := definition(t, before); d != nil {
		line := 1 + strings.Count(source[:d.Root.Position()], "\n")
		err := fmt.Errorf("it defines the template %q: what templates share is a file of its own in templates/_partials", d.Name())
		return &TemplateError{File: src, Line: line, Role: s.role, Err: err}
	}
	for _, used := range calls(t.Root) {
		if t.Lookup(used) == nil {
			if err := s.parse(t, partials+used+suffix); err != nil {
				return err
			}
		}
	}
	return nil
}

// definition returns the first template that the source of t defines beside t
// itself, by {{define}} or {{block}}, or nil. It would be known to a template
// that happens to be parsed later, and not to one before.
func definition(t *template.Template, before []*template.Template) *template.Template {
	var first *template.Template
	for _, d := range t.Templates() {
		if d.Name() == t.Name() || slices.Contains(before, d) {
			continue
		}
		if first == nil || d.Root.Position() < first.Root.Position() {
			first = d
		}
	}
	return first
}

const partials = "_partials/"

// calls lists the names of the templates that a node uses.
func calls(node parse.Node) []string {
	var names []string
	var visit func(list *parse.ListNode)
	visit = func(list *parse.ListNode) {
		if list == nil {
			return
		}
		for _, n := range list.Nodes {
			switch n := n.(type) {
			case *parse.TemplateNode:
				names = append(names, n.Name)
			case *parse.IfNode:
				visit(n.List)
				visit(n.ElseList)
			case *parse.RangeNode:
				visit(n.List)
				visit(n.ElseList)
			case *parse.WithNode:
				visit(n.List)
				visit(n.ElseList)
			}
		}
	}
	if list, ok := node.(*parse.ListNode); ok {
		visit(list)
	}
	return names
}

// translate puts the comments of a template into the set's language.
func (s *templateSet) translate(src, text string) (string, error) {
	if s.language == "en" {
		return text, nil
	}
	folder, _, _ := strings.Cut(src, "/")
	c, ok := s.catalogs[folder]
	if !ok {
		var err error
		if c, err = loadCatalog(s.fsys, path.Join(folder, s.language+".yaml")); err != nil {
			return "", &TemplateError{File: path.Join(folder, s.language+".yaml"), Role: s.role, Err: err}
		}
		s.catalogs[folder] = c
	}
	return c.translate(src, text), nil
}
