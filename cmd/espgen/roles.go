package main

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/espgen/espgen/generator"
	"github.com/espgen/espgen/generator/spec"
	"github.com/espgen/espgen/templates"
)

func newRolesCmd() *cobra.Command {
	return &cobra.Command{
		Use:   "roles",
		Short: "List the roles and their styles",
		Args:  arguments(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return runRoles(cmd.OutOrStdout())
		},
	}
}

// allRoles reads every role.
func allRoles() ([]spec.Role, error) {
	names, err := generator.RoleNames(templates.FS)
	if err != nil {
		return nil, err
	}
	var roles []spec.Role
	for _, name := range names {
		role, err := generator.LoadRole(templates.FS, name)
		if err != nil {
			return nil, err
		}
		roles = append(roles, role)
	}
	return roles, nil
}

func runRoles(out io.Writer) error {
	roles, err := allRoles()
	if err != nil {
		return err
	}
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "ROLE\tSTYLES\tWHAT IT DOES")
	for _, r := range roles {
		fmt.Fprintf(w, "%s\t%s\t%s\n", r.Name, strings.Join(r.StyleNames(), ", "), r.Summary)
	}
	return w.Flush()
}
