-- One row a call that is over; read with read_committed, exactly one.
CREATE TABLE call_summaries (
  conversationId STRING,
  tenant STRING,
  `time` TIMESTAMP_LTZ(3),
  startedAt TIMESTAMP_LTZ(3),
  endReason STRING,
  attributes MAP<STRING, STRING>,
  participants ARRAY<ROW<participantId STRING, role STRING, channel INT>>,
  figures ROW<
    durationMillis BIGINT, talkMillis BIGINT, overtalkMillis BIGINT, nonTalkMillis BIGINT,
    longestNonTalkMillis BIGINT, holdMillis BIGINT, interruptions INT, sentiment DOUBLE>,
  categories ARRAY<ROW<name STRING>>,
  summary STRING,
  summarySource STRING,
  ruleVersion STRING,
  WATERMARK FOR `time` AS `time` - INTERVAL '5' MINUTE
) WITH (
  'connector' = 'kafka',
  'topic' = 'call-summaries',
  'properties.bootstrap.servers' = 'localhost:9092',
  'properties.isolation.level' = 'read_committed',
  'scan.startup.mode' = 'earliest-offset',
  'format' = 'avro-single-object',
  'avro-single-object.record' = 'CallSummary'
)
