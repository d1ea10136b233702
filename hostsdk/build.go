package hostsdk

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
)

// ErrNoCompiler is the error of [Build] where the PC has no C compiler.
var ErrNoCompiler = errors.New("no C compiler: neither cc, gcc nor clang is on the PATH")

// A CompileError is C that does not compile, or not without a warning.
type CompileError struct {
	Output string // the compiler's own words
}

// Error returns the compiler's words.
func (e *CompileError) Error() string { return "the project does not compile:\n" + e.Output }

// A BuildOptions says how a project is built.
type BuildOptions struct {
	CC       string // the compiler; "" for the first of cc, gcc, clang
	Sanitize bool   // with AddressSanitizer and UndefinedBehaviorSanitizer
	Cache    string // the folder for what is built; "" for the user's cache
}

// ESP-IDF's own warnings (tools/cmake/build.cmake and project.cmake), those
// that are no errors there included.
var warnings = []string{
	"-Wall", "-Wextra", "-Werror",
	"-Wno-error=unused-function", "-Wno-error=unused-variable", "-Wno-error=unused-but-set-variable",
	"-Wno-error=deprecated-declarations", "-Wno-unused-parameter", "-Wno-sign-compare", "-Wno-enum-conversion",
}

const sanitizers = "-fsanitize=address,undefined"

// Build compiles the project in dir and returns the program's path. It lies in
// a cache outside the project; what has been built before is not built again.
// warned is what the compiler said of C that it took all the same.
func Build(ctx context.Context, dir string, o BuildOptions) (program, warned string, err error) {
	sources, err := filepath.Glob(filepath.Join(dir, "main", "*.c"))
	if err != nil || len(sources) == 0 {
		return "", "", fmt.Errorf("%s is not a project: it has no main/*.c", dir)
	}
	cc, err := findCompiler(o.CC)
	if err != nil {
		return "", "", err
	}
	defaults, err := os.ReadFile(filepath.Join(dir, "sdkconfig.defaults"))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", "", err
	}
	b := builder{ctx: ctx, cc: cc, flags: []string{"-std=gnu17", "-g", "-O1", "-pthread"}}
	if o.Sanitize {
		b.flags = append(b.flags, sanitizers, "-fno-omit-frame-pointer", "-fno-sanitize-recover=all")
	}
	config := sdkconfigHeader(string(defaults))
	key, err := b.key(dir, config)
	if err != nil {
		return "", "", err
	}
	cache := o.Cache
	if cache == "" {
		user, err := os.UserCacheDir()
		if err != nil {
			return "", "", err
		}
		cache = filepath.Join(user, "espgen", "run")
	}
	done := filepath.Join(cache, key)
	program = filepath.Join(done, "program")
	if said, err := os.ReadFile(filepath.Join(done, "warnings")); err == nil {
		return program, string(said), nil
	}
	if err := os.MkdirAll(cache, 0o755); err != nil {
		return "", "", err
	}
	if b.dir, err = os.MkdirTemp(cache, ".build-*"); err != nil {
		return "", "", err
	}
	defer os.RemoveAll(b.dir)
	if warned, err = b.build(sources, config); err != nil {
		return "", "", err
	}
	if err := os.WriteFile(filepath.Join(b.dir, "warnings"), []byte(warned), 0o644); err != nil {
		return "", "", err
	}
	// Another process may have built the same meanwhile: its result is as good.
	if err := os.Rename(b.dir, done); err != nil {
		if _, statErr := os.Stat(program); statErr != nil {
			return "", "", err
		}
	}
	return program, warned, nil
}

// CanSanitize reports whether the compiler has the sanitizers, by linking an
// empty program with them.
func CanSanitize(ctx context.Context, cc string) bool {
	cc, err := findCompiler(cc)
	if err != nil {
		return false
	}
	cmd := exec.CommandContext(ctx, cc, sanitizers, "-x", "c", "-o", os.DevNull, "-")
	cmd.Stdin = strings.NewReader("int main(void) { return 0; }\n")
	return cmd.Run() == nil
}

func findCompiler(cc string) (string, error) {
	if cc != "" {
		path, err := exec.LookPath(cc)
		if err != nil {
			return "", fmt.Errorf("the C compiler %s: %w", cc, err)
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

// A builder builds one program in a folder of its own.
type builder struct {
	ctx   context.Context
	cc    string
	flags []string
	dir   string
}

// key is a hash of all that the program comes from.
func (b *builder) key(dir, config string) (string, error) {
	h := sha256.New()
	fmt.Fprintf(h, "%s %q %s %s\n", b.cc, b.flags, runtime.GOARCH, config)
	if info, err := os.Stat(b.cc); err == nil { // a newer compiler has another size or time
		fmt.Fprintf(h, "%d %v\n", info.Size(), info.ModTime())
	}
	for _, fsys := range []fs.FS{files, os.DirFS(filepath.Join(dir, "main"))} {
		err := fs.WalkDir(fsys, ".", func(p string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			f, err := fsys.Open(p)
			if err != nil {
				return err
			}
			defer f.Close()
			fmt.Fprintf(h, "%s\n", p)
			_, err = io.Copy(h, f)
			return err
		})
		if err != nil {
			return "", err
		}
	}
	abs, err := filepath.Abs(dir) // the program names its sources in reports
	fmt.Fprintln(h, abs)
	return hex.EncodeToString(h.Sum(nil))[:32], err
}

func (b *builder) build(sources []string, config string) (warned string, err error) {
	if err := os.CopyFS(b.dir, files); err != nil {
		return "", err
	}
	if err := os.WriteFile(filepath.Join(b.dir, "sdkconfig.h"), []byte(config), 0o644); err != nil {
		return "", err
	}
	include := []string{"-I" + filepath.Join(b.dir, "include"), "-I" + b.dir}

	type unit struct{ args []string }
	var units []unit
	var objects []string
	add := func(source, name string, args ...string) {
		object := filepath.Join(b.dir, name+".o")
		objects = append(objects, object)
		units = append(units, unit{append(args, "-c", source, "-o", object)})
	}
	for i, source := range sources {
		abs, err := filepath.Abs(source)
		if err != nil {
			return "", err
		}
		add(abs, fmt.Sprintf("main%d", i), append(slices.Clone(include), warnings...)...)
	}
	sdk, err := filepath.Glob(filepath.Join(b.dir, "src", "*.c"))
	if err != nil {
		return "", err
	}
	for _, source := range sdk {
		args := include
		if filepath.Base(source) == "sockets.c" {
			args = include[1:] // it uses the PC's own headers
		}
		add(source, "sdk_"+filepath.Base(source), args...)
	}

	// As many compilers at a time as there are processors.
	type result struct {
		said string
		err  error
	}
	results := make([]chan result, len(units))
	slots := make(chan struct{}, runtime.NumCPU())
	for i, u := range units {
		results[i] = make(chan result, 1)
		go func() {
			slots <- struct{}{}
			said, err := b.compile(u.args...)
			<-slots
			results[i] <- result{said, err}
		}()
	}
	for i := range units {
		r := <-results[i]
		warned += r.said
		err = errors.Join(err, r.err)
	}
	if err != nil {
		return "", err
	}
	link := append(objects, "-Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc,--wrap=free", "-o", filepath.Join(b.dir, "program"))
	said, err := b.compile(link...)
	return warned + said, err
}

func (b *builder) compile(args ...string) (string, error) {
	cmd := exec.CommandContext(b.ctx, b.cc, append(slices.Clone(b.flags), args...)...)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	err := cmd.Run()
	var exit *exec.ExitError
	switch {
	case b.ctx.Err() != nil:
		return "", b.ctx.Err()
	case errors.As(err, &exit):
		return "", &CompileError{out.String()}
	}
	return out.String(), err
}

var optionLine = regexp.MustCompile(`(?m)^(CONFIG_\w+)=(.*)$`)

// sdkconfigHeader is the sdkconfig.h that ESP-IDF would make of the project's
// sdkconfig.defaults, over the defaults of the options that the SDK uses.
func sdkconfigHeader(defaults string) string {
	values := map[string]string{
		"CONFIG_LWIP_MAX_SOCKETS":  "10",
		"CONFIG_LOG_DEFAULT_LEVEL": "3",
		"CONFIG_LOG_MAXIMUM_LEVEL": "3",
		"CONFIG_FREERTOS_HZ":       "100",
	}
	levels := []string{"NONE", "ERROR", "WARN", "INFO", "DEBUG", "VERBOSE"}
	for _, m := range optionLine.FindAllStringSubmatch(defaults, -1) {
		name, value := m[1], strings.TrimSpace(m[2])
		if level := slices.Index(levels, strings.TrimPrefix(name, "CONFIG_LOG_DEFAULT_LEVEL_")); level >= 0 && value == "y" {
			values["CONFIG_LOG_DEFAULT_LEVEL"] = fmt.Sprint(level)
			values["CONFIG_LOG_MAXIMUM_LEVEL"] = fmt.Sprint(level)
		}
		switch value {
		case "n":
			delete(values, name)
		case "y":
			values[name] = "1"
		default:
			values[name] = value
		}
	}
	var lines []string
	for name, value := range values {
		lines = append(lines, "#define "+name+" "+value)
	}
	slices.Sort(lines)
	return "#pragma once\n" + strings.Join(lines, "\n") + "\n"
}
