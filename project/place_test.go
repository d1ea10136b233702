package project

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/espgen/espgen/generator"
)

// actions are what an update did, a word and a path each.
func actions(plan *Plan) string {
	var list []string
	for _, c := range plan.Changes {
		list = append(list, string(c.Action)+" "+c.Path)
	}
	return strings.Join(list, ", ")
}

// faults are what a check of the project finds, in the same form.
func faults(t *testing.T, dir string, now Now) string {
	t.Helper()
	p, _, err := Open(t.Context(), dir, nil)
	must(t, err)
	defer p.Close()
	list, err := p.Check(now)
	must(t, err)
	var said []string
	for _, f := range list {
		said = append(said, string(f.State)+" "+f.Path)
	}
	return strings.Join(said, ", ")
}

// TestDeleted deletes a file: the first update tells, and records it, and it
// stays deleted until it is restored.
func TestDeleted(t *testing.T) {
	dir := t.TempDir()
	v1, v2 := someNow("v1", public("f", lines), public("g", "1\n")), someNow("v2", public("f", newLines), public("g", "1\n"))
	fresh(t, dir, v1)
	place(t, dir, "f", "gone")
	if got, want := faults(t, dir, v1), "missing f, stale espgen.lock"; got != want {
		t.Errorf("check finds %s, not %s", got, want)
	}
	plan := updated(t, dir, v1)
	if got := actions(plan); got != "deleted f" || plan.Changes[0].Note != "it stays deleted; --restore f brings it back" {
		t.Errorf("the first update: %s, %s", got, plan.Changes[0].Note)
	}
	if got := faults(t, dir, v1); got != "" {
		t.Errorf("after it, check finds %s", got)
	}
	if plan := updated(t, dir, v1); len(plan.Changes) > 0 || !plan.Empty() {
		t.Errorf("the second one: %s", actions(plan))
	}
	if got := actions(updated(t, dir, v2)); got != "" {
		t.Errorf("a new version: %s", got)
	}
	v2.Restore = []string{"f"}
	if got := actions(updated(t, dir, v2)); got != "restored f" {
		t.Errorf("restored: %s", got)
	}
	if diff := cmp.Diff(map[string]string{"f": newLines, "g": "1\n"}, withoutRecords(tree(t, dir))); diff != "" {
		t.Error(diff)
	}
	v2.Restore = nil
	if got := faults(t, dir, v2); got != "" {
		t.Errorf("check finds %s", got)
	}

	// One that the user makes again is a file as any other.
	place(t, dir, "f", "gone")
	updated(t, dir, v2)
	place(t, dir, "f", newLines)
	if got := faults(t, dir, v2); got != "stale espgen.lock" {
		t.Errorf("check finds %s", got)
	}
	updated(t, dir, v2)
	if got := faults(t, dir, v2); got != "" {
		t.Errorf("check finds %s", got)
	}
}

// TestRestoreErrors names files that cannot be restored.
func TestRestoreErrors(t *testing.T) {
	dir := t.TempDir()
	now := someNow("v1", public("f.c", longText("f")), public("g.c", longText("g")))
	fresh(t, dir, now)
	must(t, os.Rename(filepath.Join(dir, "g.c"), filepath.Join(dir, "h.c")))
	for path, want := range map[string]string{"f.c": `"f.c" exists`, "g.c": `"g.c" exists, as h.c`, "../x": `"../x" is not a file that the spec gives`} {
		p, _, err := Open(t.Context(), dir, nil)
		must(t, err)
		now.Restore = []string{path}
		_, err = p.Plan(now)
		if _, ok := errors.AsType[*RestoreError](err); !ok || err.Error() != want {
			t.Errorf("%s: got %v, want %s", path, err, want)
		}
		must(t, p.Close())
	}
}

// longText is a source of twenty lines.
func longText(name string) string {
	var b strings.Builder
	for i := range 20 {
		fmt.Fprintf(&b, "int %s_%d;\n", name, i)
	}
	return b.String()
}

// TestRenamed renames a file: it is updated where it is now.
func TestRenamed(t *testing.T) {
	needGit(t)
	old := longText("a")
	newer := strings.Replace(old, "int a_19;", "long a_19;", 1)
	was := []generator.File{public("main/a.c", old), public("main/b.c", longText("b"))}
	edited := func(n int) string { // n lines of it are others
		text := old
		for i := range n {
			text = strings.Replace(text, fmt.Sprintf("int a_%d;", i), fmt.Sprintf("int mine_%d;", i), 1)
		}
		return text
	}
	for name, test := range map[string]struct {
		files map[string]string // what the user has in the place of main/a.c
		want  string            // what the update does
		at    string            // where the file is then
	}{
		"as it was":         {map[string]string{"main/my.c": old}, "updated main/my.c", "main/my.c"},
		"in another folder": {map[string]string{"src/x/a.c": old}, "updated src/x/a.c", "src/x/a.c"},
		"edited":            {map[string]string{"main/my.c": edited(8)}, "merged main/my.c", "main/my.c"},
		"edited much":       {map[string]string{"main/my.c": edited(9)}, "deleted main/a.c", ""},
		"crlf":              {map[string]string{"main/my.c": crlf(old)}, "updated main/my.c", "main/my.c"},
		"the nearest":       {map[string]string{"main/1.c": edited(2), "main/2.c": edited(1), "main/3.c": edited(3)}, "merged main/2.c", "main/2.c"},
		"another suffix":    {map[string]string{"main/my.txt": old}, "deleted main/a.c", ""},
		"in a build":        {map[string]string{"build/a.c": old, ".git/a.c": old}, "deleted main/a.c", ""},
		"a copy":            {map[string]string{"main/a.c": old, "main/my.c": old}, "updated main/a.c", "main/a.c"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			fresh(t, dir, someNow("v1", was...))
			place(t, dir, "main/a.c", "gone")
			for path, text := range test.files {
				place(t, dir, path, text)
			}
			now := someNow("v2", public("main/a.c", newer), was[1])
			if got := actions(updated(t, dir, now)); got != test.want {
				t.Errorf("it %s, not %s", got, test.want)
			}
			if got := faults(t, dir, now); !strings.HasPrefix(test.want, "merged") && got != "" {
				t.Errorf("check finds %s", got)
			}
			if test.at == "" {
				return
			}
			text, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(test.at)))
			must(t, err)
			if !strings.Contains(string(text), "long a_19;") {
				t.Errorf("%s is not updated", test.at)
			}
			if _, err := os.Stat(filepath.Join(dir, "main", "a.c")); (err == nil) != (test.at == "main/a.c") {
				t.Errorf("main/a.c: %v", err)
			}
			// Once recorded, it is known however much it is edited.
			place(t, dir, test.at, "long a_19;\nint other;\n")
			now = someNow("v3", public("main/a.c", newer+"int more;\n"), was[1])
			plan := updated(t, dir, now)
			if c := plan.Changes[0]; c.Path != test.at || c.Action != Merged && c.Action != Conflict {
				t.Errorf("then it %s", actions(plan))
			}
		})
	}
}

// TestRenamedNothingNew wants a renamed file told once, and left as it is.
func TestRenamedNothingNew(t *testing.T) {
	dir := t.TempDir()
	now := someNow("v1", public("a.c", longText("a")), users("mine.c", longText("mine")))
	fresh(t, dir, now)
	for from, to := range map[string]string{"a.c": "b.c", "mine.c": "yours.c"} {
		must(t, os.Rename(filepath.Join(dir, from), filepath.Join(dir, to)))
	}
	if got, want := faults(t, dir, now), "stale b.c, stale yours.c, stale espgen.lock"; got != want {
		t.Errorf("check finds %s, not %s", got, want)
	}
	before := withoutRecords(tree(t, dir))
	plan := updated(t, dir, now)
	if got := actions(plan); got != "renamed b.c, renamed yours.c" || plan.Changes[0].Note != "you have renamed a.c" {
		t.Errorf("it %s: %s", got, plan.Changes[0].Note)
	}
	if diff := cmp.Diff(before, withoutRecords(tree(t, dir))); diff != "" {
		t.Error(diff)
	}
	if plan := updated(t, dir, now); !plan.Empty() || len(plan.Changes) > 0 {
		t.Errorf("then it %s", actions(plan))
	}
	if got := faults(t, dir, now); got != "" {
		t.Errorf("check finds %s", got)
	}
	// It goes with what generated it, and back to its place.
	must(t, os.Rename(filepath.Join(dir, "b.c"), filepath.Join(dir, "a.c")))
	updated(t, dir, now)
	must(t, os.Rename(filepath.Join(dir, "a.c"), filepath.Join(dir, "c.c")))
	updated(t, dir, now)
	if got := actions(updated(t, dir, someNow("v2", now.Files[1]))); got != "removed c.c" {
		t.Errorf("then it %s", got)
	}
}

// TestMarks wants an update to refuse over the marks of a conflict, and a check
// to tell of them.
func TestMarks(t *testing.T) {
	needGit(t)
	dir := t.TempDir()
	fresh(t, dir, someNow("v1", public("f", lines), public("g", lines)))
	place(t, dir, "f", "1\n2\n3\n4\n5\n6\nmine\n")
	v2 := someNow("v2", public("f", newLines), public("g", newLines))
	if got := actions(updated(t, dir, v2)); got != "conflict f, updated g" {
		t.Errorf("it %s", got)
	}
	if got := faults(t, dir, v2); got != "conflict f" {
		t.Errorf("check finds %s", got)
	}
	v3 := someNow("v3", public("f", newLines+"8\n"), public("g", newLines+"8\n"))
	p, _, err := Open(t.Context(), dir, nil)
	must(t, err)
	defer p.Close()
	plan, err := p.Plan(v3)
	must(t, err)
	before := tree(t, dir)
	err = plan.Apply(t.Context())
	if _, ok := errors.AsType[*MarkedError](err); !ok || err.Error() != "an earlier conflict is not resolved in f" {
		t.Errorf("got %v", err)
	}
	if diff := cmp.Diff(before, tree(t, dir)); diff != "" {
		t.Error(diff)
	}
	place(t, dir, "f", "1\n<<<<<<< HEAD\n=======\n>>>>>>> branch\n") // of git itself
	if got := faults(t, dir, v2); got != "conflict f" {
		t.Errorf("check finds %s", got)
	}
	place(t, dir, "f", "dir") // a folder is no file of the project's, a link may be one
	if got := faults(t, dir, v2); got != "missing f" {
		t.Errorf("check finds %s", got)
	}
	place(t, dir, "f", "link")
	if got := faults(t, dir, v2); got != "edited f" {
		t.Errorf("check finds %s", got)
	}
	place(t, dir, "f", "1\nmine\n")
	if got := faults(t, dir, v2); got != "edited f" {
		t.Errorf("check finds %s", got)
	}
}
