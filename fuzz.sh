#!/bin/sh
# Runs every fuzz target for the given time: ./fuzz.sh 60s
set -eu
# A failure within "for x in $(...)" or a pipe would not end the script: assignments do.
packages=$(go list ./check ./exercise ./generator/... ./hostsdk ./project)
for package in $packages; do
	tests=$(go test "$package" -list '^Fuzz')
	for target in $(echo "$tests" | sed -n '/^Fuzz/p'); do
		go test "$package" -run '^$' -fuzz "^$target\$" -fuzztime "$1" -fuzzminimizetime 10x
	done
done
