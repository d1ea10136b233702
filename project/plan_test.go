package project

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/espgen/espgen/generator"
)

// someNow is a small project. Its version decides what is in the files that
// an update changes.
func someNow(version string, files ...generator.File) Now {
	return Now{Origin: Origin{Espgen: version, Role: "r", Style: "s", Spec: "../s.yaml", Values: []Value{{Path: "server.port", Text: strings.TrimPrefix(version, "v")}}}, Files: files}
}

func public(path, text string) generator.File {
	return generator.File{Path: path, Mode: 0o644, Data: []byte(text)}
}

func secret(text string) generator.File {
	return generator.File{Path: "secret", Mode: 0o600, Data: []byte(text)}
}

func users(path, text string) generator.File {
	return generator.File{Path: path, Mode: 0o644, User: true, Data: []byte(text)}
}

// needing is a file that its user must do something in which espgen did before.
func needing(f generator.File) generator.File {
	f.Needs = map[string]string{"seven": "call it"}
	return f
}

const (
	lines    = "1\n2\n3\n4\n5\n6\n7\n"
	newLines = "1\n2\n3\n4\n5\n6\nseven\n"
	conflict = "1\n2\n3\n4\n5\n6\n<<<<<<< yours\nmine\n||||||| generated before\n7\n=======\nseven\n>>>>>>> generated now\n"
)

// TestPlan has a case for each thing that can become of a file. A text of
// "dir", "link" or "gone" is a Folder, a link, or nothing.
func TestPlan(t *testing.T) {
	needGit(t)
	none := generator.File{}
	tests := map[string]struct {
		was   generator.File
		yours string
		now   generator.File
		want  string            // the actions
		files map[string]string // what is there then; nil: what was there before
	}{
		"nothing new":          {public("a/f", lines), lines, public("a/f", lines), "", nil},
		"untouched":            {public("a/f", lines), lines, public("a/f", newLines), "updated", map[string]string{"a/f": newLines}},
		"edited":               {public("a/f", lines), "mine\n", public("a/f", lines), "", nil},
		"merged":               {public("a/f", lines), "one" + lines[1:], public("a/f", newLines), "merged", map[string]string{"a/f": "one" + newLines[1:]}},
		"merged crlf":          {public("a/f", lines), crlf("one" + lines[1:]), public("a/f", newLines), "merged", map[string]string{"a/f": crlf("one" + newLines[1:])}},
		"untouched crlf":       {public("a/f", lines), crlf(lines), public("a/f", newLines), "updated", map[string]string{"a/f": crlf(newLines)}},
		"nothing new crlf":     {public("a/f", lines), crlf(lines), public("a/f", lines), "", nil},
		"conflict":             {public("a/f", lines), "1\n2\n3\n4\n5\n6\nmine\n", public("a/f", newLines), "conflict", map[string]string{"a/f": conflict}},
		"conflict crlf":        {public("a/f", lines), crlf("1\n2\n3\n4\n5\n6\nmine\n"), public("a/f", newLines), "conflict", map[string]string{"a/f": crlf(conflict)}},
		"conflict is left":     {public("a/f", newLines), conflict, public("a/f", newLines), "conflict", nil},
		"the same change":      {public("a/f", lines), newLines, public("a/f", newLines), "", nil},
		"yours has it":         {public("a/f", lines), "one" + newLines[1:], public("a/f", newLines), "", nil},
		"binary":               {public("a/f", lines), "\x00\n", public("a/f", newLines), "conflict", map[string]string{"a/f": "\x00\n", "a/f.new": newLines}},
		"missing":              {public("a/f", lines), "gone", public("a/f", lines), "deleted", nil},
		"missing, new":         {public("a/f", lines), "gone", public("a/f", newLines), "deleted", nil},
		"a folder":             {public("a/f", lines), "dir", public("a/f", lines), "left", nil},
		"a folder, new":        {public("a/f", lines), "dir", public("a/f", newLines), "conflict", map[string]string{"a/f/x": "x", "a/f.new": newLines}},
		"a link, new":          {public("a/f", lines), "link", public("a/f", newLines), "conflict", map[string]string{"a/f": "outside", "a/f.new": newLines}},
		"added":                {none, "gone", public("a/f", lines), "added", map[string]string{"a/f": lines}},
		"added, yours is it":   {none, lines, public("a/f", lines), "", nil},
		"added, yours":         {none, "mine\n", public("a/f", "1\n"), "conflict", map[string]string{"a/f": "<<<<<<< yours\nmine\n||||||| generated before\n=======\n1\n>>>>>>> generated now\n"}},
		"added, a folder":      {none, "dir", public("a/f", lines), "conflict", map[string]string{"a/f/x": "x", "a/f.new": lines}},
		"removed":              {public("a/f", lines), lines, none, "removed", map[string]string{}},
		"removed, edited":      {public("a/f", lines), "mine\n", none, "moved", map[string]string{"a/f.yours": "mine\n"}},
		"removed, gone":        {public("a/f", lines), "gone", none, "", nil},
		"removed, a folder":    {public("a/f", lines), "dir", none, "left", nil},
		"user":                 {users("a/f", lines), "mine\n", users("a/f", newLines), "", nil},
		"user, untouched":      {users("a/f", lines), lines, users("a/f", newLines), "updated", map[string]string{"a/f": newLines}},
		"user, untouched crlf": {users("a/f", lines), crlf(lines), users("a/f", newLines), "updated", map[string]string{"a/f": crlf(newLines)}},
		"user, needs":          {users("a/f", lines), "mine\n", needing(users("a/f", newLines)), "left", nil},
		"user, needs, done":    {users("a/f", lines), "a seven of mine\n", needing(users("a/f", newLines)), "", nil},
		"user, needs, had it":  {users("a/f", newLines), "mine\n", needing(users("a/f", newLines)), "", nil},
		"user, deleted":        {users("a/f", lines), "gone", users("a/f", newLines), "deleted", nil},
		"marked":               {public("a/f", newLines), conflict, public("a/f", newLines), "conflict", nil},
		"user, new":            {none, "gone", users("a/f", lines), "added", map[string]string{"a/f": lines}},
		"user, new, yours":     {none, "mine\n", users("a/f", lines), "", nil},
		"user, removed":        {users("a/f", lines), lines, none, "removed", map[string]string{}},
		"user, kept":           {users("a/f", lines), "mine\n", none, "left", nil},
		"generated, was user":  {users("a/f", lines), "one" + lines[1:], public("a/f", newLines), "merged", map[string]string{"a/f": "one" + newLines[1:]}},
		"secret":               {secret("s"), "s", secret("s"), "", nil},
		"secret, new":          {secret("s"), "s", secret("t"), "updated", map[string]string{"secret": "t", "former/secret": "s"}},
		"secret, missing":      {secret("s"), "gone", secret("t"), "restored", map[string]string{"secret": "t"}},
		"secret, a folder":     {secret("s"), "dir", secret("t"), "conflict", nil},
		"secret, no more":      {secret("s"), "s", none, "left", nil},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			other := public("other", lines) // so that there is always a file
			path, was := test.now.Path, []generator.File{other}
			if test.was.Path != "" {
				path, was = test.was.Path, append(was, test.was)
			}
			fresh(t, dir, someNow("v1", was...))
			place(t, dir, path, test.yours)
			before := tree(t, dir)
			now := []generator.File{other}
			if test.now.Path != "" {
				now = append(now, test.now)
			}
			plan := updated(t, dir, someNow("v2", now...))
			var actions []string
			for _, c := range plan.Changes {
				actions = append(actions, string(c.Action))
			}
			if got := strings.Join(actions, " "); got != test.want {
				t.Errorf("it is %q, not %q", got, test.want)
			}
			want := map[string]string{"other": lines}
			if test.files == nil {
				want = before
			}
			maps.Copy(want, test.files)
			if diff := cmp.Diff(withoutRecords(want), withoutRecords(tree(t, dir))); diff != "" {
				t.Error(diff)
			}
			if data, _ := os.ReadFile(filepath.Join(dir, "secret")); string(data) == "t" && runtime.GOOS != "windows" {
				info, err := os.Stat(filepath.Join(dir, "secret"))
				must(t, err)
				if info.Mode().Perm() != 0o600 {
					t.Errorf("the secret has mode %v", info.Mode())
				}
			}
			// Once more changes nothing, and tells of the conflicts that are left.
			after := tree(t, dir)
			again := updated(t, dir, someNow("v2", now...))
			if !again.Empty() || !maps.Equal(after, tree(t, dir)) {
				t.Error("the second update changes something")
			}
			if again.Conflicts() != plan.Conflicts() {
				t.Errorf("%d conflicts become %d", plan.Conflicts(), again.Conflicts())
			}
		})
	}
}

func crlf(text string) string { return strings.ReplaceAll(text, "\n", "\r\n") }

// place puts the user's version into the project.
func place(t *testing.T, dir, path, text string) {
	t.Helper()
	name := filepath.Join(dir, filepath.FromSlash(path))
	must(t, os.RemoveAll(name))
	must(t, os.MkdirAll(filepath.Dir(name), 0o755))
	switch text {
	case "gone":
	case "dir":
		must(t, os.Mkdir(name, 0o755))
		must(t, os.WriteFile(filepath.Join(name, "x"), []byte("x"), 0o644))
	case "link":
		outside := filepath.Join(t.TempDir(), "outside")
		must(t, os.WriteFile(outside, []byte("outside"), 0o644))
		must(t, os.Symlink(outside, name))
	default:
		must(t, os.WriteFile(name, []byte(text), 0o644))
	}
}

// withoutRecords leaves out what espgen keeps for itself.
func withoutRecords(files map[string]string) map[string]string {
	files = maps.Clone(files)
	maps.DeleteFunc(files, func(path, _ string) bool { return path == LockFile || isRecord(path) })
	return files
}

// TestSecretUnknown updates a project whose secret is not at hand.
func TestSecretUnknown(t *testing.T) {
	dir := t.TempDir()
	fresh(t, dir, someNow("v1", public("f", lines), secret("s")))
	now := someNow("v2", public("f", newLines), secret("stand-in"))
	now.Unknown = errors.New("it is not known")
	updated(t, dir, now)
	want := map[string]string{"f": newLines, "secret": "s"}
	if diff := cmp.Diff(want, withoutRecords(tree(t, dir))); diff != "" {
		t.Error(diff)
	}
}

// TestNoSecretIsKept looks for secrets and their hashes in what espgen keeps.
func TestNoSecretIsKept(t *testing.T) {
	keyed := generator.File{Path: "main.c", Mode: 0o644, Key: "KEY", Data: []byte("#define SSID \"lab\"\n#define KEY \"hush\"\n")}
	hidden := generator.File{Path: "r", Mode: 0o644, Data: []byte("join hush\n"), Public: []byte("join <hidden>\n")}
	kept := map[string]string{}
	for _, f := range Records(Origin{}, []generator.File{public("f", lines), secret("hush"), keyed, hidden}) {
		kept[f.Path] = string(f.Data)
		if text := string(f.Data); strings.Contains(text, "hush") || strings.Contains(text, sum([]byte("hush"))) || strings.Contains(text, sum(keyed.Data)) {
			t.Errorf("%s holds the secret", f.Path)
		}
	}
	for path, want := range map[string]string{"f": lines, "main.c": "#define SSID \"lab\"\n#define KEY <hidden>\n", "r": "join <hidden>\n"} {
		if got := kept[pristinePath(path)]; got != want {
			t.Errorf("%s is %q", path, got)
		}
	}
	if len(kept) != 6 {
		t.Errorf("the records are %v", slices.Sorted(maps.Keys(kept)))
	}
}

// TestLinkOut wants nothing read or written through a link that leaves the
// project.
func TestLinkOut(t *testing.T) {
	dir, outside := t.TempDir(), t.TempDir()
	fresh(t, dir, someNow("v1", public("a/f", lines)))
	must(t, os.Rename(filepath.Join(dir, "a", "f"), filepath.Join(outside, "f")))
	must(t, os.Remove(filepath.Join(dir, "a")))
	must(t, os.Symlink(outside, filepath.Join(dir, "a")))
	p, _, err := Open(t.Context(), dir, nil)
	must(t, err)
	defer p.Close()
	if _, err := p.Plan(someNow("v2", public("a/f", newLines))); err == nil || !strings.Contains(err.Error(), "escapes") {
		t.Errorf("got %v", err)
	}
	if data, _ := os.ReadFile(filepath.Join(outside, "f")); string(data) != lines {
		t.Error("it wrote through the link")
	}
}

// TestCrash stops an update at each point, with the user's edits between, and
// goes on. It is done then, or never was.
func TestCrash(t *testing.T) {
	needGit(t)
	was := someNow("v1", public("gone/removed", lines), public("edited", lines), public("moved", lines), public("a/updated", lines), secret("s"))
	now := someNow("v2", public("b/added", lines), public("edited", newLines), public("a/updated", newLines), secret("t"))
	for _, interfere := range []bool{false, true} {
		for done := -1; ; done++ {
			dir := t.TempDir()
			fresh(t, dir, was)
			place(t, dir, "edited", "one"+lines[1:])
			place(t, dir, "moved", "mine\n")
			old := tree(t, dir)
			p, _, err := Open(t.Context(), dir, nil)
			must(t, err)
			plan, err := p.Plan(now)
			must(t, err)
			steps, err := plan.stage(t.Context())
			must(t, err)
			if done >= 0 {
				must(t, p.root.Rename(local(draft), local(journal)))
				for _, s := range steps[:min(done, len(steps))] {
					must(t, s.do(p.root))
				}
			} else { // it may be trying whether it can write to a folder
				place(t, dir, "a/"+probe, "")
			}
			must(t, p.Close())
			want := old
			if done >= 0 {
				whole := t.TempDir()
				fresh(t, whole, was)
				place(t, whole, "edited", "one"+lines[1:])
				place(t, whole, "moved", "mine\n")
				updated(t, whole, now)
				want = tree(t, whole)
			}
			if interfere {
				place(t, dir, "a/updated", "meanwhile\n")
				want["a/updated"] = "meanwhile\n"
				if done >= 0 && slices.IndexFunc(steps, func(s step) bool { return s.Path == "a/updated" }) >= done {
					want["a/updated"], want["a/updated.yours"] = newLines, "meanwhile\n"
				}
			}
			p, finished, err := Open(t.Context(), dir, nil)
			must(t, err)
			must(t, p.Close())
			if finished != (done >= 0) {
				t.Errorf("after %d steps it was finished: %v", done, finished)
			}
			if diff := cmp.Diff(want, tree(t, dir)); diff != "" {
				t.Errorf("stopped after %d of %d steps: %s", done, len(steps), diff)
			}
			if done > len(steps) {
				break
			}
		}
	}
}

// TestApplyNothing gives reasons to change nothing.
func TestApplyNothing(t *testing.T) {
	canceled, cancel := context.WithCancel(t.Context())
	cancel()
	tests := map[string]struct {
		ctx       context.Context
		interfere func(dir string)
		want      string
	}{
		"interrupted":         {canceled, func(string) {}, "context canceled"},
		"edited meanwhile":    {t.Context(), func(dir string) { place(t, dir, "f", "mine\n") }, "the project changed in the meantime: f"},
		"made meanwhile":      {t.Context(), func(dir string) { place(t, dir, "a/added", "mine\n") }, "the project changed in the meantime: a/added"},
		"a file for a folder": {t.Context(), func(dir string) { place(t, dir, "a", "mine\n") }, "not a directory"},
		"another update":      {t.Context(), func(dir string) { place(t, dir, stagingDir+"/0", "x") }, "the project changed in the meantime: by another update"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			fresh(t, dir, someNow("v1", public("f", lines)))
			p, _, err := Open(t.Context(), dir, nil)
			must(t, err)
			defer p.Close()
			plan, err := p.Plan(someNow("v2", public("f", newLines), public("a/added", lines)))
			must(t, err)
			test.interfere(dir)
			before := tree(t, dir)
			delete(before, stagingDir+"/0")
			if err := plan.Apply(test.ctx); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want %s", err, test.want)
			}
			if diff := cmp.Diff(before, tree(t, dir)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// lockOf is the lock of a project.
func lockOf(origin Origin, files ...generator.File) string {
	return string(newLock(origin, files).encode())
}

// TestLockErrors gives locks that cannot be read.
func TestLockErrors(t *testing.T) {
	good := lockOf(Origin{Espgen: "v1", Role: "r", Values: []Value{{Path: "server.port", Text: "80"}}}, users("f", lines))
	tests := map[string]struct{ old, new, want string }{
		"newer":       {"version: 3", "version: 4", "l has version 4, of a newer espgen: this one reads versions up to 3"},
		"no version":  {"version: 3", "x: 1", "l:1: the version is missing"},
		"not YAML":    {"role:", "]\nrole:", "l:2: did not find expected"},
		"a list":      {"files:\n", "files: []\nfiles2:\n", "l:17: the value is not of the type"},
		"a map":       {"role: r", "role: {}", "l:7: the value is not of the type"},
		"unknown":     {"role: r", "rule: r", `l:7: unknown fact "rule"`},
		"alias":       {"role: r", "role: &a r\nstyle: *a", "l:8: the value is not of the type"},
		"field":       {"server.port:", "\"server port\":", "l:15: no field has such a name"},
		"value":       {"server.port: 80", "server.port: {}", "l:15: the value is not of the type"},
		"deep value":  {"server.port: 80", "server.port: [[80]]", "l:15: the value is not of the type"},
		"owner":       {"owner: user", "owner: me", "l:19: the owner is neither"},
		"mode":        {"{owner: user}", "{mode: 0100644}", "l:19: the mode is not that of a file"},
		"key":         {"{owner: user}", "{key: !!binary /w==}", "l:19: the key is not the name of a macro"},
		"two places":  {"{owner: user}", "{deleted: true, at: b}", `l:19: the file cannot be at "b"`},
		"elsewhere":   {"{owner: user}", "{at: ../b}", `l:19: the file cannot be at "../b"`},
		"itself, at":  {"{owner: user}", "{at: f}", `l: there are two files at "f"`},
		"outside":     {"  f:", "  ../f:", `l: a project cannot have a file "../f"`},
		"itself":      {"  f:", "  .espgen/f:", `l: a project cannot have a file ".espgen/f"`},
		"old version": {"version: 3", "version: 2", `l: "f": the mode is not that of a file`},
	}
	if _, err := decodeLock("l", []byte(good)); err != nil {
		t.Fatal(err)
	}
	for name, test := range tests {
		text := strings.Replace(good, test.old, test.new, 1)
		if _, err := decodeLock("l", []byte(text)); err == nil || !strings.HasPrefix(err.Error(), test.want) {
			t.Errorf("%s: got %v, want %s\n%s", name, err, test.want, text)
		}
	}
}

// TestLockText wants a lock to be read as it was written, with a line for each
// fact and an empty one behind it.
func TestLockText(t *testing.T) {
	lock := Lock{
		Version: lockVersion,
		Origin: Origin{
			Espgen: "v1.2.0", Role: "tcp-server", Style: "guide", Spec: "../a b/#1\xff.yaml", Exercise: []string{"listen", "a, b"},
			CourseExercise: "first: #1", Student: "0042",
			Templates: Templates{"../course", sum([]byte("x"))},
			Values: []Value{
				{Path: "role"},
				{Path: "style", Text: "!env X", Set: true},
				{Path: "target", Text: "~", Set: true},
				{Path: "idf", Text: " *x ", Set: true},
				{Path: "comments", Text: "a\nb\x7f\u0085 \u2028\ufeff", Set: true},
				{Path: "wifi.scan", Text: "\"", Set: true},
				{Path: "wifi.retries", Text: "null", Set: true},
				{Path: "server.family", Text: "\xff", Set: true},
				{Path: "wifi.ssid", Text: "a: b", Set: true},
				{Path: "wifi.password", Hidden: true},
				{Path: "wifi.auth"},
				{Path: "wifi.hostname", Set: true, Hidden: true},
				{Path: "client.greeting", Set: true},
				{Path: "server.addr", Text: "!env ADDR"},
				{Path: "server.port", Text: "9000", Set: true},
				{Path: "project", Text: `"1"`},
				{Path: "wifi.backoff_ms", Text: "[500, 1000]"},
				{Path: "sdkconfig.CONFIG_A", Text: `"a\nb # c"`},
				{Path: "sdkconfig.CONFIG_B", Text: "0x1F"},
				{Path: "over.number", Text: "9000", Set: true, Beneath: "80"},
				{Path: "over.null", Text: "null", Set: true, Beneath: "!env X"},
				{Path: "over.line", Text: " a, [b\n]", Set: true, Beneath: `"c, d]"`},
				{Path: "over.bytes", Text: "\xff", Set: true, Beneath: "[1, 2]"},
				{Path: "over.nothing", Set: true, Beneath: "x"},
				{Path: "over.secret", Set: true, Hidden: true, Beneath: "!hidden"},
				{Path: "over.none", Text: "", Set: true, Beneath: `""`},
			},
		},
		Files: map[string]entry{
			"README.md": {location: location{Deleted: true}},
			"a,b":       {Owner: "user", location: location{At: "b, {c}"}},
			"main.c":    {Key: "KEY"},
			"secret":    {Mode: 0o600},
		},
	}
	text := string(lock.encode())
	read, err := decodeLock("l", []byte(crlf(text)))
	must(t, err)
	if diff := cmp.Diff(lock, read, cmp.AllowUnexported(Lock{}, entry{})); diff != "" {
		t.Errorf("%s\n%s", diff, text)
	}
	body := strings.Split(strings.TrimPrefix(text, lockHead), "\n")
	for i := 0; i < len(body); i += 2 {
		if body[i] == "" || i+1 < len(body) && body[i+1] != "" {
			t.Fatalf("line %d is not one of a fact\n%s", i+1, text)
		}
	}
}

// TestTwice reads locks in which two branches gave a fact two values.
func TestTwice(t *testing.T) {
	text := lockOf(Origin{Espgen: "v1.2.0", Role: "r", Values: []Value{{Path: "server.port", Text: "80", Set: true}, {Path: "wifi.ssid", Text: "lab"}}}, public("f", lines))
	for name, test := range map[string]struct {
		old, new string
		want     []Twice
	}{
		"union":        {"  server.port: !set 80\n", "  server.port: !set 80\n  server.port: 90\n", []Twice{{"server.port", [2]string{"80", "90"}, true, false}}},
		"marks":        {"role: r\n", "<<<<<<< HEAD\nrole: r\n||||||| 1234567\nrole: q\n=======\nrole: s\n>>>>>>> other\n", []Twice{{"role", [2]string{"r", "s"}, false, false}}},
		"the same":     {"role: r\n", "role: r\nrole: r\n", nil},
		"newer espgen": {"espgen: v1.2.0\n", "espgen: v1.10.0\nespgen: v1.2.0\n", nil},
		"a secret":     {"  wifi.ssid: lab\n", "  wifi.ssid: lab\n  wifi.ssid: !hidden\n", []Twice{{"wifi.ssid", [2]string{"lab", "a secret"}, true, false}}},
		"a student":    {"role: r\n", "role: r\n\nstudent: ann\n\nstudent: bob\n", []Twice{{"student", [2]string{"ann", "bob"}, false, false}}},
		"steps":        {"role: r\n", "role: r\n\nexercise: [a]\n\nexercise: [b, a]\n", nil},
		"files":        {"  f: {}\n", "  f: {}\n  f: {deleted: true}\n", nil},
	} {
		lock, err := decodeLock("l", []byte(strings.Replace(text, test.old, test.new, 1)))
		must(t, err)
		if diff := cmp.Diff(test.want, lock.Twice); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
		if name == "steps" && !slices.Equal(lock.Exercise, []string{"a", "b"}) {
			t.Errorf("the steps are %q: those of one branch would be shown", lock.Exercise)
		}
		if strings.HasPrefix(name, "newer") && lock.Espgen != "v1.10.0" {
			t.Errorf("espgen is %s", lock.Espgen)
		}
	}
}

// TestOpenErrors takes from a project what belongs to it.
func TestOpenErrors(t *testing.T) {
	tests := map[string]struct {
		path, text string
		want       func(error) bool
	}{
		"no lock":         {LockFile, "gone", func(err error) bool { return errors.Is(err, ErrNoLock) }},
		"a folder":        {pristinePath("f"), "dir", isRecordError},
		"a link":          {pristinePath("f"), "link", isRecordError},
		"no pristine dir": {pristineDir, "x", isRecordError},
		"a linked dir":    {pristineDir, "link", isRecordError},
		"large":           {pristinePath("f"), strings.Repeat("x", maxPristineFile+1), isRecordError},
	}
	for name, test := range tests {
		dir := t.TempDir()
		fresh(t, dir, someNow("v1", public("f", lines)))
		place(t, dir, test.path, test.text)
		if _, _, err := Open(t.Context(), dir, nil); err == nil || !test.want(err) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

// TestPristineTogether wants a limit for all files of the pristine copy.
func TestPristineTogether(t *testing.T) {
	dir := t.TempDir()
	var files []generator.File
	for i := range 5 {
		files = append(files, public(fmt.Sprint("f", i), strings.Repeat("x", maxPristineFile)))
	}
	fresh(t, dir, someNow("v1", files...))
	if _, _, err := Open(t.Context(), dir, nil); !isRecordError(err) || !strings.HasSuffix(err.Error(), "pristine holds more than the limit of 16 MiB") {
		t.Errorf("got %v", err)
	}
}

func isRecordError(err error) bool {
	_, ok := errors.AsType[*RecordError](err)
	return ok
}

// TestCheck has a case for each state of a file.
func TestCheck(t *testing.T) {
	was := []generator.File{public("edited", lines), public("extra", lines), public("gone", lines), public("stale", lines), secret("s"), users("user", lines)}
	dir := t.TempDir()
	fresh(t, dir, someNow("v1", was...))
	check := func(version string, files ...generator.File) string {
		t.Helper()
		p, _, err := Open(t.Context(), dir, nil)
		must(t, err)
		defer p.Close()
		faults, err := p.Check(someNow(version, files...))
		must(t, err)
		var list []string
		for _, f := range faults {
			list = append(list, string(f.State)+" "+f.Path)
		}
		return strings.Join(list, ", ")
	}
	if got := check("v1", was...); got != "" {
		t.Errorf("a fresh project: %s", got)
	}
	place(t, dir, "user", "mine\n")
	place(t, dir, "secret", "gone")
	if got := check("v1", was...); got != "" {
		t.Errorf("with an edited user file, and without secrets: %s", got)
	}
	if got := check("v2", was...); got != "stale espgen.lock" {
		t.Errorf("a newer espgen: %s", got)
	}
	place(t, dir, "edited", "mine\n")
	place(t, dir, "gone", "gone")
	place(t, dir, "secret", "other")
	got := check("v1", public("edited", newLines), public("gone", lines), public("new", lines), public("stale", newLines), secret("s"), users("user", lines))
	if want := "stale edited, extra extra, missing gone, missing new, stale secret, stale stale, stale espgen.lock"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// TestTwoUpdates updates a project twice at once: one wins, none breaks it.
func TestTwoUpdates(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("there is no lock on Windows")
	}
	dir := t.TempDir()
	fresh(t, dir, someNow("v0", public("f", lines)))
	ended := make(chan error)
	for i := range 8 {
		go func() {
			p, _, err := Open(t.Context(), dir, nil)
			if err == nil {
				defer p.Close()
				var plan *Plan
				if plan, err = p.Plan(someNow(fmt.Sprint("v", i+1), public("f", fmt.Sprint(i, "\n")))); err == nil {
					err = plan.Apply(t.Context())
				}
			}
			ended <- err
		}()
	}
	won := 0
	for range 8 {
		err := <-ended
		if err == nil {
			won++
		} else if !errors.Is(err, ErrChanged) {
			t.Error(err)
		}
	}
	p, _, err := Open(t.Context(), dir, nil)
	must(t, err)
	defer p.Close()
	if data, _ := os.ReadFile(filepath.Join(dir, "f")); won == 0 || string(data) != string(p.pristine["f"]) {
		t.Errorf("%d won, and f is %q", won, data)
	}
}

// TestOldLocks updates projects of every version of the lock. Those of
// testdata are never written anew.
func TestOldLocks(t *testing.T) {
	for version := 1; version < lockVersion; version++ {
		dir := filepath.Join(t.TempDir(), "p")
		must(t, os.CopyFS(dir, os.DirFS(fmt.Sprintf("testdata/v%d", version))))
		files := []generator.File{public("a/f", newLines), users("user", newLines), secret("s")}
		want := map[string]string{"a/f": newLines, "user": newLines, "secret": "s"}
		if version > 1 { // with a file that is deleted, and one that is elsewhere
			files = append(files, public("a/deleted", newLines), public("a/renamed", newLines))
			want["b/moved"] = newLines
		}
		now := someNow("v1", files...)
		updated(t, dir, now)
		got := tree(t, dir)
		if diff := cmp.Diff(want, withoutRecords(got)); diff != "" {
			t.Errorf("version %d: %s", version, diff)
		}
		if _, ok := got[packedFile]; ok || !strings.Contains(got[LockFile], "version: 3\n") || got[pristinePath("a/f")] != newLines {
			t.Errorf("version %d is not brought up to the newest: %v", version, slices.Sorted(maps.Keys(got)))
		}
		if plan := updated(t, dir, now); !plan.Empty() {
			t.Errorf("version %d: the second update does something", version)
		}
	}
}

// TestOldPacked gives old projects whose pristine copy cannot be used.
func TestOldPacked(t *testing.T) {
	for name, text := range map[string]string{
		"missing":           "gone",
		"junk":              "junk",
		"of another update": string(pack([]generator.File{public("a/f", newLines), users("user", newLines)})),
	} {
		dir := filepath.Join(t.TempDir(), "p")
		must(t, os.CopyFS(dir, os.DirFS("testdata/v1")))
		place(t, dir, packedFile, text)
		if _, _, err := Open(t.Context(), dir, nil); !isRecordError(err) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

// TestLost takes a file from the pristine copy. What the lock's values give
// takes its place.
func TestLost(t *testing.T) {
	dir := t.TempDir()
	was := someNow("v1", public("f", lines), public("g", lines), secret("s"))
	fresh(t, dir, was)
	place(t, dir, pristinePath("f"), "gone")
	p, _, err := Open(t.Context(), dir, nil)
	must(t, err)
	defer p.Close()
	if lost := p.Lost(); len(lost) != 1 || lost[0] != "f" || !isRecordError(p.LostError()) {
		t.Errorf("lost: %v, %v", lost, p.LostError())
	}
	p.Refill([]generator.File{public("f", lines), public("g", "another")})
	must(t, p.LostError())
	plan, err := p.Plan(was)
	must(t, err)
	must(t, plan.Apply(t.Context()))
	if got := tree(t, dir)[pristinePath("f")]; got != lines || len(plan.Changes) > 0 {
		t.Errorf("%q, %v", got, plan.Changes)
	}
}

// TestUnfinished stops an update that has no way back, mends what stopped it,
// and goes on.
func TestUnfinished(t *testing.T) {
	dir := t.TempDir()
	fresh(t, dir, someNow("v1", public("f", lines)))
	p, _, err := Open(t.Context(), dir, nil)
	must(t, err)
	defer p.Close()
	plan, err := p.Plan(someNow("v2", public("f", newLines), public("a/added", lines)))
	must(t, err)
	steps, err := plan.stage(t.Context())
	must(t, err)
	must(t, p.root.Rename(local(draft), local(journal)))
	place(t, dir, "a", "in the way\n")
	if _, ok := errors.AsType[*UnfinishedError](finish(p.root, steps)); !ok {
		t.Fatal("nothing stops it")
	}
	if _, err := Recover(t.Context(), dir, nil); err == nil {
		t.Fatal("it is finished all the same")
	}
	place(t, dir, "a", "gone")
	if finished, err := Recover(t.Context(), dir, nil); !finished || err != nil {
		t.Fatalf("finished: %v, %v", finished, err)
	}
	want := map[string]string{"f": newLines, "a/added": lines}
	if diff := cmp.Diff(want, withoutRecords(tree(t, dir))); diff != "" {
		t.Error(diff)
	}
}

// TestDiffHidesKey wants no password in a diff: not in its context, and not
// where it has changed.
func TestDiffHidesKey(t *testing.T) {
	before := &content{data: []byte("#define SSID \"a\"\r\n#define KEY \"old-secret\"\r\nint a;\r\n")}
	for want, after := range map[string]string{
		" #define KEY ***\r\n-int a;\r\n+int b;\r\n":              "#define SSID \"a\"\r\n#define KEY \"old-secret\"\r\nint b;\r\n",
		"-#define KEY ***\r\n+  #  define KEY ***\r\n int a;\r\n": "#define SSID \"a\"\r\n  #  define KEY \"new-secret\"\r\nint a;\r\n",
	} {
		text, err := unified("main.c", before, &content{data: []byte(after)}, file{key: "KEY"}.veil())
		if err != nil || !strings.HasSuffix(text, want) || strings.Contains(text, "secret") {
			t.Errorf("%v\n%q\nwant the end %q", err, text, want)
		}
	}
}

// TestHalfResolved wants a conflict that has lost one of its marks counted.
func TestHalfResolved(t *testing.T) {
	for text, want := range map[string]int{
		"<<<<<<< yours\na\n||||||| generated before\n=======\nb\n>>>>>>> generated now\n": 1,
		"a\n||||||| generated before\n=======\nb\n>>>>>>> generated now\n":                1,
		"<<<<<<< yours\na\n": 1,
		"a\n":                0,
	} {
		if got := conflictsIn([]byte(text)); got != want {
			t.Errorf("%q: %d conflicts, want %d", text, got, want)
		}
	}
}

// TestRemoveInLink wants a link to a folder to stay when the last file in it is
// removed.
func TestRemoveInLink(t *testing.T) {
	dir := t.TempDir()
	if err := errors.Join(os.Mkdir(filepath.Join(dir, "src"), 0o755), os.WriteFile(filepath.Join(dir, "src", "a.c"), nil, 0o644)); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("src", filepath.Join(dir, "main")); err != nil {
		t.Skip(err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	if err := (step{Path: "main/a.c"}).remove(root); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Lstat(filepath.Join(dir, "main")); err != nil {
		t.Error(err)
	}
}

// TestStray has files in the pristine copy that the lock does not name, as git
// leaves them where one branch changed a file that another one dropped. They are
// files that are generated no longer.
func TestStray(t *testing.T) {
	dir := t.TempDir()
	now := someNow("v1", public("f", lines))
	fresh(t, dir, now)
	for _, path := range []string{"gone", "a/stray", "a/edited"} {
		place(t, dir, pristinePath(path), lines)
	}
	place(t, dir, "a/stray", lines)
	place(t, dir, "a/edited", "mine\n")
	if got, want := faults(t, dir, now), "extra a/edited, extra a/stray, stale espgen.lock"; got != want {
		t.Errorf("check finds %s, not %s", got, want)
	}
	p, _, err := Open(t.Context(), dir, nil)
	must(t, err)
	plan, err := p.Plan(now)
	must(t, err)
	_, err = plan.stage(t.Context()) // and it is killed
	must(t, err)
	must(t, p.root.Rename(local(draft), local(journal)))
	must(t, p.Close())
	if got := faults(t, dir, now); got != "" {
		t.Errorf("after it, check finds %s", got)
	}
	want := map[string]string{"f": lines, "a/edited.yours": "mine\n"}
	got := tree(t, dir)
	if diff := cmp.Diff(want, withoutRecords(got)); diff != "" {
		t.Error(diff)
	}
	if _, ok := got[pristinePath("a/stray")]; ok {
		t.Error("the pristine copy has it still")
	}
}

// TestStrayLinks has what is no file in the pristine copy.
func TestStrayLinks(t *testing.T) {
	for _, what := range []string{"link", "dir"} {
		dir := t.TempDir()
		now := someNow("v1", public("f", lines))
		fresh(t, dir, now)
		place(t, dir, pristinePath("b/stray"), what)
		place(t, dir, "b/stray", lines)
		updated(t, dir, now)
		if got := tree(t, dir)["b/stray"]; got != lines {
			t.Errorf("%s: the user's file is %q", what, got)
		}
	}
}

// TestCrashOld stops the update of a project with a packed pristine copy at each
// point: it is done after the next command, or never was.
func TestCrashOld(t *testing.T) {
	now := someNow("v1", public("a/f", newLines), public("a/renamed", newLines), public("a/deleted", lines), users("user", newLines), secret("s"))
	copied := func() string {
		t.Helper()
		dir := filepath.Join(t.TempDir(), "p")
		must(t, os.CopyFS(dir, os.DirFS("testdata/v2")))
		return dir
	}
	whole := copied()
	updated(t, whole, now)
	for done := -1; ; done++ {
		dir := copied()
		want := tree(t, dir)
		p, _, err := Open(t.Context(), dir, nil)
		must(t, err)
		plan, err := p.Plan(now)
		must(t, err)
		steps, err := plan.stage(t.Context())
		must(t, err)
		if done >= 0 {
			want = tree(t, whole)
			must(t, p.root.Rename(local(draft), local(journal)))
			for _, s := range steps[:min(done, len(steps))] {
				must(t, s.do(p.root))
			}
		}
		must(t, p.Close())
		p, _, err = Open(t.Context(), dir, nil)
		must(t, err)
		must(t, p.Close())
		if diff := cmp.Diff(want, tree(t, dir)); diff != "" {
			t.Errorf("stopped after %d of %d steps: %s", done, len(steps), diff)
		}
		if done > len(steps) {
			break
		}
	}
}
