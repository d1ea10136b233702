#!/bin/sh
# PrairieLearn runs this for each submission, with the exercise's name.
set -u
root=${GRADE_ROOT:-/grade}
exercise=$1
results=$root/results/results.json
mkdir -p "$root/results"
# Files are uploaded without folders: each goes to where the project has it.
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
mkdir "$work/submission"
while IFS= read -r file; do
	uploaded=$root/student/${file##*/}
	if [ -f "$uploaded" ] && [ ! -L "$uploaded" ]; then
		mkdir -p "$work/submission/$(dirname "$file")"
		cp "$uploaded" "$work/submission/$file"
	fi
done <"$root/tests/open-files"
lock=$root/student/espgen.lock
if [ -f "$lock" ] && [ ! -L "$lock" ]; then
	cp "$lock" "$work/submission/espgen.lock"
fi
espgen=$(sh "$root/serverFilesCourse/espgen/install-espgen.sh") || exit 1
"$espgen" grade "$work/submission" --course "$root/tests/grader" --exercise "$exercise" \
	--format prairielearn -o "$results"
status=$?
[ -s "$results" ] || exit "$status"
