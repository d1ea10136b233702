package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/espgen/espgen/sandbox"
)

// Tutorials are docs/courses.md in each language.
var (
	tutorialBlock = regexp.MustCompile("(?ms)^```(\\w+)\n(.*?)^```\n")
	// The paragraph above a file, or above a change of one, ends with its path.
	tutorialFile = regexp.MustCompile("`([^`\n]+)`[:：]\n\n$")
	// What differs from run to run: ports, derived values, times, process numbers.
	varies = regexp.MustCompile(`\b\d{5}\b|\blab-[0-9a-f]{6}\b|\(\d+\)|(?m:^ {6,}\d+ {2,})|process \d+`)
)

// TestTutorials does what the tutorials on courses say, from the first line to
// the last: it runs their commands, which must print what is shown, writes their
// files, and makes their changes. With -update it rewrites what is shown.
func TestTutorials(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("the host SDK requires Linux")
	}
	if err := sandbox.Level().Err(); err != nil {
		t.Skip(err)
	}
	for _, tool := range []string{"sh", "cc", "unzip", "git"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skip(err)
		}
	}
	names, err := filepath.Glob(repo + "/docs/courses*.md")
	if err != nil || len(names) < 2 {
		t.Fatal(names, err)
	}
	for _, name := range names {
		t.Run(filepath.Base(name), func(t *testing.T) {
			t.Parallel()
			text := readFile(t, name)
			root := t.TempDir()
			copyTree(t, repo+"/specs/course", filepath.Join(root, "espgen", "specs", "course"))
			doTutorial(t, root, name, text)
			inlineCommands(t, name, text)
		})
	}
}

// doTutorial follows a tutorial in a folder.
func doTutorial(t *testing.T, root, name, text string) {
	t.Helper()
	dir, at, commands := root, 0, 0
	var updated strings.Builder
	for _, m := range tutorialBlock.FindAllStringSubmatchIndex(text, -1) {
		before, language, body := text[at:m[0]], text[m[2]:m[3]], text[m[4]:m[5]]
		updated.WriteString(before)
		at = m[1]
		if language == "console" {
			body = ""
			for _, step := range strings.Split("\n"+text[m[4]:m[5]], "\n$ ")[1:] {
				command, want, _ := strings.Cut(strings.TrimSuffix(step, "\n"), "\n")
				commands++
				got := ""
				if to, changes := strings.CutPrefix(command, "cd "); changes {
					dir = filepath.Join(dir, to)
				} else {
					got = shell(t, dir, command)
				}
				if !shows(want, got) {
					if !*update {
						t.Fatalf("$ %s\nprints\n%s\n%s shows\n%s", command, got, name, want)
					}
					want = strings.TrimSuffix(got, "\n")
				}
				body += "$ " + command + "\n"
				if want != "" {
					body += want + "\n"
				}
			}
		} else {
			file := tutorialFile.FindStringSubmatch(before)
			if file == nil {
				t.Fatalf("%s: nothing says which file this is:\n%s", name, body)
			}
			path := filepath.Join(dir, file[1])
			if language == "diff" {
				write(t, path, patched(t, readFile(t, path), body))
			} else {
				write(t, path, body)
			}
		}
		updated.WriteString("```" + language + "\n" + body + "```\n")
	}
	updated.WriteString(text[at:])
	if *update {
		write(t, name, updated.String())
	}
	if commands < 20 {
		t.Errorf("%s: only %d commands were found", name, commands)
	}
}

// shows reports whether a command printed what a tutorial shows, in which a line
// of three dots stands for any lines, and but for what differs from run to run.
func shows(want, got string) bool {
	lines := strings.Split(varies.ReplaceAllString(want, "N"), "\n")
	for i, line := range lines {
		if line == "..." {
			lines[i] = "(?:.*\n)*?"
		} else {
			lines[i] = regexp.QuoteMeta(line) + "\n"
		}
	}
	if want == "" {
		return got == ""
	}
	return regexp.MustCompile("^" + strings.Join(lines, "") + "$").MatchString(varies.ReplaceAllString(got, "N"))
}

// patched makes the changes of a diff, whose places are found by their lines.
func patched(t *testing.T, text, diff string) string {
	t.Helper()
	for hunk := range strings.SplitSeq(diff, "@@\n") {
		var before, after strings.Builder
		for line := range strings.Lines(hunk) {
			if line[0] != '+' {
				before.WriteString(line[1:])
			}
			if line[0] != '-' {
				after.WriteString(line[1:])
			}
		}
		if strings.Count(text, before.String()) != 1 {
			t.Fatalf("not once in the file:\n%s\nwhich is\n%s", before.String(), text)
		}
		text = strings.Replace(text, before.String(), after.String(), 1)
	}
	return text
}

// inlineCommands wants each command of espgen in a text's sentences and tables to
// be one, with flags that there are, and the files that it links to.
func inlineCommands(t *testing.T, name, text string) {
	t.Helper()
	for _, m := range regexp.MustCompile("`espgen ([^`\n]+)`").FindAllStringSubmatch(tutorialBlock.ReplaceAllString(text, ""), -1) {
		if !strings.Contains(m[1], " -") {
			continue // a command's name, or what it is about
		}
		if err := isCommand(m[1]); err != nil {
			t.Errorf("%s: espgen %s: %v", name, m[1], err)
		}
	}
	for _, link := range regexp.MustCompile(`\]\(([^):#]+)[)#]`).FindAllStringSubmatch(text, -1) {
		if _, err := os.Stat(filepath.Join(repo, "docs", link[1])); err != nil {
			t.Error(err)
		}
	}
}

// isCommand reports why arguments are none of espgen.
func isCommand(line string) error {
	cmd, args, err := newRootCmd().Find(regexp.MustCompile(`"[^"]*"|\S+`).FindAllString(line, -1))
	if err == nil && !slices.Contains(args, "--help") {
		err = cmd.ParseFlags(args)
	}
	if err == nil && cmd.Args != nil {
		err = cmd.Args(cmd, cmd.Flags().Args())
	}
	return err
}
