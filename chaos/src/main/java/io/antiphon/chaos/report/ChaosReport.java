package io.antiphon.chaos.report;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.antiphon.chaos.ChaosSettings;
import io.antiphon.chaos.callers.ReceivedAnswer;
import io.antiphon.chaos.comparison.Comparison;
import io.antiphon.chaos.faults.Fault;
import io.antiphon.chaos.faults.FaultRound;
import io.antiphon.client.Percentiles;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * What a run found: for each fault what callers suffered, and whether they got the same answers.
 */
public final class ChaosReport {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String COLUMNS = "%-18s %5s %8s %14s %14s %16s %16s %6s %6s %10s %7s";
  private static final String HEADER =
      String.format(
              Locale.ROOT,
              COLUMNS,
              "fault",
              "times",
              "mid-",
              "noticed ms",
              "voice back ms",
              "asked meanwhile",
              "silence heard",
              "frames",
              "frames",
              "duplicates",
              "answers")
          + "\n"
          + String.format(
              Locale.ROOT,
              COLUMNS,
              "",
              "",
              "sentence",
              "median, max",
              "median, max",
              "ms median, max",
              "ms median, max",
              "lost",
              "twice",
              "before",
              "other")
          + "\n";

  private final ChaosSettings settings;
  private final Comparison judgement;
  private final List<FaultRound> rounds;
  private final List<JsonNode> checkpoints;

  /**
   * @param checkpoints Flink's statistics of them, one for each life of the JobManager
   */
  public ChaosReport(
      ChaosSettings settings,
      Comparison judgement,
      List<FaultRound> rounds,
      List<JsonNode> checkpoints) {
    this.settings = settings;
    this.judgement = judgement;
    this.rounds = List.copyOf(rounds);
    this.checkpoints = List.copyOf(checkpoints);
  }

  /** Whether every caller heard what it would have heard undisturbed, once. */
  public boolean same() {
    return judgement.same();
  }

  /** What was not the same, in words. */
  public List<String> problems() {
    return judgement.problems();
  }

  public List<FaultRound> rounds() {
    return rounds;
  }

  public int answers() {
    return judgement.answers().size();
  }

  /** One line about the round that is just over, and what was judged until then. */
  public String line() {
    FaultRound round = rounds.get(rounds.size() - 1);
    return String.format(
        Locale.ROOT,
        "  %3d %-18s mid-sentence %d, noticed %s ms, voice back %s ms, %d duplicates; %d answers judged, %d other",
        round.number() + 1,
        round.fault(),
        round.midSentence(),
        round.noticedMillis().isPresent() ? round.noticedMillis().getAsLong() : "-",
        spread(voiceBack(round, judgement.heard())),
        round.duplicates(),
        answers(),
        judgement.other());
  }

  /** The table. */
  public String text() {
    StringBuilder text = new StringBuilder(HEADER);
    for (Fault fault : Fault.values()) {
      List<FaultRound> those = rounds.stream().filter(round -> round.fault() == fault).toList();
      if (!those.isEmpty()) {
        text.append(row(fault.toString(), those)).append('\n');
      }
    }
    text.append(
        String.format(
            Locale.ROOT,
            "%d conversations, %d answers with one completed turn each, %d not as undisturbed; seed %d%n",
            judgement.conversations().size(),
            answers(),
            judgement.other(),
            settings.seed()));
    double[] first = undisturbedFirstAudio();
    text.append(
        String.format(
            Locale.ROOT,
            "first audio of %d answers that no fault met: p50 %.0f ms, p90 %.0f ms, p99 %.0f ms%n",
            first.length,
            percentile(first, 0.5),
            percentile(first, 0.9),
            percentile(first, 0.99)));
    for (JsonNode each : checkpoints) {
      JsonNode duration = each.path("summary").path("end_to_end_duration");
      text.append(
          String.format(
              Locale.ROOT,
              "%d checkpoints completed, %d failed: p50 %.0f ms, p99 %.0f ms, largest state %d bytes%n",
              each.path("counts").path("completed").asInt(),
              each.path("counts").path("failed").asInt(),
              duration.path("p50").asDouble(),
              duration.path("p99").asDouble(),
              each.path("summary").path("state_size").path("max").asLong()));
    }
    problems().forEach(what -> text.append("NOT THE SAME: ").append(what).append('\n'));
    return text.toString();
  }

  /** Everything, for machines. */
  public String json() {
    ObjectNode root = JSON.createObjectNode();
    ObjectNode asked = root.putObject("settings");
    asked.put("seed", settings.seed());
    asked.put("rounds", settings.rounds());
    asked.put("conversations", settings.conversations());
    asked.put("calmSeconds", settings.baseline().toSeconds());
    asked.put("lagSeconds", settings.lag().toSeconds());
    ObjectNode job = asked.putObject("job");
    settings.job().forEach(job::put);
    root.put("roundsOver", rounds.size());
    root.put("same", same());
    root.put("conversations", judgement.conversations().size());
    root.put("answers", answers());
    root.put("answersNotTheSame", judgement.other());
    root.put("framesLost", lost(judgement.answers()));
    root.put("framesTwice", twice(judgement.answers()));
    double[] first = undisturbedFirstAudio();
    ArrayNode each =
        root.putObject("firstAudioMillis")
            .put("answers", first.length)
            .put("p50", percentile(first, 0.5))
            .put("p90", percentile(first, 0.9))
            .put("p99", percentile(first, 0.99))
            .putArray("each");
    Arrays.stream(first).forEach(each::add);
    ArrayNode list = root.putArray("rounds");
    for (FaultRound round : rounds) {
      ObjectNode entry = list.addObject();
      List<Comparison.Compared> met = met(round);
      entry.put("fault", round.fault().toString());
      entry.put("midSentence", round.midSentence());
      round.noticedMillis().ifPresent(millis -> entry.put("noticedMillis", millis));
      ArrayNode back = entry.putArray("voiceBackMillis");
      Arrays.stream(voiceBack(round, judgement.heard())).forEach(back::add);
      ArrayNode meanwhile = entry.putArray("askedMeanwhileFirstAudioMillis");
      Arrays.stream(askedMeanwhile(round, judgement.heard())).forEach(meanwhile::add);
      ArrayNode silence = entry.putArray("silenceHeardMillis");
      Arrays.stream(silence(met)).forEach(silence::add);
      entry.put("framesLost", lost(met));
      entry.put("framesTwice", twice(met));
      entry.put("duplicates", round.duplicates());
      entry.put("answersNotTheSame", other(met));
    }
    ArrayNode statistics = root.putArray("checkpoints");
    checkpoints.forEach(life -> statistics.add(life.path("summary")));
    ArrayNode words = root.putArray("problems");
    problems().forEach(words::add);
    return root.toPrettyString();
  }

  private String row(String name, List<FaultRound> those) {
    List<ReceivedAnswer> heard = judgement.heard();
    List<Comparison.Compared> met =
        those.stream().flatMap(round -> met(round).stream()).distinct().toList();
    return String.format(
        Locale.ROOT,
        COLUMNS,
        name,
        those.size(),
        those.stream().mapToInt(FaultRound::midSentence).sum(),
        spread(
            those.stream()
                .filter(round -> round.noticedMillis().isPresent())
                .mapToDouble(round -> round.noticedMillis().getAsLong())
                .toArray()),
        spread(those.stream().flatMapToDouble(r -> Arrays.stream(voiceBack(r, heard))).toArray()),
        spread(
            those.stream().flatMapToDouble(r -> Arrays.stream(askedMeanwhile(r, heard))).toArray()),
        spread(silence(met)),
        lost(met),
        twice(met),
        those.stream().mapToLong(FaultRound::duplicates).sum(),
        other(met));
  }

  /** For all that were owed audio at the fault: when it came, in milliseconds after the fault. */
  private static double[] voiceBack(FaultRound round, List<ReceivedAnswer> heard) {
    long underWay = round.at() + FaultRound.UNDER_WAY.toNanos();
    return heard.stream()
        .filter(answer -> answer.askedAt() < round.at() && answer.firstAudioAfter(underWay) >= 0)
        .mapToDouble(answer -> (answer.voiceBackAfter(round.at()) - round.at()) / 1e6)
        .toArray();
  }

  /** For all who asked while others were not heard yet: their first audio, after their question. */
  private static double[] askedMeanwhile(FaultRound round, List<ReceivedAnswer> heard) {
    return heard.stream()
        .filter(answer -> answer.askedAt() >= round.at() && answer.askedAt() < round.over())
        .mapToDouble(ReceivedAnswer::firstAudioMillis)
        .filter(millis -> millis >= 0)
        .toArray();
  }

  /** Answers whose question or audio fell into a round. */
  private List<Comparison.Compared> met(FaultRound round) {
    return judgement.answers().stream()
        .filter(
            each ->
                each.heard().beganAt() <= round.over() && each.heard().lastAudioAt() >= round.at())
        .toList();
  }

  private static double[] silence(List<Comparison.Compared> met) {
    return met.stream().mapToDouble(each -> each.heard().silenceMillis()).toArray();
  }

  private static long lost(List<Comparison.Compared> met) {
    return met.stream().mapToLong(each -> each.verdict().framesLost()).sum();
  }

  private static long twice(List<Comparison.Compared> met) {
    return met.stream().mapToLong(each -> each.verdict().framesTwice()).sum();
  }

  private static long other(List<Comparison.Compared> met) {
    return met.stream().filter(each -> !each.verdict().same()).count();
  }

  private double[] undisturbedFirstAudio() {
    List<Comparison.Compared> met = rounds.stream().flatMap(round -> met(round).stream()).toList();
    return judgement.answers().stream()
        .filter(each -> !met.contains(each))
        .mapToDouble(each -> each.heard().firstAudioMillis())
        .filter(millis -> millis >= 0)
        .sorted()
        .toArray();
  }

  private static String spread(double[] values) {
    if (values.length == 0) {
      return "-";
    }
    Arrays.sort(values);
    return String.format(
        Locale.ROOT, "%.0f, %.0f", percentile(values, 0.5), values[values.length - 1]);
  }

  /** NaN of no values. */
  private static double percentile(double[] values, double share) {
    return values.length == 0 ? Double.NaN : Percentiles.percentile(values, share);
  }
}
