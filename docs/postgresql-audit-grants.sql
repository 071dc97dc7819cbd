-- Append-only audit for the database user of the web process (PostgreSQL).
-- Run as the owner of the tables, once after every `mulin` upgrade that migrates:
--     psql -v web=mulin_web -f docs/postgresql-audit-grants.sql
-- `mulin web` then runs with MULIN_DATABASE_URL of this user; `mulin worker` (which seals, and removes what is
-- past its time) and migrations run as the owner.
GRANT USAGE ON SCHEMA public TO :"web";
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO :"web";
GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO :"web";
REVOKE UPDATE, DELETE, TRUNCATE ON core_auditrecord FROM :"web";
REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON core_auditseal, core_auditremoval, core_auditverification FROM :"web";
REVOKE CREATE ON SCHEMA public FROM :"web";
