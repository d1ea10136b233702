package main

import (
	"errors"

	"github.com/spf13/cobra"

	"github.com/espgen/espgen/hostsdk"
)

// A traceMode is how `espgen run` shows each socket call: not at all (""), among
// the log, or as a diagram.
type traceMode string

const (
	traceText    traceMode = "text"
	traceMermaid traceMode = "mermaid"
)

func (t *traceMode) String() string { return string(*t) }

// Type is what the help calls the flag's value.
func (t *traceMode) Type() string { return "FORM" }

func (t *traceMode) Set(text string) error {
	switch form := traceMode(text); form {
	case traceText, traceMermaid:
		*t = form
		return nil
	}
	return errors.New("unknown form") // flagError says more
}

func (t *traceMode) addFlag(cmd *cobra.Command) {
	cmd.Flags().Var(t, "trace", "print each socket call and each event; --trace=mermaid draws them as a sequence diagram on standard output, and prints the log on standard error")
	cmd.Flag("trace").NoOptDefVal = string(traceText)
	_ = cmd.RegisterFlagCompletionFunc("trace", cobra.FixedCompletions([]string{string(traceText), string(traceMermaid)}, cobra.ShellCompDirectiveNoFileComp))
}

// apply adds what a run needs for the trace. finish prints what is left of it
// after the run.
func (t *traceMode) apply(cmd *cobra.Command, o *hostsdk.RunOptions) (finish func() error) {
	switch *t {
	case traceText:
		o.Trace = true
	case traceMermaid:
		var diagram hostsdk.Diagram
		others := o.Events
		o.Calls = true
		o.Out = cmd.ErrOrStderr()
		o.Events = func(e hostsdk.Event) {
			diagram.Add(e)
			if others != nil {
				others(e)
			}
		}
		return func() error {
			_, err := diagram.WriteTo(cmd.OutOrStdout())
			return err
		}
	}
	return func() error { return nil }
}
