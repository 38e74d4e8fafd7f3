-- What C-FIND matches and returns (PS3.4 §C.6) beyond what FHIR needs. Names are filled by the next migration.

alter table study add column dicom_patient_id varchar(64);
alter table study add column dicom_patient_id_issuer varchar(64);
alter table study add column study_date date;
alter table study add column study_time time(6);
alter table study add column patient_name_folded varchar(400);
alter table study add column referring_physician_folded varchar(400);
alter table study add column procedure_code varchar(64);
alter table study add column procedure_system varchar(64);
alter table study add column procedure_display varchar(200);

alter table series add column performing_physician_folded varchar(400);
alter table series add column performed_start_date date;
alter table series add column performed_start_time time(6);
alter table series add column requested_procedure_id varchar(64);
alter table series add column scheduled_step_id varchar(64);

-- Where the time was not given, midnight stands in "started"; it is not told from a study at midnight.
update study set
  dicom_patient_id = coalesce(said_key_value, said_nhs_number),
  dicom_patient_id_issuer = case when said_key_value is not null then said_key_issuer
    when said_nhs_number is not null then 'NHS' end,
  study_date = cast(started as date),
  study_time = cast(started as time(6));

create index study_dicom_patient_id on study (dicom_patient_id, dicom_patient_id_issuer);
create index study_date on study (study_date);
create index series_study_modality on series (study_id, modality);
