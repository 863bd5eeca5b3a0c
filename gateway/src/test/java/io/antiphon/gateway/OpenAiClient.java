package io.antiphon.gateway;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.openai.client.okhttp.OkHttpClient;
import com.openai.core.ClientOptions;
import com.openai.core.ObjectMappers;
import com.openai.core.http.WebSocketWriteNotAttempted;
import com.openai.helpers.RealtimeConnection;
import com.openai.helpers.RealtimeWebSocketOptions;
import com.openai.models.realtime.RealtimeClientEvent;
import com.openai.models.realtime.RealtimeServerEvent;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Predicate;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;

/** OpenAI's own Java client; every event must be valid to it, and none an error. */
final class OpenAiClient implements AutoCloseable {
  private static final int PATIENCE_SECONDS = 60;
  private final RealtimeConnection connection;
  private final List<RealtimeServerEvent> received = new ArrayList<>();

  OpenAiClient(String url, String key) {
    this(url, key, null, null);
  }

  @SuppressWarnings("MustBeClosed") // closed by close()
  OpenAiClient(
      String url,
      String key,
      @Nullable SSLSocketFactory sockets,
      @Nullable X509TrustManager trusted) {
    OkHttpClient.Builder http = OkHttpClient.builder();
    if (sockets != null && trusted != null) {
      http.sslSocketFactory(sockets).trustManager(trusted);
    }
    ClientOptions options =
        ClientOptions.builder().httpClient(http.build()).apiKey(key).baseUrl(url + "/v1").build();
    connection =
        RealtimeConnection.connect(
            options, RealtimeWebSocketOptions.builder().model("nano").build());
  }

  /** Sends an event written with single quotes. */
  void send(String event) {
    RealtimeClientEvent typed;
    try {
      typed =
          ObjectMappers.jsonMapper().readValue(event.replace('\'', '"'), RealtimeClientEvent.class);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(event, e);
    }
    while (true) {
      try {
        connection.send(typed);
        return;
      } catch (WebSocketWriteNotAttempted.Busy e) {
        Thread.onSpinWait(); // its small buffer is full until the network has taken some
      }
    }
  }

  void append(byte[] audio) {
    send(
        "{'type':'input_audio_buffer.append','audio':'"
            + Base64.getEncoder().encodeToString(audio)
            + "'}");
  }

  /** Receives up to the event that is waited for. */
  RealtimeServerEvent until(Predicate<RealtimeServerEvent> wanted) {
    return until(wanted, "");
  }

  /**
   * Receives up to the event that is waited for.
   *
   * @param harmless code of the error that may come before
   */
  RealtimeServerEvent until(Predicate<RealtimeServerEvent> wanted, String harmless) {
    while (true) {
      RealtimeServerEvent event = next(harmless);
      if (wanted.test(event)) {
        return event;
      }
    }
  }

  private RealtimeServerEvent next(String harmless) {
    RealtimeServerEvent event;
    try {
      event = connection.receiveAsync().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException | ExecutionException | TimeoutException e) {
      throw new AssertionError(
          "nothing came; last was "
              + (received.isEmpty() ? "nothing" : received.get(received.size() - 1)),
          e);
    }
    boolean refused =
        event.isError() && !event.asError().error().code().orElse("").equals(harmless);
    if (refused || !event.isValid()) {
      throw new AssertionError(event.toString());
    }
    received.add(event);
    return event;
  }

  /** Everything that came since the last call. */
  List<RealtimeServerEvent> take() {
    List<RealtimeServerEvent> all = List.copyOf(received);
    received.clear();
    return all;
  }

  /** The speech in events, base64 decoded. */
  static byte[] audio(List<RealtimeServerEvent> events) {
    java.io.ByteArrayOutputStream all = new java.io.ByteArrayOutputStream();
    for (RealtimeServerEvent event : events) {
      event
          .responseOutputAudioDelta()
          .ifPresent(delta -> all.writeBytes(Base64.getDecoder().decode(delta.delta())));
    }
    return all.toByteArray();
  }

  @Override
  public void close() {
    connection.close();
  }
}
