-- The audit trail in blocks, each sealed with the hash of the one before. A row's block is set once, when it is sealed.
create table audit_block (
  number bigint primary key,
  entries integer not null,
  first_at timestamp(6) with time zone,
  last_at timestamp(6) with time zone,
  previous varchar(64) not null,
  hash varchar(64) not null,
  sealed_at timestamp(6) with time zone not null
);

-- The beginning of the chain; whoever seals locks it.
insert into audit_block (number, entries, previous, hash, sealed_at)
  values (0, 0, '', 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855', current_timestamp);

alter table audit_entry add column block bigint;
create index audit_entry_block on audit_entry (block);
