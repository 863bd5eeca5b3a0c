-- Customers whose words get worse three times in a row.
SELECT * FROM (
  -- What is still being spoken, and what the agent says between, is no step of the pattern.
  SELECT * FROM call_segments WHERE `last` AND role = 'CUSTOMER'
)
MATCH_RECOGNIZE (
  PARTITION BY conversationId
  ORDER BY `time`
  MEASURES A.text AS firstText, C.text AS lastText, C.sentiment AS sentiment
  ONE ROW PER MATCH
  AFTER MATCH SKIP PAST LAST ROW
  PATTERN (A B C)
  DEFINE
    B AS B.sentiment < A.sentiment,
    C AS C.sentiment < B.sentiment
)
