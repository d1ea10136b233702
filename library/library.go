// Package library holds the roles that espgen knows: its own, and those of a
// folder of templates that somebody else may have written.
//
// What comes from such a folder is trusted with nothing. It is read as plain
// files of limited size, and its templates are executed in a process of their
// own, which ends when it takes too long or too much memory.
package library

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing/fstest"

	"github.com/espgen/espgen/generator"
	"github.com/espgen/espgen/generator/role"
	"github.com/espgen/espgen/generator/spec"
	"github.com/espgen/espgen/plainfile"
	"github.com/espgen/espgen/templates"
)

// The limits of a folder of templates.
const (
	maxFiles = 2000
	maxFile  = 1 << 20  // bytes
	maxAll   = 16 << 20 // bytes of all files
)

// A Library is where roles come from.
type Library struct {
	Dir string // the folder of templates, "" for espgen's own alone
	Sum string // a hash of what the folder holds, "" without one

	version string // of this espgen
	fsys    fs.FS
	own     map[string][]byte // the folder's files, by their paths in fsys

	mu    sync.Mutex
	known map[string]*known // roles that were read, by name
}

// A known role was read.
type known struct {
	role     role.Role
	err      error
	renderer *generator.Renderer
}

// BuiltIn returns the library of espgen's own roles.
func BuiltIn() *Library { return &Library{fsys: templates.FS, known: map[string]*known{}} }

// Open returns the library of espgen's own roles and those of a folder. In it,
// NAME/role.yaml is a role, and NAME/part.yaml a part; a folder with the name of
// a role or part of espgen's, and neither of these, replaces single files of it;
// its zh.yaml adds to espgen's. Anything else is not looked at. version is that
// of this espgen, which roles may need a later one of; "" where it is no release.
func Open(dir, version string) (*Library, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	l := &Library{Dir: dir, version: version, own: map[string][]byte{}, known: map[string]*known{}}
	entries, err := fs.ReadDir(root.FS(), ".")
	if err != nil {
		return nil, err
	}
	if _, err := root.Lstat("role.yaml"); err == nil {
		return nil, fmt.Errorf("%s is the folder of a role: name the folder around it", dir)
	}
	total := 0
	for _, e := range entries {
		if !e.IsDir() {
			continue
		}
		for _, into := range places(root, e.Name()) {
			if err := l.read(root, e.Name(), into, &total); err != nil {
				return nil, err
			}
		}
	}
	l.fsys, l.Sum = merged(l.own), sum(l.own)
	return l, nil
}

// places tells what a folder of that name is: a role, a part, or what replaces
// files of one.
func places(root *os.Root, name string) []string {
	var list []string
	for _, into := range []string{"roles/" + name, "parts/" + name} {
		if marked(root, name, into) || isBuiltIn(into) {
			list = append(list, into)
		}
	}
	return list
}

// marked reports whether a folder says itself that it is a role, or a part.
func marked(root *os.Root, name, into string) bool {
	file := "role.yaml"
	if strings.HasPrefix(into, "parts/") {
		file = "part.yaml"
	}
	_, err := root.Lstat(name + "/" + file)
	return err == nil
}

// isBuiltIn reports whether espgen has a template of that path itself.
func isBuiltIn(path string) bool {
	_, err := fs.Stat(templates.FS, path)
	return err == nil
}

// skipped are the folders of a role that are no templates.
var skipped = []string{"golden", "specs"}

// read takes the files of a role's folder, or a part's.
func (l *Library) read(root *os.Root, name, into string, total *int) error {
	return fs.WalkDir(root.FS(), name, func(p string, d fs.DirEntry, err error) error {
		rel := strings.TrimPrefix(p, name+"/")
		at := filepath.Join(l.Dir, filepath.FromSlash(p))
		switch {
		case err != nil:
			return err
		case d.IsDir() && slices.Contains(skipped, rel):
			return fs.SkipDir
		case d.IsDir(), strings.HasPrefix(d.Name(), ".#"): // an editor's lock is a link to nothing
			return nil
		case !marked(root, name, into) && !isBuiltIn(into+"/"+rel):
			return nil // the folder has the name of a part by chance, or this file does not replace one
		case len(l.own) == maxFiles:
			return fmt.Errorf("%s holds more than the limit of %d files", l.Dir, maxFiles)
		case !d.Type().IsRegular():
			return &plainfile.KindError{Name: at, Kind: plainfile.Kind(d.Type())}
		}
		data, err := plainfile.ReadIn(root, p, maxFile)
		if size, ok := errors.AsType[*plainfile.SizeError](err); ok {
			size.Name = at
		}
		if *total += len(data); *total > maxAll {
			return fmt.Errorf("%s holds more than the limit of %d MiB", l.Dir, maxAll>>20)
		}
		l.own[into+"/"+rel] = data
		return err
	})
}

// merged returns espgen's own templates with other files in their place, and
// more.
func merged(own map[string][]byte) fs.FS {
	all := fstest.MapFS{} // made for tests, and a file system in memory
	_ = fs.WalkDir(templates.FS, ".", func(p string, d fs.DirEntry, _ error) error {
		if !d.IsDir() {
			data, _ := fs.ReadFile(templates.FS, p) // what is embedded can be read
			all[p] = &fstest.MapFile{Data: data}
		}
		return nil
	})
	for p, data := range own {
		if there, ok := all[p]; ok && path.Base(p) == translations && !isMarked(own, path.Dir(p)) {
			data = generator.AddTranslations(data, there.Data)
		}
		all[p] = &fstest.MapFile{Data: data}
	}
	return all
}

// translations is the name of a folder's translations.
const translations = "zh.yaml"

// isMarked reports whether files have a role, or a part, in a folder.
func isMarked(files map[string][]byte, dir string) bool {
	return files[dir+"/role.yaml"] != nil || files[dir+"/part.yaml"] != nil
}

func sum(files map[string][]byte) string {
	h := sha256.New()
	for _, p := range slices.Sorted(maps.Keys(files)) {
		fmt.Fprintf(h, "%s %d\n", p, len(files[p]))
		h.Write(files[p])
	}
	return fmt.Sprintf("%x", h.Sum(nil))
}

// Names lists the roles, sorted.
func (l *Library) Names() ([]string, error) { return generator.RoleNames(l.fsys) }

// Role reads a role. The error is [fs.ErrNotExist] where there is none of that
// name.
func (l *Library) Role(name string) (role.Role, error) {
	k := l.look(name)
	return k.role, k.err
}

// look reads a role once.
func (l *Library) look(name string) *known {
	l.mu.Lock()
	defer l.mu.Unlock()
	k, ok := l.known[name]
	if !ok {
		role, err := generator.LoadRoleFor(l.fsys, name, l.version)
		k = &known{role, l.placed(err), generator.NewRenderer(l.fsys, role)}
		l.known[name] = k
	}
	return k
}

// Roles reads all roles.
func (l *Library) Roles() ([]role.Role, error) {
	names, err := l.Names()
	if err != nil {
		return nil, err
	}
	var roles []role.Role
	for _, name := range names {
		role, err := l.Role(name)
		if err != nil {
			return nil, err
		}
		roles = append(roles, role)
	}
	return roles, nil
}

// CheckTemplates finds what is wrong with the templates of a role: see
// [generator.CheckTemplates].
func (l *Library) CheckTemplates(role role.Role) []error {
	var list []error
	for _, fault := range generator.CheckTemplates(l.fsys, role) {
		list = append(list, l.placed(fault))
	}
	return list
}

// Render returns the files of a checked spec's project.
func (l *Library) Render(ctx context.Context, role role.Role, checked *spec.Spec) ([]generator.File, error) {
	if len(l.own) == 0 {
		return l.look(role.Name).renderer.Render(checked)
	}
	files, err := l.renderApart(ctx, role, checked)
	return files, l.placed(err)
}

// placed has a fault of the folder's templates name them as they are on disk.
func (l *Library) placed(err error) error {
	if fault, ok := errors.AsType[*generator.TemplateError](err); ok && l.Dir != "" {
		if _, own := l.own[fault.File]; own {
			_, rest, _ := strings.Cut(fault.File, "/")
			fault.Path = filepath.Join(l.Dir, filepath.FromSlash(rest))
		} else if name, ok := strings.CutPrefix(path.Dir(fault.File), "roles/"); ok {
			if _, own := l.own["roles/"+name+"/role.yaml"]; own { // a file that is not there
				fault.Path = filepath.Join(l.Dir, filepath.FromSlash(strings.TrimPrefix(fault.File, "roles/")))
			}
		}
	}
	return err
}

// Own returns the files of the folder that count, by their paths in it.
func (l *Library) Own() map[string][]byte {
	files := map[string][]byte{}
	for p, data := range l.own {
		_, rest, _ := strings.Cut(p, "/") // roles or parts
		files[rest] = data
	}
	return files
}
