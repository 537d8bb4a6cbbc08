package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/hallpass-go/hallpass/scopes"
)

// modelFile is a scopes.Model as JSON.
type modelFile struct {
	Kinds  []modelKind  `json:"kinds"`
	Scopes []modelScope `json:"scopes"`
}

type modelKind struct {
	Name string `json:"name"`
}

type modelScope struct {
	Name    string   `json:"name"`
	Label   string   `json:"label"`
	Implies []string `json:"implies"`
	Filters []string `json:"filters"`
}

// readModel reads the file with the kinds and scopes of a host; no path, no model. A member that it does not know is an error: it
// may be a rule that would go unnoticed.
func readModel(path string) (scopes.Model, error) {
	if path == "" {
		return scopes.Model{}, nil
	}
	f, err := os.Open(path)
	if err != nil {
		return scopes.Model{}, fmt.Errorf("read model: %w", err)
	}
	defer f.Close()
	m, err := decodeModel(f)
	if err != nil {
		return scopes.Model{}, fmt.Errorf("model %s: %w", path, err)
	}
	return m, nil
}

func decodeModel(r io.Reader) (m scopes.Model, err error) {
	d := json.NewDecoder(r)
	d.DisallowUnknownFields()
	var file modelFile
	if err := d.Decode(&file); err != nil {
		return m, err
	}
	if _, err := d.Token(); err != io.EOF {
		return m, errors.New("something follows the object")
	}
	for _, k := range file.Kinds {
		m.Kinds = append(m.Kinds, scopes.Kind{Name: k.Name})
	}
	for _, s := range file.Scopes {
		m.Scopes = append(m.Scopes, scopes.Definition(s))
	}
	return m, nil
}
