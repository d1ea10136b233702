package main

import (
	"fmt"
	"runtime"
	"runtime/debug"
	"time"

	"github.com/spf13/cobra"
)

func newVersionCmd() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print espgen's version",
		Args:  arguments(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			_, err := fmt.Fprint(cmd.OutOrStdout(), versionText())
			return err
		},
	}
}

// versionText is what `espgen version` and `espgen --version` print.
func versionText() string {
	return fmt.Sprintf("espgen %s (%s, %s/%s)\n", version(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
}

// readBuildInfo is what tests replace.
var readBuildInfo = debug.ReadBuildInfo

// version is this program's version.
func version() string {
	info, ok := readBuildInfo()
	if !ok {
		return unknownVersion
	}
	return versionOf(info)
}

const unknownVersion = "(unknown)"

// versionOf is what the Go toolchain recorded: a module's version; of a
// development build one with the time and the hash of its commit, and +dirty
// where there were changes since; or (devel) where it knew no commit.
func versionOf(info *debug.BuildInfo) string {
	if info.Main.Version == "" {
		return unknownVersion
	}
	setting := map[string]string{}
	for _, s := range info.Settings {
		setting[s.Key] = s.Value
	}
	when, err := time.Parse(time.RFC3339, setting["vcs.time"])
	revision := setting["vcs.revision"]
	const short = 12 // of a hash, in a Go module's version
	if info.Main.Version != "(devel)" || err != nil || len(revision) < short {
		return info.Main.Version
	}
	v := "v0.0.0-" + when.UTC().Format("20060102150405") + "-" + revision[:short]
	if setting["vcs.modified"] == "true" {
		v += "+dirty"
	}
	return v
}
