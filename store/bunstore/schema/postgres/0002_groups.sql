-- needs: 1
-- Groups, roles made at run time, services and API tokens.

CREATE TABLE hallpass_roles (
  id text COLLATE "C" NOT NULL PRIMARY KEY,
  name text COLLATE "C" NOT NULL CONSTRAINT hallpass_roles_name UNIQUE,
  description text COLLATE "C" NOT NULL DEFAULT '',
  scopes text COLLATE "C" NOT NULL
);

-- members is kept with each change: counting those of a large group takes long.
CREATE TABLE hallpass_groups (
  id uuid NOT NULL PRIMARY KEY,
  name text COLLATE "C" NOT NULL,
  name_key text COLLATE "C" NOT NULL CONSTRAINT hallpass_groups_name_key UNIQUE,
  description text COLLATE "C" NOT NULL DEFAULT '',
  members bigint NOT NULL DEFAULT 0,
  created_at timestamptz NOT NULL
);

CREATE TABLE hallpass_group_members (
  group_id uuid NOT NULL REFERENCES hallpass_groups (id) ON DELETE CASCADE,
  user_id uuid NOT NULL REFERENCES hallpass_users (id) ON DELETE CASCADE,
  PRIMARY KEY (group_id, user_id)
);

CREATE INDEX hallpass_group_members_by_user ON hallpass_group_members (user_id, group_id);

CREATE TABLE hallpass_group_roles (
  group_id uuid NOT NULL REFERENCES hallpass_groups (id) ON DELETE CASCADE,
  role text COLLATE "C" NOT NULL,
  PRIMARY KEY (group_id, role)
);

CREATE INDEX hallpass_group_roles_by_role ON hallpass_group_roles (role);

CREATE TABLE hallpass_services (
  id uuid NOT NULL PRIMARY KEY,
  name text COLLATE "C" NOT NULL,
  name_key text COLLATE "C" NOT NULL CONSTRAINT hallpass_services_name_key UNIQUE,
  description text COLLATE "C" NOT NULL DEFAULT '',
  status text COLLATE "C" NOT NULL,
  created_at timestamptz NOT NULL
);

CREATE TABLE hallpass_service_roles (
  service_id uuid NOT NULL REFERENCES hallpass_services (id) ON DELETE CASCADE,
  role text COLLATE "C" NOT NULL,
  PRIMARY KEY (service_id, role)
);

CREATE INDEX hallpass_service_roles_by_role ON hallpass_service_roles (role);

CREATE TABLE hallpass_api_tokens (
  id uuid NOT NULL PRIMARY KEY,
  user_id uuid REFERENCES hallpass_users (id) ON DELETE CASCADE,
  service_id uuid REFERENCES hallpass_services (id) ON DELETE CASCADE,
  name text COLLATE "C" NOT NULL DEFAULT '',
  prefix text COLLATE "C" NOT NULL DEFAULT '',
  hash bytea NOT NULL UNIQUE,
  scopes text COLLATE "C" NOT NULL,
  created_at timestamptz NOT NULL,
  expires_at timestamptz,
  last_used_at timestamptz,
  CHECK ((user_id IS NULL) <> (service_id IS NULL))
);

CREATE INDEX hallpass_api_tokens_by_user ON hallpass_api_tokens (user_id, id);
CREATE INDEX hallpass_api_tokens_by_service ON hallpass_api_tokens (service_id, id);
CREATE INDEX hallpass_api_tokens_by_expiry ON hallpass_api_tokens (expires_at);
