package hostsdk

import (
	"fmt"
	"maps"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/espgen/espgen/lazyregexp"
)

// A kconfig holds the options that a project's Kconfig files declare: the part
// of the language that the readers of ESP-IDF 5.1, 5.5 and 6.0 have in common
// and that such files need. There is no Go library for it that is light and
// kept. What is not understood is an error, for a guess would be a wrong value.
type kconfig struct {
	entries []*entry
	configs map[string]*entry
	source  Source // of the files that rsource names
	dir     string // for places
	target  string // $IDF_TARGET
	notes   []string
}

// An entry is a config or a block: menu, choice, if.
type entry struct {
	keyword, name string
	where         string // FILE:LINE
	within        *entry // the block around it
	kind          string // of a config: bool, int, hex, string
	prompt        condition
	depends       []condition
	defaults      []fallback
	ranges        []span
	members       []*entry // of a choice
	selects       []reverse
	selected      []*reverse // by others
	implied       []*reverse
}

// A reverse is a select or an imply.
type reverse struct {
	where   string
	by      *entry
	name    string // of the option that becomes y
	when    condition
	isImply bool
}

// A condition is an expression: whether it holds is known when the values are.
type condition func(*evaluation) bool

func always(*evaluation) bool { return true }

// A fallback is a default. A bool's may be an expression; another's is one
// operand.
type fallback struct {
	where string
	value operand
	holds condition // the value of a bool
	when  condition
}

// A span is a range.
type span struct {
	where     string
	low, high operand
	when      condition
}

// An operand is an option's name or a constant.
type operand struct {
	text     string
	constant bool
	where    string
}

// takes tells which properties an entry has.
var takes = map[string]string{
	"config":     "bool int hex string prompt default range depends select imply help",
	"menuconfig": "bool int hex string prompt default range depends select imply help",
	"choice":     "bool prompt default depends help",
	"menu":       "depends",
	"comment":    "depends",
}

var (
	kconfigEnv    = lazyregexp.New(`\$(?:\{IDF_TARGET\}|\(IDF_TARGET\)|IDF_TARGET\b)`)
	kconfigToken  = lazyregexp.New(`^(?:&&|\|\||!=|[=!()]|-?\w+|"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')`)
	kconfigName   = lazyregexp.New(`^[A-Z0-9_]+$`)
	kconfigNumber = lazyregexp.New(`^(-?\d+|0[xX][0-9a-fA-F]+)$`)
)

// A kconfigReader reads a file line by line. After the first error the rest of
// the line reads as empty.
type kconfigReader struct {
	*kconfig
	file   string // for places
	name   string // in the project, with slashes
	lines  []string
	line   int      // the number of the one that is read
	tokens []string // what is left of it
	blocks []*entry // the open ones
	around int      // how many of them are another file's
	within int      // how deep files are in others
	entry  *entry   // whose properties the next lines are
	depth  int      // of the expression that is read
	err    error
}

// How deep blocks may be nested, and expressions; and files.
const (
	maxDepth   = 100
	maxSources = 10
)

// readFile adds the options of a file of the project.
func (k *kconfig) readFile(name string) error {
	text, err := k.source(name)
	if err != nil {
		return err
	}
	r := kconfigReader{kconfig: k, file: filepath.Join(k.dir, filepath.FromSlash(name)), name: name}
	return r.read(text)
}

// read adds the options of a text.
func (k *kconfig) read(file, text string) error {
	r := kconfigReader{kconfig: k, file: file}
	return r.read(text)
}

func (r *kconfigReader) read(text string) error {
	r.lines = strings.Split(text, "\n")
	for r.line < len(r.lines) && r.err == nil {
		r.line++
		r.tokenize(r.lines[r.line-1])
		if len(r.tokens) == 0 {
			continue
		}
		r.statement(r.next())
		if len(r.tokens) > 0 {
			r.fail("%s is not understood", r.tokens[0])
		}
	}
	if r.err == nil && len(r.blocks) > r.around {
		open := r.blocks[len(r.blocks)-1]
		return fmt.Errorf("%s: %s without end%s", open.where, open.keyword, open.keyword)
	}
	return r.err
}

func (r *kconfigReader) where() string { return fmt.Sprintf("%s:%d", r.file, r.line) }

func (r *kconfigReader) fail(format string, args ...any) {
	if r.err == nil {
		r.err = fmt.Errorf("%s: %s", r.where(), fmt.Sprintf(format, args...))
	}
	r.tokens = nil
}

func (r *kconfigReader) tokenize(line string) {
	r.tokens = nil
	var tokens []string
	for {
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			r.tokens = tokens
			return
		}
		token := kconfigToken().FindString(line)
		if token == "" {
			r.fail("%s is not understood", line)
			return
		}
		tokens = append(tokens, token)
		line = line[len(token):]
	}
}

func (r *kconfigReader) next() string {
	if len(r.tokens) == 0 {
		r.fail("incomplete line")
		return ""
	}
	token := r.tokens[0]
	r.tokens = r.tokens[1:]
	return token
}

// accept reads a token if it is the next.
func (r *kconfigReader) accept(token string) bool {
	if len(r.tokens) == 0 || r.tokens[0] != token {
		return false
	}
	r.tokens = r.tokens[1:]
	return true
}

func (r *kconfigReader) expect(token string) {
	if got := r.next(); got != token && r.err == nil {
		r.fail("%s: expected %s", got, token)
	}
}

func (r *kconfigReader) statement(keyword string) {
	switch keyword {
	case "config", "menuconfig":
		r.config(keyword)
	case "menu", "comment", "choice", "if":
		r.block(keyword)
	case "rsource", "orsource":
		r.include(keyword == "orsource")
	case "source", "osource":
		r.fail("%s is not understood: its path is not the project's; write r%s, or or%s", keyword, "source", "source")
	case "endmenu", "endchoice", "endif":
		n := len(r.blocks)
		if n == r.around || "end"+r.blocks[n-1].keyword != keyword {
			r.fail("%s without a block to end", keyword)
			return
		}
		r.blocks, r.entry = r.blocks[:n-1], nil
	default:
		if r.entry == nil || !slices.Contains(strings.Fields(takes[r.entry.keyword]), keyword) {
			of := ""
			if r.entry != nil {
				of = " of " + r.entry.keyword
			}
			r.fail("%s%s is not understood", keyword, of)
			return
		}
		r.property(keyword)
	}
}

// include reads another file, whose path is beside this one's. Where it is
// optional it may be missing.
func (r *kconfigReader) include(optional bool) {
	token := r.next()
	if r.err != nil {
		return
	}
	if token[0] != '"' && token[0] != '\'' {
		r.fail("%s: expected a path in quotes", token)
		return
	}
	name := kconfigEnv().ReplaceAllString(token[1:len(token)-1], r.target)
	if strings.ContainsAny(name, "$*?[\\") {
		r.fail("%s is not understood: a path may have $IDF_TARGET, and no pattern", token)
		return
	}
	name = path.Join(path.Dir(r.name), name)
	switch {
	case r.name == "" || !filepath.IsLocal(filepath.FromSlash(name)):
		r.fail("%s is outside of the project", token)
		return
	case r.within == maxSources:
		r.fail("the files are nested more than %d deep", maxSources)
		return
	}
	text, err := r.source(name)
	if err == nil && text == "" && !optional {
		err = fmt.Errorf("%s: %s does not exist, or is empty", r.where(), name)
	}
	if err == nil {
		inner := kconfigReader{
			kconfig: r.kconfig, file: filepath.Join(r.dir, filepath.FromSlash(name)), name: name,
			blocks: slices.Clip(r.blocks), around: len(r.blocks), within: r.within + 1,
		}
		err = inner.read(text)
	}
	if err != nil && r.err == nil {
		r.err, r.tokens = err, nil
	}
	r.entry = nil
}

// declare begins an entry within the innermost block.
func (r *kconfigReader) declare(keyword string) *entry {
	e := &entry{keyword: keyword, where: r.where()}
	if n := len(r.blocks); n > 0 {
		e.within = r.blocks[n-1]
	}
	r.entry = e
	r.entries = append(r.entries, e)
	return e
}

func (r *kconfigReader) config(keyword string) {
	e := r.declare(keyword)
	e.name = r.next()
	if r.err != nil {
		return
	}
	if !kconfigName().MatchString(e.name) {
		r.fail("%s is not the name of an option", e.name)
		return
	}
	if first := r.configs[e.name]; first != nil {
		r.fail("%s is declared at %s already", e.name, first.where)
		return
	}
	r.configs[e.name] = e
	if e.within != nil && e.within.keyword == "choice" {
		e.within.members = append(e.within.members, e)
	}
}

func (r *kconfigReader) block(keyword string) {
	e := r.declare(keyword)
	if e.within != nil && e.within.keyword == "choice" {
		r.fail("%s in a choice is not understood", keyword)
		return
	}
	switch keyword {
	case "menu", "comment":
		r.text()
	case "choice":
		if len(r.tokens) > 0 {
			e.name = r.next()
		}
	case "if":
		e.depends = append(e.depends, r.condition())
	}
	if keyword != "comment" {
		r.blocks = append(r.blocks, e)
	}
	if len(r.blocks) > maxDepth {
		r.fail("the blocks are nested more than %d deep", maxDepth)
	}
}

func (r *kconfigReader) property(keyword string) {
	e := r.entry
	switch keyword {
	case "bool", "int", "hex", "string":
		if e.kind != "" {
			r.fail("%s: the type is %s already", keyword, e.kind)
			return
		}
		e.kind = keyword
		if len(r.tokens) > 0 {
			r.prompt()
		}
	case "prompt":
		r.prompt()
	case "default":
		d := fallback{where: r.where()}
		all := r.tokens
		d.holds = r.condition()
		if len(all)-len(r.tokens) == 1 {
			d.value = r.operandOf(all[0])
		}
		d.when = r.onlyIf()
		e.defaults = append(e.defaults, d)
	case "range":
		e.ranges = append(e.ranges, span{where: r.where(), low: r.operand(), high: r.operand(), when: r.onlyIf()})
	case "depends":
		r.expect("on")
		e.depends = append(e.depends, r.condition())
	case "select", "imply":
		v := reverse{where: r.where(), by: e, name: r.next(), isImply: keyword == "imply"}
		if r.err == nil && !kconfigName().MatchString(v.name) {
			r.fail("%s is not the name of an option", v.name)
		}
		v.when = r.onlyIf()
		e.selects = append(e.selects, v)
	case "help":
		r.help()
	}
}

func (r *kconfigReader) prompt() {
	if r.entry.prompt != nil {
		r.fail("a second prompt")
		return
	}
	r.text()
	r.entry.prompt = r.onlyIf()
}

// text reads a quoted string that only menuconfig shows.
func (r *kconfigReader) text() {
	if got := r.next(); r.err == nil && got[0] != '"' && got[0] != '\'' {
		r.fail("%s: expected a text in quotes", got)
	}
}

func (r *kconfigReader) onlyIf() condition {
	if r.accept("if") {
		return r.condition()
	}
	return always
}

// help skips a help text: the lines that are indented as its first.
func (r *kconfigReader) help() {
	indent := 0
	for next := r.line; next < len(r.lines); next++ {
		line := strings.ReplaceAll(r.lines[next], "\t", "        ")
		if strings.TrimSpace(line) == "" {
			continue
		}
		here := len(line) - len(strings.TrimLeft(line, " "))
		if here < indent {
			return
		}
		if indent == 0 {
			keyword := strings.ReplaceAll(r.lines[r.line-1], "\t", "        ")
			if here <= len(keyword)-len(strings.TrimLeft(keyword, " ")) {
				break
			}
			indent = here
		}
		r.line = next + 1
	}
	if indent == 0 {
		r.fail("help has no text that is indented more")
	}
}

// condition reads an expression: of what binds least, ||.
func (r *kconfigReader) condition() condition {
	left := r.and()
	for r.accept("||") {
		a, b := left, r.and()
		left = func(ev *evaluation) bool { return a(ev) || b(ev) }
	}
	return left
}

func (r *kconfigReader) and() condition {
	left := r.factor()
	for r.accept("&&") {
		a, b := left, r.factor()
		left = func(ev *evaluation) bool { return a(ev) && b(ev) }
	}
	return left
}

func (r *kconfigReader) factor() condition {
	r.depth++
	defer func() { r.depth-- }()
	if r.depth > maxDepth {
		r.fail("the expression is nested more than %d deep", maxDepth)
		return always
	}
	switch {
	case r.accept("!"):
		not := r.factor()
		return func(ev *evaluation) bool { return !not(ev) }
	case r.accept("("):
		inner := r.condition()
		r.expect(")")
		return inner
	}
	a := r.operand()
	switch {
	case r.accept("="):
		b := r.operand()
		return func(ev *evaluation) bool { return ev.equal(a, b) }
	case r.accept("!="):
		b := r.operand()
		return func(ev *evaluation) bool { return !ev.equal(a, b) }
	}
	return func(ev *evaluation) bool { return ev.holds(a) }
}

func (r *kconfigReader) operand() operand { return r.operandOf(r.next()) }

func (r *kconfigReader) operandOf(token string) operand {
	o := operand{text: token, where: r.where()}
	switch {
	case r.err != nil:
	case token[0] == '"' || token[0] == '\'':
		o.text, o.constant = unescape(token[1:len(token)-1]), true
		if strings.Contains(token, "$") { // ESP-IDF puts macros and variables in
			r.fail("$ in a string is not understood")
		}
	case token == "y" || token == "n" || kconfigNumber().MatchString(token):
		o.constant = true
	case !kconfigName().MatchString(token):
		r.fail("%s is neither an option nor a constant", token)
	}
	return o
}

// An evaluation finds the values of a Kconfig's options.
type evaluation struct {
	*kconfig
	given   map[string]setting // what the project's sdkconfig files say
	results map[*entry]result
	chosen  map[*entry]*entry     // of choices
	others  map[string][]*reverse // selects of ESP-IDF's options
	err     error
}

// A result is an option's value.
type result struct {
	value   string
	defined bool // sdkconfig.h has it
	found   bool // and it is not being found just now
}

// evaluate returns the options that sdkconfig.h defines, with their values in
// C, and what menuconfig shows of those that the files declare: see shown. Where
// ESP-IDF would warn of a value and take another, it is an error; no error shows
// a value that was given, which may be a password.
func (k *kconfig) evaluate(given map[string]setting) (defined, declared map[string]string, err error) {
	if err := k.check(); err != nil {
		return nil, nil, err
	}
	ev := &evaluation{kconfig: k, given: given, results: map[*entry]result{}, chosen: map[*entry]*entry{}, others: map[string][]*reverse{}}
	ev.connect()
	defined, declared = map[string]string{}, map[string]string{}
	for _, e := range k.entries {
		if e.keyword == "choice" {
			declared[e.key()] = ev.shown(e)
		}
		if k.configs[e.name] != e { // a block
			continue
		}
		r, name := ev.result(e), "CONFIG_"+e.name
		switch {
		case !r.defined || e.kind == "bool" && r.value == "n":
		case e.kind == "bool":
			defined[name] = "1"
		case e.kind == "string":
			defined[name] = quoteC(r.value)
		default:
			defined[name] = e.number(r.value)
		}
		declared[name] = "" // of a choice's options its own entry tells
		if e.within == nil || e.within.keyword != "choice" {
			declared[name] = ev.shown(e)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(ev.others)) {
		if ev.selectsOther(name) {
			defined["CONFIG_"+name] = "1"
		}
	}
	return defined, declared, ev.err
}

// connect tells options by which others they are selected and implied.
func (ev *evaluation) connect() {
	for _, e := range ev.entries {
		for i := range e.selects {
			v := &e.selects[i]
			switch target := ev.configs[v.name]; {
			case target == nil:
				ev.others[v.name] = append(ev.others[v.name], v)
			case target.within != nil && target.within.keyword == "choice":
				ev.note(v.where, "select and imply have no effect on %s, which is in a choice", v.name)
			case v.isImply:
				target.implied = append(target.implied, v)
			default:
				target.selected = append(target.selected, v)
			}
		}
	}
}

func (ev *evaluation) note(where, format string, args ...any) {
	ev.notes = append(ev.notes, fmt.Sprintf("%s: warning: %s\n", where, fmt.Sprintf(format, args...)))
}

// holding returns the first select or imply that is in force, nil for none.
func (ev *evaluation) holding(list []*reverse) *reverse {
	for _, v := range list {
		if ev.result(v.by).value == "y" && v.when(ev) && ev.reachable(v.by) {
			return v
		}
	}
	return nil
}

// selectsOther tells whether an option of ESP-IDF is selected, or implied and
// not given.
func (ev *evaluation) selectsOther(name string) bool {
	v := ev.holding(ev.others[name])
	_, given := ev.given["CONFIG_"+name]
	return v != nil && (!v.isImply || !given)
}

// key is how an option or a choice is called among all. A choice may have no
// name.
func (e *entry) key() string {
	if e.name == "" && len(e.members) > 0 {
		return "choice of CONFIG_" + e.members[0].name
	}
	return "CONFIG_" + e.name
}

// number writes a number as sdkconfig does.
func (e *entry) number(value string) string {
	if e.kind == "hex" && !strings.HasPrefix(strings.ToLower(value), "0x") {
		return "0x" + value
	}
	return value
}

// shown is an option's value as sdkconfig has it, or the option that is selected
// of a choice. It is "" where menuconfig does not show it.
func (ev *evaluation) shown(e *entry) string {
	if !ev.visible(e) {
		return ""
	}
	if e.keyword == "choice" {
		if m := ev.selected(e); m != nil {
			return m.key()
		}
		return ""
	}
	switch value := ev.result(e).value; e.kind {
	case "string":
		return quoteC(value)
	case "bool":
		return value
	default:
		return e.number(value)
	}
}

// check wants types, and what choices need.
func (k *kconfig) check() error {
	for _, e := range k.entries {
		inChoice := e.within != nil && e.within.keyword == "choice"
		switch {
		case e.keyword == "choice" && e.prompt == nil:
			return fmt.Errorf("%s: the choice has no prompt", e.where)
		case e.name != "" && e.keyword != "choice" && e.kind == "":
			return fmt.Errorf("%s: %s has no type", e.where, e.name)
		case inChoice && e.kind != "bool":
			return fmt.Errorf("%s: %s is in a choice, and no bool", e.where, e.name)
		case len(e.selects) > 0 && e.kind != "bool":
			return fmt.Errorf("%s: %s is not a bool, and cannot select another option", e.selects[0].where, e.name)
		case len(e.ranges) > 0 && e.kind != "int" && e.kind != "hex":
			return fmt.Errorf("%s: a range of a %s is not understood", e.ranges[0].where, e.kind)
		}
		for _, v := range e.selects {
			if target := k.configs[v.name]; target != nil && target.kind != "bool" {
				return fmt.Errorf("%s: %s is not a bool, and cannot be selected", v.where, v.name)
			}
		}
		for _, d := range e.defaults {
			member := k.configs[d.value.text]
			switch {
			case e.keyword == "choice" && (d.value.constant || member == nil || member.within != e):
				return fmt.Errorf("%s: the default is not an option of the choice", d.where)
			case e.kind != "bool" && d.value.text == "" && !d.value.constant:
				return fmt.Errorf("%s: the default is neither an option nor a constant", d.where)
			}
		}
	}
	return nil
}

func (ev *evaluation) fail(where, format string, args ...any) {
	if ev.err == nil {
		ev.err = fmt.Errorf("%s: %s", where, fmt.Sprintf(format, args...))
	}
}

// reachable tells whether all holds that e depends on.
func (ev *evaluation) reachable(e *entry) bool {
	for ; e != nil; e = e.within {
		for _, holds := range e.depends {
			if !holds(ev) {
				return false
			}
		}
		if e.within != nil && e.within.keyword == "choice" && !e.within.prompt(ev) {
			return false
		}
	}
	return true
}

// visible tells whether menuconfig shows e.
func (ev *evaluation) visible(e *entry) bool {
	return e.prompt != nil && ev.reachable(e) && e.prompt(ev)
}

func (ev *evaluation) result(e *entry) result {
	r, begun := ev.results[e]
	if begun && !r.found {
		ev.fail(e.where, "%s depends on itself", e.name)
	}
	if begun || ev.err != nil {
		return r
	}
	ev.results[e] = result{}
	r = ev.find(e)
	r.found = true
	ev.results[e] = r
	return r
}

func (ev *evaluation) find(e *entry) result {
	given, isGiven := ev.givenTo(e)
	visible := ev.visible(e)
	if e.within != nil && e.within.keyword == "choice" {
		if visible && ev.selected(e.within) == e {
			return result{value: "y", defined: true}
		}
		return result{value: "n"}
	}
	r := result{defined: visible}
	if visible && isGiven {
		r.value = given.text
	} else {
		ev.useDefault(e, &r)
		if ev.reachable(e) && ev.holding(e.implied) != nil {
			r = result{value: "y", defined: true}
		}
	}
	if v := ev.holding(e.selected); v != nil {
		if !ev.reachable(e) {
			ev.note(v.where, "%s selects %s, although what %s depends on is n", v.by.name, e.name, e.name)
		}
		r = result{value: "y", defined: true}
	}
	for _, span := range e.ranges {
		if !ev.reachable(e) || !span.when(ev) {
			continue
		}
		low, high := ev.number(e.kind, span.low), ev.number(e.kind, span.high)
		n, _ := parseNumber(e.kind, r.value) // without a default it is 0 to a range
		switch {
		case low <= n && n <= high:
		case visible && isGiven:
			ev.fail(given.where, "CONFIG_%s is not from %s to %s", e.name, ev.text(span.low), ev.text(span.high))
		default:
			r.value = strconv.FormatInt(max(low, min(n, high)), 10)
			if e.kind == "hex" {
				r.value = fmt.Sprintf("%#x", max(low, min(n, high)))
			}
		}
		break
	}
	return r
}

// givenTo returns what the project gives an option, in the form of its type.
func (ev *evaluation) givenTo(e *entry) (s setting, ok bool) {
	if s, ok = ev.given["CONFIG_"+e.name]; !ok {
		return s, false
	}
	switch e.kind {
	case "bool":
		if s.text != "y" && s.text != "n" {
			ev.fail(s.where, "CONFIG_%s is neither y nor n", e.name)
		}
	case "string":
		if !s.quoted {
			ev.fail(s.where, "CONFIG_%s is not a string in double quotes", e.name)
		}
	default:
		if _, err := parseNumber(e.kind, s.text); err != nil || s.quoted {
			ev.fail(s.where, "CONFIG_%s is not a %s", e.name, kindName[e.kind])
		}
	}
	return s, true
}

var kindName = map[string]string{"int": "whole number", "hex": "hexadecimal number"}

// useDefault takes the first default whose condition holds.
func (ev *evaluation) useDefault(e *entry, r *result) {
	if e.kind == "bool" {
		r.value = "n"
	}
	if !ev.reachable(e) {
		return
	}
	for _, d := range e.defaults {
		if !d.when(ev) {
			continue
		}
		r.defined = true
		switch e.kind {
		case "bool":
			if d.holds(ev) {
				r.value = "y"
			}
		case "string":
			r.value = ev.text(d.value)
		default:
			ev.number(e.kind, d.value)
			r.value = ev.text(d.value)
		}
		return
	}
}

// selected returns the option of a visible choice that is y: the last that was
// given y, the default, or the first.
func (ev *evaluation) selected(choice *entry) *entry {
	if _, known := ev.chosen[choice]; !known {
		ev.chosen[choice] = ev.choose(choice)
	}
	return ev.chosen[choice]
}

func (ev *evaluation) choose(choice *entry) *entry {
	var last *entry
	order := -1
	for _, m := range choice.members {
		if s, ok := ev.given["CONFIG_"+m.name]; ok && s.text == "y" && s.order > order {
			last, order = m, s.order
		}
	}
	if last != nil && ev.visible(last) {
		return last
	}
	for _, d := range choice.defaults {
		if m := ev.configs[d.value.text]; d.when(ev) && ev.visible(m) {
			return m
		}
	}
	for _, m := range choice.members {
		if ev.visible(m) {
			return m
		}
	}
	return nil
}

// text returns an operand's value.
func (ev *evaluation) text(o operand) string {
	if o.constant {
		return o.text
	}
	if e := ev.configs[o.text]; e != nil {
		return ev.result(e).value
	}
	if ev.selectsOther(o.text) {
		return "y"
	}
	s, ok := ev.given["CONFIG_"+o.text]
	if !ok && (strings.HasPrefix(o.text, "SOC_") || strings.HasPrefix(o.text, "IDF_TARGET_")) {
		return "n" // another chip's
	}
	if !ok {
		ev.fail(o.where, "%s is an option that the host SDK does not know; sdkconfig.defaults can give it a value", o.text)
	}
	return s.text
}

// holds tells whether an operand is y. What is no bool never is.
func (ev *evaluation) holds(o operand) bool {
	if e := ev.configs[o.text]; !o.constant && e != nil && e.kind != "bool" {
		return false
	}
	return ev.text(o) == "y"
}

// equal compares numbers by their value, and all else as text.
func (ev *evaluation) equal(a, b operand) bool {
	return ev.comparable(a) == ev.comparable(b)
}

func (ev *evaluation) comparable(o operand) string {
	text := ev.text(o)
	e := ev.configs[o.text]
	if hex := !o.constant && e != nil && e.kind == "hex"; hex || strings.HasPrefix(strings.ToLower(text), "0x") {
		if n, err := parseNumber("hex", text); err == nil {
			return strconv.FormatInt(n, 10)
		}
	}
	return text
}

// number returns a number that the Kconfig file gives.
func (ev *evaluation) number(kind string, o operand) int64 {
	n, err := parseNumber(kind, ev.text(o))
	if err != nil {
		ev.fail(o.where, "this is not a %s", kindName[kind])
	}
	return n
}

// parseNumber reads a number as an option of that type has it: 10 is 16 to hex.
func parseNumber(kind, text string) (int64, error) {
	if kind == "hex" {
		return strconv.ParseInt(strings.TrimPrefix(strings.ToLower(text), "0x"), 16, 64)
	}
	return strconv.ParseInt(text, 10, 64)
}
