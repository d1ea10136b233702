package hostsdk

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/espgen/espgen/lazyregexp"
	"github.com/espgen/espgen/plainfile"
)

// A unit is a source and how it is compiled, in a folder of layOut.
type unit struct {
	source string // of the project, with slashes
	flags  []string
}

// units are the sources of a project.
func (p *plan) units(cFlags, cxxFlags []string) []unit {
	var units []unit
	add := func(sources, includes []string, private ...string) {
		flags := []string{"-I" + hostDir}
		for _, dir := range includes {
			flags = append(flags, "-I"+placed(dir))
		}
		flags = append(flags, "-Iconfig", "-Ihostsdk/include")
		flags = append(append(flags, private...), warnings...)
		for _, source := range sources {
			language := cFlags
			if isCXX(source) {
				language = cxxFlags
			}
			units = append(units, unit{source, append(slices.Clone(flags), language...)})
		}
	}
	for _, c := range p.components {
		add(c.sources, p.includes(c))
	}
	add(p.host, nil, "-Ihostsdk/host")
	return units
}

// trees are the folders whose files decide of a program.
func (p *plan) trees() []tree {
	var trees []tree
	add := func(dir string) {
		within := func(t tree) bool { return t.name == dir || strings.HasPrefix(dir, t.name+"/") }
		if !slices.ContainsFunc(trees, within) {
			trees = append(trees, tree{dir, os.DirFS(p.at(dir))})
		}
	}
	for _, c := range p.components {
		add(c.dir)
	}
	add(hostDir)
	for _, c := range p.components { // what is in other folders
		for _, dir := range append(c.public, c.private...) {
			add(dir)
		}
		for _, source := range c.sources {
			add(path.Dir(source))
		}
	}
	return trees
}

// The folders of a project that layOut links. Others are in the link "project".
var linked = []string{mainDir, componentsDir, managedDir, hostDir}

// placed is the name of a project's file in a folder of layOut.
func placed(name string) string {
	first, _, _ := strings.Cut(name, "/")
	if slices.Contains(linked, first) {
		return name
	}
	return path.Join("project", name)
}

// layOut makes out the folder to compile a project in. From there its sources
// and the SDK have the same names wherever they are, and so have objects,
// which projects can share then.
func layOut(out, root, sdk, config string) error {
	err := errors.Join(
		os.Symlink(root, filepath.Join(out, "project")),
		os.Symlink(sdk, filepath.Join(out, "hostsdk")),
		os.Mkdir(filepath.Join(out, "config"), 0o755),
		os.WriteFile(filepath.Join(out, "config", "sdkconfig.h"), []byte(config), 0o644),
	)
	for _, dir := range linked {
		err = errors.Join(err, os.Symlink(filepath.Join(root, dir), filepath.Join(out, dir)))
	}
	return err
}

// object returns the file of a source's object, and the warnings. What the
// preprocessor makes of the source, and the compiler, decide of them: equal
// ones are compiled once.
func (b *builder) object(out string, u unit, changed func() bool) (file, warned string, err error) {
	source, compiler := placed(u.source), b.cc
	if isCXX(source) {
		compiler = b.cxx
	}
	key, err := b.objectKey(out, compiler, source, u.flags)
	if wrong, ok := errors.AsType[*CompileError](err); ok { // the compiler has more to say than its preprocessor
		if header, ok := absent(wrong.Output); ok {
			return "", "", header
		}
		_, more := b.run(compiler, "the project", out, Needs{}, append(slices.Clone(u.flags), "-fsyntax-only", source))
		err = cmp.Or(more, err)
	}
	if err != nil {
		return "", "", err
	}
	name := path.Base(source) + ".o"
	done, err := b.cached("object-"+key, name, func(dir string) error {
		args := append(slices.Clone(u.flags), "-fdebug-prefix-map="+out+"=", "-c", source, "-o", filepath.Join(dir, name))
		said, err := b.run(compiler, "the project", out, Needs{Write: []string{dir}}, args)
		if changed() { // it may not be the text of the key
			return errChanged
		}
		if err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(dir, warningsFile), []byte(said), 0o644)
	})
	if err != nil {
		return "", "", err
	}
	said, err := plainfile.Read(filepath.Join(done, warningsFile), maxBuilt)
	return filepath.Join(done, name), string(said), err
}

var (
	// sdkconfig.h is all macros: what is left of it is how many they are.
	optionLines = lazyregexp.New(`(?m)^# \d+ "config/sdkconfig\.h".*\n(?:[ \t]*\n)*`)
	ownFile     = lazyregexp.New(`(?m)^# \d+ ("(?:main|components|managed_components|host|project)/(?:[^"\\]|\\.)*")`)
)

func (b *builder) objectKey(out, compiler, source string, flags []string) (string, error) {
	preprocessed := filepath.Join(out, strings.ReplaceAll(source, "/", "_")+".i")
	defer os.Remove(preprocessed)
	// Without -g0 GCC adds the name of the folder.
	said, err := b.run(compiler, "the project", out, Needs{}, append(slices.Clone(flags), "-E", "-g0", source, "-o", preprocessed), "LC_ALL=C")
	if err != nil {
		return "", err
	}
	text, err := plainfile.Read(preprocessed, maxBuilt)
	if err != nil {
		return "", err
	}
	var all strings.Builder
	fmt.Fprintf(&all, "%q %s%s", flags, said, optionLines().ReplaceAll(text, nil))
	// Some of the project's text is not in it, and counts: columns, which
	// reports name, and comments such as "fall through".
	var own []string
	for _, m := range ownFile().FindAllSubmatch(text, -1) {
		own = append(own, string(m[1]))
	}
	slices.Sort(own)
	for _, quoted := range slices.Compact(own) {
		name, err := strconv.Unquote(quoted)
		if err != nil {
			return "", err
		}
		text, err := readUpTo(filepath.Join(out, name), maxSource)
		if err != nil {
			return "", err
		}
		fmt.Fprintf(&all, "\n%s %d\n%s", quoted, len(text), text)
	}
	return b.key(compiler, all.String(), tree{"hostsdk", files})
}

// place is where the compiler says that something is, in a folder of layOut.
var place = lazyregexp.New(`(?m)(?:^|\s)(?:main|components|managed_components|host|project|hostsdk/include|hostsdk/host)/[^:\n]+:`)

// absolute has what the compiler says name files by their full paths.
func absolute(said, root, sdk string) string {
	return place().ReplaceAllStringFunc(said, func(m string) string {
		name := strings.TrimSpace(m)
		space := m[:len(m)-len(name)]
		if header, ok := strings.CutPrefix(name, "hostsdk/"); ok {
			return space + sdk + "/" + header
		}
		return space + root + "/" + strings.TrimPrefix(name, "project/")
	})
}
