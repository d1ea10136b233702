package project

import (
	"context"
	"errors"
	"fmt"
)

// sdkconfig is the file that ESP-IDF makes of the project's defaults. It is
// none of the project's own.
const sdkconfig = "sdkconfig"

// Pristine returns what was generated at a path, "" where nothing was, or it is
// a secret.
func (p *Project) Pristine(path string) (string, error) { return string(p.pristine[path]), nil }

// After returns a function that tells what the project would hold at a path
// after an update to now, "" for nothing. A file that would be merged is taken
// as it is.
func (p *Project) After(now Now) func(path string) (string, error) {
	return func(path string) (string, error) {
		y, err := look(p.root, path)
		switch {
		case err != nil:
			return "", err
		case y.other != "":
			return "", fmt.Errorf("%s is %s", path, y.other)
		}
		var text string
		if y.content != nil {
			text = string(y.data)
		}
		base, known := p.pristine[path]
		for _, f := range now.Files {
			switch {
			case f.Path != path || f.Secret() && now.SecretsUnknown:
			case f.Secret(), known && text == string(asIn(y.bytes(), base)), !known && y.content == nil:
				text = string(f.Data)
			}
		}
		return text, nil
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
