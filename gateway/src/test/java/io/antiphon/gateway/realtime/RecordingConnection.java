package io.antiphon.gateway.realtime;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import io.antiphon.gateway.server.Connection;
import io.antiphon.gateway.server.Strand;
import java.util.ArrayList;
import java.util.List;

/** Keeps what is sent; tasks run at once. */
final class RecordingConnection implements Connection {
  private final Strand strand = new Strand(Runnable::run, 10_000);
  private final List<JsonNode> sent = new ArrayList<>();
  private int code;

  @Override
  public String id() {
    return "test";
  }

  @Override
  public Strand strand() {
    return strand;
  }

  @Override
  public void sendText(String message) {
    if (!open()) {
      return;
    }
    try {
      sent.add(Wire.JSON.readTree(message));
    } catch (JsonProcessingException e) {
      throw new AssertionError("no JSON was sent: " + message, e);
    }
  }

  @Override
  public void sendBinary(byte[] bytes) {
    throw new AssertionError("the protocol sends text only");
  }

  @Override
  public void close(int closeCode, String reason) {
    code = closeCode;
  }

  @Override
  public boolean open() {
    return code == 0;
  }

  int closeCode() {
    return code;
  }

  List<JsonNode> sent() {
    return sent;
  }

  List<String> types() {
    return sent.stream().map(event -> event.path("type").textValue()).toList();
  }

  /** What was sent since the last call. */
  List<JsonNode> take() {
    List<JsonNode> all = List.copyOf(sent);
    sent.clear();
    return all;
  }

  /** The only event of a type. */
  JsonNode only(String type) {
    List<JsonNode> found =
        sent.stream().filter(event -> event.path("type").textValue().equals(type)).toList();
    if (found.size() != 1) {
      throw new AssertionError("expected one " + type + " but found " + found + " in " + types());
    }
    return found.get(0);
  }
}
