package io.antiphon.jobs;

import io.antiphon.operators.message.InboundRecord;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.core.fs.FileSystem;
import org.apache.flink.core.fs.Path;
import org.apache.flink.core.plugin.PluginUtils;

/**
 * Prints what the recordings of each folder become as records, through the file system plugin that
 * a cluster would load. The system property {@code endpoint} names the server.
 */
public final class S3Recordings {
  private S3Recordings() {}

  public static void main(String[] folders) throws Exception {
    Configuration configuration = new Configuration();
    configuration.setString("s3.endpoint", System.getProperty("endpoint"));
    configuration.setString("s3.path.style.access", "true");
    configuration.setString("s3.access-key", "key-of-the-check");
    configuration.setString("s3.secret-key", "secret-of-the-check");
    FileSystem.initialize(
        configuration, PluginUtils.createPluginManagerFromRootFolder(configuration));
    for (String folder : folders) {
      var format = new RecordedCallFormat(List.of(folder), List.of("AGENT", "CUSTOMER"));
      var splits =
          new ArrayList<>(
              RecordingsJob.enumerator().enumerateSplits(new Path[] {new Path(folder)}, 1));
      splits.sort(Comparator.comparing(split -> split.path().toString()));
      for (var split : splits) {
        MessageDigest digest = MessageDigest.getInstance("SHA-256");
        int records = 0;
        String id = "";
        StringBuilder why = new StringBuilder();
        try (var reader = format.createReader(configuration, split)) {
          for (var batch = reader.readBatch(); batch != null; batch = reader.readBatch()) {
            for (var next = batch.next(); next != null; next = batch.next()) {
              InboundRecord record = next.getRecord().f0;
              why.append(next.getRecord().f1);
              records++;
              if (record.key() != null) {
                digest.update(record.key());
                id = new String(record.key(), StandardCharsets.UTF_8);
              }
              if (record.value() != null) {
                digest.update(record.value());
              }
            }
            batch.releaseBatch();
          }
        }
        System.out.printf(
            "id=%s records=%d sha256=%s why=%s%n",
            id,
            records,
            HexFormat.of().formatHex(digest.digest()),
            why.toString().replace(folder, "FOLDER"));
      }
    }
  }
}
