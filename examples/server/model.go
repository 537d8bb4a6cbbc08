package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/hallpass-go/hallpass/scopes"
	"github.com/hallpass-go/hallpass/sharing"
)

// modelFile is the content of a model file: the kinds and scopes of a host, and how each kind
// is shared.
type modelFile struct {
	Kinds  []modelKind  `json:"kinds"`
	Scopes []modelScope `json:"scopes"`
}

type modelKind struct {
	Name          string   `json:"name"`
	Shareable     []string `json:"shareable"`      // scopes that may be shared; all of the kind if missing
	DefaultScopes []string `json:"default_scopes"` // scopes of a share that names none
	Reshare       bool     `json:"reshare"`        // whether receivers may share on
}

type modelScope struct {
	Name    string   `json:"name"`
	Label   string   `json:"label"`
	Implies []string `json:"implies"`
	Filters []string `json:"filters"`
}

// model is a model file in the types of the packages that need it.
type model struct {
	scopes scopes.Model
	kinds  map[string]sharing.Kind
}

// readModel reads a model file. No path means no model. A member that is not known is an error,
// because it may be a rule that would be ignored.
func readModel(path string) (model, error) {
	if path == "" {
		return model{}, nil
	}
	f, err := os.Open(path)
	if err != nil {
		return model{}, fmt.Errorf("read model: %w", err)
	}
	defer f.Close()
	m, err := decodeModel(f)
	if err != nil {
		return model{}, fmt.Errorf("model %s: %w", path, err)
	}
	return m, nil
}

func decodeModel(r io.Reader) (model, error) {
	d := json.NewDecoder(r)
	d.DisallowUnknownFields()
	var file modelFile
	if err := d.Decode(&file); err != nil {
		return model{}, err
	}
	if _, err := d.Token(); err != io.EOF {
		return model{}, errors.New("something follows the object")
	}
	m := model{kinds: map[string]sharing.Kind{}}
	for _, k := range file.Kinds {
		m.scopes.Kinds = append(m.scopes.Kinds, scopes.Kind{Name: k.Name})
		m.kinds[k.Name] = sharing.Kind{Shareable: k.Shareable, Default: k.DefaultScopes, Reshare: k.Reshare}
	}
	for _, s := range file.Scopes {
		m.scopes.Scopes = append(m.scopes.Scopes, scopes.Definition(s))
	}
	return m, nil
}
