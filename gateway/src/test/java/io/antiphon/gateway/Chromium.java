package io.antiphon.gateway;

import io.antiphon.serde.recording.MonoRecording;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;
import org.openqa.selenium.By;
import org.openqa.selenium.NoSuchElementException;
import org.openqa.selenium.OutputType;
import org.openqa.selenium.StaleElementReferenceException;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.chrome.ChromeDriverService;
import org.openqa.selenium.chrome.ChromeOptions;

/** A Chromium without a window, whose microphone is a recording. */
final class Chromium implements AutoCloseable {
  private static final int MICROPHONE_RATE = 48_000;
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final Duration LOOK_EVERY = Duration.ofMillis(10);

  private final ChromeDriver driver;
  private final Path folder;

  private Chromium(ChromeDriver driver, Path folder) {
    this.driver = driver;
    this.folder = folder;
  }

  /** Skips the test with the reason, where there is no browser. */
  static void assumePresent() {
    Skipping.unless(
        browser().isPresent() && driver().isPresent(),
        "no Chromium with its driver is on the path (Debian: chromium, chromium-driver)");
  }

  private static Optional<Path> browser() {
    return onPath("chromium", "chromium-browser", "google-chrome");
  }

  private static Optional<Path> driver() {
    return onPath("chromedriver");
  }

  /**
   * Starts the browser, which must be {@link #assumePresent there}.
   *
   * @param folder of its own, for the microphone's recording and downloads
   * @param said 48 kHz mono
   * @param width of its window, in CSS pixels
   */
  static Chromium start(Path folder, float[] said, int width, int height) throws IOException {
    Path microphone = folder.resolve("microphone.wav").toAbsolutePath();
    write(microphone, said);
    ChromeOptions options = new ChromeOptions();
    options.setBinary(browser().orElseThrow().toString());
    options.addArguments(
        "--headless=new",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--disable-background-networking",
        "--autoplay-policy=no-user-gesture-required",
        "--use-fake-ui-for-media-stream",
        "--use-fake-device-for-media-stream",
        "--use-file-for-fake-audio-capture=" + microphone + "%noloop",
        "--window-size=" + width + "," + height,
        "--user-data-dir=" + folder.resolve("profile").toAbsolutePath());
    options.setExperimentalOption(
        "prefs", Map.of("download.default_directory", folder.toAbsolutePath().toString()));
    ChromeDriverService service =
        new ChromeDriverService.Builder()
            .usingDriverExecutable(driver().orElseThrow().toFile())
            .build();
    return new Chromium(new ChromeDriver(service, options), folder);
  }

  void open(String url) {
    driver.get(url);
  }

  void reload() {
    driver.navigate().refresh();
  }

  /** Runs a script in every page that is opened from now on, before the page's own. */
  void beforeEveryPage(String script) {
    driver.executeCdpCommand("Page.addScriptToEvaluateOnNewDocument", Map.of("source", script));
  }

  void dark() {
    driver.executeCdpCommand(
        "Emulation.setEmulatedMedia",
        Map.of("features", List.of(Map.of("name", "prefers-color-scheme", "value", "dark"))));
  }

  void click(String selector) {
    driver.findElement(By.cssSelector(selector)).click();
  }

  void type(String selector, String text) {
    driver.findElement(By.cssSelector(selector)).sendKeys(text);
  }

  String attribute(String selector, String name) {
    return String.valueOf(driver.findElement(By.cssSelector(selector)).getDomAttribute(name));
  }

  /** The visible text of everything that fits, one element a line. */
  List<String> texts(String selector) {
    return driver.findElements(By.cssSelector(selector)).stream()
        .map(element -> element.getText())
        .toList();
  }

  Object script(String script) {
    return driver.executeScript(script);
  }

  /** Waits for a text to be shown; tells the whole page where it is not. */
  void awaitText(String selector, String text) throws Exception {
    await(
        () -> texts(selector).stream().anyMatch(shown -> shown.contains(text)),
        () -> selector + " with \"" + text + "\"");
  }

  /** Waits until something holds. */
  void await(Supplier<Boolean> condition, Supplier<String> what) throws Exception {
    try {
      Awaitility.await().atMost(PATIENCE).pollInterval(LOOK_EVERY).until(() -> holds(condition));
    } catch (ConditionTimeoutException e) {
      throw new AssertionError(
          "no "
              + what.get()
              + " within "
              + PATIENCE
              + "; the page shows:\n"
              + driver.findElement(By.tagName("body")).getText()
              + "\nevents:\n"
              + script("return document.getElementById('log').textContent"),
          e);
    }
  }

  private static boolean holds(Supplier<Boolean> condition) {
    try {
      return condition.get();
    } catch (StaleElementReferenceException | NoSuchElementException e) {
      return false; // Drawn anew meanwhile.
    }
  }

  /** Presses the button, waits for the file and takes it away. */
  byte[] download(String selector) throws Exception {
    click(selector);
    await(() -> downloaded().isPresent(), () -> "file downloaded by " + selector);
    Path file = downloaded().orElseThrow();
    byte[] bytes = Files.readAllBytes(file);
    Files.delete(file);
    return bytes;
  }

  void screenshot(Path file) throws IOException {
    Files.createDirectories(file.getParent());
    Files.write(file, driver.getScreenshotAs(OutputType.BYTES));
  }

  @Override
  public void close() {
    driver.quit();
  }

  private Optional<Path> downloaded() {
    try (var files = Files.list(folder)) {
      return files
          .filter(file -> file.getFileName().toString().matches("antiphon-.*\\.wav"))
          .findFirst();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private static Optional<Path> onPath(String... names) {
    return Arrays.stream(names)
        .flatMap(
            name ->
                Arrays.stream(System.getenv("PATH").split(":"))
                    .map(folder -> Path.of(folder, name)))
        .filter(Files::isExecutable)
        .findFirst();
  }

  /** Recordings one after the other, each after so many seconds of silence. */
  static float[] said(double silenceBefore, double silenceAfter, String... samples)
      throws Exception {
    float[] all = new float[0];
    for (String sample : samples) {
      float[] spoken = MonoRecording.read(Path.of("../samples", sample)).samplesAt(MICROPHONE_RATE);
      int start = all.length + (int) (silenceBefore * MICROPHONE_RATE);
      all = Arrays.copyOf(all, start + spoken.length);
      System.arraycopy(spoken, 0, all, start, spoken.length);
    }
    return Arrays.copyOf(all, all.length + (int) (silenceAfter * MICROPHONE_RATE));
  }

  private static void write(Path file, float[] samples) throws IOException {
    ByteBuffer wave = ByteBuffer.allocate(44 + 2 * samples.length).order(ByteOrder.LITTLE_ENDIAN);
    wave.put("RIFF".getBytes(StandardCharsets.US_ASCII)).putInt(36 + 2 * samples.length);
    wave.put("WAVEfmt ".getBytes(StandardCharsets.US_ASCII)).putInt(16);
    wave.putShort((short) 1).putShort((short) 1).putInt(MICROPHONE_RATE);
    wave.putInt(2 * MICROPHONE_RATE).putShort((short) 2).putShort((short) 16);
    wave.put("data".getBytes(StandardCharsets.US_ASCII)).putInt(2 * samples.length);
    for (float sample : samples) {
      wave.putShort((short) Math.max(-32768, Math.min(32767, Math.round(sample * 32768))));
    }
    Files.write(file, wave.array());
  }
}
