-- Customers whose words get worse three times in a row.
SELECT * FROM call_segments
MATCH_RECOGNIZE (
  PARTITION BY conversationId
  ORDER BY `time`
  MEASURES A.text AS firstText, C.text AS lastText, C.sentiment AS sentiment
  ONE ROW PER MATCH
  AFTER MATCH SKIP PAST LAST ROW
  PATTERN (A B C)
  DEFINE
    A AS A.role = 'CUSTOMER' AND A.`last`,
    B AS B.role = 'CUSTOMER' AND B.`last` AND B.sentiment < A.sentiment,
    C AS C.role = 'CUSTOMER' AND C.`last` AND C.sentiment < B.sentiment
)
