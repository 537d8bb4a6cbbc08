package main

import "slices"

func sorted(names []string) []string {
	slices.Sort(names)
	return names
}

// schemas describes the objects of the API.
func schemas() object {
	role := text("")
	var wires []string
	for _, r := range ladder {
		wires = append(wires, r.wire)
	}
	role["enum"] = wires
	fields := func() object {
		return object{"username": text(""), "name": text(""), "surname": text(""), "email": text("email"),
			"uuid": text("uuid"), "role": role}
	}
	registration := fields()
	delete(registration, "uuid")
	delete(registration, "role")
	registration["password"] = text("password")
	credentials := members(false, object{
		"username": text(""), "password": text("password"), "grant_type": object{
			"type": "string", "pattern": "^password$",
		},
		"scope": text(""), "client_id": text(""), "client_secret": text("password"),
	})
	credentials["required"] = []string{"username", "password"}
	return object{
		"User":             members(true, fields()),
		"UserPatch":        members(false, fields()),
		"Registration":     members(true, registration),
		"RegistrationForm": members(true, object{"password": text("password"), "email": text("email")}),
		"Credentials":      credentials,
		"Photo":            members(true, object{"file": object{"type": "string", "contentMediaType": "image/jpeg"}}),
		"Token": members(true, object{
			"access_token": text(""), "token_type": text(""), "expires_in": object{"type": "integer"},
			"refresh_token": text(""),
		}),
		"Login": members(
			true, object{"uuid": text("uuid"), "user_uuid": text("uuid"), "login_time": text("date-time")},
		),
		"Error": members(true, object{
			"code": text(""),
			"detail": object{"anyOf": []object{text(""), {"type": "array", "items": members(true, object{
				"type": text(""), "loc": object{"type": "array", "items": text("")}, "msg": text(""), "input": object{},
			})}}},
		}),
	}
}
