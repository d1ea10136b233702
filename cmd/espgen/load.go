package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/espgen/espgen/generator"
	"github.com/espgen/espgen/generator/field"
	"github.com/espgen/espgen/generator/role"
	"github.com/espgen/espgen/generator/rules"
	"github.com/espgen/espgen/generator/spec"
	"github.com/espgen/espgen/library"
	"github.com/espgen/espgen/plainfile"
)

// specFlags are the flags of the commands that read a spec.
type specFlags struct {
	set    []string
	format string
}

func (o *specFlags) add(cmd *cobra.Command) {
	o.addSet(cmd)
	cmd.Flags().StringVar(&o.format, "format", "text", "how problems are printed: `text|json`")
	complete(cmd, "format", "text", "json")
}

func (o *specFlags) addSet(cmd *cobra.Command) {
	cmd.Flags().StringArrayVar(&o.set, "set", nil, "set a field, before what the file says: `PATH=VALUE`")
	addTemplates(cmd)
	must(cmd.RegisterFlagCompletionFunc("set", completeSet))
}

func (o *specFlags) check() error {
	if o.format != "text" && o.format != "json" {
		return &usageError{fmt.Sprintf("--format: unknown format %q", o.format), "allowed: text, json"}
	}
	return o.checkSet()
}

func (o *specFlags) checkSet() error {
	for _, pair := range o.set {
		if !strings.Contains(pair, "=") {
			// Not shown: it may hold a secret.
			return &usageError{"--set requires a path and a value", "write --set wifi.ssid=NAME"}
		}
	}
	return nil
}

func (o *specFlags) json() bool { return o.format == "json" }

// loadSpec reads a spec and checks it against the role of that name, or where
// that is "", against the one that the spec names. Where needed is not nil, only
// those fields must have what their !env and !secret name.
func loadSpec(cmd *cobra.Command, file, roleName string, set, needed []string) (*loadedSpec, error) {
	data, err := readSpec(cmd.InOrStdin(), file)
	if err != nil {
		return nil, err
	}
	lib, err := openLibraryFor(cmd, file, data)
	if err != nil {
		return nil, err
	}
	parsed := parseSpec(lib, file, data, set, needed, roleName)
	loaded := &loadedSpec{lib: lib}
	if roleName != "" {
		loaded.role, err = findRole(lib, roleName)
	} else {
		loaded.role, err = namedRole(lib, parsed)
	}
	if err != nil {
		return nil, err
	}
	loaded.parsed = parsed
	loaded.spec, err = rules.CheckFile(parsed, loaded.role)
	return loaded, err
}

// render renders the spec. What it may not hide is told with its place.
func (l loadedSpec) render(ctx context.Context) ([]generator.File, error) {
	files, err := l.lib.Render(ctx, l.role, l.spec)
	if issues, ok := errors.AsType[spec.Issues](err); ok {
		err = l.parsed.Place(issues)
	}
	return files, err
}

// A loadedSpec is a checked spec with its role, and where that comes from.
type loadedSpec struct {
	lib  *library.Library
	role role.Role
	spec *spec.Spec

	parsed *spec.File
}

// parseSpec reads a spec with the fields of the role that it names, or else of
// the one called otherwise.
func parseSpec(lib *library.Library, file string, data []byte, set, needed []string, otherwise string) *spec.File {
	from := spec.Sources{
		Set: set, Env: os.LookupEnv, Secret: secrets(file), Include: include, Needed: needed,
		Table: func(role string) field.Table { return tableOf(lib, cmp.Or(role, otherwise)) },
	}
	if file == "-" {
		file, from.Include = "<stdin>", nil
	}
	return spec.Parse(file, data, from)
}

// parseLocked reads the values that a project's lock has in the place of the
// spec. name is the lock's.
func parseLocked(lib *library.Library, name string, values []spec.Value, set, needed []string, otherwise string) *spec.File {
	return spec.ParseValues(name, values, spec.Sources{
		Set: set, Env: os.LookupEnv, Secret: secrets(name), Needed: needed,
		Table: func(role string) field.Table { return tableOf(lib, cmp.Or(role, otherwise)) },
	})
}

// sourcesOf returns what the values of a spec in a file come from beside it.
func sourcesOf(file string) spec.Sources {
	return spec.Sources{Env: os.LookupEnv, Secret: secrets(file), Include: include}
}

// readSpec returns the file's bytes, or those of standard input for "-". It
// stops reading where the file is larger than a spec may be.
func readSpec(in io.Reader, file string) ([]byte, error) {
	if file == "-" {
		data, err := io.ReadAll(io.LimitReader(in, spec.MaxBytes+1))
		if err != nil {
			return nil, fmt.Errorf("reading the spec: %w", err)
		}
		return data, nil // one byte too much is told with the spec's problems
	}
	data, err := plainfile.Read(file, spec.MaxBytes)
	_, isKind := errors.AsType[*plainfile.KindError](err)
	_, isSize := errors.AsType[*plainfile.SizeError](err)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, &hintError{err, "`espgen init ROLE -o " + shellQuote(file) + "` writes one to start from"}
	case isKind:
		return nil, &hintError{err, "name a file, or pipe the spec to espgen and name it -f -"}
	case isSize:
		return make([]byte, spec.MaxBytes+1), nil // as of standard input
	}
	return data, err
}

// shellQuote quotes a file's name for a command that a person may copy.
func shellQuote(name string) string {
	if strings.HasPrefix(name, "-") {
		name = "./" + name // it is no flag
	}
	if name == "" || strings.HasPrefix(name, "~") || strings.ContainsFunc(name, special) {
		return "'" + strings.ReplaceAll(name, "'", `'\''`) + "'"
	}
	return name
}

// special reports whether r may mean something to a shell.
func special(r rune) bool {
	return r < 0x80 && !strings.ContainsRune("/._-+~:@%", r) && (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z')
}

// include reads the file that another one includes. Its name is relative to
// that one's folder.
func include(file, name string) (included string, data []byte, err error) {
	included = filepath.Join(filepath.Dir(file), filepath.FromSlash(name))
	if data, err = plainfile.Read(included, spec.MaxBytes); err != nil {
		err = errors.New(message(err))
	}
	return included, data, err
}

// secretsName is the file that !secret looks into.
const secretsName = "secrets.yaml"

// secrets returns the look-up of what !secret names: in secrets.yaml beside the
// file that names it, else beside the spec. Each is read when it is first asked
// for.
func secrets(specFile string) func(file, name string) (string, bool, error) {
	known := map[string]*spec.SecretFile{}
	find := func(dir, name string) (string, bool, error) {
		if known[dir] == nil {
			path := filepath.Join(dir, secretsName)
			data, err := plainfile.Read(path, spec.MaxBytes)
			if err != nil {
				return "", false, err
			}
			if known[dir], err = spec.ParseSecrets(path, data); err != nil {
				return "", false, err
			}
		}
		return known[dir].Find(name)
	}
	return func(file, name string) (string, bool, error) {
		if specFile == "-" {
			return "", false, errors.New("a spec from standard input has no folder to look for secrets.yaml in")
		}
		beside, home := filepath.Dir(file), filepath.Dir(specFile)
		if beside != home {
			if value, ok, err := find(beside, name); ok || err != nil && !errors.Is(err, fs.ErrNotExist) {
				return value, ok, err
			}
		}
		return find(home, name)
	}
}

// complete completes a flag with fixed values.
func complete(cmd *cobra.Command, flag string, values ...string) {
	must(cmd.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(values, cobra.ShellCompDirectiveNoFileComp)))
}

// must panics where a command is built wrongly, which the first test sees.
func must(err error) {
	if err != nil {
		panic(err)
	}
}
