package main

import (
	"os"
	"path/filepath"
	"testing"
)

// TestInOrder finds the server among two projects, whichever comes first.
func TestInOrder(t *testing.T) {
	const server = "void f(void) { bind(s, a, n); listen (s, 1); }\n"
	const client = "// listen(s, 1) is for servers\n/* and\n listen(s, 2) */ void f(void) { lwip_connect(s, a, n); relisten(s, 1); }\n"
	make2 := func(t *testing.T, files map[string]string) *device {
		t.Helper()
		dir := t.TempDir()
		for name, text := range files {
			if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o755); err != nil {
				t.Fatal(err)
			}
			write(t, filepath.Join(dir, name), text)
		}
		return &device{dir: dir}
	}
	for name, files := range map[string]struct{ server, client map[string]string }{
		"plain":           {map[string]string{"main/main.c": server}, map[string]string{"main/main.c": client}},
		"below":           {map[string]string{"main/main.c": "", "components/net/src/net.cpp": server}, map[string]string{"main/main.c": client}},
		"what is built":   {map[string]string{"main/main.c": server}, map[string]string{"build/x.c": server, ".git/x.c": server, "main/notes.txt": server}},
		"both":            {map[string]string{"main/main.c": server}, map[string]string{"main/main.c": server + client}},
		"nothing is said": {map[string]string{"main/main.c": ""}, map[string]string{"main/main.c": client}},
	} {
		t.Run(name, func(t *testing.T) {
			s, c := make2(t, files.server), make2(t, files.client)
			for _, order := range [][]*device{{s, c}, {c, s}} {
				if gotServer, gotClient := inOrder(order); gotServer != s || gotClient != c {
					t.Errorf("the server is taken for the client in the order %v", order)
				}
			}
		})
	}
}
