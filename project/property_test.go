package project

import (
	"bytes"
	"context"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/espgen/espgen/generator"
	"github.com/espgen/espgen/generator/rules"
	"github.com/espgen/espgen/generator/spec"
	"github.com/espgen/espgen/templates"
)

// A tb is what *testing.T and *rapid.T have in common.
type tb interface {
	Context() context.Context
	Helper()
	Fatal(args ...any)
	Fatalf(format string, args ...any)
}

func must(t tb, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// someSpec draws a spec. Its SSID is one of few, so that specs may be equal.
func someSpec(t *rapid.T) *spec.Spec {
	names, err := generator.RoleNames(templates.FS)
	must(t, err)
	role, err := generator.LoadRole(templates.FS, rapid.SampledFrom(names).Draw(t, "role"))
	must(t, err)
	styleName := rapid.SampledFrom(role.StyleNames()).Draw(t, "style")
	style := role.Styles[styleName]
	s := &spec.Spec{
		Role:   role.Name,
		Style:  &styleName,
		Target: new(rapid.SampledFrom([]string{"esp32", "esp32s3", "esp32c6"}).Draw(t, "target")),
		WiFi: spec.WiFi{
			SSID:     rapid.SampledFrom([]string{"lab", "home", "校园网"}).Draw(t, "ssid"),
			Password: new(rapid.SampledFrom([]string{"correct horse", "battery staple"}).Draw(t, "password")),
		},
		Task: spec.Task{Priority: new(rapid.IntRange(4, 6).Draw(t, "priority"))},
	}
	if _, ok := style.Fields["server.port"]; ok {
		s.Server.Port = new(rapid.IntRange(8080, 8082).Draw(t, "port"))
	}
	if _, ok := style.Fields["server.addr"]; ok {
		s.Server.Addr = new("10.0.0.1")
	}
	if _, ok := style.Fields["server.max_clients"]; ok {
		s.Server.MaxClients = new(rapid.IntRange(1, 3).Draw(t, "clients"))
	}
	return s
}

// render gives what a spec gives now.
func render(t tb, s *spec.Spec) Now {
	t.Helper()
	role, err := generator.LoadRole(templates.FS, s.Role)
	must(t, err)
	checked, err := rules.Check(s, role)
	must(t, err)
	files, err := generator.RenderChecked(templates.FS, role, checked)
	must(t, err)
	return Now{
		Origin: Origin{Espgen: "v1", Role: s.Role, Style: *checked.Style, Spec: "../spec.yaml", Values: []Value{{Path: "wifi.ssid", Text: s.WiFi.SSID}}},
		Files:  files,
	}
}

// fresh writes a project as `espgen new` does.
func fresh(t tb, dir string, now Now) {
	t.Helper()
	must(t, generator.Write(t.Context(), dir, append(Records(now.Origin, now.Files), now.Files...)))
}

// updated updates the project in dir and returns what was done.
func updated(t tb, dir string, now Now) *Plan {
	t.Helper()
	p, _, err := Open(t.Context(), dir, nil)
	must(t, err)
	defer p.Close()
	plan, err := p.Plan(now)
	must(t, err)
	must(t, plan.Apply(t.Context()))
	return plan
}

// tree returns the files below dir by path.
func tree(t tb, dir string) map[string]string {
	t.Helper()
	files := map[string]string{}
	err := filepath.WalkDir(dir, func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(p)
		if err == nil {
			rel, _ := filepath.Rel(dir, p)
			files[filepath.ToSlash(rel)] = string(data)
		}
		return err
	})
	must(t, err)
	return files
}

// edit makes some edits, and returns the lines that it wrote. gentle is
// whether an update with nothing new leaves all of it as it is.
func edit(t *rapid.T, dir string, now Now, round int) (lines []string, gentle bool) {
	gentle = true
	paths := []string{"main/mine.c", "main/tcp_server.c", "main/tcp_client.c"} // two of them may be generated later
	for _, f := range now.Files {
		paths = append(paths, f.Path)
	}
	for i := range rapid.IntRange(0, 4).Draw(t, "edits") {
		path := rapid.SampledFrom(paths).Draw(t, "path")
		name := filepath.Join(dir, filepath.FromSlash(path))
		data, err := os.ReadFile(name)
		if err != nil {
			must(t, os.MkdirAll(filepath.Dir(name), 0o755))
		}
		if path == "sdkconfig.secrets" {
			gentle = false
		}
		line := fmt.Sprintf("// mine %d.%d", round, i)
		list := bytes.SplitAfter(data, []byte("\n"))
		at := rapid.IntRange(0, len(list)-1).Draw(t, "line")
		switch rapid.SampledFrom([]string{"insert", "replace", "delete lines", "crlf", "binary", "cut", "remove"}).Draw(t, "edit") {
		case "insert":
			list = slices.Insert(list, at, []byte(line+"\n"))
			lines = append(lines, line)
		case "replace":
			lines = without(lines, list[at])
			list[at] = []byte(line + "\n")
			lines = append(lines, line)
		case "delete lines":
			to := rapid.IntRange(at, len(list)).Draw(t, "to")
			lines = without(lines, list[at:to]...)
			list = slices.Delete(list, at, to)
		case "crlf":
			for i, l := range list {
				list[i] = bytes.ReplaceAll(bytes.ReplaceAll(l, []byte("\r\n"), []byte("\n")), []byte("\n"), []byte("\r\n"))
			}
		case "binary":
			list = slices.Insert(list, at, []byte(line+"\x00\xff\n"))
			lines = append(lines, line)
		case "cut": // the file ends without a newline
			list = append(list, []byte(line))
			lines = append(lines, line)
		case "remove":
			lines = without(lines, list...)
			_ = os.Remove(name)
			gentle = false
			continue
		}
		must(t, os.WriteFile(name, bytes.Join(list, nil), 0o644))
	}
	return lines, gentle
}

// without returns the lines that are not in gone.
func without(lines []string, gone ...[]byte) []string {
	return slices.DeleteFunc(lines, func(line string) bool { return bytes.Contains(bytes.Join(gone, nil), []byte(line)) })
}

// TestUpdates edits random projects at random, changes their specs and updates
// them: no line of an edit is lost, a second update does nothing, an update
// with nothing new neither, and without edits it equals a fresh project.
func TestUpdates(t *testing.T) {
	needGit(t)
	all, checks := t.TempDir(), 0
	rapid.Check(t, func(t *rapid.T) {
		checks++
		base := filepath.Join(all, strconv.Itoa(checks))
		defer os.RemoveAll(base)
		dir := filepath.Join(base, "my 项目")
		now := render(t, someSpec(t))
		fresh(t, dir, now)
		var mine []string
		edited, allGentle := false, true
		for round := range rapid.IntRange(1, 3).Draw(t, "rounds") {
			resolve(t, dir)
			before := tree(t, dir)
			lines, gentle := edit(t, dir, now, round)
			after := tree(t, dir)
			edited = edited || !maps.Equal(before, after)
			mine = present(append(mine, lines...), after)
			if allGentle = allGentle && gentle; allGentle {
				if updated(t, dir, now); !maps.Equal(after, tree(t, dir)) {
					t.Fatalf("an update with nothing new changes something: %s", cmp.Diff(after, tree(t, dir)))
				}
			}
			now = render(t, someSpec(t))
			updated(t, dir, now)
			result := tree(t, dir)
			for _, line := range mine {
				if len(present([]string{line}, result)) == 0 {
					t.Fatalf("the line %q is lost", line)
				}
			}
			updated(t, dir, now)
			if again := tree(t, dir); !maps.Equal(result, again) {
				t.Fatalf("the second update changes something: %s", cmp.Diff(result, again))
			}
			if edited {
				continue
			}
			want := filepath.Join(base, fmt.Sprint("fresh", round))
			fresh(t, want, now)
			maps.DeleteFunc(result, func(path, _ string) bool { // secrets of a round before: they are never deleted
				return strings.HasPrefix(path, "former") || path == "sdkconfig.secrets" && now.Origin.Style == "guide"
			})
			if diff := cmp.Diff(tree(t, want), result); diff != "" {
				t.Fatalf("an update without edits is not a fresh project: %s", diff)
			}
		}
	})
}

// resolve takes the marks of conflicts out of a project, and leaves both sides.
func resolve(t tb, dir string) {
	t.Helper()
	marks := regexp.MustCompile(`(?m)^(?:<{7} |\|{7} |={7}\r?$|>{7} ).*\n?`)
	for path, text := range tree(t, dir) {
		if conflictsIn([]byte(text)) > 0 {
			must(t, os.WriteFile(filepath.Join(dir, filepath.FromSlash(path)), marks.ReplaceAll([]byte(text), nil), 0o644))
		}
	}
}

// present returns the lines that are in some file of a project.
func present(lines []string, files map[string]string) []string {
	all := strings.Join(slices.Collect(maps.Values(files)), "\n")
	var list []string
	for _, line := range lines {
		if strings.Contains(all, line) {
			list = append(list, line)
		}
	}
	return list
}
