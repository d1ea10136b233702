package course

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"gopkg.in/yaml.v3"

	"github.com/espgen/espgen/exercise"
	"github.com/espgen/espgen/generator"
	"github.com/espgen/espgen/generator/escape"
	"github.com/espgen/espgen/generator/field"
	"github.com/espgen/espgen/generator/role"
	"github.com/espgen/espgen/generator/rules"
	"github.com/espgen/espgen/generator/spec"
	"github.com/espgen/espgen/lazyregexp"
	"github.com/espgen/espgen/library"
	"github.com/espgen/espgen/plainfile"
	"github.com/espgen/espgen/project"
)

// A source is what an exercise is cut out of. Its methods other than open may be
// called from several goroutines. A nil student stands for the exercise as its
// source has it.
type source interface {
	// open reads the source, and returns its steps. role is that of a spec which
	// names none.
	open(ctx context.Context, role string) ([]exercise.Step, error)
	// fields lists the paths of the fields that it uses.
	fields() []string
	// check wants a student's values to be allowed. The error is [spec.Issues].
	check(s *Student) error
	// render returns a student's program.
	render(ctx context.Context, s *Student) (*program, error)
	// values returns the values of its fields without a student, for checks.
	values() map[string]any
	// checks returns the file of the checks that come with it. The error is
	// [fs.ErrNotExist] where none do.
	checks() (name string, data []byte, err error)
	// isSecret reports whether a field's value is kept out of what others get.
	isSecret(path string) bool
	// forGrader returns what a grader gets of it.
	forGrader() (graderSource, error)
}

// A program is what a source gives for a student.
type program struct {
	files  []generator.File // with every step solved, and the markers beside it
	steps  *exercise.Source
	origin project.Origin // of the lock
	values map[string]any // of its fields, by path, for checks
}

// A specSource is a spec whose role's templates have markers.
type specSource struct {
	course *Course
	file   string

	data  []byte
	lib   *library.Library
	role  role.Role
	style role.Style
	name  string // the role's, of course.yaml
	base  *spec.Spec
	known map[string]any // what checks can name, of base

	hasComments bool // the spec says in which language they are
}

func (s *specSource) open(ctx context.Context, role string) ([]exercise.Step, error) {
	var err error
	s.name = role
	if s.data, err = plainfile.Read(s.file, spec.MaxBytes); err != nil {
		return nil, err
	}
	dir := ""
	if s.course.templates != "" {
		dir = filepath.Join(s.course.Dir, filepath.FromSlash(s.course.templates))
	} else if own := spec.TemplatesOf(s.data); own != "" {
		dir = filepath.Join(filepath.Dir(s.file), filepath.FromSlash(own))
	}
	if s.lib, err = s.course.openLibrary(dir); err != nil {
		return nil, fmt.Errorf("the templates: %w", err)
	}
	names, err := s.lib.Names()
	if err != nil {
		return nil, err
	}
	parsed := s.parse(nil)
	if s.name = parsed.Role(); s.name == "" {
		if s.name = role; !slices.Contains(names, role) {
			return nil, spec.Issues{{Pos: spec.Pos{File: s.file, Line: 1, Col: 1}, Path: "role", Msg: "required, but missing", Hint: "add it: role: " + strings.Join(names, " or ")}}
		}
	} else if err := rules.CheckRole(parsed, names); err != nil {
		return nil, err
	}
	if s.role, err = s.lib.Role(s.name); err != nil {
		return nil, err
	}
	s.hasComments = parsed.Spec.Comments != nil
	parsed = s.parse(s.set(nil)) // with the role's fields
	if s.base, err = rules.CheckFile(parsed, s.role); err != nil {
		return nil, err
	}
	s.style = s.role.Styles[*s.base.Style]
	p, err := s.render(ctx, nil)
	if err != nil {
		return nil, err
	}
	s.known = p.values
	return p.steps.Steps(), nil
}

func (s *specSource) values() map[string]any { return s.known }

func (s *folderSource) values() map[string]any {
	for _, f := range s.files {
		if f.Path == defaultsFile {
			return optionsIn(f.Data)
		}
	}
	return nil
}

// parse reads the spec with a student's values.
func (s *specSource) parse(set []string) *spec.File {
	from := s.course.from.Sources(s.file)
	from.Set = set
	from.Table = func(role string) field.Table {
		if role == "" {
			role = s.name
		}
		if r, err := s.lib.Role(role); err == nil {
			return r.Table()
		}
		return field.Shared()
	}
	return spec.Parse(s.file, s.data, from)
}

func (s *specSource) fields() []string {
	var list []string
	for _, f := range s.role.Table() {
		if _, ok := s.style.Uses(f); ok && f.Kind != field.Options && f.Path != "role" && f.Path != "style" && f.Path != "templates" {
			list = append(list, f.Path)
		}
	}
	return list
}

// set returns those of a student's values that the source uses, as --set takes
// them.
func (s *specSource) set(student *Student) []string {
	var list []string
	if !s.hasComments {
		list = append(list, "comments="+s.course.Language)
	}
	if student == nil {
		return list
	}
	for _, v := range student.values {
		f, known := s.role.Table().At(v.path)
		if _, used := s.style.Uses(f); known && used || strings.HasPrefix(v.path, "sdkconfig.") {
			list = append(list, v.path+"="+v.text)
		}
	}
	return list
}

func (s *specSource) check(student *Student) error {
	_, err := s.checked(student, s.parse(s.set(student)))
	return err
}

// checked checks a student's spec. What is wrong with a value of the student is
// at its place in the roster, or in course.yaml.
func (s *specSource) checked(student *Student, parsed *spec.File) (*spec.Spec, error) {
	checked, err := rules.CheckFile(parsed, s.role)
	return checked, placed(err, student)
}

// placed gives issues with a student's values their places.
func placed(err error, student *Student) error {
	issues, isIssues := errors.AsType[spec.Issues](err)
	if !isIssues || student == nil {
		return err
	}
	for i, issue := range issues {
		for _, v := range student.values {
			if issue.Pos.Flag == "--set "+v.path {
				issues[i].Pos, issues[i].Path = v.pos, v.path
			}
		}
	}
	return issues
}

func (s *specSource) render(ctx context.Context, student *Student) (*program, error) {
	parsed := s.parse(s.set(student))
	checked, err := s.checked(student, parsed)
	if err != nil {
		return nil, err
	}
	p := &program{}
	p.files, err = s.lib.Render(ctx, s.role, checked)
	if issues, ok := errors.AsType[spec.Issues](err); ok {
		err = placed(parsed.Place(issues), student)
	}
	if err != nil {
		return nil, err
	}
	if p.steps, err = stepsOf(s.file, p.files); err != nil {
		return nil, err
	}
	if p.values, err = generator.Values(checked, s.role); err != nil {
		return nil, err
	}
	p.origin = project.Origin{Espgen: s.course.from.Espgen, Role: s.role.Name, Style: *checked.Style}
	if s.lib.Dir != "" {
		p.origin.Templates.Sum = s.lib.Sum // where they are is the instructor's own
	}
	for _, v := range parsed.Values() {
		p.origin.Values = append(p.origin.Values, s.locked(v))
	}
	return p, nil
}

// locked is a value as the lock of a hand-out has it: as if the spec gave it.
func (s *specSource) locked(v spec.Value) project.Value {
	if v.Set && !v.Hidden {
		f, _ := s.role.Table().At(v.Path)
		isText := f.Kind == field.Name || f.Kind == field.Text
		if isText || !isYAML(v.Text) {
			v.Text = yamlString(v.Text)
		}
	}
	v.Set = false
	if v.Path == "templates" {
		v.Text = "" // where they are is the instructor's own
	}
	return project.Value(v)
}

// A folderSource is a C project whose files have markers.
type folderSource struct {
	course *Course
	dir    string

	files []generator.File
	steps *exercise.Source
}

// What a build, an editor or git leave in a project is no part of an exercise.
var leftBehind = []string{
	"build", "managed_components", ".git", ".espgen", "espgen.lock", ".cache", ".DS_Store", "sdkconfig", "sdkconfig.old",
}

func (s *folderSource) open(_ context.Context, _ string) ([]exercise.Step, error) {
	root, err := os.OpenRoot(s.dir)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	var issues spec.Issues
	total := 0
	err = fs.WalkDir(root.FS(), ".", func(p string, d fs.DirEntry, err error) error {
		at := spec.Pos{File: filepath.Join(s.dir, filepath.FromSlash(p))}
		switch {
		case err != nil:
			return err
		case len(issues) == maxIssues:
			return fs.SkipAll // it is no project
		case p == ".":
			return nil
		case slices.Contains(leftBehind, p) || d.Name() == ".git" || d.Name() == ".DS_Store":
			if d.IsDir() {
				return fs.SkipDir
			}
			return nil
		case d.IsDir():
			return nil
		case !d.Type().IsRegular():
			issues = append(issues, spec.Issue{Pos: at, Msg: "it is " + plainfile.Kind(d.Type()) + ", not a regular file", Hint: "remove it, or put the file itself in its place"})
			return nil
		case !generator.IsProjectFile(p):
			issues = append(issues, spec.Issue{Pos: at, Msg: "a project of espgen cannot have a file of this name", Hint: "rename it, or remove it: backups of editors are no part of an exercise"})
			return nil
		case len(s.files) == maxSourceFiles:
			return fmt.Errorf("%s holds more than the limit of %d files", s.dir, maxSourceFiles)
		}
		data, err := plainfile.ReadIn(root, filepath.FromSlash(p), maxSourceFile)
		if err != nil {
			issues = append(issues, spec.Issue{Pos: at, Msg: err.Error()})
			return nil //nolint:nilerr // it is an issue
		}
		if total += len(data); total > maxSources {
			return fmt.Errorf("%s holds more than the limit of %d MiB", s.dir, maxSources>>20)
		}
		f := generator.File{Path: p, Mode: 0o644, Data: data}
		if info, err := d.Info(); err == nil && info.Mode()&0o100 != 0 {
			f.Mode = 0o755
		}
		if exercise.HasMarkers(data) {
			f.Marked = data
		}
		s.files = append(s.files, f)
		return nil
	})
	if err != nil {
		return nil, err
	}
	if len(issues) > 0 {
		return nil, issues
	}
	if s.steps, err = stepsOf(s.dir, s.files); err != nil {
		return nil, err
	}
	solved := s.steps.Solution()
	for i, f := range s.files {
		if f.Marked != nil {
			s.files[i].Data = solved[f.Path]
		}
	}
	return s.steps.Steps(), nil
}

// fields lists nothing: of a C project's, only the options of sdkconfig can
// differ.
func (s *folderSource) fields() []string { return nil }

func (s *folderSource) check(student *Student) error {
	var issues spec.Issues
	for _, v := range s.options(student) {
		if !optionName().MatchString(strings.TrimPrefix(v.path, "sdkconfig.")) {
			issues = append(issues, spec.Issue{Pos: v.pos, Path: v.path, Msg: "it is not the name of an option", Hint: "CONFIG_ is followed by capital letters, digits and _"})
		}
		if strings.ContainsFunc(v.text, isControl) {
			issues = append(issues, spec.Issue{Pos: v.pos, Path: v.path, Msg: "the value holds a control character", Hint: "write it in one line"})
		}
	}
	if len(issues) > 0 {
		return issues
	}
	return nil
}

var optionName = lazyregexp.New(`^CONFIG_[A-Z0-9_]{1,93}$`)

// options lists a student's values of options.
func (s *folderSource) options(student *Student) []value {
	if student == nil {
		return nil
	}
	var list []value
	for _, v := range student.values {
		if strings.HasPrefix(v.path, "sdkconfig.") {
			list = append(list, v)
		}
	}
	return list
}

// defaultsFile is where ESP-IDF takes a project's options from.
const defaultsFile = "sdkconfig.defaults"

func (s *folderSource) render(_ context.Context, student *Student) (*program, error) {
	p := &program{files: slices.Clone(s.files), steps: s.steps, values: map[string]any{}, origin: project.Origin{Espgen: s.course.from.Espgen}}
	at := slices.IndexFunc(p.files, func(f generator.File) bool { return f.Path == defaultsFile })
	if at >= 0 {
		p.values = optionsIn(p.files[at].Data)
	}
	options := s.options(student)
	if len(options) == 0 {
		return p, nil
	}
	if at < 0 {
		p.files = append(p.files, generator.File{Path: defaultsFile, Mode: 0o644})
		at = len(p.files) - 1
	}
	text := p.files[at].Data
	for _, v := range options {
		kconfig, typed := kconfigValue(v.text)
		text = withOption(text, strings.TrimPrefix(v.path, "sdkconfig."), kconfig)
		p.values[v.path] = typed
		p.origin.Values = append(p.origin.Values, project.Value{Path: v.path, Text: yamlString(v.text)})
	}
	p.files[at].Data = text
	return p, nil
}

var optionLine = lazyregexp.New(`(?m)^(CONFIG_[A-Z0-9_]+)=(.*?)\r?$`)

// optionsIn returns the values that a file of defaults has, by path.
func optionsIn(text []byte) map[string]any {
	values := map[string]any{}
	for _, m := range optionLine().FindAllSubmatch(text, -1) {
		_, typed := kconfigValue(strings.Trim(string(m[2]), `"`))
		values["sdkconfig."+string(m[1])] = typed
	}
	return values
}

// withOption sets an option in a file of defaults.
func withOption(text []byte, name, value string) []byte {
	line := name + "=" + value
	found := false
	text = optionLine().ReplaceAllFunc(text, func(old []byte) []byte {
		if !bytes.HasPrefix(old, []byte(name+"=")) {
			return old
		}
		found = true
		return []byte(line)
	})
	if found {
		return text
	}
	if len(text) > 0 && !bytes.HasSuffix(text, []byte("\n")) {
		text = append(bytes.Clone(text), '\n')
	}
	return append(bytes.Clone(text), line+"\n"...)
}

// kconfigValue returns a value as sdkconfig.defaults has it, and as a check
// does.
func kconfigValue(text string) (kconfig string, typed any) {
	if text == "y" || text == "n" {
		return text, text == "y"
	}
	if n, err := strconv.Atoi(text); err == nil && strconv.Itoa(n) == text {
		return text, n
	}
	return escape.Kconfig(text), text
}

// stepsOf finds the steps of files. place names their source in messages.
func stepsOf(place string, files []generator.File) (*exercise.Source, error) {
	steps, err := generator.Exercise(files)
	found, isIssues := errors.AsType[exercise.Issues](err)
	if !isIssues {
		return steps, err
	}
	var issues spec.Issues
	for _, i := range found {
		pos := spec.Pos{File: filepath.Join(place, filepath.FromSlash(i.File)), Line: i.Line, Col: i.Column}
		issues = append(issues, spec.Issue{Pos: pos, Msg: i.Msg, Hint: i.Hint})
	}
	return nil, issues
}

// yamlString is a text as YAML has it on one line.
func yamlString(text string) string {
	n := yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: text}
	if strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsPrint(r) }) {
		n.Style = yaml.DoubleQuotedStyle
	}
	line, err := yaml.Marshal(&n)
	if err != nil {
		panic(err) // a string cannot fail
	}
	return strings.TrimSuffix(string(line), "\n")
}

// isYAML reports whether a text is one value of YAML.
func isYAML(text string) bool {
	var doc yaml.Node
	return yaml.Unmarshal([]byte(text), &doc) == nil && len(doc.Content) == 1 && doc.Content[0].Kind != yaml.MappingNode
}

func (s *specSource) checks() (name string, data []byte, err error) {
	return s.lib.Checks(s.role.Name, *s.base.Style)
}

func (s *folderSource) checks() (name string, data []byte, err error) { return "", nil, fs.ErrNotExist }

func (s *specSource) isSecret(path string) bool {
	f, ok := s.role.Table().At(path)
	return ok && f.Secret
}

func (s *folderSource) isSecret(string) bool { return false }

// forGrader returns the spec as one file, without what it includes and refers
// to, and the folder of templates.
func (s *specSource) forGrader() (graderSource, error) {
	parsed := s.parse(s.set(nil))
	said := parsed.Spec.Disguise(s.base.HiddenPaths())
	text, err := said.YAML(s.role.Table())
	if err != nil {
		return graderSource{}, err
	}
	fields := map[string]any{}
	if err := yaml.Unmarshal(text, &fields); err != nil {
		return graderSource{}, err
	}
	fields["role"] = s.role.Name
	delete(fields, "templates")
	for _, f := range s.role.Table() {
		if f.Secret {
			standIn(fields, strings.Split(f.Path, "."))
		}
	}
	g := graderSource{files: map[string][]byte{}, spec: "spec.yaml"}
	if s.lib.Dir != "" {
		const folder = "templates"
		fields["templates"] = folder
		for name, data := range s.lib.Own() {
			g.files[folder+"/"+name] = data
		}
	}
	g.files[g.spec], err = yaml.Marshal(fields)
	return g, err
}

// standIn puts zeros in the place of a secret: its length decides of the files
// that there are.
func standIn(fields map[string]any, path []string) {
	switch value := fields[path[0]].(type) {
	case map[string]any:
		if len(path) > 1 {
			standIn(value, path[1:])
		}
	case string:
		fields[path[0]] = strings.Repeat("0", len(value))
	}
}

// forGrader returns the project with its markers.
func (s *folderSource) forGrader() (graderSource, error) {
	g := graderSource{files: map[string][]byte{}, project: "project"}
	for _, f := range s.files {
		data := f.Data
		if f.Marked != nil {
			data = f.Marked
		}
		g.files[g.project+"/"+f.Path] = data
	}
	return g, nil
}
