package org.isocentre.index;

/**
 * A page of a result in stable order.
 *
 * @param offset rows to leave out, 0 or more
 * @param limit rows at most, 0 to 1,000; 0 asks for the count alone
 */
public record PageRequest(int offset, int limit) {
  public static final int MAX_LIMIT = 1000;

  public PageRequest {
    if (offset < 0 || limit < 0 || limit > MAX_LIMIT) {
      throw new IllegalArgumentException(
          "ISO-INDEX-001: a page needs offset >= 0 and 0 <= limit <= "
              + MAX_LIMIT
              + ", found offset "
              + offset
              + ", limit "
              + limit);
    }
  }
}
