-- Where a call came from. Rows that were written before have none of it, and the chain's hash covers it where there is any.
alter table audit_entry add column client varchar(200);
alter table audit_entry add column address varchar(64);
alter table audit_entry add column request varchar(100);
alter table audit_entry add column query varchar(1000);

-- How far each audit repository has been told. A feed is sent by one hub at a time, which holds it until then.
create table audit_feed (
  name varchar(64) primary key,
  block bigint not null,
  sent integer not null,
  holder uuid,
  held_until timestamp(6) with time zone
);
