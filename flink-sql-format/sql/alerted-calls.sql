-- Calls that last and that somebody should look at now, each as its newest record tells of it.
SELECT conversationId, attributes['queue'] AS queue, figures.sentiment AS sentiment, lastText,
       CARDINALITY(alerts) AS alerts
FROM (
  SELECT *, ROW_NUMBER() OVER (PARTITION BY conversationId ORDER BY revision DESC) AS newest
  FROM call_metrics
)
WHERE newest = 1 AND NOT ended AND CARDINALITY(alerts) > 0
