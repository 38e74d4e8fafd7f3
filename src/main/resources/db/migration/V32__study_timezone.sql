-- Timezone Offset From UTC (0008,0201) of a study's first object, such as +0100. Runs unchanged on H2 and PostgreSQL.
alter table study add column timezone_offset varchar(5);
