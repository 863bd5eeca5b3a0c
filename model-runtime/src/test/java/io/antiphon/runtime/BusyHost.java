package io.antiphon.runtime;

import io.antiphon.runtime.TestConversations.Conversation;
import io.antiphon.runtime.host.LocalModelHost;
import io.antiphon.runtime.manifest.Manifest;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * A process whose model host is always busy, to be ended by signals: many answers are decoded,
 * windows encoded, speech made and looked for. Prints a line when all of it has begun.
 */
final class BusyHost {
  private static final int CALLERS = 16;

  private BusyHost() {}

  /**
   * @param arguments the bundle
   */
  public static void main(String[] arguments) {
    LocalModelHost host =
        new LocalModelHost(TestConversations.settings(Path.of(arguments[0]), CALLERS));
    // As an embedded cluster does, which takes a while before it gives the host back.
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(
                () -> {
                  LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(300));
                  host.close();
                }));
    Semaphore begun = new Semaphore(0);
    Manifest manifest = host.bundle().manifest();
    for (Conversation conversation : TestConversations.several(manifest, CALLERS, 1)) {
      forEver(() -> TestConversations.run(host, conversation), begun);
    }
    float[] mel = new float[manifest.audio().windowFrames() * manifest.audio().melBins()];
    forEver(
        () -> {
          List<Object> calls = new ArrayList<>();
          for (int i = 0; i < CALLERS; i++) {
            calls.add(host.encode(mel.clone(), manifest.audio().windowFrames()).join());
          }
        },
        begun);
    forEver(
        () -> {
          int[] ids = new int[10];
          Arrays.fill(ids, 1);
          try (DetokenizerSession speech = host.openDetokenizer()) {
            speech.decode(ids, true).join();
          }
        },
        begun);
    SpeechDetector.Stream detector = host.speechDetector().open();
    forEver(() -> detector.append(new float[5120]), begun);
    begun.acquireUninterruptibly(CALLERS + 3);
    System.out.println("busy");
  }

  private static void forEver(Runnable work, Semaphore begun) {
    Thread thread =
        new Thread(
            () -> {
              try {
                work.run();
                begun.release();
                while (true) {
                  work.run();
                }
              } catch (RuntimeException e) {
                begun.release(); // the process ends
              }
            });
    thread.setDaemon(false);
    thread.start();
  }
}
