-- Who asked to be told of what (FHIR Subscription). Runs unchanged on H2 and PostgreSQL.

create table subscription (
  id uuid primary key,
  version integer not null,
  status varchar(16) not null,
  topic varchar(64) not null,
  -- As it was sent, without the headers of the channel, which may be secrets and are never shown.
  resource text not null,
  headers text,
  -- Whose it is, as their token said: what they may see is asked at each delivery.
  owner_subject varchar(200),
  owner_nhs_number varchar(10),
  owner_birth_date date,
  owner_organisation varchar(64),
  owner_scopes text not null,
  owner_roles text not null,
  -- Where this server is, as its owner calls it.
  server_base varchar(500) not null,
  ends_at timestamp(6) with time zone,
  heartbeat_seconds integer,
  -- Events of it so far, of which each has the next number.
  events bigint not null,
  error varchar(1000),
  failures integer not null,
  next_attempt_at timestamp(6) with time zone not null,
  last_sent_at timestamp(6) with time zone,
  holder varchar(64),
  held_until timestamp(6) with time zone,
  created_at timestamp(6) with time zone not null,
  last_updated timestamp(6) with time zone not null
);
create index subscription_topic on subscription (topic, status);
create index subscription_owner on subscription (owner_organisation, owner_subject);
create index subscription_due on subscription (status, next_attempt_at);

create table subscription_event (
  id uuid primary key,
  -- What it came of: the same change, told again, is the same event.
  cause varchar(200) not null,
  topic varchar(64) not null,
  focus_type varchar(64) not null,
  focus_id uuid not null,
  at timestamp(6) with time zone not null,
  constraint subscription_event_once unique (cause)
);
create index subscription_event_at on subscription_event (at);

create table subscription_notification (
  subscription_id uuid not null references subscription (id) on delete cascade,
  number bigint not null,
  event_id uuid not null references subscription_event (id),
  state varchar(16) not null,
  last_updated timestamp(6) with time zone not null,
  primary key (subscription_id, number),
  constraint subscription_notification_once unique (subscription_id, event_id)
);
create index subscription_notification_pending on subscription_notification (state, subscription_id, number);
create index subscription_notification_event on subscription_notification (event_id);
