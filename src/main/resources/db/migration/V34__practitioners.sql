-- Clinicians whom orders name by a code, and for which organisations they ask. Ids follow from the codes. Runs unchanged on H2 and
-- PostgreSQL; V35 (in Java, which knows the ids) fills them from the orders that are there.
create table practitioner (
  id uuid primary key,
  -- GMC, SDS, or LOCAL: then the code is of its issuer, an ODS code.
  kind varchar(8) not null,
  issuer varchar(64),
  code varchar(64) not null,
  family varchar(200),
  given varchar(200),
  prefix varchar(64),
  -- When the message was made that the name is of.
  said_at timestamp(6) with time zone not null,
  last_updated timestamp(6) with time zone not null
);
create index practitioner_code on practitioner (code);

create table practitioner_role (
  id uuid primary key,
  practitioner_id uuid not null references practitioner (id),
  -- ODS code, or empty where orders name none.
  organisation varchar(64) not null,
  last_updated timestamp(6) with time zone not null
);
create index practitioner_role_practitioner on practitioner_role (practitioner_id);
create index practitioner_role_organisation on practitioner_role (organisation);

alter table imaging_order add column referrer_id uuid;
create index imaging_order_referrer on imaging_order (referrer_id);
