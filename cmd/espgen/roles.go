package main

import (
	"fmt"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"
)

func newRolesCmd() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "roles",
		Short: "List the roles and their styles",
		Args:  arguments(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return runRoles(cmd)
		},
	}
	addTemplates(cmd)
	return cmd
}

func runRoles(cmd *cobra.Command) error {
	out := cmd.OutOrStdout()
	lib, err := openLibrary(cmd)
	if err != nil {
		return err
	}
	roles, err := lib.Roles()
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
