package exercise

import (
	"errors"
	"strings"
	"testing"
)

const readmeSource = `//@step first
//@title en: Do the first
//@title zh: 第一步
//@guide 2.1
//@calls socket close
one();
//@stub
    // TODO(first): do it with one().
    // It takes two lines.
    //
    // This is another paragraph.
    int x = 0;
//@end
//@step second
//@title en: Do the second
two();
//@stub
    // TODO(second)：调用 two()，
    // 两次，每次一个
    // socket。
//@end
`

func TestREADME(t *testing.T) {
	s := parse(t, map[string]string{"main/main.c": readmeSource, "main/other.c": "//@step first\nmore();\n//@stub\n//@end\n"})
	for language, want := range map[string]string{
		"en": `# Sockets

Read all of it.

Due: Friday

2 steps are left out of this program. It compiles as it is: you write the steps, one after the other. Each place is marked by a comment that begins with ` + "`TODO`" + `. Replace the comment, and the lines that stand in for the step, with your code.

## What to do

### 1. Do the first

Do it with one(). It takes two lines.

- Where: ` + "`TODO(first)` in `main/main.c`, `main/other.c`" + `
- Read: section 2.1 of the guide
- Look at: ` + "`socket()`, `close()`" + `

### 2. Do the second

调用 two()，两次，每次一个 socket。

- Where: ` + "`TODO(second)` in `main/main.c`" + `

## How to run it
`,
		"zh": `# Sockets

Read all of it.

截止时间：Friday

这个程序缺少 2 个步骤，但现在就能编译。请依次写出缺少的步骤。每处都有以 ` + "`TODO`" + ` 开头的注释：用自己的代码替换这段注释，以及暂时代替该步骤的代码。

## 要做什么

### 1. 第一步
`,
	} {
		text, err := s.README(Task{Language: language, Title: "Sockets", Text: "Read all of it.", Due: "Friday", Blank: []string{"second", "first"}, Files: []string{"main/main.c"}, Checks: true})
		if err != nil || !strings.HasPrefix(string(text), want) || !strings.Contains(string(text), "    espgen grade .\n") || !strings.Contains(string(text), "- `main/main.c`\n") {
			t.Errorf("%s: %v\n%s", language, err, text)
		}
		if strings.Contains(string(text), "\n\n\n") || !strings.HasSuffix(string(text), ".\n") && !strings.HasSuffix(string(text), "。\n") {
			t.Errorf("%s: blank lines:\n%s", language, text)
		}
	}
	least, err := s.README(Task{Title: "One", Blank: []string{"second"}})
	if err != nil || strings.Contains(string(least), "grade") || strings.Contains(string(least), "Due") || strings.Contains(string(least), "yours") || strings.Contains(string(least), "first") {
		t.Errorf("%v\n%s", err, least)
	}
	_, err = s.README(Task{Blank: []string{"third"}})
	if _, ok := errors.AsType[*UnknownError](err); !ok {
		t.Error(err)
	}
}
