.PHONY: build test race golden lint fuzz kill bench

build: ; CGO_ENABLED=0 go build -trimpath -o espgen ./cmd/espgen

test: ; go test ./...

race: ; go test -race ./...

golden: ; go test ./generator ./cmd/espgen -run 'TestGolden|TestScripts' -update

lint: ; golangci-lint run

fuzz: ; ./fuzz.sh 60s

kill: ; ESPGEN_KILLS=500 go test ./cmd/espgen -run TestKill -count 1 -v

bench: ; go run ./bench && go run ./bench/class && go run ./bench/course && go run ./bench/serve && go run ./bench/start && go run ./bench/grade
