-- What patients brought of their own: held apart until a person has looked at it. Runs unchanged on H2 and PostgreSQL.
create table upload (
  id uuid primary key,
  -- One study of one patient; both are decided on together.
  group_id uuid not null,
  nhs_number varchar(10) not null,
  received_at timestamp(6) with time zone not null,
  sop_class_uid varchar(64) not null,
  sop_instance_uid varchar(64) not null,
  study_instance_uid varchar(64) not null,
  series_instance_uid varchar(64) not null,
  modality varchar(16),
  transfer_syntax_uid varchar(64) not null,
  -- Whether it says to be of the patient who brought it: SAME, OTHER, UNSAID.
  says varchar(8) not null,
  object_key varchar(200) not null,
  sha256 varchar(64) not null,
  object_size bigint not null,
  -- WAITING, ACCEPTED (to be filed), FILED, REFUSED, FAILED.
  state varchar(8) not null,
  custodian varchar(10),
  decided_at timestamp(6) with time zone,
  decided_by varchar(200),
  attempts integer default 0 not null
);
create unique index upload_object on upload (nhs_number, sop_instance_uid, object_key);
create index upload_state on upload (state, received_at, group_id);
create index upload_group on upload (group_id);
