// Package sanitizer reads what AddressSanitizer, LeakSanitizer and
// UndefinedBehaviorSanitizer report, in the words of gcc's and of clang's
// runtime: the error, the line of the project that made it, and where the
// memory came from.
package sanitizer

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/dustin/go-humanize/english"

	"github.com/espgen/espgen/lazyregexp"
)

// A Finding is one error that a report tells of.
type Finding struct {
	Kind    string // the sanitizer's name for it: "heap-buffer-overflow", "leak", "undefined-behavior"
	What    string // in a sentence's words, without its end
	At      Place  // where the project made it; the zero Place where the report names no line of the project
	Calling string // the function that the project called there, and that made the error; "" for the project itself
	Memory  []Origin
}

// A Place is a line of the project's sources.
type Place struct {
	File     string // as the compiler was given it
	Line     int    // from 1 on; 0 where it is not known
	Function string // "" where it is not known
}

// An Origin is a place that memory came from, or was given up at.
type Origin struct {
	Verb  string // "allocated", "freed" or "declared"
	Name  string // of the variable; "" for a block of the heap
	Place Place
}

// Starts reports whether a line of standard error begins a report.
func Starts(line string) bool {
	return firstLine().MatchString(line)
}

var (
	firstLine = lazyregexp.New(`^(?:={65}\s*$|==\d+==\s*(?:ERROR: |(?:Address|Leak)Sanitizer)|(?:Address|Leak|UndefinedBehavior)Sanitizer:|\S.*:\d+(?::\d+)?: runtime error: )`)

	header    = lazyregexp.New(`(?m)^==\d+==\s*ERROR: (AddressSanitizer|LeakSanitizer|UndefinedBehaviorSanitizer): (.*)$`)
	undefined = lazyregexp.New(`(?m)^(\S.*?):(\d+)(?::\d+)?: runtime error: (.*)$`)
	frame     = lazyregexp.New(`^\s+#\d+ 0x[0-9a-f]+ in (\S+) (.*)$`)
	location  = lazyregexp.New(`^(.*?):(\d+)(?::\d+)?$`)
	access    = lazyregexp.New(`(?m)^(READ|WRITE) of size (\d+) at `)
	signalled = lazyregexp.New(`caused by a (READ|WRITE) memory access`)
	address   = lazyregexp.New(`address 0x([0-9a-f]+)`)
	region    = lazyregexp.New(`(?m)^0x[0-9a-f]+ is located (\d+) bytes (to the right of|to the left of|after|before|inside of) (\d+)-byte region`)
	global    = lazyregexp.New(`(?m)^0x[0-9a-f]+ is located (\d+) bytes (to the right of|to the left of|after|before|inside of) global variable '([^']*)' defined in '([^']*)' \(0x[0-9a-f]+\) of size (\d+)`)
	variable  = lazyregexp.New(`(?m)^\s+\[(\d+), (\d+)\) '([^']*)'(?: \(line (\d+)\))? <== Memory access at offset \d+ (.*)$`)
	leak      = lazyregexp.New(`(?m)^(Direct|Indirect) leak of (\d+) byte\(s\) in (\d+) object\(s\) allocated from:$`)
	sizeParam = lazyregexp.New(`\(size=(-?\d+)\)`)
)

// Parse returns what a report tells of. own reports whether a file is one of
// the project's. A text that is no report, or one of another kind, has none.
func Parse(report string, own func(file string) bool) []Finding {
	r := reader{report, own}
	switch h := header().FindStringSubmatch(report); {
	case h != nil && h[1] == "LeakSanitizer":
		return r.leaks()
	case h != nil && h[1] == "AddressSanitizer":
		return []Finding{r.address(h[2])}
	}
	if u := undefined().FindStringSubmatch(report); u != nil {
		return []Finding{r.undefined(u)}
	}
	return nil
}

// A reader reads one report.
type reader struct {
	text string
	own  func(file string) bool
}

// after is the text behind a line that contains mark; "" without one.
func (r reader) after(mark string) string {
	_, rest, _ := strings.Cut(r.text, mark)
	_, rest, _ = strings.Cut(rest, "\n")
	return rest
}

// stack finds, in the first stack of a text, the innermost line of the project,
// and the function that is called there.
func (r reader) stack(text string) (at Place, calling string) {
	begun := false
	for line := range strings.Lines(text) {
		m := frame().FindStringSubmatch(strings.TrimRight(line, "\r\n"))
		switch {
		case m == nil && begun:
			return Place{}, ""
		case m == nil:
			continue
		}
		begun = true
		if place := r.place(m[2]); place.File != "" {
			place.Function = plainName(m[1])
			return place, calling
		}
		calling = plainName(m[1])
	}
	return Place{}, ""
}

// place reads FILE:LINE[:COLUMN], if the file is one of the project's.
func (r reader) place(text string) Place {
	m := location().FindStringSubmatch(text)
	if m == nil || !r.own(m[1]) {
		return Place{}
	}
	line, _ := strconv.Atoi(m[2])
	return Place{File: m[1], Line: line}
}

// plainName is a function's name without what the sanitizers and the linker put
// before it, and the compiler behind it.
func plainName(function string) string {
	for _, prefix := range []string{"__interceptor_", "___interceptor_", "__asan_", "__wrap_", "lwip_"} {
		function = strings.TrimPrefix(function, prefix)
	}
	name, _, _ := strings.Cut(function, ".") // a clone, as in f.part.0
	return name
}

func (r reader) undefined(m []string) Finding {
	f := Finding{Kind: "undefined-behavior", What: "undefined behaviour: " + m[3]}
	f.At, f.Calling = r.stack(r.after(": runtime error: "))
	if place := r.place(m[1] + ":" + m[2]); place.File != "" {
		place.Function = f.At.Function
		f.At, f.Calling = place, ""
	}
	return f
}

// maxLeaks limits the leaks that are told one by one.
const maxLeaks = 5

func (r reader) leaks() []Finding {
	found := leak().FindAllStringSubmatchIndex(r.text, -1)
	part := func(m []int, i int) string { return r.text[m[2*i]:m[2*i+1]] }
	direct := slices.DeleteFunc(slices.Clone(found), func(m []int) bool { return part(m, 1) != "Direct" })
	if len(direct) == 0 {
		direct = found // a ring of blocks
	}
	var list []Finding
	for i, m := range direct {
		if i == maxLeaks {
			list[i-1].What += "; " + english.Plural(len(direct)-i, "more leak", "")
			break
		}
		size, count := number(part(m, 2)), number(part(m, 3))
		f := Finding{Kind: "leak", What: fmt.Sprintf("memory leak: %s in %s of the heap, never freed and no longer reachable", bytes(size), english.Plural(count, "block", ""))}
		at, _ := r.stack(r.text[m[1]:])
		f.Memory = []Origin{{Verb: "allocated", Place: at}}
		list = append(list, f)
	}
	return list
}

// address reads a report of AddressSanitizer whose header says what.
func (r reader) address(what string) Finding {
	f := Finding{Kind: kindOf(what)}
	f.At, f.Calling = r.stack(r.after("ERROR: AddressSanitizer: "))
	does := r.does()
	switch f.Kind {
	case "SEGV", "BUS":
		f.What = r.does() + " " + r.pointer()
	case "FPE":
		f.What = "a number is divided by zero"
	case "stack-overflow":
		f.What = "the task's stack is used up: is there a recursion without end, or a large array?"
	case "double-free":
		f.What = "frees a block of the heap a second time"
	case "bad-free":
		f.What = "frees memory that malloc() did not allocate"
	case "heap-use-after-free":
		f.What = does + " a block of the heap after it was freed"
	case "negative-size-param":
		f.What = "a size is negative"
		if m := sizeParam().FindStringSubmatch(what); m != nil {
			f.What += ": " + m[1]
		}
	case "allocation-size-too-big":
		f.What = "allocates more than there can be"
	case "stack-use-after-return":
		f.What = does + " a local variable of a function that has returned"
	case "stack-use-after-scope":
		f.What = does + " a local variable outside the block that it belongs to"
	default:
		f.What = does + " memory beyond its bounds"
		if !strings.HasSuffix(f.Kind, "overflow") && !strings.HasSuffix(f.Kind, "underflow") {
			f.What = what
		}
	}
	r.block(&f)
	r.local(&f)
	r.global(&f)
	if function, ok := strings.CutSuffix(f.Kind, "-param-overlap"); ok {
		f.What = function + "() is given memory that overlaps; use memmove()"
		f.Memory = nil
	}
	return f
}

// kindOf is the sanitizer's name of an error, which its header begins with, or
// describes.
func kindOf(what string) string {
	for described, kind := range map[string]string{
		"attempting double-free": "double-free", "attempting free on address which was not malloc()-ed": "bad-free",
		"requested allocation size": "allocation-size-too-big",
	} {
		if strings.HasPrefix(what, described) {
			return kind
		}
	}
	kind, _, _ := strings.Cut(what, " ")
	return strings.TrimSuffix(kind, ":")
}

// does says what an access does: "reads 4 bytes of".
func (r reader) does() string {
	if m := access().FindStringSubmatch(r.text); m != nil {
		return verb(m[1]) + " " + bytes(number(m[2])) + " of"
	}
	if m := signalled().FindStringSubmatch(r.text); m != nil {
		return verb(m[1])
	}
	return "uses"
}

func verb(access string) string {
	if access == "WRITE" {
		return "writes"
	}
	return "reads"
}

// pointer says what kind of pointer a crash was due to.
func (r reader) pointer() string {
	const page = 4096
	m := address().FindStringSubmatch(r.text)
	if m == nil {
		return "through a wrong pointer"
	}
	if at, err := strconv.ParseUint(m[1], 16, 64); err == nil && at < page {
		return "through a null pointer"
	}
	return "through a pointer to no memory: 0x" + cmp.Or(strings.TrimLeft(m[1], "0"), "0")
}

// block adds what a report says of a block of the heap.
func (r reader) block(f *Finding) {
	m := region().FindStringSubmatch(r.text)
	if m == nil {
		return
	}
	if f.Kind == "heap-buffer-overflow" {
		f.What = r.beyond(m[2], "a block of "+bytes(number(m[3])))
	}
	for _, section := range []struct{ mark, verb string }{{"freed by thread ", "freed"}, {"allocated by thread ", "allocated"}} {
		if at, _ := r.stack(r.after(section.mark)); at.File != "" {
			f.Memory = append(f.Memory, Origin{Verb: section.verb, Place: at})
		}
	}
}

// beyond says of an access on which side of something it is.
func (r reader) beyond(side, what string) string {
	does := strings.TrimSuffix(r.does(), " of")
	switch side {
	case "to the left of", "before":
		return does + ", before the start of " + what
	case "inside of":
		return does + ", not all of them in " + what
	}
	return does + ", past the end of " + what
}

// local adds what a report says of a variable of a function.
func (r reader) local(f *Finding) {
	m := variable().FindStringSubmatch(r.text)
	if m == nil {
		return
	}
	name, _, _ := strings.Cut(m[3], ".") // an inlined function's is x.i
	size := bytes(number(m[2]) - number(m[1]))
	switch {
	case strings.HasPrefix(f.Kind, "stack-use-after"):
		f.What = strings.Replace(f.What, "a local variable", name+", a local variable", 1)
	case strings.HasPrefix(m[5], "underflows"):
		f.What = r.beyond("before", name+", which has "+size)
	case strings.HasSuffix(f.Kind, "overflow"), strings.HasSuffix(f.Kind, "underflow"):
		f.What = r.beyond("after", name+", which has "+size)
	}
	at, _ := r.stack(r.after(" is located in stack of thread "))
	if at.File != "" {
		at.Line = cmp.Or(number(m[4]), at.Line) // the function's, where the variable's is not told
		f.Memory = []Origin{{Verb: "declared", Name: name, Place: at}}
	}
}

// global adds what a report says of a global variable: of several, of the
// nearest one of the project.
func (r reader) global(f *Finding) {
	nearest := -1
	for _, m := range global().FindAllStringSubmatch(r.text, -1) {
		place := r.place(m[4])
		if place.File == "" || nearest >= 0 && number(m[1]) >= nearest {
			continue
		}
		nearest = number(m[1])
		f.What = r.beyond(m[2], m[3]+", which has "+bytes(number(m[5])))
		f.Memory = []Origin{{Verb: "declared", Name: m[3], Place: place}}
	}
}

func number(digits string) int {
	n, _ := strconv.Atoi(digits)
	return n
}

func bytes(n int) string { return english.Plural(n, "byte", "") }
