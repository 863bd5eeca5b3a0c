package io.antiphon.gateway.configuration;

import io.antiphon.configuration.Problems;
import io.antiphon.configuration.Section;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A way in for telephone calls: who sends them, how they prove it, whose they are and how they are
 * answered.
 *
 * @param provider whose protocol it speaks
 * @param tenant whose calls these are
 * @param authToken Twilio: the account's auth token, as it signs with
 * @param keySha256 others but AudioSocket: SHA-256 of their key in lower-case hexadecimal
 * @param instructions for the model, behind the bundle's for the mode; empty for none
 * @param voice empty as the bundle has it
 * @param tools JSON signatures, one a string; none are the bundle's own
 * @param threshold probability of speech above which a frame counts as speech, 0 to 1
 * @param prefix sound before the first speech that belongs to the turn
 * @param silence quiet after speech that ends the turn
 * @param interruptsAnswer speech of the caller stops the answer under way
 * @param idleTimeout quiet after an answer after which the assistant speaks by itself; 0 is never
 */
public record TrunkConfiguration(
    Optional<Provider> provider,
    String tenant,
    Optional<String> authToken,
    Optional<String> keySha256,
    Optional<String> instructions,
    Optional<String> voice,
    List<String> tools,
    double threshold,
    Duration prefix,
    Duration silence,
    boolean interruptsAnswer,
    Duration idleTimeout)
    implements Section {
  /** Whose protocol a trunk speaks. */
  public enum Provider {
    TWILIO,
    TELNYX,
    VONAGE,
    GENESYS,
    ASTERISK,
    AUDIOSOCKET
  }

  private static final Pattern HASH = Pattern.compile("[0-9a-f]{64}");
  private static final Pattern TENANT = Pattern.compile("[A-Za-z0-9._-]{1,64}");
  private static final Duration LONGEST = Duration.ofSeconds(10);

  public TrunkConfiguration {
    tools = List.copyOf(tools);
  }

  @Override
  public void check(Problems problems) {
    problems.require(
        provider.isPresent(),
        "provider",
        null,
        "one of twilio, telnyx, vonage, genesys, asterisk, audiosocket");
    problems.require(
        TENANT.matcher(tenant).matches(),
        "tenant",
        tenant,
        "1 to 64 letters, digits, dots, hyphens and underscores");
    provider.ifPresent(known -> checkProof(known, problems));
    problems.require(threshold >= 0 && threshold <= 1, "threshold", threshold, "0 to 1");
    within("prefix", prefix, LONGEST, problems);
    within("silence", silence, LONGEST, problems);
    within("idleTimeout", idleTimeout, Duration.ofMinutes(10), problems);
    problems.require(
        silence.toMillis() >= 100, "silence", silence.toMillis() + "ms", "100ms to 10s");
  }

  /** What proves that a call is the provider's; the value itself is never told. */
  private void checkProof(Provider known, Problems problems) {
    boolean signs = known == Provider.TWILIO;
    boolean hasKey = !signs && known != Provider.AUDIOSOCKET;
    if (signs) {
      problems.require(authToken.isPresent(), "authToken", null, "the auth token of the account");
    } else if (authToken.isPresent()) {
      problems.add("authToken", "(not shown)", "nothing: only twilio signs with one");
    }
    if (hasKey) {
      problems.require(
          keySha256.filter(hash -> HASH.matcher(hash).matches()).isPresent(),
          "keySha256",
          keySha256.isPresent() ? "(not shown)" : null,
          "the SHA-256 of the trunk's key as 64 lower-case hexadecimal digits");
    } else if (keySha256.isPresent()) {
      problems.add(
          "keySha256",
          "(not shown)",
          "nothing: " + (signs ? "twilio signs" : "AudioSocket knows no keys"));
    }
  }

  private static void within(String name, Duration value, Duration most, Problems problems) {
    problems.require(
        !value.isNegative() && value.compareTo(most) <= 0,
        name,
        value.toMillis() + "ms",
        "0ms to " + most.toSeconds() + "s");
  }

  /** Without secrets. */
  @Override
  public String toString() {
    return "TrunkConfiguration[" + provider + ", tenant " + tenant + "]";
  }
}
