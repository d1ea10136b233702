package course

import (
	"bytes"
	_ "embed"
	"encoding/csv"
	"html/template"
	"path"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// columnsOf lists the fields in which students differ, sorted. Secret ones are
// left out.
func (c *Course) columnsOf() []string {
	var list []string
	for _, s := range c.students {
		for _, v := range s.values {
			if !slices.Contains(list, v.path) && !c.isSecret(v.path) {
				list = append(list, v.path)
			}
		}
	}
	slices.Sort(list)
	return list
}

// valueOf is a student's own value of a field, "" for none.
func (s *Student) valueOf(path string) string {
	for _, v := range s.values {
		if v.path == path {
			return v.text
		}
	}
	return ""
}

// indexCSV lists the hand-outs for a spreadsheet.
func (c *Course) indexCSV() []byte {
	columns := c.columnsOf()
	var out bytes.Buffer
	w := csv.NewWriter(&out)
	write := func(cells ...string) {
		for i, cell := range cells {
			cells[i] = noFormula(cell)
		}
		_ = w.Write(cells) // to memory: it cannot fail
	}
	write(append([]string{"exercise", columnID, columnName, "folder", "zip", "points", "due"}, columns...)...)
	for _, e := range c.exercises {
		for _, s := range c.students {
			at := path.Join(HandOutsFolder, e.Name, s.ID)
			row := []string{e.Name, s.ID, s.Name, at, at + ".zip", number(e.Points()), e.Due.In(c.Language)}
			for _, column := range columns {
				row = append(row, s.valueOf(column))
			}
			write(row...)
		}
	}
	w.Flush()
	return out.Bytes()
}

// noFormula keeps a spreadsheet from taking a cell for a formula, which may run
// a program.
func noFormula(cell string) string {
	if cell != "" && strings.ContainsRune("=+-@\t\r＝＋－＠", []rune(cell)[0]) {
		if _, err := strconv.ParseFloat(cell, 64); err != nil {
			return "'" + cell
		}
	}
	return cell
}

func number(f float64) string { return strconv.FormatFloat(f, 'f', -1, 64) }

//go:embed index.html.tmpl
var indexText string

var indexTemplate = sync.OnceValue(func() *template.Template { return template.Must(template.New("index").Parse(indexText)) })

// words are those of the index, by language.
var words = map[string]map[string]string{
	"en": {
		"exercises": "Exercises", "students": "Students", "exercise": "Exercise", "steps": "Steps to write", "checks": "Checks", "check": "Check",
		"points": "Points", "hidden": "hidden", "due": "Due", "solution": "Solution", "handout": "Hand-out", "id": "Id", "name": "Name", "total": "Total",
		"none": "The roster has no students.",
	},
	"zh": {
		"exercises": "练习", "students": "学生", "exercise": "练习", "steps": "要完成的步骤", "checks": "检查项", "check": "检查项",
		"points": "分数", "hidden": "隐藏", "due": "截止", "solution": "参考答案", "handout": "发给学生的项目", "id": "学号", "name": "姓名", "total": "总分",
		"none": "名单中没有学生。",
	},
}

// indexHTML is the overview for the instructor: one page, which needs no other
// file, and no script.
func (c *Course) indexHTML() ([]byte, error) {
	type line struct {
		ID, Name, Zip, Folder string
		Values                []string
	}
	type checkLine struct {
		Name, Title, Points string
		Hidden              bool
	}
	type part struct {
		Name, Title, Due, Points, Solution string
		Blank                              []string
		Checks                             []checkLine
		Rows                               []line
		Columns                            []string
	}
	columns := c.columnsOf()
	page := struct {
		Language, Title string
		Words           map[string]string
		Students        int
		Parts           []part
	}{Language: c.Language, Title: c.Title.In(c.Language), Words: words[c.Language], Students: len(c.students)}
	for _, e := range c.exercises {
		p := part{
			Name: e.Name, Title: e.Title.In(c.Language), Due: e.Due.In(c.Language), Points: number(e.Points()), Blank: e.Blank,
			Solution: path.Join(SolutionsFolder, e.Name) + "/",
		}
		for _, column := range columns {
			if e.uses(column) {
				p.Columns = append(p.Columns, column)
			}
		}
		for _, check := range e.bound {
			p.Checks = append(p.Checks, checkLine{check.Name, check.Title.In(c.Language), number(check.Points), check.Hidden})
		}
		for _, s := range c.students {
			at := path.Join(HandOutsFolder, e.Name, s.ID)
			l := line{ID: s.ID, Name: s.Name, Zip: at + ".zip", Folder: at + "/"}
			for _, column := range p.Columns {
				l.Values = append(l.Values, s.valueOf(column))
			}
			p.Rows = append(p.Rows, l)
		}
		page.Parts = append(page.Parts, p)
	}
	var out bytes.Buffer
	err := indexTemplate().Execute(&out, page)
	return out.Bytes(), err
}

// uses reports whether an exercise has a use for a field.
func (e *Exercise) uses(path string) bool {
	return strings.HasPrefix(path, "sdkconfig.") || slices.Contains(e.source.fields(), path)
}
