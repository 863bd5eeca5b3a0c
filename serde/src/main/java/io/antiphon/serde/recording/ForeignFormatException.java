package io.antiphon.serde.recording;

import java.io.IOException;

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

  String demuxer() {
    return demuxer;
  }
}
