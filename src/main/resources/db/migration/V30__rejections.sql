-- Objects that their custodian rejected by a note (Key Object Selection, IHE RAD TF-2 4.66): kept, and shown to nobody.
create table rejection (
  note_id uuid primary key references instance (id),
  study_id uuid not null references study (id),
  reason varchar(16) not null,
  received_at timestamp(6) with time zone not null,
  undone_at timestamp(6) with time zone,
  undone_by varchar(200)
);
create index rejection_study on rejection (study_id);
create index rejection_received on rejection (received_at, note_id);

-- Objects by the id that they have, or will have when they come.
create table rejection_item (
  note_id uuid not null references rejection (note_id),
  instance_id uuid not null,
  primary key (note_id, instance_id)
);
create index rejection_item_instance on rejection_item (instance_id);

-- The note that rejects an object; of a note its own id. Whatever shows or sends objects asks for none.
alter table instance add column rejected_by uuid;
alter table study add column rejections integer default 0 not null;
