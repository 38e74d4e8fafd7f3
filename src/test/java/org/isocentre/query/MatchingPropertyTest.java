package org.isocentre.query;

import static org.assertj.core.api.Assertions.assertThat;

import java.text.Normalizer;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.lifecycle.BeforeContainer;
import org.isocentre.index.Match;
import org.isocentre.index.QueryLevel;
import org.isocentre.index.RowCursor;
import org.isocentre.index.StudyField;
import org.isocentre.index.StudyFind;
import org.isocentre.index.Visibility;
import org.isocentre.query.HubIndex.Sample;

/**
 * The SQL of wild cards and folding against a matcher that looks at one character after another,
 * over texts that are full of what SQL, patterns and Unicode make special.
 */
class MatchingPropertyTest {
  private static final List<String> TEXTS =
      List.of(
          "A", "a", "AB", "Ab^C", "A%", "A_", "A!", "%", "_", "!", "B^A", "Ä", "Äb^c", "a\u0308",
          "é", "A B", "AB=山", "B=山^田=A", "C^", "A^^B", "ß", "Å", "AÅ", "ab^ab");

  private static HubIndex hub;

  @BeforeContainer
  static void fill() {
    hub = new HubIndex(Databases.h2());
    for (int i = 0; i < TEXTS.size(); i++) {
      hub.store(
          new Sample(
              "RTH",
              "P" + i,
              null,
              TEXTS.get(i),
              null,
              "1." + (i + 1),
              "A" + i,
              null,
              null,
              TEXTS.get(i),
              "2." + i,
              "CT",
              "3." + i,
              i));
    }
  }

  @Provide
  Arbitrary<String> patterns() {
    return Arbitraries.of(
            "A", "a", "B", "b", "Ä", "é", "%", "_", "!", "^", "=", "*", "?", "山", " ", "C")
        .list()
        .ofMinSize(1)
        .ofMaxSize(4)
        .map(parts -> String.join("", parts).strip())
        .filter(pattern -> !pattern.isEmpty());
  }

  @Property(tries = 150)
  void wildCardsOfTextAgree(@ForAll("patterns") String pattern) {
    assertThat(found(new Match.WildCard(StudyField.STUDY_DESCRIPTION, List.of(pattern))))
        .isEqualTo(TEXTS.stream().filter(text -> matches(pattern, text)).toList());
  }

  @Property(tries = 150)
  void wildCardsOfNamesAgree(@ForAll("patterns") String pattern) {
    assertThat(found(new Match.WildCard(StudyField.PATIENT_NAME, List.of(pattern))))
        .isEqualTo(TEXTS.stream().filter(text -> nameMatches(pattern, text)).toList());
  }

  private static boolean nameMatches(String pattern, String name) {
    String folded = folded(name);
    String key = folded(pattern);
    if (matches(key, folded)) {
      return true;
    }
    for (int at = folded.indexOf('='); at >= 0; at = folded.indexOf('=', at + 1)) {
      if (matches(key, folded.substring(0, at))) {
        return true;
      }
    }
    return false;
  }

  /** Without case, marks and what stands for nothing at the end of a group or of the name. */
  private static String folded(String name) {
    StringBuilder plain = new StringBuilder();
    Normalizer.normalize(name, Normalizer.Form.NFD)
        .codePoints()
        .filter(c -> Character.getType(c) != Character.NON_SPACING_MARK)
        .forEach(plain::appendCodePoint);
    List<String> groups = new ArrayList<>();
    for (String group : plain.toString().toUpperCase(Locale.ROOT).split("=", -1)) {
      List<String> parts = new ArrayList<>();
      for (String part : group.split("\\^", -1)) {
        parts.add(part.strip());
      }
      while (!parts.isEmpty() && parts.get(parts.size() - 1).isEmpty()) {
        parts.remove(parts.size() - 1);
      }
      groups.add(String.join("^", parts));
    }
    while (!groups.isEmpty() && groups.get(groups.size() - 1).isEmpty()) {
      groups.remove(groups.size() - 1);
    }
    return String.join("=", groups);
  }

  private static boolean matches(String pattern, String text) {
    if (pattern.isEmpty()) {
      return text.isEmpty();
    }
    char first = pattern.charAt(0);
    String rest = pattern.substring(1);
    if (first == '*') {
      return matches(rest, text) || !text.isEmpty() && matches(pattern, text.substring(1));
    }
    return !text.isEmpty()
        && (first == '?' || first == text.charAt(0))
        && matches(rest, text.substring(1));
  }

  private static List<String> found(Match match) {
    List<String> found = new ArrayList<>();
    StudyFind find =
        new StudyFind(
            QueryLevel.STUDY,
            Visibility.ALL,
            List.of(match),
            List.of(StudyField.STUDY_DESCRIPTION, StudyField.STUDY_INSTANCE_UID),
            100);
    try (RowCursor<StudyField> cursor = hub.queries.find(find, "TEST")) {
      for (var row = cursor.next(); row != null; row = cursor.next()) {
        found.add((String) row.get(StudyField.STUDY_DESCRIPTION));
      }
    }
    found.sort(java.util.Comparator.comparingInt(TEXTS::indexOf));
    return found;
  }
}
