package course

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/espgen/espgen/generator/spec"
	"github.com/espgen/espgen/lazyregexp"
)

// A roster is what roster.csv holds: a row for each student.
type roster struct {
	file    string
	columns []column // of fields: id and name are none
	rows    []row
}

// A column is a field of the students' specs.
type column struct {
	path string
	pos  spec.Pos
}

// A row is a student's.
type row struct {
	student *Student
	pos     spec.Pos
	cells   []cell // one for each column
}

type cell struct {
	text string // "" where nothing is given
	pos  spec.Pos
}

// autoCell is what a cell holds whose value is derived.
const autoCell = "auto"

// The columns that are no fields.
const (
	columnID   = "id"
	columnName = "name"
)

// readRoster reads a roster. What is wrong with it becomes issues, of which
// there are at most maxIssues.
func readRoster(file string, data []byte, issues *spec.Issues) *roster {
	r := &rosterReader{roster: &roster{file: file}, issues: issues}
	r.read(data)
	return r.roster
}

// maxIssues is how many problems of a roster, or of a C project, are told: what is
// none has one in each line, or file.
const maxIssues = 50

type rosterReader struct {
	*roster
	issues *spec.Issues
	told   int
}

func (r *rosterReader) errorf(line, col int, path, hint, format string, args ...any) {
	if r.told++; r.told <= maxIssues {
		*r.issues = append(*r.issues, spec.Issue{Pos: spec.Pos{File: r.file, Line: line, Col: col}, Path: path, Msg: fmt.Sprintf(format, args...), Hint: hint})
	}
}

func (r *rosterReader) read(data []byte) {
	if bytes.HasPrefix(data, []byte{0xff, 0xfe}) || bytes.HasPrefix(data, []byte{0xfe, 0xff}) {
		r.errorf(1, 1, "", `save it as "CSV UTF-8"`, "the file is UTF-16")
		return
	}
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	if at := invalid(data); at >= 0 {
		line := 1 + bytes.Count(data[:at], []byte("\n"))
		col := 1 + utf8.RuneCount(data[bytes.LastIndexByte(data[:at], '\n')+1:at])
		r.errorf(line, col, "", `save it as "CSV UTF-8"`, "the file is not valid UTF-8")
		return
	}
	lines := bytes.Split(data, []byte("\n"))
	in := csv.NewReader(bytes.NewReader(data))
	in.Comma = separator(data)
	in.FieldsPerRecord = -1
	in.ReuseRecord = true
	in.Comment = '#'
	place := func(field int) (line, col int) {
		line, col = in.FieldPos(field) // in bytes
		if line <= len(lines) {
			col = 1 + utf8.RuneCount(lines[line-1][:min(col-1, len(lines[line-1]))])
		}
		return line, col
	}
	idAt, nameAt, header := -1, -1, []string(nil)
	seen := map[string]spec.Pos{}
	for {
		record, err := in.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if wrong, ok := errors.AsType[*csv.ParseError](err); ok {
			r.errorf(wrong.Line, wrong.Column, "", `a cell that holds a " is written in quotes, and each " in it twice`, "not CSV: %v", wrong.Err)
			return // where the next row begins cannot be told
		}
		if header == nil {
			header = slices.Clone(record)
			idAt, nameAt = r.header(header, place)
			if idAt < 0 {
				return
			}
			continue
		}
		if len(record) == 1 && strings.TrimSpace(record[0]) == "" || !slices.ContainsFunc(record, func(c string) bool { return strings.TrimSpace(c) != "" }) {
			continue // a spreadsheet leaves rows of empty cells
		}
		line, col := place(0)
		if len(record) > len(header) && slices.ContainsFunc(record[len(header):], func(c string) bool { return strings.TrimSpace(c) != "" }) {
			line, col := place(len(header))
			r.errorf(line, col, "", "put a cell that holds a separator in quotes", "the row has %d cells, and the first line names %d columns", len(record), len(header))
			continue
		}
		if len(r.rows) == maxStudents {
			r.errorf(line, col, "", "split the course", "the roster has more than the limit of %d students", maxStudents)
			return
		}
		r.row(record, header, idAt, nameAt, place, seen)
	}
	switch {
	case header == nil:
		r.errorf(1, 1, "", "the first line names the columns: id,name", "the roster is empty")
	case r.told > maxIssues:
		*r.issues = append(*r.issues, spec.Issue{
			Pos: spec.Pos{File: r.file}, Msg: fmt.Sprintf("there are %d more problems", r.told-maxIssues), Hint: "mend those above first",
		})
	}
}

// separator is what stands between cells: where a decimal number has a comma,
// spreadsheets write semicolons.
func separator(data []byte) rune {
	first, _, _ := bytes.Cut(data, []byte("\n"))
	for _, c := range ";\t" {
		if bytes.ContainsRune(first, c) && !bytes.ContainsRune(first, ',') {
			return c
		}
	}
	return ','
}

// header reads the names of the columns. It returns where the ids and the names
// are, -1 where they are not.
func (r *rosterReader) header(names []string, place func(int) (int, int)) (idAt, nameAt int) {
	idAt, nameAt = -1, -1
	if len(names) > maxColumns {
		r.errorf(1, 1, "", "remove the columns that are no fields", "it has %d columns, and the limit is %d", len(names), maxColumns)
		return -1, -1
	}
	for i, name := range names {
		names[i] = strings.TrimSpace(name)
		line, col := place(i)
		lower := strings.ToLower(names[i])
		switch first := slices.Index(names[:i], names[i]); {
		case names[i] == "" && i > 0:
		case first >= 0:
			r.errorf(line, col, "", "remove one of them", "the column %q is there twice", names[i])
		case lower == columnID:
			names[i], idAt = columnID, i
		case lower == columnName:
			names[i], nameAt = columnName, i
		default:
			r.columns = append(r.columns, column{names[i], spec.Pos{File: r.file, Line: line, Col: col}})
		}
	}
	if idAt < 0 {
		r.errorf(1, 1, "", "write the names of the columns into the first line: id,name", "the first line names no column id")
	}
	return idAt, nameAt
}

func (r *rosterReader) row(record, header []string, idAt, nameAt int, place func(int) (int, int), seen map[string]spec.Pos) {
	at := func(i int) (text string, pos spec.Pos) {
		if i < 0 || i >= len(record) {
			line, _ := place(0)
			return "", spec.Pos{File: r.file, Line: line, Col: 1}
		}
		line, col := place(i)
		return strings.TrimSpace(record[i]), spec.Pos{File: r.file, Line: line, Col: col}
	}
	id, pos := at(idAt)
	name, namePos := at(nameAt)
	switch problem, hint := problemOfID(id); {
	case problem != "":
		r.errorf(pos.Line, pos.Col, columnID, hint, "%s", problem)
		return
	case seen[strings.ToLower(id)].Line != 0:
		first := seen[strings.ToLower(id)]
		r.errorf(pos.Line, pos.Col, columnID, "give each student an id of their own; case does not count, as in the names of files on Windows",
			"%q is the id of line %d, too", id, first.Line)
		return
	}
	seen[strings.ToLower(id)] = pos
	if len(name) > maxTitle || strings.ContainsFunc(name, isControl) {
		r.errorf(namePos.Line, namePos.Col, columnName, "write the name in one line", "it holds a control character, or is longer than the limit of %d bytes", maxTitle)
	}
	student := row{student: &Student{ID: id, Name: name}, pos: pos}
	for _, c := range r.columns {
		text, pos := at(slices.Index(header, c.path))
		if len(text) > maxCell {
			r.errorf(pos.Line, pos.Col, c.path, "shorten it", "it has %d bytes, and the limit is %d", len(text), maxCell)
			text = ""
		}
		student.cells = append(student.cells, cell{text, pos})
	}
	r.rows = append(r.rows, student)
}

var (
	idPattern    = lazyregexp.New(`^[0-9A-Za-z][0-9A-Za-z._@+-]*$`)
	shortNumber  = lazyregexp.New(`^\d([.]\d+)?[eE]\+\d+$`)
	deviceName   = lazyregexp.New(`(?i)^(con|prn|aux|nul|com[0-9]|lpt[0-9])([.].*)?$`)
	archiveNames = []string{".zip", ".lock", ".git"}
)

const idHint = "an id has letters, digits, and . _ @ + - behind the first"

// problemOfID says why an id cannot be the name of a folder on any system, "" where it
// can.
func problemOfID(id string) (problem, hint string) {
	hasEnd := func(end string) bool { return strings.HasSuffix(strings.ToLower(id), end) }
	switch {
	case id == "":
		return "the id is missing", "give each student an id: " + idHint
	case len(id) > maxName:
		return fmt.Sprintf("the id has %d bytes, and the limit is %d", len(id), maxName), "shorten it"
	case shortNumber().MatchString(id):
		return fmt.Sprintf("%q is a number that a spreadsheet has shortened", id), "format the column as text, and enter the ids again"
	case !idPattern().MatchString(id):
		return fmt.Sprintf("%q cannot be an id", id), idHint
	case strings.HasSuffix(id, "."), deviceName().MatchString(id), slices.ContainsFunc(archiveNames, hasEnd):
		return fmt.Sprintf("%q cannot be the name of a folder on every system", id), "choose another one: it must not end with . or .zip, nor be CON, NUL and the like"
	}
	return "", ""
}
