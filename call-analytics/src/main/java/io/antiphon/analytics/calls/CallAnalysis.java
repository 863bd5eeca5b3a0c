package io.antiphon.analytics.calls;

import io.antiphon.analytics.Interval;
import io.antiphon.analytics.Participant;
import io.antiphon.analytics.Word;
import io.antiphon.analytics.figures.CallFigures;
import io.antiphon.analytics.figures.FiguresAccumulator;
import io.antiphon.analytics.figures.Interruption;
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
import io.antiphon.analytics.speech.PartialText;
import io.antiphon.analytics.speech.RoleCheck;
import io.antiphon.analytics.speech.SpeechFrame;
import io.antiphon.analytics.speech.SpeechTracker;
import io.antiphon.analytics.speech.Utterance;
import io.antiphon.analytics.state.StateData;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
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
  /** Media time between two looks of the rules at the figures. */
  static final long RULES_EVERY_MILLIS = 1000;

  /**
   * How much of an answer may be heard before {@link #spoken} tells of it; so far are figures of a
   * call that is answered behind its sound where nothing is told.
   */
  public static final long LONGEST_ANSWER_MILLIS = 30_000;

  private static final int VERSION = 3;

  /** Takes what is found while the call lasts. */
  public interface Listener {
    /** A stretch to be recognised; its text is awaited by {@link #text}. */
    void utterance(Utterance utterance);

    /**
     * What was said of an utterance up to now, {@code soFar}, is to be recognised; its text is
     * awaited by {@link #partial(int, int, long, String)}.
     */
    default void partialUtterance(Utterance soFar) {}

    /**
     * A final utterance, in the order of their ends.
     *
     * @param revision counts what was told of the utterance from 0
     */
    void transcript(TranscriptSegment segment, int revision);

    /**
     * The begin of an utterance that goes on, redacted: the words that are certain by now.
     *
     * @param revision counts what was told of the utterance from 0
     */
    default void partial(Utterance soFar, int revision, String text) {}

    /** Where the call stands, each {@link AnalysisSettings#momentMillis()} of media time. */
    default void moment(CallMoment moment) {}

    /** A category fits for the first time. */
    void category(CategoryMatch match);

    /** The same utterance as {@link #transcript} before redaction, right before it. */
    default void original(TranscriptSegment segment) {}

    /**
     * An interruption is over.
     *
     * @param number counts the call's interruptions from 0 in the order in which they are known
     */
    default void interruption(int number, Interruption interruption) {}

    /**
     * Nobody has talked for longer than {@code nonTalkMillis}.
     *
     * @param number counts the call's stretches from 0
     * @param endMillis its end; -1 while it goes on
     */
    default void nonTalk(int number, long beginMillis, long endMillis) {}
  }

  /**
   * @param until utterances that end by then belong to what was known
   */
  private record Moment(CallFigures figures, long until) {}

  private record Ahead(long endMillis, int channel, int words) {}

  private final CallStart start;
  private final RuleSet rules;
  private final Listener listener;
  private final SpeechTracker tracker;
  private final FiguresAccumulator figures;
  private final ChannelCheck channelCheck;
  private final RoleCheck roleCheck = new RoleCheck();
  private final Redactor redactor;
  private final RuleEvaluator evaluator;
  private final TextOrder order;
  private final List<Loudness> loudness = new ArrayList<>();
  private final List<SentimentTrack> sentiments = new ArrayList<>();
  private final List<TranscriptSegment> transcript = new ArrayList<>();
  private final List<String> actions = new ArrayList<>();
  private final List<Interruption> toldInterruptions = new ArrayList<>();

  /** The channel that is told and not heard; -1: all are heard. */
  private final int answering;

  /** Up to where frames came. */
  private long position;

  /** Stretches of speech that were told. */
  private int spoken;

  /**
   * Words of utterances that ended behind the figures: those of a call that is answered are known
   * later than its texts.
   */
  private final Deque<Ahead> ahead = new ArrayDeque<>();

  private final long nonTalkMillis;
  private final long momentMillis;
  private final long partialMillis;
  private final boolean textsAlone;

  /** Figures of points in media time before which not everything is written down yet. */
  private final Deque<Moment> moments = new ArrayDeque<>();

  private long nextMoment;
  private final int[] words;
  private final List<Partials> partials = new ArrayList<>();
  private int toldNonTalk;
  private boolean nonTalkGoesOn;
  private final long[] known;
  private final long[] talkSince;
  private final boolean[] ended;
  private final MediaSwitch hold = new MediaSwitch();
  private final MediaSwitch pause = new MediaSwitch();
  private String issue = "";
  private long lostMillis;
  private int lateChunks;
  private int failedUtterances;
  private long duration = -1;
  private String endReason = "";

  public CallAnalysis(
      CallStart start, AnalysisSettings settings, RuleSet rules, Listener listener) {
    int channels = start.participants().size();
    int heard = start.heardChannels();
    this.start = start;
    this.answering = start.answered() ? heard : -1;
    this.order = new TextOrder(settings.speech());
    this.rules = rules;
    this.listener = listener;
    this.figures = new FiguresAccumulator(channels, settings.figures());
    this.nonTalkMillis = settings.figures().nonTalkMillis();
    this.momentMillis = settings.momentMillis();
    this.partialMillis = settings.partialMillis();
    this.textsAlone = settings.textsAlone();
    this.nextMoment = rules.categories().isEmpty() ? momentMillis : RULES_EVERY_MILLIS;
    this.words = new int[channels];
    this.channelCheck = new ChannelCheck(heard);
    this.redactor = new Redactor(settings.names());
    this.evaluator = new RuleEvaluator(rules, start.participants());
    this.known = new long[channels];
    this.talkSince = new long[channels];
    this.ended = new boolean[channels];
    for (int channel = 0; channel < channels; channel++) {
      loudness.add(new Loudness());
      sentiments.add(new SentimentTrack());
      partials.add(new Partials());
      talkSince[channel] = -1;
    }
    this.tracker = new SpeechTracker(heard, settings.speech(), new Tracking());
  }

  /** Takes a channel's next frame. What begins in a hold or a pause is no speech. */
  public void frame(int channel, SpeechFrame frame) {
    boolean silent =
        (hold.at(frame.beginMillis()) || pause.at(frame.beginMillis())) && frame.probability() > 0;
    tracker.frame(
        channel,
        silent
            ? new SpeechFrame(frame.beginMillis(), frame.endMillis(), 0, frame.energy())
            : frame);
    position = Math.max(position, frame.endMillis());
    if (answering >= 0) {
      answeringKnown(position - LONGEST_ANSWER_MILLIS);
    }
    progress();
  }

  /**
   * Speech of the participant that is not heard ends here. What was said is awaited by {@link
   * #text} with the channel behind those that are heard. What lies before the last such stretch, or
   * more than {@link #LONGEST_ANSWER_MILLIS} back, is cut off.
   *
   * @param endMillis where the sound of the call is when this is told: not before its last frame
   * @param lengthMillis of the speech
   * @return the utterance's number; -1: nothing of it is left, or it lies in a pause of the
   *     recording
   */
  public int spoken(long endMillis, long lengthMillis) {
    long end = Math.max(endMillis, position);
    long begin = Math.max(known[answering], end - lengthMillis);
    if (begin >= end) {
      return -1;
    }
    figures.talkBegins(answering, begin);
    figures.talkEnds(answering, end);
    answeringKnown(end);
    boolean paused =
        pause.until(end).stream()
            .anyMatch(each -> each.beginMillis() < end && each.endMillis() > begin);
    int number = -1;
    if (!paused) {
      number = spoken++;
      order.await(
          new Utterance(answering, number, new Interval(begin, end), Utterance.End.SILENCE),
          List.of());
    }
    progress();
    return number;
  }

  /** Audio of the channel that never came: a gap in its frames. */
  public void lost(int channel, long beginMillis, long endMillis) {
    lostMillis += endMillis - beginMillis;
    frame(channel, SpeechFrame.gap(beginMillis, endMillis));
  }

  /** Audio that never came; the silence in its place comes as frames. */
  public void lost(long millis) {
    lostMillis += millis;
  }

  /** A piece of audio came too late. */
  public void late() {
    lateChunks++;
  }

  /**
   * From this media time on the call is on hold, or no longer; a repetition says nothing, and what
   * is known already stays.
   *
   * @return the media time from which it counts; -1 for a repetition
   */
  public long hold(long millis, boolean begins) {
    long at = hold.change(Math.max(millis, figures.frontier()), begins);
    if (at >= 0) {
      figures.hold(at, begins);
    }
    return at;
  }

  /**
   * From this media time on nothing is recorded, or something again; as {@link #hold}.
   *
   * @return the media time from which it counts; -1 for a repetition
   */
  public long pause(long millis, boolean begins) {
    long at = pause.change(Math.max(millis, figures.frontier()), begins);
    if (at >= 0) {
      figures.pause(at, begins);
    }
    return at;
  }

  /** Whether nothing is recorded at this media time. */
  public boolean pausedAt(long millis) {
    return pause.at(millis);
  }

  /** The holds of a call that is as long. */
  public List<Interval> holds(long durationMillis) {
    return hold.until(durationMillis);
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
    order.recognised(channel, number, TextOrder.WHOLE, words);
    progress();
  }

  /**
   * The text of what was said of an utterance so far.
   *
   * @param endMillis where it ends
   * @param words what was recognised; null if that failed
   */
  public void partial(int channel, int number, long endMillis, @Nullable List<Word> words) {
    order.recognised(channel, number, endMillis, words);
    progress();
  }

  /** No frame of the channel follows. */
  public void endChannel(int channel) {
    if (!ended[channel]) {
      ended[channel] = true;
      if (channel != answering) {
        tracker.end(channel);
      }
      progress();
    }
  }

  /** The call is over; texts may still come. */
  public void end(long durationMillis, String reason) {
    duration = Math.max(durationMillis, figures.frontier());
    endReason = reason;
    if (answering >= 0) {
      answeringKnown(duration);
    }
    for (int channel = 0; channel < ended.length; channel++) {
      endChannel(channel);
    }
    release();
  }

  /** Live figures: those of a call that ends at the frontier. */
  public CallFigures figures() {
    return figures.figures().withWords(words);
  }

  /** Number of the channel's utterance that goes on or comes next. */
  public int openNumber(int channel) {
    return channel == answering ? spoken : tracker.openNumber(channel);
  }

  /** Where the channel's utterance that goes on began; -1 if none does. */
  public long openSince(int channel) {
    return channel == answering ? -1 : tracker.openSince(channel);
  }

  /** Before this media time it is certain where the channel talks. */
  public long knownUntil(int channel) {
    return known[channel];
  }

  /** Whether the call is over and all texts have come. */
  public boolean complete() {
    return duration >= 0 && order.isEmpty();
  }

  /** The utterances so far in the order in which they ended. */
  public List<TranscriptSegment> transcript() {
    return List.copyOf(transcript);
  }

  /** The summary, once all is {@link #complete}; to be asked once. Its text is the template's. */
  public Optional<CallSummary> summary() {
    if (!complete()) {
      return Optional.empty();
    }
    countWords(Long.MAX_VALUE);
    CallFigures closed = figures.close(duration).withWords(words);
    tellNonTalk(false);
    tellInterruptions();
    evaluator.figures(closed);
    evaluator.end(duration);
    evaluator.newMatches().forEach(listener::category);
    List<ParticipantSummary> participants = participants(closed, true);
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
            TextSource.TEMPLATE,
            0,
            transcript));
  }

  /**
   * @param whole with what is told of a whole call only
   */
  private List<ParticipantSummary> participants(CallFigures figures, boolean whole) {
    List<ParticipantSummary> participants = new ArrayList<>();
    for (Participant participant : start.participants()) {
      int channel = participant.channel();
      participants.add(
          new ParticipantSummary(
              participant.participantId(),
              participant.role(),
              figures.channels().get(channel),
              figures.channels().get(channel).wordsPerMinute(),
              sentiments.get(channel).overall(),
              whole ? sentiments.get(channel).quarters() : List.of(),
              whole ? findings(channel) : List.of()));
    }
    return participants;
  }

  /** They lie in the order in which they ended. */
  private void countWords(long untilMillis) {
    while (!ahead.isEmpty() && ahead.peek().endMillis() <= untilMillis) {
      Ahead next = ahead.poll();
      words[next.channel()] += next.words();
    }
  }

  private List<ChannelCheck.Finding> findings(int channel) {
    if (channel == answering) {
      return List.of();
    }
    return channelCheck.findings(channel).stream()
        .filter(each -> answering < 0 || each != ChannelCheck.Finding.MONO)
        .toList();
  }

  private void release() {
    long[] endsFrom = new long[known.length];
    for (int channel = 0; channel < known.length; channel++) {
      boolean over = ended[channel] && duration >= 0;
      long next = channel == answering ? position : tracker.endsFrom(channel);
      endsFrom[channel] = over ? Long.MAX_VALUE : next;
    }
    while (true) {
      Moment moment = moments.peek();
      long until = moment == null ? Long.MAX_VALUE : moment.until();
      TextOrder.Recognised text = order.next(endsFrom, until);
      if (text != null && text.utterance().end() == Utterance.End.OPEN) {
        releasePartial(text);
      } else if (text != null) {
        release(text);
      } else if (moment != null && order.complete(endsFrom, until)) {
        moments.poll();
        countWords(moment.figures().durationMillis());
        complete(moment.figures().withWords(words));
      } else {
        return;
      }
    }
  }

  /** All that ended before this point in media time is known. */
  private void complete(CallFigures here) {
    long millis = here.durationMillis();
    long reached = millis;
    for (int channel = 0; channel < known.length; channel++) {
      long open = openSince(channel);
      long awaited = order.awaitedSince(channel);
      reached = open >= 0 ? Math.min(reached, open) : reached;
      reached = awaited >= 0 ? Math.min(reached, awaited) : reached;
    }
    evaluator.reached(reached);
    evaluator.figures(here);
    evaluator.newMatches().forEach(listener::category);
    if (momentMillis > 0 && millis % momentMillis == 0) {
      List<Interval> holds = hold.until(millis);
      // A change at this very millisecond may be known by now or not.
      boolean onHold = !holds.isEmpty() && holds.get(holds.size() - 1).endMillis() == millis;
      listener.moment(
          new CallMoment(
              here,
              participants(here, false),
              evaluator.matches().stream().map(CategoryMatch::name).toList(),
              onHold,
              transcript,
              CallMoment.alerts(here, holds, transcript)));
    }
  }

  private void releasePartial(TextOrder.Recognised recognised) {
    Utterance soFar = recognised.utterance();
    List<Word> heard = recognised.words();
    Partials state = partials.get(soFar.channel());
    if (heard == null || soFar.number() != state.number) {
      return; // the whole was told already
    }
    state
        .text
        .heard(heard, soFar.interval().endMillis())
        .map(certain -> redactor.redactPartial(soFar.channel(), certain))
        .filter(told -> !told.isEmpty() && !told.equals(state.told))
        .ifPresent(
            told -> {
              state.told = told;
              listener.partial(soFar, state.revision++, told);
            });
  }

  private void release(TextOrder.Recognised recognised) {
    Utterance utterance = recognised.utterance();
    int channel = utterance.channel();
    List<Word> heard = recognised.words();
    int revision = partials.get(channel).next(utterance.number() + 1);
    if (heard == null) {
      failedUtterances++;
      return;
    }
    RedactedText redacted = redactor.redact(channel, utterance.interval(), heard);
    Sentiment sentiment = Vader.DEFAULT.sentiment(redacted.text());
    String role = start.participants().get(channel).role();
    listener.original(
        new TranscriptSegment(
            channel,
            role,
            utterance.number(),
            utterance.interval(),
            String.join(" ", heard.stream().map(Word::text).toList()),
            heard,
            sentiment.score(),
            sentiment.words(),
            recognised.loudness(),
            List.of(),
            List.of()));
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
    if (!textsAlone) {
      transcript.add(segment);
    }
    ahead.add(new Ahead(utterance.interval().endMillis(), channel, heard.size()));
    if (answering < 0) {
      countWords(Long.MAX_VALUE);
    }
    if (!heard.isEmpty() && !textsAlone) {
      sentiments
          .get(channel)
          .utterance(
              utterance.interval().beginMillis(),
              utterance.interval().endMillis(),
              sentiment.score());
    }
    roleCheck.text(channel, redacted.text());
    if (issue.isEmpty() && role.equals(Participant.CUSTOMER) && heard.size() >= 3) {
      issue = redacted.text();
    }
    listener.transcript(segment, revision);
    evaluator.utterance(
        new SpokenUtterance(role, utterance.interval(), redacted.words(), sentiment.score()));
    evaluator.newMatches().forEach(listener::category);
  }

  /** Before this it is certain where the participant that is not heard talks. */
  private void answeringKnown(long millis) {
    if (millis > known[answering]) {
      known[answering] = millis;
      takeMoments(answering);
      figures.known(answering, millis);
    }
  }

  /** The figures of each point in media time that the slowest channel has reached now. */
  private void takeMoments(int channel) {
    long frontier = Long.MAX_VALUE;
    for (long each : known) {
      frontier = Math.min(frontier, each);
    }
    while (nextMoment > 0 && nextMoment <= frontier) {
      figures.known(channel, nextMoment);
      moments.add(
          new Moment(
              figures.figures(), answering < 0 ? nextMoment : Math.max(nextMoment, position)));
      nextMoment += rules.categories().isEmpty() ? momentMillis : RULES_EVERY_MILLIS;
    }
  }

  /** Judges by what has become known. */
  private void progress() {
    release();
    tellNonTalk(true);
    tellInterruptions();
  }

  private void tellNonTalk(boolean goesOn) {
    for (Interval stretch : figures.nonTalk(toldNonTalk)) {
      listener.nonTalk(toldNonTalk++, stretch.beginMillis(), stretch.endMillis());
      nonTalkGoesOn = false;
    }
    long since = figures.quietSince();
    if (goesOn && !nonTalkGoesOn && since >= 0 && figures.frontier() - since > nonTalkMillis) {
      nonTalkGoesOn = true;
      listener.nonTalk(toldNonTalk, since, -1);
    }
  }

  private void tellInterruptions() {
    for (Interruption each : figures.interruptions(0)) {
      if (!toldInterruptions.contains(each)) {
        toldInterruptions.add(each);
        listener.interruption(toldInterruptions.size() - 1, each);
      }
    }
  }

  /**
   * Everything that later results depend on; whoever owns the analysis keeps its begin, settings
   * and rules.
   */
  public void save(DataOutput out) throws IOException {
    out.writeByte(VERSION);
    tracker.save(out);
    figures.save(out);
    channelCheck.save(out);
    roleCheck.save(out);
    redactor.save(out);
    evaluator.save(out);
    order.save(out);
    for (int channel = 0; channel < known.length; channel++) {
      loudness.get(channel).save(out);
      sentiments.get(channel).save(out);
      out.writeLong(known[channel]);
      out.writeLong(talkSince[channel]);
      out.writeBoolean(ended[channel]);
    }
    StateData.writeList(transcript, TranscriptSegment::write, out);
    StateData.writeList(actions, StateData::writeText, out);
    StateData.writeList(
        toldInterruptions,
        (each, to) -> {
          to.writeInt(each.byChannel());
          StateData.writeInterval(each.overlap(), to);
        },
        out);
    out.writeInt(toldNonTalk);
    out.writeBoolean(nonTalkGoesOn);
    hold.save(out);
    pause.save(out);
    StateData.writeList(moments, (each, to) -> CallFigures.write(each.figures(), to), out);
    out.writeLong(nextMoment);
    for (int channel = 0; channel < known.length; channel++) {
      out.writeInt(words[channel]);
      partials.get(channel).save(out);
    }
    StateData.writeText(issue, out);
    out.writeLong(lostMillis);
    out.writeInt(lateChunks);
    out.writeInt(failedUtterances);
    out.writeLong(duration);
    StateData.writeText(endReason, out);
    if (answering >= 0) { // no call of version 1 without it was answered
      out.writeLong(position);
      out.writeInt(spoken);
      for (Moment each : moments) {
        out.writeLong(each.until());
      }
      StateData.writeList(
          ahead,
          (each, to) -> {
            to.writeLong(each.endMillis());
            to.writeInt(each.channel());
            to.writeInt(each.words());
          },
          out);
    }
  }

  /**
   * Goes on where {@link #save} was called: all that follows is the same. To be called on a new one
   * of the same begin, settings and rules, before anything else; the listener hears nothing.
   *
   * @throws IOException when a later release wrote the state
   */
  public void load(DataInput in) throws IOException {
    int version = in.readUnsignedByte();
    if (version < 1 || version > VERSION) {
      throw new IOException("an analysis of version " + version + ", expected 1 to " + VERSION);
    }
    tracker.load(version, in);
    figures.load(in);
    channelCheck.load(in);
    roleCheck.load(in);
    redactor.load(in);
    evaluator.load(in);
    order.load(in);
    for (int channel = 0; channel < known.length; channel++) {
      loudness.get(channel).load(in);
      sentiments.get(channel).load(in);
      known[channel] = in.readLong();
      talkSince[channel] = in.readLong();
      ended[channel] = in.readBoolean();
    }
    transcript.addAll(StateData.readList(TranscriptSegment::read, in));
    actions.addAll(StateData.readList(StateData::readText, in));
    toldInterruptions.addAll(
        StateData.readList(
            from -> new Interruption(from.readInt(), StateData.readInterval(from)), in));
    toldNonTalk = in.readInt();
    nonTalkGoesOn = in.readBoolean();
    hold.load(in);
    pause.load(in);
    StateData.readList(CallFigures::read, in)
        .forEach(each -> moments.add(new Moment(each, each.durationMillis())));
    nextMoment = in.readLong();
    for (int channel = 0; channel < known.length; channel++) {
      words[channel] = in.readInt();
      partials.get(channel).load(in);
    }
    issue = StateData.readText(in);
    lostMillis = in.readLong();
    lateChunks = in.readInt();
    failedUtterances = in.readInt();
    duration = in.readLong();
    endReason = StateData.readText(in);
    if (answering >= 0) {
      position = in.readLong();
      spoken = in.readInt();
      for (int left = moments.size(); left > 0; left--) {
        moments.add(new Moment(moments.poll().figures(), in.readLong()));
      }
      ahead.addAll(
          StateData.readList(
              from -> new Ahead(from.readLong(), from.readInt(), from.readInt()), in));
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
      if (!textsAlone) {
        figures.talkBegins(channel, millis);
      }
    }

    @Override
    public void talkEnded(int channel, Interval segment) {
      // Counted already as far as it was known.
      loudness.get(channel).speech(new Interval(talkSince[channel], segment.endMillis()));
      talkSince[channel] = -1;
      if (!textsAlone) {
        figures.talkEnds(channel, segment.endMillis());
      }
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
      long open = tracker.openSince(channel);
      loudness.get(channel).forget(open >= 0 ? open : known[channel]);
      takeMoments(channel);
      figures.known(channel, millis);
      takePartial(channel);
    }

    private void takePartial(int channel) {
      long open = tracker.openSince(channel);
      if (partialMillis == 0 || open < 0) {
        return;
      }
      Partials state = partials.get(channel);
      if (state.asked < open) {
        state.asked = open;
      }
      while (state.asked + partialMillis <= known[channel]) {
        state.asked += partialMillis;
        Utterance soFar =
            new Utterance(
                channel,
                tracker.openNumber(channel),
                new Interval(open, state.asked),
                Utterance.End.OPEN);
        order.await(soFar, List.of());
        listener.partialUtterance(soFar);
      }
    }

    @Override
    public void utterance(Utterance utterance) {
      // Now: what is said later in the same second is another utterance's.
      order.await(utterance, loudness.get(utterance.channel()).scores(utterance.interval()));
      listener.utterance(utterance);
    }
  }

  /** What was asked for and told of a channel's utterance that goes on. */
  private static final class Partials {
    private PartialText text = new PartialText();

    /** Up to where its text was asked for. */
    private long asked;

    private int number;
    private int revision;
    private String told = "";

    /** Ends an utterance and says how often it was told of. */
    int next(int nextNumber) {
      int revisions = revision;
      text = new PartialText();
      number = nextNumber;
      revision = 0;
      told = "";
      return revisions;
    }

    void save(DataOutput out) throws IOException {
      text.save(out);
      out.writeLong(asked);
      out.writeInt(number);
      out.writeInt(revision);
      StateData.writeText(told, out);
    }

    void load(DataInput in) throws IOException {
      text.load(in);
      asked = in.readLong();
      number = in.readInt();
      revision = in.readInt();
      told = StateData.readText(in);
    }
  }
}
