package role_test

import (
	"bytes"
	"fmt"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"gopkg.in/yaml.v3"

	"github.com/espgen/espgen/generator"
	"github.com/espgen/espgen/generator/role"
)

// everyKey is a role.yaml that gives every key.
const everyKey = `format: 1
espgen: ">=0.1"
title: Own
summary: own
default_style: plain
params:
  own.text: {type: string, min: 1, max: 9, default: x, summary: a text, secret: true, drives: TEXT, guide: 3.1, note: none, example: y}
  own.kind: {type: string, values: [a, b], default: a, summary: a kind}
  own.form: {type: string, pattern: '^[a-z]+$', allowed: letters, required: true, example: abc, summary: a form}
  own.same: {type: string, pattern: '^[a-z]+$', allowed: letters, default_from: own.form, summary: a form again}
  own.count: {type: integer, unit: s, min: 4, max: 64, multiple: 4, zero: never, default: 8, summary: a count}
  own.on: {type: boolean, default: true, summary: on or off}
  own.range: {type: pair, min: 0, max: 9, default: [1, 2], summary: a range}
  own.group.a: {type: string, group: true, summary: a}
  own.group.b: {type: string, group: true, summary: b}
styles:
  plain:
    guide: "3.1"
    include: [project, mine]
  other:
    summary: more
    include: [project]
    fields: {server.port: {default: 9000, drives: PORT}, server.addr: {required: true, form: ipv4}, client.greeting: {}}
    stack: {a: 64, b: own.count}
    static: {c: 32}
    components: [lwip, {name: mqtt, idf: "<6.0"}, {registry: espressif/mqtt, version: "^1.0", idf: ">=6.0"}]
    kconfig: [OTHER_]
    sdkconfig:
      - comment: a comment alone
      - {comment: more, option: CONFIG_A, value: 5, when: own.on}
      - {option: CONFIG_B, from: own.count, fixed: true}
      - {option: CONFIG_C, value: x}
    hides_options: true
    derived: {own.twice: own.count * 2}
    rules:
      - {check: own.count < 60, field: own.count, message: "{own.count} is too much", hint: less}
    spare_sockets: 1
    peer: {transport: tcp, side: client, port: server.port, greeting: client.greeting}
    files:
      main/main.c: {mode: 0600, owner: user, key: PASSWORD, needs: {GREETING: send it}}
tests:
  - {name: works, spec: own, wifi: [absent], net: [x], expect: [a.*b], within: 10s}
`

// partOf is a part.yaml that gives every key.
func partOf(tb testing.TB) string {
	tb.Helper()
	var whole struct{ Styles map[string]map[string]any }
	if err := yaml.Unmarshal([]byte(everyKey), &whole); err != nil {
		tb.Fatal(err)
	}
	part := whole.Styles["other"]
	delete(part, "include")
	part["format"], part["espgen"] = 1, ">=0.1"
	text, err := yaml.Marshal(part)
	if err != nil {
		tb.Fatal(err)
	}
	return string(text)
}

// readWith reads a role that is built from these two files, and a part project.
func readWith(roleText, partText string) error {
	own := fstest.MapFS{
		"roles/own/role.yaml":     {Data: []byte(roleText)},
		"parts/mine/part.yaml":    {Data: []byte(partText)},
		"parts/project/part.yaml": {Data: []byte("format: 1\n")},
	}
	_, err := generator.LoadRoleFor(own, "own", "v0.5.0")
	return err
}

func compileFile(t *testing.T, text []byte, err error) *jsonschema.Schema {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	c.DefaultDraft(jsonschema.Draft2020)
	if err := c.AddResource("file.json", doc); err != nil {
		t.Fatal(err)
	}
	return c.MustCompile("file.json")
}

// formOfRow are the faults of a row of params that a schema knows. How its keys go
// together it does not.
var formOfRow = regexp.MustCompile(`unknown key|a row is a map|summary is missing|the type .* is unknown|pattern begins with`)

// beyondFileSchema are the faults that a schema cannot know: what other files
// hold, and what expressions mean.
var beyondFileSchema = regexp.MustCompile(strings.Join([]string{
	`default_style: `, `include: unknown part `, `the spec has no field `, `it has no default, and is not required`,
	`rules\[0\]\.check: `, `derived\.`, `the style does not use `, `the style uses no `, `a field that the style uses`,
	`it needs espgen >=`, `is not a regular expression`, `\.default: `, `\.form: `, `value and from cannot both`, `and there is no from`,
	`neither comment nor option`,
}, "|"))

// TestFileSchemaAgrees gives the schemas and the reader every key of a role.yaml
// and a part.yaml with values of every type, without it, and with others beside
// it. What the reader accepts the schema must, and the other way round but for
// what a schema cannot know.
func TestFileSchemaAgrees(t *testing.T) {
	roleText, err := role.FileSchema()
	schema := compileFile(t, roleText, err)
	partText, err := role.PartSchema()
	partSchema := compileFile(t, partText, err)
	minimal := "title: Own\nsummary: own\nparams: {own.count: {type: integer, default: 8, min: 4, max: 64, summary: c}, own.on: {type: boolean, default: true, summary: o}}\nstyles: {plain: {include: [project, mine]}}\n"
	whole := partOf(t)
	for name, c := range map[string]struct {
		text   string
		schema *jsonschema.Schema
		read   func(text string) error
	}{
		"role.yaml": {everyKey, schema, func(text string) error { return readWith(text, "summary: x\n") }},
		"part.yaml": {whole, partSchema, func(text string) error { return readWith(minimal, text) }},
	} {
		var doc any
		if err := yaml.Unmarshal([]byte(c.text), &doc); err != nil {
			t.Fatal(err)
		}
		again, err := yaml.Marshal(doc) // with its keys sorted, as those of what is mutated
		if err != nil {
			t.Fatal(err)
		}
		if err := c.read(string(again)); err != nil {
			t.Fatalf("%s: the reader refuses the whole file: %v", name, err)
		}
		if err := c.schema.Validate(asJSON(t, doc)); err != nil {
			t.Fatalf("%s: the schema refuses the whole file: %v", name, err)
		}
		mutated(doc, func(what string, changed any) {
			text, err := yaml.Marshal(changed)
			if err != nil {
				t.Fatal(err)
			}
			read, validated := c.read(string(text)), c.schema.Validate(asJSON(t, changed))
			switch {
			case (read == nil) == (validated == nil):
			case read == nil:
				t.Errorf("%s: %s: the reader accepts it, the schema does not: %v", name, what, validated)
			case beyondFileSchema.MatchString(read.Error()), strings.Contains(read.Error(), ": params.") && !formOfRow.MatchString(read.Error()):
			default:
				t.Errorf("%s: %s: the schema accepts it, the reader does not: %v", name, what, read)
			}
		})
	}
}

// mutated calls use with copies of a document in which one value is another, or
// is not there, or has a key beside it that nobody knows.
func mutated(doc any, use func(what string, changed any)) {
	var visit func(at string, n any, with func(any) any)
	visit = func(at string, n any, with func(any) any) {
		for _, other := range []any{nil, true, 7, -7, "x", "", []any{}, []any{1, 2}, []any{"x"}, []any{nil}, map[string]any{}, map[string]any{"x": 1}, map[string]any{"x": nil}} {
			use(fmt.Sprintf("%s = %#v", at, other), with(other))
		}
		switch n := n.(type) {
		case map[string]any:
			for _, key := range slices.Sorted(maps.Keys(n)) {
				less := maps.Clone(n)
				delete(less, key)
				use(at+" without "+key, with(less))
				visit(at+"."+key, n[key], func(v any) any {
					m := maps.Clone(n)
					m[key] = v
					return with(m)
				})
			}
			more := maps.Clone(n)
			more["unknown"] = "x"
			use(at+" with unknown", with(more))
		case []any:
			for i := range n {
				visit(fmt.Sprintf("%s[%d]", at, i), n[i], func(v any) any {
					l := slices.Clone(n)
					l[i] = v
					return with(l)
				})
			}
		}
	}
	visit("", doc, func(v any) any { return v })
}

// TestFileSchemaKeys wants each key of the Go types in the schema, with a
// description.
func TestFileSchemaKeys(t *testing.T) {
	text, err := role.FileSchema()
	if err != nil {
		t.Fatal(err)
	}
	seen := map[reflect.Type]bool{}
	var visit func(reflect.Type)
	visit = func(at reflect.Type) {
		for at.Kind() == reflect.Pointer || at.Kind() == reflect.Map || at.Kind() == reflect.Slice {
			at = at.Elem()
		}
		if at.Kind() != reflect.Struct || seen[at] {
			return
		}
		seen[at] = true
		for f := range at.Fields() {
			if key := f.Tag.Get("yaml"); key != "" && key != "-" && !strings.HasPrefix(key, ",") && !bytes.Contains(text, []byte(`"`+key+`": {`)) {
				t.Errorf("%s: the schema lacks %s", at, key)
			}
			if f.Tag.Get("yaml") != "" {
				visit(f.Type)
			}
		}
	}
	visit(reflect.TypeFor[role.Role]())
	if len(seen) < 8 {
		t.Errorf("only %d types", len(seen))
	}
}
