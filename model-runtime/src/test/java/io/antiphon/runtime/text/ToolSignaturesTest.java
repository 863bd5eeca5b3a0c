package io.antiphon.runtime.text;

import static org.assertj.core.api.Assertions.assertThat;

import io.antiphon.runtime.manifest.Manifest.Prompt.ToolParameters;
import org.junit.jupiter.api.Test;

class ToolSignaturesTest {
  private static final String WITH_SCHEMA =
      """
      {"name":"transfer","description":"Moves money.","parameters":{"$schema":"x","type":"object",\
      "properties":{"amount":{"type":["null","number"]},"to":{"type":"string","description":"whom"},\
      "note":{"anyOf":[]}},"required":["to"],"additionalProperties":false}}""";

  @Test
  void aSchemaStaysAsItIsWhereTheModelReadsSchemas() {
    assertThat(ToolSignatures.in(ToolParameters.SCHEMA, WITH_SCHEMA)).isEqualTo(WITH_SCHEMA);
  }

  @Test
  void aSchemaBecomesAMappingOfTypesWhereTheModelReadsThose() {
    assertThat(ToolSignatures.in(ToolParameters.TYPES, WITH_SCHEMA))
        .isEqualTo(
            """
            {"name": "transfer", "parameters": \
            {"amount": "number", "to": "string", "note": "string"}}""");
    assertThat(
            ToolSignatures.in(
                ToolParameters.TYPES,
                "{\"name\":\"ping\",\"parameters\":{\"type\":\"object\",\"properties\":{}}}"))
        .isEqualTo("{\"name\": \"ping\", \"parameters\": {}}");
  }

  @Test
  void whatIsInThatFormOrNoSignatureStays() {
    for (String same :
        new String[] {
          "{\"name\": \"get_balance\", \"parameters\": {\"account\": \"string\"}}",
          "{\"parameters\": {\"properties\": {}}}",
          "nonsense",
          "[]"
        }) {
      assertThat(ToolSignatures.in(ToolParameters.TYPES, same)).isEqualTo(same);
    }
  }
}
