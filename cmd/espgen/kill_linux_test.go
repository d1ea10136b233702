package main

import (
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// TestKill kills `espgen update` at a random moment, again and again: what is
// left is the old project or, after the next command, the new one. Ctrl-C
// leaves no work for that.
// ESPGEN_KILLS is how often, in place of 40.
func TestKill(t *testing.T) {
	if _, err := exec.LookPath("git"); err != nil && os.Getenv("ESPGEN_NEED_TOOLS") == "" {
		t.Skip("git is not installed")
	}
	kills := 40
	if text := os.Getenv("ESPGEN_KILLS"); text != "" {
		var err error
		if kills, err = strconv.Atoi(text); err != nil {
			t.Fatal(err)
		}
	}
	base := t.TempDir()
	for i, text := range []string{"wifi: {ssid: lab}\n", "wifi: {ssid: home}\nstyle: robust\nserver: {port: 9000}\n"} {
		write(t, filepath.Join(base, "spec"+strconv.Itoa(i)), text)
	}
	// The two ends of the way, with an edit, and how long it takes.
	const edit = "int mine;\n"
	prepare := func(name string) string {
		t.Helper()
		dir := filepath.Join(base, name)
		espgen(t, "new", "tcp-server", "-f", filepath.Join(base, "spec0"), "-o", dir)
		main := filepath.Join(dir, "main", "main.c")
		write(t, main, edit+readFile(t, main))
		return dir
	}
	update := func(dir string) *exec.Cmd {
		return exec.Command("espgen", "update", dir, "-f", filepath.Join(base, "spec1"))
	}
	before, after := prepare("before"), prepare("after")
	began := time.Now()
	_ = update(after).Run() // it has a conflict
	took := time.Since(began)
	old, now := state(t, before), state(t, after)
	if old == now || !strings.Contains(now, edit) {
		t.Fatal("the update changes nothing, or loses the edit")
	}
	ends := map[string]int{}
	for range kills {
		dir := prepare("p")
		cmd := update(dir)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(rand.N(took + took/4))
		signal := []os.Signal{os.Kill, os.Interrupt}[rand.N(2)]
		_ = cmd.Process.Signal(signal) // it may have ended
		_ = cmd.Wait()
		stopped := "in the middle"
		if _, err := os.Stat(filepath.Join(dir, ".espgen", "update", "journal")); err != nil {
			stopped = "elsewhere"
		} else if signal == os.Interrupt {
			t.Fatal("Ctrl-C leaves an update that is not finished")
		}
		if out, err := exec.Command("espgen", "diff", "--mine", dir).CombinedOutput(); err != nil {
			t.Fatalf("diff: %v\n%s", err, out)
		}
		switch state(t, dir) {
		case old:
			ends["old, stopped "+stopped]++
		case now:
			ends["new, stopped "+stopped]++
		default:
			t.Fatalf("the project is neither the old one nor the new one: %s", dir)
		}
		if err := os.RemoveAll(dir); err != nil {
			t.Fatal(err)
		}
	}
	t.Log(ends)
}

// espgen runs the program, which must succeed.
func espgen(t *testing.T, args ...string) {
	t.Helper()
	if out, err := exec.Command("espgen", args...).CombinedOutput(); err != nil {
		t.Fatalf("espgen %s: %v\n%s", strings.Join(args, " "), err, out)
	}
}

// state is all that a project holds, as one text.
func state(t *testing.T, dir string) string {
	t.Helper()
	var b strings.Builder
	err := filepath.WalkDir(dir, func(p string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			rel, _ := filepath.Rel(dir, p)
			b.WriteString(rel + "\n" + readFile(t, p) + "\n")
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return b.String()
}
