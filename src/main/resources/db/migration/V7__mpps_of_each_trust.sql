-- A trust's SOP Instance UID must not keep another's step out, nor tell that it exists.
alter table mpps rename to mpps_once;
create table mpps (
  sop_instance_uid varchar(64) not null,
  custodian varchar(64) not null,
  status varchar(16) not null,
  data_set bytea not null,
  calling_ae_title varchar(16) not null,
  created_at timestamp(6) with time zone not null,
  last_updated timestamp(6) with time zone not null,
  constraint mpps_uid unique (custodian, sop_instance_uid)
);
insert into mpps (sop_instance_uid, custodian, status, data_set, calling_ae_title, created_at, last_updated)
  select sop_instance_uid, custodian, status, data_set, calling_ae_title, created_at, last_updated from mpps_once;
drop table mpps_once;
