package main

import (
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

const repo = "../.."

// testCommand is the README's command that runs the tests. This test is one of
// them; .ci/run is what runs it.
const testCommand = "go test ./..."

// TestReadme runs the commands of the README in a copy of the repository, in
// order, and wants them to print what it shows.
func TestReadme(t *testing.T) {
	if _, err := exec.LookPath("sh"); err != nil {
		t.Skip("the README's commands are for a shell")
	}
	readme := readFile(t, repo+"/README.md")
	dir := t.TempDir()
	for _, name := range []string{"go.mod", "go.sum", "cmd", "generator", "hostsdk", "templates", "specs"} {
		copyTree(t, filepath.Join(repo, name), filepath.Join(dir, name))
	}
	ran := 0
	for _, block := range regexp.MustCompile("(?ms)^```console\n(.*?)^```").FindAllStringSubmatch(readme, -1) {
		for _, step := range strings.Split(block[1], "$ ")[1:] {
			command, want, _ := strings.Cut(step, "\n")
			if command == testCommand {
				continue
			}
			ran++
			cmd := exec.Command("sh", "-c", command)
			cmd.Dir = dir
			cmd.Env = append(os.Environ(), "GOFLAGS=-buildvcs=false")
			got, err := cmd.CombinedOutput()
			if _, failed := err.(*exec.ExitError); err != nil && !failed { //nolint:errorlint // as exec returns it
				t.Fatal(err)
			}
			if string(got) != want {
				t.Errorf("$ %s\nprints\n%s\nthe README shows\n%s", command, got, want)
			}
		}
	}
	if ran < 6 {
		t.Errorf("only %d commands were found", ran)
	}
}

// TestReadmeIsTrue holds what the README quotes to what it quotes.
func TestReadmeIsTrue(t *testing.T) {
	readme := readFile(t, repo+"/README.md")
	block := func(language string) string {
		return regexp.MustCompile("(?ms)^```" + language + "\n(.*?)^```").FindStringSubmatch(readme)[1]
	}
	if block("yaml") != readFile(t, repo+"/specs/tcp-server.yaml") {
		t.Error("the README's spec is not specs/tcp-server.yaml")
	}
	if !strings.Contains(readFile(t, repo+"/golden/tcp-server/main/main.c"), block("c")) {
		t.Error("the README's C is not in golden/tcp-server/main/main.c")
	}
	if !strings.Contains(readFile(t, repo+"/.ci/run"), testCommand) || !strings.Contains(readme, "$ "+testCommand+"\n") {
		t.Errorf("the README's test command is not the one of .ci/run: %s", testCommand)
	}
	for _, link := range regexp.MustCompile(`\]\(([^):]+)\)`).FindAllStringSubmatch(readme, -1) {
		if _, err := os.Stat(filepath.Join(repo, link[1])); err != nil {
			t.Error(err)
		}
	}
}

// TestRoleOfContributing adds the role that CONTRIBUTING.md walks through, as
// far as its role.yaml goes.
func TestRoleOfContributing(t *testing.T) {
	text := readFile(t, repo+"/CONTRIBUTING.md")
	roleYAML := regexp.MustCompile("(?ms)^   ```yaml\n(.*?)^   ```").FindStringSubmatch(text)[1]
	dir := t.TempDir()
	for _, name := range []string{"go.mod", "go.sum", "cmd", "generator", "hostsdk", "templates"} {
		copyTree(t, filepath.Join(repo, name), filepath.Join(dir, name))
	}
	role := filepath.Join(dir, "templates", "udp-beacon")
	write(t, filepath.Join(role, "role.yaml"), strings.ReplaceAll("\n"+roleYAML, "\n   ", "\n"))
	write(t, filepath.Join(role, "guide", "main", "main.c.tmpl"), "#define NAME {{cquote .WiFi.SSID}}\n")
	write(t, filepath.Join(dir, "s.yaml"), "wifi: {ssid: lab}\nserver: {addr: 10.0.0.1}\n")
	cmd := exec.Command("go", "run", "./cmd/espgen", "new", "udp-beacon", "-f", "s.yaml")
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if got := readFile(t, filepath.Join(dir, "udp_beacon", "main", "main.c")); got != "#define NAME \"lab\"\n" {
		t.Errorf("got %q", got)
	}
}

func readFile(t *testing.T, name string) string {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func write(t *testing.T, name, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// copyTree copies a file or a folder.
func copyTree(t *testing.T, from, to string) {
	t.Helper()
	err := filepath.WalkDir(from, func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		rel, err := filepath.Rel(from, p)
		if err == nil {
			write(t, filepath.Join(to, rel), readFile(t, p))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
