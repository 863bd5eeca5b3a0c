package io.antiphon.runtime.detokenizer;

import io.antiphon.configuration.ConfigurationException;
import io.antiphon.runtime.manifest.Manifest;
import io.antiphon.runtime.manifest.Safetensors;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A voice of CosyVoice.
 *
 * @param embedding of the speaker
 * @param ids with which every answer begins unheard, as a recording of the speaker has them; the
 *     prompt's length at most, may be empty
 * @param mel of these ids {@code [frames x melBins]}
 */
record CosyVoiceSpeaker(float[] embedding, int[] ids, float[] mel) {
  private static final String EMBEDDING = ".embedding";

  /**
   * Reads a bundle's voices, as the export's {@code voices} command writes them.
   *
   * @throws ConfigurationException with one sentence for each voice that cannot be used
   */
  static SortedMap<String, CosyVoiceSpeaker> read(Path folder, Manifest.CosyVoice sizes) {
    SortedMap<String, CosyVoiceSpeaker> speakers = new TreeMap<>();
    List<String> problems = new ArrayList<>();
    Path path = folder.resolve(sizes.voices());
    try {
      Safetensors file = Safetensors.open(path);
      for (String tensor : file.names()) {
        if (tensor.endsWith(EMBEDDING)) {
          String name = tensor.substring(0, tensor.length() - EMBEDDING.length());
          speakers.put(name, speaker(file, name, sizes, problems));
        }
      }
      if (speakers.isEmpty()) {
        problems.add(path + " has no voice, expected a tensor NAME" + EMBEDDING);
      }
    } catch (IOException e) {
      problems.add("voices cannot be read: " + e.getMessage());
    }
    if (!problems.isEmpty()) {
      throw new ConfigurationException("Bundle " + folder, problems);
    }
    return speakers;
  }

  private static CosyVoiceSpeaker speaker(
      Safetensors file, String name, Manifest.CosyVoice sizes, List<String> problems)
      throws IOException {
    float[] embedding = file.floats(name + EMBEDDING);
    if (embedding.length != sizes.speakerSize()) {
      problems.add(
          "voice "
              + name
              + ": embedding has "
              + embedding.length
              + " values, expected "
              + sizes.speakerSize());
    }
    if (!file.has(name + ".tokens")) {
      return new CosyVoiceSpeaker(embedding, new int[0], new float[0]);
    }
    long[] ids = file.longs(name + ".tokens");
    float[] mel = file.floats(name + ".mel");
    int values = sizes.framesPerToken() * sizes.melBins();
    if (mel.length != ids.length * values) {
      problems.add(
          "voice "
              + name
              + ": mel has "
              + mel.length
              + " values, expected "
              + values
              + " for each of "
              + ids.length
              + " ids");
    }
    if (Arrays.stream(ids).anyMatch(id -> id < 0 || id >= sizes.codes())) {
      problems.add("voice " + name + ": tokens has an id outside of 0 to " + (sizes.codes() - 1));
    }
    int kept = Math.min(ids.length, sizes.promptTokens());
    return new CosyVoiceSpeaker(
        embedding,
        Arrays.stream(ids, ids.length - kept, ids.length).mapToInt(id -> (int) id).toArray(),
        Arrays.copyOfRange(mel, Math.max(0, mel.length - kept * values), mel.length));
  }
}
