-- A number that a source said beside the patient's own ones, and that is shown and found, but that nobody is matched by: it was issued
-- by another trust than the source, or is of another kind than the source's patient numbers. Runs unchanged on H2 and PostgreSQL.
alter table patient_key add column claimed boolean default false not null;
