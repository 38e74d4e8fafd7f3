-- The index: the only truth that FHIR and DICOMweb are views of. Runs unchanged on H2 and PostgreSQL.

create table patient (
  id uuid primary key,
  nhs_number varchar(10),
  birth_date date,
  key_issuer varchar(64),
  key_value varchar(64),
  family varchar(200),
  given varchar(200),
  prefix varchar(64),
  sex varchar(16),
  address_line varchar(400),
  postal_code varchar(16),
  source varchar(16) not null,
  in_review boolean not null,
  last_updated timestamp(6) with time zone not null
);
create index patient_nhs_number on patient (nhs_number);
create index patient_last_updated on patient (last_updated, id);

create table patient_key (
  issuer varchar(64) not null,
  key_value varchar(64) not null,
  patient_id uuid not null references patient (id),
  primary key (issuer, key_value, patient_id)
);
create index patient_key_patient on patient_key (patient_id);

create table imaging_order (
  id uuid primary key,
  custodian varchar(64) not null,
  placer_issuer varchar(64),
  placer_number varchar(64),
  filler_issuer varchar(64),
  filler_number varchar(64),
  accession_issuer varchar(64),
  accession_value varchar(64),
  study_instance_uid varchar(64),
  patient_id uuid not null references patient (id),
  said_key_issuer varchar(64),
  said_key_value varchar(64),
  said_nhs_number varchar(10),
  said_birth_date date,
  procedure_code varchar(64),
  procedure_system varchar(200),
  procedure_display varchar(400),
  modality varchar(16),
  priority varchar(16),
  reason varchar(4000),
  referrer_code varchar(64),
  referrer_family varchar(200),
  referrer_given varchar(200),
  referrer_prefix varchar(64),
  referring_organisation varchar(64),
  status varchar(32) not null,
  authored_on timestamp(6) with time zone,
  message_key varchar(160) not null,
  message_at timestamp(6) with time zone not null,
  last_updated timestamp(6) with time zone not null
);
create unique index imaging_order_placer on imaging_order (custodian, placer_issuer, placer_number);
create unique index imaging_order_filler on imaging_order (custodian, filler_issuer, filler_number);
create index imaging_order_accession on imaging_order (accession_issuer, accession_value);
create index imaging_order_study_uid on imaging_order (study_instance_uid);
create index imaging_order_patient on imaging_order (patient_id);
create index imaging_order_last_updated on imaging_order (last_updated, id);

create table study (
  id uuid primary key,
  custodian varchar(64) not null,
  study_instance_uid varchar(64) not null,
  patient_id uuid not null references patient (id),
  said_key_issuer varchar(64),
  said_key_value varchar(64),
  said_nhs_number varchar(10),
  said_birth_date date,
  accession_issuer varchar(64),
  accession_value varchar(64),
  dicom_study_id varchar(64),
  started timestamp(6),
  description varchar(400),
  referring_physician varchar(400),
  patient_name varchar(400),
  patient_sex varchar(16),
  number_of_series integer not null,
  number_of_instances integer not null,
  last_received_at timestamp(6) with time zone not null,
  completed_at timestamp(6) with time zone,
  last_updated timestamp(6) with time zone not null,
  constraint study_uid unique (custodian, study_instance_uid)
);
create index study_instance_uid on study (study_instance_uid);
create index study_accession on study (accession_value, accession_issuer);
create index study_patient on study (patient_id);
create index study_said_key on study (said_key_value, said_key_issuer);
create index study_said_nhs on study (said_nhs_number);
create index study_started on study (started, id);
create index study_last_updated on study (last_updated, id);
create index study_completed on study (completed_at, last_received_at);

create table series (
  id uuid primary key,
  study_id uuid not null references study (id),
  series_instance_uid varchar(64) not null,
  modality varchar(16),
  series_number integer,
  description varchar(400),
  body_part_examined varchar(64),
  laterality varchar(16),
  performing_physician varchar(400),
  started timestamp(6),
  number_of_instances integer not null,
  last_updated timestamp(6) with time zone not null,
  constraint series_uid unique (study_id, series_instance_uid)
);

create table instance (
  id uuid primary key,
  series_id uuid not null references series (id),
  study_id uuid not null references study (id),
  custodian varchar(64) not null,
  sop_instance_uid varchar(64) not null,
  sop_class_uid varchar(64) not null,
  transfer_syntax_uid varchar(64) not null,
  instance_number integer,
  number_of_frames integer,
  image_rows integer,
  image_columns integer,
  object_key varchar(160) not null,
  sha256 varchar(64) not null,
  size_bytes bigint not null,
  calling_ae_title varchar(16),
  received_at timestamp(6) with time zone not null,
  constraint instance_uid unique (custodian, sop_instance_uid)
);
create index instance_series on instance (series_id, instance_number);
create index instance_study on instance (study_id);
create index instance_object_key on instance (object_key);

create table study_link (
  order_id uuid not null references imaging_order (id),
  study_id uuid not null references study (id),
  link_rule varchar(32) not null,
  linked_at timestamp(6) with time zone not null,
  primary key (order_id, study_id)
);
create index study_link_study on study_link (study_id);

-- Dedupe key: the same question is asked of a person once, however often the evidence is delivered.
create table review_item (
  id uuid primary key,
  dedupe_key varchar(300) not null,
  kind varchar(32) not null,
  order_id uuid,
  study_id uuid,
  custodian varchar(64),
  sop_instance_uid varchar(64),
  object_key varchar(160),
  reason varchar(64) not null,
  detail varchar(1000),
  created_at timestamp(6) with time zone not null,
  resolved_at timestamp(6) with time zone,
  resolved_by varchar(200),
  constraint review_item_dedupe unique (dedupe_key)
);
create index review_item_open on review_item (resolved_at, created_at);

create table report (
  id uuid primary key,
  custodian varchar(64) not null,
  placer_issuer varchar(64),
  placer_number varchar(64),
  filler_issuer varchar(64),
  filler_number varchar(64),
  accession_issuer varchar(64),
  accession_value varchar(64),
  study_instance_uid varchar(64),
  patient_id uuid not null references patient (id),
  said_key_issuer varchar(64),
  said_key_value varchar(64),
  said_nhs_number varchar(10),
  said_birth_date date,
  procedure_code varchar(64),
  procedure_system varchar(200),
  procedure_display varchar(400),
  status varchar(32) not null,
  report_text text,
  document_key varchar(160),
  document_type varchar(64),
  reporter_code varchar(64),
  reporter_family varchar(200),
  reporter_given varchar(200),
  reporter_prefix varchar(64),
  issued timestamp(6) with time zone,
  message_key varchar(160) not null,
  message_at timestamp(6) with time zone not null,
  order_id uuid references imaging_order (id),
  last_updated timestamp(6) with time zone not null
);
create unique index report_filler on report (custodian, filler_issuer, filler_number);
create index report_accession on report (accession_issuer, accession_value);
create index report_order on report (order_id);
create index report_patient on report (patient_id);
create index report_last_updated on report (last_updated, id);

create table report_study (
  report_id uuid not null references report (id),
  study_id uuid not null references study (id),
  primary key (report_id, study_id)
);
create index report_study_study on report_study (study_id);

create table transfer (
  id uuid primary key,
  study_id uuid not null references study (id),
  destination varchar(64) not null,
  state varchar(16) not null,
  attempts integer not null,
  last_error varchar(1000),
  created_at timestamp(6) with time zone not null,
  last_updated timestamp(6) with time zone not null,
  constraint transfer_once unique (study_id, destination)
);
create index transfer_last_updated on transfer (last_updated, id);

create table transfer_item (
  transfer_id uuid not null references transfer (id),
  instance_id uuid not null references instance (id),
  state varchar(16) not null,
  status_code integer,
  error varchar(1000),
  last_updated timestamp(6) with time zone not null,
  primary key (transfer_id, instance_id)
);

create table consent (
  id uuid primary key,
  patient_id uuid not null references patient (id),
  permit boolean not null,
  organisation varchar(64),
  status varchar(32) not null,
  valid_from timestamp(6) with time zone,
  valid_until timestamp(6) with time zone,
  recorded_at timestamp(6) with time zone not null,
  recorded_by varchar(200),
  last_updated timestamp(6) with time zone not null
);
create index consent_patient on consent (patient_id);
create index consent_last_updated on consent (last_updated, id);

-- Append only: no code updates or deletes a row.
create table audit_entry (
  id uuid primary key,
  at timestamp(6) with time zone not null,
  actor varchar(200) not null,
  actor_organisation varchar(64),
  action varchar(1) not null,
  audit_type varchar(64) not null,
  entity_type varchar(64),
  entity_id varchar(200),
  patient_id uuid,
  permitted boolean not null,
  detail varchar(1000)
);
create index audit_entry_at on audit_entry (at, id);
create index audit_entry_patient on audit_entry (patient_id, at);

-- One row a message that was acknowledged; a control id that comes again with the same content is done once.
create table hl7_message (
  id uuid primary key,
  custodian varchar(64) not null,
  control_id varchar(200) not null,
  message_type varchar(16) not null,
  object_key varchar(160) not null,
  state varchar(16) not null,
  error varchar(1000),
  received_at timestamp(6) with time zone not null,
  last_updated timestamp(6) with time zone not null,
  constraint hl7_message_once unique (custodian, control_id, object_key)
);
create index hl7_message_received on hl7_message (received_at);

-- Rows that are locked while a patient's numbers are resolved, so that two sources cannot make the same patient twice.
create table identity_lock (bucket integer primary key);
insert into identity_lock (bucket) select a.n * 16 + b.n
  from (values (0),(1),(2),(3),(4),(5),(6),(7),(8),(9),(10),(11),(12),(13),(14),(15)) as a(n),
       (values (0),(1),(2),(3),(4),(5),(6),(7),(8),(9),(10),(11),(12),(13),(14),(15)) as b(n);
