package course_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/espgen/espgen/course"
	"github.com/espgen/espgen/generator"
	"github.com/espgen/espgen/generator/spec"
	"github.com/espgen/espgen/project"
)

// A folder is the files of a course, by their paths.
type folder map[string]string

// small is a course of a C project of an instructor's own.
func small() folder {
	return folder{
		"course.yaml": `format: 1
title: Small
auto: {sdkconfig.CONFIG_PORT: port}
exercises:
  - {name: echo, project: echo, blank: [listen, answer], checks_file: checks.yaml}
`,
		"roster.csv": "id,name\ns1001,Ada Example\ns1002,Grace Specimen\n",
		"course.key": strings.Repeat("0123456789abcdef", 4) + "\n",
		"checks.yaml": `checks:
  - name: listens
    title: {en: It listens on its port}
    steps: [listen]
    do: [{listening: "${sdkconfig.CONFIG_PORT}"}]
    when: 'true'
  - name: secret-answer
    hidden: true
    title: {en: It answers a tricky question}
    hint: {en: A question may come in two pieces.}
    steps: [answer]
    do: [{connect: a}, {send: "what is the answer"}, {expect: "forty-two it is"}]
`,
		"echo/sdkconfig.defaults":  "# the port of the echo\nCONFIG_PORT=4000\nCONFIG_OTHER=y\n",
		"echo/CMakeLists.txt":      "cmake_minimum_required(VERSION 3.16)\ninclude($ENV{IDF_PATH}/tools/cmake/project.cmake)\nproject(echo)\n",
		"echo/main/CMakeLists.txt": "idf_component_register(SRCS main.c INCLUDE_DIRS .)\n",
		"echo/main/main.c": `#include <lwip/sockets.h>

static void serve(int sock)
{
    //@step listen
    //@title en: Listen for clients
    int failed = listen(sock, 5);
    if (failed != 0) {
        close(sock);
        return;
    }
    //@stub
    // TODO(listen): make the socket listen.
    int failed = 0;
    (void)failed;
    //@end
    //@step answer
    //@title en: Answer
    const char *text = "forty-two it is";
    send(sock, text, strlen(text), MSG_MORE);
    //@stub
    // TODO(answer): send the answer.
    (void)sock;
    //@mutant half
    //@title en: Sends half of it
    send(sock, "forty-two", 9, 0);
    //@end
    close(sock);
    return;
}

void app_main(void) { serve(socket(AF_INET, SOCK_STREAM, 0)); }
`,
	}
}

// write writes the folder, and returns its path.
func (f folder) write(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range f {
		file := filepath.Join(dir, name)
		mode := fs.FileMode(0o644)
		if name == course.KeyFile {
			mode = 0o600
		}
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), mode); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func open(t *testing.T, dir string) *course.Course {
	t.Helper()
	c, err := tryOpen(dir)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func tryOpen(dir string) (*course.Course, error) {
	return course.Open(context.Background(), dir, course.From{Espgen: "v1.0.0", Sources: func(string) spec.Sources { return spec.Sources{} }})
}

func build(t *testing.T, c *course.Course, out string) course.Summary {
	t.Helper()
	sum, err := c.Build(context.Background(), out, course.BuildOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return sum
}

// tree reads the files below a folder.
func tree(t *testing.T, dir string) map[string]string {
	t.Helper()
	files := map[string]string{}
	err := filepath.WalkDir(dir, func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(p)
		rel, _ := filepath.Rel(dir, p)
		files[filepath.ToSlash(rel)] = string(data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func TestBuild(t *testing.T) {
	c := open(t, small().write(t))
	out := filepath.Join(t.TempDir(), "out")
	if sum := build(t, c, out); sum.Written != 2 || sum.UpToDate != 0 {
		t.Errorf("the first build: %+v", sum)
	}
	files := tree(t, out)
	main := files["hand-outs/echo/s1001/main/main.c"]
	for _, want := range []string{"TODO(listen)", "TODO(answer)", "close(sock);\n    return;\n}"} {
		if !strings.Contains(main, want) {
			t.Errorf("the hand-out has no %q:\n%s", want, main)
		}
	}
	if strings.Contains(main, "//@") {
		t.Error("the hand-out has markers")
	}
	for name, text := range files {
		solved := strings.Contains(text, "listen(sock, 5)")
		if want := strings.HasPrefix(name, "solutions/") && strings.HasSuffix(name, "main/main.c") || name == "grader/echo/project/main/main.c"; solved != want {
			t.Errorf("%s: shows the solution: %v", name, solved)
		}
		if strings.HasPrefix(name, "hand-outs") && strings.Contains(text, "tricky") {
			t.Errorf("%s shows a hidden check", name)
		}
		if strings.HasPrefix(name, "grader/") && (strings.Contains(text, "Ada") || strings.Contains(text, "0123456789abcdef")) {
			t.Errorf("%s has a name, or the key", name)
		}
	}
	lock := files["hand-outs/echo/s1002/espgen.lock"]
	for _, want := range []string{"exercise: [listen, answer]\n", "course-exercise: echo\n", "student: s1002\n"} {
		if !strings.Contains(lock, want) {
			t.Errorf("the lock has no %q:\n%s", want, lock)
		}
	}
	if !regexp.MustCompile(`^# the port of the echo\nCONFIG_PORT=\d{5}\nCONFIG_OTHER=y\n$`).MatchString(files["hand-outs/echo/s1001/sdkconfig.defaults"]) {
		t.Error("the hand-out has no port")
	}
	again := filepath.Join(t.TempDir(), "again")
	build(t, open(t, small().write(t)), again)
	for name, text := range tree(t, again) {
		if files[name] != text {
			t.Errorf("%s: the same course gives other bytes", name)
		}
	}
	if sum := build(t, c, out); sum.Written != 0 || sum.UpToDate != 2 {
		t.Errorf("the second build: %+v", sum)
	}
}

func TestBuildAgain(t *testing.T) {
	f := small()
	out := filepath.Join(t.TempDir(), "out")
	build(t, open(t, f.write(t)), out)
	begun := filepath.Join(out, "hand-outs", "echo", "s1001", "main", "main.c")
	mine, err := os.ReadFile(begun)
	if err != nil {
		t.Fatal(err)
	}
	mine = bytes.Replace(mine, []byte("// TODO(answer)"), []byte("// I have begun"), 1)
	if err := os.WriteFile(begun, mine, 0o644); err != nil {
		t.Fatal(err)
	}
	f["echo/main/main.c"] = strings.Replace(f["echo/main/main.c"], "void app_main", "// a correction\nvoid app_main", 1)
	f["roster.csv"] = "id,name\ns1001,Ada Example\ns1003,New Person\n"
	c := open(t, f.write(t))
	sum := build(t, c, out)
	if sum.Written != 1 || !slices.Equal(sum.Begun, []string{"hand-outs/echo/s1001"}) ||
		!slices.Equal(sum.Stray, []string{"hand-outs/echo/s1002", "hand-outs/echo/s1002.zip"}) {
		t.Errorf("%+v", sum)
	}
	if now, _ := os.ReadFile(begun); !bytes.Equal(now, mine) {
		t.Error("the build has changed what somebody has worked in")
	}
	list, err := c.Update(context.Background(), filepath.Join(out, "hand-outs"), course.UpdateOptions{
		Was: func(*project.Project, project.Now) map[string][]string { return nil },
	})
	if err != nil {
		t.Fatal(err)
	}
	var told []string
	for _, u := range list {
		told = append(told, fmt.Sprint(u.Student, u.Changed, u.Conflicts, u.Problem))
	}
	want := []string{"s1001true0", "s1002false0the roster has no such student", "s1003false0"}
	for i := range want {
		want[i] = strings.Replace(strings.Replace(want[i], "true0", "true 0 ", 1), "false0", "false 0 ", 1)
	}
	if strings.ReplaceAll(strings.Join(told, "\n"), " ", "") != strings.ReplaceAll(strings.Join(want, "\n"), " ", "") {
		t.Errorf("got %q, want %q", told, want)
	}
	now, _ := os.ReadFile(begun)
	if !bytes.Contains(now, []byte("// a correction")) || !bytes.Contains(now, []byte("// I have begun")) {
		t.Errorf("the update has not merged:\n%s", now)
	}
	if bytes.Contains(now, []byte("listen(sock, 5)")) {
		t.Error("the update shows the solution")
	}
}

// TestLeaks plants what must not be in a hand-out.
func TestLeaks(t *testing.T) {
	for _, c := range []struct {
		name, file, old, new string
		kind                 string // of the leak, "" where it is none
		of                   string // what the message names
	}{
		{"nothing", "echo/main/main.c", "", "", "", ""},
		{"the solution in a stub's comment", "echo/main/main.c", "// TODO(listen): make the socket listen.", "// TODO(listen): write: int failed = listen(sock, 5);", "solution", "main/main.c:5"},
		{"other names and spaces", "echo/main/main.c", "int failed = 0;", "int failed = 0; int e=listen( my_socket,5 ) ;", "solution", "listen(sock, 5);"},
		{"in several lines", "echo/main/main.c", "// TODO(answer): send the answer.", "/* send(s,\n     t, strlen(t),\n     MSG_MORE); */", "solution", "step answer"},
		{"a copy of the source", "echo/main/old.c", "", "void old(int s)\n{\n    const char *t = \"forty-two it is\";\n    send(s, t, strlen(t), MSG_MORE);\n}\n", "solution", "step answer"},
		{"notes in another folder", "echo/docs/notes.md", "", "Use `int failed = listen(sock, 5); if (failed != 0) { close(sock); return; }` there.\n", "solution", "step listen"},
		{"in the text of the exercise", "course.yaml", "name: echo,", `name: echo, text: "int r = listen(s, 5);",`, "solution", "listen(sock, 5);"},
		{"in a visible check", "checks.yaml", "{en: It listens on its port}", `{en: "It calls int x = listen(sock, 5);"}`, "solution", "listen(sock, 5);"},
		{"what the rest of the program has", "echo/main/main.c", "// TODO(listen): make the socket listen.", "// close(sock); return;", "", ""},
		{"the prototype of a function", "echo/main/main.c", "// TODO(listen): make the socket listen.", "// int listen(int s, int backlog);", "", ""},
		{"a hidden check's title", "echo/README.md", "", "It answers a tricky question: see below.\n", "hidden check", "secret-answer"},
		{"a hidden check's hint", "echo/main/main.c", "// TODO(answer): send the answer.", "// A question may come in two pieces.", "hidden check", "secret-answer"},
		{"a hidden check", "echo/notes.yaml", "", "checks:\n  - name: secret-answer\n", "hidden check", "secret-answer"},
		{"the key", "echo/.config", "", "key " + strings.Repeat("0123456789abcdef", 4) + "\n", "key", "key"},
		{"the key in capitals", "echo/.config", "", strings.Repeat("0123456789ABCDEF", 4), "key", "key"},
		{"a name", "echo/README.md", "", "Thanks to Grace Specimen.\n", "student", "Grace Specimen"},
		{"an id", "echo/README.md", "", "as s1002 has asked\n", "student", "s1002"},
		{"an id within a word", "echo/README.md", "", "xs1002 s10021\n", "", ""},
	} {
		f := small()
		if c.old == "" {
			f[c.file] += c.new
		} else {
			f[c.file] = strings.Replace(f[c.file], c.old, c.new, 1)
			if f[c.file] == small()[c.file] {
				t.Fatalf("%s: nothing was planted", c.name)
			}
		}
		opened := open(t, f.write(t))
		out := filepath.Join(t.TempDir(), "out")
		_, err := opened.Build(context.Background(), out, course.BuildOptions{})
		leaks, leaky := errors.AsType[*course.LeakError](err)
		if err != nil && !leaky {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if leaky != (c.kind != "") {
			t.Errorf("%s: leaks: %v", c.name, err)
			continue
		}
		if !leaky {
			continue
		}
		if _, err := os.Stat(out); err == nil {
			t.Errorf("%s: the build has written something", c.name)
		}
		i := slices.IndexFunc(leaks.Leaks, func(l course.Leak) bool {
			return l.Kind == c.kind && strings.Contains(l.Of, c.of) && l.Line > 0 && l.Text != ""
		})
		if i < 0 {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

// TestValuesOfOthers plants a student's own value in the hand-outs of all.
func TestValuesOfOthers(t *testing.T) {
	f := small()
	c := open(t, f.write(t))
	h, err := c.HandOut(context.Background(), c.Exercise("echo"), c.Student("S1002"))
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(h.Files, func(f generator.File) bool { return f.Path == "sdkconfig.defaults" })
	port := regexp.MustCompile(`\d{5}`).FindString(string(h.Files[i].Data))
	f["echo/main/main.c"] = strings.Replace(f["echo/main/main.c"], "// TODO(answer): send", "// TODO(answer): on port "+port+", send", 1)
	err = open(t, f.write(t)).CheckLeaks(context.Background(), course.BuildOptions{})
	leaks, ok := errors.AsType[*course.LeakError](err)
	if !ok {
		t.Fatalf("no leak, and the port is %s: %v", port, err)
	}
	for _, l := range leaks.Leaks {
		if l.Student != "s1001" || !strings.Contains(l.Of, "sdkconfig.CONFIG_PORT of another student, s1002") {
			t.Error(l)
		}
	}
}

func TestGrader(t *testing.T) {
	c := open(t, small().write(t))
	out := filepath.Join(t.TempDir(), "out")
	build(t, c, out)
	grader := open(t, filepath.Join(out, "grader"))
	for _, s := range c.Students() {
		want, err := c.HandOut(context.Background(), c.Exercise("echo"), s)
		if err != nil {
			t.Fatal(err)
		}
		got, err := grader.HandOut(context.Background(), grader.Exercise("echo"), grader.Student(s.ID))
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(got.Open, want.Open) || !slices.Equal(got.Open, []string{"main/main.c"}) {
			t.Errorf("open: %q, want %q", got.Open, want.Open)
		}
		for i, f := range want.Files {
			if got.Files[i].Path != f.Path || !bytes.Equal(got.Files[i].Data, f.Data) {
				t.Errorf("%s differs", f.Path)
			}
		}
		if len(got.Protected()) != len(got.Files)-1 {
			t.Errorf("%d of %d files are protected", len(got.Protected()), len(got.Files))
		}
	}
	if grader.Students()[0].Name != "" || len(grader.Exercise("echo").Checks) != 2 {
		t.Error("the grader has names, or lacks checks")
	}
}

// TestSecrets has a course whose specs refer to secrets: the hand-outs have what
// a project needs, in the file that is for it, and the grader has none.
func TestSecrets(t *testing.T) {
	for style, files := range map[string][2]string{"guide": {"main/main.c", "main/main.c"}, "robust": {"main/Kconfig.projbuild", "sdkconfig.secrets"}} {
		t.Run(style, func(t *testing.T) { testSecrets(t, style, files[0], files[1]) })
	}
}

// testSecrets does so for a style, of which one file has an SSID, and another one
// that is hidden.
func testSecrets(t *testing.T, style, public, hidden string) {
	t.Helper()
	f := folder{
		"course.yaml": "format: 1\ntitle: Small\nexercises:\n  - {name: server, spec: server.yaml, blank: [bind]}\n",
		"roster.csv":  "id,wifi.ssid\ns1001,\ns1002,my net\n",
		"server.yaml": "role: tcp-server\nstyle: " + style + "\nwifi: {ssid: !env NET, password: hunter22hunter22}\n",
	}
	dir := f.write(t)
	from := course.From{Espgen: "v1.0.0", Sources: func(string) spec.Sources {
		return spec.Sources{Env: func(name string) (string, bool) { return "secret-network", name == "NET" }}
	}}
	c, err := course.Open(context.Background(), dir, from)
	if err != nil {
		t.Fatal(err)
	}
	out := filepath.Join(t.TempDir(), "out")
	build(t, c, out)
	holds := map[string]bool{}
	for name, text := range tree(t, out) {
		if strings.Contains(text, "hunter22") || strings.Contains(text, "secret-network") {
			holds[name] = true
			if strings.HasPrefix(name, "grader") || strings.HasSuffix(name, "espgen.lock") || strings.Contains(name, ".espgen/") || strings.HasPrefix(name, "index") {
				t.Errorf("%s holds a secret", name)
			}
		}
	}
	grader := open(t, filepath.Join(out, "grader"))
	if _, err := grader.HandOut(context.Background(), grader.Exercise("server"), grader.Student("s1001")); err != nil {
		t.Error(err)
	}
	h, err := grader.HandOut(context.Background(), grader.Exercise("server"), grader.Student("s1002"))
	if err != nil {
		t.Fatal(err)
	}
	if !slices.ContainsFunc(h.Files, func(f generator.File) bool { return f.Path == public && bytes.Contains(f.Data, []byte(`"my net"`)) }) {
		t.Error("the grader has not what the roster says")
	}
	if name := "hand-outs/server/s1001/" + hidden; !holds[name] {
		t.Errorf("%s has no SSID", name)
	}
}

func TestProblems(t *testing.T) {
	for _, c := range []struct{ file, old, new, want string }{
		{"course.yaml", "format: 1", "format: 2", `course.yaml:1:9: format: unknown format "2"`},
		{"course.yaml", "title:", "titel:", `course.yaml:2:1: unknown key "titel"`},
		{"course.yaml", "[listen, answer]", "[listen, anwser]", `course.yaml:5:49: exercises[0].blank: the source has no step "anwser"`},
		{"course.yaml", "[listen, answer]", "[listen, listen]", `course.yaml:5:49: exercises[0].blank: "listen" is there twice`},
		{"course.yaml", "project: echo", "project: /etc", `exercises[0].project: "/etc" is an absolute path`},
		{"course.yaml", "project: echo", "project: echo, spec: a.yaml", `an exercise is made from a spec or from a project, not from both`},
		{"course.yaml", "name: echo", "name: ../x", `exercises[0].name: "../x" cannot be a name`},
		{"course.yaml", "CONFIG_PORT: port", "CONFIG_PORT: prot", `unknown kind "prot"`},
		{"course.yaml", "sdkconfig.CONFIG_PORT: port", "server.port: port", `no exercise uses the field "server.port"`},
		{"course.yaml", "checks_file: checks.yaml", "checks_file: checks.yaml, checks: [lisens]", `exercises[0].checks[0].name: unknown check "lisens"`},
		{"course.yaml", "checks_file: checks.yaml", "checks_file: checks.yaml, checks: [{name: listens, points: -1}]", `"-1" is not a number of points`},
		{"course.yaml", "title: Small", "title: [a", "course.yaml:"},
		{"roster.csv", "id,name", "id,name,server.prt", `roster.csv:1:9: unknown column "server.prt"`},
		{"course.key", "0123", "zzzz", "course.key: this is not a key of espgen"},
		{"echo/main/main.c", "//@end\n    //@step", "//@step", "main/main.c:16:5"},
		{"checks.yaml", "steps: [listen]", "steps: [lissen]", `the check listens is for the step "lissen"`},
	} {
		f := small()
		f[c.file] = strings.Replace(f[c.file], c.old, c.new, 1)
		if f[c.file] == small()[c.file] {
			t.Fatalf("%q was not replaced", c.old)
		}
		_, err := tryOpen(f.write(t))
		issues, ok := errors.AsType[spec.Issues](err)
		if !ok || !strings.Contains(issues.Error(), c.want) {
			t.Errorf("%q: got %v, want %q", c.new, err, c.want)
		}
		if ok && strings.Contains(issues.Error(), "0123456789abcdef0123") {
			t.Error("the key is told")
		}
	}
}

func TestKeyOfOthers(t *testing.T) {
	dir := small().write(t)
	if err := os.Chmod(filepath.Join(dir, course.KeyFile), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := tryOpen(dir); err == nil || !strings.Contains(err.Error(), "others may read the course's key: its mode is 0644") {
		t.Error(err)
	}
	if err := os.Remove(filepath.Join(dir, course.KeyFile)); err != nil {
		t.Fatal(err)
	}
	if _, err := tryOpen(dir); err == nil || !strings.Contains(err.Error(), "the course's key is missing") {
		t.Error(err)
	}
}

func TestBuildRefused(t *testing.T) {
	dir := small().write(t)
	c := open(t, dir)
	other := t.TempDir()
	if err := os.WriteFile(filepath.Join(other, "thesis.txt"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Build(context.Background(), other, course.BuildOptions{}); !errors.Is(err, course.ErrNotOurs) {
		t.Error(err)
	}
	if _, err := c.Build(context.Background(), dir, course.BuildOptions{}); err == nil {
		t.Error("the course is built into itself")
	}
	// No link inside of OUT leads out of it.
	out, away := t.TempDir(), t.TempDir()
	if err := os.Symlink(away, filepath.Join(out, "hand-outs")); err != nil {
		t.Skip(err)
	}
	if _, err := c.Build(context.Background(), out, course.BuildOptions{}); err == nil {
		t.Error("the build has followed a link")
	}
	if entries, _ := os.ReadDir(away); len(entries) > 0 {
		t.Errorf("the build has written to %v", entries)
	}
	// OUT itself may be one.
	link := filepath.Join(t.TempDir(), "link")
	if err := os.Symlink(t.TempDir(), link); err != nil {
		t.Fatal(err)
	}
	build(t, c, link)
}
