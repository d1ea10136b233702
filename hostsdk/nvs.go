package hostsdk

import (
	"crypto/sha256"
	"encoding/hex"
	"os"
	"path/filepath"
)

// NVSFile returns the name of the file that the project in dir keeps its
// non-volatile storage in. It is outside of the project, where neither git nor
// idf.py sees it, and stays until nvs_flash_erase or the user removes it.
func NVSFile(dir string) (string, error) {
	root, err := filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	if resolved, err := filepath.EvalSymlinks(root); err == nil {
		root = resolved
	}
	user, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	folder := filepath.Join(user, "espgen", "nvs")
	name := sha256.Sum256([]byte(root))
	return filepath.Join(folder, hex.EncodeToString(name[:8])+".nvs"), os.MkdirAll(folder, 0o700)
}
