package io.antiphon.cli;

import io.antiphon.client.Caller;
import io.antiphon.client.ConversationClient;
import io.antiphon.client.ConversationException;
import io.antiphon.client.Pace;
import io.antiphon.client.ScriptedDialogue;
import io.antiphon.schemas.AudioFormat;
import io.antiphon.schemas.ConversationStarted;
import io.antiphon.schemas.Mode;
import io.antiphon.serde.recording.ChannelSelection;
import io.antiphon.serde.recording.DifferentChannelsException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** One conversation through the whole dataflow. */
@Command(
    name = "talk",
    description = {
      "Sends recordings through Kafka and Flink and prints and writes the answer.",
      "Several recordings are the caller's turns of one conversation.",
      "Exit code 0 only if a complete answer came (a tool call without --result counts)."
    },
    mixinStandardHelpOptions = true)
final class TalkCommand implements Callable<Integer> {
  /**
   * @param name what it is called where it is told
   */
  private record Turn(String name, Recording recording) {}

  @Mixin private BrokerOptions broker;

  @Parameters(
      paramLabel = "QUESTION.wav",
      arity = "0..*",
      description = {
        "What the caller says, turn by turn: WAV, FLAC, Ogg Opus, and with ffmpeg any other;",
        "- is the standard input."
      })
  private List<Path> questions = List.of();

  @Option(
      names = "--channel",
      paramLabel = "CHANNEL",
      description = {
        "Where the caller speaks in recordings whose channels differ:",
        "left, right, or mix for all of them as one."
      })
  private @Nullable String channel;

  @Option(
      names = "--turns",
      paramLabel = "HOW",
      description = {
        "files (default): each recording is one turn;",
        "silence: a recording is cut into turns where the caller pauses for 0.7 s."
      },
      defaultValue = "files")
  private String turns;

  @Option(
      names = "--text",
      paramLabel = "TEXT",
      description = "A turn in writing, after the recordings.")
  private @Nullable String text;

  @Option(
      names = "--out",
      paramLabel = "ANSWER.wav",
      description = "Where the spoken answer goes, 24 kHz.")
  private @Nullable Path out;

  @Option(
      names = "--mode",
      paramLabel = "MODE",
      description = "speech (default), text, or transcription of what the caller says.",
      defaultValue = "speech")
  private String mode;

  @Option(
      names = "--instructions",
      paramLabel = "TEXT",
      description = "How to answer, behind the bundle's instruction for the mode.")
  private @Nullable String instructions;

  @Option(
      names = "--voice",
      paramLabel = "NAME",
      description = "Who answers, one of the bundle's voices; its first or only one if not given.")
  private @Nullable String voice;

  @Option(
      names = "--result",
      paramLabel = "TEXT",
      description = "What a called tool answers; the assistant then goes on.")
  private @Nullable String result;

  @Option(
      names = "--transcribe",
      description = "Also print what was understood of the caller's turns.")
  private boolean transcribe;

  @Option(
      names = "--real-time",
      description = "Send the recording as a microphone would, not as fast as possible.")
  private boolean realTime;

  @Option(
      names = "--timeout",
      paramLabel = "SECONDS",
      description = "How long nothing may come before giving up; ${DEFAULT-VALUE} if not given.",
      defaultValue = "60")
  private int timeout;

  @Option(names = "--json", description = "Print one JSON object instead.")
  private boolean json;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws Exception {
    if (questions.isEmpty() && text == null) {
      throw new InputException("nothing to say; expected a recording QUESTION.wav or --text");
    }
    Mode wanted = ConversationOptions.mode(mode, "--mode");
    ChannelSelection selection = selection();
    if (timeout < 1) {
      throw new InputException("--timeout is " + timeout + "; expected at least 1 second");
    }
    OutputFiles.requireWritable(out, "--out");
    List<Turn> spoken = turns(selection);

    PrintWriter progress = spec.commandLine().getErr();
    long begin = System.nanoTime();
    try (BrokerOptions.Connection connection = broker.connect(realTime, progress);
        ConversationClient client =
            new ConversationClient(connection.clientProperties(), connection.topics())) {
      double startupMillis = (System.nanoTime() - begin) / 1e6;
      TalkReport report = new TalkReport(spec.commandLine().getOut(), json, result != null);
      try {
        talk(client, wanted, spoken, report);
      } catch (ConversationException e) {
        report.failed(e);
        throw e;
      }
      report.speech(out);
      report.finish(startupMillis);
      return report.complete() ? 0 : CommandRunner.FAILED;
    }
  }

  private void talk(ConversationClient client, Mode wanted, List<Turn> spoken, TalkReport report)
      throws ConversationException, InterruptedException {
    AudioFormat format =
        spoken.isEmpty() ? new AudioFormat("pcm16", 16_000, 1) : spoken.get(0).recording().format();
    ConversationStarted start =
        ConversationOptions.start(
            wanted,
            format,
            Optional.ofNullable(instructions),
            Optional.empty(),
            Optional.ofNullable(voice),
            transcribe);
    String conversation = "talk-" + UUID.randomUUID();
    try (Caller caller = new Caller(client, conversation, start, Duration.ofSeconds(timeout))) {
      ScriptedDialogue dialogue = new ScriptedDialogue(caller, Optional.ofNullable(result));
      for (Turn turn : spoken) {
        Recording recording = turn.recording();
        report.turn(String.format(Locale.ROOT, "%s (%.1f s)", turn.name(), recording.seconds()));
        dialogue.say(recording.samples(), realTime ? Pace.REAL_TIME : Pace.IMMEDIATE, report);
      }
      if (text != null) {
        report.turn("\"" + text + "\"");
        dialogue.write(text, report);
      }
    }
  }

  private @Nullable ChannelSelection selection() {
    if (channel == null) {
      return null;
    }
    return ChannelSelection.of(channel)
        .orElseThrow(
            () ->
                new InputException(
                    "--channel is \"" + channel + "\"; expected " + ChannelSelection.EXPECTATION));
  }

  /** The caller's turns; what is wrong with a recording is noted. */
  private List<Turn> turns(@Nullable ChannelSelection selection) {
    if (Collections.frequency(questions, Recording.STANDARD_INPUT) > 1) {
      throw new InputException("- is given twice; the standard input can be read but once");
    }
    boolean cut = cutsAtPauses();
    List<Turn> spoken = new ArrayList<>();
    for (Path question : questions) {
      Recording recording = read(question, selection);
      recording.notes().forEach(note -> note(question, note));
      SpokenStretches stretches = new SpokenStretches(recording);
      List<Recording> parts = cut ? stretches.turns() : List.of(recording);
      for (String pause : cut ? List.<String>of() : stretches.pauses()) {
        note(question, pause + "; it is one turn, and --turns silence makes several of it");
      }
      for (int part = 0; part < parts.size(); part++) {
        String name = parts.size() == 1 ? question.toString() : question + ", turn " + (part + 1);
        int rate =
            spoken.isEmpty() ? recording.sampleRate() : spoken.get(0).recording().sampleRate();
        spoken.add(new Turn(name, parts.get(part).at(rate)));
      }
    }
    return spoken;
  }

  private static Recording read(Path question, @Nullable ChannelSelection selection) {
    try {
      return Recording.read(question, selection);
    } catch (InputException e) {
      if (e.getCause() instanceof DifferentChannelsException) {
        throw new InputException(e.getMessage() + ", for example --channel left", e);
      }
      throw e;
    }
  }

  private boolean cutsAtPauses() {
    return switch (turns) {
      case "files" -> false;
      case "silence" -> true;
      default ->
          throw new InputException("--turns is \"" + turns + "\"; expected files or silence");
    };
  }

  private void note(Path question, String note) {
    PrintWriter err = spec.commandLine().getErr();
    err.println("Note: " + question + ": " + note);
    err.flush();
  }
}
