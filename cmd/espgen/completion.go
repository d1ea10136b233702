package main

import (
	"fmt"
	"io"

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

  bash        source <(espgen completion bash)
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
