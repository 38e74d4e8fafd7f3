package org.isocentre.index;

import java.text.Normalizer;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * Makes names that people take for the same compare as the same: no case, no accents, no empty
 * components at the end (PS3.4 §C.2.2.2.1 leaves this to the provider for VR PN).
 */
public final class Folding {
  private static final Pattern MARKS = Pattern.compile("\\p{M}+");
  private static final Pattern SPACES = Pattern.compile(" *([\\^=]) *");
  private static final Pattern EMPTY_COMPONENTS = Pattern.compile("\\^+(?==|$)");
  private static final Pattern EMPTY_GROUPS = Pattern.compile("=+$");

  private Folding() {}

  /** A person name (PS3.5 §6.2.1) or a pattern of one; null of null. */
  public static String name(String pn) {
    if (pn == null) {
      return null;
    }
    String folded =
        MARKS
            .matcher(Normalizer.normalize(pn, Normalizer.Form.NFD))
            .replaceAll("")
            .toUpperCase(Locale.ROOT);
    folded = SPACES.matcher(folded.strip()).replaceAll("$1");
    folded = EMPTY_COMPONENTS.matcher(folded).replaceAll("");
    return EMPTY_GROUPS.matcher(folded).replaceAll("");
  }
}
