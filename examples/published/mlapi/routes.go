package main

// route is one line of the table that the mux, the OpenAPI document and the reference page are
// made from.
type route struct {
	method, path string
	access       access
	status       int
	summary      string
	body         []string // members of the body; empty for none
	handle       func(c *call) (any, error)
}

// access says which credential a route asks for.
type access string

const (
	public   access = "public"
	optional access = "public, admins are told more"
	token    access = "token"
	admins   access = "token of an admin"
)

func routes() []route {
	return []route{
		{"POST", "/register-user", optional, 201, "Register.", []string{"username", "password", "email"}, registerUser},
		{"PUT", "/toggle-user-permission/{user_id}/{permission}", admins,
			200, "Enable a user with 1, disable one with 0.", nil, toggleUser},
		{"DELETE", "/remove-user/{user_id}", admins, 200, "Remove a user and all that belongs to them.",
			nil, removeUser},
		{"POST", "/token", public, 200, "Sign in for a token of an hour.", []string{"username", "password"},
			createToken},
		{"POST", "/token_status", public, 200, "Whether a token is good.", []string{"token"}, tokenInBody},
		{"GET", "/token_status/{token}", public, 200, "The same with the token in the path, where others may log it.",
			nil, tokenInPath},
		{"POST", "/predict", token, 200, "Ask the model.", []string{"age"}, predict},
	}
}
