package spec

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	"gopkg.in/yaml.v3"
)

// A SecretFile is a secrets.yaml: a map of names to texts.
type SecretFile struct {
	file   *File // for places
	values map[string]*yaml.Node
}

// ParseSecrets reads a secrets.yaml. Its errors show no value. What is wrong
// with one value is told by [SecretFile.Find]: the others can be used.
func ParseSecrets(name string, data []byte) (*SecretFile, error) {
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	f := &File{Name: name, data: data, values: map[string]Pos{}}
	s := &SecretFile{file: f, values: map[string]*yaml.Node{}}
	switch {
	case len(data) > MaxBytes:
		return nil, fmt.Errorf("%s is larger than the limit of %d bytes", name, MaxBytes)
	case f.badCharacter(data):
		return nil, f.issues[0]
	}
	var doc yaml.Node
	err := newDecoder(data).Decode(&doc)
	switch {
	case errors.Is(err, io.EOF):
		return s, nil
	case err != nil:
		f.syntaxError(data, err)
		return nil, f.issues[0]
	}
	top := follow(doc.Content[0])
	switch {
	case top.Tag == "!!null":
		return s, nil
	case f.lookalike(top, ""):
		return nil, f.issues[0]
	case top.Kind != yaml.MappingNode:
		f.errorf(f.pos(top), "", "", "a map of names to texts is needed here, not a %s", KindOf(top))
		return nil, f.issues[0]
	case size(top, MaxBytes, map[*yaml.Node]int{}) > MaxBytes: // without aliases a node takes a byte
		f.errorf(f.pos(top), "", "", "written out, the file's aliases give too many values")
		return nil, f.issues[0]
	}
	for _, e := range f.entries(top, "") {
		s.values[e.name()] = e.value
	}
	if len(f.issues) > 0 {
		return nil, f.issues[0]
	}
	return s, nil
}

// Find looks up what !secret names. A value that is not filled in, or is no
// text, is an error.
func (s *SecretFile) Find(name string) (value string, ok bool, err error) {
	node, ok := s.values[name]
	if !ok {
		return "", false, nil
	}
	n := follow(node)
	value = n.Value
	_, wrong, _ := outerTwin(n)
	switch {
	case wrong != "":
	case n.Kind != yaml.ScalarNode:
		wrong = "a text is needed here, not a " + KindOf(n)
	case n.Tag == "!!null":
		wrong = "it has no value"
	case n.Tag == "!!binary":
		if n.Decode(&value) != nil {
			wrong = "!!binary is not followed by base64"
		}
	case !strings.HasPrefix(n.Tag, "!!"):
		wrong = "a secret is the text itself: a tag such as !env has no meaning here"
	}
	if wrong == "" && value == "" {
		wrong = "it is empty"
	}
	if wrong != "" {
		return "", false, Issue{Pos: s.file.pos(node), Msg: wrong}
	}
	return value, true, nil
}
