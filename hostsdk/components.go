package hostsdk

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"gopkg.in/yaml.v3"

	"github.com/espgen/espgen/plainfile"
)

// A ProjectError is of a project that ESP-IDF does not build either, or that
// asks for what espgen does not build.
type ProjectError struct {
	Where string // FILE:LINE in the project, "" for none
	What  string
	Help  string // what to do
	File  string // that is missing, "" for none
}

// Error says what is wrong, and where.
func (e *ProjectError) Error() string {
	if e.Where == "" {
		return e.What
	}
	return e.Where + ": " + e.What
}

// Hint says what to do.
func (e *ProjectError) Hint() string { return e.Help }

// A component is a folder that ESP-IDF builds: main, and those in components.
// Paths are of the project, with slashes.
type component struct {
	name    string
	dir     string
	list    string            // its CMakeLists.txt, "" where main has none
	given   map[string][]word // to idf_component_register, by keyword
	open    bool              // only CMake knows the sources: all are taken
	visible bool              // nor what it requires: all is visible
	sources []string
	others  []string // sources that are not built
	public  []string // include folders that who requires it sees
	private []string
	managed []string // what its idf_component.yml requires
}

// registerKeywords are those of idf_component_register that have values.
var registerKeywords = []string{
	"SRCS", "SRC_DIRS", "EXCLUDE_SRCS", "INCLUDE_DIRS", "PRIV_INCLUDE_DIRS", "LDFRAGMENTS", "REQUIRES", "PRIV_REQUIRES",
	"REQUIRED_IDF_TARGETS", "EMBED_FILES", "EMBED_TXTFILES", "KCONFIG", "KCONFIG_PROJBUILD", "WHOLE_ARCHIVE",
}

// The folders of a project that have components, or stand-ins of its own.
const (
	mainDir       = "main"
	componentsDir = "components"
	managedDir    = "managed_components"
	hostDir       = "host"
)

// maxFiles is how many files a project's components may have together.
const maxFiles = 50_000

func tooManyFiles() error {
	return &ProjectError{What: fmt.Sprintf("the project's components have more than %d files", maxFiles), Help: "move what is not source out of their folders"}
}

// A plan says what of a project is built.
type plan struct {
	root       string // the project's folder, absolute
	components []*component
	host       []string        // sources of host/
	notes      strings.Builder // what is not built as on the chip
	files      int             // seen
}

// newPlan finds what is built of the project in root.
func newPlan(root string) (*plan, error) {
	p, err := readComponents(root)
	if err != nil {
		return nil, err
	}
	for _, c := range p.components {
		if err := p.fill(c); err != nil {
			return nil, err
		}
	}
	if !slices.ContainsFunc(p.components, func(c *component) bool { return len(c.sources) > 0 }) {
		return nil, ErrNoSources
	}
	p.host, err = p.sourcesIn(hostDir)
	return p, err
}

// readComponents reads the CMakeLists.txt files of the project in root.
func readComponents(root string) (*plan, error) {
	p := &plan{root: root}
	dirs, only, err := p.readProject()
	if err != nil {
		return nil, err
	}
	for _, dir := range dirs {
		if err := p.add(dir); err != nil {
			return nil, err
		}
	}
	if err := p.readManifests(); err != nil {
		return nil, err
	}
	p.keepRequired(only)
	return p, nil
}

// add reads a component, unless there is one of that name already, which wins.
func (p *plan) add(dir string) error {
	c := &component{name: path.Base(dir), dir: dir}
	if slices.ContainsFunc(p.components, func(other *component) bool { return other.name == c.name }) {
		return nil
	}
	p.components = append(p.components, c)
	return p.read(c)
}

// adopt takes over what a later plan of the project says.
func (p *plan) adopt(later *plan) { p.components, p.host = later.components, later.host }

func (p *plan) warn(where, format string, args ...any) {
	fmt.Fprintf(&p.notes, "%s: warning: %s\n", where, fmt.Sprintf(format, args...))
}

// at is a file of the project on the disk.
func (p *plan) at(name string) string { return filepath.Join(p.root, filepath.FromSlash(name)) }

func (p *plan) exists(name string) bool {
	_, err := os.Stat(p.at(name))
	return err == nil
}

func (p *plan) isDir(name string) bool {
	info, err := os.Stat(p.at(name))
	return err == nil && info.IsDir()
}

// readProject returns the folders of components, and the names of those that
// are built with what they require, nil for all.
func (p *plan) readProject() (dirs, only []string, err error) {
	const list = "CMakeLists.txt"
	text, err := readIfThere(p.at(list))
	if err != nil {
		return nil, nil, err
	}
	calls, _ := scanCMake(text)
	c := newCMakeReader(".", "")
	minimal := false
	c.read(calls, func(call cmakeCall) bool {
		if call.name == "idf_build_set_property" && len(call.args) == 2 && call.args[0].text == "MINIMAL_BUILD" && c.blocks == 0 {
			minimal = slices.Contains([]string{"ON", "YES", "TRUE", "Y", "1"}, strings.ToUpper(call.args[1].text))
		}
		return call.name != "project"
	})
	if minimal {
		only = []string{mainDir}
	} else if !c.unknown["COMPONENTS"] {
		only = c.variables["COMPONENTS"]
	}
	dirs = []string{mainDir}
	in := []string{componentsDir}
	if c.unknown["EXTRA_COMPONENT_DIRS"] {
		p.warn(list, "only CMake knows all of EXTRA_COMPONENT_DIRS, which is ignored here")
	} else {
		for _, extra := range c.variables["EXTRA_COMPONENT_DIRS"] {
			if dir, ok := resolve(".", extra); ok {
				in = append(in, dir)
			} else {
				p.warn(list, "EXTRA_COMPONENT_DIRS names %s, which is outside of the project and is not built here", extra)
			}
		}
	}
	in = append(in, managedDir)
	for _, dir := range in {
		found, err := componentsIn(p.root, dir)
		if err != nil {
			return nil, nil, err
		}
		dirs = append(dirs, found...)
	}
	return dirs, only, nil
}

// componentsIn returns the folders with a CMakeLists.txt in a folder of the
// project in root: itself, or those below.
func componentsIn(root, dir string) ([]string, error) {
	at := filepath.Join(root, filepath.FromSlash(dir))
	if _, err := os.Stat(filepath.Join(at, "CMakeLists.txt")); err == nil {
		return []string{dir}, nil
	}
	entries, err := os.ReadDir(at)
	if err != nil && !notThere(err) {
		return nil, err
	}
	var dirs []string
	for _, e := range entries {
		if _, err := os.Stat(filepath.Join(at, e.Name(), "CMakeLists.txt")); err == nil && !strings.HasPrefix(e.Name(), ".") {
			dirs = append(dirs, path.Join(dir, e.Name()))
		}
	}
	return dirs, nil
}

// here begins a path that CMake has as an absolute one within the project.
const here = "\x00"

// newCMakeReader knows the variables that name folders. dir is the one of the
// list, name the component's.
func newCMakeReader(dir, name string) *cmakeReader {
	current, root := []string{here + dir}, []string{here + "."}
	return &cmakeReader{unknown: map[string]bool{}, variables: map[string][]string{
		"CMAKE_CURRENT_LIST_DIR": current, "CMAKE_CURRENT_SOURCE_DIR": current, "COMPONENT_DIR": current, "COMPONENT_PATH": current,
		"COMPONENT_NAME": {name}, "PROJECT_DIR": root, "CMAKE_SOURCE_DIR": root, "PROJECT_SOURCE_DIR": root,
	}}
}

// shown is a path of CMake for a message.
func shown(name string) string { return strings.TrimPrefix(name, here) }

// resolve returns a path of the project, or false where it leads out of it.
func resolve(dir, name string) (string, bool) {
	if inProject, ok := strings.CutPrefix(name, here); ok {
		name = path.Clean(inProject)
	} else if path.IsAbs(name) {
		return "", false
	} else {
		name = path.Join(dir, name)
	}
	return name, filepath.IsLocal(filepath.FromSlash(name))
}

// read reads a component's CMakeLists.txt.
func (p *plan) read(c *component) error {
	list := c.dir + "/CMakeLists.txt"
	text, err := readUpTo(p.at(list), maxConfig)
	if err != nil {
		return err
	}
	if !p.exists(list) {
		c.open, c.visible = true, true
		return nil
	}
	c.list = list
	calls, wrong := scanCMake(text)
	if wrong > 0 {
		return &ProjectError{Where: placeOf(list, wrong), What: "this is not CMake", Help: "correct the line: idf.py does not build the project either"}
	}
	reader := newCMakeReader(c.dir, c.name)
	returned := reader.read(calls, func(call cmakeCall) bool {
		switch {
		case call.name == "idf_component_register" && reader.blocks == 0:
			p.register(c, reader, call)
		case call.name == "idf_component_register" || call.name == "register_component":
			p.giveUp(c, call.line, call.name+" is not understood here")
		case changesBuild(call.name):
			p.warn(placeOf(list, call.line), "%s is ignored here", call.name)
		}
		return true
	})
	if returned > 0 && c.given == nil {
		p.giveUp(c, returned, "return depends on a condition")
	}
	if c.given == nil {
		return &ProjectError{Where: list, What: "it does not call idf_component_register", Help: "write idf_component_register(SRCS \"main.c\" INCLUDE_DIRS \".\")"}
	}
	for _, keyword := range []string{"EMBED_FILES", "EMBED_TXTFILES"} {
		if words := c.given[keyword]; len(words) > 0 {
			p.warn(placeOf(list, words[0].line), "%s is ignored here", keyword)
		}
	}
	return nil
}

// register takes what idf_component_register is given.
func (p *plan) register(c *component, reader *cmakeReader, call cmakeCall) {
	words, doubts := reader.keywords(call.args, registerKeywords)
	for _, keyword := range []string{"SRCS", "SRC_DIRS", "EXCLUDE_SRCS"} {
		if line := doubts[keyword]; line > 0 {
			p.giveUp(c, line, "only CMake knows all of "+keyword)
			break
		}
	}
	for _, keyword := range []string{"INCLUDE_DIRS", "PRIV_INCLUDE_DIRS"} {
		if line := doubts[keyword]; line > 0 {
			p.warn(placeOf(c.list, line), "only CMake knows all of %s: what it does not tell is left out", keyword)
		}
	}
	c.visible = doubts["REQUIRES"]+doubts["PRIV_REQUIRES"] > 0
	c.given = words
}

// giveUp takes every source of a component.
func (p *plan) giveUp(c *component, line int, why string) {
	c.open, c.visible = true, c.visible || c.given == nil
	p.warn(placeOf(c.list, line), "%s: every source in %s is compiled", why, c.dir)
	if c.given == nil {
		c.given = map[string][]word{}
	}
}

// changesBuild tells of a command whether it changes how sources are compiled.
func changesBuild(command string) bool {
	return strings.HasPrefix(command, "target_") && command != "target_link_libraries" || strings.HasPrefix(command, "component_compile_") ||
		slices.Contains([]string{"add_compile_options", "add_compile_definitions", "add_definitions", "include_directories", "set_source_files_properties", "add_library"}, command)
}

// fill finds the component's sources and include folders.
func (p *plan) fill(c *component) error {
	all, err := p.sourcesIn(c.dir)
	if err != nil {
		return err
	}
	if c.open {
		c.sources = all
		for _, dir := range []string{c.dir, c.dir + "/include"} { // where headers usually are
			if p.isDir(dir) {
				c.public = append(c.public, dir)
			}
		}
	} else if err := p.fillSources(c, all); err != nil {
		return err
	}
	for keyword, dirs := range map[string]*[]string{"INCLUDE_DIRS": &c.public, "PRIV_INCLUDE_DIRS": &c.private} {
		for _, w := range c.given[keyword] {
			dir, err := p.inside(c, w, keyword)
			if err != nil {
				return err
			}
			if !p.isDir(dir) {
				return &ProjectError{Where: placeOf(c.list, w.line), What: fmt.Sprintf("%s names %s, which is not a folder", keyword, shown(w.text)), Help: "create the folder, or remove it from " + keyword}
			}
			if !slices.Contains(*dirs, dir) {
				*dirs = append(*dirs, dir)
			}
		}
	}
	return nil
}

// inside returns the path of a word, which must not lead out of the project.
func (p *plan) inside(c *component, w word, keyword string) (string, error) {
	name, ok := resolve(c.dir, w.text)
	if !ok {
		return "", &ProjectError{Where: placeOf(c.list, w.line), What: fmt.Sprintf("%s names %s, which is outside of the project", keyword, shown(w.text)), Help: "copy it into the project: espgen run reads nothing else"}
	}
	return name, nil
}

// fillSources takes the sources that ESP-IDF takes: of SRCS, or else those in
// SRC_DIRS but for EXCLUDE_SRCS. all are those in the component's folder.
func (p *plan) fillSources(c *component, all []string) error {
	for _, w := range c.given["SRCS"] {
		name, err := p.inside(c, w, "SRCS")
		if err != nil {
			return err
		}
		info, err := os.Stat(p.at(name))
		switch {
		case err != nil:
			return &ProjectError{
				Where: placeOf(c.list, w.line), What: fmt.Sprintf("SRCS names %s, which does not exist", shown(w.text)),
				Help: "create the file, or remove it from SRCS", File: name,
			}
		case !info.Mode().IsRegular():
			return &plainfile.KindError{Name: p.at(name), Kind: plainfile.Kind(info.Mode())}
		}
		p.take(c, name, w.line)
	}
	if len(c.given["SRCS"]) == 0 {
		if err := p.fillFromDirs(c); err != nil {
			return err
		}
	}
	for _, name := range all {
		if slices.Contains(c.sources, name) {
			continue
		}
		c.others = append(c.others, name)
		if len(c.given["SRCS"]) > 0 && (c.dir == mainDir || path.Dir(name) == c.dir) && !strings.HasPrefix(c.dir, managedDir+"/") {
			p.warn(placeOf(c.list, c.given["SRCS"][0].line), "%s is not compiled: SRCS does not name it", strings.TrimPrefix(name, c.dir+"/"))
		}
	}
	return nil
}

func (p *plan) fillFromDirs(c *component) error {
	var excluded []string
	for _, w := range c.given["EXCLUDE_SRCS"] {
		if name, ok := resolve(c.dir, w.text); ok {
			excluded = append(excluded, name)
		}
	}
	for _, w := range c.given["SRC_DIRS"] {
		dir, err := p.inside(c, w, "SRC_DIRS")
		if err != nil {
			return err
		}
		if !p.isDir(dir) {
			return &ProjectError{Where: placeOf(c.list, w.line), What: fmt.Sprintf("SRC_DIRS names %s, which does not exist", shown(w.text)), Help: "create the folder, or remove it from SRC_DIRS"}
		}
		names, err := filesOf(p.at(dir), ".c", ".cpp", ".S")
		if err != nil {
			return err
		}
		for _, name := range names {
			if name := path.Join(dir, filepath.Base(name)); !slices.Contains(excluded, name) {
				p.take(c, name, w.line)
			}
		}
	}
	return nil
}

// take adds a source, if it is one that this PC can compile.
func (p *plan) take(c *component, name string, line int) {
	switch suffix := path.Ext(name); {
	case slices.Contains(c.sources, name):
	case isSource(name):
		c.sources = append(c.sources, name)
	case suffix == ".S" || suffix == ".s":
		p.warn(placeOf(c.list, line), "%s is assembler for the chip, and is not built here", name)
	}
}

func isSource(name string) bool { return path.Ext(name) == ".c" || isCXX(name) }

// isCXX reports whether a source is in C++.
func isCXX(name string) bool { return slices.Contains([]string{".cpp", ".cc", ".cxx"}, path.Ext(name)) }

// sourcesIn returns the sources below a folder of the project, but for those in
// hidden folders, tests and examples, which are no part of a component.
func (p *plan) sourcesIn(dir string) ([]string, error) {
	var names []string
	err := fs.WalkDir(os.DirFS(p.at(dir)), ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case name == "." && err != nil && notThere(err):
			return fs.SkipAll
		case err != nil:
			return err
		case d.IsDir() && name != "." && (strings.HasPrefix(d.Name(), ".") || slices.Contains([]string{"build", "test", "tests", "test_apps", "host_test", "examples"}, d.Name())):
			return fs.SkipDir
		}
		if p.files++; p.files > maxFiles {
			return tooManyFiles()
		}
		full := path.Join(dir, name)
		if d.IsDir() || !isSource(name) || strings.HasPrefix(d.Name(), ".") || !p.exists(full) { // a link to nothing
			return nil
		}
		info, err := os.Stat(p.at(full))
		switch {
		case err != nil:
			return err
		case info.Mode()&(fs.ModeNamedPipe|fs.ModeDevice|fs.ModeSocket) != 0:
			return &plainfile.KindError{Name: p.at(full), Kind: plainfile.Kind(info.Mode())}
		case info.Mode().IsRegular():
			names = append(names, full)
		}
		return nil
	})
	return names, err
}

func notThere(err error) bool {
	return errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR)
}

// find returns a component of the project by the name that REQUIRES has for it:
// a managed one is also called without its owner.
func (p *plan) find(name string) *component {
	for _, c := range p.components {
		if c.name == name {
			return c
		}
	}
	for _, c := range p.components {
		_, short, ok := strings.Cut(c.name, "__")
		if ok && (short == name || c.name == strings.ReplaceAll(name, "/", "__")) {
			return c
		}
	}
	return nil
}

// required returns the names of what a component requires.
func (c *component) required(keywords ...string) []string {
	var names []string
	for _, keyword := range keywords {
		for _, w := range c.given[keyword] {
			names = append(names, w.text)
		}
	}
	return names
}

// seesAll reports whether every component is visible: where the list is not
// plain, and to a main that requires none.
func (c *component) seesAll() bool {
	return c.visible || c.name == mainDir && len(c.required("REQUIRES", "PRIV_REQUIRES")) == 0
}

// keepRequired drops the components that nobody requires, where the project
// says which to build.
func (p *plan) keepRequired(only []string) {
	if only == nil {
		return
	}
	needed := map[*component]bool{}
	var need func(c *component)
	need = func(c *component) {
		if c == nil || needed[c] {
			return
		}
		needed[c] = true
		for _, name := range append(c.required("REQUIRES", "PRIV_REQUIRES"), c.managed...) {
			need(p.find(name))
		}
		if c.seesAll() {
			for _, other := range p.components {
				need(other)
			}
		}
	}
	for _, name := range only {
		need(p.find(name))
	}
	p.components = slices.DeleteFunc(p.components, func(c *component) bool { return !needed[c] && c.dir != mainDir })
}

// includes returns the include folders of a component's sources: its own, and
// the public ones of what it requires, and of what those require publicly.
func (p *plan) includes(c *component) []string {
	dirs := append(slices.Clone(c.public), c.private...)
	seen := map[*component]bool{c: true}
	var see func(names []string)
	see = func(names []string) {
		for _, name := range names {
			other := p.find(name)
			if other == nil || seen[other] {
				continue
			}
			seen[other] = true
			dirs = append(dirs, other.public...)
			see(other.required("REQUIRES"))
		}
	}
	names := append(c.required("REQUIRES", "PRIV_REQUIRES"), c.managed...)
	if c.seesAll() {
		for _, other := range p.components {
			names = append(names, other.name)
		}
	}
	see(names)
	return dirs
}

// A manifest is what idf_component.yml says of the components to download, or
// to take from a folder.
type manifest struct {
	Dependencies map[string]yaml.Node `yaml:"dependencies"`
}

// readManifests reads the idf_component.yml files: components in folders of the
// project are added, and those that are not there are told.
func (p *plan) readManifests() error {
	for i := 0; i < len(p.components); i++ { // more may come
		c := p.components[i]
		file := c.dir + "/idf_component.yml"
		text, err := readIfThere(p.at(file))
		if err != nil {
			return err
		}
		var m manifest
		if err := yaml.Unmarshal([]byte(text), &m); err != nil {
			return &ProjectError{Where: file, What: "this is not a manifest in YAML", Help: "correct it: idf.py does not read it either"}
		}
		for _, name := range slices.Sorted(maps.Keys(m.Dependencies)) {
			if name == "idf" {
				continue
			}
			c.managed = append(c.managed, name)
			if err := p.depend(c, name, m.Dependencies[name]); err != nil {
				return err
			}
		}
	}
	return nil
}

// depend adds what a manifest requires from a folder, and tells what is missing.
func (p *plan) depend(c *component, name string, dependency yaml.Node) error {
	var from struct {
		Path     string `yaml:"path"`
		Override string `yaml:"override_path"`
	}
	_ = dependency.Decode(&from) // else it is a version alone
	file := c.dir + "/idf_component.yml"
	folder := cmp.Or(from.Override, from.Path)
	dir, ok := resolve(c.dir, folder)
	switch {
	case folder == "" && p.find(name) == nil:
		p.warn(file, "%s is not in %s, and is not built here: idf.py reconfigure downloads it", name, managedDir)
	case folder == "":
	case strings.Contains(folder, "$") || !ok || !p.exists(dir+"/CMakeLists.txt"):
		p.warn(file, "%s is in %s, which is not a component in the project, and is not built here", name, folder)
	default:
		return p.add(dir)
	}
	return nil
}
