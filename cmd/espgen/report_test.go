package main

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"unicode"
)

// hostile is a text with what a terminal obeys, or shows otherwise than it is.
const hostile = "a\x1b[2J\x7f\u009b1m\u202eb\u200b\U000e0041\r\tc\n"

// TestReportPrints wants a message, and a hint, to print nothing that a terminal
// obeys.
func TestReportPrints(t *testing.T) {
	var b strings.Builder
	report(&b, &hintError{errors.New(hostile + hostile), hostile})
	if odd(b.String()) || !strings.Contains(b.String(), `a\x1b[2J\x7f\u009b1m\u202eb\u200b\U000e0041\r`+"\tc\n") {
		t.Errorf("it prints %q", b.String())
	}
}

// odd reports whether text holds what a terminal obeys.
func odd(text string) bool {
	return strings.ContainsFunc(text, func(r rune) bool { return r != '\n' && r != '\t' && !unicode.IsPrint(r) })
}

// TestJSONPrints wants the same of JSON, and the text to be read back.
func TestJSONPrints(t *testing.T) {
	var b strings.Builder
	if err := writeJSON(&b, map[string]string{"text": hostile + "网<>&\U0001f600"}); err != nil {
		t.Fatal(err)
	}
	var back map[string]string
	if err := json.Unmarshal([]byte(b.String()), &back); err != nil || back["text"] != hostile+"网<>&\U0001f600" {
		t.Errorf("%v: read back as %q", err, back["text"])
	}
	if odd(b.String()) || !strings.Contains(b.String(), "网<>&\U0001f600") {
		t.Errorf("it prints %q", b.String())
	}
}
