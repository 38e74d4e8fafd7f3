package org.isocentre.hl7;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.isocentre.model.OrderStatus;

/**
 * What ORC-1 (HL7 table 0119) together with ORC-5 (table 0038), or OBR-25 (table 0123) in its
 * place, says of an order's status. The table is {@code order-control.tsv}: a row for each order
 * control, a column for each order status.
 */
final class OrderControl {
  /** Column for a message that gives no order status. */
  private static final String NONE = "none";

  /** Row for a code that is not in the table. */
  private static final String OTHER = "other";

  private static final Map<String, Map<String, OrderStatus>> TABLE = read();

  private OrderControl() {}

  /**
   * @param control ORC-1, or null
   * @param orderStatus ORC-5, or null
   * @param resultStatus OBR-25, or null; counts where ORC-5 is empty or unknown
   * @return null if the status stays as it is
   */
  static OrderStatus status(String control, String orderStatus, String resultStatus) {
    Map<String, OrderStatus> row = TABLE.get(control == null ? OTHER : control);
    row = row == null ? TABLE.get(OTHER) : row;
    String column = orderStatus != null && row.containsKey(orderStatus) ? orderStatus : null;
    return row.get(Objects.requireNonNullElse(column, ofResult(resultStatus)));
  }

  /** The order status that a result status stands for. */
  private static String ofResult(String code) {
    return switch (code == null ? "" : code) {
      case "O", "S", "I" -> "SC";
      case "A", "P", "R" -> "A";
      case "F", "C" -> "CM";
      case "X" -> "CA";
      default -> NONE;
    };
  }

  private static Map<String, Map<String, OrderStatus>> read() {
    try (BufferedReader lines =
        new BufferedReader(
            new InputStreamReader(
                OrderControl.class.getResourceAsStream("order-control.tsv"),
                StandardCharsets.UTF_8))) {
      List<String[]> rows =
          lines.lines().filter(l -> !l.startsWith("#")).map(l -> l.split("\t")).toList();
      String[] columns = rows.get(0);
      Map<String, Map<String, OrderStatus>> table = new HashMap<>();
      for (String[] row : rows.subList(1, rows.size())) {
        Map<String, OrderStatus> cells = new HashMap<>();
        for (int i = 1; i < columns.length; i++) {
          cells.put(columns[i], row[i].equals("keep") ? null : OrderStatus.valueOf(row[i]));
        }
        table.put(row[0], cells);
      }
      return table;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
