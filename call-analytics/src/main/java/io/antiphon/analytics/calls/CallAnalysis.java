package io.antiphon.analytics.calls;

import io.antiphon.analytics.Interval;
import io.antiphon.analytics.Participant;
import io.antiphon.analytics.Word;
import io.antiphon.analytics.figures.CallFigures;
import io.antiphon.analytics.figures.FiguresAccumulator;
import io.antiphon.analytics.figures.Loudness;
import io.antiphon.analytics.redaction.RedactedText;
import io.antiphon.analytics.redaction.Redactor;
import io.antiphon.analytics.rules.CategoryMatch;
import io.antiphon.analytics.rules.RuleEvaluator;
import io.antiphon.analytics.rules.RuleSet;
import io.antiphon.analytics.rules.SpokenUtterance;
import io.antiphon.analytics.sentiment.Sentiment;
import io.antiphon.analytics.sentiment.SentimentTrack;
import io.antiphon.analytics.sentiment.Vader;
import io.antiphon.analytics.speech.ChannelCheck;
import io.antiphon.analytics.speech.GatedFrame;
import io.antiphon.analytics.speech.RoleCheck;
import io.antiphon.analytics.speech.SpeechFrame;
import io.antiphon.analytics.speech.SpeechTracker;
import io.antiphon.analytics.speech.Utterance;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Analyses one call while it lasts.
 *
 * <p>Frames of the speech detector come in, channel by channel in order; utterances go out to a
 * recogniser; their texts come back in any order; transcript, matched categories and in the end the
 * summary go out. Transcript and summary depend on frames, texts and events in media time alone,
 * not on how they were interleaved.
 *
 * <p>For one thread. Memory grows with what was said, not with silence.
 */
public final class CallAnalysis {
  private static final long RULES_EVERY_MILLIS = 1000;

  /** Takes what is found while the call lasts. */
  public interface Listener {
    /** A stretch to be recognised; its text is awaited by {@link #text}. */
    void utterance(Utterance utterance);

    /** A final utterance, in the order of their ends. */
    void transcript(TranscriptSegment segment);

    /** A category fits for the first time. */
    void category(CategoryMatch match);
  }

  private final CallStart start;
  private final RuleSet rules;
  private final Listener listener;
  private final SpeechTracker tracker;
  private final FiguresAccumulator figures;
  private final ChannelCheck channelCheck;
  private final RoleCheck roleCheck = new RoleCheck();
  private final Redactor redactor;
  private final RuleEvaluator evaluator;
  private final TextOrder order = new TextOrder();
  private final List<Loudness> loudness = new ArrayList<>();
  private final List<SentimentTrack> sentiments = new ArrayList<>();
  private final List<TranscriptSegment> transcript = new ArrayList<>();
  private final List<String> actions = new ArrayList<>();
  private final long[] known;
  private final long[] talkSince;
  private final boolean[] ended;
  private boolean hold;
  private boolean paused;
  private long rulesReached;
  private String issue = "";
  private long lostMillis;
  private int lateChunks;
  private int failedUtterances;
  private long duration = -1;
  private String endReason = "";

  public CallAnalysis(
      CallStart start, AnalysisSettings settings, RuleSet rules, Listener listener) {
    int channels = start.participants().size();
    this.start = start;
    this.rules = rules;
    this.listener = listener;
    this.figures = new FiguresAccumulator(channels, settings.figures());
    this.channelCheck = new ChannelCheck(channels);
    this.redactor = new Redactor(settings.names());
    this.evaluator = new RuleEvaluator(rules, start.participants());
    this.known = new long[channels];
    this.talkSince = new long[channels];
    this.ended = new boolean[channels];
    for (int channel = 0; channel < channels; channel++) {
      loudness.add(new Loudness());
      sentiments.add(new SentimentTrack());
      talkSince[channel] = -1;
    }
    this.tracker = new SpeechTracker(channels, settings.speech(), new Tracking());
  }

  /** Takes a channel's next frame. While the call is on hold nothing counts as speech. */
  public void frame(int channel, SpeechFrame frame) {
    boolean silent = (hold || paused) && frame.probability() > 0;
    tracker.frame(
        channel,
        silent
            ? new SpeechFrame(frame.beginMillis(), frame.endMillis(), 0, frame.energy())
            : frame);
    progress();
  }

  /** Audio of the channel that never came: a gap in its frames. */
  public void lost(int channel, long beginMillis, long endMillis) {
    lostMillis += endMillis - beginMillis;
    frame(channel, SpeechFrame.gap(beginMillis, endMillis));
  }

  /** A piece of audio came too late. */
  public void late() {
    lateChunks++;
  }

  /** From this media time on the call is on hold, or no longer; a repetition says nothing. */
  public void hold(long millis, boolean begins) {
    if (hold != begins) {
      hold = begins;
      figures.hold(Math.max(millis, figures.frontier()), begins);
    }
  }

  /** From this media time on nothing is recorded, or something again. */
  public void pause(long millis, boolean begins) {
    if (paused != begins) {
      paused = begins;
      figures.pause(Math.max(millis, figures.frontier()), begins);
    }
  }

  /** A tool was called in the call. */
  public void action(String name) {
    actions.add(name);
  }

  /**
   * The text of an utterance.
   *
   * @param words what was recognised; null if that failed
   */
  public void text(int channel, int number, @Nullable List<Word> words) {
    order.recognised(channel, number, words);
    release();
    progress();
  }

  /** What a running utterance's text may tell, see {@link Redactor#redactPartial}. */
  public String partial(int channel, String text) {
    return redactor.redactPartial(channel, text);
  }

  /** No frame of the channel follows. */
  public void endChannel(int channel) {
    if (!ended[channel]) {
      ended[channel] = true;
      tracker.end(channel);
      progress();
    }
  }

  /** The call is over; texts may still come. */
  public void end(long durationMillis, String reason) {
    duration = Math.max(durationMillis, figures.frontier());
    endReason = reason;
    for (int channel = 0; channel < ended.length; channel++) {
      endChannel(channel);
    }
    release();
  }

  /** Live figures: those of a call that ends at the frontier. */
  public CallFigures figures() {
    return figures.figures();
  }

  /** Where the channel's utterance that goes on began; -1 if none does. */
  public long openSince(int channel) {
    return tracker.openSince(channel);
  }

  /** Before this media time it is certain where the channel talks. */
  public long knownUntil(int channel) {
    return known[channel];
  }

  /** The summary, once the call is over and all texts have come; to be asked once. */
  public Optional<CallSummary> summary() {
    if (duration < 0 || !order.isEmpty()) {
      return Optional.empty();
    }
    CallFigures closed = figures.close(duration);
    evaluator.figures(closed);
    evaluator.end(duration);
    evaluator.newMatches().forEach(listener::category);
    List<ParticipantSummary> participants = new ArrayList<>();
    for (Participant participant : start.participants()) {
      int channel = participant.channel();
      participants.add(
          new ParticipantSummary(
              participant.participantId(),
              participant.role(),
              closed.channels().get(channel),
              closed.channels().get(channel).wordsPerMinute(),
              sentiments.get(channel).overall(),
              sentiments.get(channel).quarters(),
              List.copyOf(channelCheck.findings(channel))));
    }
    List<CategoryMatch> categories = evaluator.matches();
    return Optional.of(
        new CallSummary(
            start.callId(),
            start.startedAt(),
            start.attributes(),
            endReason,
            closed,
            participants,
            roleCheck.seemSwapped(start.participants()),
            categories,
            rules.version(),
            "",
            lostMillis,
            lateChunks,
            failedUtterances,
            issue,
            actions,
            SummaryText.of(closed, participants, issue, actions, categories),
            transcript));
  }

  private void release() {
    long[] endsFrom = new long[known.length];
    for (int channel = 0; channel < known.length; channel++) {
      endsFrom[channel] = ended[channel] && duration >= 0 ? Long.MAX_VALUE : known[channel];
    }
    for (TextOrder.Recognised text : order.ready(endsFrom)) {
      release(text);
    }
  }

  private void release(TextOrder.Recognised recognised) {
    Utterance utterance = recognised.utterance();
    int channel = utterance.channel();
    List<Word> words = recognised.words();
    if (words == null) {
      failedUtterances++;
      return;
    }
    RedactedText redacted = redactor.redact(channel, utterance.interval(), words);
    Sentiment sentiment = Vader.DEFAULT.sentiment(redacted.text());
    String role = start.participants().get(channel).role();
    TranscriptSegment segment =
        new TranscriptSegment(
            channel,
            role,
            utterance.number(),
            utterance.interval(),
            redacted.text(),
            redacted.words(),
            sentiment.score(),
            sentiment.words(),
            recognised.loudness(),
            redacted.spans(),
            redacted.sound());
    transcript.add(segment);
    figures.words(channel, words.size());
    if (!words.isEmpty()) {
      sentiments
          .get(channel)
          .utterance(
              utterance.interval().beginMillis(),
              utterance.interval().endMillis(),
              sentiment.score());
    }
    roleCheck.text(channel, redacted.text());
    if (issue.isEmpty() && role.equals(Participant.CUSTOMER) && words.size() >= 3) {
      issue = redacted.text();
    }
    listener.transcript(segment);
    evaluator.utterance(
        new SpokenUtterance(role, utterance.interval(), redacted.words(), sentiment.score()));
    evaluator.newMatches().forEach(listener::category);
  }

  /** Judges by what has become known. */
  private void progress() {
    release();
    long reached = Long.MAX_VALUE;
    for (int channel = 0; channel < known.length; channel++) {
      long text = known[channel];
      long open = tracker.openSince(channel);
      long awaited = order.awaitedSince(channel);
      text = open >= 0 ? Math.min(text, open) : text;
      text = awaited >= 0 ? Math.min(text, awaited) : text;
      reached = Math.min(reached, text);
    }
    if (reached >= rulesReached + RULES_EVERY_MILLIS && !rules.categories().isEmpty()) {
      rulesReached = reached;
      evaluator.reached(reached);
      evaluator.figures(figures.figures());
      evaluator.newMatches().forEach(listener::category);
    }
  }

  private final class Tracking implements SpeechTracker.Listener {
    @Override
    public void frame(int channel, GatedFrame frame) {
      channelCheck.frame(channel, frame.frame());
      loudness.get(channel).frame(frame.frame().beginMillis(), frame.frame().energy());
    }

    @Override
    public void talkBegan(int channel, long millis) {
      talkSince[channel] = millis;
      figures.talkBegins(channel, millis);
    }

    @Override
    public void talkEnded(int channel, Interval segment) {
      // Counted already as far as it was known.
      loudness.get(channel).speech(new Interval(talkSince[channel], segment.endMillis()));
      talkSince[channel] = -1;
      figures.talkEnds(channel, segment.endMillis());
    }

    @Override
    public void known(int channel, long millis) {
      if (talkSince[channel] >= 0 && millis > talkSince[channel]) {
        loudness.get(channel).speech(new Interval(talkSince[channel], millis));
        talkSince[channel] = millis;
      } else if (talkSince[channel] < 0) {
        loudness.get(channel).known(millis);
      }
      known[channel] = Math.max(known[channel], millis);
      figures.known(channel, millis);
    }

    @Override
    public void utterance(Utterance utterance) {
      // Now: what is said later in the same second is another utterance's.
      order.await(utterance, loudness.get(utterance.channel()).scores(utterance.interval()));
      listener.utterance(utterance);
    }
  }
}
