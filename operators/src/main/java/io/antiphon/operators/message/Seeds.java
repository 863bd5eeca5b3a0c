package io.antiphon.operators.message;

import java.nio.charset.StandardCharsets;

/** Seeds from names: the same on every machine, in every version. */
public final class Seeds {
  private Seeds() {}

  /** FNV-1a over the UTF-8 bytes, then SplitMix64's finaliser. */
  public static long of(String name) {
    long hash = 0xcbf29ce484222325L;
    for (byte each : name.getBytes(StandardCharsets.UTF_8)) {
      hash = (hash ^ (each & 0xff)) * 0x100000001b3L;
    }
    hash = (hash ^ (hash >>> 30)) * 0xbf58476d1ce4e5b9L;
    hash = (hash ^ (hash >>> 27)) * 0x94d049bb133111ebL;
    return hash ^ (hash >>> 31);
  }
}
