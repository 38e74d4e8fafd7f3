package org.isocentre.hl7;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.isocentre.hl7.Answer.Verdict;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AnswerTest {
  private static final String HEAD = "MSH|^~\\&|RIS|RJ1|ISOCENTRE|HUB|20261101||ACK|9|P|2.4\r";

  @ParameterizedTest
  @CsvSource({
    "AA,ACCEPTED",
    "CA,ACCEPTED",
    "AE,ERROR",
    "CE,ERROR",
    "AR,REJECTED",
    "CR,REJECTED",
    "OK,ERROR",
  })
  void theCodeDecides(String code, Verdict verdict) {
    Answer answer =
        Answer.read((HEAD + "MSA|" + code + "|C1|text\r").getBytes(StandardCharsets.UTF_8))
            .orElseThrow();
    assertThat(answer.verdict()).isEqualTo(verdict);
    assertThat(answer.controlId()).isEqualTo("C1");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "ERR||PID^1^3|101^Required field missing^HL70357|E;101",
        "ERR|PID^1^3^102&Data type error;102&Data type error",
        "ERR|PID^1^3^103;103",
        "ERR|;",
        "NTE|1;",
      })
  void theErrorsCodeIsReadOfEitherForm(String segment, String code) {
    Answer answer =
        Answer.read((HEAD + "MSA|AE|C1\r" + segment + "\r").getBytes(StandardCharsets.UTF_8))
            .orElseThrow();
    assertThat(answer.error()).isEqualTo(code != null && code.contains("&") ? "102" : code);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "MSH", "hello", "MSA|AA|C1\r", "MSH|^~\\&|x\rERR|\r"})
  void whatIsNoAnswerIsNone(String text) {
    assertThat(Answer.read(text.getBytes(StandardCharsets.UTF_8))).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"\n", "\r\n", "\r"})
  void linesMayEndAsTheyLike(String end) {
    String text = HEAD.replace("\r", end) + "MSA|AA|C1" + end;
    assertThat(Answer.read(text.getBytes(StandardCharsets.UTF_8)))
        .contains(new Answer("AA", "C1", null));
  }
}
