-- Runs unchanged on H2 and PostgreSQL.

-- How often an order was moved, cancelled or booked again by its appointments: what partners are told of is such a version.
alter table imaging_order add column schedule_version integer default 0 not null;

-- Each order, study and report that comes looks for the reports that it may belong to.
create index report_placer on report (placer_number, custodian);
create index report_filler_number on report (filler_number, custodian);
create index report_study_uid on report (study_instance_uid);
