package submission

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"fmt"
	"io/fs"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/espgen/espgen/generator"
)

// A member is a file of an archive. A mode with a type is that of a link, or a
// device.
type member struct {
	name, text string
	mode       fs.FileMode
}

// project are the members of a project in a folder.
func projectIn(dir string, more ...member) []member {
	return append([]member{
		{name: dir + "CMakeLists.txt", text: "project(p)\n"},
		{name: dir + "main/CMakeLists.txt", text: "idf_component_register()\n"},
		{name: dir + "main/tcp_server.c", text: "// " + dir + "\n"},
	}, more...)
}

func lockOf(dir, exercise, student string) member {
	return member{name: dir + "espgen.lock", text: fmt.Sprintf("version: 3\n\ncourse-exercise: %s\n\nstudent: %s\n", exercise, student)}
}

func zipped(t *testing.T, members ...member) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, m := range members {
		h := &zip.FileHeader{Name: m.name, Method: zip.Deflate}
		h.SetMode(m.mode | 0o644)
		w, err := z.CreateHeader(h)
		if err == nil {
			_, err = w.Write([]byte(m.text))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func tarred(t *testing.T, members ...member) []byte {
	t.Helper()
	var b bytes.Buffer
	packed := gzip.NewWriter(&b)
	w := tar.NewWriter(packed)
	for _, m := range members {
		h := &tar.Header{Name: m.name, Mode: 0o644, Size: int64(len(m.text)), Typeflag: tar.TypeReg}
		switch m.mode.Type() {
		case fs.ModeSymlink:
			h.Typeflag, h.Linkname, h.Size = tar.TypeSymlink, m.text, 0
		case fs.ModeDevice:
			h.Typeflag, h.Size = tar.TypeBlock, 0
		case fs.ModeNamedPipe:
			h.Typeflag, h.Size = tar.TypeFifo, 0
		}
		if err := w.WriteHeader(h); err != nil {
			t.Fatal(err)
		}
		if h.Typeflag == tar.TypeReg {
			if _, err := w.Write([]byte(m.text)); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if err := packed.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// write writes members below a folder, and returns it.
func write(t *testing.T, members ...member) string {
	t.Helper()
	dir := t.TempDir()
	for _, m := range members {
		name := filepath.Join(dir, filepath.FromSlash(m.name))
		err := os.MkdirAll(filepath.Dir(name), 0o755)
		if err == nil && m.mode.Type() == fs.ModeSymlink {
			err = os.Symlink(m.text, name)
		} else if err == nil {
			err = os.WriteFile(name, []byte(m.text), 0o644)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// one writes an archive and reads the only submission in it.
func one(t *testing.T, name string, data []byte) (*Project, error) {
	t.Helper()
	file := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(file, data, 0o644); err != nil {
		t.Fatal(err)
	}
	return oneAt(t, file)
}

func oneAt(t *testing.T, arg string) (*Project, error) {
	t.Helper()
	list, done, err := Find([]string{arg})
	if err != nil || len(list) != 1 {
		t.Fatalf("%d submissions, %v", len(list), err)
	}
	defer done()
	return list[0].Read("")
}

func paths(p *Project) string { return strings.Join(slices.Sorted(maps.Keys(p.Files)), " ") }

const plainPaths = "CMakeLists.txt main/CMakeLists.txt main/tcp_server.c"

func TestProjectIsFoundWhereverItLies(t *testing.T) {
	mac := []member{{name: "__MACOSX/lab/._main.c", text: "x"}, {name: "lab/.DS_Store", text: "x"}}
	tools := []member{
		{name: "lab/build/CMakeLists.txt"},
		{name: "lab/build/main/x.c"},
		{name: "lab/sdkconfig", text: "CONFIG_X=y"},
		{name: "lab/sdkconfig.old"},
		{name: "lab/managed_components/a__b/CMakeLists.txt"},
		{name: "lab/.git/config"},
		{name: "lab/main/tcp_server.c~"},
	}
	for name, members := range map[string][]member{
		"alone":         projectIn(""),
		"in a folder":   projectIn("lab/"),
		"deep":          projectIn("My Lab (2)/final – v3/lab/"),
		"macOS":         projectIn("lab/", mac...),
		"what is built": projectIn("lab/", tools...),
		"Windows":       {{name: `lab\CMakeLists.txt`}, {name: `lab\main\CMakeLists.txt`}, {name: `lab\main\tcp_server.c`}},
		"with notes":    append(projectIn("lab/"), member{name: "report.txt", text: "I did it"}),
	} {
		t.Run(name, func(t *testing.T) {
			for kind, data := range map[string][]byte{"zip": zipped(t, members...), "tgz": tarred(t, members...)} {
				if kind == "tgz" && name == "Windows" {
					continue // no program writes this
				}
				p, err := one(t, "x."+kind, data)
				if err != nil {
					t.Fatal(kind, err)
				}
				if got := paths(p); got != plainPaths || len(p.Notes) > 0 {
					t.Errorf("%s: %s\n%q", kind, got, p.Notes)
				}
			}
		})
	}
	t.Run("a folder", func(t *testing.T) {
		p, err := oneAt(t, write(t, projectIn("lab/", mac...)...))
		if err != nil || paths(p) != plainPaths {
			t.Errorf("%v %v", p, err)
		}
	})
	t.Run("an archive in a folder", func(t *testing.T) {
		dir := write(t, member{name: "Lab.zip", text: string(zipped(t, projectIn("lab/")...))}, member{name: "report.txt"})
		p, err := oneAt(t, dir)
		if err != nil || paths(p) != plainPaths {
			t.Errorf("%v %v", p, err)
		}
	})
	t.Run("a C file", func(t *testing.T) {
		p, err := one(t, "tcp_server.c", []byte("int x;\n"))
		if err != nil || !p.Loose || paths(p) != "tcp_server.c" {
			t.Errorf("%v %v", p, err)
		}
	})
	t.Run("one of two exercises", func(t *testing.T) {
		file := filepath.Join(t.TempDir(), "a.tgz")
		both := slices.Concat(projectIn("a/", lockOf("a/", "server", "s1")), projectIn("b/", lockOf("b/", "client", "s1")))
		if err := os.WriteFile(file, tarred(t, both...), 0o644); err != nil {
			t.Fatal(err)
		}
		s := &Submission{read: func() (*reading, error) {
			tree, done, err := open(file)
			if err != nil {
				return nil, err
			}
			defer done()
			return readTree(tree)
		}}
		if p, err := s.Read("client"); err != nil || string(p.Files["main/tcp_server.c"]) != "// b/\n" || p.Claim != (Claim{"client", "s1"}) {
			t.Errorf("%v %v", p, err)
		}
		if _, err := s.Read(""); err == nil || !strings.Contains(err.Error(), "2 projects: a, b; name the exercise") {
			t.Error(err)
		}
	})
}

func TestHostileArchives(t *testing.T) {
	evil := []member{
		{name: "lab/../../escaped.c", text: "x"},
		{name: "/etc/passwd", text: "x"},
		{name: `C:\Windows\x.c`, text: "x"},
		{name: "lab/main/link.c", text: "/etc/passwd", mode: fs.ModeSymlink},
		{name: "lab/main/disk", mode: fs.ModeDevice},
		{name: "lab/main/pipe", mode: fs.ModeNamedPipe},
		{name: "lab/main/-o.c", text: "x"},
		{name: "lab/main/bell\a.c", text: "x"},
		{name: "lab/main/\xff.c", text: "x"},
		{name: "lab/MAIN/other.c", text: "x"},
		{name: "lab/main/TCP_SERVER.C", text: "x"},
		{name: "lab/main/tcp_server.c", text: "second"},
		{name: "lab/main/tcp_server.c/x.c", text: "x"},
		{name: "lab/main/NUL:x.c", text: "x"},
		{name: "lab/" + strings.Repeat("d/", 40) + "x.c", text: "x"},
		{name: "lab/main/large.c", text: strings.Repeat("abcdefghij\n", 1<<17)},
		{name: "lab/main/zeros.c", text: strings.Repeat("\x00", 1<<20)},
	}
	want := map[string]string{
		"escaped.c": "leads out", "/etc/passwd": "absolute", "Windows": "absolute", "link.c": "a link", "disk": "a device", "pipe": "a named pipe",
		"-o.c": "option", `bell\a.c`: "control characters", `\xff.c`: "UTF-8", "MAIN": "main, too", "TCP_SERVER.C": "many disks take for the same",
		"main/tcp_server.c: refused": "two files of this path", "tcp_server.c/x.c": "is a file and a folder", "NUL:x.c": "no project has a file of this name",
		"large.c": "larger than the limit of 1024 KiB", "d/d/d": "32 folders",
	}
	for kind, data := range map[string][]byte{"zip": zipped(t, projectIn("lab/", evil...)...), "tgz": tarred(t, projectIn("lab/", evil...)...)} {
		t.Run(kind, func(t *testing.T) {
			p, err := one(t, "x."+kind, data)
			if err != nil {
				t.Fatal(err)
			}
			zeros := "" // tar tells no compressed sizes
			if kind == "tgz" {
				zeros = " main/zeros.c"
			}
			if got := paths(p); got != plainPaths+zeros || string(p.Files["main/tcp_server.c"]) != "// lab/\n" {
				t.Errorf("%s", got)
			}
			notes := strings.Join(p.Notes, "\n")
			for name, why := range want {
				if !slices.ContainsFunc(p.Notes, func(note string) bool { return strings.Contains(note, name) && strings.Contains(note, why) }) {
					t.Errorf("no note on %s: %s in\n%s", name, why, notes)
				}
			}
			if strings.Contains(notes, "\a") || strings.Contains(notes, "\xff") {
				t.Errorf("a note that a terminal obeys: %q", notes)
			}
		})
	}
}

func TestLinksOfFoldersAreNotFollowed(t *testing.T) {
	outside := write(t, member{name: "secret.c", text: "secret"})
	dir := write(t, projectIn("", member{name: "main/out.c", text: filepath.Join(outside, "secret.c"), mode: fs.ModeSymlink},
		member{name: "other", text: outside, mode: fs.ModeSymlink}, member{name: "main/in.c", text: "tcp_server.c", mode: fs.ModeSymlink})...)
	p, err := oneAt(t, dir)
	if err != nil || paths(p) != plainPaths {
		t.Fatalf("%v %v", p, err)
	}
	if got := strings.Join(p.Notes, "\n"); strings.Count(got, "refused: a link") != 3 {
		t.Error(got)
	}
}

// noise is text of the largest size that a file may have, and that cannot be
// compressed much.
func noise(seed int) string {
	random := rand.New(rand.NewPCG(uint64(seed), 1))
	var b strings.Builder
	for b.Len() < maxFile-20 {
		fmt.Fprintln(&b, random.Uint64())
	}
	return b.String()
}

func TestBombsAndLimits(t *testing.T) {
	many := make([]member, maxFiles+1)
	for i := range many {
		many[i] = member{name: fmt.Sprintf("main/%d.c", i)}
	}
	var heavy []member
	for i := range maxTotal/maxFile + 2 {
		heavy = append(heavy, member{name: fmt.Sprintf("main/%d.c", i), text: noise(i)})
	}
	lying := zipped(t, projectIn("", member{name: "main/liar.c", text: strings.Repeat("\x00", 10<<20)})...)
	// The index says that it is small: the last time that its size stands there.
	at := bytes.LastIndex(lying, []byte{0x00, 0x00, 0xa0, 0x00})
	copy(lying[at:], []byte{0x10, 0x00, 0x00, 0x00})
	for _, test := range []struct {
		name string
		data []byte
		want string
	}{
		{"a.zip", zipped(t, many...), "more than the limit of 1000 files"},
		{"a.zip", zipped(t, heavy...), "more than the limit of 16 MiB in its files"},
		{"a.tgz", tarred(t, member{name: "skipped.bin", text: strings.Repeat("\x00", maxStream)}, member{name: "x.c"}), "more than the limit of 256 MiB, unpacked"},
		{"a.zip", []byte("PK\x03\x04 broken"), "no zip archive that can be read"},
		{"a.tgz", []byte("\x1f\x8b broken"), "no tar archive that can be read"},
		{"a.zip", []byte("hello"), "neither a folder, nor a zip or tar archive"},
		{"a.7z", []byte("7z\xbc\xaf\x27\x1c..."), "it is a 7-Zip archive; zip, tar"},
		{"a.zip", zipped(t), "holds no project"},
		{"a.zip", zipped(t, member{name: "a.txt"}), "holds no project"},
		{"a.zip", zipped(t, member{name: "b.zip", text: string(zipped(t, member{name: "c.zip", text: "x"}))}), "b.zip holds an archive in an archive"},
		{"a.tgz", tarred(t, member{name: "x/y/a.zip"}, member{name: "x/y/b.zip"}), "holds no project, but 2 archives: x/y/a.zip, x/y/b.zip"},
	} {
		if p, err := one(t, test.name, test.data); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: got %v %v, want %s", test.name, p, err, test.want)
		}
	}
	p, err := one(t, "liar.zip", lying)
	if err != nil || paths(p) != plainPaths || !strings.Contains(strings.Join(p.Notes, ""), "main/liar.c") {
		t.Errorf("%v %v", p, err)
	}
}

// TestBulkDownloads reads the layouts of three systems, as folders and as
// archives.
func TestBulkDownloads(t *testing.T) {
	work := func(text string) string {
		return string(zipped(t, projectIn("lab/", member{name: "lab/main/who.c", text: text})...))
	}
	in := func(dir, text string) []member {
		return projectIn(dir, member{name: dir + "main/who.c", text: text})
	}
	for name, test := range map[string]struct {
		members []member
		want    string // id=what it holds
	}{
		"Moodle, in folders": {slices.Concat(
			in("Ada Lovelace_1001_assignsubmission_file_/lab/", "ada"),
			[]member{{name: "Grace Hopper_1002_assignsubmission_file_/Lab 1.zip", text: work("grace")}, {name: "张伟_1003_assignsubmission_file_/lab.zip", text: work("wei")}},
		), "s1=ada s2=grace s3=wei"},
		"Moodle, without folders": {[]member{
			{name: "Ada Lovelace_1001_assignsubmission_file_lab.zip", text: work("ada")}, {name: "Grace Hopper_1002_assignsubmission_file_my_lab.zip", text: work("grace")},
		}, "s1=ada s2=grace"},
		"Canvas": {[]member{
			{name: "lovelaceada_7001_9001_lab-2.zip", text: work("ada")},
			{name: "hoppergrace_LATE_7002_9002_lab.zip", text: work("grace")},
			{name: "zhangwei_s3_9003_lab.zip", text: work("nobody")},
			{name: "weizhang_7003_9003_who.c", text: "wei"},
			{name: "weizhang_7003_9004_tcp_server-1.c", text: "x"},
		}, "s1=ada s2=grace,late s3=wei"},
		"Gradescope": {slices.Concat(
			[]member{{name: "assignment_55_export/submission_metadata.yml", text: "submission_11:\n  :submitters:\n  - :name: Ada\n    :sid: s1\n    :email: ada@example.org\n  - :name: Grace\n    :email: s2@example.org\n  :score: 0.0\nsubmission_12:\n  :submitters:\n  - :name: 张伟\n"}},
			in("assignment_55_export/submission_11/", "both"), in("assignment_55_export/submission_12/lab/", "wei"),
		), "s1=both s2=both s3=wei"},
		"archives by id": {[]member{{name: "s1.zip", text: work("ada")}, {name: "S2 final.tar.gz", text: work("grace")}, {name: "grades.csv"}}, "s1=ada s2=grace"},
		"folders by id":  {slices.Concat(in("lab-s1/", "ada"), in("s2_late/x/", "grace"), []member{{name: "s3/who.c", text: "wei"}, {name: "docs/readme.txt"}}), "s1=ada s2=grace s3=wei"},
	} {
		roster := NewRoster([]Person{{"s1", "Ada Lovelace"}, {"s2", "Grace Hopper"}, {"s3", "张伟"}, {"s4", "Wei Zhang"}})
		if err := roster.AddMap("m.csv", []byte("submission,id\nzhangwei,s4\nweizhang,s3\n")); err != nil {
			t.Fatal(err)
		}
		archive := filepath.Join(t.TempDir(), "all.zip")
		if err := os.WriteFile(archive, zipped(t, test.members...), 0o644); err != nil {
			t.Fatal(err)
		}
		for _, arg := range []string{write(t, test.members...), archive} {
			list, done, err := Find([]string{arg})
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, s := range list {
				p, err := s.Read("")
				if err != nil {
					t.Errorf("%s: %s: %v", name, s.Name, err)
					continue
				}
				id, _, err := roster.Identify(s, p.Claim)
				if err != nil {
					id = "?"
				}
				text := id + "=" + string(p.Files["main/who.c"]) + string(p.Files["who.c"])
				if s.Late {
					text += ",late"
				}
				if id != "?" {
					got = append(got, text)
				}
			}
			done()
			slices.Sort(got)
			if strings.Join(got, " ") != test.want {
				t.Errorf("%s of %s: got %q, want %s", name, filepath.Ext(arg), got, test.want)
			}
		}
	}
}

func TestIdentify(t *testing.T) {
	people := []Person{{"s1", "Ada Lovelace"}, {"s2", "Grace Hopper"}, {"ada@example.org", ""}, {"12", ""}, {"s5", "Ada Lovelace"}, {"1001", ""}}
	for _, test := range []struct {
		name   string
		labels []string
		claim  string
		want   string
		note   string
	}{
		{"x/s1.zip", []string{"s1"}, "", "s1", ""},
		{"x/S1.zip", []string{"S1"}, "s1", "s1", ""},
		{"x/s1.zip", []string{"s1"}, "s2", "s1", "handed in as s1, but its lock is the hand-out of s2"},
		{"x/lab.zip", []string{"lab"}, "s2", "s2", ""},
		{"x/lab.zip", []string{"lab"}, "s99", "", "names the student s99, who is not on the roster"},
		{"x/lab.zip", []string{"lab"}, "", "", ""},
		{"x/lab-s1-v12b.zip", []string{"lab-s1-v12b"}, "", "s1", ""},
		{"x/s1 and s2.zip", []string{"s1 and s2"}, "", "", ""},
		{"x/s1 and s2.zip", []string{"s1 and s2"}, "s2", "s2", ""},
		{"x/a.zip", []string{"hoppergrace"}, "", "s2", ""},
		{"x/a.zip", []string{"Ada Lovelace"}, "", "", ""}, // there are two
		{"x/a.zip", []string{"ada@example.org"}, "", "ada@example.org", ""},
		{"x/a.zip", []string{"Ada Lovelace", "1001"}, "", "1001", ""},
		{"mapped.zip", []string{"s1"}, "s1", "s2", "handed in as s2"},
	} {
		roster := NewRoster(people)
		if err := roster.AddMap("m", []byte("mapped.zip, s2\n")); err != nil {
			t.Fatal(err)
		}
		got, notes, err := roster.Identify(&Submission{Name: test.name, Labels: test.labels}, Claim{Student: test.claim})
		if got != test.want || (err == nil) != (got != "") || !strings.Contains(strings.Join(notes, "\n"), test.note) || test.note == "" && len(notes) > 0 {
			t.Errorf("%+v: got %q %q %v", test, got, notes, err)
		}
	}
	err := NewRoster(people).AddMap("m.csv", []byte("name,id\na,s77\nb\nc,s1\nc,s2\nd,s1\n"))
	want := "m.csv:2: no student of the roster has the id \"s77\"\nm.csv:3: a row requires two columns: submission, id\nm.csv:5: \"c\" is given to s1 and to s2"
	if err == nil || err.Error() != want {
		t.Error(err)
	}
}

func TestRestore(t *testing.T) {
	handOut := []generator.File{
		{Path: "CMakeLists.txt", Mode: 0o644, Data: []byte("project(lab)\n")},
		{Path: "espgen.lock", Mode: 0o644, Data: []byte("lock")},
		{Path: "main/app_main.c", Mode: 0o644, Data: []byte("main\n")},
		{Path: "main/tcp_server.c", Mode: 0o644, Data: []byte("stub\n")},
		{Path: "sdkconfig.secrets", Mode: 0o600, Data: []byte("none")},
	}
	open := []string{"main/tcp_server.c"}
	restore := func(files map[string]string, loose bool) (map[string]string, []string, []string) {
		p := &Project{Files: map[string][]byte{}, Loose: loose}
		for name, text := range files {
			p.Files[name] = []byte(text)
		}
		list, restored, notes := Restore(handOut, open, p)
		got := map[string]string{}
		for _, f := range list {
			if got[f.Path] = string(f.Data); f.Path == "sdkconfig.secrets" && f.Mode != 0o600 {
				t.Errorf("the mode is %v", f.Mode)
			}
		}
		return got, restored, notes
	}
	base := map[string]string{"CMakeLists.txt": "project(lab)\n", "espgen.lock": "lock", "main/app_main.c": "main\n", "main/tcp_server.c": "mine", "sdkconfig.secrets": "none"}
	with := func(more map[string]string) map[string]string {
		all := maps.Clone(base)
		maps.Copy(all, more)
		return all
	}
	for name, test := range map[string]struct {
		files           map[string]string
		loose           bool
		want            map[string]string
		restored, notes []string
	}{
		"whole": {map[string]string{"CMakeLists.txt": "project(lab)\r\n", "main/app_main.c": "main", "main/tcp_server.c": "mine", "sdkconfig.secrets": "password"}, false, base, nil, nil},
		"cheating": {
			map[string]string{"CMakeLists.txt": "execute_process()", "main/app_main.c": "other", "main/tcp_server.c": "mine", "main/more.h": "h", "host/fake.c": "x", "components/a/a.c": "x", "main/Kconfig": "x"},
			false,
			with(map[string]string{"main/more.h": "h"}),
			[]string{"CMakeLists.txt", "main/app_main.c"},
			[]string{"components/a/a.c was left out: it is not in the hand-out", "host/fake.c was left out: it is not in the hand-out", "main/Kconfig was left out: it is not in the hand-out"},
		},
		"empty": {map[string]string{"CMakeLists.txt": "project(lab)"}, false, with(map[string]string{"main/tcp_server.c": "stub\n"}), nil, []string{"main/tcp_server.c is missing: it counts as it was handed out"}},
		"moved": {map[string]string{"src/tcp_server.c": "mine"}, false, base, nil, []string{"main/tcp_server.c was taken from src/tcp_server.c"}},
		"loose": {map[string]string{"tcp_server.c": "mine", "other.c": "x", "app_main.c": "x"}, true, base, nil, []string{"app_main.c was left out: the exercise has no file of this name", "other.c was left out: the exercise has no file of this name"}},
	} {
		got, restored, notes := restore(test.files, test.loose)
		if d := cmp.Diff(test.want, got) + cmp.Diff(test.restored, restored) + cmp.Diff(test.notes, notes); d != "" {
			t.Errorf("%s: %s", name, d)
		}
	}
}

// FuzzCleanPath: whatever a path is, what it becomes stays in the folder.
func FuzzCleanPath(f *testing.F) {
	for _, name := range []string{"a/b.c", "../a", "/a", `C:\a`, "a//b", "./a", "a/./../b", "-o", "a/-b", "\x00", "a/\xff", "..", "."} {
		f.Add(name)
	}
	f.Fuzz(func(t *testing.T, name string) {
		clean, wrong := cleanPath(name)
		if wrong == "" && (!filepath.IsLocal(clean) || !fs.ValidPath(clean) || clean == "." || strings.Contains(clean, "/-")) {
			t.Errorf("%q becomes %q", name, clean)
		}
	})
}
