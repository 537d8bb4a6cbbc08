package main

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// The requests of the published notebook, in order: JSON without a Content-Type, and a POST
// without a body. In between, its reader accepts the code.
func TestNotebook(t *testing.T) {
	t.Parallel()
	h, _ := start(t, t.TempDir())
	apiURL, owner := h.vars["JUPYTERHUB_API_URL"], h.vars["JUPYTERHUB_USER"]+"/"+h.vars["JUPYTERHUB_SERVER_NAME"]
	call := func(method, url, body string) map[string]any {
		t.Helper()
		q, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		q.Header.Set("Authorization", "Bearer "+h.vars["JUPYTERHUB_API_TOKEN"])
		r, err := http.DefaultClient.Do(q)
		text := read(t, r, err)
		var out map[string]any
		if r.StatusCode >= 300 || r.StatusCode == 200 && json.Unmarshal([]byte(text), &out) != nil {
			t.Fatalf("%s %s: %d %s", method, url, r.StatusCode, text)
		}
		return out
	}
	total := func(url string) float64 {
		t.Helper()
		return call("GET", url, "")["_pagination"].(map[string]any)["total"].(float64)
	}
	me := call("GET", apiURL+"/user", "")
	if me["name"] != "sharer" || !strings.Contains(strings.Join(texts(me["scopes"]), " "), "shares!server=sharer/") {
		t.Errorf("whoami %v", me)
	}
	shares, codes := apiURL+"/shares/"+owner, apiURL+"/share-codes/"+owner
	if total(shares) != 0 || total(codes) != 0 {
		t.Error("something is shared at the beginning")
	}
	code := call("POST", codes, "")
	if _, ok := code["accept_url"].(string); !ok {
		t.Fatalf("%v", code)
	}
	next := h.vars["JUPYTERHUB_SERVICE_PREFIX"] + "lab/tree/share-api.ipynb"
	h.accept("shared-with", h.vars["JUPYTERHUB_HOST"]+code["accept_url"].(string)+"&next="+url.QueryEscape(next), next)
	if total(shares) != 1 {
		t.Error("the share is not there")
	}
	listed := call("GET", codes, "")["items"].([]any)[0].(map[string]any)
	if listed["exchange_count"] != 1.0 || listed["code"] != nil {
		t.Errorf("%v", listed)
	}
	call("DELETE", codes+"?id="+code["id"].(string), "")
	call("DELETE", codes, "")
	if total(codes) != 0 {
		t.Error("codes are left")
	}
	more := call(
		"POST", codes,
		`{"scopes": ["access:servers!server=sharer/", "servers!server=sharer/", "shares!server=sharer/"],
			"expires_in": 3600}`,
	)
	if len(more["scopes"].([]any)) != 3 {
		t.Errorf("%v", more)
	}
	kept := call("PATCH", shares, `{"user": "shared-with", "scopes": ["shares!server=sharer/"]}`)
	if len(kept["scopes"].([]any)) != 1 {
		t.Errorf("%v", kept)
	}
	if gone := call("PATCH", shares, `{"user": "shared-with"}`); len(gone) != 0 {
		t.Errorf("%v", gone)
	}
	call("DELETE", shares, "")
	if total(shares) != 0 {
		t.Error("shares are left")
	}
}

var proofOnPage = regexp.MustCompile(`name="_xsrf" value="([^"]+)"`)

// accept opens the link and accepts, as a reader of the notebook does.
func (h running) accept(name, link, next string) {
	h.t.Helper()
	b := h.browser(name)
	r, err := b.Get(link)
	page := read(h.t, r, err)
	proof := proofOnPage.FindStringSubmatch(page)
	if r.StatusCode != 200 || proof == nil || r.Header.Get("Referrer-Policy") != "no-referrer" ||
		!strings.Contains(page, next) {
		h.t.Fatalf("%d %s", r.StatusCode, page)
	}
	u, _ := url.Parse(link)
	r, err = b.PostForm(link, url.Values{"_xsrf": {proof[1]}, "code": {u.Query().Get("code")}})
	if text := read(h.t, r, err); r.StatusCode != 200 || r.Request.URL.Path != next {
		h.t.Fatalf("%d %s at %s", r.StatusCode, text, r.Request.URL)
	}
}

// notebook finds the published notebook, which is not in this repository: under the folder in
// HALLPASS_SHARED, or beside the checkout.
func notebook(t *testing.T) string {
	t.Helper()
	dir := os.Getenv("HALLPASS_SHARED")
	if dir == "" {
		dir = filepath.Join("..", "..", "..", "shared")
	}
	found, err := filepath.Glob(filepath.Join(dir, "reference", "seeds", "004_*"))
	if err != nil || len(found) != 1 {
		t.Skip("the published notebook is not here: name the folder that has reference/seeds/004_… in HALLPASS_SHARED")
	}
	path, err := filepath.Abs(found[0])
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// runCells runs the code cells of a notebook unchanged and in order, and prints the last
// expression of each as JSON or text. Without IPython, its display prints nothing. Every answer
// to the cells has to be a success. After the cell that makes the link, the reader accepts it.
const runCells = `
import ast, json, re, sys, types
import requests
try:
    import IPython.display
except ImportError:
    display = types.ModuleType("IPython.display")
    display.HTML, display.display = str, lambda *a: None
    sys.modules["IPython"], sys.modules["IPython.display"] = types.ModuleType("IPython"), display

seen = []
send = requests.Session.request
def request(self, method, url, **kw):
    r = send(self, method, url, **kw)
    seen.append("%s %s" % (method.upper(), r.status_code))
    assert r.ok, (method, url, r.status_code, r.text)
    return r

host, user, password = sys.argv[2:5]
def accept(link):
    b = requests.Session()
    send(b, "POST", host + "/hub/login", data={"username": user, "password": password})
    page = send(b, "GET", link)
    proof = re.search('name="_xsrf" value="([^"]+)"', page.text).group(1)
    done = send(b, "POST", link, data={"_xsrf": proof, "code": link.split("code=")[1].split("&")[0]})
    assert done.ok and done.url.startswith(host + "/user/sharer/"), (done.status_code, done.url)

requests.Session.request = request
ns, accepted = {}, False
for cell in json.load(open(sys.argv[1]))["cells"]:
    if cell["cell_type"] != "code":
        continue
    tree = ast.parse("".join(cell["source"]))
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, "cell", "exec"), ns)
    value = eval(compile(ast.Expression(last.value), "cell", "eval"), ns) if last else None
    print(json.dumps(value, default=str))
    if "full_accept_url" in ns and not accepted:
        accepted = True
        accept(ns["full_accept_url"])
print("ANSWERS", json.dumps(seen))
`

// The cells of the published notebook run unmodified.
func TestNotebookCells(t *testing.T) {
	t.Parallel()
	file := notebook(t)
	python, err := exec.LookPath("python3")
	if err != nil || exec.Command(python, "-c", "import requests").Run() != nil {
		t.Skip("python3 with requests is not here")
	}
	h, _ := start(t, t.TempDir())
	ctx, cancel := context.WithTimeout(t.Context(), 60e9)
	defer cancel()
	cmd := exec.CommandContext(
		ctx, python, "-c", runCells, file, h.vars["JUPYTERHUB_HOST"], "shared-with", h.password("shared-with"),
	)
	cmd.Env = append(os.Environ(), "NO_PROXY=*")
	for name, value := range h.vars {
		cmd.Env = append(cmd.Env, name+"="+value)
	}
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	last := lines[len(lines)-1]
	want := `ANSWERS ["GET 200", "GET 200", "GET 200", "POST 200", "GET 200", "GET 200", "DELETE 204", ` +
		`"DELETE 204", "POST 200", "GET 200", "PATCH 200", "PATCH 200", "DELETE 204", "GET 200"]`
	if last != want {
		t.Errorf("%s\nwanted %s", last, want)
	}
	if text := string(out); !strings.Contains(text, `"exchange_count": 1`) ||
		!strings.Contains(text, `"user": {"name": "shared-with"}`) ||
		!strings.Contains(lines[len(lines)-2], `"total": 0`) {
		t.Errorf("cells show %s", text)
	}
}
