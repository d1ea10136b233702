package course

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/espgen/espgen/generator"
	"github.com/espgen/espgen/generator/spec"
)

func TestRosterProblems(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"no column id", "name\nAnn\n", "1:1: the first line names no column id"},
		{"duplicate", "id,name\na1,Ann\na1,Bob\n", `3:1: id: "a1" is the id of line 2, too`},
		{"only case differs", "id\nAbc\naBC\n", `3:1: id: "aBC" is the id of line 2, too`},
		{"path", "id\n../x\n", `2:1: id: "../x" cannot be an id`},
		{"flag", "id\n-rf\n", `2:1: id: "-rf" cannot be an id`},
		{"formula", "id\n=cmd()\n", `2:1: id: "=cmd()" cannot be an id`},
		{"device", "id\nnul\n", `2:1: id: "nul" cannot be the name of a folder on every system`},
		{"archive", "id\nann.ZIP\n", `2:1: id: "ann.ZIP" cannot be the name of a folder on every system`},
		{"shortened", "id\n1.23E+10\n", `2:1: id: "1.23E+10" is a number that a spreadsheet has shortened`},
		{"missing", "id,name\n,Ann\n", "2:1: id: the id is missing"},
		{"long", "id\n" + strings.Repeat("a", 65) + "\n", "2:1: id: the id has 65 bytes, and the limit is 64"},
		{"too many cells", "id,name\na1,Ann,9000\n", "2:8: the row has 3 cells, and the first line names 2 columns"},
		{"not UTF-8", "id,name\na1,M\xfcller\n", "2:5: the file is not valid UTF-8"},
		{"UTF-16", "\xff\xfei\x00d\x00", "1:1: the file is UTF-16"},
		{"quotes", "id,name\na1,\"Ann\nb2,Bob\n", "not CSV"},
		{"control character", "id,name\na1,\"An\x1bn\"\n", "2:4: name: it holds a control character"},
		{"column twice", "id,server.port,server.port\n", `1:16: the column "server.port" is there twice`},
		{"empty", "", "1:1: the roster is empty"},
		{"characters, not bytes", "id,name\na1,ü\n\"张\",b\n", `3:1: id: "张" cannot be an id`},
	} {
		var issues spec.Issues
		readRoster("r.csv", []byte(c.text), &issues)
		if got := issues.Error(); !strings.Contains(got, c.want) {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
		for _, i := range issues {
			if i.Hint == "" {
				t.Errorf("%s: %s has no hint", c.name, i.Msg)
			}
		}
	}
}

func TestRosterForms(t *testing.T) {
	for name, text := range map[string]string{
		"BOM":             "\ufeffid,name\na1,Ann\nb2,\"Lee, Bob\"\n",
		"CRLF":            "id,name\r\na1,Ann\r\nb2,\"Lee, Bob\"\r\n",
		"semicolons":      "id;name\na1;Ann\nb2;Lee, Bob\n",
		"tabs":            "id\tname\na1\tAnn\nb2\tLee, Bob\n",
		"other order":     "name,ID\nAnn,a1\n\"Lee, Bob\",b2\n",
		"spaces":          " id , name\n a1 , Ann\nb2 ,\"Lee, Bob\"\n",
		"empty rows":      "id,name\na1,Ann\n,\n\nb2,\"Lee, Bob\"\n,,,\n",
		"no end of line":  "id,name\na1,Ann\nb2,\"Lee, Bob\"",
		"a line of notes": "# spring\nid,name\na1,Ann\nb2,\"Lee, Bob\"\n",
	} {
		var issues spec.Issues
		r := readRoster("r.csv", []byte(text), &issues)
		if len(issues) > 0 || len(r.rows) != 2 || r.rows[0].student.ID != "a1" || r.rows[0].student.Name != "Ann" || r.rows[1].student.Name != "Lee, Bob" {
			t.Errorf("%s: %v, %v", name, r.rows, issues)
		}
	}
}

func TestRosterLarge(t *testing.T) {
	var text strings.Builder
	text.WriteString("id\n")
	for i := range maxStudents + 1 {
		fmt.Fprintf(&text, "s%d\n", i)
	}
	var issues spec.Issues
	r := readRoster("r.csv", []byte(text.String()), &issues)
	if len(r.rows) != maxStudents || !strings.Contains(issues.Error(), "100000 students") {
		t.Errorf("%d rows, %v", len(r.rows), issues)
	}
	issues = nil
	readRoster("r.csv", []byte("id\n"+strings.Repeat("../\n", 1000)), &issues)
	if len(issues) != maxIssues+1 || !strings.Contains(issues[maxIssues].Msg, "950 more") {
		t.Errorf("%d issues", len(issues))
	}
}

func TestAuto(t *testing.T) {
	key := bytes.Repeat([]byte{7}, keyBytes)
	var ids []string
	for i := range 5000 {
		ids = append(ids, fmt.Sprint("s", i))
	}
	for _, k := range []kind{kindPort, kindGreeting, kindName} {
		a := auto{kind: k}
		list := a.derive(key, "f", ids, map[string]bool{})
		seen := map[string]bool{}
		for _, v := range list {
			if len(v) != len(list[0]) || seen[v] {
				t.Fatalf("%s: %q has another length than %q, or is there twice", k, v, list[0])
			}
			seen[v] = true
		}
		if more := a.derive(key, "f", append(slices.Clone(ids), "late"), map[string]bool{}); !slices.Equal(more[:len(ids)], list) {
			t.Errorf("%s: a student who is added at the end changes the values of others", k)
		}
		if other := a.derive(bytes.Repeat([]byte{8}, keyBytes), "f", ids[:10], map[string]bool{}); slices.Equal(other, list[:10]) {
			t.Errorf("%s: another key gives the same values", k)
		}
		if other := a.derive(key, "g", ids[:10], map[string]bool{}); slices.Equal(other, list[:10]) {
			t.Errorf("%s: another field has the same values", k)
		}
	}
	// What was handed out must never change: these values are of the first version.
	for k, want := range map[kind]string{kindPort: "16202", kindGreeting: "olive-otter-c9e57c", kindName: "lab-c9e57c"} {
		if got := (auto{kind: k}).value(key, "server.port", "s1001", 0); got != want {
			t.Errorf("%s: %q, want %q", k, got, want)
		}
	}
	full := auto{kind: kindPort}
	if got := full.derive(key, "f", ids[:1], map[string]bool{full.value(key, "f", ids[0], 0): true}); got[0] == full.value(key, "f", ids[0], 0) {
		t.Error("a port that is taken is given again")
	}
}

func TestNoFormula(t *testing.T) {
	for in, want := range map[string]string{
		"=cmd()": "'=cmd()", "@SUM(1)": "'@SUM(1)", "+1+1": "'+1+1", "-1+1": "'-1+1", "\t=1": "'\t=1", "＝1": "'＝1",
		"-5": "-5", "Ann": "Ann", "": "", "a=b": "a=b",
	} {
		if got := noFormula(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

func TestZip(t *testing.T) {
	files := []generator.File{{Path: "a/b.c", Mode: 0o644, Data: []byte("int x;\n")}, {Path: "e", Mode: 0o600, Data: nil}, {Path: "张.md", Mode: 0o755, Data: bytes.Repeat([]byte("x"), 9999)}}
	var first, second packer
	one, err := first.zip("p", files)
	if err != nil {
		t.Fatal(err)
	}
	two, err := second.zip("p", files)
	if err != nil || !bytes.Equal(one, two) {
		t.Fatalf("equal files give other bytes (%v)", err)
	}
	z, err := zip.NewReader(bytes.NewReader(one), int64(len(one)))
	if err != nil {
		t.Fatal(err)
	}
	for i, f := range z.File {
		in, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		data, err := io.ReadAll(in)
		if err != nil || !bytes.Equal(data, files[i].Data) || f.Name != "p/"+files[i].Path || f.Mode() != files[i].Mode {
			t.Errorf("%s: %v, %v", f.Name, err, f.Mode())
		}
	}
}

func TestTokens(t *testing.T) {
	same := func(a, b string) bool {
		x, y := tokensOf([]byte(a), inComments), tokensOf([]byte(b), inComments)
		return slices.EqualFunc(x, y, func(p, q token) bool { return p.sum == q.sum })
	}
	for _, c := range [][2]string{
		{"int err = bind(sock, 1);", "int\tresult=bind( s ,1 ) ;"},
		{"send(sock, buf + n, len - n, 0);", "send(s,\n  b+i, l-i,\n0);"},
		{"a = b;", "// a = b;"},
		{"a = b;", "/* x = y; */"},
		{"p->port = 1;", "addr->port = 1;"},
	} {
		if !same(c[0], c[1]) {
			t.Errorf("%q and %q differ", c[0], c[1])
		}
	}
	for _, c := range [][2]string{
		{"a = bind(s);", "a = listen(s);"},
		{"a.port = 1;", "a.addr = 1;"},
		{"a = 1;", "a = 2;"},
		{"log(\"x\");", "log(\"y\");"},
		{"x = SO_REUSEADDR;", "x = SO_KEEPALIVE;"},
	} {
		if same(c[0], c[1]) {
			t.Errorf("%q and %q are the same", c[0], c[1])
		}
	}
}
