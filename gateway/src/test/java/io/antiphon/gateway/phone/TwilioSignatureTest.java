package io.antiphon.gateway.phone;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TwilioSignatureTest {
  /** The example of the vendor's documentation. */
  private static final Map<String, List<String>> FORM =
      Map.of(
          "CallSid", List.of("CA1234567890ABCDE"),
          "Caller", List.of("+12349013030"),
          "Digits", List.of("1234"),
          "From", List.of("+12349013030"),
          "To", List.of("+18005551212"));

  private static final String URL = "https://mycompany.com/myapp.php?foo=1&bar=2";

  @Test
  void isThatOfTheVendorsExample() {
    assertThat(TwilioSignature.of("12345", URL, FORM)).isEqualTo("0/KCTR6DLpKmkAf8muzZqo1nDgQ=");
  }

  @Test
  void holdsForNothingElse() {
    String signature = TwilioSignature.of("12345", URL, FORM);
    assertThat(TwilioSignature.holds("12345", URL, FORM, signature)).isTrue();
    assertThat(TwilioSignature.holds("12346", URL, FORM, signature)).isFalse();
    assertThat(TwilioSignature.holds("12345", URL + "&x=1", FORM, signature)).isFalse();
    assertThat(TwilioSignature.holds("12345", URL, Map.of(), signature)).isFalse();
    assertThat(TwilioSignature.holds("12345", URL, FORM, "")).isFalse();
    assertThat(TwilioSignature.holds("12345", URL, FORM, "ä" + signature)).isFalse();
  }
}
