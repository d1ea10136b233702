package generator

import "testing"

// TestFunctionsExist wants every function of the allow-list to be there: sprig
// may drop one.
func TestFunctionsExist(t *testing.T) {
	for name, f := range functions() {
		if f == nil {
			t.Errorf("sprig has no function %s", name)
		}
	}
}
