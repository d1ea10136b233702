package main

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/espgen/espgen/generator/spec"
)

func newExplainCmd() *cobra.Command {
	cmd := &cobra.Command{
		Use:     "explain [FIELD]",
		Short:   "Tell what a spec's fields mean, and what they may hold",
		Example: "  espgen explain\n  espgen explain wifi\n  espgen explain wifi.retries",
		Args:    arguments(cobra.MaximumNArgs(1)),
		ValidArgsFunction: func(cmd *cobra.Command, _ []string, _ string) ([]string, cobra.ShellCompDirective) {
			lib, err := openLibrary(cmd)
			if err != nil {
				return nil, cobra.ShellCompDirectiveError
			}
			return everyField(lib).Paths(), cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			path := ""
			if len(args) > 0 {
				path = args[0]
			}
			return runExplain(cmd, path)
		},
	}
	addTemplates(cmd)
	return cmd
}

// runExplain explains a field, or lists those of a section, or all.
func runExplain(cmd *cobra.Command, path string) error {
	out := cmd.OutOrStdout()
	lib, err := openLibrary(cmd)
	if err != nil {
		return err
	}
	roles, err := lib.Roles()
	if err != nil {
		return err
	}
	fields := spec.Union(roles)
	if _, ok := fields.At(path); ok {
		return explainField(out, path, roles)
	}
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	found := false
	for _, f := range fields {
		if path == "" || strings.HasPrefix(f.Path, path+".") {
			found = true
			fmt.Fprintf(w, "%s\t%s\n", f.Path, f.Summary)
		}
	}
	if !found {
		return &usageError{fmt.Sprintf("unknown field %q", path), cmp.Or(spec.Near(path, fields.Paths()), "`espgen explain` lists the fields")}
	}
	return w.Flush()
}

// explainField explains a field as each role has it that uses it. Roles of which
// it is the same share one text.
func explainField(out io.Writer, path string, roles []spec.Role) error {
	var texts []string
	users := map[string][]string{}
	for _, r := range roles {
		f, ok := r.Table().At(path)
		if !ok {
			continue
		}
		text := fieldText(f)
		if !slices.Contains(texts, text) {
			texts = append(texts, text)
		}
		for _, name := range r.StyleNames() {
			if _, ok := r.Styles[name].Uses(f); ok {
				users[text] = append(users[text], fmt.Sprintf("%s (%s)", r.Name, name))
			}
		}
	}
	for i, text := range texts {
		if i > 0 {
			fmt.Fprintln(out)
		}
		head, rows, _ := strings.Cut(text, "\n\n")
		fmt.Fprintf(out, "%s\n\n", head)
		w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
		fmt.Fprintf(w, "%sused by\t%s\n", rows, strings.Join(users[text], ", "))
		if err := w.Flush(); err != nil {
			return err
		}
	}
	return nil
}

// fieldText is what a row says: a line, and then names and texts with a tab
// between them.
func fieldText(f spec.Field) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s is %s.\n\n", f.Path, f.Summary)
	for _, row := range [][2]string{
		{"type", f.Kind.String()},
		{"default", f.DefaultText()},
		{"allowed", f.Range()},
		{"drives", f.C},
		{"guide", strings.TrimSuffix("section "+f.Guide, "section ")},
		{"note", f.Note},
	} {
		if row[1] != "" {
			fmt.Fprintf(&b, "%s\t%s\n", row[0], row[1])
		}
	}
	return b.String()
}
