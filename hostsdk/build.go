package hostsdk

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/espgen/espgen/lazyregexp"
	"github.com/espgen/espgen/plainfile"
)

// ErrNoSources is the error of [Build] where a folder holds no C to compile.
var ErrNoSources = errors.New("it has no main/*.c")

// ErrNoCompiler is the error of [Build] where the PC has no C compiler.
var ErrNoCompiler = errors.New("no C compiler: neither cc, gcc nor clang is on the PATH")

// A CompileError is C that does not compile.
type CompileError struct {
	What   string // "the project", "the host SDK"
	Output string // the compiler's own words
}

// Hint says what to do about functions that no header declares.
func (e *CompileError) Hint() string { return helpOf(e.Output) }

// Error returns the compiler's words.
func (e *CompileError) Error() string { return e.What + " does not compile:\n" + e.Output }

// A BuildOptions says how a project is built.
type BuildOptions struct {
	CC       string  // the compiler; "" for the first of cc, gcc, clang
	Sanitize bool    // with AddressSanitizer and UndefinedBehaviorSanitizer
	Cache    string  // the folder for what is built; "" for the user's cache
	Confine  Confine // of each compiler; nil for none
}

// ESP-IDF's own warnings (tools/cmake/build.cmake and project.cmake), those
// that are no errors there included.
var warnings = []string{
	"-Wall", "-Wextra", "-Werror",
	"-Wno-error=unused-function", "-Wno-error=unused-variable", "-Wno-error=unused-but-set-variable",
	"-Wno-error=deprecated-declarations", "-Wno-error=extra", "-Wno-unused-parameter", "-Wno-sign-compare", "-Wno-enum-conversion",
	"-Wno-error=pointer-to-int-cast", "-Wno-error=int-to-pointer-cast", // on the chip both have 32 bits
}

// The limits of what is read.
const (
	maxConfig = 1 << 20  // of a file of settings: ESP-IDF's own sdkconfig has a tenth of it
	maxSource = 16 << 20 // of each file of main
	maxBuilt  = 1 << 30  // of what the compiler makes
)

const sanitizers = "-fsanitize=address,undefined"

// ESP-IDF's languages (tools/cmake/build.cmake).
const (
	cStandard   = "-std=gnu17"
	cxxStandard = "-std=gnu++2b"
)

// Build compiles the project in dir and returns the program's path. It lies in
// a cache outside the project; what has been built before is not built again.
// warned is what the compiler said of C that it took all the same, and what of
// the project is not built as on the chip, which is told beside an error, too.
func Build(ctx context.Context, dir string, o BuildOptions) (program, warned string, err error) {
	root, err := filepath.Abs(dir)
	if err != nil {
		return "", "", err
	}
	p, err := newPlan(root)
	if errors.Is(err, ErrNoSources) {
		return "", "", fmt.Errorf("%s is not a project: %w", dir, err)
	}
	if err != nil {
		return "", "", err
	}
	defer func() { warned = p.notes.String() + warned }()
	config, err := configure(dir)
	if err != nil {
		return "", "", err
	}
	p.notes.WriteString(strings.Join(config.notes, ""))
	b, err := newBuilder(ctx, o)
	if err != nil {
		return "", "", err
	}
	password, err := readIfThere(filepath.Join(dir, "main", "wifi_password.h"))
	if err != nil {
		return "", "", err
	}
	b.secrets = config.hide(password)
	b.cxxFlags = config.cxxFlags()
	sdkHeader, err := config.sdkHeader()
	if err != nil {
		return "", "", err
	}
	sdk, err := b.sdk(sdkHeader)
	if err != nil {
		return "", "", err
	}
	b.sources = []string{root, sdk}
	done, err := b.program(p, sdk, config.header())
	if wrong, ok := errors.AsType[*CompileError](err); ok {
		wrong.Output = absolute(wrong.Output, root, sdk)
	}
	if wrong, ok := errors.AsType[*HeaderError](err); ok {
		wrong.output = absolute(wrong.output, root, sdk)
	}
	if err != nil {
		return "", "", err
	}
	said, err := plainfile.Read(filepath.Join(done, warningsFile), maxBuilt)
	// They may be those of a project with other secrets.
	warned = b.secrets.Replace(absolute(string(said), root, sdk))
	return filepath.Join(done, "program"), warned, err
}

// filesOf returns the files of a folder whose names end with one of the
// suffixes. What an editor hides there is none of them.
func filesOf(dir string, suffixes ...string) ([]string, error) {
	entries, err := os.ReadDir(dir)
	var files []string
	for _, e := range entries {
		name := filepath.Join(dir, e.Name())
		info, statErr := os.Stat(name)
		if slices.Contains(suffixes, filepath.Ext(e.Name())) && !strings.HasPrefix(e.Name(), ".") && statErr == nil && info.Mode().IsRegular() {
			files = append(files, name)
		}
	}
	return files, err
}

// CanSanitize reports whether the compiler has the sanitizers, by linking an
// empty program with them. The cache remembers that it has.
func CanSanitize(ctx context.Context, o BuildOptions) (bool, error) {
	o.Sanitize = true
	b, err := newBuilder(ctx, o)
	if err != nil {
		return false, err
	}
	key, err := b.key(b.cc, "") // of the compiler alone
	if err != nil {
		return false, err
	}
	_, err = b.cached("sanitizers-"+key, "program", func(dir string) error {
		source := filepath.Join(dir, "empty.c")
		if err := os.WriteFile(source, []byte("int main(void) { return 0; }\n"), 0o644); err != nil {
			return err
		}
		_, err := b.run(b.cc, "an empty program", dir, Needs{}, []string{source, "-o", filepath.Join(dir, "program")})
		return err
	})
	if _, ok := errors.AsType[*CompileError](err); ok {
		return false, nil
	}
	return err == nil, err
}

// cause is why a program was not found, without its name.
func cause(err error) error {
	if e, ok := errors.AsType[*exec.Error](err); ok {
		return e.Err
	}
	return err
}

func findCompiler(cc string) (string, error) {
	if cc != "" {
		path, err := exec.LookPath(cc)
		if err != nil {
			return "", fmt.Errorf("the C compiler %s cannot be run: %w", cc, cause(err))
		}
		return path, nil
	}
	for _, name := range []string{"cc", "gcc", "clang"} {
		if path, err := exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	return "", ErrNoCompiler
}

// A builder builds into a cache: a folder for each SDK, which its options
// decide, for each source's object and for each program.
type builder struct {
	ctx   context.Context
	cc    string
	cxx   string // "" where the project has no C++
	flags []string
	cache string

	cxxFlags []string

	secrets *strings.Replacer // hides them in what the compiler says

	confine Confine
	sources []string // what a compiler reads of the project and the SDK
}

func newBuilder(ctx context.Context, o BuildOptions) (*builder, error) {
	cc, err := findCompiler(o.CC)
	if err != nil {
		return nil, err
	}
	if cc, err = filepath.Abs(cc); err != nil { // it runs in other folders
		return nil, err
	}
	b := &builder{ctx: ctx, cc: cc, cache: o.Cache, confine: o.Confine, secrets: strings.NewReplacer(), flags: []string{"-g", "-O1", "-pthread"}}
	if o.Sanitize {
		// AddressSanitizer says more than object-size does, which would come first.
		b.flags = append(b.flags, sanitizers, "-fno-sanitize=object-size", "-fno-omit-frame-pointer", "-fno-sanitize-recover=all")
	}
	if b.cache == "" {
		user, err := os.UserCacheDir()
		if err != nil {
			return nil, err
		}
		b.cache = filepath.Join(user, "espgen", "run")
	}
	b.cache, err = filepath.Abs(b.cache)
	return b, err
}

// sdkBuild is held while an SDK is built, so that programs which are built at
// once share it.
var sdkBuild sync.Mutex

// sdkFlags are those of the SDK's own sources, beside those of a project's. What
// is inlined, host/ could not replace.
func (b *builder) sdkFlags() []string {
	flags := []string{cStandard, "-fno-inline"}
	if slices.Contains(b.flags, sanitizers) {
		// They take most of the time of a first run. Reports need lines, and nobody debugs the SDK.
		flags = append(flags, "-g1", "-Og")
	}
	return flags
}

// sdk returns the folder of the SDK's headers and objects, built with this
// sdkconfig.h.
func (b *builder) sdk(config string) (string, error) {
	sdkBuild.Lock()
	defer sdkBuild.Unlock()
	flags := b.sdkFlags()
	key, err := b.key(b.cc, fmt.Sprintf("%q", flags)+config, tree{"hostsdk", files})
	if err != nil {
		return "", err
	}
	return b.cached("sdk-"+key, "start.o", func(dir string) error {
		if err := os.CopyFS(dir, files); err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(dir, "sdkconfig.h"), []byte(config), 0o644); err != nil {
			return err
		}
		sources, err := filesOf(filepath.Join(dir, "src"), ".c")
		if err != nil {
			return err
		}
		_, _, err = compile("the host SDK", sources, func(source string) (string, string, error) {
			// The folder has another name later; debuggers and reports show this.
			args := append(slices.Clone(flags), "-I"+dir, "-ffile-prefix-map="+dir+"=hostsdk")
			if !strings.HasPrefix(filepath.Base(source), "socket") { // those use the PC's own headers
				args = append(args, "-I"+filepath.Join(dir, "include"))
			}
			object := filepath.Join(dir, strings.TrimSuffix(filepath.Base(source), ".c")+".o")
			said, err := b.run(b.cc, "the host SDK", dir, Needs{}, append(args, "-c", source, "-o", object))
			return object, said, err
		})
		return err
	})
}

// cFlags are those of C, beside the warnings of all languages.
func (b *builder) cFlags() []string {
	if isGCC(b.cc) {
		return []string{cStandard, "-Wno-old-style-declaration"} // as ESP-IDF does
	}
	return []string{cStandard}
}

// errChanged is the error of a build whose sources changed meanwhile.
var errChanged = errors.New("the sources have changed")

// program returns the folder of the program of a project, built with this
// sdkconfig.h. It makes a new plan where the project changes meanwhile.
func (b *builder) program(p *plan, sdk, config string) (string, error) {
	for {
		if err := b.needCXX(p); err != nil {
			return "", err
		}
		units := p.units(b.cFlags(), b.cxxFlags)
		decides := fmt.Sprintf("%s %q %q", sdk+config, b.cxx, units)
		key, err := b.key(b.cc, decides, p.trees()...)
		if err != nil {
			return "", err
		}
		stamp, err := b.stamp(p.trees())
		if err != nil {
			return "", err
		}
		changed := func() bool {
			now, err := b.key(b.cc, decides, p.trees()...)
			return err == nil && now != key
		}
		done, err := b.cached(key, "program", func(out string) error {
			err := b.link(p, units, sdk, config, out, func() bool { // asked for each source, so it is quick
				now, err := b.stamp(p.trees())
				return err == nil && now != stamp && changed()
			})
			if changed() {
				return errChanged
			}
			return err
		})
		if !errors.Is(err, errChanged) {
			return done, err
		}
		fresh, err := newPlan(p.root)
		if err != nil {
			return "", err
		}
		p.adopt(fresh)
	}
}

// link makes the program of a project in the folder out.
func (b *builder) link(p *plan, units []unit, sdk, config, out string, changed func() bool) error {
	if err := layOut(out, p.root, sdk, config); err != nil {
		return err
	}
	objects, said, err := compile("the project", units, func(u unit) (string, string, error) {
		return b.object(out, u, changed)
	})
	if wrong, ok := errors.AsType[*HeaderError](err); ok {
		p.explain(wrong)
	}
	if err != nil {
		return err
	}
	clashing, err := clashes(units, objects)
	if err != nil {
		return err
	}
	sdkObjects, err := filesOf(sdk, ".o")
	if err != nil {
		return err
	}
	own, err := hostFunctions(units, objects)
	if err != nil {
		return err
	}
	if sdkObjects, err = replaced(out, sdkObjects, own); err != nil {
		return err
	}
	short := []string{sdk + "/", "hostsdk/"}
	for _, object := range objects {
		short = append(short, filepath.Dir(object)+"/", "")
	}
	linker := cmp.Or(b.cxx, b.cc)
	args := append(slices.Concat(objects, sdkObjects), "-Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc,--wrap=strdup,--wrap=strndup,--wrap=free", "-o", filepath.Join(out, "program"))
	linked, err := b.run(linker, "the project", out, Needs{Read: objects}, args, "LC_ALL=C") // undefined reads English
	if wrong, ok := errors.AsType[*CompileError](err); ok {
		if missing, places := undefined(wrong.Output); len(missing) > 0 {
			return p.missing(missing, places)
		}
		wrong.Output = strings.NewReplacer(short...).Replace(wrong.Output)
	}
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(out, warningsFile), []byte(said+clashing+linked), 0o644)
}

// undefinedSymbol is how GNU ld, gold and mold name what is nowhere, and lld.
// Where the object has debugging information, the place is before it.
var undefinedSymbol = lazyregexp.New("(?m)(?:((?:main|components|managed_components|host|project)/[^:\n]+:\\d+): )?undefined (?:reference to|symbol:) [`']?(\\w+)")

// undefined returns the functions that a linker did not find, with the places
// of their first calls, as far as it tells.
func undefined(output string) (names []string, places map[string]string) {
	places = map[string]string{}
	for _, m := range undefinedSymbol().FindAllStringSubmatch(output, -1) {
		if !slices.Contains(names, m[2]) {
			names = append(names, m[2])
			places[m[2]] = strings.TrimPrefix(m[1], "project/")
		}
	}
	slices.Sort(names)
	return names, places
}

// A tree is a folder whose files decide of a result.
type tree struct {
	name  string
	files fs.FS
}

// key is a hash of a compiler, its flags, trees and what else decides of the
// result.
func (b *builder) key(compiler, rest string, trees ...tree) (string, error) {
	h := sha256.New()
	fmt.Fprintf(h, "%s %q %s %s\n", compiler, b.flags, runtime.GOARCH, rest)
	if info, err := os.Stat(compiler); err == nil { // a newer compiler has another size or time
		fmt.Fprintf(h, "%d %v\n", info.Size(), info.ModTime())
	}
	err := b.eachFile(trees, func(name string, info fs.FileInfo, open func() (fs.File, error)) error {
		if info.Size() > maxSource { // a firmware to embed, say
			fmt.Fprintf(h, "%s %d %v\n", name, info.Size(), info.ModTime())
			return nil
		}
		f, err := open()
		if err != nil {
			return err
		}
		defer f.Close()
		fmt.Fprintf(h, "%s\n", name)
		_, err = io.Copy(h, io.LimitReader(f, maxSource)) // it may grow meanwhile
		return err
	})
	return hex.EncodeToString(h.Sum(nil))[:32], err
}

// stamp is a hash of the sizes and times of the files of trees.
func (b *builder) stamp(trees []tree) (string, error) {
	h := sha256.New()
	err := b.eachFile(trees, func(name string, info fs.FileInfo, _ func() (fs.File, error)) error {
		_, err := fmt.Fprintf(h, "%s %d %d\n", name, info.Size(), info.ModTime().UnixNano())
		return err
	})
	return string(h.Sum(nil)), err
}

// maxLinks is how many links to folders may be on the way to a file: they may
// go round in a circle.
const maxLinks = 2

// eachFile gives the files of trees to add, with how to open them.
func (b *builder) eachFile(trees []tree, add func(name string, info fs.FileInfo, open func() (fs.File, error)) error) error {
	files := 0
	var walk func(t tree, links int) error
	walk = func(t tree, links int) error {
		return fs.WalkDir(t.files, ".", func(p string, d fs.DirEntry, err error) error {
			switch {
			case p == "." && err != nil && notThere(err):
				return fs.SkipAll
			case err == nil && d.IsDir() && p != "." && (strings.HasPrefix(d.Name(), ".") || d.Name() == "build"):
				return fs.SkipDir // .git, and what idf.py makes
			case err != nil || d.IsDir():
				return err
			}
			if files++; files > maxFiles {
				return tooManyFiles()
			}
			name := path.Join(t.name, p)
			info, _ := fs.Stat(t.files, p)
			switch {
			case b.ctx.Err() != nil:
				return b.ctx.Err()
			case info != nil && info.IsDir() && links > 0:
				linked, err := fs.Sub(t.files, p)
				return errors.Join(err, walk(tree{name, linked}, links-1))
			case info == nil || !info.Mode().IsRegular():
				return nil // an editor's link to nothing, a FIFO: no compiler reads them
			case info.Size() > maxSource && isSource(p):
				return &plainfile.SizeError{Name: name, Limit: maxSource}
			}
			return add(name, info, func() (fs.File, error) { return t.files.Open(p) })
		})
	}
	for _, t := range trees {
		if err := walk(t, maxLinks); err != nil {
			return err
		}
	}
	return nil
}

// compile compiles sources with one, as many at a time as there are processors.
// It returns the objects and the warnings.
func compile[S any](what string, sources []S, one func(source S) (object, warned string, err error)) (objects []string, warned string, err error) {
	objects = make([]string, len(sources))
	said, errs := make([]string, len(sources)), make([]error, len(sources))
	var all errgroup.Group
	all.SetLimit(runtime.NumCPU())
	for i, source := range sources {
		all.Go(func() error {
			objects[i], said[i], errs[i] = one(source)
			return nil // the others' errors are wanted, too
		})
	}
	_ = all.Wait()
	var wrong strings.Builder
	var missing HeaderError
	for _, err := range errs {
		if header, ok := errors.AsType[*absentHeader](err); ok {
			missing.absent = append(missing.absent, header)
		} else if compile, ok := errors.AsType[*CompileError](err); ok {
			wrong.WriteString(compile.Output)
		} else if err != nil {
			return nil, "", err
		}
	}
	if len(missing.absent) > 0 {
		missing.output = wrong.String()
		return nil, "", &missing
	}
	if wrong.Len() > 0 {
		return nil, "", &CompileError{what, wrong.String()}
	}
	return objects, strings.Join(said, ""), nil
}

// run runs a compiler in dir, where its temporary files go, too, and returns
// what it says. needs is what it uses beside dir and the sources.
func (b *builder) run(compiler, what, dir string, needs Needs, args []string, environment ...string) (string, error) {
	cmd := exec.CommandContext(b.ctx, compiler, append(slices.Clone(b.flags), args...)...)
	cmd.Dir = dir
	cmd.Env = append(append(b.confine.environment(), "TMPDIR="+dir, "PWD="+dir), environment...) // compilers believe PWD
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	cmd.SysProcAttr = processAttributes()
	cmd.Cancel = func() error { return killGroup(cmd.Process) } // the compiler proper is a child of cc
	cmd.WaitDelay = time.Second
	needs.Read, needs.Write = slices.Concat(b.sources, needs.Read), append(needs.Write, dir)
	if err := b.confine.apply(cmd, needs); err != nil {
		return "", err
	}
	err := cmd.Run()
	said := b.secrets.Replace(out.String())
	var exit *exec.ExitError
	switch {
	case b.ctx.Err() != nil:
		return "", b.ctx.Err()
	case errors.As(err, &exit):
		return "", &CompileError{what, said}
	}
	return said, err
}
