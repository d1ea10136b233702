package main

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/espgen/espgen/generator/field"
	"github.com/espgen/espgen/generator/role"
	"github.com/espgen/espgen/generator/rules"
	"github.com/espgen/espgen/generator/spec"
	"github.com/espgen/espgen/library"
)

// templatesVariable is the environment's --templates.
const templatesVariable = "ESPGEN_TEMPLATES"

// addTemplates adds the flag that every command has which knows roles.
func addTemplates(cmd *cobra.Command) {
	cmd.Flags().String("templates", "", "take roles and parts from `DIR`, too (default $"+templatesVariable+")")
	must(cmd.MarkFlagDirname("templates"))
}

// openLibrary opens the roles that a command line asks for.
func openLibrary(cmd *cobra.Command) (*library.Library, error) {
	dir, _ := cmd.Flags().GetString("templates")
	if dir == "" {
		dir = os.Getenv(templatesVariable) //nolint:forbidigo // it is a choice of the user, as a flag is
	}
	return libraryIn(dir)
}

func libraryIn(dir string) (*library.Library, error) {
	if dir == "" {
		return library.BuiltIn(), nil
	}
	lib, err := library.Open(dir, version())
	if errors.Is(err, fs.ErrNotExist) {
		return nil, &hintError{fmt.Errorf("the templates: %w", err), "name the folder that holds the roles' folders; `espgen role new NAME " + shellQuote(dir) + "` makes one"}
	}
	if err != nil {
		return nil, fmt.Errorf("the templates: %w", err)
	}
	return lib, nil
}

// openLibraryFor opens the roles that a command line asks for, or else those
// that the spec does, in a folder that is relative to it.
func openLibraryFor(cmd *cobra.Command, file string, data []byte) (*library.Library, error) {
	lib, err := openLibrary(cmd)
	if err != nil || lib.Dir != "" || !bytes.Contains(data, []byte("templates")) {
		return lib, err
	}
	dir := spec.TemplatesOf(data)
	if dir != "" && !filepath.IsAbs(dir) && file != "-" {
		dir = filepath.Join(filepath.Dir(file), filepath.FromSlash(dir))
	}
	return libraryIn(dir)
}

// findRole reads the role that a command's argument names.
func findRole(lib *library.Library, name string) (role.Role, error) {
	role, err := lib.Role(name)
	if errors.Is(err, fs.ErrNotExist) {
		names, err := lib.Names()
		if err != nil {
			return role, err
		}
		return role, &usageError{fmt.Sprintf("unknown role %q", name), field.Suggest(name, names)}
	}
	return role, err
}

// namedRole reads the role that a spec names.
func namedRole(lib *library.Library, parsed *spec.File) (role.Role, error) {
	names, err := lib.Names()
	if err != nil {
		return role.Role{}, err
	}
	if err := rules.CheckRole(parsed, names); err != nil {
		return role.Role{}, err
	}
	return findRole(lib, parsed.Role())
}

// everyField returns the fields of all roles.
func everyField(lib *library.Library) field.Table {
	roles, err := lib.Roles()
	if err != nil {
		return field.Shared()
	}
	return role.Union(roles)
}

// tableOf returns the fields of a role, or where there is no such role those
// that every one has.
func tableOf(lib *library.Library, name string) field.Table {
	role, err := lib.Role(name)
	if err != nil {
		return field.Shared()
	}
	return role.Table()
}

// describe says in a line what a checked spec asks for.
func describe(lib *library.Library, s *spec.Spec) string {
	title := s.Role
	if role, err := lib.Role(s.Role); err == nil {
		title = role.Title
	}
	return fmt.Sprintf("%s, %s style, %s", title, *s.Style, *s.Target)
}

// completeRoles completes the first argument with the roles.
func completeRoles(cmd *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	lib, err := openLibrary(cmd)
	if err != nil {
		return nil, cobra.ShellCompDirectiveError
	}
	names, err := lib.Names()
	if err != nil {
		return nil, cobra.ShellCompDirectiveError
	}
	return names, cobra.ShellCompDirectiveNoFileComp
}
