package org.isocentre.hl7;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.isocentre.hl7.OutboundSamples.get;
import static org.isocentre.hl7.OutboundSamples.head;
import static org.isocentre.hl7.OutboundSamples.order;
import static org.isocentre.hl7.OutboundSamples.patient;
import static org.isocentre.hl7.OutboundSamples.report;
import static org.isocentre.hl7.OutboundSamples.text;

import org.isocentre.hl7.OutboundRules.InvalidRulesException;
import org.isocentre.model.OrderStatus;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What rules do, and what is said of those that are wrong. */
class OutboundRulesTest {
  private static OutboundMessage oru() {
    return OruOut.result(
        head("2.4"),
        patient("RTH:L1", "RJ1:77"),
        report("final", "Text", "R1").result(),
        order(OrderStatus.COMPLETED, null),
        "AAAA");
  }

  private static OutboundMessage ruled(String rule) {
    OutboundMessage m = oru();
    OutboundRules.read("rules.yaml", "rules:\n  - " + rule + "\n").apply(m);
    return m;
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "set: { field: MSH-6, value: RIS7 };MSH-6;RIS7",
        "set: { field: PID-3.5, value: PI };PID-3[3].5;PI",
        "set: { field: 'PID-3[2].5', value: PI };PID-3[3].5;MR",
        "set: { field: PID-5, value: Only };PID-5.1;Only",
        "set: { field: PID-5, value: Only };PID-5.2;",
        "set: { field: 'OBX[2]-4', value: x };OBX[2]-4;x",
        "set: { field: 'OBX[2]-4', value: x };OBX[1]-4;",
        "set: { field: PID-11.1, value: '' };PID-11.1;",
        "set: { field: ZDS-1, value: x };ZDS-1;",
        "map: { field: PID-8, values: { F: '2', M: '1' } };PID-8;2",
        "map: { field: PID-8, values: { M: '1' } };PID-8;F",
        "map: { field: PID-8, values: { M: '1' }, otherwise: '9' };PID-8;9",
        "map: { field: PID-3.4, values: { RJ1: TWO, RTH: ONE } };PID-3[2].4;ONE",
        "map: { field: PID-3.4, values: { RJ1: TWO, RTH: ONE } };PID-3[3].4;TWO",
        "map: { field: PID-5, values: { F: x }, otherwise: y };PID-5.2;Zoë",
        "copy: { from: OBR-18, to: OBR-20 };OBR-20;ACC1",
        "copy: { from: OBR-18, to: OBR-20 };OBR-18;ACC1",
        "copy: { from: PID-3.1, to: PID-2 };PID-2;9990000018",
        "copy: { from: 'PID-3[3].1', to: PID-4.1 };PID-4.1;77",
        "copy: { from: PID-3, to: PID-4 };PID-4[3].4;RJ1",
        "copy: { from: OBR-4.2, to: 'OBX-3.2' };OBX[2]-3.2;CT head",
        "copy: { from: OBX-1, to: OBX-4 };OBX[2]-4;2",
        "copy: { from: ZZZ-1, to: PID-2 };PID-2;",
        "copy: { from: PID-19, to: PID-8 };PID-8;F",
        "move: { from: OBR-18, to: OBR-20 };OBR-20;ACC1",
        "move: { from: OBR-18, to: OBR-20 };OBR-18;",
        "move: { from: PID-3.1, to: PID-2.1 };PID-3[2].1;L1",
        "move: { from: PID-3.1, to: PID-2.1 };PID-3[1].1;",
        "move: { from: PID-5.5, to: PID-5.6 };PID-5.6;Ms",
        "move: { from: PID-5.5, to: PID-5.6 };PID-5.5;",
        "move: { from: OBR-18, to: ZZZ-1 };OBR-18;ACC1",
        "move: { from: OBR-32.1.2, to: OBR-32.2 };OBR-32.2;Report",
        "remove: { field: PID-11 };PID-11.5;",
        "remove: { field: PID-3.5 };PID-3[2].5;",
        "remove: { field: 'PID-3[2]' };PID-3[3].1;77",
        "remove: { segment: OBX };OBX-1;",
        "'zsegment: { name: ZDS, after: OBR, fields: { 1.1: \"1.2\", 2: { from: OBR-18 } } }';ZDS-1;1.2",
        "'zsegment: { name: ZDS, after: OBR, fields: { 1.1: \"1.2\", 2: { from: OBR-18 } } }';ZDS-2;ACC1",
        "'{ set: { field: PID-8, value: x }, messages: ADT }';PID-8;F",
        "'{ set: { field: PID-8, value: x }, messages: [ADT, ORU] }';PID-8;x",
        "'{ set: { field: PID-8, value: x }, when: { field: OBR-24, is: [CT, MR] } }';PID-8;x",
        "'{ set: { field: PID-8, value: x }, when: { field: OBR-24, is: US } }';PID-8;F",
        "'{ set: { field: PID-8, value: x }, when: { field: PID-19, is: \"\" } }';PID-8;x",
      })
  void aRuleDoes(String rule, String path, String value) {
    String yaml = rule.startsWith("'") ? rule.substring(1, rule.length() - 1) : rule;
    assertThat(get(ruled(yaml), path)).isEqualTo(value);
  }

  @Test
  void aZSegmentStandsAfterTheOneThatIsNamed() {
    assertThat(text(ruled("zsegment: { name: ZPI, after: PID, fields: { 1: x } }")))
        .containsSubsequence("\rPID|", "\rZPI|x", "\rORC|");
    assertThat(text(ruled("zsegment: { name: ZPI, fields: { 1: x } }"))).endsWith("\rZPI|x\r");
    assertThat(text(ruled("zsegment: { name: ZPI, fields: { 1: { from: PID-19 } } }")))
        .doesNotContain("ZPI");
  }

  @Test
  void rulesAreAppliedInOrder() {
    OutboundMessage m = oru();
    OutboundRules rules =
        OutboundRules.read(
            "rules.yaml",
            """
            # for the RIS of RJ1
            rules:
              - set: { field: OBR-20, value: a }
              - map:
                  field: OBR-20
                  values:
                    a: b
            """);
    rules.apply(m);
    assertThat(rules.size()).isEqualTo(2);
    assertThat(get(m, "OBR-20")).isEqualTo("b");
  }

  @Test
  void aValueCannotBreakOutOfItsField() {
    OutboundMessage m = ruled("set: { field: PID-2, value: \"a|b\\rMSH|x\" }");
    assertThat(text(m).split("\r")).filteredOn(s -> s.startsWith("MSH")).hasSize(1);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '`',
      value = {
        "set: { field: PID.3, value: x };line 2;\"PID.3\" is no field; write PID-3",
        "set: { field: PID-0, value: x };line 2;\"PID-0\" is no field; write PID-3",
        "set: { field: PID-999, value: x };line 2;is no field; write PID-3",
        "set: { field: pid-3, value: x };line 2;is no field; write PID-3",
        "set: { field: PID-3 };line 2;\"value\" is missing; add it",
        "set: { field: PID-3, value: x, valeu: y };line 2;\"valeu\" is not known here; use field, value",
        "set: { field: MSH-10, value: x };line 2;MSH-10 is the hub's own; take the rule out",
        "set: { field: MSH-18, value: x };line 2;MSH-18 is the hub's own; set charset",
        "move: { from: MSH-10, to: PID-2 };line 2;MSH-10 is the hub's own; take the rule out",
        "set: x;line 2;set needs its parts; { name: value }",
        "sett: { field: PID-3, value: x };line 2;\"sett\" is not known here; copy, map",
        "{ set: { field: PID-3, value: x }, map: { field: PID-3, values: {} } };line 2;does one thing; copy, map",
        "set MSH-6 to x;line 2;a rule looks like; set: {",
        "map: { field: PID-8, values: [a] };line 2;values looks like; { M:",
        "map: { field: PID-8, values: { a: 1, a: 2 } };line 2;mapped twice; leave one",
        "map: { field: PID-8, values: { a: [1] } };line 2;a text was expected; here",
        "remove: { segment: PID };line 2;cannot be removed; NTE",
        "remove: { segment: pid };line 2;cannot be removed; NTE",
        "remove: { };line 2;either field; or segment",
        "zsegment: { name: OBX, fields: { 1: x } };line 2;is no Z-segment; Z and two more",
        "zsegment: { name: ZDS, fields: { x: y } };line 2;\"ZDS-x\" is no field; write PID-3",
        "zsegment: { name: ZDS, fields: { 1: { fro: PID-3 } } };line 2;\"fro\" is not known here; use from",
        "{ set: { field: PID-3, value: x }, messages: SIU };line 2;\"SIU\" is no message; [ADT, ORM, OMI, ORU, MDM]",
        "{ set: { field: PID-3, value: x }, when: x };line 2;when looks like; is: [I, E]",
        "[;line 3;not YAML; rules.yaml",
      })
  void whatIsWrongIsNamedWithLineAndRemedy(String rule, String line, String what, String remedy) {
    InvalidRulesException e =
        catchThrowableOfType(
            InvalidRulesException.class,
            () -> OutboundRules.read("rules.yaml", "rules:\n  - " + rule + "\n"));
    assertThat(e).as(rule).isNotNull();
    assertThat(e.problems())
        .anySatisfy(p -> assertThat(p).contains("rules.yaml " + line, what, remedy));
    assertThat(e).hasMessageStartingWith("ISO-OUTBOUND-001: rules.yaml");
  }

  @ParameterizedTest
  @CsvSource({"'', line 1", "'a', line 1", "'- set', line 1", "'rules: x', line 1"})
  void aFileWithoutRulesIsNone(String yaml, String line) {
    InvalidRulesException e =
        catchThrowableOfType(
            InvalidRulesException.class, () -> OutboundRules.read("rules.yaml", yaml));
    assertThat(e.problems()).anySatisfy(p -> assertThat(p).contains(line));
  }

  @Test
  void everyProblemIsNamedAtOnce() {
    InvalidRulesException e =
        catchThrowableOfType(
            InvalidRulesException.class,
            () ->
                OutboundRules.read(
                    "rules.yaml",
                    "rules:\n- set: { field: A, value: x }\n- remove: { field: B }\n- nothing\n"));
    assertThat(e.problems()).hasSize(3);
  }
}
