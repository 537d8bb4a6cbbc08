"use strict";
(function () {
  const $ = (id) => document.getElementById(id);
  const given = new URLSearchParams(location.hash.slice(1));
  const base = location.pathname.replace(/\/link$/, "");
  const token = given.get("token"), user_code = given.get("user_code");
  history.replaceState(null, "", location.pathname); // the secret need not stay in the address bar
  const say = (text) => { $("say").textContent = text; };
  const show = (id, text) => {
    for (const form of document.forms) form.hidden = form.id !== id;
    $("error").textContent = "";
    say(text);
  };
  async function post(path, body) {
    const answer = await fetch(base + path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
    if (answer.ok) return answer.status === 204 ? {} : answer.json();
    const problem = await answer.json().catch(() => ({}));
    const details = (problem.errors || []).map((e) => e.detail).join(" ");
    throw Object.assign(new Error(details || problem.detail || "Something went wrong."), { status: answer.status });
  }
  function on(id, act) {
    $(id).addEventListener("submit", async (event) => {
      event.preventDefault();
      const body = {};
      for (const [name, value] of new FormData($(id))) if (value) body[name] = value;
      try {
        await act(body, event.submitter);
      } catch (problem) {
        $("error").textContent = problem.message;
      }
    });
  }
  on("sign_in", async () => { await post("/sessions", { token }); show("", "You are signed in."); });
  on("verify_email", async () => { await post("/email-verifications", { token }); show("", "The address is confirmed."); });
  on("reset_password", async (body) => { await post("/password-resets", { token, ...body }); show("", "The password is set. Sign in with it."); });
  on("invitation", async (body) => { await post("/invitations/accept", { token, ...body }); show("", "Welcome. You are signed in."); });
  let code = user_code, after = look; // after: what to do once the person is signed in
  async function asked(question) {
    try {
      await question();
    } catch (problem) {
      if (problem.status !== 401) throw problem;
      show("login", "Sign in first.");
    }
  }
  function look() {
    return asked(async () => {
      const d = await post("/device/lookup", { user_code: code });
      const asks = d.scopes.length ? "asks for: " + d.scopes.join(", ") : "asks for all that you may do";
      show("device", "A program that calls itself “" + d.client_name + "”, at " + (d.ip || "an address that is not known") + ", " + asks +
        ". Allow it only if you have just started it yourself.");
    });
  }
  function offer() {
    return asked(async () => {
      const o = await post("/share-codes/preview", { code: token });
      const what = o.scopes.map((s) => s.label || s.scope).join(", ");
      show("share", (o.giver.username || "Somebody") + " shares " + o.resource.kind + " " + o.resource.id + " with you: " + what + ".");
    });
  }
  on("share", async () => {
    const a = await post("/share-codes/accept", { code: token });
    show("", "It is shared with you now.");
    if (a.next) location.assign(a.next);
  });
  on("code", async (body) => { code = body.user_code; await look(); });
  on("login", async (body) => { await post("/sessions", body); await after(); });
  on("device", async (_, button) => {
    await post("/device/approve", { user_code: code, decision: button.value });
    show("", button.value === "allow" ? "The program is signed in." : "The program was turned away.");
  });
  const kind = given.get("for");
  if (token && kind === "share") {
    after = offer;
    offer().catch((problem) => { $("error").textContent = problem.message; });
    return;
  }
  if (user_code !== null || !token) {
    $("user_code").value = user_code || "";
    show("code", token ? "" : "Type the code that the program shows.");
  } else if (["sign_in", "verify_email", "reset_password", "invitation"].includes(kind)) {
    show(kind, "Press the button to go on.");
  }
})();
