-- What HL7 messages say beyond the first ones: tracing status, e-RS reference, appointments, versions of a report.

alter table patient add column nhs_number_status varchar(2);

alter table imaging_order add column ubrn varchar(12);
-- What the order's own messages say of its start, and when they did: the newest of these and of the appointments counts.
alter table imaging_order add column ordered_start timestamp(6);
alter table imaging_order add column ordered_start_at timestamp(6) with time zone;
update imaging_order set ordered_start = scheduled_start, ordered_start_at = message_at where scheduled_start is not null;

create table appointment (
  id uuid primary key,
  custodian varchar(64) not null,
  placer_number varchar(64),
  filler_number varchar(64),
  status varchar(16) not null,
  patient_id uuid not null references patient (id),
  said_key_issuer varchar(64),
  said_key_value varchar(64),
  said_nhs_number varchar(10),
  said_birth_date date,
  scheduled_start timestamp(6),
  minutes integer,
  performer varchar(400),
  performer_folded varchar(400),
  location varchar(64),
  procedure_code varchar(64),
  procedure_system varchar(200),
  procedure_display varchar(400),
  message_key varchar(160) not null,
  message_at timestamp(6) with time zone not null,
  last_updated timestamp(6) with time zone not null
);
create unique index appointment_placer on appointment (custodian, placer_number);
create unique index appointment_filler on appointment (custodian, filler_number);
create index appointment_patient on appointment (patient_id);

create table appointment_order (
  appointment_id uuid not null references appointment (id),
  placer boolean not null,
  issuer varchar(64) not null,
  order_number varchar(64) not null,
  primary key (appointment_id, placer, issuer, order_number)
);
create index appointment_order_number on appointment_order (order_number, issuer, placer);

alter table report add column document_number varchar(200);
alter table report add column version_id uuid;
create unique index report_document on report (custodian, document_number);

-- Each message that spoke of a report, as it spoke. Which version is the newest is told by message_at, then number.
create table report_version (
  version_id uuid primary key,
  report_id uuid not null references report (id),
  number integer not null,
  status varchar(32) not null,
  report_text text,
  document_key varchar(160),
  document_type varchar(64),
  document_number varchar(200),
  reporter_code varchar(64),
  reporter_family varchar(200),
  reporter_given varchar(200),
  reporter_prefix varchar(64),
  issued timestamp(6) with time zone,
  message_key varchar(160) not null,
  message_at timestamp(6) with time zone not null,
  recorded_at timestamp(6) with time zone not null,
  -- It named somebody else than the report does now: nobody sees it by the report any more.
  other_patient boolean not null,
  constraint report_version_once unique (report_id, message_key)
);
insert into report_version (version_id, report_id, number, status, report_text, document_key, document_type,
    reporter_code, reporter_family, reporter_given, reporter_prefix, issued, message_key, message_at, recorded_at,
    other_patient)
  select id, id, 1, status, report_text, document_key, document_type, reporter_code, reporter_family, reporter_given,
    reporter_prefix, issued, message_key, message_at, last_updated, false from report;
update report set version_id = id;

-- Studies that a report names beside its first.
create table report_named_study (
  report_id uuid not null references report (id),
  study_instance_uid varchar(64) not null,
  primary key (report_id, study_instance_uid)
);
create index report_named_study_uid on report_named_study (study_instance_uid);
