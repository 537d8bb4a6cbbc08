package httpadapter_test

import (
	"encoding/json"
	"testing"

	"github.com/hallpass-go/hallpass/httpadapter"
)

func FuzzCleanJSON(f *testing.F) {
	for _, body := range hostileBodies {
		f.Add([]byte(body))
	}
	f.Add([]byte(`{"a":{"b":[1,true,null,"x"]}}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		if !httpadapter.CleanJSON(body) {
			return
		}
		var members map[string]json.RawMessage
		if err := json.Unmarshal(body, &members); err != nil {
			t.Errorf("accepted %q: %v", body, err)
		}
	})
}
