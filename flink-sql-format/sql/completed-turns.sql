-- One row a question with its answer; read with read_committed, exactly one.
CREATE TABLE completed_turns (
  conversationId STRING,
  tenant STRING,
  turn INT,
  `time` TIMESTAMP_LTZ(3),
  questionType STRING,
  question STRING,
  text STRING,
  finishReason STRING,
  failure STRING,
  toolCalls STRING,
  audioMillis BIGINT,
  WATERMARK FOR `time` AS `time` - INTERVAL '30' SECOND
) WITH (
  'connector' = 'kafka',
  'topic' = 'completed-turns',
  'properties.bootstrap.servers' = 'localhost:9092',
  'properties.isolation.level' = 'read_committed',
  'scan.startup.mode' = 'earliest-offset',
  'format' = 'avro-single-object',
  'avro-single-object.record' = 'CompletedTurn'
)
