-- Every call that is over; times are those of table.local-time-zone.
INSERT INTO call_facts
SELECT conversationId, tenant, CAST(`time` AS TIMESTAMP(3)), endReason, attributes['queue'], figures.durationMillis,
       figures.talkMillis, figures.overtalkMillis, figures.nonTalkMillis, figures.holdMillis, figures.interruptions,
       figures.sentiment, summary, ruleVersion
FROM call_summaries
