-- For Postgres: the tables behind call_facts and call_categories.
CREATE TABLE IF NOT EXISTS call_facts (
  conversation_id text PRIMARY KEY,
  tenant text NOT NULL,
  ended_at timestamp(3) NOT NULL,
  end_reason text NOT NULL,
  queue text,
  duration_millis bigint NOT NULL,
  talk_millis bigint NOT NULL,
  overtalk_millis bigint NOT NULL,
  non_talk_millis bigint NOT NULL,
  hold_millis bigint NOT NULL,
  interruptions integer NOT NULL,
  sentiment double precision,
  summary text NOT NULL,
  rule_version text NOT NULL
);
CREATE INDEX IF NOT EXISTS call_facts_ended_at ON call_facts (ended_at);
CREATE INDEX IF NOT EXISTS call_facts_queue ON call_facts (queue, ended_at);
CREATE TABLE IF NOT EXISTS call_categories (
  conversation_id text NOT NULL,
  category text NOT NULL,
  PRIMARY KEY (conversation_id, category)
);
