package check

import (
	"encoding/hex"
	"errors"
	"fmt"
	"math"
	"net/netip"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"gopkg.in/yaml.v3"

	"github.com/espgen/espgen/generator/field"
	"github.com/espgen/espgen/generator/tree"
	"github.com/espgen/espgen/hostsdk"
	"github.com/espgen/espgen/lazyregexp"
)

// The limits of a file.
const (
	maxBytes  = 1 << 20
	maxChecks = 1000
	maxDepth  = 8 // of steps within steps
	maxSteps  = 10_000
	maxPoints = 1000
	maxSeeds  = 100
	maxRuns   = 1000 // of each-call-fails
)

// A plan is what a check does, with nothing left to fill in.
type plan struct {
	wifi, net []string
	seeds     int
	fails     *failing // nil for none
	clean     bool
	limit     time.Duration // 0 for the harness's
	steps     []*step
}

// failing has a check run once for each socket call, which fails.
type failing struct{ least, most int }

// A step of a check.
type step struct {
	action *action
	args   map[string]any
	on     string // the connection
	line   int
}

func (s *step) text(name string) string            { v, _ := s.args[name].(string); return v }
func (s *step) truth(name string) bool             { v, _ := s.args[name].(bool); return v }
func (s *step) do() []*step                        { v, _ := s.args["do"].([]*step); return v }
func (s *step) names(name string) []string         { v, _ := s.args[name].([]string); return v }
func (s *step) given(name string) bool             { _, ok := s.args[name]; return ok }
func (s *step) pattern(name string) *regexp.Regexp { v, _ := s.args[name].(*regexp.Regexp); return v }

func (s *step) number(name string, otherwise int) int {
	if v, ok := s.args[name].(int); ok {
		return v
	}
	return otherwise
}

func (s *step) time(name string, otherwise time.Duration) time.Duration {
	if v, ok := s.args[name].(time.Duration); ok {
		return v
	}
	return otherwise
}

// bytes are those that the arguments of data give.
func (s *step) bytes() []byte {
	if n, ok := s.args["pattern"].(int); ok {
		return pattern(n)
	}
	if digits, ok := s.args["hex"].(string); ok {
		b, _ := hex.DecodeString(strings.Join(strings.Fields(digits), ""))
		return b
	}
	return []byte(s.text("text"))
}

// pattern is data of every byte, NUL included, that repeats itself late.
func pattern(n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(i*7 + i>>8)
	}
	return b
}

// Parse reads a file of checks. name is the file's, for the issues. All that is
// wrong is told at once; the checks are usable where nothing is.
func Parse(name string, data []byte) (Checks, []Issue) {
	r := &reader{file: name}
	checks := r.read(data)
	return checks, r.issues
}

// A reader walks the nodes of a file. Without values it takes ${...} for
// anything, and finds the rest of what is wrong.
type reader struct {
	file   string
	issues []Issue
	values tree.Tree // nil for none
	steps  int
}

func (r *reader) add(n *yaml.Node, hint, format string, args ...any) {
	issue := Issue{File: r.file, Line: max(n.Line, 1), Column: max(n.Column, 1), Msg: fmt.Sprintf(format, args...), Hint: hint}
	if !slices.Contains(r.issues, issue) {
		r.issues = append(r.issues, issue)
	}
}

var yamlLine = lazyregexp.New(`^yaml: (?:line (\d+): )?(.*)`)

func (r *reader) read(data []byte) Checks {
	top := &yaml.Node{Line: 1, Column: 1}
	if len(data) > maxBytes {
		r.add(top, "", "the file is larger than the limit of %d MiB", maxBytes>>20)
		return nil
	}
	var doc yaml.Node
	if err := yaml.Unmarshal(data, &doc); err != nil {
		m := yamlLine().FindStringSubmatch(err.Error())
		if m == nil {
			m = []string{"", "", err.Error()}
		}
		top.Line, _ = strconv.Atoi(m[1])
		r.add(top, "", "the file is not valid YAML: %s", m[2])
		return nil
	}
	if len(doc.Content) == 0 {
		r.add(top, "write checks: and a list below it", "the file is empty")
		return nil
	}
	var list *yaml.Node
	for _, e := range r.mapping(doc.Content[0], "a file of checks", []string{"checks"}) {
		list = e.value
	}
	if list == nil {
		if len(r.issues) == 0 {
			r.add(doc.Content[0], "write checks: and a list below it", "the file has no checks")
		}
		return nil
	}
	var checks Checks
	for _, n := range r.list(list, "checks") {
		if len(checks) == maxChecks {
			r.add(n, "", "there are more than the limit of %d checks", maxChecks)
			break
		}
		if c, _ := r.check(n); c != nil {
			checks = append(checks, c)
		}
	}
	r.names(checks)
	r.dependencies(checks)
	return checks
}

// An entry is a key of a mapping, with its value.
type entry struct{ key, value *yaml.Node }

// mapping returns the entries of a mapping, and tells of keys that it cannot
// have. allowed is nil where the caller does that.
func (r *reader) mapping(n *yaml.Node, what string, allowed []string) []entry {
	if n.Kind != yaml.MappingNode {
		r.add(n, "", "%s must be a mapping, and this is %s", what, shape(n))
		return nil
	}
	var entries []entry
	seen := map[string]bool{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		switch {
		case key.Kind != yaml.ScalarNode:
			r.add(key, "", "a key must be a word")
		case seen[key.Value]:
			r.add(key, "", "%s is given twice", key.Value)
		case allowed != nil && !slices.Contains(allowed, key.Value):
			r.add(key, suggest(key.Value, allowed), "%s has no key %q", what, key.Value)
		case value.Kind == yaml.AliasNode:
			r.add(value, "write the value itself", "an alias is not allowed here")
		default:
			entries = append(entries, entry{key, value})
		}
		seen[key.Value] = true
	}
	return entries
}

func (r *reader) list(n *yaml.Node, what string) []*yaml.Node {
	if n.Kind != yaml.SequenceNode {
		r.add(n, "begin each with a hyphen", "%s must be a list, and this is %s", what, shape(n))
		return nil
	}
	if len(n.Content) == 0 {
		r.add(n, "", "%s is an empty list", what)
	}
	for _, item := range n.Content {
		if item.Kind == yaml.AliasNode {
			r.add(item, "write the value itself", "an alias is not allowed here")
			return nil
		}
	}
	return n.Content
}

func shape(n *yaml.Node) string {
	switch {
	case n.Kind == yaml.MappingNode:
		return "a mapping"
	case n.Kind == yaml.SequenceNode:
		return "a list"
	case n.Value == "" || n.Tag == "!!null":
		return "empty"
	}
	return quote([]byte(n.Value))
}

// mostNames is how many names a hint lists.
const mostNames = 40

// suggest is a hint for a name that is not among others.
func suggest(name string, names []string) string {
	if len(names) == 0 || len(names) > mostNames {
		return field.Near(name, names)
	}
	return field.Suggest(name, names)
}

var (
	nameForm  = lazyregexp.New(`^[a-z0-9][a-z0-9-]{0,63}$`)
	catchForm = lazyregexp.New(`^[a-z0-9][a-z0-9-]*/[a-z0-9][a-z0-9-]*$`)
)

// check reads one check. The second result is whether its when is true.
func (r *reader) check(n *yaml.Node) (*Check, bool) {
	c := &Check{Points: 1, file: r.file, node: n, plan: &plan{clean: true, seeds: 1}}
	entries := r.mapping(n, "a check", checkKeys)
	if entries == nil {
		return nil, false
	}
	wanted := true
	for _, e := range entries {
		switch e.key.Value {
		case keyName:
			c.Name = r.word(e.value, "the name", nameForm(), "small letters, digits and hyphens")
		case keyTitle:
			c.Title = r.texts(e.value)
		case keyHint:
			c.Hint = r.texts(e.value)
		case keyGuide:
			c.Guide = e.value.Value
		case keySteps:
			c.Steps = r.words(e.value, keySteps, nameForm(), "names of steps")
		case keyCatch:
			c.Catches = r.words(e.value, keyCatch, catchForm(), "STEP/MUTANT")
		case keyDeps:
			c.Depends = r.words(e.value, keyDeps, nameForm(), "names of checks")
		case keyPoints:
			c.Points = r.points(e.value)
		case keyHidden:
			c.Hidden = r.truth(e.value, keyHidden)
		case keyWhen:
			wanted = r.condition(e.value)
		}
	}
	if wanted { // else what it says may make no sense for these values
		r.planned(c.plan, n, entries)
	}
	if c.Name == "" && len(r.issues) == 0 {
		r.add(n, "write name: and a word", "the check has no name")
	}
	if len(c.Title) == 0 {
		c.Title = Text{"en": c.Name}
	}
	return c, wanted
}

// planned reads what a check does.
func (r *reader) planned(p *plan, n *yaml.Node, entries []entry) {
	done := false
	for _, e := range entries {
		switch e.key.Value {
		case keyWiFi:
			p.wifi = r.events(e.value, keyWiFi)
		case keyNet:
			p.net = r.events(e.value, keyNet)
		case keySeeds:
			p.seeds, _ = r.number(e.value, keySeeds, 1, maxSeeds)
		case keyFails:
			p.fails = r.failing(e.value)
		case keyClean:
			p.clean = r.truth(e.value, keyClean)
		case keyLimit:
			p.limit, _ = r.time(e.value, keyLimit)
		case keyDo:
			done = true
			p.steps = r.do(e.value, scope{}, 0)
		}
	}
	if !done {
		r.add(n, "write do: and a list of steps", "the check does nothing")
	}
	scenario := hostsdk.Scenario{WiFi: p.wifi, Net: p.net}
	if _, err := scenario.Environment(); err != nil && r.complete(p) {
		r.add(n, "`espgen run --help` describes the events", "%s", strings.ReplaceAll(err.Error(), "--", ""))
	}
	if p.fails != nil && slices.ContainsFunc(p.net, func(e string) bool { return strings.HasPrefix(e, "fail") }) {
		r.add(n, "", "%s and a net that has fail cannot both be given", keyFails)
	}
}

// complete reports whether a plan's scenario has nothing to be filled in.
func (r *reader) complete(p *plan) bool {
	return !slices.ContainsFunc(slices.Concat(p.wifi, p.net), func(e string) bool { return strings.Contains(e, "${") })
}

func (r *reader) failing(n *yaml.Node) *failing {
	f := &failing{least: 1, most: 60}
	for _, e := range r.mapping(n, keyFails, []string{"least", "most"}) {
		v, _ := r.number(e.value, e.key.Value, 1, maxRuns)
		if e.key.Value == "least" {
			f.least = v
		} else {
			f.most = v
		}
	}
	return f
}

func (r *reader) points(n *yaml.Node) float64 {
	v, err := strconv.ParseFloat(n.Value, 64)
	if n.Kind != yaml.ScalarNode || err != nil || v < 0 || v > maxPoints || math.IsNaN(v) {
		r.add(n, "", "points must be a number from 0 to %d, and this is %s", maxPoints, shape(n))
		return 0
	}
	return v
}

// texts reads a text, or one for each language.
func (r *reader) texts(n *yaml.Node) Text {
	if n.Kind == yaml.ScalarNode {
		return Text{"en": n.Value}
	}
	t := Text{}
	for _, e := range r.mapping(n, "a text", []string{"en", "zh"}) {
		if e.value.Kind != yaml.ScalarNode {
			r.add(e.value, "", "a text is wanted here, and this is %s", shape(e.value))
			continue
		}
		t[e.key.Value] = e.value.Value
	}
	if t["en"] == "" && n.Kind == yaml.MappingNode {
		r.add(n, "add en: TEXT; or write one text for every language, without {...}", "the English text is missing")
	}
	return t
}

func (r *reader) word(n *yaml.Node, what string, form *regexp.Regexp, of string) string {
	if n.Kind != yaml.ScalarNode || !form.MatchString(n.Value) {
		r.add(n, "", "%s must be made of %s, and this is %s", what, of, shape(n))
		return ""
	}
	return n.Value
}

func (r *reader) words(n *yaml.Node, what string, form *regexp.Regexp, of string) []string {
	var words []string
	for _, item := range r.list(n, what) {
		if w := r.word(item, what, form, of); w != "" {
			if slices.Contains(words, w) {
				r.add(item, "", "%s is there twice", w)
			}
			words = append(words, w)
		}
	}
	return words
}

// events reads a scenario.
func (r *reader) events(n *yaml.Node, what string) []string {
	var events []string
	for _, item := range r.list(n, what) {
		if text, ok := r.filled(item, what); ok {
			events = append(events, text)
		} else {
			events = append(events, "${}")
		}
	}
	return events
}

func (r *reader) truth(n *yaml.Node, what string) bool {
	text, ok := r.filled(n, what)
	if ok && text != "true" && text != "false" {
		r.add(n, "", "%s must be true or false, and this is %s", what, shape(n))
	}
	return text == "true"
}

func (r *reader) number(n *yaml.Node, what string, least, most int) (int, bool) {
	text, ok := r.filled(n, what)
	if !ok {
		return 0, false
	}
	v, err := strconv.Atoi(text)
	switch {
	case err != nil:
		r.add(n, "", "%s must be a whole number, and this is %s", what, quote([]byte(text)))
	case v < least || most > 0 && v > most:
		r.add(n, "", "%s is %d; %s", what, v, bounds(least, most))
	default:
		return v, true
	}
	return 0, false
}

func bounds(least, most int) string {
	if most == 0 {
		return fmt.Sprintf("it must be at least %d", least)
	}
	return fmt.Sprintf("it must be from %d to %d", least, most)
}

func (r *reader) time(n *yaml.Node, what string) (time.Duration, bool) {
	text, ok := r.filled(n, what)
	if !ok {
		return 0, false
	}
	d, err := time.ParseDuration(text)
	if err != nil || d < 0 || d > maxTime {
		r.add(n, "write a time such as 300ms or 2s", "%s must be a time up to %v, and this is %s", what, maxTime, quote([]byte(text)))
		return 0, false
	}
	return d, true
}

// A scope is what is open where a step stands.
type scope struct {
	open  []string // the connections, in the order of their opening
	marks []string // of the heap
	extra []string // values of the loops around it
}

func (s *scope) inner(value string) scope {
	inner := scope{slices.Clone(s.open), slices.Clone(s.marks), slices.Clone(s.extra)}
	if value != "" {
		inner.extra = append(inner.extra, value)
	}
	return inner
}

func (r *reader) do(n *yaml.Node, s scope, depth int) []*step {
	if depth > maxDepth {
		r.add(n, "", "steps lie within each other deeper than the limit of %d", maxDepth)
		return nil
	}
	var steps []*step
	for _, item := range r.list(n, keyDo) {
		if r.steps++; r.steps > maxSteps {
			r.add(item, "", "there are more than the limit of %d steps", maxSteps)
			return nil
		}
		if st := r.step(item, &s, depth, false); st != nil {
			steps = append(steps, st)
		}
	}
	return steps
}

// step reads one step: a mapping of the action to its arguments, or the action
// alone.
func (r *reader) step(n *yaml.Node, s *scope, depth int, observation bool) *step {
	allowed := actionNames()
	if observation {
		allowed = slices.DeleteFunc(allowed, func(name string) bool { return !actions[name].observe })
	}
	if n.Kind == yaml.ScalarNode && actions[n.Value] != nil { // as in "- accept"
		key := *n
		n = &yaml.Node{Kind: yaml.MappingNode, Line: n.Line, Column: n.Column, Content: []*yaml.Node{&key, {Kind: yaml.ScalarNode, Tag: "!!null", Line: n.Line, Column: n.Column}}}
	}
	if n.Kind == yaml.ScalarNode {
		r.add(n, suggest(n.Value, allowed), "unknown step %s", shape(n))
		return nil
	}
	var found *entry
	wanted := true
	for _, e := range r.mapping(n, "a step", nil) {
		switch {
		case e.key.Value == keyWhen:
			wanted = r.condition(e.value)
		case !slices.Contains(allowed, e.key.Value):
			r.add(e.key, suggest(e.key.Value, allowed), "unknown step %q", e.key.Value)
			return nil
		case found != nil:
			r.add(e.key, "begin each step with a hyphen", "%s stands beside %s in one step", e.key.Value, found.key.Value)
		default:
			found = &e
		}
	}
	if found == nil {
		if n.Kind == yaml.MappingNode {
			r.add(n, "", "the step says nothing to do")
		}
		return nil
	}
	if !wanted {
		return nil
	}
	st := &step{action: actions[found.key.Value], args: map[string]any{}, line: found.key.Line}
	r.arguments(st, found.key, found.value, s, depth)
	return st
}

func (r *reader) arguments(st *step, key, value *yaml.Node, s *scope, depth int) {
	a := st.action
	given := map[string]*yaml.Node{}
	switch {
	case a.name == "never": // what is below it is the observation, and no mapping of arguments
		given["of"] = value
	case value.Kind == yaml.ScalarNode && value.Tag == "!!null":
	case value.Kind != yaml.MappingNode && a.short != "":
		given[a.short] = value
	default:
		for _, e := range r.mapping(value, a.name, a.argumentNames()) {
			given[e.key.Value] = e.value
		}
	}
	if r.data(st, key, given) {
		return
	}
	if _, both := a.argument("match"); both && (given["text"] == nil) == (given["match"] == nil) {
		r.add(key, "", "%s needs text or match, one of them", a.name)
	}
	for _, arg := range a.all() {
		node, ok := given[arg.name]
		if !ok {
			if arg.required {
				r.add(key, "", "%s needs %s: %s", a.name, arg.name, arg.doc)
			}
			if len(arg.choices) > 0 {
				st.args[arg.name] = arg.choices[0]
			}
			continue
		}
		if v := r.argument(a.name, arg, node, s, depth); v != nil {
			st.args[arg.name] = v
		}
	}
	r.connections(st, key, s, given["on"] != nil)
}

// data wants one of the arguments that give bytes, and reports whether another
// number of them is there.
func (r *reader) data(st *step, key *yaml.Node, given map[string]*yaml.Node) bool {
	if !st.action.data {
		return false
	}
	n := 0
	for _, arg := range data {
		if given[arg.name] != nil {
			n++
		}
	}
	if given["flooded"] != nil {
		n++
	}
	if n != 1 {
		r.add(key, "write one of text, hex and pattern", "%s says %d times which bytes are meant", st.action.name, n)
	}
	return n != 1
}

// connections has a step know its connection, and the steps behind it what it
// opens. given is whether the step names its connection.
func (r *reader) connections(st *step, key *yaml.Node, s *scope, given bool) {
	a := st.action
	if a.opens {
		st.on = "client"
		if name := st.text("as"); name != "" {
			st.on = name
		}
		s.open = append(slices.DeleteFunc(s.open, func(o string) bool { return o == st.on }), st.on)
	}
	if _, takes := a.argument("on"); takes && (!given || st.given("on")) { // else it is told already
		st.on = st.text("on")
		if st.on == "" && len(s.open) > 0 {
			st.on = s.open[len(s.open)-1]
		} else if st.on == "" && a.name != "silent" {
			r.add(key, "write connect or accept before it", "%s has no connection: none is open here", a.name)
		}
	}
	if a.name == "mark-heap" {
		s.marks = append(s.marks, st.text("as"))
	}
	if a.name == "heap" && !slices.Contains(s.marks, st.text("since")) {
		r.add(key, suggest(st.text("since"), s.marks), "no mark-heap before this step has the name %s", quote([]byte(st.text("since"))))
	}
}

// argument reads one argument; nil where it is wrong, or not known yet.
func (r *reader) argument(action string, arg argument, n *yaml.Node, s *scope, depth int) any {
	what := action + "." + arg.name
	switch arg.kind {
	case isText:
		loops := s
		if a := actions[action]; a.observe && a.name != "log" {
			loops = &scope{} // only a line of the log is looked for again in each of its rounds
		}
		if text, ok := r.within(n, what, loops); ok {
			return r.checkText(arg, n, text, actions[action].observe)
		}
	case isPattern:
		if text, ok := r.within(n, what, s); ok {
			re, err := regexp.Compile(text)
			if err != nil {
				r.add(n, "", "%s is no regular expression: %v", what, err)
				return nil
			}
			return re
		}
	case isNumber:
		if v, ok := r.number(n, what, arg.least, arg.most); ok {
			return v
		}
	case isTime:
		if v, ok := r.time(n, what); ok {
			return v
		}
	case isOption:
		return r.option(n, what, arg.name)
	case isTruth:
		return r.truth(n, what)
	case isName:
		if name := r.word(n, what, nameForm(), "small letters, digits and hyphens"); name != "" {
			return name
		}
	case isNames:
		var names []string
		for _, item := range r.list(n, what) {
			if text, ok := r.filled(item, what); ok {
				names = append(names, text)
			}
		}
		return names
	case isChoice:
		if text, ok := r.filled(n, what); ok {
			if !slices.Contains(arg.choices, text) {
				r.add(n, suggest(text, arg.choices), "%s cannot be %s", what, quote([]byte(text)))
				return nil
			}
			return text
		}
	case isConnection:
		if !slices.Contains(s.open, n.Value) {
			r.add(n, suggest(n.Value, s.open), "no connection with the name %s is open here", shape(n))
			return nil
		}
		return n.Value
	case isSteps:
		value := map[string]string{"clients": "client", "repeat": "round"}[action]
		return r.do(n, s.inner(value), depth+1)
	case isStep:
		inner := s.inner("")
		if st := r.step(n, &inner, depth+1, true); st != nil {
			return st
		}
	}
	return nil
}

// option reads the value of a socket's option: a number, or a time in
// milliseconds.
func (r *reader) option(n *yaml.Node, what, name string) any {
	text, ok := r.filled(n, what)
	if !ok {
		return nil
	}
	switch text {
	case "true":
		return 1
	case "false":
		return 0
	}
	if v, err := strconv.Atoi(text); err == nil {
		return v
	}
	if d, err := time.ParseDuration(text); err == nil && strings.HasSuffix(name, "TIMEO") {
		return int(d.Milliseconds())
	}
	r.add(n, "", "%s must be a number, and this is %s", what, quote([]byte(text)))
	return nil
}

// checkText holds a text to what its argument means.
func (r *reader) checkText(arg argument, n *yaml.Node, text string, observes bool) any {
	switch arg.name {
	case "hex":
		if _, err := hex.DecodeString(strings.Join(strings.Fields(text), "")); err != nil || text == "" {
			r.add(n, "write two digits for each byte, such as 00 ff", "%s is not hexadecimal", shape(n))
			return nil
		}
	case "to":
		if _, err := netip.ParseAddrPort(text); err != nil {
			r.add(n, "write an address as in 192.168.1.2:8080, or [fe80::1]:8080", "%s is not ADDRESS:PORT", quote([]byte(text)))
			return nil
		}
	case "text":
		if observes && text == "" {
			r.add(n, "", "the text is empty, which is a part of any")
			return nil
		}
	}
	return text
}

// names tells of checks with one name.
func (r *reader) names(checks Checks) {
	seen := map[string]bool{}
	for _, c := range checks {
		if c.Name != "" && seen[c.Name] {
			r.add(keyNode(c.node, keyName), "", "two checks have the name %s", c.Name)
		}
		seen[c.Name] = true
	}
}

// keyNode is the value of a mapping's key, or the mapping.
func keyNode(n *yaml.Node, key string) *yaml.Node {
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == key {
			return n.Content[i+1]
		}
	}
	return n
}

// dependencies tells of those that do not exist, and of circles.
func (r *reader) dependencies(checks Checks) {
	var names []string
	for _, c := range checks {
		names = append(names, c.Name)
	}
	for _, c := range checks {
		list := keyNode(c.node, keyDeps)
		for i, d := range c.Depends {
			at := list
			if i < len(list.Content) {
				at = list.Content[i]
			}
			switch {
			case checks.Get(d) == nil:
				r.add(at, suggest(d, names), "%s depends on %s, which is no check of this file", c.Name, d)
			case checks.reaches(d, c.Name, map[string]bool{}):
				r.add(at, "", "%s depends on %s, which depends on it in turn", c.Name, d)
			}
		}
	}
}

// reaches reports whether a check depends on another, or is it.
func (c Checks) reaches(from, to string, seen map[string]bool) bool {
	if from == to {
		return true
	}
	if seen[from] {
		return false
	}
	seen[from] = true
	check := c.Get(from)
	return check != nil && slices.ContainsFunc(check.Depends, func(d string) bool { return c.reaches(d, to, seen) })
}

// joined is all issues as one error, nil for none.
func joined(issues []Issue) error {
	var errs []error
	for _, i := range issues {
		errs = append(errs, i)
	}
	return errors.Join(errs...)
}
