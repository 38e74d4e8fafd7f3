-- What an order said before it changed: its row, and those of its steps, as they were. A column that is added to the first
-- table is added to the second at the end, too.
create table imaging_order_version as select * from imaging_order where 1 = 0;
alter table imaging_order_version alter column id set not null;
alter table imaging_order_version alter column last_updated set not null;
alter table imaging_order_version add primary key (id, last_updated);

create table order_step_version as select * from order_step where 1 = 0;
alter table order_step_version add column order_updated timestamp(6) with time zone not null;
alter table order_step_version alter column order_id set not null;
alter table order_step_version alter column position set not null;
alter table order_step_version add primary key (order_id, order_updated, position);
