package io.antiphon.gateway.phone;

import io.antiphon.gateway.server.Connection;
import io.antiphon.gateway.server.SocketHandler;
import org.jspecify.annotations.Nullable;

/** A provider's WebSocket. */
final class PhoneSocket implements SocketHandler {
  private final PhoneCalls calls;
  private final Trunk trunk;
  private final MediaProtocol protocol;
  private final String remoteAddress;
  private @Nullable MediaStream stream;

  PhoneSocket(PhoneCalls calls, Trunk trunk, MediaProtocol protocol, String remoteAddress) {
    this.calls = calls;
    this.trunk = trunk;
    this.protocol = protocol;
    this.remoteAddress = remoteAddress;
  }

  @Override
  public void opened(Connection connection) {
    stream =
        new MediaStream(
            calls, trunk, protocol, new SocketLine(connection), connection.strand(), remoteAddress);
  }

  @Override
  public void text(String message) {
    opened().receive(reader -> reader.text(message));
  }

  @Override
  public void binary(byte[] bytes) {
    opened().receive(reader -> reader.binary(bytes));
  }

  @Override
  public void closed(int code, String reason) {
    if (stream != null) {
      stream.gone();
    }
  }

  private MediaStream opened() {
    if (stream == null) {
      throw new IllegalStateException("a message before the socket was opened");
    }
    return stream;
  }

  private record SocketLine(Connection connection) implements PhoneLine {
    @Override
    public void send(WireMessage message) {
      if (message instanceof WireMessage.Text text) {
        connection.sendText(text.text());
      } else if (message instanceof WireMessage.Binary binary) {
        connection.sendBinary(binary.bytes());
      } else if (message instanceof WireMessage.Close close) {
        connection.close(close.code(), close.reason());
      }
    }

    @Override
    public void close(int code, String reason) {
      connection.close(code, reason);
    }
  }
}
