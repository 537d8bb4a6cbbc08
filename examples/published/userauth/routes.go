package main

// route is one line of the table that the mux, the OpenAPI document and the reference page are
// made from.
type route struct {
	method  string
	paths   []string // the documented path, then the one of the published code
	public  bool     // needs no token
	status  int
	summary string
	query   []string // parameters
	body    string   // schema of the body; empty for none
	forms   []string // media types of the body besides JSON
	out     string   // schema of the answer; empty for none
	list    bool     // the answer is a list of out
	errors  []int    // besides those that follow from the other fields
	handle  func(c *call) (any, error)
}

// user returns a path below the documented /user and the same below /users.
func user(rest string) []string { return []string{"/user" + rest, "/users" + rest} }

const (
	formURL  = "application/x-www-form-urlencoded"
	formData = "multipart/form-data"
)

func routes() []route {
	return []route{
		{method: "POST", paths: user(""), public: true, status: 201, handle: register, body: "Registration",
			forms: []string{formURL}, out: "User",
			query: []string{"username", "name", "surname"}, errors: []int{403, 409, 413, 422, 429, 501},

			summary: "Register. In a form, username, name and surname stand in the query, password and email in " +
				"the body; JSON has all five in the body."},
		{method: "GET", paths: user(""), status: 200, handle: listUsers, out: "User", list: true, errors: []int{403},
			summary: "All users, for admins."},
		{method: "GET", paths: user("/{user_id}"), status: 200, handle: readUser, out: "User", errors: []int{404, 422},
			summary: "One user: me, or by UUID; of others for admins."},
		{method: "PATCH", paths: user("/{user_id}"), status: 200, handle: updateUser, body: "UserPatch", out: "User",
			errors:  []int{403, 404, 405, 409, 413, 422, 429},
			summary: "Change the username; admins also the role. What else is given must be as it is."},
		{method: "DELETE", paths: user("/{user_id}"), status: 204, handle: deleteUser,
			errors:  []int{403, 404, 409, 422},
			summary: "Delete the own account and all that belongs to it. It takes a sign-in at most 5 minutes old."},
		{method: "POST", paths: user("/{user_id}/validate_photo"), status: 200, handle: validatePhoto, body: "Photo",
			forms: []string{formData}, out: "User",
			errors: []int{403, 404, 413, 415, 422, 429, 501}, summary: "Become a celebrity by a photo of oneself."},
		{method: "GET", paths: user("/{user_id}/logins"), status: 200, handle: userLogins, out: "Login", list: true,
			errors:  []int{404, 422},
			summary: "A user's logins, newest first."},
		{method: "GET", paths: user("/{user_id}/logins/{login_id}"), status: 200, handle: userLogin, out: "Login",
			errors:  []int{404, 422},
			summary: "One login of a user."},
		{method: "GET", paths: []string{"/logins"}, status: 200, handle: allLogins, out: "Login", list: true,
			errors: []int{403}, summary: "Everybody's logins, newest first, for admins."},
		{method: "GET", paths: []string{"/logins/{login_id}"}, status: 200, handle: readLogin, out: "Login",
			errors:  []int{404, 422},
			summary: "One login, for its owner and for admins."},
		{method: "POST", paths: []string{"/token"}, public: true, status: 200, handle: createToken, body: "Credentials",
			forms: []string{formURL}, out: "Token",
			errors: []int{401, 403, 413, 422, 429}, summary: "Sign in for a token of 30 minutes."},
	}
}
