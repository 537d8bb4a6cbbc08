-- needs: 1
-- Accounts, sign-in, sessions, settings and audit. Times are Unix microseconds. Text compares by its bytes.

CREATE TABLE hallpass_users (
  id             TEXT    NOT NULL PRIMARY KEY,
  username       TEXT    NOT NULL DEFAULT '',
  username_key   TEXT    CONSTRAINT hallpass_users_username_key UNIQUE,
  email          TEXT    NOT NULL DEFAULT '',
  email_key      TEXT    CONSTRAINT hallpass_users_email_key UNIQUE,
  email_verified INTEGER NOT NULL DEFAULT 0,
  name           TEXT    NOT NULL DEFAULT '',
  attributes     TEXT    NOT NULL DEFAULT '{}',
  status         TEXT    NOT NULL,
  external_id    TEXT    CONSTRAINT hallpass_users_external_id UNIQUE,
  password_hash  TEXT    NOT NULL DEFAULT '',
  created_at     INTEGER NOT NULL,
  updated_at     INTEGER NOT NULL,
  last_login_at  INTEGER
) STRICT;

-- The rarer states have indexes of their own: a list of them must not walk over all who are active.
CREATE INDEX hallpass_users_pending ON hallpass_users (id) WHERE status = 'pending';
CREATE INDEX hallpass_users_disabled ON hallpass_users (id) WHERE status = 'disabled';

CREATE TABLE hallpass_user_roles (
  user_id TEXT NOT NULL REFERENCES hallpass_users (id) ON DELETE CASCADE,
  role    TEXT NOT NULL,
  PRIMARY KEY (user_id, role)
) STRICT, WITHOUT ROWID;

CREATE INDEX hallpass_user_roles_by_role ON hallpass_user_roles (role, user_id);

CREATE TABLE hallpass_reserved_usernames (
  username_key TEXT    NOT NULL PRIMARY KEY,
  holder       TEXT    NOT NULL,
  until        INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE hallpass_sessions (
  id           TEXT    NOT NULL PRIMARY KEY,
  user_id      TEXT    NOT NULL REFERENCES hallpass_users (id) ON DELETE CASCADE,
  method       TEXT    NOT NULL,
  scopes       TEXT,
  client_name  TEXT    NOT NULL DEFAULT '',
  ip           TEXT    NOT NULL DEFAULT '',
  user_agent   TEXT    NOT NULL DEFAULT '',
  created_at   INTEGER NOT NULL,
  last_seen_at INTEGER NOT NULL,
  proved_at    INTEGER NOT NULL,
  expires_at   INTEGER NOT NULL,
  ends_at      INTEGER NOT NULL,
  idle_seconds INTEGER NOT NULL,
  refreshes    INTEGER NOT NULL,
  token_hash   BLOB    NOT NULL UNIQUE,
  generation   INTEGER NOT NULL DEFAULT 0,
  replays      INTEGER NOT NULL DEFAULT 0,
  salt         BLOB
) STRICT;

CREATE INDEX hallpass_sessions_by_user ON hallpass_sessions (user_id, id);

CREATE INDEX hallpass_reserved_usernames_by_end ON hallpass_reserved_usernames (until);
CREATE INDEX hallpass_sessions_by_expiry ON hallpass_sessions (expires_at);

CREATE TABLE hallpass_consumed_tokens (
  hash        BLOB    NOT NULL PRIMARY KEY,
  session_id  TEXT    NOT NULL REFERENCES hallpass_sessions (id) ON DELETE CASCADE,
  generation  INTEGER NOT NULL,
  consumed_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX hallpass_consumed_tokens_by_session ON hallpass_consumed_tokens (session_id);

-- No foreign key: the history may outlive the account.
CREATE TABLE hallpass_logins (
  id         TEXT    NOT NULL PRIMARY KEY,
  user_id    TEXT,
  at         INTEGER NOT NULL,
  method     TEXT    NOT NULL,
  outcome    TEXT    NOT NULL,
  reason     TEXT    NOT NULL DEFAULT '',
  ip         TEXT    NOT NULL DEFAULT '',
  user_agent TEXT    NOT NULL DEFAULT '',
  session_id TEXT
) STRICT;

CREATE INDEX hallpass_logins_by_user ON hallpass_logins (user_id, id);
CREATE INDEX hallpass_logins_by_time ON hallpass_logins (at);
CREATE INDEX hallpass_logins_failed ON hallpass_logins (id) WHERE outcome = 'failure';
CREATE INDEX hallpass_logins_by_method ON hallpass_logins (method, id) WHERE method <> 'password';

CREATE TABLE hallpass_limits (
  key     TEXT    NOT NULL PRIMARY KEY,
  full_at INTEGER NOT NULL,
  most    INTEGER NOT NULL,
  took    INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX hallpass_limits_by_full ON hallpass_limits (full_at);

CREATE TABLE hallpass_values (
  name  TEXT NOT NULL PRIMARY KEY,
  value TEXT NOT NULL
) STRICT;

CREATE TABLE hallpass_keys (
  id         TEXT    NOT NULL PRIMARY KEY,
  algorithm  TEXT    NOT NULL,
  public     BLOB    NOT NULL,
  sealed     BLOB    NOT NULL,
  created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE hallpass_setup_tokens (
  hash       BLOB    NOT NULL PRIMARY KEY,
  created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE hallpass_audit (
  id     TEXT    NOT NULL PRIMARY KEY,
  at     INTEGER NOT NULL,
  actor  TEXT    NOT NULL DEFAULT '',
  action TEXT    NOT NULL,
  target TEXT    NOT NULL DEFAULT '',
  detail TEXT
) STRICT;

CREATE INDEX hallpass_audit_by_time ON hallpass_audit (at);
CREATE INDEX hallpass_audit_by_actor ON hallpass_audit (actor, id);
CREATE INDEX hallpass_audit_by_target ON hallpass_audit (target, id);
CREATE INDEX hallpass_audit_by_action ON hallpass_audit (action, id);

CREATE TABLE hallpass_locks (
  name TEXT NOT NULL PRIMARY KEY
) STRICT, WITHOUT ROWID;
