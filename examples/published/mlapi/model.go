package main

import (
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"math"
)

//go:embed model.json
var modelJSON []byte

// model holds the coefficients of a logistic regression.
type model struct {
	Intercept    float64
	Coefficients map[string]float64
	Threshold    float64 // from this probability on, the answer is 1
}

// loadModel reads the stored coefficients.
func loadModel() (m model, err error) {
	if err := json.Unmarshal(modelJSON, &m); err != nil {
		return m, fmt.Errorf("read model: %w", err)
	}
	if _, known := m.Coefficients["age"]; !known || len(m.Coefficients) != 1 || m.Threshold <= 0 || m.Threshold >= 1 {
		return m, errors.New("read model: not a model of age")
	}
	return m, nil
}

// predict returns the probability of 1, and whether the answer is 1.
func (m model) predict(age float64) (probability float64, is bool) {
	probability = 1 / (1 + math.Exp(-(m.Intercept + m.Coefficients["age"]*age)))
	return probability, probability >= m.Threshold
}
