package io.antiphon.serde.audio;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

class SampleCodingTest {
  @Test
  void everySampleComesBackFromItsFloat() {
    for (int sample = Short.MIN_VALUE; sample <= Short.MAX_VALUE; sample++) {
      assertThat(SampleCoding.quantize(SampleCoding.toFloat((short) sample)))
          .isEqualTo((short) sample);
    }
  }

  @Test
  void anOvershootIsClippedAndNeverWrapsRound() {
    assertThat(SampleCoding.to16Bits(new float[] {1, 1.2f, -1, -1.2f, 1e9f, -1e9f, Float.NaN}))
        .containsExactly(32_767, 32_767, -32_768, -32_768, 32_767, -32_768, 0);
    assertThat(SampleCoding.to16Bits(new float[] {0.99999f, 0.5f, 1.4f / 32_768, -0.6f / 32_768}))
        .containsExactly(32_767, 16_384, 1, -1);
  }

  @Test
  void sixteenBitSamplesAreLittleEndianBytes() {
    short[] samples = {0, 1, -1, 0x1234, Short.MIN_VALUE};
    ByteBuffer bytes = SampleCoding.toPcm16(samples, 1, 4);
    assertThat(bytes.remaining()).isEqualTo(6);
    byte[] copy = new byte[6];
    bytes.duplicate().get(copy);
    assertThat(copy).containsExactly(1, 0, -1, -1, 0x34, 0x12);
    assertThat(SampleCoding.fromPcm16(bytes)).containsExactly(1, -1, 0x1234);
    assertThat(bytes.remaining()).as("not consumed").isEqualTo(6);
    assertThat(SampleCoding.fromPcm16(ByteBuffer.wrap(new byte[] {1, 0, 7}))).containsExactly(1);
  }
}
