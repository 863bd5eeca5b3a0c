package io.antiphon.analytics.script;

import io.antiphon.analytics.Interval;
import io.antiphon.analytics.Participant;
import io.antiphon.analytics.Word;
import io.antiphon.analytics.figures.Interruption;
import io.antiphon.analytics.redaction.PersonalData;
import io.antiphon.analytics.script.CallScript.Line;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/**
 * Makes call scripts from a seed. Turns follow each other after a normal gap, with an early reply,
 * an interruption, a backchannel within them, a silence, or a hold.
 */
public final class CallScriptGenerator {
  private static final int AGENT = 0;
  private static final int CUSTOMER = 1;

  private static final String[] AGENT_SENTENCES = {
    "let me check that for you",
    "the bill is due on monday",
    "your appointment is at ten o'clock",
    "i can see the payment here",
    "that should work again within two hours",
    "we are open from nine to five",
    "i have sent you a new card",
    "is there anything else i can do",
    "the heating is set to twenty degrees",
    "i am sorry about the delay",
    "there was a fault in the network and a team is working on it",
    "you can change that in the application under settings",
    "i will put a note on your account so that it does not happen again",
    "a new contract would be five pounds cheaper",
    "that is no problem at all",
    "could you hold the line for one moment",
    "the first month is free of charge",
    "our technical support is there from eight in the morning",
    "i have blocked the card and a new one is on its way",
    "may i ask how long you have had the problem"
  };
  private static final String[] CUSTOMER_SENTENCES = {
    "my internet is down again", "i would like to know the balance of my savings account",
    "this is the second time i am calling about it", "i want to cancel my contract",
    "the light in the kitchen does not work", "when is my gas bill due",
    "that is great thank you very much", "i am not happy with the service at all",
    "can you tell me what i have to pay", "i have been waiting for half an hour",
    "there are two people in the house", "it was working fine until last week",
    "please book me an appointment on friday", "i think you charged me twice",
    "what happens if i am not at home", "one of your people told me something else",
    "i will think about it and call you back", "nobody told me about that",
    "it makes a noise like a duck", "i really need this by tomorrow",
    "the man who came on tuesday was very friendly", "how much is seven plus nine"
  };
  private static final String[] BACKCHANNELS = {"mhm", "okay", "right", "yes", "sure", "i see"};

  private final long seed;
  private final Random random;
  private final List<Line> lines = new ArrayList<>();
  private final List<Interval> holds = new ArrayList<>();
  private final List<Interruption> interruptions = new ArrayList<>();
  private int backchannels;
  private int earlyReplies;

  /** The last turn with a backchannel in it. */
  private @Nullable Line acknowledged;

  private CallScriptGenerator(long seed) {
    this.seed = seed;
    this.random = new Random(seed);
  }

  /**
   * A script.
   *
   * @param seed the same seed makes the same script
   * @param turns how many turns, without backchannels and what is said about planted data
   * @param planted how many pieces of personal data are given
   */
  public static CallScript script(long seed, int turns, int planted) {
    return new CallScriptGenerator(seed).make(turns, planted);
  }

  private CallScript make(int turns, int planted) {
    long now = 500 + random.nextInt(500);
    now = line(AGENT, now, open("thank you for calling how can i help you")).interval().endMillis();
    int channel = CUSTOMER;
    int left = planted;
    for (int turn = 0; turn < turns; turn++) {
      int due = planted == 0 ? 0 : (int) ((long) planted * (turn + 1) / turns) - (planted - left);
      for (; due > 0; due--, left--) {
        now = plant(now);
        channel = AGENT;
      }
      Line last = lines.get(lines.size() - 1);
      int way = random.nextInt(20);
      long begin;
      if (way < 3
          && last.channel() != channel
          && last != acknowledged
          && earliest(last, channel) < latest(last)) {
        now = interrupt(last, channel);
        channel = 1 - channel;
        continue;
      } else if (way < 5 && last.channel() != channel && last.interval().lengthMillis() > 1000) {
        begin = last.interval().endMillis() - 100 - random.nextInt(250);
        earlyReplies++;
      } else if (way == 5) {
        begin = now + 3500 + random.nextInt(5500);
      } else if (way == 6) {
        now = hold(now);
        begin = now + 300;
        channel = AGENT;
      } else {
        begin = now + 350 + random.nextInt(650);
      }
      Line line = line(channel, begin, sentences(channel));
      now = line.interval().endMillis();
      if (random.nextInt(5) == 0 && line.interval().lengthMillis() > 2500) {
        backchannel(line);
      }
      channel = 1 - channel;
    }
    lines.sort(Comparator.comparing(Line::interval));
    return new CallScript(
        seed,
        List.of(
            new Participant("agent-" + random.nextInt(50), Participant.AGENT, AGENT),
            new Participant("", Participant.CUSTOMER, CUSTOMER)),
        now + 1000 + random.nextInt(3000),
        lines,
        holds,
        interruptions,
        backchannels,
        earlyReplies);
  }

  private long plant(long from) {
    PersonalData kind = PlantedData.KINDS.get(random.nextInt(PlantedData.KINDS.size()));
    PlantedData data = PlantedData.of(kind, random);
    long now = from + 400 + random.nextInt(600);
    if (!data.question().isEmpty()) {
      now = line(AGENT, now, open(data.question())).interval().endMillis();
      now += 400 + random.nextInt(600);
    }
    boolean first = true;
    for (List<PlantedWord> words : data.utterances()) {
      if (!first) {
        now += 550 + random.nextInt(400);
        if (random.nextBoolean()) {
          now = line(AGENT, now, open("okay")).interval().endMillis() + 550;
        }
      }
      now = line(CUSTOMER, now, words, kind).interval().endMillis();
      first = false;
    }
    return now;
  }

  /** The running turn is cut off: the other one begins within it, and it stops a little later. */
  private long interrupt(Line running, int by) {
    long earliest = earliest(running, by);
    long begin = earliest + (long) (random.nextDouble() * (latest(running) - earliest));
    long stop = begin + 700 + random.nextInt(500);
    lines.remove(running);
    List<Word> words = new ArrayList<>();
    for (Word word : running.words()) {
      if (word.beginMillis() < stop) {
        words.add(new Word(word.text(), word.beginMillis(), Math.min(stop, word.endMillis())));
      }
    }
    lines.add(
        new Line(
            running.channel(),
            new Interval(running.interval().beginMillis(), stop),
            words,
            running.secret().subList(0, words.size()),
            running.data()));
    List<PlantedWord> said = new ArrayList<>(sentences(by));
    said.addAll(sentences(by));
    Line line = line(by, begin, said);
    interruptions.add(new Interruption(by, new Interval(begin, stop)));
    return line.interval().endMillis();
  }

  /** When the turn may be interrupted first: well within it, and as a new segment of the other. */
  private long earliest(Line running, int by) {
    long earliest = running.interval().beginMillis() + 1200;
    for (Line line : lines) {
      if (line.channel() == by) {
        earliest = Math.max(earliest, line.interval().endMillis() + 600);
      }
    }
    return earliest;
  }

  private static long latest(Line running) {
    return running.interval().beginMillis() + running.interval().lengthMillis() / 2;
  }

  private void backchannel(Line within) {
    long begin = within.interval().beginMillis() + 800 + random.nextInt(500);
    String word = BACKCHANNELS[random.nextInt(BACKCHANNELS.length)];
    line(1 - within.channel(), begin, open(word));
    lines.add(lines.size() - 2, lines.remove(lines.size() - 1)); // the turn stays the last one
    backchannels++;
    acknowledged = within;
  }

  private long hold(long now) {
    long end = line(AGENT, now + 400, open("please hold the line")).interval().endMillis() + 200;
    Interval hold = new Interval(end, end + 8000 + random.nextInt(22_000));
    holds.add(hold);
    return hold.endMillis();
  }

  private List<PlantedWord> sentences(int channel) {
    String[] sentences = channel == AGENT ? AGENT_SENTENCES : CUSTOMER_SENTENCES;
    StringBuilder text = new StringBuilder(sentences[random.nextInt(sentences.length)]);
    while (random.nextInt(5) < 2) {
      text.append(' ').append(sentences[random.nextInt(sentences.length)]);
    }
    return open(text.toString());
  }

  private static List<PlantedWord> open(String text) {
    List<PlantedWord> words = new ArrayList<>();
    for (String word : text.split(" ")) {
      words.add(new PlantedWord(word, false));
    }
    return words;
  }

  private Line line(int channel, long begin, List<PlantedWord> said, PersonalData... data) {
    List<Word> words = new ArrayList<>();
    List<Boolean> secret = new ArrayList<>();
    long now = begin;
    for (PlantedWord word : said) {
      long end = now + 90 + 45L * word.text().length() + random.nextInt(60);
      words.add(new Word(word.text(), now, end));
      secret.add(word.secret());
      now = end;
    }
    Line line = new Line(channel, new Interval(begin, now), words, secret, List.of(data));
    lines.add(line);
    return line;
  }
}
