package course

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"strconv"
)

// A kind of value is derived for each student from the course's key, the field
// and the student's id. All values of a kind are of equal difficulty: they have
// the same length, and need the same handling.
type kind string

// The kinds.
const (
	kindPort     kind = "port"     // see minPort, maxPort
	kindGreeting kind = "greeting" // 18 bytes: two words of five letters and six digits
	kindName     kind = "name"     // 10 bytes: "lab-" and six digits
)

var kinds = []string{string(kindPort), string(kindGreeting), string(kindName)}

// Ports that are derived have five digits, are free to any user, and are below
// those that Linux gives to outgoing connections (32768 on). Numbers that stand in
// many programs are none of them, so that one which is found in the wrong place
// is there for a reason.
const (
	minPort  = 10001
	maxPort  = 32766
	maxPorts = 20_000 // students who can have one
)

// isCommon reports whether a number may stand in a program by chance.
func isCommon(port uint64) bool {
	return port%10 == 0 || port == 12345 || port == 16383 || port == 16384
}

// An auto says how the values of a field are derived: of a kind, or one of
// several choices.
type auto struct {
	kind    kind
	choices []string
}

// unique reports whether no two students may have the same value.
func (a auto) unique() bool { return a.kind != "" }

// size is how many values there are.
func (a auto) size() int {
	switch {
	case a.kind == kindPort:
		return maxPorts
	case a.kind != "":
		return 1 << 24
	}
	return len(a.choices)
}

// value derives the value of a field for a student, "" where it is none that may
// be used. Where others have the first one, try tells how many were not free.
func (a auto) value(key []byte, field, id string, try int) string {
	mac := hmac.New(sha256.New, key)
	fmt.Fprintf(mac, "espgen course value 1\n%s\n%s\n%d\n", field, id, try)
	sum := mac.Sum(nil)
	n := binary.BigEndian.Uint64(sum) // the remainders below are as good as even
	switch a.kind {
	case kindPort:
		port := minPort + n%(maxPort-minPort+1)
		if isCommon(port) {
			return ""
		}
		return strconv.FormatUint(port, 10)
	case kindGreeting:
		return fmt.Sprintf("%s-%s-%x", colours[sum[8]%uint8(len(colours))], animals[sum[9]%uint8(len(animals))], sum[10:13])
	case kindName:
		return fmt.Sprintf("lab-%x", sum[10:13])
	}
	return a.choices[n%uint64(len(a.choices))]
}

// derive returns the values of a field for the students with these ids, in
// their order: whoever comes first has the first choice, so that students who
// are added at the end change nobody's value. taken are values that are not
// free. It wants size to be larger than the students are many.
func (a auto) derive(key []byte, field string, ids []string, taken map[string]bool) []string {
	list := make([]string, len(ids))
	for i, id := range ids {
		for try := 0; ; try++ {
			list[i] = a.value(key, field, id, try)
			if !a.unique() || !taken[list[i]] && list[i] != "" {
				break
			}
		}
		taken[list[i]] = true
	}
	return list
}

// The words of greetings have five letters each. There are sixteen of each, so
// that every one is as likely.
var (
	colours = [...]string{
		"amber", "azure", "beige", "black", "brown", "coral", "green", "hazel",
		"ivory", "khaki", "lemon", "lilac", "olive", "peach", "umber", "white",
	}
	animals = [...]string{
		"bison", "camel", "crane", "eagle", "finch", "gecko", "heron", "horse",
		"koala", "llama", "moose", "otter", "panda", "raven", "sheep", "zebra",
	}
)

// defaultKinds are the fields whose values can be derived without a word on how.
var defaultKinds = map[string]kind{"server.port": kindPort, "client.greeting": kindGreeting, "project": kindName, "wifi.hostname": kindName}
