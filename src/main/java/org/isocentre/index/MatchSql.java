package org.isocentre.index;

import java.util.List;
import java.util.Objects;
import org.isocentre.index.QueryField.Kind;
import org.isocentre.model.NhsNumber;

/** Writes one {@link Match} as a condition. */
final class MatchSql {
  private static final String LIKE = " like ? escape '!'";
  private final BoundSql sql;

  MatchSql(BoundSql sql) {
    this.sql = sql;
  }

  void write(Match match) {
    QueryField field = match.field();
    if (match instanceof Match.AnyOf any) {
      anyOf(any.alternatives());
    } else if (field == StudyField.PATIENT_ID && match instanceof Match.OneOf any) {
      patientId(any.values());
    } else if (field == WorklistField.PATIENT_ID && match instanceof Match.OneOf any) {
      sql.add("(o.said_key_value in ").list(any.values());
      sql.add(" or o.said_nhs_number in ").list(nhsNumbers(any.values())).add(")");
    } else if (field instanceof StudyField set && field.kind() == Kind.SET) {
      boolean empty = match instanceof Match.Empty;
      sql.add(empty ? "not exists" : "exists")
          .add(
              " (select 1 from "
                  + set.table()
                  + " m where m.study_id = s.id and "
                  + set.shown()
                  + " and ");
      if (empty) {
        sql.add(column(field) + " is not null");
      } else {
        condition(match);
      }
      sql.add(")");
    } else {
      sql.add("(");
      condition(match);
      sql.add(")");
    }
  }

  private void anyOf(List<List<Match>> alternatives) {
    sql.add("(1 = 0");
    for (List<Match> all : alternatives) {
      sql.add(" or (1 = 1");
      for (Match match : all) {
        sql.add(" and ");
        write(match);
      }
      sql.add(")");
    }
    sql.add(")");
  }

  /**
   * An NHS number finds studies that name it beside another Patient ID, too. Two look-ups by index:
   * an {@code or} over two columns would read the whole table.
   */
  private void patientId(List<String> values) {
    List<String> nhs = nhsNumbers(values);
    if (nhs.isEmpty()) {
      sql.add("s.dicom_patient_id in ").list(values);
      return;
    }
    sql.add("s.id in (select id from study where dicom_patient_id in ").list(values);
    sql.add(" union all select id from study where said_nhs_number in ").list(nhs).add(")");
  }

  private static List<String> nhsNumbers(List<String> values) {
    return values.stream().flatMap(v -> NhsNumber.parse(v).stream()).toList();
  }

  private static String column(QueryField field) {
    return field instanceof StudyField study ? study.match() : ((WorklistField) field).match();
  }

  private void condition(Match match) {
    if (match instanceof Match.OneOf any) {
      oneOf(any.field(), any.values());
    } else if (match instanceof Match.WildCard wild) {
      any(wild.field(), wild.patterns());
    } else if (match instanceof Match.Words words) {
      words(words);
    } else if (match instanceof Match.Range range) {
      range(range);
    } else {
      String column = column(match.field());
      boolean text = match.field().kind() == Kind.TEXT || match.field().kind() == Kind.NAME;
      sql.add(column + " is null" + (text ? " or " + column + " = ''" : ""));
    }
  }

  private void oneOf(QueryField field, List<String> values) {
    if (field.kind() == Kind.NAME) {
      any(field, values);
    } else if (field.kind() == Kind.INTEGER) {
      sql.add(column(field) + " in ")
          .list(values.stream().map(MatchSql::number).filter(Objects::nonNull).toList());
    } else {
      sql.add(column(field) + " in ").list(values);
    }
  }

  private static Integer number(String text) {
    try {
      return Integer.valueOf(text);
    } catch (NumberFormatException e) {
      return null;
    }
  }

  private void any(QueryField field, List<String> patterns) {
    for (int i = 0; i < patterns.size(); i++) {
      sql.add(i == 0 ? "(" : " or ");
      if (field.kind() == Kind.NAME) {
        name(field, patterns.get(i));
      } else {
        sql.add(column(field) + LIKE, like(patterns.get(i)));
      }
    }
    sql.add(")");
  }

  /** The whole name, or its alphabetic group alone (PS3.5 §6.2.1.1). */
  private void name(QueryField field, String pattern) {
    String folded = Folding.name(pattern);
    sql.add("(");
    beginning(field, folded);
    sql.add("(" + column(field) + LIKE, like(folded))
        .add(" or " + column(field) + LIKE, like(folded) + "=%")
        .add("))");
  }

  /** Narrows to what begins as the pattern does, so that the index is used. */
  private void beginning(QueryField field, String pattern) {
    int end = 0;
    while (end < pattern.length() && "*?".indexOf(pattern.charAt(end)) < 0) {
      end++;
    }
    char last = end == 0 ? Character.MAX_VALUE : pattern.charAt(end - 1);
    if (field instanceof StudyField study
        && study.isOrdered()
        && last < Character.MIN_SURROGATE - 1) {
      String from = pattern.substring(0, end);
      sql.add(column(field) + " >= ? and ", from)
          .add(column(field) + " < ? and ", from.substring(0, end - 1) + (char) (last + 1));
    }
  }

  private void words(Match.Words match) {
    String column = column(match.field());
    for (int i = 0; i < match.words().size(); i++) {
      String word = like(Folding.name(match.words().get(i))) + "%";
      sql.add(i == 0 ? "(" : " and (").add(column + LIKE, word);
      for (String delimiter : List.of(" ", "^", "=", "-")) {
        sql.add(" or " + column + LIKE, "%" + delimiter + word);
      }
      sql.add(")");
    }
  }

  private void range(Match.Range range) {
    String column = column(range.field());
    sql.add(column + " is not null");
    if (range.from() != null) {
      sql.add(" and " + column + " >= ?", range.from());
    }
    if (range.until() != null) {
      sql.add(" and " + column + " <= ?", range.until());
    }
  }

  /** A pattern of DICOM as one of SQL; what has a meaning in SQL alone is escaped. */
  static String like(String pattern) {
    StringBuilder like = new StringBuilder();
    for (int i = 0; i < pattern.length(); i++) {
      char c = pattern.charAt(i);
      switch (c) {
        case '*' -> like.append('%');
        case '?' -> like.append('_');
        case '%', '_', '!' -> like.append('!').append(c);
        default -> like.append(c);
      }
    }
    return like.toString();
  }
}
