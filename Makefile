.PHONY: build test race golden lint fuzz bench

build: ; CGO_ENABLED=0 go build -trimpath -o espgen ./cmd/espgen

test: ; go test ./...

race: ; go test -race ./...

golden: ; go test ./generator ./cmd/espgen -run 'TestGolden|TestScripts' -update

lint: ; golangci-lint run

fuzz: ; ./fuzz.sh 60s

bench: ; go run ./bench && go run ./bench/serve
