package project

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/espgen/espgen/generator"
)

// keyed is a file that holds the Wi-Fi password.
func keyed(text string) generator.File {
	return generator.File{Path: "main.c", Mode: 0o644, Key: "KEY", Data: []byte(text)}
}

const (
	firstC = "#define SSID \"lab\"\n#define KEY \"first\"\n\nint a;\nint b;\n"
	nextC  = "#define SSID \"lab\"\n#define KEY \"next\"\n\nint a;\nint b;\n"
	laterC = "#define SSID \"lab\"\n#define KEY \"next\"\n\nint a;\nint c;\n"
)

// TestPassword has a case for each thing that a user may do to the line of the
// password, and the spec: no secret is lost, and none is in a record.
func TestPassword(t *testing.T) {
	needGit(t)
	const beside = "former/main.c/secrets.yaml"
	for name, test := range map[string]struct {
		yours, now string
		actions    string
		want       string // the file then
		former     string // what is kept, "" for nothing
	}{
		"nothing":             {firstC, firstC, "", firstC, ""},
		"another":             {firstC, nextC, "updated main.c", nextC, "\"first\""},
		"another, crlf":       {crlf(firstC), nextC, "updated main.c", crlf(nextC), "\"first\""},
		"another, and text":   {firstC, laterC, "updated main.c", laterC, "\"first\""},
		"an edit beside it":   {strings.Replace(firstC, "lab", "home", 1), nextC, "merged main.c", strings.Replace(nextC, "lab", "home", 1), "\"first\""},
		"edits around it":     {"int x;\n" + strings.Replace(firstC, "\n\n", "\nint y;\n\n", 1), nextC, "merged main.c", "int x;\n" + strings.Replace(nextC, "\n\n", "\nint y;\n\n", 1), "\"first\""},
		"the user's":          {strings.Replace(firstC, "first", "mine", 1), nextC, "updated main.c", nextC, "\"mine\""},
		"the user's, the old": {strings.Replace(firstC, "first", "mine", 1), firstC, "updated main.c", firstC, "\"mine\""},
		"a comment":           {strings.Replace(firstC, "\"first\"", "\"first\" // x", 1), firstC, "", strings.Replace(firstC, "\"first\"", "\"first\" // x", 1), ""},
		"a comment, another":  {strings.Replace(firstC, "\"first\"", "\"first\" // x", 1), nextC, "merged main.c", strings.Replace(nextC, "\"next\"", "\"next\" // x", 1), "\"first\""},
		"spaces":              {strings.Replace(firstC, " \"first\"", "    \"first\"", 1), nextC, "merged main.c", strings.Replace(nextC, " \"next\"", "    \"next\"", 1), "\"first\""},
		"no line":             {strings.Replace(firstC, "#define KEY \"first\"\n", "", 1), nextC, "", strings.Replace(firstC, "#define KEY \"first\"\n", "", 1), ""},
		"two lines":           {firstC + "#define KEY \"mine\"\n", nextC, "merged main.c", nextC + "#define KEY \"mine\"\n", "\"first\""},
		"an alternative":      {"#define KEY \"mine\"\n#if 0\n" + firstC, nextC, "merged main.c", "#define KEY \"mine\"\n#if 0\n" + nextC, "\"first\""},
		"a choice":            {strings.Replace(firstC, "#define KEY", "#if 1\n#define KEY \"mine\"\n#else\n#define KEY", 1), firstC, "", strings.Replace(firstC, "#define KEY", "#if 1\n#define KEY \"mine\"\n#else\n#define KEY", 1), ""},
		"renamed":             {strings.Replace(firstC, "KEY", "MY_OWN", 1), nextC, "", strings.Replace(firstC, "KEY", "MY_OWN", 1), ""},
		"split":               {strings.Replace(firstC, "KEY ", "KEY \\\n    ", 1), nextC, "", strings.Replace(firstC, "KEY ", "KEY \\\n    ", 1), ""},
		"elsewhere":           {strings.Replace(firstC, "#define KEY \"first\"\n", "", 1) + "char *key = \"first\";\n", nextC, "", strings.Replace(firstC, "#define KEY \"first\"\n", "", 1) + "char *key = \"first\";\n", ""},
		"no string":           {strings.Replace(firstC, "\"first\"", "MINE", 1), nextC, "", strings.Replace(firstC, "\"first\"", "MINE", 1), ""},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			fresh(t, dir, someNow("v1", keyed(firstC)))
			place(t, dir, "main.c", test.yours)
			now := someNow("v1", keyed(test.now))
			diffs := showDiffs(t, dir, now)
			plan := updated(t, dir, now)
			if got := actions(plan); got != test.actions {
				t.Errorf("it is %q, not %q", got, test.actions)
			}
			files := tree(t, dir)
			if got := files["main.c"]; got != test.want {
				t.Errorf("it is\n%q, not\n%q", got, test.want)
			}
			if got := files[beside]; (got != "") != (test.former != "") || !strings.Contains(got, test.former) {
				t.Errorf("%s is %q", beside, got)
			}
			for _, secret := range []string{"first", "next", "mine"} {
				for path, text := range files {
					if (isRecord(path) || path == LockFile) && strings.Contains(text, secret) {
						t.Errorf("%s holds the secret:\n%s", path, text)
					}
				}
				if strings.Contains(diffs, secret) {
					t.Errorf("a diff shows the secret:\n%s", diffs)
				}
			}
			if again := updated(t, dir, now); !again.Empty() {
				t.Errorf("the second update does something: %v", again.Changes)
			}
		})
	}
}

// showDiffs returns the diffs of an update, and of the user's edits.
func showDiffs(t *testing.T, dir string, now Now) string {
	t.Helper()
	p, _, err := Open(t.Context(), dir, nil)
	must(t, err)
	defer p.Close()
	plan, err := p.Plan(now)
	must(t, err)
	theirs, err := plan.Diffs()
	must(t, err)
	mine, err := p.Mine()
	must(t, err)
	var b strings.Builder
	for _, d := range append(theirs, mine...) {
		b.WriteString(d.Text)
	}
	return b.String()
}

// TestKeptValue has users who renamed the macro of a hidden value: they are told
// where the spec's value is another one now.
func TestKeptValue(t *testing.T) {
	needGit(t)
	ssid := func(value, rest string) generator.File {
		text := "int x;\n#define SSID \"" + value + "\"\n#define KEY \"first\"\nint y;\n" + rest
		return generator.File{Path: "main.c", Mode: 0o644, Key: "KEY", Data: []byte(text), Public: []byte(strings.Replace(text, `"`+value+`"`, `"<hidden>"`, 1))}
	}
	for name, test := range map[string]struct {
		edit string // of SSID, or KEY, and its value
		now  generator.File
		want string
	}{
		"renamed":             {"MY \"lab\"", ssid("home", ""), "[{main.c 2 #define SSID \"<hidden>\"}]"},
		"renamed, the same":   {"MY \"lab\"", ssid("lab", "int z;\n"), "[]"},
		"renamed, by hand":    {"MY \"home\"", ssid("home", ""), "[]"},
		"another, renamed":    {"MY \"mine\"", ssid("lab", ""), "[{main.c 2 #define SSID \"<hidden>\"}]"},
		"the user's constant": {"SSID CONFIG_MY_SSID", ssid("home", ""), "[]"},
		"as it was":           {"SSID \"lab\"", ssid("home", ""), "[]"},
	} {
		dir := t.TempDir()
		fresh(t, dir, someNow("v1", ssid("lab", "")))
		place(t, dir, "main.c", strings.Replace(string(ssid("lab", "").Data), "SSID \"lab\"", test.edit, 1))
		plan := updated(t, dir, someNow("v1", test.now))
		if got := fmt.Sprint(plan.Kept); got != test.want {
			t.Errorf("%s: told is %s, not %s", name, got, test.want)
		}
	}
}

// TestHiddenValues has lines that hold a value from elsewhere: it follows the
// spec, and is in no record.
func TestHiddenValues(t *testing.T) {
	needGit(t)
	hidden := func(value, rest string) generator.File {
		return generator.File{
			Path: "r", Mode: 0o644,
			Data:   []byte("Join \"" + value + "\" here.\nx\n" + value + "\ny\n" + rest + "\n"),
			Public: []byte("Join \"<hidden>\" here.\nx\n<hidden>\ny\n" + rest + "\n"),
		}
	}
	dir := t.TempDir()
	fresh(t, dir, someNow("v1", hidden("hush", "z")))
	for _, step := range []struct {
		yours string // "" for what is there
		now   generator.File
		want  string
	}{
		{"", hidden("hush", "z"), "Join \"hush\" here.\nx\nhush\ny\nz\n"},
		{"a\nJoin \"hush\" here.\nx\nhush\ny\nz\n", hidden("hush", "zz"), "a\nJoin \"hush\" here.\nx\nhush\ny\nzz\n"},
		{"", hidden("other", "zz"), "a\nJoin \"other\" here.\nx\nother\ny\nzz\n"},
	} {
		if step.yours != "" {
			place(t, dir, "r", step.yours)
		}
		now := someNow("v1", step.now)
		if diffs := showDiffs(t, dir, now); strings.Contains(diffs, "hush") || strings.Contains(diffs, "other") {
			t.Errorf("a diff shows the value:\n%s", diffs)
		}
		updated(t, dir, now)
		files := tree(t, dir)
		if files["r"] != step.want {
			t.Errorf("it is %q, not %q", files["r"], step.want)
		}
		for path, text := range files {
			if (isRecord(path) || path == LockFile) && (strings.Contains(text, "hush") || strings.Contains(text, "other")) {
				t.Errorf("%s holds the value", path)
			}
		}
	}
}

// TestHiddenGone has users who took lines with hidden values away: no other line
// is taken for them.
func TestHiddenGone(t *testing.T) {
	needGit(t)
	config := func(values ...string) generator.File {
		var b, p strings.Builder
		for i, value := range values {
			hidden := value
			if value != "5" {
				hidden = generator.Secret
			}
			fmt.Fprintf(&b, "config %d\n    default \"%s\"\n\n", i, value)
			fmt.Fprintf(&p, "config %d\n    default \"%s\"\n\n", i, hidden)
		}
		return generator.File{Path: "k", Mode: 0o644, Data: []byte(b.String()), Public: []byte(p.String())}
	}
	was, now := config("a", "5", "b"), config("A", "5", "B")
	text, want := string(was.Data), string(now.Data)
	for name, change := range map[string]func(string) string{
		"as it was":  func(s string) string { return s },
		"a comment":  func(s string) string { return "# x\n" + s },
		"first gone": func(s string) string { _, s, _ = strings.Cut(s, "\n\n"); return s },
		"last gone":  func(s string) string { return s[:strings.LastIndex(s, "config")] },
		"line gone": func(s string) string {
			i := strings.Index(s, "    default")
			return s[:i] + s[i+strings.Index(s[i:], "\n")+1:]
		},
		"mine beside": func(s string) string { return s + "config 9\n    default \"9\"\n\n" },
	} {
		dir := t.TempDir()
		fresh(t, dir, someNow("v1", was))
		place(t, dir, "k", change(text))
		updated(t, dir, someNow("v1", now))
		if got := tree(t, dir)["k"]; got != change(want) && conflictsIn([]byte(got)) == 0 || strings.Contains(got, generator.Secret) {
			t.Errorf("%s: it is\n%s, not\n%s", name, got, change(want))
		}
	}
}

// TestHiddenMoved has users who wrote a line with a hidden value anew: no diff
// shows the value, and all else is shown.
func TestHiddenMoved(t *testing.T) {
	needGit(t)
	for _, test := range []struct{ line, public, mine string }{
		{`#define NET "hush"`, `#define NET "<hidden>"`, `#define LAB_NET "hush"`},
		{`#define NET "hush"`, `#define NET "<hidden>"`, "#define NET \\\n    \"hush\""},
		{`#define NET "hush"`, `#define NET "<hidden>"`, "#define LAB_NET \"hush\\\n\""},
		{"Join hush now.", "Join <hidden> now.", "The network is hush."},
	} {
		dir := t.TempDir()
		first := generator.File{Path: "f", Mode: 0o644, Data: []byte("a\n" + test.line + "\nb\n"), Public: []byte("a\n" + test.public + "\nb\n")}
		fresh(t, dir, someNow("v1", first))
		place(t, dir, "f", "a\n"+test.mine+"\nb\nint mine;\n")
		for _, now := range []string{"hush", "other"} {
			next := generator.File{Path: "f", Mode: 0o644, Data: []byte("a\n" + strings.Replace(test.line, "hush", now, 1) + "\nb\n"), Public: first.Public}
			diffs := showDiffs(t, dir, someNow("v1", next))
			if !strings.Contains(diffs, "+++ b/f\n") || strings.Contains(diffs, "hush") || strings.Contains(diffs, "other") || strings.Contains(test.public, "#") != strings.Contains(diffs, "int mine;") {
				t.Errorf("%s: a diff shows\n%s", test.mine, diffs)
			}
		}
	}
}

// TestUnknownPassword updates a project whose password is not at hand: the one
// that it has stays. Where it has none, there is no update.
func TestUnknownPassword(t *testing.T) {
	dir := t.TempDir()
	fresh(t, dir, someNow("v1", keyed(firstC)))
	now := someNow("v2", keyed(strings.Replace(laterC, "next", "stand-in", 1)))
	now.Unknown = ErrNoLock // any
	updated(t, dir, now)
	if got, want := tree(t, dir)["main.c"], strings.Replace(laterC, "next", "first", 1); got != want {
		t.Errorf("it is %q, not %q", got, want)
	}
	place(t, dir, "main.c", "int main;\n")
	p, _, err := Open(t.Context(), dir, nil)
	must(t, err)
	defer p.Close()
	if _, err := p.Plan(now); err != now.Unknown { //nolint:errorlint // it is this one
		t.Errorf("got %v", err)
	}
	if _, err := p.Check(now); err != now.Unknown { //nolint:errorlint // it is this one
		t.Errorf("got %v", err)
	}
}

// TestManyHidden wants a pristine copy that is nothing but hidden values to take
// no time.
func TestManyHidden(t *testing.T) {
	for name, text := range map[string]string{
		"lines": strings.Repeat("<hidden> of it\n", 30_000),
		"line":  strings.Repeat("<hidden>x", 30_000) + "\n",
	} {
		dir := t.TempDir()
		fresh(t, dir, someNow("v1", public("f", text)))
		place(t, dir, "f", strings.ReplaceAll(text, "<hidden>", "it"))
		began := time.Now()
		_ = showDiffs(t, dir, someNow("v1", public("f", lines)))
		if took := time.Since(began); took > time.Minute {
			t.Errorf("%s: %v", name, took)
		}
	}
}

// FuzzReveal wants no panic, and what is hidden to be found again.
func FuzzReveal(f *testing.F) {
	f.Add("#define SSID \"<hidden>\"\nx <hidden>\n<hidden>\n", "#define SSID \"lab\"\nx y\nz\n", "lab")
	f.Add("<hidden><hidden>\n", "\xff\r\n", "")
	f.Fuzz(func(t *testing.T, text, yours, value string) {
		_, found := reveal([]byte(text), "KEY", []byte(yours), []byte(yours), []byte(text))
		_ = bring([]byte(yours), "KEY", []byte(text), found, []byte(strings.ReplaceAll(text, generator.Secret, value)), []byte(text))
		file := file{base: []byte(yours), publicBase: []byte(text), key: "KEY"}
		_ = file.veil().over(yours)

		value = strings.Map(func(r rune) rune {
			if r < ' ' || r > '~' || strings.ContainsRune(`"\\`, r) {
				return -1
			}
			return r
		}, value)
		line := "#define NAME \"" + value + "\"\n"
		if got, _ := reveal([]byte("#define NAME \"<hidden>\"\n"), "", []byte(line), nil, nil); string(got) != line {
			t.Errorf("%q becomes %q", line, got)
		}
	})
}
