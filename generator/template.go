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

	"github.com/espgen/espgen/exercise"
	"github.com/espgen/espgen/generator/role"
	"github.com/espgen/espgen/generator/tree"
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
	Path string // on disk, where it is none of espgen's own templates
	Err  error
}

// Error returns file:line:col, as far as they are known, the message, and whose
// fault it is, if it is one.
func (e *TemplateError) Error() string {
	if _, ok := errors.AsType[*role.UnreadableError](e.Err); ok {
		return e.Place() + ": " + e.Err.Error()
	}
	if e.Path != "" {
		return fmt.Sprintf("%s: %v (a fault of the role %s, not of the spec)", e.Place(), e.Err, e.Role)
	}
	return fmt.Sprintf("%s: %v (a fault of espgen's role %s, not of your spec)", e.Place(), e.Err, e.Role)
}

// Place returns file:line:col, as far as they are known.
func (e *TemplateError) Place() string {
	at := e.Path
	if at == "" {
		at = "templates/" + e.File
	}
	if e.Line > 0 {
		at += ":" + strconv.Itoa(e.Line)
	}
	if e.Col > 0 {
		at += ":" + strconv.Itoa(e.Col)
	}
	return at
}

// Unwrap returns the error behind it.
func (e *TemplateError) Unwrap() error { return e.Err }

// text/template puts the place into the text of its errors: the line, and the
// column as an offset from 0.
const templatePlace = `^template: ([^:]+):(\d+)(?::(\d+))?: (?:executing "[^"]*" )?(.*)$`

// fault finds the place of an error of text/template, in file.
func (s *templateSet) fault(file string, err error) *TemplateError {
	e := &TemplateError{File: file, Role: s.role, Err: err}
	m := regexp.MustCompile(templatePlace).FindStringSubmatch(err.Error())
	if m == nil {
		return e
	}
	e.File, e.Err = m[1], errors.New(m[4])
	if partial, ok := s.partial(m[1]); ok {
		e.File = partial
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
	folders  []string           // of templates; what a later one has goes before what an earlier one has
	base     *template.Template // empty, with the functions and options of all
	catalogs map[string]catalog // by folder
	found    map[string]string  // the templates, by the file that each prints
	names    []string           // of these files, sorted
	marked   []string           // the templates and partials, by their names, that have markers
	steps    map[string]bool    // the templates that have markers, or use a partial that has
}

func newTemplateSet(fsys fs.FS, role, language string, folders []string) *templateSet {
	return &templateSet{
		fsys:     fsys,
		role:     role,
		language: language,
		folders:  folders,
		base:     template.New("").Funcs(functions()).Option("missingkey=error"),
		catalogs: map[string]catalog{},
	}
}

// buildFile lists the sources, and so it is printed when these are known.
const buildFile = "main/CMakeLists.txt"

// parseAll parses every template of the folders.
func (s *templateSet) parseAll() (err error) {
	if s.found, err = s.templates(); err != nil {
		return err
	}
	s.names = slices.Sorted(maps.Keys(s.found))
	for _, name := range s.names {
		if err := s.parse(s.base.New(s.found[name]), s.found[name]); err != nil {
			return err
		}
	}
	s.steps = s.withMarkers()
	return nil
}

// render prints every template, and returns the files sorted by path. One that
// prints nothing but white space is a file that this project does not have: its
// Data is nil.
func (s *templateSet) render(d tree.Tree) ([]File, error) {
	files := make([]File, 0, len(s.names))
	build := -1
	for _, name := range s.names {
		if name == buildFile {
			build = len(files)
			files = append(files, File{Path: name})
			continue
		}
		f, err := s.print(name, d)
		if err != nil {
			return nil, err
		}
		files = append(files, f)
	}
	if build < 0 {
		return files, nil
	}
	d.Put("sources", sources(files))
	f, err := s.print(buildFile, d)
	files[build] = f
	return files, err
}

// print executes the template of a file.
func (s *templateSet) print(name string, d tree.Tree) (File, error) {
	src := s.found[name]
	var out bytes.Buffer
	if err := s.base.ExecuteTemplate(&out, src, map[string]any(d)); err != nil {
		return File{}, s.fault(src, err)
	}
	text := bytes.TrimLeft(out.Bytes(), "\n") // of a control line at the beginning
	f := File{Path: name, Mode: 0o644, Data: text}
	if s.steps[src] {
		solved, issues := exercise.Solve(name, text)
		if len(issues) > 0 {
			return File{}, s.markerFault(src, text, issues[0])
		}
		if solved != nil {
			f.Data, f.Marked = solved, text
		}
	}
	if len(bytes.TrimSpace(f.Data)) == 0 {
		f.Data = nil
	}
	return f, nil
}

// templates returns the templates of the folders by the path of the file that
// they print.
func (s *templateSet) templates() (map[string]string, error) {
	found := map[string]string{}
	for _, folder := range s.folders {
		err := fs.WalkDir(s.fsys, folder, func(p string, _ fs.DirEntry, err error) error {
			name := strings.TrimPrefix(p, folder+"/")
			if err != nil || !strings.HasSuffix(p, suffix) || strings.HasPrefix(name, partials) {
				return err
			}
			dst := strings.TrimSuffix(name, suffix)
			if !IsProjectFile(dst) {
				return fmt.Errorf("a project cannot have a file %s", strconv.Quote(dst))
			}
			found[dst] = p
			return nil
		})
		if err != nil {
			return nil, &TemplateError{File: folder, Role: s.role, Err: err}
		}
	}
	return found, nil
}

// sources are the C files of main, as main/CMakeLists.txt names them.
func sources(files []File) []string {
	var list []string
	for _, f := range files {
		if name, ok := strings.CutPrefix(f.Path, "main/"); ok && path.Ext(name) == ".c" && f.Data != nil {
			list = append(list, name)
		}
	}
	return list
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
	if path.Base(path.Dir(src))+"/" == partials {
		// A partial is used on a line of its own, which has a newline already.
		source = strings.TrimSuffix(source, "\n")
		t = t.New(strings.TrimSuffix(path.Base(src), suffix))
	}
	if exercise.HasMarkers(text) {
		s.marked = append(s.marked, t.Name())
	}
	before := t.Templates()
	if _, err := t.Parse(source); err != nil {
		return s.fault(src, err)
	}
	if d := definition(t, before); d != nil {
		line := 1 + strings.Count(source[:d.Root.Position()], "\n")
		err := fmt.Errorf("it defines the template %q: what templates share is a file of its own in the folder partials", d.Name())
		return &TemplateError{File: src, Line: line, Role: s.role, Err: err}
	}
	for _, used := range calls(t.Root) {
		if t.Lookup(used) == nil {
			partial, ok := s.partial(used)
			if !ok {
				return &TemplateError{File: src, Role: s.role, Err: fmt.Errorf("none of the role's parts has the partial %q", used)}
			}
			if err := s.parse(t, partial); err != nil {
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

// partials is the folder of what the templates of a part, or of a role, share.
const partials = "partials/"

// partial returns the file of a partial.
func (s *templateSet) partial(name string) (file string, ok bool) {
	// What all styles of the role share comes first.
	for _, folder := range slices.Backward(append(slices.Clone(s.folders), path.Join(rolesFolder, s.role))) {
		file := path.Join(folder, partials, name+suffix)
		if _, err := fs.Stat(s.fsys, file); err == nil {
			return file, true
		}
	}
	return "", false
}

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
	folder := strings.Join(strings.SplitN(src, "/", 3)[:2], "/")
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
