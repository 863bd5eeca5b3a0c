-- What was said, live and redacted; a higher revision of a segment replaces a lower one.
CREATE TABLE call_segments (
  conversationId STRING,
  segmentId STRING,
  revision INT,
  `last` BOOLEAN,
  `time` TIMESTAMP_LTZ(3),
  beginMillis BIGINT,
  endMillis BIGINT,
  channel INT,
  participantId STRING,
  role STRING,
  text STRING,
  words ARRAY<ROW<text STRING, beginMillis BIGINT, endMillis BIGINT>>,
  sentiment DOUBLE,
  WATERMARK FOR `time` AS `time` - INTERVAL '30' SECOND
) WITH (
  'connector' = 'kafka',
  'topic' = 'call-segments',
  'properties.bootstrap.servers' = 'localhost:9092',
  'scan.startup.mode' = 'earliest-offset',
  'format' = 'avro-single-object',
  'avro-single-object.record' = 'CallSegment'
)
