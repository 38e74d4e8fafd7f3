-- Storage commitment (PS3.4 §J.3) that a destination is asked for after a transfer: WANTED, ASKED, COMMITTED, FAILED (with
-- Failure Reason (0008,1197)), UNANSWERED; null where it is not asked for.
alter table transfer_item add column commitment varchar(16);
alter table transfer_item add column commitment_failure integer;
-- When there is something to do next: to ask, or to stop waiting for the answer.
alter table transfer add column commitment_due timestamp(6) with time zone;
-- Rounds of asking that nobody answered.
alter table transfer add column commitment_rounds integer default 0 not null;
create index transfer_commitment_due on transfer (commitment_due);

-- The transfer that the hub asks for the sake of, where it asks.
alter table storage_commitment add column transfer_id uuid references transfer (id);
-- When a result that the peer has not confirmed, in as many deliveries as a step has, is told again.
alter table storage_commitment add column tell_after timestamp(6) with time zone;
update storage_commitment set tell_after = last_updated where side = 'PROVIDER' and state = 'OPEN';
create index storage_commitment_untold on storage_commitment (tell_after);

-- Which node was told when that a study is available here (PS3.4 §R); it is told once for each time the study is complete.
create table availability_told (
  study_id uuid not null references study (id),
  ae_title varchar(16) not null,
  told_at timestamp(6) with time zone not null,
  primary key (study_id, ae_title)
);
create index instance_availability_study on instance_availability (study_instance_uid, custodian);
