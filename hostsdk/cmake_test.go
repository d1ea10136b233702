package hostsdk

import (
	"strings"
	"testing"
)

// FuzzCMake reads anything as a CMakeLists.txt.
func FuzzCMake(f *testing.F) {
	f.Add("set(a b \"c d\" [[e]])\nlist(APPEND a ${a};x)\nidf_component_register(SRCS ${a} $<1:b>)\n")
	f.Add("if(A AND (B OR C)) # x\nreturn()\nendif()\n#[==[ c ]==]\nmessage(\"\\${a}\\\"\")")
	f.Fuzz(func(_ *testing.T, text string) {
		calls, _ := scanCMake(text)
		reader := newCMakeReader("main", "main")
		reader.read(calls, func(call cmakeCall) bool {
			reader.keywords(call.args, registerKeywords)
			return true
		})
	})
}

// TestCMakeDoubles has a variable that would take all memory.
func TestCMakeDoubles(t *testing.T) {
	t.Parallel()
	text := "set(a b)\n" + strings.Repeat("set(a ${a} ${a})\n", 100) + "idf_component_register(SRCS " + strings.Repeat("${a} ", 10_000) + ")\n"
	calls, wrong := scanCMake(text)
	reader := newCMakeReader("main", "main")
	reader.read(calls, func(call cmakeCall) bool {
		words, doubts := reader.keywords(call.args, registerKeywords)
		if len(words) != 0 || doubts["SRCS"] != 102 || wrong != 0 {
			t.Errorf("%d words, %v, wrong in line %d", len(words["SRCS"]), doubts, wrong)
		}
		return true
	})
}
