package main

import (
	"errors"
	"html/template"
	"net/http"
	"net/url"
	"strings"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/examples/internal/host"
	"github.com/hallpass-go/hallpass/scopes"
	"github.com/hallpass-go/hallpass/sharing"
)

// pages are plain forms without scripts and styles. They load nothing from other sites. The
// template escapes all values.
var pages = template.Must(template.New("").Parse(`{{define "top"}}<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>{{.}}</title></head><body><h1>{{.}}</h1>
{{end}}
{{define "error"}}{{template "top" .Title}}<p class="error">{{.Text}}</p></body></html>
{{end}}
{{define "login"}}{{template "top" "Sign in"}}{{with .Text}}<p class="error">{{.}}</p>{{end}}
<form method="post"><p><label>Username <input name="username" autocomplete="username" required autofocus></label></p>
<p><label>Password <input name="password" type="password" autocomplete="current-password" required></label></p>
<p><button>Sign in</button></p></form></body></html>
{{end}}
{{define "home"}}{{template "top" "Hub"}}<p>Signed in as {{.Name}}.</p>
<ul>{{range .Servers}}<li><a href="{{.}}">{{.}}</a></li>{{end}}</ul>
<form method="post" action="/hub/logout"><input type="hidden" name="_xsrf" value="{{.XSRF}}">
<p><button>Sign out</button></p></form></body></html>
{{end}}
{{define "server"}}{{template "top" .Title}}<p>{{.Text}}</p></body></html>
{{end}}
{{define "accept"}}{{template "top" "Accept sharing invitation"}}
<p><strong>{{.Owner}}</strong> shares the server <strong>{{.Server}}</strong> with you. Accept, and you may:</p>
<ul class="permissions">{{range .Permissions}}<li>{{.}}</li>{{end}}</ul>
{{if .Held}}<p>You have accepted it before.</p>{{end}}
{{if not .Ready}}<p class="warning">The server is not running now.</p>{{end}}
<p>Then you go to <code class="next">{{.Next}}</code>.</p>
<form method="post"><input type="hidden" name="_xsrf" value="{{.XSRF}}">
<input type="hidden" name="code" value="{{.Code}}">
<p><button>Accept</button></p></form></body></html>
{{end}}`))

// page writes a page.
func (c *call) page(status int, name string, data any) {
	h := c.w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", "default-src 'none'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'")
	h.Set("X-Frame-Options", "DENY")
	c.w.WriteHeader(status)
	_ = pages.ExecuteTemplate(c.w, name, data) // fails only when the client is gone
}

type message struct{ Title, Text string }

func (c *call) errorPage(status int, text string) {
	c.page(status, "error", message{http.StatusText(status), text})
}

// wrong shows an error. It tells as little as the API does.
func (c *call) wrong(err error) {
	f := c.explain(err)
	c.errorPage(f.status, f.message)
}

// methods answers requests whose method the page does not take.
func (c *call) methods(list ...string) bool {
	for _, m := range list {
		if c.r.Method == m {
			return true
		}
	}
	c.w.Header().Set("Allow", strings.Join(list, ", "))
	c.errorPage(http.StatusMethodNotAllowed, "Method Not Allowed")
	return false
}

// form reads a form from the body. Values in the query do not count.
func (c *call) form() (url.Values, bool) {
	c.r.Body = http.MaxBytesReader(c.w, c.r.Body, host.MaxBody)
	if err := c.r.ParseForm(); err != nil {
		c.errorPage(http.StatusBadRequest, "Not a form")
		return nil, false
	}
	return c.r.PostForm, true
}

// toLogin sends the browser to sign in and back here afterwards.
func (c *call) toLogin() {
	c.redirect("/hub/login?next=" + url.QueryEscape(c.r.URL.RequestURI()))
}

// redirect sends the browser to a path of this site.
func (c *call) redirect(path string) {
	c.w.Header().Set("Location", path)
	c.w.WriteHeader(http.StatusFound)
}

// ownPlace returns next if it stays on this site, and instead otherwise. It cuts our own
// address off the front.
func (s *service) ownPlace(next, instead string) string {
	next = strings.ReplaceAll(next, `\`, "%5C")
	if rest, own := strings.CutPrefix(next, s.base); own {
		next = rest
	}
	if !sharing.OwnPath(next) {
		return instead
	}
	return next
}

func loginPage(c *call) {
	if !c.methods(http.MethodGet, http.MethodPost) {
		return
	}
	if c.r.Method == http.MethodGet {
		c.page(http.StatusOK, "login", message{})
		return
	}
	if c.origins.Check(c.r) != nil {
		c.errorPage(http.StatusForbidden, "This form was not ours.")
		return
	}
	form, ok := c.form()
	if !ok {
		return
	}
	got, err := c.accounts.SignIn(c.ctx(), auth.SignInRequest{
		Login: form.Get("username"), Password: form.Get("password"), Client: c.hp.Client(c.r),
	})
	if err != nil {
		f := c.explain(err)
		c.page(f.status, "login", message{Text: f.message})
		return
	}
	c.setCookie(got.Secret.Reveal())
	c.redirect(c.ownPlace(c.r.URL.Query().Get("next"), "/hub/home"))
}

func logoutPage(c *call) {
	if !c.methods(http.MethodPost) {
		return
	}
	form, ok := c.form()
	if !ok {
		return
	}
	err := c.signedIn()
	if err == nil {
		if err = c.ownPage(form.Get("_xsrf")); err == nil {
			err = c.accounts.Sessions.SignOut(c.ctx(), c.p)
		}
	}
	if err != nil {
		c.wrong(err)
		return
	}
	c.setCookie("")
	c.redirect("/hub/login")
}

// visitor finds who is signed in, or sends the browser to sign in.
func (c *call) visitor() bool {
	if err := c.signedIn(); err != nil {
		if c.explain(err).status == http.StatusUnauthorized {
			c.toLogin()
		} else {
			c.wrong(err)
		}
		return false
	}
	return true
}

func homePage(c *call) {
	if !c.methods(http.MethodGet) || !c.visitor() {
		return
	}
	v, err := c.shares.Visible(c.ctx(), c.p, kindServer, "access:servers")
	var list []server
	if err == nil {
		list, err = c.servers.of(c.ctx(), string(c.p.User.ID))
	}
	if err == nil {
		err = c.names.learnServers(c.ctx(), v.IDs)
	}
	if err != nil {
		c.wrong(err)
		return
	}
	c.names.known[string(c.p.User.ID)] = c.p.User.Username
	for _, id := range v.IDs {
		if row, there := c.names.rows[id]; there && row.owner != string(c.p.User.ID) {
			list = append(list, row)
		}
	}
	var paths []string
	for _, row := range list {
		paths = append(paths, c.names.path(row))
	}
	c.page(http.StatusOK, "home", map[string]any{"Name": c.p.User.Username, "Servers": paths, "XSRF": c.xsrf})
}

// serverPage is the page of a running server, for users who may access it.
func serverPage(c *call) {
	if !c.methods(http.MethodGet) || !c.visitor() {
		return
	}
	first, _, _ := strings.Cut(c.parts["rest"], "/")
	name, err := url.PathUnescape(first)
	v, found, err2 := c.names.server(c.ctx(), c.parts["owner"], name)
	if err = errors.Join(err, err2); err == nil && (!found || name == "") {
		v, found, err = c.names.server(c.ctx(), c.parts["owner"], "")
	}
	verdict := scopes.NotHeld
	if err == nil && found {
		verdict, err = c.shares.Decide(c.ctx(), c.p, "access:servers", v.ref())
	}
	switch {
	case err != nil:
		c.wrong(err)
	case verdict != scopes.Allowed:
		c.errorPage(http.StatusNotFound, errHidden.message)
	case !v.ready():
		c.errorPage(http.StatusServiceUnavailable, "The server is not running now.")
	default:
		c.page(http.StatusOK, "server", message{"Server " + c.names.filter(v), "A notebook would be here."})
	}
}
