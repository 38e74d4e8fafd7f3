package org.isocentre.index;

import java.time.temporal.Temporal;
import java.util.List;

/** One condition on one field; all of a query's must hold (PS3.4 §C.2.2.2). */
public sealed interface Match {
  QueryField field();

  /**
   * Single value matching and list of UID matching: equal to one of these. Names are folded before.
   * A value that cannot be one of the field's matches nothing.
   */
  record OneOf(QueryField field, List<String> values) implements Match {
    public OneOf {
      values = List.copyOf(values);
    }

    @Override
    public String toString() {
      return "OneOf[" + field + "]";
    }
  }

  /**
   * Wild card matching with one of these: {@code *} is any text, {@code ?} any character. Names are
   * folded before.
   */
  record WildCard(QueryField field, List<String> patterns) implements Match {
    public WildCard {
      patterns = List.copyOf(patterns);
    }

    @Override
    public String toString() {
      return "WildCard[" + field + "]";
    }
  }

  /** Fuzzy matching of a name: each word begins a word of the name. */
  record Words(QueryField field, List<String> words) implements Match {
    public Words {
      words = List.copyOf(words);
    }

    @Override
    public String toString() {
      return "Words[" + field + "]";
    }
  }

  /** Range matching, both ends included; null for no end. */
  record Range(QueryField field, Temporal from, Temporal until) implements Match {
    @Override
    public String toString() {
      return "Range[" + field + "]";
    }
  }

  /** Empty value matching: the field has no value. */
  record Empty(QueryField field) implements Match {}

  /**
   * One of several: all conditions of an alternative hold.
   *
   * @param field what they are about; all their fields are of its level
   */
  record AnyOf(QueryField field, List<List<Match>> alternatives) implements Match {
    public AnyOf {
      alternatives = alternatives.stream().map(List::copyOf).toList();
    }
  }
}
