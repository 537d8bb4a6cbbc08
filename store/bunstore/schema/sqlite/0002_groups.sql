-- needs: 1
-- Groups, roles made at run time, services and API tokens.

CREATE TABLE hallpass_roles (
  id          TEXT NOT NULL PRIMARY KEY,
  name        TEXT NOT NULL CONSTRAINT hallpass_roles_name UNIQUE,
  description TEXT NOT NULL DEFAULT '',
  scopes      TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- members is kept with each change: counting those of a large group takes long.
CREATE TABLE hallpass_groups (
  id          TEXT NOT NULL PRIMARY KEY,
  name        TEXT NOT NULL,
  name_key    TEXT NOT NULL CONSTRAINT hallpass_groups_name_key UNIQUE,
  description TEXT NOT NULL DEFAULT '',
  members     INTEGER NOT NULL DEFAULT 0,
  created_at  INTEGER NOT NULL
) STRICT;

CREATE TABLE hallpass_group_members (
  group_id TEXT NOT NULL REFERENCES hallpass_groups (id) ON DELETE CASCADE,
  user_id  TEXT NOT NULL REFERENCES hallpass_users (id) ON DELETE CASCADE,
  PRIMARY KEY (group_id, user_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX hallpass_group_members_by_user ON hallpass_group_members (user_id, group_id);

CREATE TABLE hallpass_group_roles (
  group_id TEXT NOT NULL REFERENCES hallpass_groups (id) ON DELETE CASCADE,
  role     TEXT NOT NULL,
  PRIMARY KEY (group_id, role)
) STRICT, WITHOUT ROWID;

CREATE INDEX hallpass_group_roles_by_role ON hallpass_group_roles (role);

CREATE TABLE hallpass_services (
  id          TEXT NOT NULL PRIMARY KEY,
  name        TEXT NOT NULL,
  name_key    TEXT NOT NULL CONSTRAINT hallpass_services_name_key UNIQUE,
  description TEXT NOT NULL DEFAULT '',
  status      TEXT NOT NULL,
  created_at  INTEGER NOT NULL
) STRICT;

CREATE TABLE hallpass_service_roles (
  service_id TEXT NOT NULL REFERENCES hallpass_services (id) ON DELETE CASCADE,
  role       TEXT NOT NULL,
  PRIMARY KEY (service_id, role)
) STRICT, WITHOUT ROWID;

CREATE INDEX hallpass_service_roles_by_role ON hallpass_service_roles (role);

CREATE TABLE hallpass_api_tokens (
  id           TEXT NOT NULL PRIMARY KEY,
  user_id      TEXT REFERENCES hallpass_users (id) ON DELETE CASCADE,
  service_id   TEXT REFERENCES hallpass_services (id) ON DELETE CASCADE,
  name         TEXT NOT NULL DEFAULT '',
  prefix       TEXT NOT NULL DEFAULT '',
  hash         BLOB NOT NULL UNIQUE,
  scopes       TEXT NOT NULL,
  created_at   INTEGER NOT NULL,
  expires_at   INTEGER,
  last_used_at INTEGER,
  CHECK ((user_id IS NULL) <> (service_id IS NULL))
) STRICT;

CREATE INDEX hallpass_api_tokens_by_user ON hallpass_api_tokens (user_id, id);
CREATE INDEX hallpass_api_tokens_by_service ON hallpass_api_tokens (service_id, id);
CREATE INDEX hallpass_api_tokens_by_expiry ON hallpass_api_tokens (expires_at);
