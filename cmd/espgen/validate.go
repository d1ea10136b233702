package main

import (
	"fmt"
	"io"
	"slices"

	"github.com/spf13/cobra"

	"github.com/espgen/espgen/generator/spec"
)

func newValidateCmd() *cobra.Command {
	var o specFlags
	cmd := &cobra.Command{
		Use:     "validate FILE...",
		Short:   "Check specs, and print every problem",
		Example: "  espgen validate spec.yaml\n  espgen validate --format json specs/*.yaml",
		Args:    arguments(cobra.MinimumNArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			return runValidate(cmd, o, args)
		},
	}
	o.add(cmd)
	return cmd
}

func runValidate(cmd *cobra.Command, o specFlags, files []string) error {
	if err := o.check(); err != nil {
		return err
	}
	var all spec.Issues
	codes := []int{exitOK}
	for _, file := range files {
		loaded, err := loadSpec(cmd, file, "", o.set, nil)
		if err == nil && len(loaded.spec.Hidden) > 0 {
			_, err = loaded.render(cmd.Context()) // which finds what must not be hidden
		}
		codes = append(codes, exitCode(err))
		if err != nil && o.json() {
			all = append(all, issuesOf(err)...)
		} else if err != nil {
			report(cmd.ErrOrStderr(), err)
		} else if !o.json() {
			if err := printValid(cmd.OutOrStdout(), file, loaded); err != nil {
				return err
			}
		}
	}
	if o.json() {
		if err := writeJSON(cmd.OutOrStdout(), map[string]any{"issues": jsonIssues(all)}); err != nil {
			return err
		}
	}
	if worst := slices.Max(codes); worst != exitOK {
		return reported(worst)
	}
	return nil
}

func printValid(out io.Writer, file string, loaded *loadedSpec) error {
	_, err := fmt.Fprintf(out, "%s: valid (%s)\n", file, describe(loaded.lib, loaded.spec))
	return err
}
