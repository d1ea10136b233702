package main

import (
	"bufio"
	"errors"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/espgen/espgen/hostsdk"
)

const repo = "../.."

// testCommand is the README's command that runs the tests. This test is one of
// them; .ci/run is what runs it.
const testCommand = "go test ./..."

// TestReadme runs the commands of the README in a copy of the repository, in
// order, and wants them to print what it shows. A command that is ended by ^C
// runs beside those of the next block.
func TestReadme(t *testing.T) {
	if _, err := exec.LookPath("sh"); err != nil {
		t.Skip("the README's commands are for a shell")
	}
	readme := readFile(t, repo+"/README.md")
	dir := t.TempDir()
	copyProgram(t, dir)
	ran := 0
	var beside *background
	for _, block := range regexp.MustCompile("(?ms)^```console\n(.*?)^```").FindAllStringSubmatch(readme, -1) {
		for _, step := range strings.Split(block[1], "$ ")[1:] {
			command, want, _ := strings.Cut(step, "\n")
			if command == testCommand {
				continue
			}
			ran++
			switch {
			case strings.Contains(want, "^C\n"):
				beside = startBackground(t, dir, command, strings.Replace(want, "^C\n", "", 1))
			case beside != nil:
				same(t, command, shell(t, dir, command+" --addr "+beside.address), want)
				beside.stop(t)
				beside = nil
			default:
				if got := shell(t, dir, command); got != want {
					t.Errorf("$ %s\nprints\n%s\nthe README shows\n%s", command, got, want)
				}
			}
		}
	}
	if ran < 8 || beside != nil {
		t.Errorf("only %d commands were found", ran)
	}
}

// TestRolesDoc runs the commands of docs/roles.md, and holds its lists to what
// there is.
func TestRolesDoc(t *testing.T) {
	doc := readFile(t, repo+"/docs/roles.md")
	dir := t.TempDir()
	if out, err := exec.Command("go", "build", "-C", repo, "-o", filepath.Join(dir, "espgen"), "./cmd/espgen").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	t.Setenv("PATH", dir+string(os.PathListSeparator)+os.Getenv("PATH"))
	for _, block := range regexp.MustCompile("(?ms)^```console\n(.*?)^```").FindAllStringSubmatch(doc, -1) {
		for _, step := range strings.Split(block[1], "$ ")[1:] {
			command, want, _ := strings.Cut(step, "\n")
			if _, err := exec.LookPath("cc"); (err != nil || runtime.GOOS != "linux") && strings.Contains(command, "role ") && !strings.Contains(command, "role new") {
				continue
			}
			if got := shell(t, dir, command); got != want {
				t.Errorf("$ %s\nprints\n%s\ndocs/roles.md shows\n%s", command, got, want)
			}
		}
	}
	parts, err := fs.Glob(os.DirFS(repo+"/templates"), "parts/*")
	if err != nil || len(parts) < 5 {
		t.Fatal(parts, err)
	}
	for _, part := range parts {
		if !strings.Contains(doc, "`"+strings.TrimPrefix(part, "parts/")+"` (") {
			t.Errorf("docs/roles.md lacks the part %s", part)
		}
	}
	sources, err := filepath.Glob(repo + "/generator/role/*.go")
	if err != nil || len(sources) == 0 {
		t.Fatal(sources, err)
	}
	var code strings.Builder
	for _, file := range sources {
		code.WriteString(readFile(t, file))
	}
	for _, key := range regexp.MustCompile("`yaml:\"([a-z_]+)\"`").FindAllStringSubmatch(code.String(), -1) {
		if !strings.Contains(doc, "`"+key[1]+"`") && !strings.Contains(doc, "`"+key[1]+": ") {
			t.Errorf("docs/roles.md lacks the key %s", key[1])
		}
	}
}

// shell runs a command and returns what it prints, whatever its exit code.
func shell(t *testing.T, dir, command string) string {
	t.Helper()
	cmd := exec.Command("sh", "-c", command)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOFLAGS=-buildvcs=false")
	out, err := cmd.CombinedOutput()
	if _, failed := err.(*exec.ExitError); err != nil && !failed { //nolint:errorlint // as exec returns it
		t.Fatal(err)
	}
	return string(out)
}

// A background is a running espgen run of the README.
type background struct {
	command, want string
	cmd           *exec.Cmd
	out           *bufio.Reader
	log           strings.Builder
	address       string
}

// startBackground starts the command, on any free port, and waits until its
// station has an address.
func startBackground(t *testing.T, dir, command, want string) *background {
	t.Helper()
	if runtime.GOOS != "linux" {
		t.Skip("espgen run needs Linux")
	}
	if _, err := exec.LookPath("cc"); err != nil && os.Getenv("ESPGEN_NEED_TOOLS") == "" {
		t.Skip("cc is not installed")
	}
	b := &background{command: command, want: want}
	b.cmd = exec.Command("sh", "-c", "exec "+command+" --listen 127.0.0.1:0")
	b.cmd.Dir = dir
	out, err := b.cmd.StdoutPipe()
	if err == nil {
		err = b.cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	b.out = bufio.NewReader(out)
	for line := ""; !strings.Contains(line, "Got IP address"); b.log.WriteString(line) {
		if line, err = b.out.ReadString('\n'); err != nil {
			t.Fatalf("$ %s\nends: %v\n%s", command, err, b.log.String())
		}
		if _, address, ok := strings.Cut(line, "listening on "); ok {
			b.address = strings.TrimSpace(address)
		}
	}
	return b
}

// stop presses Ctrl-C.
func (b *background) stop(t *testing.T) {
	t.Helper()
	if err := b.cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	rest, err := io.ReadAll(b.out)
	if err = errors.Join(err, b.cmd.Wait()); err != nil {
		t.Error(err)
	}
	same(t, b.command, b.log.String()+string(rest), b.want)
}

// same compares logs, but for their numbers and the order of their lines, of
// which tasks that run at once decide.
func same(t *testing.T, command, got, want string) {
	t.Helper()
	number := regexp.MustCompile(`\d+`)
	sorted := func(text string) string {
		lines := strings.Split(number.ReplaceAllString(text, "N"), "\n")
		slices.Sort(lines)
		return strings.Join(lines, "\n")
	}
	if sorted(got) != sorted(want) {
		t.Errorf("$ %s\nprints\n%s\nthe README shows\n%s", command, got, want)
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
	shown, _, _ := strings.Cut(readme, "## Try it")
	_, rest, _ := strings.Cut(readme, "$ ./espgen run tcp_server\n")
	run, _, _ := strings.Cut(rest, "```")
	for line := range strings.Lines(regexp.MustCompile("(?ms)^```text\n\\$ espgen run tcp_server\n(.*?)^```").FindStringSubmatch(shown)[1]) {
		if !strings.Contains(run, line) {
			t.Errorf("the README's first run shows a line that the one below does not: %s", line)
		}
	}
	for _, link := range regexp.MustCompile(`\]\(([^):]+)\)`).FindAllStringSubmatch(readme, -1) {
		if _, err := os.Stat(filepath.Join(repo, link[1])); err != nil {
			t.Error(err)
		}
	}
}

// TestProjectReadmes wants each command of espgen in the READMEs of projects to
// be one, with flags and events that there are.
func TestProjectReadmes(t *testing.T) {
	readmes, err := filepath.Glob(repo + "/golden/*/README.md")
	if err != nil {
		t.Fatal(err)
	}
	code := regexp.MustCompile("(?ms)^```sh\n(.*?)^```|`([^`\n]*)`")
	command := regexp.MustCompile(`(?m)^espgen (.*)$`)
	event := regexp.MustCompile(`--wifi (\w+)`)
	seen := map[string]bool{}
	for _, name := range readmes {
		var all strings.Builder
		for _, m := range code.FindAllStringSubmatch(readFile(t, name), -1) {
			all.WriteString(m[1] + m[2] + "\n")
		}
		for _, m := range command.FindAllStringSubmatch(all.String(), -1) {
			seen[m[1]] = true
			if err := isCommand(m[1]); err != nil {
				t.Errorf("%s: espgen %s: %v", name, m[1], err)
			}
		}
		for _, m := range event.FindAllStringSubmatch(all.String(), -1) {
			if _, ok := hostsdk.WiFiEvents[m[1]]; !ok {
				t.Errorf("%s: espgen run has no --wifi %s", name, m[1])
			}
		}
	}
	if len(seen) < 8 {
		t.Errorf("only these commands were found: %v", seen)
	}
}

// TestRoleOfContributing adds the role that CONTRIBUTING.md walks through, and
// has every command know it.
func TestRoleOfContributing(t *testing.T) {
	text := readFile(t, repo+"/CONTRIBUTING.md")
	roleYAML := regexp.MustCompile("(?ms)^   ```yaml\n(.*?)^   ```").FindStringSubmatch(text)[1]
	dir := t.TempDir()
	copyProgram(t, dir)
	role := filepath.Join(dir, "templates", "roles", "mqtt-client")
	write(t, filepath.Join(role, "role.yaml"), strings.ReplaceAll("\n"+roleYAML, "\n   ", "\n"))
	write(t, filepath.Join(role, "guide", "main", "main.c.tmpl"), "#define URI {{cquote .mqtt.broker}}\n#define TOPIC {{cquote .mqtt.topic}}\n#define QOS {{.mqtt.qos}}\n")
	write(t, filepath.Join(dir, "s.yaml"), "wifi: {ssid: lab}\nmqtt: {broker: 'mqtt://10.0.0.1'}\n")
	write(t, filepath.Join(dir, "bad.yaml"), "role: mqtt-client\nwifi: {ssid: lab}\nmqtt: {broker: '10.0.0.1', qos: 3, topics: a}\nserver: {port: 1}\n")
	espgen := filepath.Join(dir, "espgen")
	if out, err := exec.Command("go", "build", "-C", dir, "-o", espgen, "./cmd/espgen").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	shell(t, dir, "./espgen new mqtt-client -f s.yaml --set mqtt.qos=2")
	if got := readFile(t, filepath.Join(dir, "mqtt_client", "main", "main.c")); got != "#define URI \"mqtt://10.0.0.1\"\n#define TOPIC \"espgen/hello\"\n#define QOS 2\n" {
		t.Errorf("got %q", got)
	}
	for file, want := range map[string]string{"main/CMakeLists.txt": "    list(APPEND version_components mqtt)\n", "main/idf_component.yml": "  espressif/mqtt:\n    version: \"^1.0\"\n    rules:\n      - if: \"idf_version >=6.0\"\n", "sdkconfig.defaults": "# MQTT 5 is not used.\nCONFIG_MQTT_PROTOCOL_5=n\n"} {
		if !strings.Contains(readFile(t, filepath.Join(dir, "mqtt_client", file)), want) {
			t.Errorf("%s lacks %q", file, want)
		}
	}
	same(t, "check", shell(t, dir, "./espgen check mqtt_client"), "")
	same(t, "validate", shell(t, dir, "./espgen validate bad.yaml"), `bad.yaml:3:16: mqtt.broker: "10.0.0.1" is not of the form it must have
	hint: allowed: a URI that begins with mqtt:// or mqtts://
bad.yaml:3:33: mqtt.qos: 3 is above the limit of 2
	hint: allowed: 0 to 2
bad.yaml:3:36: mqtt: unknown key "topics"
	hint: did you mean topic?
bad.yaml:4:10: server.port: mqtt-client in the guide style does not use this field
	hint: remove it; `+"`espgen explain server.port`"+` tells who uses it
`)
	if got := shell(t, dir, "./espgen explain mqtt.broker"); !strings.Contains(got, "mqtt.broker is the broker's address.") || !strings.Contains(got, "default  none, it is required") || !strings.Contains(got, "used by  mqtt-client (guide)") {
		t.Errorf("got %s", got)
	}
	if got := shell(t, dir, "./espgen init mqtt-client | tee i.yaml; ./espgen validate i.yaml"); !strings.Contains(got, "  broker: mqtt://192.168.1.10") || !strings.HasSuffix(got, "i.yaml: valid (MQTT client, guide style, esp32)\n") {
		t.Errorf("got %s", got)
	}
	if got := shell(t, dir, "./espgen schema"); !strings.Contains(got, "a URI that begins with mqtt:// or mqtts://") {
		t.Errorf("got %s", got)
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

// copyProgram copies what the program is built from, and its specs, but no project
// that the README's first command may have written.
func copyProgram(t *testing.T, to string) {
	t.Helper()
	entries, err := os.ReadDir(repo)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		name := e.Name()
		if isProject(filepath.Join(repo, name)) {
			continue
		}
		if e.IsDir() && name[0] != '.' && name != "golden" || name == "go.mod" || name == "go.sum" {
			copyTree(t, filepath.Join(repo, name), filepath.Join(to, name))
		}
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
