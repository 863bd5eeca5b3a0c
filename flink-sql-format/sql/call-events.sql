-- What happened in calls: interruptions, silences, holds, categories, alerts.
CREATE TABLE call_events (
  conversationId STRING,
  eventId STRING,
  revision INT,
  `time` TIMESTAMP_LTZ(3),
  kind STRING,
  name STRING,
  beginMillis BIGINT,
  endMillis BIGINT,
  channel INT,
  role STRING,
  detail STRING,
  ruleVersion STRING,
  WATERMARK FOR `time` AS `time` - INTERVAL '30' SECOND
) WITH (
  'connector' = 'kafka',
  'topic' = 'call-events',
  'properties.bootstrap.servers' = 'localhost:9092',
  'scan.startup.mode' = 'earliest-offset',
  'format' = 'avro-single-object',
  'avro-single-object.record' = 'CallEvent'
)
