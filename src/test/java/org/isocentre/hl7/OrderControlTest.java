package org.isocentre.hl7;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.isocentre.model.OrderRequest;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * Each cell of order control by order status, and by result status where there is no order status.
 * The expectation is written down here once more, by what a code is: what begins an order, what
 * changes nothing by itself, what ends it.
 */
class OrderControlTest {
  private static final List<String> BEGIN = List.of("NW", "OK", "SN", "OE", "OR", "PA", "CH", "RO");
  private static final List<String> KEEP =
      List.of(
          "XO", "XX", "XR", "SC", "SR", "NA", "CN", "RE", "LI", "UN", "SS", "RR", "DE", "UC", "UD",
          "UH", "UM", "UR", "UX", "", "ZZ");
  private static final List<String> END =
      List.of("CA", "CR", "OC", "DC", "DR", "OD", "UA", "RP", "RQ", "RU");
  private static final List<String> HOLD = List.of("HD", "HR", "OH");
  private static final List<String> STATUS =
      List.of("", "A", "CA", "CM", "DC", "ER", "HD", "IP", "RP", "SC", "??");
  private static final List<String> RESULT =
      List.of("", "O", "S", "I", "A", "P", "R", "F", "C", "X", "Y", "Z");

  @TestFactory
  Stream<DynamicTest> eachCell() {
    List<DynamicTest> cells = new ArrayList<>();
    Stream.of(BEGIN, KEEP, END, HOLD, List.of("RL"))
        .flatMap(List::stream)
        .forEach(
            control -> {
              for (String status : STATUS) {
                cells.add(cell(control, status, "", expected(control, status)));
              }
              for (String result : RESULT) {
                cells.add(cell(control, "", result, expected(control, standsFor(result))));
                cells.add(cell(control, "HD", result, expected(control, "HD")));
              }
            });
    return cells.stream();
  }

  private static DynamicTest cell(String control, String status, String result, String expected) {
    return DynamicTest.dynamicTest(
        "ORC-1 " + control + ", ORC-5 " + status + ", OBR-25 " + result,
        () -> {
          String message =
              "MSH|^~\\&|RIS|RTH|HUB|ISO|20261101093000||ORM^O01|M1|P|2.4\rPID|1||L1\rORC|"
                  + control
                  + "|P1|||"
                  + status
                  + "\rOBR|1|P1"
                  + "|".repeat(23)
                  + result
                  + "\r";
          OrderRequest order =
              (OrderRequest) MessageTable.map(Hl7Message.parse(message.getBytes())).get(0);
          assertThat(String.valueOf(order.status())).isEqualTo(expected);
        });
  }

  private static String standsFor(String result) {
    return switch (result) {
      case "O", "S", "I" -> "SC";
      case "A", "P", "R" -> "IP";
      case "F", "C" -> "CM";
      case "X" -> "CA";
      default -> "";
    };
  }

  private static String expected(String control, String status) {
    if (END.contains(control)) {
      return "REVOKED";
    }
    String byStatus =
        switch (status) {
          case "A", "IP", "SC" -> "ACTIVE";
          case "CA", "DC", "RP" -> "REVOKED";
          case "CM" -> "COMPLETED";
          case "HD" -> "ON_HOLD";
          default -> null;
        };
    boolean ended = "REVOKED".equals(byStatus) || "COMPLETED".equals(byStatus);
    if (HOLD.contains(control)) {
      return ended ? byStatus : "ON_HOLD";
    }
    if (control.equals("RL")) {
      return ended ? byStatus : "ACTIVE";
    }
    return byStatus != null ? byStatus : BEGIN.contains(control) ? "ACTIVE" : "null";
  }
}
