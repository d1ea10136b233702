package main

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/dustin/go-humanize/english"
	"github.com/spf13/cobra"

	"github.com/espgen/espgen/course"
	"github.com/espgen/espgen/project"
)

// runCourseUpdate merges what has changed in a course into hand-outs that
// students have begun.
func runCourseUpdate(ctx context.Context, cmd *cobra.Command, c *course.Course, o courseBuildOptions, bar *progress) error {
	list, err := c.Update(ctx, o.update, course.UpdateOptions{BuildOptions: o.BuildOptions, DryRun: o.dryRun, Was: earlier})
	bar.end()
	if err != nil {
		return courseError(err)
	}
	if len(list) == 0 {
		return &hintError{fmt.Errorf("there are no hand-outs in %s", o.update), "name a folder with the students' projects; each has an " + project.LockFile}
	}
	unresolved := 0
	for _, u := range list {
		if u.Conflicts > 0 || u.Problem != "" {
			unresolved++
		}
	}
	if o.format == "json" {
		err = writeJSON(cmd.OutOrStdout(), struct {
			DryRun   bool             `json:"dry_run,omitempty"`
			HandOuts []course.Updated `json:"hand_outs"`
		}{o.dryRun, list})
	} else {
		err = printText(cmd.OutOrStdout(), updateText(o, list))
	}
	if err == nil && unresolved > 0 {
		return reported(exitFailure)
	}
	return err
}

// updateText tells, by student, what became of the hand-outs.
func updateText(o courseBuildOptions, list []course.Updated) string {
	var b strings.Builder
	updated, current, conflicts, failed := 0, 0, 0, 0
	for _, u := range list {
		who := strings.TrimSpace(u.Student + " " + u.Exercise)
		switch {
		case u.Problem != "":
			failed++
			fmt.Fprintf(&b, "%s (%s): not updated: %s\n", who, filepath.Join(o.update, filepath.FromSlash(u.Folder)), u.Problem)
			continue
		case u.Conflicts > 0:
			conflicts++
			fmt.Fprintf(&b, "%s (%s): %s\n", who, filepath.Join(o.update, filepath.FromSlash(u.Folder)), english.Plural(u.Conflicts, "conflict", ""))
		case !u.Changed:
			current++
			continue
		default:
			updated++
			continue
		}
		for _, change := range u.Changes {
			if change.Action != project.Conflict {
				continue
			}
			fmt.Fprintf(&b, "  %s", change.Path)
			if change.Note != "" {
				fmt.Fprintf(&b, ": %s", change.Note)
			}
			b.WriteByte('\n')
		}
	}
	what := "updated"
	if o.dryRun {
		what = "to update"
	}
	fmt.Fprintf(&b, "%s %s, %d up to date, %d with conflicts, %d not updated\n", english.Plural(updated, "hand-out", ""), what, current, conflicts, failed)
	return b.String()
}
