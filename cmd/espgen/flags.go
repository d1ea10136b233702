package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/espgen/espgen/generator/field"
)

// flagError says in our words what pflag found wrong with a flag.
func flagError(cmd *cobra.Command, err error) error {
	list := fmt.Sprintf("`%s --help` lists the flags", cmd.CommandPath())
	if unknown, ok := errors.AsType[*pflag.NotExistError](err); ok {
		name := unknown.GetSpecifiedName()
		dashes := "--"
		if unknown.GetSpecifiedShortnames() != "" {
			dashes = "-"
		}
		var names []string
		cmd.Flags().VisitAll(func(f *pflag.Flag) { names = append(names, "--"+f.Name) })
		if near := field.Near(dashes+name, names); near != "" {
			list = near
		}
		return &usageError{"unknown flag " + dashes + name, list}
	}
	if lacking, ok := errors.AsType[*pflag.ValueRequiredError](err); ok {
		return &usageError{"--" + lacking.GetFlag().Name + " requires a value", list}
	}
	if wrong, ok := errors.AsType[*pflag.InvalidValueError](err); ok {
		what, hint := "is not a valid value", list
		switch wrong.GetFlag().Value.Type() {
		case "int":
			what, hint = "is not a whole number", "write digits only"
		case "uint64":
			what, hint = "is not a whole number from 0 to 18446744073709551615", "write digits only"
		case "duration":
			what, hint = "is not a time", "write a time such as 30s, 500ms or 2m"
		case "FORM":
			what, hint = "is an unknown form", "write --trace or --trace=mermaid"
		case "bool":
			what, hint = "is neither true nor false", "write the flag alone, or with =false"
		}
		return &usageError{fmt.Sprintf("--%s: %q %s", wrong.GetFlag().Name, wrong.GetValue(), what), hint}
	}
	return &usageError{err.Error(), list}
}

// arguments makes a usage error of arguments that are too few or too many.
func arguments(check cobra.PositionalArgs) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if check(cmd, args) == nil {
			return nil
		}
		usage := "usage: " + strings.TrimSuffix(cmd.UseLine(), " [flags]")
		for n := range slices.Backward(args) {
			if check(cmd, args[:n]) == nil {
				// What is too much is not shown: it may be a secret, after a space too many.
				return &usageError{fmt.Sprintf("too many arguments: %d, and the limit is %d", len(args), n), usage}
			}
		}
		_, missing, _ := strings.Cut(cmd.Use, " ")
		missing, _, _ = strings.Cut(missing, " ")
		return &usageError{"missing argument " + strings.TrimSuffix(missing, "..."), usage}
	}
}
