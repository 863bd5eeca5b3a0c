package io.antiphon.runtime.manifest;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.TreeSet;

/**
 * Tells bundles apart by what their files hold, whatever they are named. Manifest, tokenizer,
 * constants, voices and graphs are read as a whole; weights, which may have many gigabytes, by
 * their {@linkplain WeightFiles#fingerprint fingerprints}: names, types, shapes and 64 bytes of
 * each tensor.
 */
public final class BundleDigest {
  private BundleDigest() {}

  /**
   * @param folder the bundle's
   * @return the algorithm and hexadecimal digits, for example {@code sha256:00ff}
   * @throws IOException when a file of the manifest cannot be read
   */
  public static String of(Path folder, Manifest manifest) throws IOException {
    TreeSet<String> files = new TreeSet<>(manifest.graphs().values());
    files.add(ManifestReader.FILE);
    files.add(manifest.audio().constants());
    if (manifest.prompt().isPresent()) {
      files.add(ManifestReader.TOKENIZER_FILE);
      manifest.prompt().get().turnEndings().ifPresent(files::add);
    }
    if (manifest.detokenizer().orElse(null) instanceof Manifest.CosyVoice speaker) {
      files.add(speaker.flow());
      files.add(speaker.vocoder());
      files.add(speaker.voices());
    }
    TreeSet<String> weights = new TreeSet<>(manifest.weights());
    files.removeAll(weights);
    MessageDigest digest = WeightFiles.sha256();
    for (String file : files) {
      byte[] bytes = Files.readAllBytes(folder.resolve(file));
      add(digest, file + " " + bytes.length + "\n");
      digest.update(bytes);
    }
    for (String file : weights) {
      add(digest, file + " " + WeightFiles.fingerprint(folder, file) + "\n");
    }
    return "sha256:" + HexFormat.of().formatHex(digest.digest());
  }

  private static void add(MessageDigest digest, String line) {
    digest.update(line.getBytes(StandardCharsets.UTF_8));
  }
}
