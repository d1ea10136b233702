package main

import (
	"github.com/spf13/cobra"

	"github.com/espgen/espgen/generator/role"
)

func newRoleSchemaCmd() *cobra.Command {
	var part bool
	cmd := &cobra.Command{
		Use:   "schema",
		Short: "Print the JSON Schema of a role.yaml or part.yaml, for editors",
		Long: `Print the JSON Schema (draft 2020-12) of a role.yaml, or of a part.yaml, for
editors. With the YAML language server, begin the file with

  # yaml-language-server: $schema=../role.schema.json

A schema does not know which fields and parts there are, and what expressions
mean: espgen role check does.`,
		Example: "  espgen role schema >roles/role.schema.json\n  espgen role schema --part >roles/part.schema.json",
		Args:    arguments(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			schema := role.FileSchema
			if part {
				schema = role.PartSchema
			}
			text, err := schema()
			if err != nil {
				return err
			}
			_, err = cmd.OutOrStdout().Write(text)
			return err
		},
	}
	cmd.Flags().BoolVar(&part, "part", false, "the schema of a part.yaml")
	return cmd
}
