#!/bin/sh
# Runs every fuzz target for the given time: ./fuzz.sh 60s
set -eu
for package in $(go list ./generator/...); do
	for target in $(go test "$package" -list '^Fuzz' | grep '^Fuzz' || true); do
		go test "$package" -run '^$' -fuzz "^$target\$" -fuzztime "$1" -fuzzminimizetime 10x
	done
done
