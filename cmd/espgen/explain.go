package main

import (
	"cmp"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/espgen/espgen/generator/spec"
)

func newExplainCmd() *cobra.Command {
	return &cobra.Command{
		Use:     "explain [FIELD]",
		Short:   "Tell what a spec's fields mean, and what they may hold",
		Example: "  espgen explain\n  espgen explain wifi\n  espgen explain wifi.retries",
		Args:    arguments(cobra.MaximumNArgs(1)),
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return fieldPaths(), cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			path := ""
			if len(args) > 0 {
				path = args[0]
			}
			return runExplain(cmd.OutOrStdout(), path)
		},
	}
}

func fieldPaths() []string {
	var paths []string
	for _, f := range spec.Fields() {
		paths = append(paths, f.Path)
	}
	return paths
}

// runExplain explains a field, or lists those of a section, or all.
func runExplain(out io.Writer, path string) error {
	roles, err := allRoles()
	if err != nil {
		return err
	}
	if f, ok := spec.FieldAt(path); ok {
		return explainField(out, f, roles)
	}
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	found := false
	for _, f := range spec.Fields() {
		if path == "" || strings.HasPrefix(f.Path, path+".") {
			found = true
			fmt.Fprintf(w, "%s\t%s\n", f.Path, f.Summary)
		}
	}
	if !found {
		return &usageError{fmt.Sprintf("unknown field %q", path), cmp.Or(spec.Near(path, fieldPaths()), "`espgen explain` lists the fields")}
	}
	return w.Flush()
}

func explainField(out io.Writer, f spec.Field, roles []spec.Role) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintf(w, "%s is %s.\n\n", f.Path, f.Summary)
	fmt.Fprintf(w, "type\t%s\n", f.Kind)
	fmt.Fprintf(w, "default\t%s\n", f.DefaultText())
	fmt.Fprintf(w, "allowed\t%s\n", f.Range())
	fmt.Fprintf(w, "drives\t%s\n", f.C)
	if f.Guide != "" {
		fmt.Fprintf(w, "guide\tsection %s\n", f.Guide)
	}
	if f.Note != "" {
		fmt.Fprintf(w, "note\t%s\n", f.Note)
	}
	var users []string
	for _, r := range roles {
		for _, name := range r.StyleNames() {
			if _, ok := r.Styles[name].Uses(f); ok {
				users = append(users, fmt.Sprintf("%s (%s)", r.Name, name))
			}
		}
	}
	fmt.Fprintf(w, "used by\t%s\n", strings.Join(users, ", "))
	return w.Flush()
}
