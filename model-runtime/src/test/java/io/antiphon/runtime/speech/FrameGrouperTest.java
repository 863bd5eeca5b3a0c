package io.antiphon.runtime.speech;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.antiphon.runtime.manifest.Manifest;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class FrameGrouperTest {
  private static final Manifest.Audio GROUPS_OF_FOUR =
      new Manifest.Audio(16_000, 400, 160, 128, "", 1e-10, 8, 4, 4, 200, 25, 4);

  @Test
  void carriesAnIncompleteGroupIntoTheNextWindow() {
    FrameGrouper grouper = new FrameGrouper(GROUPS_OF_FOUR, 1);

    assertThat(grouper.append(frames(1, 6))).containsExactly(1, 2, 3, 4);
    byte[] state = grouper.state();
    FrameGrouper restored = new FrameGrouper(GROUPS_OF_FOUR, 1);
    restored.restore(state);

    assertThat(restored.append(frames(7, 3))).containsExactly(5, 6, 7, 8);
  }

  @Test
  void fillsTheLastGroupWithZerosAndDropsWhatTheAudioDoesNotStandFor() {
    FrameGrouper grouper = new FrameGrouper(GROUPS_OF_FOUR, 1);
    grouper.append(frames(1, 4));

    // 0.24 s are 6 frames: two groups, one of them here already.
    assertThat(grouper.finish(frames(5, 2), 3_840)).containsExactly(5, 6, 0, 0);
    assertThat(grouper.finish(frames(1, 9), 3_840)).containsExactly(1, 2, 3, 4, 5, 6, 7, 8);
  }

  @Test
  void roundsSecondsAsTheReferenceDoes() {
    // 29 frames are 1.16 s, which in double precision times 25 is a little less than 29.
    assertThat(GROUPS_OF_FOUR.tokenFrames(29 * 640)).isEqualTo(28);
    assertThat(GROUPS_OF_FOUR.tokenFrames(30 * 640)).isEqualTo(30);
    assertThat(GROUPS_OF_FOUR.groups(30 * 640)).isEqualTo(8);
  }

  @Test
  void aStateOfAnotherFrameSizeIsRefused() {
    FrameGrouper grouper = new FrameGrouper(GROUPS_OF_FOUR, 1);
    grouper.append(frames(1, 3));

    assertThatThrownBy(() -> new FrameGrouper(GROUPS_OF_FOUR, 2).restore(grouper.state()))
        .isInstanceOf(IllegalArgumentException.class);
  }

  private static float[] frames(int first, int count) {
    float[] frames = new float[count];
    for (int i = 0; i < count; i++) {
      frames[i] = first + i;
    }
    return Arrays.copyOf(frames, count);
  }
}
