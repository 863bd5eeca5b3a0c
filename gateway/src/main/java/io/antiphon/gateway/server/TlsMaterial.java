package io.antiphon.gateway.server;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.Collection;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A certificate with its key, from PEM files as certificate authorities hand them out. */
final class TlsMaterial {
  /** Protects the key in memory only. */
  static final String PASSWORD = "in-memory";

  private static final Logger LOG = LoggerFactory.getLogger(TlsMaterial.class);
  private static final Pattern KEY =
      Pattern.compile("-----BEGIN PRIVATE KEY-----([A-Za-z0-9+/=\\s]+)-----END PRIVATE KEY-----");

  private TlsMaterial() {}

  /**
   * @param certificates PEM, the server's own first, then those that vouch for it
   * @param key PEM, PKCS#8 without a password
   * @throws IOException naming the file that cannot be used and why
   */
  static KeyStore read(Path certificates, Path key) throws IOException {
    try {
      Collection<? extends Certificate> chain =
          CertificateFactory.getInstance("X.509")
              .generateCertificates(new ByteArrayInputStream(Files.readAllBytes(certificates)));
      if (chain.isEmpty()) {
        throw new IOException(certificates + " holds no certificate; expected PEM");
      }
      PrivateKey secret = privateKey(key);
      KeyStore store = KeyStore.getInstance("PKCS12");
      store.load(null, null);
      store.setKeyEntry(
          "gateway", secret, PASSWORD.toCharArray(), chain.toArray(new Certificate[0]));
      return store;
    } catch (GeneralSecurityException e) {
      throw new IOException(
          "certificate " + certificates + " with key " + key + " cannot be used: " + e.getMessage(),
          e);
    }
  }

  private static PrivateKey privateKey(Path file) throws IOException {
    Matcher found = KEY.matcher(Files.readString(file, StandardCharsets.US_ASCII));
    if (!found.find()) {
      throw new IOException(
          file + " holds no key; expected PEM with BEGIN PRIVATE KEY (PKCS#8, no password)");
    }
    byte[] encoded = Base64.getMimeDecoder().decode(found.group(1));
    for (String algorithm : List.of("RSA", "EC", "Ed25519")) {
      try {
        return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(encoded));
      } catch (GeneralSecurityException e) {
        LOG.debug("{} holds no {} key", file, algorithm);
      }
    }
    throw new IOException(file + " holds a key that is neither RSA, EC nor Ed25519");
  }
}
