-- needs: 1
-- Resources, share codes and shares.

CREATE TABLE hallpass_resources (
  kind       TEXT    NOT NULL,
  id         TEXT    NOT NULL,
  owner_id   TEXT    NOT NULL REFERENCES hallpass_users (id) ON DELETE CASCADE,
  created_at INTEGER NOT NULL,
  PRIMARY KEY (kind, id)
) STRICT, WITHOUT ROWID;

CREATE INDEX hallpass_resources_by_owner ON hallpass_resources (owner_id, kind, id, created_at);

-- No foreign keys to resources: the host may keep its own, and then none is here.
CREATE TABLE hallpass_share_codes (
  id                TEXT    NOT NULL PRIMARY KEY,
  hash              BLOB    NOT NULL UNIQUE,
  kind              TEXT    NOT NULL,
  resource_id       TEXT    NOT NULL,
  giver_user        TEXT    REFERENCES hallpass_users (id) ON DELETE CASCADE,
  giver_service     TEXT    REFERENCES hallpass_services (id) ON DELETE CASCADE,
  scopes            TEXT    NOT NULL,
  label             TEXT    NOT NULL DEFAULT '',
  audience_type     TEXT    NOT NULL,
  audience_value    TEXT    NOT NULL DEFAULT '',
  next              TEXT    NOT NULL DEFAULT '',
  max_uses          INTEGER NOT NULL DEFAULT 0,
  exchanges         INTEGER NOT NULL DEFAULT 0,
  last_exchanged_at INTEGER,
  created_at        INTEGER NOT NULL,
  expires_at        INTEGER NOT NULL,
  CHECK ((giver_user IS NULL) <> (giver_service IS NULL))
) STRICT;

CREATE INDEX hallpass_share_codes_by_resource ON hallpass_share_codes (kind, resource_id, id);
CREATE INDEX hallpass_share_codes_by_giver_user ON hallpass_share_codes (giver_user, id);
CREATE INDEX hallpass_share_codes_by_giver_service ON hallpass_share_codes (giver_service, id);
CREATE INDEX hallpass_share_codes_by_expiry ON hallpass_share_codes (expires_at);

-- No foreign key to the code: a share outlives it.
CREATE TABLE hallpass_shares (
  id            TEXT    NOT NULL PRIMARY KEY,
  kind          TEXT    NOT NULL,
  resource_id   TEXT    NOT NULL,
  giver_user    TEXT    REFERENCES hallpass_users (id) ON DELETE CASCADE,
  giver_service TEXT    REFERENCES hallpass_services (id) ON DELETE CASCADE,
  to_user       TEXT    REFERENCES hallpass_users (id) ON DELETE CASCADE,
  to_group      TEXT    REFERENCES hallpass_groups (id) ON DELETE CASCADE,
  scopes        TEXT    NOT NULL,
  code_id       TEXT,
  created_at    INTEGER NOT NULL,
  expires_at    INTEGER,
  CHECK ((giver_user IS NULL) <> (giver_service IS NULL)),
  CHECK ((to_user IS NULL) <> (to_group IS NULL))
) STRICT;

CREATE UNIQUE INDEX hallpass_shares_code ON hallpass_shares (code_id, to_user) WHERE code_id IS NOT NULL;
CREATE INDEX hallpass_shares_by_resource ON hallpass_shares (kind, resource_id, id);
CREATE INDEX hallpass_shares_by_giver_user ON hallpass_shares (giver_user, id);
CREATE INDEX hallpass_shares_by_giver_service ON hallpass_shares (giver_service, id);
CREATE INDEX hallpass_shares_by_user ON hallpass_shares (to_user, id);
CREATE INDEX hallpass_shares_by_group ON hallpass_shares (to_group, id);
CREATE INDEX hallpass_shares_by_expiry ON hallpass_shares (expires_at);

-- No foreign key to the share: what happened stays true when it is gone.
CREATE TABLE hallpass_share_exchanges (
  id       TEXT    NOT NULL PRIMARY KEY,
  code_id  TEXT    NOT NULL REFERENCES hallpass_share_codes (id) ON DELETE CASCADE,
  user_id  TEXT    NOT NULL REFERENCES hallpass_users (id) ON DELETE CASCADE,
  share_id TEXT,
  at       INTEGER NOT NULL
) STRICT;

CREATE INDEX hallpass_share_exchanges_by_code ON hallpass_share_exchanges (code_id, id);
CREATE INDEX hallpass_share_exchanges_by_user ON hallpass_share_exchanges (user_id);
