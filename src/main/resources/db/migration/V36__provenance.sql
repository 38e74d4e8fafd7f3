-- Which messages a resource came from. Runs unchanged on H2 and PostgreSQL.
create index message_resource_resource on message_resource (resource_id, message_id);
