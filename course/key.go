package course

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/espgen/espgen/plainfile"
)

// keyBytes is the size of a course's key.
const keyBytes = 32

// NewKey returns the text of a new key's file.
func NewKey() []byte {
	key := make([]byte, keyBytes)
	_, _ = rand.Read(key) // it never fails
	return fmt.Appendln(nil, hex.EncodeToString(key))
}

// WriteKey gives the course in dir a new key. The error is [fs.ErrExist] where it
// has one: another would give every student other values.
func WriteKey(dir string) error {
	if _, err := os.Stat(filepath.Join(dir, File)); err != nil {
		return err
	}
	f, err := os.OpenFile(filepath.Join(dir, KeyFile), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(NewKey())
	return errors.Join(err, f.Close())
}

// A keyError is a key that cannot be used. It tells nothing of the key.
type keyError struct{ msg, hint string }

func (e *keyError) Error() string { return e.msg }

// readKey reads a course's key.
func readKey(name string) ([]byte, error) {
	data, err := plainfile.Read(name, 1<<10)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return nil, &keyError{
			"the course's key is missing, and without it no values can be derived",
			"copy " + KeyFile + " from where the course was made; for a course that nobody has had yet, `espgen course key` makes one",
		}
	case err != nil:
		return nil, err
	}
	if info, err := os.Stat(name); err == nil && runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0 {
		return nil, &keyError{fmt.Sprintf("others may read the course's key: its mode is %#o", info.Mode().Perm()), "chmod 600 " + KeyFile}
	}
	key, err := hex.DecodeString(strings.TrimSpace(string(data)))
	if err != nil || len(key) != keyBytes {
		return nil, &keyError{
			fmt.Sprintf("this is not a key of espgen, which is %d hexadecimal digits", 2*keyBytes),
			"copy " + KeyFile + " from where the course was made",
		}
	}
	return key, nil
}
