#!/bin/sh
# Prints the path of espgen, and brings it where it is not there yet. This is the one place that says
# where it comes from:
#
#   1. bin/espgen beside this script (`espgen course export --binary FILE` puts it there),
#   2. ESPGEN_URL, with its SHA-256 hash in ESPGEN_SHA256,
#   3. Go, which builds this version of it.
set -eu
version=@VERSION@
: "${ESPGEN_URL:=}" "${ESPGEN_SHA256:=}"

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
espgen=$here/bin/espgen
if [ ! -e "$espgen" ]; then
	mkdir -p "$here/bin"
	if [ -n "$ESPGEN_URL" ]; then
		curl -fsSL -o "$espgen.part" "$ESPGEN_URL"
		if ! echo "$ESPGEN_SHA256  $espgen.part" | sha256sum -c - >&2; then
			echo "install-espgen.sh: what was downloaded is not what ESPGEN_SHA256 names" >&2
			rm -f "$espgen.part"
			exit 1
		fi
		mv "$espgen.part" "$espgen"
	elif command -v go >/dev/null; then
		CGO_ENABLED=0 GOBIN="$here/bin" go install "github.com/espgen/espgen/cmd/espgen@$version" >&2
	else
		echo "install-espgen.sh: there is no espgen: put it into $here/bin, name it in ESPGEN_URL and ESPGEN_SHA256, or install Go" >&2
		exit 1
	fi
fi
# Who unpacks an archive may have lost the right to execute it.
[ -x "$espgen" ] || chmod +x "$espgen"
echo "$espgen"
