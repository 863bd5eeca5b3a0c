-- The ten calls in which the customer had least reason to be pleased.
SELECT conversationId, attributes['queue'] AS queue, figures.sentiment AS sentiment,
       figures.longestNonTalkMillis AS longestNonTalkMillis, figures.interruptions AS interruptions
FROM call_summaries
WHERE figures.sentiment IS NOT NULL
ORDER BY sentiment, longestNonTalkMillis DESC
LIMIT 10
