-- Keys that all hubs of one index share, made by whoever needs one first.
create table secret (
  name varchar(64) primary key,
  key_value varchar(128) not null,
  created_at timestamp(6) with time zone not null
);
