package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/hallpass-go/hallpass"
	"github.com/hallpass-go/hallpass/store/memstore"
)

type openapiCmd struct{ storeFlags }

// Run prints the description. It needs no store.
func (c *openapiCmd) Run(e *env) error {
	hp, err := hallpass.New(memstore.New(), hallpass.Config{Secret: make([]byte, 32), BaseURL: "http://localhost"})
	if err != nil {
		return err
	}
	w := httptest.NewRecorder()
	hp.ServeHTTP(w, httptest.NewRequest(http.MethodGet, prefix+"/openapi.json", nil))
	if !json.Valid(w.Body.Bytes()) {
		return fmt.Errorf("describe the API: status %d", w.Code)
	}
	_, err = e.out.Write(append(w.Body.Bytes(), '\n'))
	return err
}
