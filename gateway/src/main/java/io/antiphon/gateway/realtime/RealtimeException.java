package io.antiphon.gateway.realtime;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A client event that is refused: becomes the protocol's {@code error} event. */
final class RealtimeException extends Exception {
  private static final long serialVersionUID = 1L;

  private final String code;
  private final @Nullable String parameter;

  /**
   * @param code such as "invalid_value"
   * @param parameter path of the field at fault, null for none
   */
  RealtimeException(String code, String message, @Nullable String parameter) {
    super(message);
    this.code = code;
    this.parameter = parameter;
  }

  /** Never null. */
  @Override
  public String getMessage() {
    return Objects.requireNonNull(super.getMessage());
  }

  String code() {
    return code;
  }

  @Nullable String parameter() {
    return parameter;
  }
}
