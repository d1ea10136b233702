package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/espgen/espgen/generator"
	"github.com/espgen/espgen/generator/spec"
	"github.com/espgen/espgen/plainfile"
	"github.com/espgen/espgen/templates"
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
	must(cmd.RegisterFlagCompletionFunc("set", func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		var list []string
		for _, f := range spec.Fields() {
			list = append(list, f.Path+"=\t"+f.Summary)
		}
		return list, cobra.ShellCompDirectiveNoSpace | cobra.ShellCompDirectiveNoFileComp
	}))
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

// loadSpec reads a spec and checks it against a role, or where that is nil,
// against the one that the spec names. Where needed is not nil, only those
// fields must have what their !env and !secret name.
func loadSpec(in io.Reader, file string, role *spec.Role, set, needed []string) (*spec.Spec, error) {
	data, err := readSpec(in, file)
	if err != nil {
		return nil, err
	}
	parsed := parseSpec(file, data, set, needed)
	if role == nil {
		named, err := namedRole(parsed)
		if err != nil {
			return nil, err
		}
		role = &named
	}
	return parsed.Check(*role)
}

func parseSpec(file string, data []byte, set, needed []string) *spec.File {
	name := file
	if file == "-" {
		name = "<stdin>"
	}
	return spec.Parse(name, data, spec.Sources{Set: set, Env: os.LookupEnv, Secret: secrets(file), Needed: needed})
}

// parseLocked reads the values that a project's lock has in the place of the
// spec. name is the lock's.
func parseLocked(name string, values []spec.Value, set, needed []string) *spec.File {
	return spec.ParseValues(name, values, spec.Sources{Set: set, Env: os.LookupEnv, Secret: secrets(name), Needed: needed})
}

// namedRole reads the role that a spec names.
func namedRole(parsed *spec.File) (spec.Role, error) {
	names, err := generator.RoleNames(templates.FS)
	if err != nil {
		return spec.Role{}, err
	}
	if err := parsed.CheckRole(names); err != nil {
		return spec.Role{}, err
	}
	return loadRole(parsed.Role())
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

// secretsName is the file that !secret looks into.
const secretsName = "secrets.yaml"

// secrets returns the look-up of what !secret names: secrets.yaml beside the
// spec, read when it is first asked for.
func secrets(file string) func(string) (string, bool, error) {
	var known *spec.SecretFile
	return func(name string) (string, bool, error) {
		if file == "-" {
			return "", false, errors.New("a spec from standard input has no folder to look for secrets.yaml in")
		}
		if known == nil {
			path := filepath.Join(filepath.Dir(file), secretsName)
			data, err := plainfile.Read(path, spec.MaxBytes)
			if err != nil {
				return "", false, err
			}
			if known, err = spec.ParseSecrets(path, data); err != nil {
				return "", false, err
			}
		}
		return known.Find(name)
	}
}

// loadRole reads the role that a command's argument names.
func loadRole(name string) (spec.Role, error) {
	role, err := generator.LoadRole(templates.FS, name)
	if errors.Is(err, fs.ErrNotExist) {
		names, err := generator.RoleNames(templates.FS)
		if err != nil {
			return role, err
		}
		return role, &usageError{fmt.Sprintf("unknown role %q", name), spec.Suggest(name, names)}
	}
	return role, err
}

// describe says in a line what a checked spec asks for.
func describe(s *spec.Spec) string {
	title := s.Role
	if role, err := loadRole(s.Role); err == nil {
		title = role.Title
	}
	return fmt.Sprintf("%s, %s style, %s", title, *s.Style, *s.Target)
}

// completeRoles completes the first argument with the roles.
func completeRoles(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	names, err := generator.RoleNames(templates.FS)
	if err != nil {
		return nil, cobra.ShellCompDirectiveError
	}
	return names, cobra.ShellCompDirectiveNoFileComp
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
