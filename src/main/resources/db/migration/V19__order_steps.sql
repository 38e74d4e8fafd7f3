-- The scheduled procedure steps of orders that have several; an order with one has it in its own columns alone.
-- Runs unchanged on H2 and PostgreSQL.
alter table imaging_order add column steps integer default 0 not null;

create table order_step (
  order_id uuid not null references imaging_order (id),
  -- From 1; a step keeps its own.
  position integer not null,
  step_id varchar(64),
  requested_procedure_id varchar(64),
  study_instance_uid varchar(64),
  -- What the worklist gives out where the step names no study and is of another requested procedure than the first.
  worklist_study_uid varchar(64),
  -- Where the sender says the accession number with each step.
  accession_issuer varchar(64),
  accession_value varchar(64),
  modality varchar(16),
  protocol_code varchar(64),
  protocol_system varchar(200),
  protocol_display varchar(400),
  station_ae_title varchar(16),
  location varchar(64),
  -- SCHEDULED, CANCELLED, STARTED or COMPLETED.
  status varchar(16) not null,
  mpps_uid varchar(64),
  primary key (order_id, position)
);
create index order_step_study on order_step (study_instance_uid);
create index order_step_worklist_study on order_step (worklist_study_uid);
create index order_step_accession on order_step (accession_value, accession_issuer);
