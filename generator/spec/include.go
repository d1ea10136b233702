package spec

import (
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/espgen/espgen/generator/field"
)

// IncludeKey names the files whose fields a spec takes over.
const IncludeKey = "include"

const (
	// maxIncludes is how many files a spec may include.
	maxIncludes = 32

	// maxNested is how deep these may include each other.
	maxNested = 8
)

// layers returns the maps at the top of the spec and of the files that it
// includes, each before those that it goes before. It sets unread where one of
// them cannot be read.
func (f *File) layers(data []byte, from Sources) []*yaml.Node {
	top := f.parse(data)
	if top == nil {
		f.unread = true
		return nil
	}
	i := includer{spec: f, look: from.Include, known: map[string]bool{}, size: len(data)}
	return i.layers(top, []string{filepath.Clean(f.Name)})
}

// An includer reads the files that a spec includes.
type includer struct {
	spec  *File
	look  func(file, name string) (included string, data []byte, err error)
	known map[string]bool // the files that were read
	size  int             // of all, in bytes
}

// layers returns the map at the top of a file and those that it includes. chain
// has the files from the spec to this one.
func (i *includer) layers(top *yaml.Node, chain []string) []*yaml.Node {
	list := []*yaml.Node{top}
	for _, n := range slices.Backward(i.names(top)) { // a later one goes before an earlier one
		if included := i.read(n, chain); included != nil {
			list = append(list, included...)
		}
	}
	return list
}

// names returns the nodes of the names that a file includes.
func (i *includer) names(top *yaml.Node) []*yaml.Node {
	value := valueOf(top, IncludeKey)
	if value == nil {
		return nil
	}
	names := []*yaml.Node{value}
	switch n := follow(value); {
	case n.Tag == "!!null": // every name is commented out
		return nil
	case n.Kind == yaml.SequenceNode:
		names = n.Content
	}
	return slices.DeleteFunc(slices.Clone(names), func(n *yaml.Node) bool { return !i.isName(n) })
}

// isName reports whether a node has the name of a file, and tells of one that
// has not.
func (i *includer) isName(node *yaml.Node) bool {
	n := follow(node)
	switch {
	case n.Kind != yaml.ScalarNode || n.Tag != "!!str":
		i.errorf(node, "write include: FILE, or a list of them", "the name of a file is needed here, not a %s", KindOf(n))
	case i.spec.outerLookalike(n, IncludeKey):
		i.spec.unread = true
	case n.Value == "":
		i.errorf(node, includeHint, "it is empty")
	case absolute.MatchString(n.Value):
		i.errorf(node, includeHint, "%s is an absolute path, which differs between computers", field.Show(n.Value, ""))
	case strings.Contains(n.Value, `\`):
		i.errorf(node, includeHint, `%s has a \ in it`, field.Show(n.Value, ""))
	default:
		return true
	}
	return false
}

// absolute is the beginning of a path that is not relative: of Unix, of Windows
// (also of a drive), or of somebody's home.
var absolute = regexp.MustCompile(`^([/\\~]|[A-Za-z]:)`)

const includeHint = "write a path that is relative to this file's folder, with / between folders: include: ../class.yaml"

// errorf tells what is wrong with the name of a file.
func (i *includer) errorf(n *yaml.Node, hint, format string, args ...any) {
	i.spec.unread = true
	i.spec.errorf(i.spec.pos(n), IncludeKey, hint, format, args...)
}

// read returns the layers of the file that n names, nil where it cannot be
// read, or was before.
func (i *includer) read(n *yaml.Node, chain []string) []*yaml.Node {
	name := follow(n).Value
	if len(chain) > maxNested {
		i.errorf(n, "include it in the spec itself", "includes are nested more than %d deep", maxNested)
		return nil
	}
	if i.size > MaxBytes { // which was told
		return nil
	}
	if i.look == nil {
		i.errorf(n, "name the spec's file, or write the fields into the spec", "%s cannot be included: the spec has no folder to look for it in", field.Show(name, ""))
		return nil
	}
	file, data, err := i.look(i.spec.ownerOf(n).Name, name)
	switch {
	case err != nil:
		i.errorf(n, includeHint, "%s cannot be included: %v", field.Show(name, ""), err)
		return nil
	case slices.Contains(chain, file):
		i.errorf(n, "remove one of these lines", "the file includes itself: %s", strings.Join(append(slices.Clone(chain[slices.Index(chain, file):]), file), " includes "))
		return nil
	case i.known[file]: // what it says goes before already
		return nil
	case len(i.known) == maxIncludes:
		i.errorf(n, "put the fields of several files into one", "a spec may include no more than %d files", maxIncludes)
		return nil
	}
	i.known[file] = true
	if i.size += len(data); i.size > MaxBytes {
		i.errorf(n, "a spec has a few hundred bytes; is this the right file?", "together, the spec and the files that it includes are larger than the limit of %d bytes", MaxBytes)
		return nil
	}
	included := &File{Name: file, values: map[string]Pos{}}
	top := included.parse(data)
	i.spec.issues = append(i.spec.issues, included.issues...)
	if top == nil {
		i.spec.unread = true
		return nil
	}
	i.spec.own(top, included)
	return i.layers(top, append(slices.Clone(chain), file))
}

// own notes that the nodes below n are in an included file.
func (f *File) own(n *yaml.Node, included *File) {
	f.owner[n] = included
	for _, child := range n.Content {
		f.own(child, included)
	}
}
