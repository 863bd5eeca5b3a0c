package io.antiphon.gateway;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.util.Base64;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;

/** A certificate for localhost that its own clients trust, made by the JDK's keytool. */
public final class TestCertificate {
  private static final char[] PASSWORD = "password".toCharArray();

  private final Certificate certificate;

  private TestCertificate(Certificate certificate) {
    this.certificate = certificate;
  }

  /** Writes PEM files as certificate authorities hand them out. */
  public static TestCertificate write(Path folder, Path certificateFile, Path keyFile)
      throws IOException, GeneralSecurityException, InterruptedException {
    Path store = folder.resolve("store" + System.nanoTime() + ".p12");
    Process keytool =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair",
                "-alias",
                "gateway",
                "-keyalg",
                "EC",
                "-dname",
                "CN=localhost",
                "-ext",
                "SAN=dns:localhost,ip:127.0.0.1",
                "-keystore",
                store.toString(),
                "-storetype",
                "PKCS12",
                "-storepass",
                new String(PASSWORD))
            .inheritIO()
            .start();
    if (keytool.waitFor() != 0) {
      throw new IOException("keytool failed");
    }
    KeyStore keys = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(store)) {
      keys.load(in, PASSWORD);
    }
    Certificate made = keys.getCertificate("gateway");
    Files.writeString(certificateFile, pem("CERTIFICATE", made.getEncoded()));
    Files.writeString(keyFile, pem("PRIVATE KEY", keys.getKey("gateway", PASSWORD).getEncoded()));
    return new TestCertificate(made);
  }

  private static String pem(String kind, byte[] bytes) {
    return "-----BEGIN "
        + kind
        + "-----\n"
        + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(bytes)
        + "\n-----END "
        + kind
        + "-----\n";
  }

  /** Trusts this certificate only. */
  public X509TrustManager trust() throws GeneralSecurityException, IOException {
    KeyStore trusted = KeyStore.getInstance("PKCS12");
    trusted.load(null, null);
    trusted.setCertificateEntry("gateway", certificate);
    TrustManagerFactory factory =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    factory.init(trusted);
    return (X509TrustManager) factory.getTrustManagers()[0];
  }

  /** A context of clients that trust this certificate only. */
  public SSLContext context() throws GeneralSecurityException, IOException {
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, new TrustManager[] {trust()}, null);
    return context;
  }
}
