-- needs: 1
-- Resources, share codes and shares.

CREATE TABLE hallpass_resources (
  kind text COLLATE "C" NOT NULL,
  id text COLLATE "C" NOT NULL,
  owner_id uuid NOT NULL REFERENCES hallpass_users (id) ON DELETE CASCADE,
  created_at timestamptz NOT NULL,
  PRIMARY KEY (kind, id)
);

CREATE INDEX hallpass_resources_by_owner ON hallpass_resources (owner_id, kind, id, created_at);

-- No foreign keys to resources: the host may keep its own, and then none is here.
CREATE TABLE hallpass_share_codes (
  id uuid NOT NULL PRIMARY KEY,
  hash bytea NOT NULL UNIQUE,
  kind text COLLATE "C" NOT NULL,
  resource_id text COLLATE "C" NOT NULL,
  giver_user uuid REFERENCES hallpass_users (id) ON DELETE CASCADE,
  giver_service uuid REFERENCES hallpass_services (id) ON DELETE CASCADE,
  scopes text COLLATE "C" NOT NULL,
  label text COLLATE "C" NOT NULL DEFAULT '',
  audience_type text COLLATE "C" NOT NULL,
  audience_value text COLLATE "C" NOT NULL DEFAULT '',
  next text COLLATE "C" NOT NULL DEFAULT '',
  max_uses bigint NOT NULL DEFAULT 0,
  exchanges bigint NOT NULL DEFAULT 0,
  last_exchanged_at timestamptz,
  created_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL,
  CHECK ((giver_user IS NULL) <> (giver_service IS NULL))
);

CREATE INDEX hallpass_share_codes_by_resource ON hallpass_share_codes (kind, resource_id, id);
CREATE INDEX hallpass_share_codes_by_giver_user ON hallpass_share_codes (giver_user, id);
CREATE INDEX hallpass_share_codes_by_giver_service ON hallpass_share_codes (giver_service, id);
CREATE INDEX hallpass_share_codes_by_expiry ON hallpass_share_codes (expires_at);

-- No foreign key to the code: a share outlives it.
CREATE TABLE hallpass_shares (
  id uuid NOT NULL PRIMARY KEY,
  kind text COLLATE "C" NOT NULL,
  resource_id text COLLATE "C" NOT NULL,
  giver_user uuid REFERENCES hallpass_users (id) ON DELETE CASCADE,
  giver_service uuid REFERENCES hallpass_services (id) ON DELETE CASCADE,
  to_user uuid REFERENCES hallpass_users (id) ON DELETE CASCADE,
  to_group uuid REFERENCES hallpass_groups (id) ON DELETE CASCADE,
  scopes text COLLATE "C" NOT NULL,
  code_id uuid,
  created_at timestamptz NOT NULL,
  expires_at timestamptz,
  CHECK ((giver_user IS NULL) <> (giver_service IS NULL)),
  CHECK ((to_user IS NULL) <> (to_group IS NULL))
);

CREATE UNIQUE INDEX hallpass_shares_code ON hallpass_shares (code_id, to_user) WHERE code_id IS NOT NULL;
CREATE INDEX hallpass_shares_by_resource ON hallpass_shares (kind, resource_id, id);
CREATE INDEX hallpass_shares_by_giver_user ON hallpass_shares (giver_user, id);
CREATE INDEX hallpass_shares_by_giver_service ON hallpass_shares (giver_service, id);
CREATE INDEX hallpass_shares_by_user ON hallpass_shares (to_user, id);
CREATE INDEX hallpass_shares_by_group ON hallpass_shares (to_group, id);
CREATE INDEX hallpass_shares_by_expiry ON hallpass_shares (expires_at);

-- No foreign key to the share: what happened stays true when it is gone.
CREATE TABLE hallpass_share_exchanges (
  id uuid NOT NULL PRIMARY KEY,
  code_id uuid NOT NULL REFERENCES hallpass_share_codes (id) ON DELETE CASCADE,
  user_id uuid NOT NULL REFERENCES hallpass_users (id) ON DELETE CASCADE,
  share_id uuid,
  at timestamptz NOT NULL
);

CREATE INDEX hallpass_share_exchanges_by_code ON hallpass_share_exchanges (code_id, id);
CREATE INDEX hallpass_share_exchanges_by_user ON hallpass_share_exchanges (user_id);
