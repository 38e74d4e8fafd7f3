package org.isocentre.index;

/**
 * H2 keeps what it has made of a query for the next time, but not of a UNION: that it parses and
 * plans at each call, which takes five times as long as running it. One within a query it keeps.
 */
final class Unions {
  private Unions() {}

  /**
   * @param union whose columns have names; without an order, which may follow
   */
  static String kept(String union) {
    return "select * from (" + union + ") u";
  }
}
