package main

import (
	"bytes"
	"encoding/json"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"net/url"
	"path"
	"slices"
	"strings"

	"github.com/hallpass-go/hallpass/auth"
)

// register makes a user by the form of the published service.
func (s *serving) register(username, name, surname string) userJSON {
	s.t.Helper()
	query := url.Values{"username": {username}, "name": {name}, "surname": {surname}}
	form := url.Values{"password": {pass}, "email": {username + "-" + strings.ToLower(surname) + "@example.com"}}
	got := s.do(s.request("POST", "/user?"+query.Encode(), "", formURL, form.Encode()))
	s.want(got, 201, "")
	return read[userJSON](s, got)
}

// admin makes a user with the role admin.
func (s *serving) admin(username, name, surname string) userJSON {
	s.t.Helper()
	u := s.register(username, name, surname)
	if err := s.accounts.AddRole(s.t.Context(), s.operator, u.UUID, auth.RoleAdmin); err != nil {
		s.t.Fatal(err)
	}
	return u
}

// token signs a user in.
func (s *serving) token(username string) string {
	s.t.Helper()
	form := url.Values{"username": {username}, "password": {pass}}
	got := s.do(s.request("POST", "/token", "", formURL, form.Encode()))
	s.want(got, 200, "")
	return read[tokenJSON](s, got).Access
}

// call sends a JSON body, or none if it is empty.
func (s *serving) call(method, url, token, body string) reply {
	s.t.Helper()
	kind := ""
	if body != "" {
		kind = "application/json"
	}
	return s.do(s.request(method, url, token, kind, body))
}

// upload sends a photo.
func (s *serving) upload(url, token, kind string, photo []byte) reply {
	s.t.Helper()
	var out bytes.Buffer
	m := multipart.NewWriter(&out)
	part, err := m.CreatePart(
		textproto.MIMEHeader{"Content-Disposition": {`form-data; name="file"; filename="me"`}, "Content-Type": {kind}},
	)
	if err == nil {
		_, err = part.Write(photo)
	}
	if err == nil {
		err = m.Close()
	}
	if err != nil {
		s.t.Fatal(err)
	}
	return s.do(s.request("POST", url, token, m.FormDataContentType(), out.String()))
}

// want checks the status and, unless it is empty, the code.
func (s *serving) want(got reply, status int, code string) {
	s.t.Helper()
	if have, _ := whatIsWrong(got); got.status != status || code != "" && have != code {
		s.t.Errorf("%d %.300s, want %d %s", got.status, got.text, status, code)
	}
}

// read decodes an answer.
func read[T any](s *serving, got reply) (out T) {
	s.t.Helper()
	if err := json.Unmarshal([]byte(got.text), &out); err != nil {
		s.t.Fatalf("%v: %.300s", err, got.text)
	}
	return out
}

// roles returns the roles of a user.
func (s *serving) roles(id auth.UserID) []auth.RoleID {
	s.t.Helper()
	u, err := s.accounts.User(s.t.Context(), s.operator, id)
	if err != nil {
		s.t.Fatal(err)
	}
	return u.Roles
}

// documented checks that the description names the status of each answer.
func (s *serving) documented(r *http.Request, status int) {
	s.t.Helper()
	if s.Mux == nil || path.Clean(r.URL.Path) != r.URL.Path { // in another process, or of no route
		return
	}
	_, pattern := s.Handler(r)
	for _, rt := range s.service.routes {
		for _, p := range rt.paths {
			if pattern == rt.method+" "+p && status != rt.status && !slices.Contains(rt.statuses(), status) {
				s.t.Errorf("%s answers %d, which its description does not name", pattern, status)
			}
		}
	}
}

// photoOfWhom is a file in which the stand-in recognises somebody.
func photoOfWhom(name, probability string) []byte {
	return []byte("\xff\xd8\xff\xe0 recognise: " + name + " " + probability + "\n" + strings.Repeat("x", 100))
}
