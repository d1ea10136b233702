package project

import (
	"bytes"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/espgen/espgen/generator"
	"github.com/espgen/espgen/lazyregexp"
)

// The pristine copy of a file has <hidden> in the place of what only the project's
// owner may know. To merge, the values are filled in again: those of the user's
// file, which has the former ones, where it has the line at all.

// A known is a value that the user's file has in the place of <hidden>.
type known struct {
	public int    // the index of the line with <hidden>
	theirs int    // the index of the user's line
	line   string // the user's line
	nth    int    // which <hidden> of the line it is
	value  string
}

// reveal fills in the values that a public text has not. It takes them from the
// line of yours that fits, and where there is none from the equal line of a text
// that is known as it is, and as anybody may read it. found are those of yours.
func reveal(text []byte, key string, yours, asIs, asPublic []byte) (data []byte, found []known) {
	if !bytes.Contains(text, []byte(generator.Secret)) {
		return text, nil
	}
	lines, theirs := strings.Split(string(text), "\n"), strings.Split(noCR(yours), "\n")
	from, to := strings.Split(string(asPublic), "\n"), strings.Split(string(asIs), "\n")
	asItIs := map[string]bool{}
	for _, line := range lines {
		asItIs[line] = true
	}
	filled, hidden := slices.Clone(lines), 0
	for i, line := range lines {
		if !strings.Contains(line, generator.Secret) {
			continue
		}
		if hidden++; hidden > maxHidden || len(yours) > maxSearchedFile {
			break
		}
		if k, ok := fill(lines, asItIs, i, key, theirs); ok {
			for _, value := range k {
				filled[i] = strings.Replace(filled[i], generator.Secret, value.value, 1)
			}
			found = append(found, k...)
		} else if at, ok := sameIn(lines, i, from); ok && len(from) == len(to) {
			filled[i] = to[at]
		}
	}
	return []byte(strings.Join(filled, "\n")), found
}

// sameIn returns the index of a line in another text that has it as often: the
// first of these is the first of those.
func sameIn(lines []string, i int, others []string) (at int, ok bool) {
	nth, more := 0, 0
	for n, line := range lines {
		if line == lines[i] && n < i {
			nth++
		} else if line == lines[i] && n > i {
			more++
		}
	}
	for n, line := range others {
		if line != lines[i] {
			continue
		}
		if nth == 0 {
			at, ok = n, true
		} else if nth < 0 {
			more--
		}
		nth--
	}
	return at, ok && more == 0
}

// fill returns the values of a line that the user's file has: in the only line
// that fits, or in the one with most of the same lines above and below it. A
// line that is somewhere in the text as it is stands for itself.
func fill(lines []string, asItIs map[string]bool, i int, key string, theirs []string) ([]known, bool) {
	fits, says := pattern(lines[i], key)
	if fits == nil {
		return nil, false
	}
	best, most, isBest := 0, 0, false
	var all []int
	for n, their := range theirs {
		if asItIs[their] || !fits.MatchString(their) {
			continue
		}
		all = append(all, n)
		above, below := sameLines(lines, i, theirs, n, -1), sameLines(lines, i, theirs, n, +1)
		switch {
		case above == 0 || below == 0:
		case above+below > most:
			best, most, isBest = n, above+below, true
		case above+below == most:
			isBest = false
		}
	}
	isOnce := slices.Index(lines, lines[i]) == i && !slices.Contains(lines[i+1:], lines[i])
	if says && isOnce && len(all) == 1 {
		best, isBest = all[0], true
	}
	if !isBest {
		return nil, false
	}
	var found []known
	for n, value := range fits.FindStringSubmatch(theirs[best])[1:] {
		found = append(found, known{i, best, theirs[best], n, value})
	}
	return found, true
}

// sameLines counts the lines that follow one another as well in another text,
// from the line i and n on in a direction. What is hidden may be anything.
func sameLines(lines []string, i int, theirs []string, n, direction int) int {
	const most = 20
	for count := range most {
		i, n = i+direction, n+direction
		switch {
		case i < 0 || i == len(lines) || n < 0 || n == len(theirs):
			if (i < 0 || i == len(lines)) && (n < 0 || n == len(theirs)) {
				return count + 1 // both end
			}
			return count
		case lines[i] != theirs[n] && !strings.Contains(lines[i], generator.Secret):
			return count
		}
	}
	return most
}

// bring puts the values of now in the place of those that were found in yours,
// so that a new value is no change, which an edit beside it would be in conflict
// with. text is the public one of base.
func bring(yours []byte, key string, text []byte, found []known, now, publicNow []byte) []byte {
	lines, public := strings.Split(string(yours), "\n"), strings.Split(string(text), "\n")
	from, to := strings.Split(string(publicNow), "\n"), strings.Split(string(now), "\n")
	for _, k := range found {
		at, ok := sameIn(public, k.public, from)
		if !ok || len(from) != len(to) {
			continue
		}
		fits, _ := pattern(public[k.public], key)
		values, place := fits.FindStringSubmatch(to[at]), fits.FindStringSubmatchIndex(lines[k.theirs])
		if values != nil && place != nil {
			line := lines[k.theirs]
			lines[k.theirs] = line[:place[2*k.nth+2]] + values[k.nth+1] + line[place[2*k.nth+3]:]
		}
	}
	return []byte(strings.Join(lines, "\n"))
}

// inQuotes is what stands between the quotes of a C string.
const inQuotes = `(?:[^"\\]|\\.)*`

// inString is a C string, or what there is of it in a line.
var inString = lazyregexp.New(`"` + inQuotes + `(?:"|\\?$)`)

// The limits of a search for hidden values: a pristine copy may come from
// somebody else.
const (
	maxHidden     = 50   // lines of a file with values
	maxHiddenLine = 1000 // bytes of such a line
	maxValues     = 10   // of such a line
)

// pattern matches the lines that a public one stands for, and is nil where that
// is beyond the limits. says is whether the words around the values are enough
// to tell such a line from others.
func pattern(line, key string) (fits *regexp.Regexp, says bool) {
	const least = 3 // letters
	parts := strings.Split(line, generator.Secret)
	if len(parts) > maxValues+1 || len(line) > maxHiddenLine || !utf8.ValidString(line) {
		return nil, false
	}
	isKey := key != "" && keyLine(key).MatchString(line)
	expr, end := "^"+spaced(parts[0]), ""
	for i, part := range parts[1:] {
		value := `(.+?)`
		switch {
		case isKey:
			value = `("` + inQuotes + `")`
		case strings.HasSuffix(parts[i], `"`) && strings.HasPrefix(part, `"`):
			value = `(` + inQuotes + `)`
		default:
			end = `\s*$`
		}
		expr += value + spaced(part)
	}
	return regexp.MustCompile(expr + end), len(strings.Map(lettersOnly, strings.Join(parts, ""))) >= least
}

func lettersOnly(r rune) rune {
	if unicode.IsLetter(r) {
		return r
	}
	return -1
}

var spaces = lazyregexp.New(`[ \t]+`)

// spaced is the pattern of a text with any spaces where it has some.
func spaced(text string) string {
	return spaces().ReplaceAllLiteralString(regexp.QuoteMeta(text), `[ \t]+`)
}

// A veil hides values in the lines of a file.
type veil struct {
	key      *regexp.Regexp // nil for none
	public   map[string]string
	patterns []*regexp.Regexp

	// Values of base are not where they were in the user's file. Any line that was
	// not generated may hold them: in a string, or anywhere.
	lostString, lostAnywhere bool
}

// veil hides the values that the file has, had, or will have.
func (f file) veil() veil {
	v := veil{public: map[string]string{}}
	if f.key != "" {
		v.key = keyLine(f.key)
	}
	v.add(f.base, f.publicBase, f.key)
	if f.now != nil {
		v.add(f.now.Data, publicText(*f.now), f.key)
	}
	for i, line := range strings.Split(string(f.publicBase), "\n") {
		if strings.Contains(line, generator.Secret) && !slices.ContainsFunc(f.secrets, func(k known) bool { return k.public == i }) {
			isString := v.key != nil && v.key.MatchString(line) || !strings.Contains(inString().ReplaceAllString(line, ""), generator.Secret)
			v.lostString = v.lostString || isString
			v.lostAnywhere = v.lostAnywhere || !isString
		}
	}
	return v
}

func (v *veil) add(data, public []byte, key string) {
	lines, hidden := strings.Split(noCR(data), "\n"), strings.Split(noCR(public), "\n")
	if len(lines) != len(hidden) {
		return
	}
	for i, line := range hidden {
		v.public[lines[i]] = line
		if strings.Contains(line, generator.Secret) {
			if fits, says := pattern(line, key); says && len(v.patterns) < maxHidden {
				v.patterns = append(v.patterns, fits)
			}
		}
	}
}

func noCR(data []byte) string { return strings.ReplaceAll(string(data), "\r\n", "\n") }

// shown is what a diff shows in the place of a value.
const shown = "***"

// over hides the values in the lines of a unified diff.
func (v veil) over(diff string) string {
	lines, inHunk := strings.SplitAfter(diff, "\n"), false
	for i, line := range lines {
		if inHunk = inHunk || strings.HasPrefix(line, "@@"); !inHunk {
			continue // the names of the file
		}
		text := strings.TrimRight(line, "\r\n")
		if text != "" && strings.Contains(" +-", text[:1]) {
			lines[i] = text[:1] + strings.ReplaceAll(v.line(text[1:]), generator.Secret, shown) + line[len(text):]
		}
	}
	return strings.Join(lines, "")
}

func (v veil) line(text string) string {
	if v.key != nil {
		text = v.key.ReplaceAllString(text, "${1} "+generator.Secret)
	}
	if hidden, ok := v.public[text]; ok {
		return hidden
	}
	for _, p := range v.patterns {
		at := p.FindStringSubmatchIndex(text)
		for i := len(at) - 2; i >= 2; i -= 2 { // the last value first, so that the places of the others hold
			text = text[:at[i]] + generator.Secret + text[at[i+1]:]
		}
	}
	switch {
	case v.lostAnywhere:
		return generator.Secret
	case v.lostString:
		return inString().ReplaceAllLiteralString(text, `"`+generator.Secret+`"`)
	}
	return text
}
