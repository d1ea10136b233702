package main

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/espgen/espgen/generator/spec"
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
		return root.GenBashCompletionV2(out, true)
	case "zsh":
		return root.GenZshCompletion(out)
	case "fish":
		return root.GenFishCompletion(out, true)
	case "powershell":
		return root.GenPowerShellCompletionWithDesc(out)
	}
	return &usageError{fmt.Sprintf("unknown shell %q", shell), spec.Suggest(shell, shells)}
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
