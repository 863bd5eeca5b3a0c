package io.antiphon.chaos;

/** Holds back whoever reads what the conversations get. Thread safe. */
final class Gate {
  private boolean closed;

  synchronized void close() {
    closed = true;
  }

  synchronized void open() {
    closed = false;
    notifyAll();
  }

  /** Returns when the gate is open. */
  synchronized void pass() {
    try {
      while (closed) {
        wait();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
