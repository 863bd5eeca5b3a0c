-- Where running calls stand; a higher revision replaces a lower one.
CREATE TABLE call_metrics (
  conversationId STRING,
  tenant STRING,
  revision BIGINT,
  `time` TIMESTAMP_LTZ(3),
  startedAt TIMESTAMP_LTZ(3),
  figures ROW<
    durationMillis BIGINT, talkMillis BIGINT, overtalkMillis BIGINT, nonTalkMillis BIGINT,
    longestNonTalkMillis BIGINT, holdMillis BIGINT, interruptions INT, sentiment DOUBLE>,
  categories ARRAY<STRING>,
  onHold BOOLEAN,
  lastText STRING,
  sentimentTrend DOUBLE,
  alerts ARRAY<STRING>,
  attributes MAP<STRING, STRING>,
  ended BOOLEAN,
  WATERMARK FOR `time` AS `time` - INTERVAL '30' SECOND
) WITH (
  'connector' = 'kafka',
  'topic' = 'call-metrics',
  'properties.bootstrap.servers' = 'localhost:9092',
  'scan.startup.mode' = 'earliest-offset',
  'format' = 'avro-single-object',
  'avro-single-object.record' = 'CallMetrics'
)
