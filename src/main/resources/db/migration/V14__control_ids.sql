-- Which message had which control ID (MSH-10), to recognise one that is sent again. Sender: ODS code|MSH-3|MSH-4.
create table hl7_control_id (
  sender varchar(400) not null,
  control_id varchar(200) not null,
  object_key varchar(160) not null,
  received_at timestamp(6) with time zone not null,
  primary key (sender, control_id, object_key)
);
create index hl7_control_id_received on hl7_control_id (received_at);
