-- needs: 1
-- Flows of email codes, invitations, device grants, and mail that waits to be sent. Times are Unix microseconds.

CREATE TABLE hallpass_flows (
  id         TEXT    NOT NULL PRIMARY KEY,
  secret     BLOB    NOT NULL,
  code       BLOB    NOT NULL,
  link       BLOB    UNIQUE,
  purpose    TEXT    NOT NULL,
  email      TEXT    NOT NULL,
  email_key  TEXT    NOT NULL,
  user_id    TEXT    REFERENCES hallpass_users (id) ON DELETE CASCADE,
  session_id TEXT    REFERENCES hallpass_sessions (id) ON DELETE CASCADE,
  sign_up    TEXT,
  decoy      INTEGER NOT NULL,
  tries      INTEGER NOT NULL,
  sends      INTEGER NOT NULL,
  sent_at    INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL
) STRICT;

CREATE INDEX hallpass_flows_by_user ON hallpass_flows (user_id);
CREATE INDEX hallpass_flows_by_session ON hallpass_flows (session_id);
CREATE INDEX hallpass_flows_by_expiry ON hallpass_flows (expires_at);

CREATE TABLE hallpass_invitations (
  id         TEXT    NOT NULL PRIMARY KEY,
  token      BLOB    NOT NULL UNIQUE,
  email      TEXT    NOT NULL,
  email_key  TEXT    NOT NULL,
  user_id    TEXT    REFERENCES hallpass_users (id) ON DELETE CASCADE,
  inviter_id TEXT    REFERENCES hallpass_users (id) ON DELETE CASCADE,
  roles      TEXT,
  group_ids  TEXT    NOT NULL DEFAULT '[]',
  mailed     INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL
) STRICT;

CREATE INDEX hallpass_invitations_by_user ON hallpass_invitations (user_id);
CREATE INDEX hallpass_invitations_by_inviter ON hallpass_invitations (inviter_id);
CREATE INDEX hallpass_invitations_by_expiry ON hallpass_invitations (expires_at);

-- Intervals and polls are microseconds on both databases, so that they can be reckoned with there.
CREATE TABLE hallpass_device_grants (
  id          TEXT    NOT NULL PRIMARY KEY,
  device      BLOB    NOT NULL UNIQUE,
  user_code   BLOB    NOT NULL UNIQUE,
  client_name TEXT    NOT NULL,
  scopes      TEXT,
  ip          TEXT    NOT NULL,
  created_at  INTEGER NOT NULL,
  expires_at  INTEGER NOT NULL,
  session_id  TEXT    REFERENCES hallpass_sessions (id) ON DELETE CASCADE,
  user_id     TEXT,
  decision    TEXT    NOT NULL,
  step        INTEGER NOT NULL,
  next_poll   INTEGER NOT NULL,
  soon        INTEGER NOT NULL
) STRICT;

CREATE INDEX hallpass_device_grants_by_session ON hallpass_device_grants (session_id);
CREATE INDEX hallpass_device_grants_by_expiry ON hallpass_device_grants (expires_at);

CREATE TABLE hallpass_outbox (
  id         TEXT    NOT NULL PRIMARY KEY,
  sealed     BLOB    NOT NULL,
  attempts   INTEGER NOT NULL,
  due_at     INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  created_at INTEGER NOT NULL
) STRICT;

CREATE INDEX hallpass_outbox_by_due ON hallpass_outbox (due_at, id);
