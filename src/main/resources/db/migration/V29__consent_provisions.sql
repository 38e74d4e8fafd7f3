-- Consents with nested provisions, every version of them, and what else may keep data from somebody.

alter table consent add column version integer default 1 not null;
alter table consent add column resource text;
alter table consent add column deleted boolean default false not null;

-- Terms and periods of the provisions that one is nested in have been added to its own.
create table consent_rule (
  consent_id uuid not null references consent (id),
  number integer not null,
  parent integer not null,
  permit boolean not null,
  valid_from timestamp(6) with time zone,
  valid_until timestamp(6) with time zone,
  data_from timestamp(6) with time zone,
  data_until timestamp(6) with time zone,
  primary key (consent_id, number)
);

create table consent_term (
  consent_id uuid not null references consent (id),
  number integer not null,
  criterion varchar(16) not null,
  term varchar(200) not null,
  primary key (consent_id, number, criterion, term)
);
create index consent_term_value on consent_term (criterion, term);

insert into consent_rule (consent_id, number, parent, permit, valid_from, valid_until)
  select id, 0, -1, permit, valid_from, valid_until from consent;
insert into consent_term (consent_id, number, criterion, term)
  select id, 0, 'ACTOR', organisation from consent where organisation is not null;
alter table consent drop column permit;
alter table consent drop column organisation;
alter table consent drop column valid_from;
alter table consent drop column valid_until;
create index consent_status on consent (status);

-- Append only.
create table consent_version (
  consent_id uuid not null references consent (id),
  version integer not null,
  status varchar(32) not null,
  deleted boolean not null,
  resource text,
  at timestamp(6) with time zone not null,
  by_whom varchar(200),
  primary key (consent_id, version)
);

-- What staff say of a person: a safeguarding flag, a National Data Opt-out.
create table patient_flag (
  patient_id uuid not null references patient (id),
  kind varchar(32) not null,
  set_at timestamp(6) with time zone not null,
  set_by varchar(200),
  primary key (patient_id, kind)
);

-- Security labels of studies, reports and orders.
create table data_label (
  subject_id uuid not null,
  label varchar(200) not null,
  patient_id uuid not null references patient (id),
  set_at timestamp(6) with time zone not null,
  set_by varchar(200),
  primary key (subject_id, label)
);
create index data_label_patient on data_label (patient_id);

-- When a clinician first saw a report.
create table report_seen (
  report_id uuid primary key references report (id),
  seen_at timestamp(6) with time zone not null,
  seen_by varchar(200)
);

-- Who looks at a patient's data though the patient refuses, why and until when.
create table break_glass (
  id uuid primary key,
  subject varchar(200) not null,
  organisation varchar(64) not null,
  patient_id uuid not null references patient (id),
  reason varchar(1000) not null,
  at timestamp(6) with time zone not null,
  until_at timestamp(6) with time zone not null
);
create index break_glass_subject on break_glass (subject, organisation, until_at);
