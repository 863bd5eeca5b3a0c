-- Calls as Parquet files, a folder a day. A file is complete with the checkpoint that ends it.
CREATE TABLE call_archive (
  conversationId STRING,
  tenant STRING,
  `time` TIMESTAMP_LTZ(3),
  endReason STRING,
  queue STRING,
  durationMillis BIGINT,
  talkMillis BIGINT,
  overtalkMillis BIGINT,
  nonTalkMillis BIGINT,
  holdMillis BIGINT,
  interruptions INT,
  sentiment DOUBLE,
  categories ARRAY<ROW<name STRING>>,
  summary STRING,
  ruleVersion STRING,
  `day` STRING
) PARTITIONED BY (`day`) WITH (
  'connector' = 'filesystem',
  'path' = 'file:///var/lib/antiphon/calls',
  'format' = 'parquet'
)
