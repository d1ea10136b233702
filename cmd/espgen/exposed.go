package main

import (
	"fmt"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/espgen/espgen/project"
)

// warnExposed warns of files with secrets that git would commit: those of the
// project in dir, and the secrets.yaml beside its spec.
func warnExposed(cmd *cobra.Command, dir, spec string, secrets []string) {
	var files []string
	for _, path := range secrets {
		files = append(files, filepath.Join(dir, filepath.FromSlash(path)))
	}
	if spec != "" && spec != "-" {
		files = append(files, filepath.Join(filepath.Dir(spec), secretsName))
	}
	for _, file := range project.Exposed(cmd.Context(), files) {
		ignore := filepath.Join(filepath.Dir(file), ".gitignore")
		fmt.Fprintf(cmd.ErrOrStderr(), "espgen: warning: git does not ignore %s, which holds a secret\n\thint: add the line %s to %s\n",
			printable(file), printable(filepath.Base(file)), printable(ignore))
	}
}
