package report

import (
	"fmt"
	"reflect"
	"strings"
	"unicode"
	"unicode/utf8"
)

// clean returns a copy of the results whose texts have no characters that a
// terminal, a spreadsheet or a parser of XML obeys: those are written as escapes.
func clean(c Class) Class {
	return cleaned(reflect.ValueOf(c)).Interface().(Class)
}

func cleaned(v reflect.Value) reflect.Value {
	out := reflect.New(v.Type()).Elem()
	switch v.Kind() {
	case reflect.String:
		out.SetString(Printable(v.String()))
	case reflect.Struct:
		for i := range v.NumField() {
			out.Field(i).Set(cleaned(v.Field(i)))
		}
	case reflect.Slice:
		if v.IsNil() {
			return v
		}
		out.Set(reflect.MakeSlice(v.Type(), v.Len(), v.Len()))
		for i := range v.Len() {
			out.Index(i).Set(cleaned(v.Index(i)))
		}
	case reflect.Map:
		if v.IsNil() {
			return v
		}
		out.Set(reflect.MakeMapWithSize(v.Type(), v.Len()))
		for _, key := range v.MapKeys() {
			out.SetMapIndex(cleaned(key), cleaned(v.MapIndex(key)))
		}
	case reflect.Pointer:
		if v.IsNil() {
			return v
		}
		out.Set(reflect.New(v.Type().Elem()))
		out.Elem().Set(cleaned(v.Elem()))
	default:
		return v
	}
	return out
}

// longest is the limit of one text in a report, in bytes.
const longest = 16 << 10

// Printable returns a text with the characters that cannot be printed as
// escapes, all but the ends of lines and tabs, and cut where it is too long.
func Printable(text string) string {
	text = cut(text, longest)
	if !strings.ContainsFunc(text, isOdd) {
		return text
	}
	var b strings.Builder
	for i, r := range text {
		switch {
		case !isOdd(r):
			b.WriteRune(r)
		case r == utf8.RuneError:
			if _, size := utf8.DecodeRuneInString(text[i:]); size == 1 {
				fmt.Fprintf(&b, `\x%02x`, text[i])
			} else {
				b.WriteRune(r)
			}
		case r < utf8.RuneSelf:
			fmt.Fprintf(&b, `\x%02x`, r)
		default:
			fmt.Fprintf(&b, `\u%04x`, r)
		}
	}
	return b.String()
}

func isOdd(r rune) bool {
	return r == utf8.RuneError || r != '\n' && r != '\t' && !unicode.IsPrint(r) && !unicode.IsSpace(r) || r == '\r' || r == '\v' || r == '\f' || r == '\u0085' || r == '\u2028' || r == '\u2029'
}

// cut returns no more than so many bytes of a text, and says where it was cut.
func cut(text string, most int) string {
	if len(text) <= most {
		return text
	}
	for most > 0 && !utf8.RuneStart(text[most]) {
		most--
	}
	return text[:most] + " ..."
}
