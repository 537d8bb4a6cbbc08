-- needs: 1
-- Accounts, sign-in, sessions, settings and audit. Text compares by its bytes, whatever the locale of the database.

CREATE TABLE hallpass_users (
  id uuid NOT NULL PRIMARY KEY,
  username text COLLATE "C" NOT NULL DEFAULT '',
  username_key text COLLATE "C" CONSTRAINT hallpass_users_username_key UNIQUE,
  email text COLLATE "C" NOT NULL DEFAULT '',
  email_key text COLLATE "C" CONSTRAINT hallpass_users_email_key UNIQUE,
  email_verified boolean NOT NULL DEFAULT false,
  name text COLLATE "C" NOT NULL DEFAULT '',
  attributes text COLLATE "C" NOT NULL DEFAULT '{}',
  status text COLLATE "C" NOT NULL,
  external_id text COLLATE "C" CONSTRAINT hallpass_users_external_id UNIQUE,
  password_hash text COLLATE "C" NOT NULL DEFAULT '',
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  last_login_at timestamptz
);

-- The rarer states have indexes of their own: a list of them must not walk over all who are active.
CREATE INDEX hallpass_users_pending ON hallpass_users (id) WHERE status = 'pending';
CREATE INDEX hallpass_users_disabled ON hallpass_users (id) WHERE status = 'disabled';

CREATE TABLE hallpass_user_roles (
  user_id uuid NOT NULL REFERENCES hallpass_users (id) ON DELETE CASCADE,
  role text COLLATE "C" NOT NULL,
  PRIMARY KEY (user_id, role)
);

CREATE INDEX hallpass_user_roles_by_role ON hallpass_user_roles (role, user_id);

CREATE TABLE hallpass_reserved_usernames (
  username_key text COLLATE "C" NOT NULL PRIMARY KEY,
  holder text COLLATE "C" NOT NULL,
  until timestamptz NOT NULL
);

CREATE INDEX hallpass_reserved_usernames_by_end ON hallpass_reserved_usernames (until);

CREATE TABLE hallpass_sessions (
  id uuid NOT NULL PRIMARY KEY,
  user_id uuid NOT NULL REFERENCES hallpass_users (id) ON DELETE CASCADE,
  method text COLLATE "C" NOT NULL,
  scopes text COLLATE "C",
  client_name text COLLATE "C" NOT NULL DEFAULT '',
  ip text COLLATE "C" NOT NULL DEFAULT '',
  user_agent text COLLATE "C" NOT NULL DEFAULT '',
  created_at timestamptz NOT NULL,
  last_seen_at timestamptz NOT NULL,
  proved_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL,
  ends_at timestamptz NOT NULL,
  idle_seconds bigint NOT NULL,
  refreshes boolean NOT NULL,
  token_hash bytea NOT NULL UNIQUE,
  generation integer NOT NULL DEFAULT 0,
  replays integer NOT NULL DEFAULT 0,
  salt bytea
);

CREATE INDEX hallpass_sessions_by_user ON hallpass_sessions (user_id, id);
CREATE INDEX hallpass_sessions_by_expiry ON hallpass_sessions (expires_at);

CREATE TABLE hallpass_consumed_tokens (
  hash bytea NOT NULL PRIMARY KEY,
  session_id uuid NOT NULL REFERENCES hallpass_sessions (id) ON DELETE CASCADE,
  generation integer NOT NULL,
  consumed_at timestamptz NOT NULL
);

CREATE INDEX hallpass_consumed_tokens_by_session ON hallpass_consumed_tokens (session_id);

-- No foreign key: the history may outlive the account.
CREATE TABLE hallpass_logins (
  id uuid NOT NULL PRIMARY KEY,
  user_id uuid,
  at timestamptz NOT NULL,
  method text COLLATE "C" NOT NULL,
  outcome text COLLATE "C" NOT NULL,
  reason text COLLATE "C" NOT NULL DEFAULT '',
  ip text COLLATE "C" NOT NULL DEFAULT '',
  user_agent text COLLATE "C" NOT NULL DEFAULT '',
  session_id uuid
);

CREATE INDEX hallpass_logins_by_user ON hallpass_logins (user_id, id);
CREATE INDEX hallpass_logins_by_time ON hallpass_logins (at);
CREATE INDEX hallpass_logins_failed ON hallpass_logins (id) WHERE outcome = 'failure';
CREATE INDEX hallpass_logins_by_method ON hallpass_logins (method, id) WHERE method <> 'password';

CREATE TABLE hallpass_limits (
  key text COLLATE "C" NOT NULL PRIMARY KEY,
  full_at bigint NOT NULL,
  most bigint NOT NULL,
  took boolean NOT NULL
);

CREATE INDEX hallpass_limits_by_full ON hallpass_limits (full_at);

CREATE TABLE hallpass_values (
  name text COLLATE "C" NOT NULL PRIMARY KEY,
  value text COLLATE "C" NOT NULL
);

CREATE TABLE hallpass_keys (
  id text COLLATE "C" NOT NULL PRIMARY KEY,
  algorithm text COLLATE "C" NOT NULL,
  public bytea NOT NULL,
  sealed bytea NOT NULL,
  created_at timestamptz NOT NULL
);

CREATE TABLE hallpass_setup_tokens (
  hash bytea NOT NULL PRIMARY KEY,
  created_at timestamptz NOT NULL
);

CREATE TABLE hallpass_audit (
  id uuid NOT NULL PRIMARY KEY,
  at timestamptz NOT NULL,
  actor text COLLATE "C" NOT NULL DEFAULT '',
  action text COLLATE "C" NOT NULL,
  target text COLLATE "C" NOT NULL DEFAULT '',
  detail text COLLATE "C"
);

CREATE INDEX hallpass_audit_by_time ON hallpass_audit (at);
CREATE INDEX hallpass_audit_by_actor ON hallpass_audit (actor, id);
CREATE INDEX hallpass_audit_by_target ON hallpass_audit (target, id);
CREATE INDEX hallpass_audit_by_action ON hallpass_audit (action, id);

CREATE TABLE hallpass_locks (
  name text COLLATE "C" NOT NULL PRIMARY KEY
);
