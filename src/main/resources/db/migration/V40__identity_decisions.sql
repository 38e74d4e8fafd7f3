-- A person decided that whoever a record in review describes is a patient who is known. Append only, but for what takes it back.
create table identity_decision (
  id uuid primary key,
  record_id uuid not null references patient (id),
  patient_id uuid not null references patient (id),
  decided_at timestamp(6) with time zone not null,
  decided_by varchar(200) not null,
  why varchar(1000) not null,
  undone_at timestamp(6) with time zone,
  undone_by varchar(200),
  undone_why varchar(1000)
);
create index identity_decision_record on identity_decision (record_id);

-- What changed hands by which decision.
alter table patient_repointed add column decision_id uuid;
create index patient_repointed_decision on patient_repointed (decision_id);
