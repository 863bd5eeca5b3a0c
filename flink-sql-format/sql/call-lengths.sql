-- Flat columns: windows and patterns reach no nested ones.
CREATE VIEW call_lengths AS
SELECT `time`, conversationId, attributes['queue'] AS queue, figures.durationMillis AS durationMillis,
       figures.overtalkMillis AS overtalkMillis, figures.holdMillis AS holdMillis
FROM call_summaries
