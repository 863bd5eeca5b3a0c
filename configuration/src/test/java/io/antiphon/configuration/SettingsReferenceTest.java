package io.antiphon.configuration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.antiphon.configuration.SettingsReference.Setting;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SettingsReferenceTest {
  enum Mode {
    FIRST,
    SECOND
  }

  record Listen(int port, String host) implements Section {
    @Override
    public void check(Problems problems) {}
  }

  record Trunk(Duration patience) implements Section {
    @Override
    public void check(Problems problems) {}
  }

  record Whole(
      Listen listen, Mode mode, Map<String, String> properties, Map<String, Trunk> trunks) {}

  record Other(Listen listen) {}

  @Test
  void everySettingComesWithItsDefaultItsKindAndItsComment() {
    assertThat(SettingsReference.of(Whole.class, "reference.yaml"))
        .containsExactly(
            new Setting("listen", "", "", "How it listens."),
            new Setting("listen.port", "80", "a whole number", "0 for any free one."),
            new Setting("listen.host", "localhost", "a text", ""),
            new Setting("mode", "first", "one of first, second", ""),
            new Setting("properties", "a.b: c", "a mapping of names to values", "Handed on."),
            new Setting("trunks.NAME", "", "", "One each."),
            new Setting("trunks.NAME.patience", "5s", Durations.EXPECTATION, ""));
  }

  @Test
  void defaultsThatAreNoSettingsAreNamed() {
    assertThatThrownBy(() -> SettingsReference.of(Other.class, "reference.yaml"))
        .hasMessage("mode of reference.yaml is not a setting");
  }
}
