-- Organisations and nodes that were added to the directory of the settings by FHIR, as they are and as they were.
create table directory_entry (
  type varchar(32) not null,
  id varchar(64) not null,
  version integer not null,
  resource varchar(20000) not null,
  changed_at timestamp(6) with time zone not null,
  primary key (type, id)
);
create table directory_entry_version (
  type varchar(32) not null,
  id varchar(64) not null,
  version integer not null,
  resource varchar(20000) not null,
  changed_at timestamp(6) with time zone not null,
  primary key (type, id, version)
);

-- Counts changes, so that each hub of the index finds out that there is something new.
create table directory_revision (number bigint not null);
insert into directory_revision (number) values (0);
