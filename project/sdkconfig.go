package project

import (
	"context"
	"errors"
	"fmt"
	"slices"
)

// sdkconfig is the file that ESP-IDF makes of the project's defaults. It is
// none of the project's own.
const sdkconfig = "sdkconfig"

// Pristine returns what was generated at a path, as anybody may read it, and ""
// where nothing was, or it is a secret.
func (p *Project) Pristine(path string) (string, error) { return string(p.pristine[path]), nil }

// Public returns what now gives at a path, as anybody may read it, and "" where
// that is nothing, or a secret.
func (now Now) Public(path string) (string, error) {
	for _, f := range now.Files {
		if f.Path == path && !f.Secret() {
			return string(publicText(f)), nil
		}
	}
	return "", nil
}

// After returns a function that tells what the project would hold at a path
// after an update to now, "" for nothing. A file that would be merged is taken
// as it is.
func (p *Project) After(now Now) func(path string) (string, error) {
	files, err := p.files(now)
	return func(path string) (string, error) {
		if err != nil {
			return "", err
		}
		if i := slices.IndexFunc(files, func(f file) bool { return f.path == path && f.now != nil && !f.unknown }); i >= 0 {
			f := files[i]
			isNew := f.entry == nil && !f.isThere()
			if f.now.Secret() && f.yours.other == "" || isNew || f.yours.content != nil && f.untouched() {
				return string(f.now.Data), nil
			}
		}
		y, err := look(p.root, path)
		if err == nil && y.other != "" {
			err = fmt.Errorf("%s is %s", path, y.other)
		}
		return string(y.bytes()), err
	}
}

// bytes is what a file holds, nothing where there is none.
func (y yours) bytes() []byte {
	if y.content == nil {
		return nil
	}
	return y.data
}

// WriteSdkconfig writes another sdkconfig in the place of one that holds before.
func (p *Project) WriteSdkconfig(ctx context.Context, before, after string) error {
	unlock, err := lockFolder(ctx, p.root, p.waiting)
	if err != nil {
		return err
	}
	defer unlock()
	y, err := look(p.root, sdkconfig)
	if err != nil {
		return err
	}
	if y.content == nil || string(y.data) != before {
		return fmt.Errorf("%w: %s", ErrChanged, sdkconfig)
	}
	if _, err := p.root.Lstat(local(stagingDir)); err == nil {
		return fmt.Errorf("%w: by another update", ErrChanged)
	}
	if err := makeStaging(p.root); err != nil {
		return errors.Join(err, discard(p.root))
	}
	staged := stagingDir + "/0"
	err = create(p.root, staged, &content{[]byte(after), y.mode})
	if err == nil {
		err = p.root.Rename(local(staged), sdkconfig)
	}
	return errors.Join(err, discard(p.root))
}
