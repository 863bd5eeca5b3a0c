-- Calls that ended, mean length and share of talk, by queue and minute.
SELECT window_start, queue, COUNT(*) AS calls, AVG(durationMillis) AS durationMillis,
       SUM(overtalkMillis) AS overtalkMillis, SUM(holdMillis) AS holdMillis
FROM TABLE(
  TUMBLE(
    TABLE call_lengths, DESCRIPTOR(`time`), INTERVAL '1' MINUTE))
GROUP BY window_start, window_end, queue
