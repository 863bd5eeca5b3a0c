package io.antiphon.chaos.callers;

import com.google.errorprone.annotations.concurrent.GuardedBy;

/** Holds back whoever reads what the conversations get. Thread safe. */
public final class PauseGate {
  @GuardedBy("this")
  private boolean closed;

  public synchronized void close() {
    closed = true;
  }

  public synchronized void open() {
    closed = false;
    notifyAll();
  }

  /** Returns when the gate is open. */
  public synchronized void pass() {
    try {
      while (closed) {
        wait();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
