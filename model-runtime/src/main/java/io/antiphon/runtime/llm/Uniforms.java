package io.antiphon.runtime.llm;

/**
 * Random numbers as a pure function of where they are used, so that neither batch composition nor a
 * restart changes what is said.
 */
public final class Uniforms {
  private static final long GOLDEN_GAMMA = 0x9E3779B97F4A7C15L;

  private Uniforms() {}

  /**
   * @param seed the conversation's seed
   * @param turn the conversation's turn
   * @param position position in the context
   * @param k 0 for the text id, 1 and on for the speech ids of the group
   * @return a number in [0, 1) with 24 random bits, exact in single precision
   */
  public static float uniform(long seed, int turn, int position, int k) {
    long state = mix(seed + GOLDEN_GAMMA);
    state = mix(state + GOLDEN_GAMMA * (turn + 1L));
    state = mix(state + GOLDEN_GAMMA * (position + 1L));
    state = mix(state + GOLDEN_GAMMA * (k + 1L));
    return (state >>> 40) * 0x1.0p-24f;
  }

  /** The finaliser of SplitMix64 (Steele, Lea, Flood 2014, variant 13 of Stafford). */
  private static long mix(long bits) {
    bits = (bits ^ (bits >>> 30)) * 0xBF58476D1CE4E5B9L;
    bits = (bits ^ (bits >>> 27)) * 0x94D049BB133111EBL;
    return bits ^ (bits >>> 31);
  }
}
