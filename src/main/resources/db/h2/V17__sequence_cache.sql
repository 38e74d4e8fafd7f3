-- H2 writes and commits each time a sequence has given out what it holds in advance, 32 numbers otherwise. After a crash the rest
-- of them is skipped.
alter table message_step alter column step_number set cache 4096;
alter table index_change alter column id set cache 4096;
