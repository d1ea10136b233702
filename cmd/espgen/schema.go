package main

import (
	"github.com/spf13/cobra"

	"github.com/espgen/espgen/generator/role"
)

func newSchemaCmd() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "schema",
		Short: "Print the JSON Schema of a spec, for editors",
		Long: `Print the JSON Schema (draft 2020-12) of a spec, for editors. With the YAML
language server, begin the spec with

  # yaml-language-server: $schema=espgen.schema.json

and tell the editor of the spec's tags, as in VS Code's settings:

  "yaml.customTags": ["!env scalar", "!secret scalar"]

A schema sees no tags: the editor may take NAME in !secret NAME for the value,
and mark it where the field has a form. espgen validate does not. Of a spec that
includes another one, a schema sees a part: the editor checks its fields one by
one, and espgen validate the whole.`,
		Example: "  espgen schema >espgen.schema.json",
		Args:    arguments(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			lib, err := openLibrary(cmd)
			if err != nil {
				return err
			}
			roles, err := lib.Roles()
			if err != nil {
				return err
			}
			text, err := role.Schema(roles)
			if err != nil {
				return err
			}
			_, err = cmd.OutOrStdout().Write(text)
			return err
		},
	}
	addTemplates(cmd)
	return cmd
}
