package org.isocentre.index;

import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import org.isocentre.index.Criterion.Number;
import org.isocentre.index.SearchField.Moment;

/**
 * Turns criteria into conditions of one statement. Whatever a search looks at, at any depth, is
 * narrowed to what the caller may see: what they may not see cannot be told by what it leads to.
 */
final class CriteriaSql {
  static final ZoneId LOCAL = ZoneId.of("Europe/London");
  private static final String NEVER = "1 = 0";

  private final Visibility visible;
  private final Set<String> readable;
  private final Bindings values;
  private int aliases;

  /**
   * @param readable types that the caller may read; through others nothing is found
   */
  CriteriaSql(Visibility visible, Set<String> readable, Bindings values) {
    this.visible = visible;
    this.readable = readable;
    this.values = values;
  }

  /** Conditions on rows of a table with this alias. */
  SearchSql where(SearchTable table, String alias, List<Criterion> criteria) {
    return where(table, alias, criteria, false);
  }

  private SearchSql where(
      SearchTable table, String alias, List<Criterion> criteria, boolean chained) {
    SearchSql sql = new SearchSql(values).visible(visible, table.type(), alias);
    criteria.forEach(c -> sql.and(condition(table, alias, c, chained)));
    return sql;
  }

  /** The condition that rows meet all of one of these. */
  String anyOf(SearchTable table, String alias, List<List<Criterion>> any) {
    return any.stream()
        .map(
            all ->
                all.stream()
                    .map(c -> condition(table, alias, c, false))
                    .collect(Collectors.joining(" and ", "(", ")")))
        .collect(Collectors.joining(" or ", "(", ")"));
  }

  private String condition(SearchTable table, String alias, Criterion c, boolean chained) {
    String text;
    if (c instanceof Criterion.OneOf one) {
      text = oneOf(table, one);
    } else if (c instanceof Criterion.LeadsTo leads) {
      text = leadsTo(lead(table, leads.field()), bindIds(leads.ids()));
    } else if (c instanceof Criterion.Numbered numbered) {
      text = numbered(table, numbered, chained);
    } else if (c instanceof Criterion.During during) {
      text = during((Moment) table.field(during.field()), during.any());
    } else if (c instanceof Criterion.Says says) {
      text = says(words(table.field(says.field())), says);
    } else if (c instanceof Criterion.Missing missing) {
      String present = "(" + table.field(missing.field()).present() + ")";
      text = missing.missing() ? "not " + present : present;
    } else if (c instanceof Criterion.Through through) {
      text = through(table, through);
    } else {
      text = ledToBy(table, (Criterion.LedToBy) c);
    }
    return text.replace("{t}", alias);
  }

  private String oneOf(SearchTable table, Criterion.OneOf one) {
    SearchField.Code code = (SearchField.Code) table.field(one.field());
    Collection<?> wanted = one.field().equals(SearchTables.ID) ? ids(one.values()) : one.values();
    String any =
        wanted.isEmpty() ? NEVER : code.condition().replace("@", values.bind(Rows.padded(wanted)));
    return one.not() ? "(" + any + ") is not true" : any;
  }

  private static SearchField.Lead lead(SearchTable table, String field) {
    if (table.field(field) instanceof SearchField.Lead lead) {
      return lead;
    }
    throw new IllegalArgumentException(
        "ISO-INDEX-032: " + table.type() + "." + field + " is no reference");
  }

  private static String leadsTo(SearchField.Lead lead, String ids) {
    return ids == null ? NEVER : "{t}.id in (" + lead.from().replace("@", ids) + ")";
  }

  /** A bound list, or null for an empty one. */
  private String bindIds(Set<String> texts) {
    List<UUID> ids = ids(texts);
    return ids.isEmpty() ? null : values.bind(Rows.padded(ids));
  }

  private static List<UUID> ids(Collection<String> texts) {
    List<UUID> ids = new ArrayList<>();
    for (String text : texts) {
      try {
        ids.add(UUID.fromString(text));
      } catch (IllegalArgumentException e) {
        // No row has it.
        continue;
      }
    }
    return ids;
  }

  private String numbered(SearchTable table, Criterion.Numbered numbered, boolean chained) {
    SearchField.Numbers field = (SearchField.Numbers) table.field(numbered.field());
    List<String> selects = new ArrayList<>();
    for (Number number : numbered.numbers()) {
      for (SearchField.Numbers.Column column : field.columns()) {
        boolean asked = number.numbering() == null || number.numbering() == column.numbering();
        if (asked && !(column.issuer() == null && number.issuer() != null)) {
          selects.add(select(column, number, chained));
        }
      }
    }
    String any =
        selects.isEmpty() ? NEVER : "{t}.id in (" + String.join(" union all ", selects) + ")";
    return numbered.not() ? "not (" + any + ")" : any;
  }

  private String select(SearchField.Numbers.Column column, Number number, boolean chained) {
    StringBuilder select = new StringBuilder(column.ids());
    select.append(
        number.value() == null
            ? column.value() + " is not null"
            : column.value() + " = " + values.bind(number.value()));
    if (number.issuer() != null) {
      select
          .append(" and ")
          .append(column.issuer())
          .append(" = ")
          .append(values.bind(number.issuer()));
    }
    return select.append(chained ? column.claimed() : "").toString();
  }

  private String during(Moment moment, List<Criterion.Times> any) {
    return any.isEmpty()
        ? NEVER
        : any.stream().map(t -> during(moment, t)).collect(Collectors.joining(" or ", "(", ")"));
  }

  private String during(Moment moment, Criterion.Times times) {
    String column = "{t}." + moment.column();
    List<String> bounds = new ArrayList<>();
    if (times.range().from() != null) {
      bounds.add(column + " >= " + values.bind(bound(moment.kind(), times.range().from())));
    }
    if (times.range().until() != null) {
      bounds.add(column + " < " + values.bind(bound(moment.kind(), times.range().until())));
    }
    if (bounds.isEmpty()) {
      bounds.add(moment.present());
    }
    String within = "(" + String.join(" and ", bounds) + ")";
    return times.outside() ? "(" + moment.present() + " and not " + within + ")" : within;
  }

  /** A day counts where its first moment is within. */
  private static Object bound(Moment.Kind kind, Instant at) {
    return switch (kind) {
      case INSTANT -> Rows.utc(at);
      case LOCAL -> LocalDateTime.ofInstant(at, LOCAL);
      case DATE -> firstDayFrom(LocalDateTime.ofInstant(at, LOCAL));
    };
  }

  private static LocalDate firstDayFrom(LocalDateTime at) {
    LocalDate day = at.toLocalDate();
    return at.equals(day.atStartOfDay()) ? day : day.plusDays(1);
  }

  private static SearchField.Text words(SearchField field) {
    return field instanceof SearchField.Code code
        ? new SearchField.Text(List.of(code.text()))
        : (SearchField.Text) field;
  }

  private String says(SearchField.Text field, Criterion.Says says) {
    List<String> parts = new ArrayList<>();
    for (String text : says.any()) {
      String value =
          switch (says.match()) {
            case EXACT -> values.bind(text);
            case STARTS_WITH -> values.bind(escaped(text) + "%");
            case CONTAINS -> values.bind("%" + escaped(text) + "%");
          };
      for (String column : field.columns()) {
        parts.add(
            says.match() == Criterion.Match.EXACT
                ? "{t}." + column + " = " + value
                : "lower({t}." + column + ") like " + value + " escape '\\'");
      }
    }
    return parts.isEmpty() ? NEVER : "(" + String.join(" or ", parts) + ")";
  }

  private static String escaped(String text) {
    return text.toLowerCase(Locale.ROOT).replaceAll("([\\\\%_])", "\\\\$1");
  }

  private String through(SearchTable table, Criterion.Through through) {
    SearchField.Lead lead = lead(table, through.field());
    return readable.contains(through.target()) && lead.targets().contains(through.target())
        ? leadsTo(lead, ids(SearchTables.of(through.target()), through.all()))
        : NEVER;
  }

  private String ledToBy(SearchTable table, Criterion.LedToBy by) {
    SearchTable source = SearchTables.of(by.type());
    SearchField.Lead lead = lead(source, by.field());
    return !readable.contains(by.type()) || !lead.targets().contains(table.type())
        ? NEVER
        : "{t}.id in (" + lead.to().replace("@", ids(source, by.all())) + ")";
  }

  /** A select of the ids that the caller may see and that meet all. */
  String ids(SearchTable table, List<Criterion> all) {
    String alias = "t" + aliases++;
    return "select %s.id from %s %s%s"
        .formatted(alias, table.table(), alias, where(table, alias, all, true).where());
  }
}
