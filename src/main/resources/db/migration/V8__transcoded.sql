-- The transfer syntax that an object was sent in, where the destination did not take it as it is stored.
alter table transfer_item add column transcoded_to varchar(64);
