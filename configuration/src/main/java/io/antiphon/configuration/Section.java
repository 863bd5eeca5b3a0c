package io.antiphon.configuration;

/** A part of the configuration that is bound from a mapping of the same component names. */
public interface Section {
  /**
   * Adds what is wrong with the values of this section; settings are named relative to it. Called
   * once, after binding.
   */
  void check(Problems problems);
}
