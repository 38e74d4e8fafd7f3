package org.isocentre.index;

import java.sql.Date;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.UUID;
import org.isocentre.model.AccessionKey;
import org.isocentre.model.Code;
import org.isocentre.model.PatientIdentity;
import org.isocentre.model.PatientKey;
import org.isocentre.model.PersonName;

/** Reads column values that more than one index has, and turns record values into column values. */
final class Rows {
  /**
   * Column {@code current_patient_id}: whose a row is by what people have confirmed. The statement
   * must join the record that the row was filed under as {@code p}.
   */
  static final String CONFIRMED_PATIENT =
      "case when p.merge_confirmed and p.merged_into is not null then p.merged_into else p.id end as current_patient_id";

  private Rows() {}

  static UUID uuid(ResultSet row, String column) throws SQLException {
    return row.getObject(column, UUID.class);
  }

  static Instant instant(ResultSet row, String column) throws SQLException {
    OffsetDateTime value = row.getObject(column, OffsetDateTime.class);
    return value == null ? null : value.toInstant();
  }

  static LocalDate date(ResultSet row, String column) throws SQLException {
    Date value = row.getDate(column);
    return value == null ? null : value.toLocalDate();
  }

  static LocalDateTime dateTime(ResultSet row, String column) throws SQLException {
    Timestamp value = row.getTimestamp(column);
    return value == null ? null : value.toLocalDateTime();
  }

  /**
   * Column {@code current_patient_id}: whose a row is now. Patients are shown a merge only after it
   * was confirmed. The statement must join the record that the row was filed under as {@code p}.
   */
  static String currentPatient(Visibility visible) {
    return visible.nhsNumber() == null
        ? "coalesce(p.merged_into, p.id) as current_patient_id"
        : CONFIRMED_PATIENT;
  }

  static Integer integer(ResultSet row, String column) throws SQLException {
    int value = row.getInt(column);
    return row.wasNull() ? null : value;
  }

  static PatientIdentity said(ResultSet row) throws SQLException {
    return new PatientIdentity(
        key(row.getString("said_key_issuer"), row.getString("said_key_value")),
        row.getString("said_nhs_number"),
        date(row, "said_birth_date"));
  }

  static PatientKey key(String issuer, String value) {
    return issuer == null || value == null ? null : new PatientKey(issuer, value);
  }

  static AccessionKey accession(ResultSet row) throws SQLException {
    String issuer = row.getString("accession_issuer");
    String value = row.getString("accession_value");
    return issuer == null || value == null ? null : new AccessionKey(issuer, value);
  }

  static Code procedure(ResultSet row) throws SQLException {
    String value = row.getString("procedure_code");
    String display = row.getString("procedure_display");
    return value == null && display == null
        ? null
        : new Code(value, row.getString("procedure_system"), display);
  }

  static PersonName name(ResultSet row, String before) throws SQLException {
    String family = row.getString(before + "family");
    String given = row.getString(before + "given");
    String prefix = row.getString(before + "prefix");
    return family == null && given == null ? null : new PersonName(family, given, prefix);
  }

  /**
   * Values for {@code in (…)}, the last of them again until their number is a power of two: a
   * database parses and keeps few statements then, not one for each number of values.
   */
  static <T> List<T> padded(Collection<T> values) {
    List<T> all = new ArrayList<>(values);
    while (!all.isEmpty() && Integer.bitCount(all.size()) > 1) {
      all.add(all.get(all.size() - 1));
    }
    return all;
  }

  static OffsetDateTime utc(Instant instant) {
    return instant == null ? null : instant.atOffset(ZoneOffset.UTC);
  }

  /**
   * Text cut to what its column takes; a longer value is shown whole by the raw message or object.
   */
  static String cut(String text, int most) {
    return text == null || text.length() <= most ? text : text.substring(0, most);
  }
}
