package org.isocentre.dicom.data;

/**
 * A value multiplicity as PS3.6 prints it: {@code 1}, {@code 1-3}, {@code 1-n}, {@code 2-2n}; of
 * alternatives ({@code 1 or 3}) each counts.
 */
record Multiplicity(int least, int most, int step) {
  static boolean allows(String vm, int count) {
    for (String one : vm.split(" or ")) {
      Multiplicity multiplicity = parse(one);
      if (multiplicity == null || multiplicity.has(count)) {
        return true;
      }
    }
    return false;
  }

  /** Null if it is of a form that is not known: then nothing can be said. */
  private static Multiplicity parse(String vm) {
    String[] ends = vm.strip().split("-");
    if (!ends[0].matches("[0-9]{1,6}")) {
      return null;
    }
    int least = Integer.parseInt(ends[0]);
    if (ends.length == 1) {
      return new Multiplicity(least, least, 1);
    }
    if (ends[1].matches("[0-9]{0,6}n")) {
      String step = ends[1].substring(0, ends[1].length() - 1);
      return new Multiplicity(
          least, Integer.MAX_VALUE, step.isEmpty() ? 1 : Integer.parseInt(step));
    }
    return ends[1].matches("[0-9]{1,6}")
        ? new Multiplicity(least, Integer.parseInt(ends[1]), 1)
        : null;
  }

  private boolean has(int count) {
    return count >= least && count <= most && (count - least) % step == 0;
  }
}
