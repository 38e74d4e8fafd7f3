-- Modality performed procedure steps (PS3.4 §F.7), as the modality said, in explicit VR little endian and UTF-8.
create table mpps (
  sop_instance_uid varchar(64) primary key,
  custodian varchar(64) not null,
  status varchar(16) not null,
  data_set bytea not null,
  calling_ae_title varchar(16) not null,
  created_at timestamp(6) with time zone not null,
  last_updated timestamp(6) with time zone not null
);

-- Storage commitment (PS3.4 §J.3): asked of us (PROVIDER) or by us (USER).
create table storage_commitment (
  id uuid primary key,
  transaction_uid varchar(64) not null,
  peer_ae_title varchar(16) not null,
  side varchar(16) not null,
  custodian varchar(64),
  state varchar(16) not null,
  created_at timestamp(6) with time zone not null,
  last_updated timestamp(6) with time zone not null,
  constraint storage_commitment_once unique (side, peer_ae_title, transaction_uid)
);
create index storage_commitment_open on storage_commitment (side, state, created_at);

create table storage_commitment_item (
  commitment_id uuid not null references storage_commitment (id),
  sop_instance_uid varchar(64) not null,
  sop_class_uid varchar(64) not null,
  failure_reason integer,
  state varchar(16) not null,
  primary key (commitment_id, sop_instance_uid)
);

-- What other nodes say is available, and where (PS3.4 §R).
create table instance_availability (
  notification_uid varchar(64) not null,
  custodian varchar(64) not null,
  study_instance_uid varchar(64) not null,
  series_instance_uid varchar(64) not null,
  sop_instance_uid varchar(64) not null,
  sop_class_uid varchar(64) not null,
  availability varchar(16) not null,
  retrieve_ae_title varchar(64) not null,
  received_at timestamp(6) with time zone not null,
  primary key (notification_uid, sop_instance_uid)
);
create index instance_availability_object on instance_availability (sop_instance_uid, received_at);
