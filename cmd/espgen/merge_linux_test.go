package main

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// mergedFields are fields with a value for the base and one for a branch. Their
// lines are neighbours in some file, or the sum of some is in one.
var mergedFields = []struct{ path, was, is, styles string }{
	{"comments", "en", "zh", "guide robust"},
	{"target", "esp32", "esp32c3", "guide robust"},
	{"wifi.ssid", "lab", "home", "guide robust"},
	{"wifi.password", "correct horse", "battery staple", "guide robust"},
	{"wifi.power_save", "none", "min_modem", "guide robust"},
	{"wifi.retries", "5", "6", "guide"},
	{"wifi.reboot_timeout_s", "900", "0", "robust"},
	{"server.port", "8080", "9000", "guide robust"},
	{"server.backlog", "1", "2", "guide robust"},
	{"server.max_clients", "1", "4", "guide robust"},
	{"server.idle_timeout_s", "0", "10", "robust"},
	{"buffers.rx", "128", "256", "guide robust"},
	{"keepalive.idle", "5", "10", "guide robust"},
	{"keepalive.interval", "5", "10", "guide robust"},
	{"keepalive.count", "3", "4", "guide robust"},
	{"task.priority", "5", "6", "guide robust"},
}

// TestMerge changes different fields, and files, on two branches at random, and
// has git merge them: the records are never in conflict, and after an update they
// are those of a new project of the merged spec, with all edits.
// ESPGEN_MERGES is how often, in place of 6.
func TestMerge(t *testing.T) {
	if _, err := exec.LookPath("git"); err != nil && os.Getenv("ESPGEN_NEED_TOOLS") == "" {
		t.Skip("git is not installed")
	}
	merges := 6
	if text := os.Getenv("ESPGEN_MERGES"); text != "" {
		var err error
		if merges, err = strconv.Atoi(text); err != nil {
			t.Fatal(err)
		}
	}
	for name, value := range map[string]string{
		"HOME": t.TempDir(), "GIT_CONFIG_NOSYSTEM": "1", "GIT_AUTHOR_NAME": "x", "GIT_AUTHOR_EMAIL": "x@example.com",
		"GIT_COMMITTER_NAME": "x", "GIT_COMMITTER_EMAIL": "x@example.com",
	} {
		t.Setenv(name, value)
	}
	for range merges {
		seed := rand.Uint64()
		t.Run(strconv.FormatUint(seed, 10), func(t *testing.T) {
			m := merging{t, t.TempDir(), rand.New(rand.NewPCG(seed, 0))}
			m.run()
		})
	}
}

// A merging is one of two branches.
type merging struct {
	t    *testing.T
	dir  string // of the repository
	rand *rand.Rand
}

func (m merging) run() {
	m.t.Helper()
	style := []string{"guide", "robust"}[m.rand.IntN(2)]
	values := map[string]string{}
	var paths []string
	for _, f := range mergedFields {
		if strings.Contains(f.styles, style) {
			values[f.path] = f.was
			paths = append(paths, f.path)
		}
	}
	m.rand.Shuffle(len(paths), func(i, j int) { paths[i], paths[j] = paths[j], paths[i] })
	changed := map[string][]string{"a": paths[:1+m.rand.IntN(3)], "b": paths[4 : 5+m.rand.IntN(3)]}
	m.t.Log(style, changed)

	m.git("init", "-q", "-b", "main")
	m.writeSpec(style, values)
	espgen(m.t, "new", "tcp-server", "-f", m.path("spec.yaml"), "-o", m.path("p"))
	m.commit()
	merged := maps.Clone(values)
	for _, branch := range []string{"a", "b"} {
		m.git("checkout", "-q", "-b", branch, "main")
		here := maps.Clone(values)
		for _, path := range changed[branch] {
			i := slices.IndexFunc(mergedFields, func(f struct{ path, was, is, styles string }) bool { return f.path == path })
			here[path], merged[path] = mergedFields[i].is, mergedFields[i].is
		}
		m.edit("// mine on " + branch)
		m.writeSpec(style, here)
		m.update()
		m.commit()
	}
	if out, err := m.command("git", "merge", "-q", "-m", "both", "a").CombinedOutput(); err != nil && !strings.Contains(string(out), "CONFLICT") {
		m.t.Fatalf("git merge: %v\n%s", err, out)
	}
	conflicts := m.git("diff", "--name-only", "--diff-filter=U")
	if strings.Contains(conflicts, "espgen") || strings.Contains(conflicts, "spec.yaml") {
		m.t.Fatalf("in conflict:\n%s", conflicts)
	}
	m.resolve()
	m.commit()
	m.update()
	m.isAsNew(style, merged)
	if again, err := m.command("espgen", "update", "--force", "p").CombinedOutput(); err != nil || !strings.Contains(string(again), "is up to date") {
		m.t.Errorf("the second update: %v\n%s", err, again)
	}
}

// isAsNew wants the records to be those of a new project, and the edits to be
// there. The former defaults are none of a new project, and the pristine copy of
// a file that is the user's stays at what the user edited.
func (m merging) isAsNew(style string, values map[string]string) {
	m.t.Helper()
	m.writeSpec(style, values) // as git merged it: the spec is the same file
	if status := m.git("status", "--short", "spec.yaml"); status != "" {
		m.t.Errorf("git merged the spec in another way: %s", status)
	}
	espgen(m.t, "new", "tcp-server", "-f", m.path("spec.yaml"), "-o", m.path("new"))
	for _, of := range []string{"espgen.lock", ".espgen"} {
		if out, err := exec.Command("diff", "-r", "-x", "former-defaults", "-x", "app_handler.c", m.path("new", of), m.path("p", of)).CombinedOutput(); err != nil {
			m.t.Errorf("%s is not that of a new project:\n%s", of, out)
		}
	}
	for _, branch := range []string{"a", "b"} {
		if !strings.Contains(state(m.t, m.path("p")), "// mine on "+branch) {
			m.t.Errorf("the edit on %s is lost", branch)
		}
	}
	if out, err := m.command("espgen", "check", "p").CombinedOutput(); err != nil {
		m.t.Errorf("check: %v\n%s", err, out)
	}
}

// writeSpec writes a spec in which every field has a line, with an empty one
// behind it.
func (m merging) writeSpec(style string, values map[string]string) {
	m.t.Helper()
	var b strings.Builder
	fmt.Fprintf(&b, "style: %s\n", style)
	section := ""
	for _, f := range mergedFields {
		value, ok := values[f.path]
		if !ok {
			continue
		}
		key, indent := f.path, ""
		if of, name, nested := strings.Cut(f.path, "."); nested {
			if of != section {
				fmt.Fprintf(&b, "\n%s:\n", of)
				section = of
			}
			key, indent = name, "  "
		}
		fmt.Fprintf(&b, "\n%s%s: %s\n", indent, key, value)
	}
	write(m.t, m.path("spec.yaml"), b.String())
}

// edit inserts a line into a file of the project.
func (m merging) edit(line string) {
	m.t.Helper()
	files, err := filepath.Glob(m.path("p", "main", "*.c"))
	if err != nil {
		m.t.Fatal(err)
	}
	files = append(files, m.path("p", "README.md"))
	name := files[m.rand.IntN(len(files))]
	lines := strings.SplitAfter(readFile(m.t, name), "\n")
	write(m.t, name, strings.Join(slices.Insert(lines, m.rand.IntN(len(lines)), line+"\n"), ""))
}

// update updates the project, and resolves what is in conflict.
func (m merging) update() {
	m.t.Helper()
	for {
		out, err := m.command("espgen", "update", "--force", "p").CombinedOutput()
		if err == nil {
			return
		}
		if !strings.Contains(string(out), "conflict") {
			m.t.Fatalf("update: %v\n%s", err, out)
		}
		m.resolve()
	}
}

var marks = regexp.MustCompile(`(?ms)^<{7} [^\n]*\n|^\|{7} .*?^={7}\n|^={7}\n|^>{7} [^\n]*\n`)

// resolve takes the marks out of files in conflict, and leaves both sides.
func (m merging) resolve() {
	m.t.Helper()
	err := filepath.WalkDir(m.path("p"), func(name string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		if text := readFile(m.t, name); marks.MatchString(text) {
			write(m.t, name, marks.ReplaceAllString(text, ""))
		}
		return nil
	})
	if err != nil {
		m.t.Fatal(err)
	}
}

func (m merging) path(names ...string) string {
	return filepath.Join(append([]string{m.dir}, names...)...)
}

func (m merging) command(name string, args ...string) *exec.Cmd {
	cmd := exec.Command(name, args...)
	cmd.Dir = m.dir
	return cmd
}

func (m merging) git(args ...string) string {
	m.t.Helper()
	out, err := m.command("git", args...).CombinedOutput()
	if err != nil {
		m.t.Fatalf("git %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return string(out)
}

func (m merging) commit() {
	m.t.Helper()
	m.git("add", "-A")
	m.git("commit", "-q", "-m", "x", "--allow-empty")
}
