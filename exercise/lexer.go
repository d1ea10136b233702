package exercise

import "bytes"

// A lexer goes through C line by line. It knows where a line begins within a
// comment or a string of the lines before: a marker there is text.
type lexer struct {
	inside byte   // '*' a block comment, '/' one to the line's end, '"' or '\'' a literal, 'R' a raw string; 0 for code
	end    []byte // of the raw string
}

// line goes through one line, with its end.
func (l *lexer) line(line []byte) {
	for i := 0; i < len(line); {
		rest := line[i:]
		switch l.inside {
		case '*', 'R':
			end := l.end
			if l.inside == '*' {
				end = []byte("*/")
			}
			at := bytes.Index(rest, end)
			if at < 0 {
				return
			}
			l.inside = 0
			i += at + len(end)
		case '/':
			i = len(line)
		case '"', '\'':
			switch {
			case rest[0] == '\\' && len(rest) > 1:
				i++
			case rest[0] == l.inside:
				l.inside = 0
			}
			i++
		default:
			i += l.code(line, i)
		}
	}
	if text := bytes.TrimRight(line, "\r\n"); l.inside == '/' || l.inside == '"' || l.inside == '\'' {
		if len(text) == len(line) || !bytes.HasSuffix(text, []byte(`\`)) {
			l.inside = 0 // these end with the line, but for a backslash
		}
	}
}

// code looks at line[i:], which is code, and returns how many bytes it has
// understood.
func (l *lexer) code(line []byte, i int) int {
	rest := line[i:]
	at := bytes.IndexAny(rest, `/"'`)
	if at < 0 {
		return len(rest)
	}
	i += at
	switch c := line[i]; {
	case c == '/' && i+1 < len(line) && (line[i+1] == '*' || line[i+1] == '/'):
		l.inside = line[i+1]
		return at + 2
	case c == '"' && i > 0 && line[i-1] == 'R':
		if open := bytes.IndexByte(line[i:], '('); open > 0 {
			l.inside, l.end = 'R', append(append([]byte(")"), line[i+1:i+open]...), '"')
			return at + open + 1
		}
	case c == '\'' && i > 0 && line[i-1] >= '0' && line[i-1] <= '9':
		return at + 1 // within a number: 1'000
	case c == '"' || c == '\'':
		l.inside = c
	}
	return at + 1
}
