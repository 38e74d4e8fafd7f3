-- Runs unchanged on H2 and PostgreSQL.

-- How often an order was moved, cancelled or booked again by its appointments: what partners are told of is such a version.
alter table imaging_order add column schedule_version integer default 0 not null;
