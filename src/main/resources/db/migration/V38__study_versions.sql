-- Where the resource of a complete study, as it was at a moment, is kept in the store.
create table study_version (
  study_id uuid not null references study (id),
  last_updated timestamp(6) with time zone not null,
  patient_id uuid not null references patient (id),
  object_key varchar(160) not null,
  -- Objects were taken back since: what it lists is shown to nobody.
  withdrawn boolean default false not null,
  primary key (study_id, last_updated)
);
