-- A number that a source said beside the patient's own ones, and that is shown and found, but that nobody is matched by: it was issued
-- by another trust than the source, or is of another kind than the source's patient numbers. Runs unchanged on H2 and PostgreSQL.
alter table patient_key add column claimed boolean default false not null;

-- Whom each version of a report was filed under: it counts for the report as long as that is the person whose the report is. Older rows
-- that named somebody else are nobody's.
alter table report_version add column patient_id uuid;
update report_version set patient_id = (select r.patient_id from report r where r.id = report_version.report_id)
  where other_patient = false;
create index report_version_patient on report_version (patient_id);

-- Whose a waiting message was before a merge made it another patient's.
alter table outbound_message add column moved_from uuid;
-- The version that is told has the patient's id, too.
alter table outbound_message alter column cause set data type varchar(400);
