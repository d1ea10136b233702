package project

import (
	"slices"
	"strings"

	"github.com/espgen/espgen/generator"
)

// A KeptValue is a line of the user's with a value that the spec gives otherwise
// now. The user has written the line anew, and the records do not have the former
// value: so it cannot be told from the user's own, and stays.
type KeptValue struct {
	Path   string // of the file
	Line   int    // from 1
	Writes string // the line as espgen writes it, with [generator.Secret] for the value
}

// kept finds the lines in which the user has other values than the spec gives.
func (f file) kept() []KeptValue {
	if f.now == nil || f.now.Secret() || f.yours.content == nil || isBinary(f.yours.data) {
		return nil
	}
	theirs := strings.Split(noCR(f.yours.data), "\n")
	public := strings.Split(noCR(f.publicBase), "\n")
	from, to := strings.Split(noCR(publicText(*f.now)), "\n"), strings.Split(noCR(f.now.Data), "\n")
	var list []KeptValue
	for i, line := range public {
		isFound := slices.ContainsFunc(f.secrets, func(k known) bool { return k.public == i })
		at, ok := sameIn(public, i, from)
		if !strings.Contains(line, generator.Secret) || isFound || !ok || len(from) != len(to) {
			continue
		}
		n := inTheirPlace(public, i, theirs)
		values := inString().FindAllString(to[at], -1)
		if n < 0 || len(values) == 0 || !inString().MatchString(theirs[n]) {
			continue
		}
		if !slices.Equal(inString().FindAllString(theirs[n], -1), values) {
			list = append(list, KeptValue{f.at(), n + 1, strings.TrimSpace(line)})
		}
	}
	return list
}

// inTheirPlace returns the index of the only line of theirs that has the same
// neighbours, or most of them, as a line of a text; -1 for none.
func inTheirPlace(lines []string, i int, theirs []string) int {
	best, most := -1, 0
	for n := range theirs {
		above, below := sameLines(lines, i, theirs, n, -1), sameLines(lines, i, theirs, n, +1)
		switch {
		case above == 0 || below == 0:
		case above+below > most:
			best, most = n, above+below
		case above+below == most:
			best = -1
		}
	}
	return best
}
