// Package generator turns a spec into the files of a complete ESP-IDF project.
//
// Data flows one way: a [spec.Spec] is validated against its role, becomes a
// [View], the role's templates print the view, and the result is a list of
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
// The templates are a file system: a folder for each role, with its role.yaml
// and a folder for each of its styles; _project with the files that every
// project has, and _robust with those that every project of the robust style
// has; and _partials with what templates share.
package generator

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/espgen/espgen/generator/spec"
)

// A File is one file of a generated project.
type File struct {
	Path string      // below the project's folder, with slashes
	Mode fs.FileMode // its permissions
	User bool        // whether it is the user's as soon as the user has edited it
	Key  string      // the macro that holds the Wi-Fi password, where one does, if only in another style
	Data []byte

	// Public is Data as anybody may read it, nil where that is Data itself: see [Hide].
	Public []byte

	// Needs is what a file of the user's must do now and did not need to in an
	// older espgen: by a name that stands in a file which does it.
	Needs map[string]string
}

// Secret reports whether the file holds what nobody but its owner may read.
func (f File) Secret() bool { return f.Mode.Perm()&0o077 == 0 }

// RoleNames lists the roles that the templates hold, sorted.
func RoleNames(templates fs.FS) ([]string, error) {
	found, err := fs.Glob(templates, "*/role.yaml")
	if err != nil {
		return nil, err
	}
	var names []string
	for _, path := range found {
		names = append(names, strings.TrimSuffix(path, "/role.yaml"))
	}
	slices.Sort(names)
	return names, nil
}

// LoadRole reads a role's role.yaml. It returns an error that is
// [fs.ErrNotExist] where there is no such role.
func LoadRole(templates fs.FS, name string) (spec.Role, error) {
	role := spec.Role{Name: name}
	file := name + "/role.yaml"
	if strings.Contains(name, "/") || !fs.ValidPath(file) {
		return role, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	}
	f, err := templates.Open(file)
	if err != nil {
		return role, err
	}
	defer f.Close()
	dec := yaml.NewDecoder(f)
	dec.KnownFields(true)
	if err := dec.Decode(&role); err != nil {
		return role, &TemplateError{File: file, Role: name, Err: err}
	}
	if problems := role.Problems(); len(problems) > 0 {
		return role, &TemplateError{File: file, Role: name, Err: errors.New(strings.Join(problems, "; "))}
	}
	return role, nil
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
		return nil, spec.Issues{{Path: "role", Msg: fmt.Sprintf("%q is not a role", s.Role), Hint: spec.Suggest(s.Role, names)}}
	}
	if err != nil {
		return nil, err
	}
	checked, err := spec.Check(s, role)
	if err != nil {
		return nil, err
	}
	return RenderChecked(templates, role, checked)
}

// RenderChecked is Render for a spec that comes from [spec.Check] or
// [spec.File.Check] with the same role.
func RenderChecked(templates fs.FS, role spec.Role, checked *spec.Spec) ([]File, error) {
	folders := []string{"_project"}
	// What the roles of a style have in common.
	if common := "_" + *checked.Style; exists(templates, common) {
		folders = append(folders, common)
	}
	folders = append(folders, role.Name+"/"+*checked.Style)
	files, err := newTemplateSet(templates, role.Name, *checked.Comments).render(newView(checked, role), folders...)
	if err != nil {
		return nil, err
	}
	err = applyRules(files, role, *checked.Style)
	return slices.DeleteFunc(files, func(f File) bool { return f.Data == nil }), err
}

func exists(fsys fs.FS, name string) bool {
	_, err := fs.Stat(fsys, name)
	return err == nil
}

// applyRules gives files the permissions and the owner that the style has for
// them.
func applyRules(files []File, role spec.Role, style string) error {
	for path, rule := range role.Styles[style].Files {
		i := slices.IndexFunc(files, func(f File) bool { return f.Path == path })
		if i < 0 {
			err := fmt.Errorf("styles.%s.files: there is no file %s", style, path)
			return &TemplateError{File: role.Name + "/role.yaml", Role: role.Name, Err: err}
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
		for path, rule := range other.Files {
			if i := slices.IndexFunc(files, func(f File) bool { return f.Path == path }); i >= 0 && files[i].Key == "" {
				files[i].Key = rule.Key
			}
		}
	}
	return nil
}
