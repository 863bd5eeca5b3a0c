package io.antiphon.gateway.phone;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * {@code X-Twilio-Signature}: the base64 of HMAC-SHA1, by the account's auth token, of the public
 * URL and, for a form, of each name with its values, sorted.
 */
final class TwilioSignature {
  static final String HEADER = "x-twilio-signature";

  private static final String ALGORITHM = "HmacSHA1";

  private TwilioSignature() {}

  static String of(String authToken, String url, Map<String, List<String>> form) {
    StringBuilder signed = new StringBuilder(url);
    for (Map.Entry<String, List<String>> field : new TreeMap<>(form).entrySet()) {
      for (String value : new TreeSet<>(field.getValue())) {
        signed.append(field.getKey()).append(value);
      }
    }
    try {
      Mac mac = Mac.getInstance(ALGORITHM);
      mac.init(new SecretKeySpec(authToken.getBytes(StandardCharsets.UTF_8), ALGORITHM));
      return Base64.getEncoder()
          .encodeToString(mac.doFinal(signed.toString().getBytes(StandardCharsets.UTF_8)));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(ALGORITHM + " belongs to every Java platform", e);
    }
  }

  static boolean holds(
      String authToken, String url, Map<String, List<String>> form, String signature) {
    return MessageDigest.isEqual(
        of(authToken, url, form).getBytes(StandardCharsets.US_ASCII),
        signature.getBytes(StandardCharsets.UTF_8));
  }
}
