package main

import "github.com/spf13/cobra"

// newHelpCmd is in place of cobra's own, which takes any command without an
// error.
func newHelpCmd() *cobra.Command {
	return &cobra.Command{
		Use:   "help [COMMAND]",
		Short: "Tell how a command is used",
		Args:  arguments(cobra.MaximumNArgs(1)),
		ValidArgsFunction: func(cmd *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
			if len(args) > 0 {
				return nil, cobra.ShellCompDirectiveNoFileComp
			}
			return commandNames(cmd.Root()), cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			about, unknown, err := cmd.Root().Find(args)
			if err != nil {
				return err
			}
			if err := commandOnly(about, unknown); err != nil {
				return err
			}
			about.InitDefaultHelpFlag() // to list it
			return about.Help()
		},
	}
}
