-- What a modality worklist shows of an order (PS3.4 §K.6) beyond what FHIR needs.

alter table imaging_order add column patient_name varchar(400);
alter table imaging_order add column patient_name_folded varchar(400);
alter table imaging_order add column patient_sex varchar(16);
alter table imaging_order add column scheduled_start timestamp(6);
alter table imaging_order add column requested_at timestamp(6);
alter table imaging_order add column station_ae_title varchar(16);
alter table imaging_order add column performer varchar(400);
alter table imaging_order add column performer_folded varchar(400);
alter table imaging_order add column step_id varchar(64);
alter table imaging_order add column requested_procedure_id varchar(64);
alter table imaging_order add column step_location varchar(64);
alter table imaging_order add column admission_id varchar(64);
alter table imaging_order add column patient_location varchar(64);
-- The Study Instance UID that the worklist gives out where the order names none.
alter table imaging_order add column worklist_study_uid varchar(64);
-- What the modality said last: SCHEDULED, STARTED, COMPLETED.
alter table imaging_order add column step_status varchar(16) default 'SCHEDULED' not null;
-- The procedure step that said so.
alter table imaging_order add column step_mpps_uid varchar(64);

create index imaging_order_worklist on imaging_order (custodian, status, step_status);
create index imaging_order_worklist_uid on imaging_order (worklist_study_uid);
