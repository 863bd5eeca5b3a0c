-- One row in Postgres for each category of a call; postgres/calls.sql makes the table there.
CREATE TABLE call_categories (
  conversation_id STRING,
  category STRING,
  PRIMARY KEY (conversation_id, category) NOT ENFORCED
) WITH (
  'connector' = 'jdbc',
  'url' = 'jdbc:postgresql://localhost:5432/antiphon',
  'table-name' = 'call_categories'
)
