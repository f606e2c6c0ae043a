-- A small CRM of believable rows, the same in every installation.
select setseed(0.42);

create table users (
  id integer primary key,
  name text not null,
  email text not null,
  region text not null,
  hired_on date not null
);

create table accounts (
  id integer primary key,
  name text not null,
  industry text not null,
  country text not null,
  employees integer,
  created_at timestamptz not null
);

create table opportunities (
  id integer primary key,
  account_id integer not null references accounts,
  owner_id integer not null references users,
  name text not null,
  stage text not null,
  amount numeric(12, 2) not null,
  created_at timestamptz not null,
  close_on date not null
);

insert into users
select
  n,
  first || ' ' || last,
  lower(first) || '.' || lower(last) || n || '@example.com',
  (array['Central Europe', 'Western Europe', 'Nordics', 'North America'])[1 + n % 4],
  date '2016-01-04' + (random() * 3400)::integer
from (
  select
    n,
    (array['Ada', 'Jan', 'Eva', 'Petr', 'Mia', 'Tomas', 'Lena', 'Omar', 'Ines', 'Noah', 'Zoe', 'Karel'])[1 + n % 12] as first,
    (array['Novak', 'Larsen', 'Meyer', 'Dubois', 'Silva', 'Kowalski', 'Horak'])[1 + n % 7] as last
  from generate_series(1, 60) as n
) as people;

insert into accounts
select
  n,
  (array['North', 'Blue', 'Golden', 'Silver', 'Alpine', 'River', 'Maple', 'Bright', 'Iron', 'Green'])[1 + n % 10]
    || ' ' || (array['Foods', 'Logistics', 'Energy', 'Media', 'Retail', 'Health', 'Motors', 'Systems', 'Textiles'])[1 + n % 9]
    || ' ' || n,
  (array['Retail', 'Manufacturing', 'Health care', 'Finance', 'Logistics', 'Media'])[1 + (random() * 5)::integer],
  (array['CZ', 'DE', 'FR', 'GB', 'SE', 'US', 'PL'])[1 + (random() * 6)::integer],
  case when n % 17 = 0 then null else (10 + power(random(), 3) * 20000)::integer end,
  timestamptz '2020-01-01 08:00:00+00' + random() * interval '2000 days'
from generate_series(1, 500) as n;

insert into opportunities
select
  n,
  1 + (random() * 499)::integer,
  1 + (random() * 59)::integer,
  (array['Renewal', 'New licences', 'Pilot', 'Expansion', 'Support contract'])[1 + (random() * 4)::integer] || ' ' || n,
  (array['Prospecting', 'Qualification', 'Proposal', 'Negotiation', 'Closed Won', 'Closed Lost'])[1 + (random() * 5)::integer],
  round((500 + power(random(), 2) * 250000)::numeric, 2),
  timestamptz '2024-01-01 08:00:00+00' + random() * interval '900 days',
  date '2024-03-01' + (random() * 1000)::integer
from generate_series(1, 3000) as n;
