-- Every call that is over, into its day's folder; days are those of table.local-time-zone.
INSERT INTO call_archive
SELECT conversationId, tenant, `time`, endReason, attributes['queue'], figures.durationMillis, figures.talkMillis,
       figures.overtalkMillis, figures.nonTalkMillis, figures.holdMillis, figures.interruptions, figures.sentiment,
       categories, summary, ruleVersion, DATE_FORMAT(`time`, 'yyyy-MM-dd')
FROM call_summaries
