-- needs: 1
-- Flows of email codes, invitations, device grants, and mail that waits to be sent.

CREATE TABLE hallpass_flows (
  id uuid NOT NULL PRIMARY KEY,
  secret bytea NOT NULL,
  code bytea NOT NULL,
  link bytea UNIQUE,
  purpose text COLLATE "C" NOT NULL,
  email text COLLATE "C" NOT NULL,
  email_key text COLLATE "C" NOT NULL,
  user_id uuid REFERENCES hallpass_users (id) ON DELETE CASCADE,
  session_id uuid REFERENCES hallpass_sessions (id) ON DELETE CASCADE,
  sign_up text COLLATE "C",
  decoy boolean NOT NULL,
  tries integer NOT NULL,
  sends integer NOT NULL,
  sent_at timestamptz NOT NULL,
  created_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL
);

CREATE INDEX hallpass_flows_by_user ON hallpass_flows (user_id);
CREATE INDEX hallpass_flows_by_session ON hallpass_flows (session_id);
CREATE INDEX hallpass_flows_by_expiry ON hallpass_flows (expires_at);

CREATE TABLE hallpass_invitations (
  id uuid NOT NULL PRIMARY KEY,
  token bytea NOT NULL UNIQUE,
  email text COLLATE "C" NOT NULL,
  email_key text COLLATE "C" NOT NULL,
  user_id uuid REFERENCES hallpass_users (id) ON DELETE CASCADE,
  inviter_id uuid REFERENCES hallpass_users (id) ON DELETE CASCADE,
  roles text COLLATE "C",
  group_ids text COLLATE "C" NOT NULL DEFAULT '[]',
  mailed boolean NOT NULL,
  created_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL
);

CREATE INDEX hallpass_invitations_by_user ON hallpass_invitations (user_id);
CREATE INDEX hallpass_invitations_by_inviter ON hallpass_invitations (inviter_id);
CREATE INDEX hallpass_invitations_by_expiry ON hallpass_invitations (expires_at);

-- Intervals and polls are microseconds on both databases, so that they can be reckoned with there.
CREATE TABLE hallpass_device_grants (
  id uuid NOT NULL PRIMARY KEY,
  device bytea NOT NULL UNIQUE,
  user_code bytea NOT NULL UNIQUE,
  client_name text COLLATE "C" NOT NULL,
  scopes text COLLATE "C",
  ip text COLLATE "C" NOT NULL,
  created_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL,
  session_id uuid REFERENCES hallpass_sessions (id) ON DELETE CASCADE,
  user_id uuid,
  decision text COLLATE "C" NOT NULL,
  step bigint NOT NULL,
  next_poll bigint NOT NULL,
  soon boolean NOT NULL
);

CREATE INDEX hallpass_device_grants_by_session ON hallpass_device_grants (session_id);
CREATE INDEX hallpass_device_grants_by_expiry ON hallpass_device_grants (expires_at);

CREATE TABLE hallpass_outbox (
  id uuid NOT NULL PRIMARY KEY,
  sealed bytea NOT NULL,
  attempts integer NOT NULL,
  due_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL,
  created_at timestamptz NOT NULL
);

CREATE INDEX hallpass_outbox_by_due ON hallpass_outbox (due_at, id);
