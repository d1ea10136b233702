//go:build unix

package project

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/espgen/espgen/generator"
)

// TestJournalNames gives journals that espgen does not write: they write
// nothing.
func TestJournalNames(t *testing.T) {
	for _, name := range []string{
		".espgen", ".espgen/x", ".ESPGEN/x", ".espgen/pristine.tar.gz/x", ".espgen/pristine", ".espgen/pristine/other", ".espgen/pristine/../../f", ".espgen/pristine/.git/config", ".espgen/former-defaults/x", "main", "a", "ESPGEN.LOCK", "git~1/config", ".git/config", "a/.Git/config", ".git./config", ".git /config",
		".g\u200cit/config", ".git::$INDEX_ALLOCATION/config", "a/f/x", "other", "former", "../f", "/f", "a//f", "a/f.new.x", "f.yours/x", "x\x1b[2J", "a\\f", "",
	} {
		dir := t.TempDir()
		fresh(t, dir, someNow("v1", public("a/f", lines)))
		before := tree(t, dir)
		text, err := json.Marshal([]step{{Path: name, Staged: "0", Is: sum([]byte("x"))}})
		must(t, err)
		place(t, dir, stagingDir+"/0", "x")
		place(t, dir, journal, string(text))
		_, _, err = Open(t.Context(), dir, nil)
		if err == nil || !strings.Contains(err.Error(), "espgen does not write ") || strings.Contains(err.Error(), "\x1b") {
			t.Errorf("%q: got %v", name, err)
		}
		must(t, os.RemoveAll(filepath.Join(dir, local(stagingDir))))
		if diff := cmp.Diff(before, tree(t, dir)); diff != "" {
			t.Errorf("%q: %s", name, diff)
		}
	}
}

// TestProjectFiles has names that a generated file may have.
func TestProjectFiles(t *testing.T) {
	for _, name := range []string{"a", "main/main.c", ".gitignore", ".github/workflows/x.yml", "a b/(1) #2@3x,+-=%.png", "文档/é.md", "espgen.lock/x"} {
		if !generator.IsProjectFile(name) {
			t.Errorf("%s is refused", name)
		}
	}
}

// TestBesideNames wants every name that an update gives a file beside another
// to be known to be of that.
func TestBesideNames(t *testing.T) {
	dir := t.TempDir()
	root, err := os.OpenRoot(dir)
	must(t, err)
	defer root.Close()
	for range 3 {
		for _, suffix := range []string{newSuffix, ".yours"} {
			name, err := free(root, "a/main.c", suffix, nil)
			must(t, err)
			place(t, dir, name, "x")
			if got := besideOf(name); got != "a/main.c" {
				t.Errorf("%s is of %s", name, got)
			}
		}
		name, err := former(root, "sdkconfig.secrets", []byte("y"))
		must(t, err)
		place(t, dir, name, "x")
		if got := besideOf(name); got != "sdkconfig.secrets" {
			t.Errorf("%s is of %s", name, got)
		}
	}
}

// TestNoPlainFile puts something else in the place of each file that is read.
func TestNoPlainFile(t *testing.T) {
	pipe := func(name string) error { return syscall.Mkfifo(name, 0o644) }
	sparse := func(name string) error {
		return errors.Join(os.WriteFile(name, nil, 0o644), os.Truncate(name, 1<<40))
	}
	for what, make := range map[string]func(string) error{"is a named pipe": pipe, "is larger than the limit of": sparse} {
		for _, name := range []string{LockFile, pristinePath("f"), wasFile, attributes, journal} {
			dir := t.TempDir()
			fresh(t, dir, someNow("v1", public("f", lines)))
			place(t, dir, name, "gone")
			must(t, make(filepath.Join(dir, local(name))))
			_, _, err := Open(t.Context(), dir, nil)
			if err == nil || !strings.Contains(err.Error(), what) || !strings.Contains(err.Error(), name) {
				t.Errorf("%s: got %v", name, err)
			}
		}
		dir := t.TempDir()
		fresh(t, dir, someNow("v1", public("f", lines)))
		place(t, dir, "f", "gone")
		must(t, make(filepath.Join(dir, "f")))
		plan := updated(t, dir, someNow("v2", public("f", newLines)))
		if c := plan.Changes[0]; c.Action != Conflict || !strings.Contains(c.Note, strings.TrimPrefix(what, "is ")) {
			t.Errorf("%+v", c)
		}
	}
	dir := t.TempDir()
	fresh(t, dir, someNow("v1", public("f", lines)))
	must(t, os.RemoveAll(filepath.Join(dir, Folder)))
	must(t, pipe(filepath.Join(dir, Folder)))
	if _, _, err := Open(t.Context(), dir, nil); err == nil {
		t.Error("a pipe is taken for .espgen")
	}
}

// TestLargeLocks gives locks that would take the yaml package minutes, or all
// memory.
func TestLargeLocks(t *testing.T) {
	var keys, values strings.Builder
	for i := range 30_000 {
		fmt.Fprintf(&keys, "  f%d: {}\n", i)
		fmt.Fprintf(&values, "k%d: 1\n", i)
	}
	var files []generator.File
	for i := range maxFiles + 1 {
		files = append(files, public(fmt.Sprint("f", i), ""))
	}
	for text, want := range map[string]string{
		"version: 3\nfiles:\n" + keys.String():                           "l:1: it holds more than the limit of 14000 values",
		"version: 3\n" + values.String():                                 "l:1: it holds more than the limit of 14000 values",
		"version: 3\nvalues:\n" + keys.String():                          "l:1: it holds more than the limit of 14000 values",
		lockOf(Origin{}, files...):                                       "l: it names more than the limit of 1000 files",
		lockOf(Origin{}, files[1:]...):                                   "",
		"version: 1\nfiles:\n  \"a\\e[2J\": {owner: user, mode: 0644}\n": `l: a project cannot have a file "a\x1b[2J"`,
		"version: 1\nfiles:\n  a: &a {}\n  a/b: *a\n":                    `l: "a": the mode`,
		"version: 3\nfiles:\n  a: &a {}\n  a/b: *a\n":                    "l:4: the value is not of the type",
	} {
		if _, err := decodeLock("l", []byte(text)); want == "" && err != nil || want != "" && (err == nil || !strings.HasPrefix(err.Error(), want)) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
	both := newLock(Origin{}, []generator.File{public("a", ""), public("a/b", "")})
	if _, err := decodeLock("l", both.encode()); err == nil || err.Error() != `l: "a" is a file and a folder in it` {
		t.Errorf("got %v", err)
	}
}

// FuzzLock wants no panic, and no file that a project cannot have.
func FuzzLock(f *testing.F) {
	f.Add(lockOf(Origin{Espgen: "v1", Values: []Value{{Path: "server.port", Text: "80", Set: true}}}, public("f", lines)))
	f.Add(lockOf(Origin{Espgen: "v1", Values: []Value{{Path: "server.port", Text: "80", Set: true, Beneath: "[1, 2]"}, {Path: "a", Set: true, Hidden: true, Beneath: "!hidden"}}}))
	f.Add("version: 2\nfiles:\n  f: {owner: user, mode: 0644}\n")
	f.Fuzz(func(t *testing.T, text string) {
		l, err := decodeLock("l", []byte(text))
		for path := range l.Files {
			if err == nil && !generator.IsProjectFile(path) {
				t.Errorf("%q", path)
			}
		}
		if again, err2 := decodeLock("l", l.encode()); err == nil && l.Version == lockVersion && len(l.Twice) == 0 && (err2 != nil || string(again.encode()) != string(l.encode())) {
			t.Errorf("it is written as\n%s\nand read with %v as\n%s", l.encode(), err2, again.encode())
		}
	})
}

// FuzzJournal wants a journal to write nothing but the project's files.
func FuzzJournal(f *testing.F) {
	f.Add(`[{"path":"f","staged":"0"},{"path":"espgen.lock","staged":"1"}]`)
	f.Add(`[{"path":"f.yours","staged":"0"},{"path":"f"}]`)
	f.Add(`[{"path":".git/config","staged":"0"}]`)
	f.Fuzz(func(t *testing.T, text string) {
		dir := t.TempDir()
		fresh(t, dir, someNow("v1", public("f", lines)))
		place(t, dir, stagingDir+"/0", "x")
		place(t, dir, journal, text)
		if p, _, err := Open(t.Context(), dir, nil); err == nil {
			must(t, p.Close())
		}
		must(t, os.RemoveAll(filepath.Join(dir, local(stagingDir))))
		for name := range tree(t, dir) {
			if name != LockFile && !isRecord(name) && name != "f" && besideOf(name) != "f" {
				t.Errorf("it wrote %q", name)
			}
		}
	})
}

// TestWaiting locks a project as another espgen does: who waits says so, and
// ends with the context.
func TestWaiting(t *testing.T) {
	dir := t.TempDir()
	fresh(t, dir, someNow("v1", public("f", lines)))
	p, _, err := Open(t.Context(), dir, nil)
	must(t, err)
	defer p.Close()
	plan, err := p.Plan(someNow("v2", public("f", newLines)))
	must(t, err)
	root, err := os.OpenRoot(dir)
	must(t, err)
	defer root.Close()
	unlock, err := lockFolder(t.Context(), root, nil)
	must(t, err)
	said := 0
	ctx, cancel := context.WithCancel(t.Context())
	waiting := func() { said++; time.AfterFunc(100*time.Millisecond, cancel) }
	if _, _, err := Open(ctx, dir, waiting); !errors.Is(err, context.Canceled) || said != 1 {
		t.Errorf("Open: %v, said %d times", err, said)
	}
	if err := plan.Apply(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("Apply: %v", err)
	}
	_, _, err = Open(t.Context(), dir, func() { time.AfterFunc(50*time.Millisecond, unlock) })
	must(t, err)
}

// TestMergeLeavesNothing removes what a merge left that was killed.
func TestMergeLeavesNothing(t *testing.T) {
	needGit(t)
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	place(t, dir, "espgen-merge-123/yours", "password")
	merged, err := merge([]byte(lines), []byte("one"+lines[1:]), []byte(newLines))
	if string(merged) != "one"+newLines[1:] || err != nil {
		t.Errorf("%q, %v", merged, err)
	}
	if left := tree(t, dir); len(left) > 0 {
		t.Errorf("%v are left", left)
	}
}
