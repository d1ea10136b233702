package main

import (
	"github.com/spf13/cobra"

	"github.com/espgen/espgen/library"
)

// newRenderTemplatesCmd is the process that executes the templates of a folder,
// for another espgen.
func newRenderTemplatesCmd() *cobra.Command {
	return &cobra.Command{
		Use:    library.RenderCommand,
		Hidden: true,
		Args:   arguments(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return library.RenderFor(cmd.InOrStdin(), cmd.OutOrStdout())
		},
	}
}
