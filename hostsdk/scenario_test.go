package hostsdk_test

import (
	"strings"
	"testing"

	"github.com/espgen/espgen/hostsdk"
)

// TestContradictions wants no scenario in which something never happens.
func TestContradictions(t *testing.T) {
	for events, want := range map[string]string{
		"absent,password":      "--wifi absent and --wifi password cannot both be given: password never happens then; write absent=3 for the first three tries alone",
		"password,absent":      "--wifi absent and --wifi password cannot both be given: ",
		"absent=2,password":    "",
		"silent,absent=2":      "--wifi silent and --wifi absent cannot both be given: ",
		"silent=1,absent":      "",
		"dead,silent":          "--wifi dead and --wifi silent cannot both be given: ",
		"dead=1,silent=3,open": "",
		"password,no-auth":     "--wifi password and --wifi no-auth cannot both be given: no-auth never happens then; leave one out",
		"no-auth,drop=1s":      "--wifi no-auth and --wifi drop cannot both be given: ",
		"no-ip,ip-late=1s":     "--wifi no-ip and --wifi ip-late cannot both be given: ",
		"no-ip,password":       "--wifi password and --wifi no-ip cannot both be given: ",
		"back=1s":              "--wifi back has no effect without drop: write --wifi drop=5s,back=3s",
		"drop=1s,back=1s,absent=1,ap=-60:-70,new-ip,real-times": "",
	} {
		_, err := hostsdk.Scenario{WiFi: strings.Split(events, ",")}.Environment()
		if want == "" && err != nil || want != "" && (err == nil || !strings.HasPrefix(err.Error(), want)) {
			t.Errorf("%s: got %v\nwant %s", events, err, want)
		}
	}
	if _, err := (hostsdk.Scenario{Net: []string{"connect-timeout", "connect=1s"}}).Environment(); err == nil {
		t.Error("connect-timeout and connect are no contradiction")
	}
}
