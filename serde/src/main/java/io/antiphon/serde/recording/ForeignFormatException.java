package io.antiphon.serde.recording;

import java.io.IOException;
import java.util.Objects;

/** A recording that is told by name but not decoded here; {@code ffmpeg} may do it. */
final class ForeignFormatException extends IOException {
  private static final long serialVersionUID = 1L;

  private final String demuxer;

  /**
   * @param what the format's name
   * @param demuxer what ffmpeg calls the container
   */
  ForeignFormatException(String what, String demuxer) {
    super(what);
    this.demuxer = demuxer;
  }

  /** The format's name. */
  @Override
  public String getMessage() {
    return Objects.requireNonNull(super.getMessage());
  }

  String demuxer() {
    return demuxer;
  }
}
