package io.antiphon.gateway.realtime;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.antiphon.gateway.conversation.AnswerEnd;
import io.antiphon.gateway.conversation.AudioPiece;
import io.antiphon.gateway.conversation.CallListener;
import io.antiphon.gateway.conversation.CallRefusedException;
import io.antiphon.gateway.conversation.CallSession;
import io.antiphon.gateway.conversation.ConversationPort;
import io.antiphon.gateway.conversation.ConversationRequest;
import io.antiphon.gateway.conversation.HistoryItem;
import io.antiphon.gateway.conversation.HistoryItem.Role;
import io.antiphon.gateway.conversation.ResumePoint;
import io.antiphon.gateway.metrics.GatewayMetrics;
import io.antiphon.gateway.realtime.Item.Kind;
import io.antiphon.gateway.realtime.Item.Part;
import io.antiphon.gateway.realtime.Item.Status;
import io.antiphon.gateway.realtime.ResponseOutput.Cancelled;
import io.antiphon.gateway.security.SessionLease;
import io.antiphon.gateway.server.Connection;
import io.antiphon.gateway.server.SocketHandler;
import io.antiphon.gateway.server.Strand;
import io.antiphon.schemas.FinishReason;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One client's session: from the client's events to a conversation, and back. Owns the effective
 * configuration, the items, the open turn of the caller and the responses. The conversation begins
 * with the first audio, item or request, so that whatever configures it may come before.
 *
 * <p>Runs on the connection's strand.
 */
final class RealtimeSession implements SocketHandler {
  private static final Logger LOG = LoggerFactory.getLogger(RealtimeSession.class);
  private static final int NORMAL = 1000;
  private static final int GOING_AWAY = 1001;
  private static final int INTERNAL_ERROR = 1011;
  private static final int TRY_AGAIN_LATER = 1013;
  private static final int SHORTEST_COMMIT_MILLIS = 100;

  /** Finished answers that may still be truncated. */
  private static final int REMEMBERED_ANSWERS = 32;

  /** Responses out of band at once; each is a conversation of its own. */
  private static final int MOST_ASIDES = 4;

  private static final List<String> EVENTS =
      List.of(
          "session.update",
          "input_audio_buffer.append",
          "input_audio_buffer.commit",
          "input_audio_buffer.clear",
          "conversation.item.create",
          "conversation.item.retrieve",
          "conversation.item.truncate",
          "conversation.item.delete",
          "response.create",
          "response.cancel");

  private final Optional<ResumePoint> resumed;
  private final boolean mayComeAgain;
  private final SessionLease lease;
  private final ConversationPort conversations;
  private final SessionOptions options;
  private final GatewayMetrics metrics;
  private final ScheduledExecutorService clock;
  private final LongSupplier nanoTime;
  private final PlaybackEstimate playback = new PlaybackEstimate();
  private final ItemHistory history = new ItemHistory();
  private final Deque<String> committedItems = new ArrayDeque<>();
  private final Map<String, Long> millisOfItem = remembering();
  private final Map<Integer, String> userItemOfTurn = remembering();
  private final Set<String> givenCalls = new HashSet<>();
  private final Map<String, String> dataflowIds = new HashMap<>();
  private final Deque<ResponseOutput> requested = new ArrayDeque<>();
  private final Map<Integer, ResponseOutput> answering = new HashMap<>();
  private final Map<String, ResponseOutput> spokenAnswers = remembering();
  private final Map<String, AsideResponse> asides = new HashMap<>();
  private SessionConfiguration configuration;
  private @Nullable Connection connection;
  private @Nullable CallSession call;
  private @Nullable ScheduledFuture<?> expiry;
  private @Nullable ScheduledFuture<?> playedOut;
  private @Nullable AudioConversion input;
  private @Nullable AudioType conversationInput;
  private @Nullable AudioType conversationOutput;
  private @Nullable String speakingItem;
  private String suffix = "";
  private long expiresAt;
  private long bufferedBytes;
  private int events;
  private int userTurns;
  private int items;
  private int requests;
  private String firstRequest = "r";
  private int lastTurn = -1;

  /** The last turn that had begun when the caller spoke over it: the dataflow stopped it itself. */
  private int spokenOver = -1;

  private boolean over;

  /**
   * @param resumed where a client that goes on stood
   * @param mayComeAgain whether the conversation waits for a client whose connection breaks off
   * @param nanoTime tells the time by which answers are taken for played
   */
  RealtimeSession(
      SessionConfiguration configuration,
      Optional<ResumePoint> resumed,
      boolean mayComeAgain,
      SessionLease lease,
      ConversationPort conversations,
      SessionOptions options,
      GatewayMetrics metrics,
      ScheduledExecutorService clock,
      LongSupplier nanoTime) {
    this.configuration = configuration;
    this.resumed = resumed;
    this.mayComeAgain = mayComeAgain;
    this.lease = lease;
    this.conversations = conversations;
    this.options = options;
    this.metrics = metrics;
    this.clock = clock;
    this.nanoTime = nanoTime;
  }

  private static <K, V> Map<K, V> remembering() {
    return new LinkedHashMap<>() {
      @Override
      protected boolean removeEldestEntry(Map.Entry<K, V> eldest) {
        return size() > REMEMBERED_ANSWERS;
      }
    };
  }

  // ---- the connection

  @Override
  public void opened(Connection opened) {
    connection = opened;
    try {
      CallSession session = openConversation(opened);
      call = session;
      lease.conversation(session.conversationId());
      String id = session.conversationId();
      suffix = "_" + id.substring(Math.max(0, id.length() - 10));
    } catch (CallRefusedException e) {
      sendError("server_error", e.code(), e.getMessage(), null, null);
      close(TRY_AGAIN_LATER, e.getMessage());
      return;
    }
    long seconds = options.maximumSession().toSeconds();
    expiresAt = System.currentTimeMillis() / 1000 + seconds;
    expiry =
        clock.schedule(
            () -> opened.strand().force(() -> expire(seconds)), seconds, TimeUnit.SECONDS);
    send(e -> new ServerEvent.SessionCreated(e, describe()));
  }

  /**
   * The one that the client had, if it can be gone on with, else a new one: the client sees by its
   * id which.
   */
  private CallSession openConversation(Connection opened) throws CallRefusedException {
    String tenant = lease.principal().tenant();
    if (resumed.isPresent()) {
      try {
        CallSession session = conversations.resume(resumed.get(), opened.strand(), new Answers());
        ConversationRequest settings = session.settings();
        if (settings != null) {
          conversationInput = AudioType.of(settings.inputFormat());
          conversationOutput = AudioType.of(settings.outputFormat());
          configuration = configuration.withFormats(conversationInput(), conversationOutput());
        }
        lastTurn = resumed.get().turn();
        firstRequest = "s" + Long.toString(System.nanoTime(), Character.MAX_RADIX) + "_";
        return session;
      } catch (CallRefusedException e) {
        LOG.info("A client cannot go on: {}", e.getMessage());
      }
    }
    return conversations.open(tenant, opened.strand(), new Answers());
  }

  @Override
  public void text(String message) {
    if (over || call == null) {
      return;
    }
    String eventId = null;
    try {
      JsonNode node = Wire.read(message);
      Parameters event = Parameters.of(node);
      eventId = node.path("event_id").isTextual() ? node.path("event_id").textValue() : null;
      handle(event.requiredText("type"), event);
    } catch (RealtimeException e) {
      metrics.counter("realtime.errors", "code", e.code()).increment();
      sendError("invalid_request_error", e.code(), e.getMessage(), e.parameter(), eventId);
    }
  }

  @Override
  public void binary(byte[] bytes) {
    if (!over) {
      metrics.counter("realtime.errors", "code", "invalid_message_type").increment();
      sendError(
          "invalid_request_error",
          "invalid_message_type",
          "Invalid message: expected text with a JSON object, but got a binary message.",
          null,
          null);
    }
  }

  @Override
  public void closed(int code, String reason) {
    over = true;
    if (expiry != null) {
      expiry.cancel(false);
    }
    if (call != null) {
      if (mayComeAgain && code != NORMAL) {
        call.detach();
      } else {
        end(call);
      }
    }
    stopWaiting();
    endAsides();
    lease.close();
  }

  private void endAsides() {
    asides.values().forEach(AsideResponse::end);
    asides.clear();
  }

  private void expire(long seconds) {
    if (!over) {
      sendError(
          "invalid_request_error",
          "session_expired",
          "Your session hit the maximum duration of " + seconds / 60 + " minutes.",
          null,
          null);
      close(GOING_AWAY, "session expired");
    }
  }

  private void close(int code, String reason) {
    over = true;
    endAsides();
    stopWaiting();
    if (call != null) {
      end(call);
    }
    if (connection != null) {
      connection.close(code, reason);
    }
  }

  private void end(CallSession ending) {
    playback.end(nanoTime.getAsLong()).forEach(each -> ending.played(each.turn(), each.millis()));
    ending.end();
  }

  // ---- what the client plays

  /** Reports the answers that the client has played, and comes back for those that it plays. */
  private void reportPlayed() {
    if (over) {
      return;
    }
    long now = nanoTime.getAsLong();
    playback.whole(now).forEach(each -> call().played(each.turn(), each.millis()));
    stopWaiting();
    OptionalLong next = playback.nextNanos(now);
    if (next.isPresent() && connection != null) {
      Strand strand = connection.strand();
      try {
        playedOut =
            clock.schedule(
                () -> strand.force(this::reportPlayed), next.getAsLong(), TimeUnit.NANOSECONDS);
      } catch (RejectedExecutionException e) {
        LOG.debug("Conversation {}: the gateway shuts down", call().conversationId());
      }
    }
  }

  private void stopWaiting() {
    if (playedOut != null) {
      playedOut.cancel(false);
      playedOut = null;
    }
  }

  // ---- what the client sends

  private void handle(String type, Parameters event) throws RealtimeException {
    switch (type) {
      case "session.update" -> update(event);
      case "input_audio_buffer.append" -> append(event);
      case "input_audio_buffer.commit" -> commit();
      case "input_audio_buffer.clear" -> clear();
      case "conversation.item.create" -> createItem(event);
      case "conversation.item.retrieve" -> retrieveItem(event);
      case "conversation.item.truncate" -> truncateItem(event);
      case "conversation.item.delete" -> deleteItem(event);
      case "response.create" -> createResponse(event);
      case "response.cancel" -> cancelResponse(event);
      default -> throw event.value("type", type, EVENTS);
    }
  }

  private void update(Parameters event) throws RealtimeException {
    SessionConfiguration before = configuration;
    configuration = before.with(event.requiredObject("session"));
    if (call().started() && !configuration.equals(before)) {
      if (configuration.inputFormat() != before.inputFormat()) {
        input = conversion(configuration.inputFormat(), conversationInput());
      }
      call().update(settings());
    }
    send(e -> new ServerEvent.SessionUpdated(e, describe()));
  }

  private void append(Parameters event) throws RealtimeException {
    appendAudio(ItemReader.base64(event, "audio"), event, "audio");
  }

  private void appendAudio(byte[] bytes, Parameters event, String field) throws RealtimeException {
    AudioType type = configuration.inputFormat();
    if (bytes.length % type.bytesPerSample() != 0) {
      throw event.invalid(
          field,
          "Invalid '"
              + event.path(field)
              + "'. Expected whole 16-bit samples, but got "
              + bytes.length
              + " bytes.");
    }
    if (!configuration.turnDetection().automatic()
        && type.millis(bufferedBytes + bytes.length) > options.maximumBufferedAudio().toMillis()) {
      throw event.invalid(
          field,
          "The input audio buffer holds at most "
              + options.maximumBufferedAudio().toSeconds()
              + " seconds; commit or clear it.");
    }
    start();
    bufferedBytes += bytes.length;
    byte[] converted = input == null ? bytes : input.convert(bytes);
    if (converted.length > 0) {
      call().audio(converted);
    }
  }

  private void commit() throws RealtimeException {
    long millis = configuration.inputFormat().millis(bufferedBytes);
    if (millis < SHORTEST_COMMIT_MILLIS) {
      throw new RealtimeException(
          "input_audio_buffer_commit_empty",
          "Error committing input audio buffer: buffer too small. Expected at least "
              + SHORTEST_COMMIT_MILLIS
              + "ms of audio, but buffer only has "
              + millis
              + ".00ms of audio.",
          null);
    }
    call().endTurn();
    if (!configuration.turnDetection().automatic()) {
      millisOfItem.put(takeUserTurn(), millis);
    }
    bufferedBytes = 0;
  }

  private void clear() {
    bufferedBytes = 0;
    if (call().started()) {
      call().discardAudio();
    }
    send(ServerEvent.Cleared::new);
  }

  private void createItem(Parameters event) throws RealtimeException {
    Parameters written = event.requiredObject("item");
    ItemReader.Given given = ItemReader.read(written, "item_" + ++items + suffix);
    Item item = given.item();
    if (history.has(item.id())) {
      throw new RealtimeException(
          "item_create_duplicate_item_id",
          "Item with item_id '" + item.id() + "' already exists.",
          "item.id");
    }
    if (history.full()) {
      throw new RealtimeException(
          "too_many_items",
          "The conversation holds " + ItemHistory.MOST + " items; delete some.",
          "item");
    }
    String after = event.text("previous_item_id").orElse(null);
    if (after != null && !after.equals(HistoryItem.ROOT) && !history.has(after)) {
      throw new RealtimeException(
          "invalid_value",
          "Previous item with previous_item_id '" + after + "' not found.",
          "previous_item_id");
    }
    start();
    String last = history.last();
    if (after == null || after.equals(last)) {
      history.add(item);
    } else if (after.equals(HistoryItem.ROOT)) {
      history.addFirst(item);
    } else {
      history.addAfter(after, item);
    }
    tell(item, given.audio(), after == null || after.equals(last) ? null : after, written);
    String previous = history.before(item.id());
    send(e -> new ServerEvent.ItemAdded(e, previous, item.write()));
    send(e -> new ServerEvent.ItemDone(e, previous, item.write()));
  }

  /** Tells the dataflow of a client's item. */
  private void tell(Item item, List<byte[]> audio, @Nullable String after, Parameters written)
      throws RealtimeException {
    if (!audio.isEmpty()) {
      for (byte[] bytes : audio) {
        appendAudio(bytes, written, "content");
      }
      call().endTurn();
      committedItems.add(item.id());
      bufferedBytes = 0;
      return;
    }
    if (item instanceof Item.FunctionCall given) {
      givenCalls.add(given.callId());
    }
    if (item instanceof Item.FunctionCallOutput output && !givenCalls.contains(output.callId())) {
      call().toolResult(output.callId(), output.output());
      return;
    }
    if (item instanceof Item.Message message && message.text().isBlank()) {
      return;
    }
    call().addItem(item.history(), after == null ? null : dataflowIds.getOrDefault(after, after));
  }

  private void retrieveItem(Parameters event) throws RealtimeException {
    Item item = item(event, "item_retrieve_invalid_item_id");
    send(e -> new ServerEvent.ItemRetrieved(e, item.write()));
  }

  private void deleteItem(Parameters event) throws RealtimeException {
    Item item = item(event, "item_delete_invalid_item_id");
    history.remove(item.id());
    if (call().started()) {
      String known = dataflowIds.remove(item.id());
      call().removeItem(known == null ? item.id() : known);
    }
    send(e -> new ServerEvent.ItemDeleted(e, item.id()));
  }

  private void truncateItem(Parameters event) throws RealtimeException {
    Item item = item(event, "item_truncate_invalid_item_id");
    int index = event.integer("content_index", 0, Integer.MAX_VALUE).orElse(0);
    long asked =
        event
            .integer("audio_end_ms", 0, Integer.MAX_VALUE)
            .orElseThrow(() -> event.missing("audio_end_ms"));
    ResponseOutput answer = spokenAnswers.get(item.id());
    if (answer != null && item instanceof Item.Message message) {
      // Beyond the end is what a client says that goes by the clock: it heard all there was.
      long heard = Math.min(asked, answer.spoken().audioMillis());
      Status status = answer.over() ? message.status() : Status.IN_PROGRESS;
      history.replace(
          message.with(status, new Part(Kind.OUTPUT_AUDIO, answer.spoken().until(heard))));
      if (answer.turn() >= 0) {
        playback.told(answer.turn());
        call().played(answer.turn(), heard);
        // Of speech the dataflow knows already; its next answer may be under way.
        if (answer.turn() == lastTurn && answer.turn() != spokenOver && requested.isEmpty()) {
          call().interrupt(answer.turn());
        }
      }
    }
    send(e -> new ServerEvent.ItemTruncated(e, item.id(), index, asked));
  }

  private Item item(Parameters event, String code) throws RealtimeException {
    String id = event.requiredText("item_id");
    return history
        .find(id)
        .orElseThrow(
            () ->
                new RealtimeException(
                    code, "Item with item_id '" + id + "' not found.", "item_id"));
  }

  private void createResponse(Parameters event) throws RealtimeException {
    if (configuration.transcriptionOnly()) {
      throw new RealtimeException(
          "invalid_value", "A transcription session gives no responses.", "type");
    }
    String tag = firstRequest + requests;
    ResponseRequest request =
        ResponseRequest.read(event.object("response"), configuration, history, tag);
    Optional<ResponseOutput> running = running();
    if (!request.answer().outOfBand() && running.isPresent()) {
      throw new RealtimeException(
          "conversation_already_has_active_response",
          "Conversation already has an active response in progress: "
              + running.get().id()
              + ". Wait until the response is finished before creating a new one.",
          null);
    }
    requests++;
    start();
    ResponseOutput response = response(tag, request);
    response.begin();
    if (AsideResponse.answers(request.answer())) {
      beginAside(response, request);
      return;
    }
    requested.add(response);
    call().requestAnswer(request.answer());
  }

  private void beginAside(ResponseOutput response, ResponseRequest request) {
    if (asides.size() >= MOST_ASIDES || connection == null) {
      response.fail("too_many", "At most " + MOST_ASIDES + " responses out of band at once.");
      return;
    }
    String id = response.id();
    AsideResponse aside =
        new AsideResponse(response, conversationOutput(), () -> asides.remove(id));
    try {
      CallSession opened =
          conversations.open(lease.principal().tenant(), connection.strand(), aside);
      asides.put(id, aside);
      aside.begin(opened, settings(), request.answer());
    } catch (CallRefusedException e) {
      response.fail(e.code(), e.getMessage());
    }
  }

  private void cancelResponse(Parameters event) throws RealtimeException {
    Optional<String> id = event.text("response_id");
    AsideResponse aside = id.map(asides::get).orElse(null);
    if (aside != null) {
      aside.cancel();
      return;
    }
    Optional<ResponseOutput> running = id.isPresent() ? unfinished(id.get()) : running();
    if (running.isEmpty()) {
      throw new RealtimeException(
          "response_cancel_not_active", "Cancellation failed: no active response found", null);
    }
    if (running.get().turn() >= 0) {
      call().interrupt(running.get().turn());
    } else {
      call().interrupt(); // it has no number yet
    }
    running.get().cancel(Cancelled.CLIENT_CANCELLED);
  }

  /** The response that new ones would have to wait for. */
  private Optional<ResponseOutput> running() {
    return all().filter(r -> !r.over() && !r.outOfBand()).findFirst();
  }

  private Optional<ResponseOutput> unfinished(String id) {
    return all().filter(r -> !r.over() && r.id().equals(id)).findFirst();
  }

  private java.util.stream.Stream<ResponseOutput> all() {
    return java.util.stream.Stream.concat(answering.values().stream(), requested.stream());
  }

  // ---- the conversation

  /** Begins the conversation, once. */
  private void start() {
    if (call().started()) {
      return;
    }
    conversationInput = configuration.inputFormat();
    conversationOutput = configuration.outputFormat();
    call().start(settings());
  }

  private ConversationRequest settings() {
    return configuration.settings(
        lease.principal().tenant(), options.voices(), conversationInput(), conversationOutput());
  }

  private CallSession call() {
    if (call == null) {
      throw new IllegalStateException("no conversation was opened");
    }
    return call;
  }

  private AudioType conversationInput() {
    return conversationInput == null ? configuration.inputFormat() : conversationInput;
  }

  private AudioType conversationOutput() {
    return conversationOutput == null ? configuration.outputFormat() : conversationOutput;
  }

  private static @Nullable AudioConversion conversion(AudioType from, AudioType to) {
    return from == to ? null : new AudioConversion(from, to);
  }

  private ResponseOutput response(String name, ResponseRequest request) {
    return new ResponseOutput(
        "resp_" + name + suffix,
        "item_a" + name + suffix,
        call().conversationId(),
        request,
        history,
        this::send,
        conversion(conversationOutput(), request.format()));
  }

  /**
   * The caller's buffered audio becomes a user's message.
   *
   * @return its id
   */
  private String takeUserTurn() {
    String id = speakingItem == null ? nextUserItem() : speakingItem;
    speakingItem = null;
    committedItems.add(id);
    String previous = history.last();
    Item item =
        new Item.Message(id, Role.USER, Status.COMPLETED, List.of(new Part(Kind.INPUT_AUDIO, "")));
    history.add(item);
    send(e -> new ServerEvent.Committed(e, previous, id));
    send(e -> new ServerEvent.ItemAdded(e, previous, item.write()));
    send(e -> new ServerEvent.ItemDone(e, previous, item.write()));
    return id;
  }

  private String nextUserItem() {
    return "item_u" + userTurns++ + suffix;
  }

  // ---- what comes back

  private final class Answers implements CallListener {
    private long turnBegan;

    @Override
    public void speechStarted(long audioMillis) {
      turnBegan = audioMillis;
      String id = nextUserItem();
      speakingItem = id;
      send(e -> new ServerEvent.SpeechStarted(e, audioMillis, id));
      if (configuration.turnDetection().interruptResponse()) {
        spokenOver = lastTurn;
        playback.stopped();
        running().ifPresent(r -> r.cancel(Cancelled.TURN_DETECTED));
      }
    }

    @Override
    public void speechStopped(long audioMillis) {
      String id = speakingItem;
      if (id != null) {
        send(e -> new ServerEvent.SpeechStopped(e, audioMillis, id));
      }
    }

    @Override
    public void turnTaken(int turn, long audioMillis) {
      if (committedItems.isEmpty()) {
        long sent = configuration.inputFormat().millis(bufferedBytes);
        long spoken = audioMillis < 0 ? sent : Math.max(0, audioMillis - turnBegan);
        millisOfItem.put(takeUserTurn(), spoken);
      }
      lastTurn = Math.max(lastTurn, turn);
      bufferedBytes = 0;
      String id = committedItems.remove();
      userItemOfTurn.put(turn, id);
      dataflowIds.put(id, "item_u" + turn);
    }

    @Override
    public void noSpeech(int turn) {
      answerRefused(
          requested.isEmpty() ? "" : requested.element().tag(), "no_speech", "Nobody spoke.");
    }

    @Override
    public void answerRefused(String tag, String code, String message) {
      ResponseOutput response = requested(tag);
      if (response != null) {
        response.fail(code, message);
      }
    }

    @Override
    public void transcriptDelta(int turn, String text) {
      String id = userItemOfTurn.get(turn);
      if (id != null && !text.isEmpty()) {
        send(e -> new ServerEvent.TranscriptionDelta(e, id, 0, text));
      }
    }

    @Override
    public void transcript(int turn, String text) {
      String id = userItemOfTurn.get(turn);
      if (id == null) {
        return;
      }
      history
          .find(id)
          .ifPresent(
              item ->
                  history.replace(
                      ((Item.Message) item)
                          .with(Status.COMPLETED, new Part(Kind.INPUT_AUDIO, text))));
      Long millis = millisOfItem.remove(id);
      double seconds = millis == null ? 0 : millis / 1000.0;
      if (configuration.transcription() != null) {
        send(
            e ->
                new ServerEvent.TranscriptionCompleted(
                    e, id, 0, text, new ServerEvent.Duration("duration", seconds)));
      }
    }

    @Override
    public void answerStarted(int turn, @Nullable String tag) {
      lastTurn = Math.max(lastTurn, turn);
      if (configuration.transcriptionOnly()) {
        return;
      }
      ResponseOutput response = tag == null ? null : requested(tag);
      if (response == null) {
        if (!userItemOfTurn.containsKey(turn)) {
          timeoutTriggered();
        }
        response = response(String.valueOf(turn), ResponseRequest.automatic(configuration));
        response.started(turn);
        response.begin();
      } else {
        response.started(turn);
      }
      answering.put(turn, response);
      spokenAnswers.put(response.itemId(), response);
      dataflowIds.put(response.itemId(), "item_a" + turn);
    }

    @Override
    public void text(int turn, String text, long offsetMillis) {
      if (configuration.transcriptionOnly()) {
        transcriptDelta(turn, text);
        return;
      }
      ResponseOutput response = answering.get(turn);
      if (response != null) {
        response.text(text, offsetMillis);
      }
    }

    @Override
    public void audio(int turn, AudioPiece piece) {
      ResponseOutput response = answering.get(turn);
      if (response != null) {
        response.audio(piece, conversationOutput());
        if (response.speaks() && !response.over()) {
          playback.audio(turn, response.spoken().audioMillis(), nanoTime.getAsLong());
        }
      }
    }

    @Override
    public void toolCall(int turn, String callId, String name, String arguments) {
      ResponseOutput response = answering.get(turn);
      if (response != null) {
        response.toolCall(callId, name, arguments);
      }
    }

    @Override
    public void answerEnded(int turn, AnswerEnd end) {
      if (configuration.transcriptionOnly()) {
        transcribed(turn, end);
        return;
      }
      ResponseOutput response = answering.remove(turn);
      if (response != null) {
        metrics.counter("realtime.responses", "outcome", end.finishReason().name()).increment();
        response.end(end, Cancelled.TURN_DETECTED);
        playback.complete(turn);
        reportPlayed();
      }
      if (end.failure() != null) {
        failTranscription(turn, end.failure());
      }
    }

    /** In a transcription session the answer is the transcript. */
    private void transcribed(int turn, AnswerEnd end) {
      if (end.finishReason() == FinishReason.FAILED && end.failure() != null) {
        failTranscription(turn, end.failure());
      } else {
        transcript(turn, end.text());
      }
    }

    private void failTranscription(int turn, AnswerEnd.Failure failure) {
      String id = userItemOfTurn.get(turn);
      if (id != null && configuration.transcription() != null) {
        send(
            e ->
                new ServerEvent.TranscriptionFailed(
                    e,
                    id,
                    0,
                    new ServerEvent.ErrorBody(
                        "transcription_error", failure.code(), failure.message(), null, null)));
      }
    }

    @Override
    public void keyTaken(char key) {
      send(
          e ->
              new ServerEvent.KeyReceived(
                  e, String.valueOf(key), System.currentTimeMillis() / 1000));
    }

    @Override
    public void refused(String reason, long retryAfterMillis) {
      sendError(
          "server_error",
          "capacity",
          reason + "; try again in " + retryAfterMillis + " ms",
          null,
          null);
      close(TRY_AGAIN_LATER, reason);
    }

    @Override
    public void failed(String code, String message, boolean terminal) {
      if (!terminal) {
        // An error event ends the sessions of some clients; the conversation goes on.
        metrics.counter("conversation.notices", "code", code).increment();
        LOG.info("Conversation {}: {}: {}", call().conversationId(), code, message);
        return;
      }
      boolean idle = code.equals("idle-timeout");
      sendError(
          idle ? "invalid_request_error" : "server_error",
          idle ? "session_expired" : code,
          message,
          null,
          null);
      close(idle ? NORMAL : INTERNAL_ERROR, code);
    }

    @Override
    public void lost(String message) {
      sendError("server_error", "conversation_lost", message, null, null);
      close(INTERNAL_ERROR, "conversation lost");
    }

    /** The assistant speaks by itself, because nobody else did. */
    private void timeoutTriggered() {
      int idle = configuration.turnDetection().idleTimeoutMillis();
      if (idle > 0) {
        String id = nextUserItem();
        send(e -> new ServerEvent.TimeoutTriggered(e, turnBegan, turnBegan + idle, id));
      }
    }

    private @Nullable ResponseOutput requested(String tag) {
      for (ResponseOutput response : requested) {
        if (response.tag().equals(tag)) {
          requested.remove(response);
          return response;
        }
      }
      return null;
    }
  }

  // ---- sending

  private ObjectNode describe() {
    ObjectNode session = configuration.write("sess" + suffix, expiresAt);
    ObjectNode own = session.putObject("antiphon").put("conversation_id", call().conversationId());
    if (mayComeAgain) {
      call().takeover(settings()).ifPresent(token -> own.put("takeover", token));
    }
    return session;
  }

  private void send(java.util.function.Function<String, ServerEvent> event) {
    if (connection != null) {
      connection.sendText(Wire.write(event.apply("event_" + events++ + suffix)));
    }
  }

  private void sendError(
      String type,
      String code,
      String message,
      @Nullable String parameter,
      @Nullable String clientEvent) {
    ServerEvent.ErrorBody body =
        new ServerEvent.ErrorBody(type, code, message, parameter, clientEvent);
    send(e -> new ServerEvent.Failure(e, body));
  }
}
