package io.antiphon.runtime.planning;

import io.antiphon.runtime.admission.CapacityModel;

/**
 * How many conversations a machine carries.
 *
 * @param conversations at once, of which half speak and half are answered
 * @param limit what is exhausted first
 * @param hosts processes, each with its own copy of the weights
 * @param intraOpThreads of each host's response thread
 * @param firstAudioMillis from the caller's last sample to the answer's first, with everybody there
 * @param stepMillis of all who are answered together on one host
 * @param memoryMebibytes of everything
 * @param work seconds of one core, or of the device, in each second, of one host
 * @param coreShare of all cores, or of the device; 0 to 1
 * @param pricePerConversationHour 0 where the price is not known
 */
public record Plan(
    int conversations,
    Limit limit,
    int hosts,
    int intraOpThreads,
    double firstAudioMillis,
    double stepMillis,
    long memoryMebibytes,
    CapacityModel.Work work,
    double coreShare,
    double pricePerConversationHour) {

  /** What keeps a machine from carrying one more. */
  public enum Limit {
    /** Steps and prefill of one thread. */
    RESPONSE_THREAD("the response thread: steps and prefill"),
    ENCODER("the encoder's threads"),
    DETOKENIZER("the detokenizer's threads"),
    CORES("the cores"),
    DEVICE("the accelerator's time"),
    MEMORY("memory"),
    DEVICE_MEMORY("the accelerator's memory");

    private final String words;

    Limit(String words) {
      this.words = words;
    }

    /** In plain English. */
    public String words() {
      return words;
    }
  }
}
