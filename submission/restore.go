package submission

import (
	"bytes"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/espgen/espgen/generator"
	"github.com/espgen/espgen/project"
)

// Restore puts a project into the hand-out that it was made from: the files that
// are open, the student's to change, are the student's, and so are further sources
// in main; all others are those of the hand-out. restored lists, sorted, those
// that were otherwise. notes tell what was left out, or taken from elsewhere.
func Restore(handOut []generator.File, open []string, p *Project) (files []generator.File, restored, notes []string) {
	taken := map[string]bool{}
	used := map[string]bool{}
	for _, f := range handOut {
		taken[f.Path] = true
		data, at := p.find(f.Path, handOut)
		isOpen := slices.Contains(open, f.Path)
		switch {
		case isOpen && data == nil:
			notes = append(notes, f.Path+" is missing: it counts as it was handed out")
		case isOpen:
			if at != f.Path && !p.Loose {
				notes = append(notes, fmt.Sprintf("%s was taken from %s", f.Path, quoted(at)))
			}
			f.Data, f.Public = data, nil
			used[at] = true
		case data != nil && at == f.Path && !f.Secret() && !isRecord(f.Path) && !sameText(data, f.Data):
			restored = append(restored, f.Path)
		}
		files = append(files, f)
	}
	for _, name := range slices.Sorted(maps.Keys(p.Files)) {
		switch {
		case taken[name] || used[name]:
		case p.Loose:
			notes = append(notes, quoted(name)+" was left out: the exercise has no file of this name")
		case path.Dir(name) == "main" && isSource(name):
			files = append(files, generator.File{Path: name, Mode: 0o644, User: true, Data: p.Files[name]})
		default:
			notes = append(notes, quoted(name)+" was left out: it is not in the hand-out")
		}
	}
	slices.Sort(restored)
	const most = 20
	if len(notes) > most {
		notes = append(notes[:most], fmt.Sprintf("and %d more of the kind", len(notes)-most))
	}
	return files, restored, notes
}

// find returns the student's version of a file, nil for none, and where it was:
// at its own path or, where the project has no such folder, under its name.
func (p *Project) find(name string, handOut []generator.File) (data []byte, at string) {
	if data, ok := p.Files[name]; ok {
		return data, name
	}
	base := path.Base(name)
	var places []string
	for other := range p.Files {
		isAnother := slices.ContainsFunc(handOut, func(f generator.File) bool { return f.Path == other })
		if path.Base(other) == base && !isAnother && isSource(base) {
			places = append(places, other)
		}
	}
	if len(places) != 1 {
		return nil, ""
	}
	return p.Files[places[0]], places[0]
}

// isRecord reports whether a file is one that espgen keeps in a project for
// itself.
func isRecord(name string) bool {
	return name == project.LockFile || strings.HasPrefix(name, project.Folder+"/")
}

// sameText compares texts, whatever ends their lines.
func sameText(a, b []byte) bool {
	clean := func(text []byte) []byte {
		return bytes.TrimRight(bytes.ReplaceAll(text, []byte("\r\n"), []byte("\n")), "\n")
	}
	return bytes.Equal(clean(a), clean(b))
}
