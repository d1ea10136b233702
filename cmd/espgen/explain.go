package main

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/espgen/espgen/generator/field"
	"github.com/espgen/espgen/generator/role"
	"github.com/espgen/espgen/hostsdk"
)

func newExplainCmd() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "explain [FIELD | ERROR | CALL | REASON]",
		Short: "Tell what a spec's fields, errors, socket calls and Wi-Fi reasons mean",
		Long: `Tell what a field of a spec means, and what it may hold; without an argument,
list all fields. It also tells what an error of the sockets means, by its name
or by ESP-IDF's number as the log shows it, when a socket call gives which, and
what a reason of WIFI_EVENT_STA_DISCONNECTED means, by its name or number.`,
		Example: `  espgen explain
  espgen explain wifi
  espgen explain wifi.retries
  espgen explain 104
  espgen explain ECONNRESET
  espgen explain connect
  espgen explain NO_AP_FOUND`,
		Args: arguments(cobra.MaximumNArgs(1)),
		ValidArgsFunction: func(cmd *cobra.Command, _ []string, _ string) ([]string, cobra.ShellCompDirective) {
			lib, err := openLibrary(cmd)
			if err != nil {
				return nil, cobra.ShellCompDirectiveError
			}
			return append(everyField(lib).Paths(), referenceNames()...), cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			word := ""
			if len(args) > 0 {
				word = args[0]
			}
			return runExplain(cmd, word)
		},
	}
	addTemplates(cmd)
	return cmd
}

func referenceNames() []string {
	r, err := hostsdk.LoadReference()
	if err != nil {
		return nil // a completion has no place for an error
	}
	return r.Names()
}

// runExplain explains a field, an error, a call or a reason, or lists the fields
// of a section, or all.
func runExplain(cmd *cobra.Command, word string) error {
	out := cmd.OutOrStdout()
	lib, err := openLibrary(cmd)
	if err != nil {
		return err
	}
	roles, err := lib.Roles()
	if err != nil {
		return err
	}
	fields := role.Union(roles)
	if _, ok := fields.At(word); ok {
		return explainField(out, word, roles)
	}
	if listed, err := listFields(out, fields, word); listed || err != nil {
		return err
	}
	all, err := hostsdk.LoadReference()
	if err != nil {
		return err
	}
	found := all.Lookup(word)
	if len(found.Names()) == 0 {
		return unknownWord(fields, word)
	}
	return explainFound(out, all, found)
}

func unknownWord(fields field.Table, word string) error {
	hint := field.Near(word, append(fields.Paths(), referenceNames()...))
	return &usageError{
		fmt.Sprintf("unknown field %q, and no error, socket call or Wi-Fi reason has that name or number", word),
		cmp.Or(hint, "`espgen explain` lists the fields; `espgen explain --help` shows what else there is"),
	}
}

// listFields lists the fields of a section, or all, and reports whether there
// are any.
func listFields(out io.Writer, fields field.Table, section string) (listed bool, err error) {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	for _, f := range fields {
		if section == "" || strings.HasPrefix(f.Path, section+".") {
			listed = true
			fmt.Fprintf(w, "%s\t%s\n", f.Path, f.Summary)
		}
	}
	return listed, w.Flush()
}

// explainField explains a field as each role has it that uses it. Roles of which
// it is the same share one text.
func explainField(out io.Writer, path string, roles []role.Role) error {
	var texts []string
	of := map[string][]role.Role{}
	for _, r := range roles {
		f, ok := r.Table().At(path)
		if !ok {
			continue
		}
		text := fieldText(f, nil)
		if !slices.Contains(texts, text) {
			texts = append(texts, text)
		}
		of[text] = append(of[text], r)
	}
	for i, text := range texts {
		if i > 0 {
			fmt.Fprintln(out)
		}
		f, _ := of[text][0].Table().At(path)
		var users []string
		for _, r := range of[text] {
			for _, name := range r.StyleNames() {
				if _, ok := r.Styles[name].Uses(f); ok {
					users = append(users, fmt.Sprintf("%s (%s)", r.Name, name))
				}
			}
		}
		head, rows, _ := strings.Cut(fieldText(f, of[text]), "\n\n")
		fmt.Fprintf(out, "%s\n\n", head)
		w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
		fmt.Fprintf(w, "%sused by\t%s\n", rows, strings.Join(users, ", "))
		if err := w.Flush(); err != nil {
			return err
		}
	}
	return nil
}

// fieldText is what a row says, and roles make of it: a line, and then names and texts with a tab
// between them.
func fieldText(f field.Field, roles []role.Role) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s is %s.\n\n", f.Path, f.Summary)
	for _, row := range [][2]string{
		{"type", f.Kind.String()},
		{"default", role.DefaultText(f, roles)},
		{"allowed", role.RangeText(f, roles)},
		{"drives", role.DrivesText(f, roles)},
		{"guide", strings.TrimSuffix("section "+f.Guide, "section ")},
		{"note", f.Note},
	} {
		if row[1] != "" {
			fmt.Fprintf(&b, "%s\t%s\n", row[0], row[1])
		}
	}
	return b.String()
}

// explainFound explains what was found in the reference, one after the other.
func explainFound(out io.Writer, all, found hostsdk.Reference) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	between := ""
	next := func() {
		fmt.Fprint(w, between)
		between = "\n"
	}
	for _, e := range found.Errnos {
		next()
		explainErrno(w, all, e)
	}
	for _, c := range found.Calls {
		next()
		explainCall(w, all, c)
	}
	for _, r := range found.Reasons {
		next()
		explainReason(w, r)
	}
	return w.Flush()
}

func explainErrno(w io.Writer, all hostsdk.Reference, e hostsdk.Errno) {
	where := "errno"
	if e.Of != "" {
		where = "the result of " + e.Of + "()"
	}
	name := e.Name
	if e.Also != "" {
		name += ", or " + e.Also + ","
	}
	fmt.Fprintf(w, "%s is %d in %s: %s.\n\n", name, e.Number, where, e.Means)
	for _, c := range all.Calls {
		for _, given := range c.Errors {
			if given.Name == e.Name {
				fmt.Fprintf(w, "%s()\t%s\n", c.Name, given.When)
			}
		}
	}
	fmt.Fprintf(w, "what to do\t%s\n", e.Do)
	if e.Linux != 0 {
		fmt.Fprintf(w, "note\t%d is ESP-IDF's number; on Linux it is %d\n", e.Number, e.Linux)
	}
}

func explainCall(w io.Writer, all hostsdk.Reference, c hostsdk.Call) {
	fmt.Fprintf(w, "%s() %s.\n\n", c.Name, c.Does)
	fmt.Fprintf(w, "prototype\t%s\n", c.Prototype)
	fmt.Fprintf(w, "returns\t%s\n", c.Returns)
	for _, e := range c.Errors {
		fmt.Fprintf(w, "%s (%d)\t%s\n", e.Name, all.Errno(e.Name).Number, e.When)
	}
}

func explainReason(w io.Writer, r hostsdk.Reason) {
	fmt.Fprintf(w, "%s is reason %d of WIFI_EVENT_STA_DISCONNECTED: %s.\n\n", r.Name, r.Number, r.Means)
	fmt.Fprintf(w, "what to do\t%s\n", r.Do)
	if r.Since != "" {
		fmt.Fprintf(w, "note\t%s\n", r.Since)
	}
}
