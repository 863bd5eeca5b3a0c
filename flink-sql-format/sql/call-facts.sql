-- One row a call in Postgres; postgres/calls.sql makes the table there. A call that comes again replaces its row.
CREATE TABLE call_facts (
  conversation_id STRING,
  tenant STRING,
  ended_at TIMESTAMP(3),
  end_reason STRING,
  queue STRING,
  duration_millis BIGINT,
  talk_millis BIGINT,
  overtalk_millis BIGINT,
  non_talk_millis BIGINT,
  hold_millis BIGINT,
  interruptions INT,
  sentiment DOUBLE,
  summary STRING,
  rule_version STRING,
  PRIMARY KEY (conversation_id) NOT ENFORCED
) WITH (
  'connector' = 'jdbc',
  'url' = 'jdbc:postgresql://localhost:5432/antiphon',
  'table-name' = 'call_facts'
)
