-- The categories of every call that is over.
INSERT INTO call_categories
SELECT conversationId, category.name
FROM call_summaries CROSS JOIN UNNEST(categories) AS category (name)
