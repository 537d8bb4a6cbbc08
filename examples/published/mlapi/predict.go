package main

import (
	"math"
	"net/http"
	"strconv"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/examples/internal/host"
)

// predictionJSON is an answer of the model. Its numbers are strings, as in the published
// service.
type predictionJSON struct {
	Probability string `json:"yhat_prob"`
	Answer      string `json:"yhat"`
}

var errBadRequest = host.NewFailure(http.StatusBadRequest, "bad_request", "Bad request")

// predict asks the model. The caller needs the scope predict and a user account.
func predict(c *call) (any, error) {
	may, err := c.accounts.Check(c.r.Context(), c.p, auth.Question{Scope: canPredict}, nil)
	if err != nil {
		return nil, err
	}
	if !may || c.p.Kind != auth.PrincipalUser {
		return nil, &auth.ScopeError{Need: []string{canPredict}}
	}
	in, err := c.input()
	if err != nil {
		return nil, err
	}
	age, ok := in["age"].(float64)
	if !ok || len(in) != 1 || age < 0 || age > 150 {
		return nil, errBadRequest
	}
	probability, is := c.model.predict(age)
	if err := c.remember(c.r.Context(), c.p.User.ID, age, probability); err != nil {
		return nil, err
	}
	out := predictionJSON{Probability: strconv.FormatFloat(math.Round(probability*1e4)/1e4, 'f', -1, 64), Answer: "0"}
	if is {
		out.Answer = "1"
	}
	return out, nil
}
