package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/hallpass-go/hallpass/examples/internal/hosttest"
	"github.com/hallpass-go/hallpass/examples/internal/recording"
)

// difference is a deliberate difference from the published service.
type difference struct {
	name, reason string
	// is reports whether this is the reason for a different answer.
	is func(r *replay, c *recorded, d *draft, got hosttest.Reply) bool
	// again removes what is in the way, so that the call is sent again and can agree. It is nil
	// if the answer has to differ.
	again func(r *replay, c *recorded, d *draft)
}

const (
	passwordRule = "password-rule"
	nameless     = "nameless-"

	whileDisabled = "disabled"
)

// rules returns the names of the differences with their reasons.
func rules() []recording.Rule {
	list := []recording.Rule{
		{Name: "code", Reason: "errors carry a stable code, so that programs need not read words", Adds: true},
		{Name: "token-form",

			Reason: "a token names an account by its id, as text, and is signed by a key pair; it lives as long, in every zone"},
	}
	list = append(list, recording.Rule{Name: whileDisabled,
		Reason: "who is disabled gets no token, and the ones they have open nothing; enabled again, and signed " +
			"in anew, they get what was recorded"})
	for _, d := range differences() {
		list = append(list, recording.Rule{Name: d.name, Reason: d.reason})
	}
	return list
}

// explain finds the difference that explains an answer.
func (r *replay) explain(c *recorded, d *draft, got hosttest.Reply) difference {
	all := differences()
	i := slices.IndexFunc(all, func(x difference) bool { return x.is(r, c, d, got) })
	if i < 0 {
		return difference{}
	}
	return all[i]
}

// wrong reports whether an answer names a value of the body as wrong.
func wrong(got hosttest.Reply, field string) bool {
	return got.Status == 422 && strings.Contains(got.Text, `"loc":["body","`+field+`"]`)
}

// differences lists all differences. The first that fits counts.
func differences() []difference {
	registers := func(c *recorded) bool { return c.is("POST", "/register-user") }
	manages := func(c *recorded) bool {
		return c.is("PUT", "/toggle-user-permission") || c.is("DELETE", "/remove-user")
	}
	return []difference{
		{"admin-only", "toggling and removing take the token of an admin; with it they do what was recorded",
			func(_ *replay, c *recorded, d *draft, got hosttest.Reply) bool {
				return manages(c) && d.auth == "" && got.Status == 401 && got.Code() == "unauthenticated"
			},
			func(r *replay, _ *recorded, d *draft) { d.auth = "Bearer " + r.token("boss") }},
		{"conflict-id", "whose a name is only an admin is told",
			func(_ *replay, c *recorded, d *draft, got hosttest.Reply) bool {
				return registers(c) && c.Response.Status == 409 && got.Status == 409 &&
					got.Member("user_id") == "" && d.auth == ""
			},
			func(r *replay, _ *recorded, d *draft) { d.auth = "Bearer " + r.token("boss") }},
		{passwordRule, "a password is there, has at least 8 characters and is not a common one; the recording goes on with a good one",
			func(_ *replay, c *recorded, d *draft, got hosttest.Reply) bool {
				return registers(c) && d.json != nil && wrong(got, "password")
			},
			func(_ *replay, _ *recorded, d *draft) { d.json["password"] = pass }},
		{"email-syntax", "an address is there and is one; the recording goes on with another",
			func(_ *replay, c *recorded, d *draft, got hosttest.Reply) bool {
				return registers(c) && d.json != nil && wrong(got, "email")
			},
			func(r *replay, _ *recorded, d *draft) {
				d.json["email"] = fmt.Sprintf("address-%d@example.com", len(r.people))
			}},
		{"email-unique", "nobody shares an address; the recording goes on with another",
			func(r *replay, c *recorded, d *draft, got hosttest.Reply) bool {
				return registers(c) && c.Response.Status == 201 && got.Code() == "email_taken" &&
					r.isHeld(d.json["email"])
			},
			func(r *replay, _ *recorded, d *draft) {
				d.json["email"] = fmt.Sprintf("another-%d@example.com", len(r.people))
			}},
		{"username-required", "a username is there and is text of the usual characters; the recording goes on with another",
			func(_ *replay, c *recorded, d *draft, got hosttest.Reply) bool {
				return registers(c) && d.json != nil && wrong(got, "username")
			},
			func(r *replay, _ *recorded, d *draft) { d.json["username"] = nameless + fmt.Sprint(len(r.people)) }},
		{"bad-bodies", "what is no JSON object is refused with a code; the original breaks",
			func(_ *replay, c *recorded, d *draft, got hosttest.Reply) bool {
				return c.Response.Status == 500 && d.json == nil && d.body != "" && (got.Status == 400 &&
					got.Code() == "bad_json" || got.Status == 415)
			}, nil},
		{"bearer", "the token may stand after Bearer, where everybody else has it",
			func(_ *replay, c *recorded, d *draft, got hosttest.Reply) bool {
				return c.is("POST", "/predict") && c.Response.Status == 401 &&
					strings.HasPrefix(d.auth, "Bearer ") && got.Status == 200 && got.Member("yhat") != ""
			}, nil},
		{"no-header", "who shows no token is told so; the original answers 200 and null",
			func(_ *replay, c *recorded, d *draft, got hosttest.Reply) bool {
				return c.is("POST", "/predict") && d.auth == "" && c.Response.JSON == nil && got.Status == 401 &&
					got.Member("error") == "Unauthorized"
			}, nil},
		{"uuid", "an id is a UUID",
			func(_ *replay, c *recorded, _ *draft, got hosttest.Reply) bool {
				return manages(c) && c.Response.Status == 422 && got.Status == 422 &&
					strings.Contains(fmt.Sprint(c.Response.JSON), "int_parsing") &&
					strings.Contains(got.Text, "uuid_parsing")
			}, nil},
		{"removable", "who has asked the model can be removed: what they asked goes with them; the original breaks",
			func(r *replay, c *recorded, _ *draft, got hosttest.Reply) bool {
				return c.is("DELETE", "/remove-user") && c.Response.Status == 500 && got.Status == 200
			}, nil},
		{"goes-on", "the service goes on after that; the original answers nothing any more until it is started again",
			func(r *replay, c *recorded, d *draft, got hosttest.Reply) bool {
				return c.Response.Status == 500 && d.json != nil && got.Status < 300
			}, nil},
		{"zone", "a token counts from when it is given, in every zone and for every reader",
			func(_ *replay, c *recorded, _ *draft, got hosttest.Reply) bool {
				return c.is("GET", "/token_status") && strings.Contains(c.Request.Path, "<jwt:tz>") &&
					c.Response.Status == 401 && got.Status == 200
			}, nil},
		{"members-required", "what opened an account without a password, or without a name, opens none",
			func(r *replay, c *recorded, d *draft, got hosttest.Reply) bool {
				p := r.people[d.person]
				return c.is("POST", "/token") && d.json != nil && p != nil && !p.given && (got.Status == 422 ||
					got.Status == 401 && d.json["password"] == "None")
			},
			func(r *replay, _ *recorded, d *draft) {
				d.json = map[string]any{"username": r.people[d.person].username, "password": r.people[d.person].typed}
			}},
	}
}
