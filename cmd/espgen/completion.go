package main

import (
	"fmt"
	"io"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/espgen/espgen/generator/field"
	"github.com/espgen/espgen/generator/role"
	"github.com/espgen/espgen/lazyregexp"
	"github.com/espgen/espgen/plainfile"
	"github.com/espgen/espgen/project"
)

var shells = []string{"bash", "zsh", "fish", "powershell"}

// newCompletionCmd is in place of cobra's own, which takes any shell without
// an error.
func newCompletionCmd() *cobra.Command {
	return &cobra.Command{
		Use:   "completion SHELL",
		Short: "Print the completion script of a shell",
		Long: `Print the completion script of a shell: bash, zsh, fish or powershell. This
loads it into the running shell:

  bash        source <(espgen completion bash)      requires the package bash-completion
  zsh         source <(espgen completion zsh)
  fish        espgen completion fish | source
  powershell  espgen completion powershell | Out-String | Invoke-Expression

The same line in the shell's start-up file loads it into every shell.`,
		Args:              arguments(cobra.ExactArgs(1)),
		ValidArgsFunction: cobra.FixedCompletions(shells, cobra.ShellCompDirectiveNoFileComp),
		RunE: func(cmd *cobra.Command, args []string) error {
			return runCompletion(cmd.Root(), cmd.OutOrStdout(), args[0])
		},
	}
}

func runCompletion(root *cobra.Command, out io.Writer, shell string) error {
	switch shell {
	case "bash":
		return bashCompletion(root, out)
	case "zsh":
		return root.GenZshCompletion(out)
	case "fish":
		return root.GenFishCompletion(out, true)
	case "powershell":
		return root.GenPowerShellCompletionWithDesc(out)
	}
	return &usageError{fmt.Sprintf("unknown shell %q", shell), field.Suggest(shell, shells)}
}

// bashCompletion prints cobra's script. That puts a backslash before each comma,
// and takes what has been typed without one for another word.
func bashCompletion(root *cobra.Command, out io.Writer) error {
	var script strings.Builder
	if err := root.GenBashCompletionV2(&script, true); err != nil {
		return err
	}
	escapes := regexp.MustCompile(`(?m)^( *)(?:printf -v (comp) "%q"|(COMPREPLY\[0\])=\$\(printf "%q").*$`)
	_, err := io.WriteString(out, escapes.ReplaceAllString(script.String(), "$0\n$1$2$3=$${$2$3//\\\\,/,}"))
	return err
}

// completeEvents completes a flag that has a list of events: after a comma, too,
// with those that it does not have yet, and what each requires.
func completeEvents(cmd *cobra.Command, flag string, events map[string]string) {
	must(cmd.RegisterFlagCompletionFunc(flag, func(_ *cobra.Command, _ []string, begun string) ([]string, cobra.ShellCompDirective) {
		before := begun[:strings.LastIndexByte(begun, ',')+1]
		var list []string
		for _, name := range slices.Sorted(maps.Keys(events)) {
			value := events[name]
			if slices.ContainsFunc(strings.Split(before, ","), func(e string) bool { return e == name || strings.HasPrefix(e, name+"=") }) {
				continue
			}
			switch {
			case value == "":
				list = append(list, before+name)
			case strings.HasPrefix(value, "["):
				list = append(list, before+name+"\tor "+name+"="+strings.Trim(value, "[]"))
			default:
				list = append(list, before+name+"=\t"+value)
			}
		}
		return list, cobra.ShellCompDirectiveNoSpace | cobra.ShellCompDirectiveNoFileComp
	}))
}

// completeSet completes PATH=VALUE: the fields that the role uses, as far as the
// arguments tell which it is, and then the values of a field that has few.
func completeSet(cmd *cobra.Command, args []string, begun string) ([]string, cobra.ShellCompDirective) {
	const directive = cobra.ShellCompDirectiveNoFileComp
	roles := rolesOf(cmd, args)
	var list []string
	if path, _, ok := strings.Cut(begun, "="); ok {
		for _, value := range valuesOf(path, roles) {
			list = append(list, path+"="+value)
		}
		return list, directive
	}
	for _, f := range role.Union(roles) {
		if slices.ContainsFunc(roles, func(r role.Role) bool { return usesField(r, f) }) {
			list = append(list, f.Path+"=\t"+f.Summary)
		}
	}
	return list, directive | cobra.ShellCompDirectiveNoSpace
}

// rolesOf returns the roles that a command may be about: the one that it is
// given, that of the project that it is given, or else all.
func rolesOf(cmd *cobra.Command, args []string) []role.Role {
	named := ""
	if strings.Contains(cmd.Use, "ROLE") && len(args) > 0 {
		named = args[0]
	} else if lock, err := plainfile.Read(filepath.Join(locateProject(dirOf(args)), project.LockFile), maxSourceSize); err == nil {
		if m := lockedRole().FindSubmatch(lock); m != nil { // to open the project could mean to wait, or to finish an update
			named = string(m[1])
		}
	}
	lib, err := openLibrary(cmd)
	if err != nil {
		return nil // a completion has nowhere to tell of an error
	}
	if r, err := lib.Role(named); err == nil {
		return []role.Role{r}
	}
	roles, _ := lib.Roles()
	return roles
}

var lockedRole = lazyregexp.New(`(?m)^role: (\S+)$`)

// usesField reports whether a style of the role uses a field.
func usesField(r role.Role, f field.Field) bool {
	return slices.ContainsFunc(r.StyleNames(), func(style string) bool {
		_, ok := r.Styles[style].Uses(f)
		return ok
	})
}

// valuesOf lists the values of a field, where they are few.
func valuesOf(path string, roles []role.Role) []string {
	var list []string
	f, _ := role.Union(roles).At(path)
	switch {
	case path == "role":
		for _, r := range roles {
			list = append(list, r.Name)
		}
	case path == "style":
		for _, r := range roles {
			list = append(list, r.StyleNames()...)
		}
		slices.Sort(list)
		list = slices.Compact(list)
	case f.Path != "" && f.Kind == field.Boolean:
		list = []string{"false", "true"}
	default:
		list = f.Values
	}
	return list
}
