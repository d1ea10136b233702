// Package generator turns a spec into the files of a complete ESP-IDF project.
//
// Data flows one way: a [spec.Spec] is validated against its role by [rules.Check], becomes a
// tree of values, the role's templates print these, and the result is a list of
// files, which [Write] or [WriteTar] puts where they belong:
//
//	files, err := generator.Render(templates.FS, &spec.Spec{
//		Role: "tcp-server",
//		WiFi: spec.WiFi{SSID: "my-network"},
//	})
//
// Rendering is pure: it reads the templates it is given and nothing else, so
// equal specs give equal bytes, and any number of goroutines may render at
// once. Only Write touches the disk.
//
// The templates are a file system: roles holds a folder for each role, with its
// role.yaml and a folder for each of its styles, and parts a folder for each
// part that styles are built from. What templates of a part or a role share
// lies in its folder partials.
package generator

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"

	"gopkg.in/yaml.v3"

	"github.com/espgen/espgen/generator/field"
	"github.com/espgen/espgen/generator/role"
	"github.com/espgen/espgen/generator/rules"
	"github.com/espgen/espgen/generator/spec"
	"github.com/espgen/espgen/generator/tree"
)

// A File is one file of a generated project.
type File struct {
	Path string      // below the project's folder, with slashes
	Mode fs.FileMode // its permissions
	User bool        // whether it is the user's as soon as the user has edited it
	Key  string      // the macro that holds the Wi-Fi password, where one does, if only in another style
	Data []byte

	// Public is Data as anybody may read it, with [Secret] for what is hidden, nil
	// where that is Data itself.
	Public []byte

	// Marked is the text with the markers of its steps, of which Data has the
	// solutions; nil where it has none: see [Exercise]. PublicMarked is to it what
	// Public is to Data.
	Marked, PublicMarked []byte

	// Needs is what a file of the user's must do now and did not need to in an
	// older espgen: by a name that stands in a file which does it.
	Needs map[string]string
}

// Secret reports whether the file holds what nobody but its owner may read.
func (f File) Secret() bool { return f.Mode.Perm()&0o077 == 0 }

// The folders of the templates.
const (
	rolesFolder = "roles"
	partsFolder = "parts"
)

// RoleNames lists the roles that the templates hold, sorted.
func RoleNames(templates fs.FS) ([]string, error) {
	found, err := fs.Glob(templates, rolesFolder+"/*/role.yaml")
	if err != nil {
		return nil, err
	}
	var names []string
	for _, file := range found {
		names = append(names, path.Base(path.Dir(file)))
	}
	slices.Sort(names)
	return names, nil
}

// LoadRole is [LoadRoleFor] for a program that is no release of espgen.
func LoadRole(templates fs.FS, name string) (role.Role, error) {
	return LoadRoleFor(templates, name, "")
}

// LoadRoleFor reads a role's role.yaml, and the parts that its styles are built
// from, for an espgen of this version. It returns an error that is
// [fs.ErrNotExist] where there is no such role, and one that is
// [*role.UnreadableError] where another espgen is needed.
func LoadRoleFor(templates fs.FS, name, version string) (role.Role, error) {
	r := role.Role{Name: name}
	file := path.Join(rolesFolder, name, "role.yaml")
	if strings.Contains(name, "/") || name == "" || !fs.ValidPath(file) {
		return r, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	}
	if err := readYAML(templates, file, name, version, &r, &r.Head); err != nil {
		return r, err
	}
	parts := map[string]role.Part{}
	for _, styleName := range r.StyleNames() {
		style := r.Styles[styleName]
		var under role.Part
		for _, partName := range style.Include {
			part, ok := parts[partName]
			if !ok {
				var read partFile
				err := readYAML(templates, path.Join(partsFolder, partName, "part.yaml"), name, version, &read, &read.Head)
				part = read.Part
				if errors.Is(err, fs.ErrNotExist) {
					err = &TemplateError{File: file, Role: name, Err: fmt.Errorf("styles.%s.include: unknown part %q", styleName, partName)}
				}
				if err != nil {
					return r, err
				}
				parts[partName] = part
			}
			under = part.Over(under)
		}
		style.Part = style.Over(under)
		r.Styles[styleName] = style
	}
	if problems := r.Problems(); len(problems) > 0 {
		return r, &TemplateError{File: file, Role: name, Err: errors.New(strings.Join(problems, "; "))}
	}
	for _, styleName := range r.StyleNames() {
		if err := checkDerived(r, r.Styles[styleName]); err != nil {
			return r, err
		}
	}
	return r, nil
}

// A partFile is a part.yaml.
type partFile struct {
	role.Head `yaml:",inline"`
	role.Part `yaml:",inline"`
}

// readYAML reads a file of a role's author. head is a part of what it is read
// into.
func readYAML(templates fs.FS, file, roleName, version string, into any, head *role.Head) error {
	data, err := fs.ReadFile(templates, file)
	if err != nil {
		return err
	}
	dec := yaml.NewDecoder(bytes.NewReader(data))
	dec.KnownFields(true)
	fault := dec.Decode(into)
	if fault != nil {
		*head = role.HeadOf(data) // of a newer format, the rest may not be known
	}
	if err := head.Check(data, version); err != nil {
		unreadable, _ := errors.AsType[*role.UnreadableError](err)
		return &TemplateError{File: file, Line: unreadable.Line, Col: unreadable.Col, Role: roleName, Err: err}
	}
	if fault != nil {
		return yamlFault(file, roleName, fault)
	}
	return nil
}

var yamlLine = regexp.MustCompile(`(?s)^(?:yaml: )?(?:unmarshal errors:\s*)?line (\d+): ([^\n]*)`)

// yamlFault says in our words, with its line, what the yaml package found.
func yamlFault(file, role string, err error) *TemplateError {
	fault := &TemplateError{File: file, Role: role, Err: err}
	if errors.Is(err, io.EOF) {
		fault.Err = errors.New("the file is empty")
	}
	if m := yamlLine.FindStringSubmatch(err.Error()); m != nil {
		fault.Line, _ = strconv.Atoi(m[1])
		fault.Err = errors.New(m[2])
		if key, _, ok := strings.Cut(strings.TrimPrefix(m[2], "field "), " not found in type "); ok {
			fault.Err = errors.New("unknown key " + key)
		}
		if strings.HasPrefix(m[2], "cannot unmarshal ") {
			fault.Err = errors.New("the value is not of the type that belongs here")
		}
	}
	return fault
}

// Render validates a spec and returns the files of its project, sorted by
// path. The error is [spec.Issues] where the spec is at fault, and a
// [*TemplateError] where the templates are.
func Render(templates fs.FS, s *spec.Spec) ([]File, error) {
	role, err := LoadRole(templates, s.Role)
	if errors.Is(err, fs.ErrNotExist) {
		names, err := RoleNames(templates)
		if err != nil {
			return nil, err
		}
		return nil, spec.Issues{{Path: "role", Msg: fmt.Sprintf("%q is not a role", s.Role), Hint: field.Suggest(s.Role, names)}}
	}
	if err != nil {
		return nil, err
	}
	checked, err := rules.Check(s, role)
	if err != nil {
		return nil, err
	}
	return RenderChecked(templates, role, checked)
}

// A Renderer renders the projects of one role. It reads each template once,
// whatever the number of projects, and any number of goroutines may use it.
type Renderer struct {
	templates fs.FS
	role      role.Role

	mu   sync.Mutex
	sets map[[2]string]*templateSet // by style and language
}

// NewRenderer returns a renderer of a role that comes from [LoadRole] with the
// same templates, which must not change.
func NewRenderer(templates fs.FS, role role.Role) *Renderer {
	return &Renderer{templates: templates, role: role, sets: map[[2]string]*templateSet{}}
}

// Render returns the files of a project as [RenderChecked] does.
func (r *Renderer) Render(checked *spec.Spec) ([]File, error) {
	var files []File
	var err error
	if len(checked.Hidden) > 0 {
		files, err = r.renderHidden(checked)
	} else {
		var d tree.Tree
		if d, err = newData(checked, r.role); err == nil {
			files, err = r.print(checked, d)
		}
	}
	if err != nil {
		return nil, err
	}
	return ignoreSecrets(files), nil
}

// print prints the templates of a spec's style.
func (r *Renderer) print(checked *spec.Spec, d tree.Tree) ([]File, error) {
	set, err := r.set(*checked.Style, *checked.Comments)
	if err != nil {
		return nil, err
	}
	files, err := set.render(d)
	if err != nil {
		return nil, err
	}
	err = applyRules(files, r.role, *checked.Style)
	return slices.DeleteFunc(files, func(f File) bool { return f.Data == nil }), err
}

// set returns the templates of a style in a language, parsed.
func (r *Renderer) set(style, language string) (*templateSet, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	key := [2]string{style, language}
	if set, ok := r.sets[key]; ok {
		return set, nil
	}
	set := newTemplateSet(r.templates, r.role.Name, language, folders(r.role, style))
	if err := set.parseAll(); err != nil {
		return nil, err
	}
	r.sets[key] = set
	return set, nil
}

// RenderChecked is Render for a spec that comes from [rules.Check] or
// [rules.CheckFile] with the same role.
func RenderChecked(templates fs.FS, role role.Role, checked *spec.Spec) ([]File, error) {
	return NewRenderer(templates, role).Render(checked)
}

// folders are those that the templates of a style lie in: its parts', and then
// its own.
func folders(role role.Role, style string) []string {
	var list []string
	for _, part := range role.Styles[style].Include {
		list = append(list, path.Join(partsFolder, part))
	}
	return append(list, path.Join(rolesFolder, role.Name, style))
}

// applyRules gives files the permissions and the owner that the style has for
// them.
func applyRules(files []File, role role.Role, style string) error {
	for name, rule := range role.Styles[style].Files {
		i := slices.IndexFunc(files, func(f File) bool { return f.Path == name })
		if i < 0 {
			err := fmt.Errorf("styles.%s.files: there is no file %s", style, name)
			return &TemplateError{File: roleFile(role.Name), Role: role.Name, Err: err}
		}
		if rule.Mode != 0 {
			files[i].Mode = rule.Mode
		}
		files[i].User = rule.Owner == "user"
		files[i].Key = rule.Key
		files[i].Needs = rule.Needs
	}
	// A project that has changed its style may still hold the password of the
	// former one: in an edit, or between conflict markers.
	for _, other := range role.Styles {
		for name, rule := range other.Files {
			if i := slices.IndexFunc(files, func(f File) bool { return f.Path == name }); i >= 0 && files[i].Key == "" {
				files[i].Key = rule.Key
			}
		}
	}
	return nil
}

// ignoreFile names what git does not see.
const ignoreFile = ".gitignore"

// ignoreSecrets has .gitignore name each file that only its owner may read.
func ignoreSecrets(files []File) []File {
	at := indexOf(files, ignoreFile)
	var text []byte
	if at >= 0 {
		text = files[at].Data
	}
	named := strings.Split(string(text), "\n")
	for _, f := range files {
		isNamed := func(line string) bool {
			match, err := path.Match(line, path.Base(f.Path))
			return match && err == nil || line == "/"+f.Path
		}
		if f.Secret() && !slices.ContainsFunc(named, isNamed) {
			text = append(text, "/"+f.Path+"*\n"...) // and what espgen update keeps of it
		}
	}
	switch {
	case at >= 0:
		files[at].Data = text
	case len(text) > 0:
		files = append(files, File{Path: ignoreFile, Mode: 0o644, Data: text})
		slices.SortFunc(files, func(a, b File) int { return strings.Compare(a.Path, b.Path) })
	}
	return files
}
