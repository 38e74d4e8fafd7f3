package org.isocentre.index;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import org.isocentre.model.Patient;
import org.isocentre.model.PatientDemographics;
import org.isocentre.model.PatientDemographics.Field;
import org.isocentre.model.PatientIdentity;
import org.isocentre.model.PatientIdentity.Comparison;
import org.isocentre.model.PatientKey;
import org.isocentre.model.PatientLink;
import org.isocentre.model.PersonName;
import org.isocentre.model.ReviewItem;
import org.isocentre.model.TimeUuid;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionOperations;

/**
 * Patients and their numbers.
 *
 * <p>A patient number or an NHS number alone never decides: the same number with another birth
 * date, or the same local number with another NHS number, is somebody else until a person says
 * otherwise.
 */
public final class PatientIndex {
  private static final int LOCKS = 256;
  private final JdbcClient jdbc;
  private final TransactionOperations transactions;
  private final ReviewList reviews;
  private final MergeSettlement settlement;
  private final PatientNumbers numbers;

  public PatientIndex(JdbcClient jdbc, TransactionOperations transactions, ReviewList reviews) {
    this.jdbc = jdbc;
    this.transactions = transactions;
    this.reviews = reviews;
    this.settlement = new MergeSettlement(jdbc, this, reviews);
    this.numbers = new PatientNumbers(jdbc, this, reviews);
  }

  MergeSettlement settlement() {
    return settlement;
  }

  /**
   * Finds the patient that a statement speaks of, or makes one. The same (issuer, value) or the
   * same NHS number is the same patient only while nothing disagrees ({@link
   * PatientIdentity#compare}). A statement that disagrees with a source at least as strong gets a
   * patient of its own, in review; one that is stronger puts the weaker patient in review. An ADT
   * that follows an ADT may correct a birth date: what was filed under the old one then waits in
   * review. Idempotent, and safe when several threads or processes resolve the same new patient at
   * once.
   *
   * <p>Merges play no part in it: what is filed stays with the record of the numbers that it names,
   * and readers follow that record to the one that absorbed it.
   */
  public UUID resolve(PatientDemographics statement) {
    return resolve(statement, null);
  }

  /**
   * As {@link #resolve(PatientDemographics)}; of two statements of equally strong sources the one
   * that was said later counts, in whichever order they come.
   *
   * @param saidAt when the source said it (MSH-7), or null for one that has no such time: it counts
   *     as the latest
   */
  public UUID resolve(PatientDemographics statement, Instant saidAt) {
    return transactions.execute(
        status -> {
          Optional<Patient> known = known(candidates(statement), statement);
          if (known.isPresent()
              && !adds(known.get(), statement)
              && !isLatest(known.get(), statement, saidAt)) {
            return known.get().id();
          }
          List<PatientIdentity> named = PatientNumbers.identities(statement);
          lock(named);
          boolean merged =
              settlement.lockIfNamed(named, numbers.everybody(statement, candidates(statement)));
          Optional<UUID> resolved = resolveLocked(statement, saidAt);
          UUID id = resolved.orElseGet(() -> insertAlone(statement, saidAt, merged));
          if (PatientNumbers.areSeveral(statement)
              && numbers.add(find(id).orElseThrow(), statement)) {
            settlement.recordChanged(id);
          }
          resolved.ifPresent(patient -> stamp(patient, statement, saidAt));
          return id;
        });
  }

  /** A patient that nobody else's record has to do with. */
  private UUID insertAlone(PatientDemographics statement, Instant saidAt, boolean merged) {
    UUID id = insert(statement, false, saidAt);
    if (merged) {
      settlement.recordChanged(id);
    }
    return id;
  }

  /**
   * @return empty if there is nobody whom the statement may speak of
   */
  private Optional<UUID> resolveLocked(PatientDemographics statement, Instant saidAt) {
    List<Patient> candidates = candidates(statement);
    Optional<Patient> known = known(candidates, statement);
    return candidates.isEmpty() && known.isEmpty()
        ? Optional.empty()
        : Optional.of(resolveAmong(candidates, known, statement, saidAt));
  }

  private UUID resolveAmong(
      List<Patient> candidates,
      Optional<Patient> known,
      PatientDemographics statement,
      Instant saidAt) {
    if (known.isPresent()) {
      if (statement.source().compareTo(known.get().source()) > 0) {
        // From now on the stronger source's own times count.
        jdbc.sql("update patient set demographics_at = null where id = ?")
            .param(known.get().id())
            .update();
      }
      enrich(
          known.get(),
          isOutdated(known.get(), statement, saidAt) ? identityOf(statement) : statement);
      settlement.recordChanged(known.get().id());
      return known.get().id();
    }
    Optional<Patient> corrected =
        candidates.stream().filter(p -> corrects(statement, p)).findFirst();
    if (corrected.isPresent()) {
      return isOutdated(corrected.get(), statement, saidAt)
          ? corrected.get().id()
          : correctBirthDate(corrected.get(), statement);
    }
    List<Patient> trusted = candidates.stream().filter(p -> !p.inReview()).toList();
    boolean outranks = trusted.stream().allMatch(p -> statement.source().compareTo(p.source()) > 0);
    Optional<Patient> waiting =
        candidates.stream().filter(p -> p.inReview() && sameIdentity(p, statement)).findFirst();
    if (waiting.isPresent() && (trusted.isEmpty() || !outranks)) {
      UUID record = waiting.get().id();
      return IdentityDecisions.of(jdbc, record).orElse(record);
    }
    if (outranks) {
      trusted.forEach(p -> putInReview(p.id(), "OUTRANKED_IDENTITY"));
    }
    UUID id = insert(statement, !outranks, null);
    if (!outranks) {
      raise(id, "IDENTITY_DISAGREES");
    }
    settlement.recordChanged(id);
    return id;
  }

  /** Whether an equally strong source said something later. */
  private boolean isOutdated(Patient known, PatientDemographics statement, Instant saidAt) {
    if (saidAt == null || statement.source() != known.source()) {
      return false;
    }
    Instant latest = saidAt(known.id());
    return latest != null && saidAt.isBefore(latest);
  }

  /** Whether an equally strong source said what is known before. */
  private boolean isLatest(Patient known, PatientDemographics statement, Instant saidAt) {
    if (saidAt == null || statement.source() != known.source()) {
      return false;
    }
    Instant latest = saidAt(known.id());
    return latest == null || saidAt.isAfter(latest);
  }

  private Instant saidAt(UUID id) {
    return jdbc.sql("select demographics_at from patient where id = ?")
        .param(id)
        .query((row, n) -> java.util.Optional.ofNullable(Rows.instant(row, "demographics_at")))
        .single()
        .orElse(null);
  }

  /** Notes when the source that counts spoke last. */
  private void stamp(UUID id, PatientDemographics statement, Instant saidAt) {
    if (saidAt != null) {
      jdbc.sql(
              """
              update patient set demographics_at = :at
              where id = :id and source = :source and (demographics_at is null or demographics_at < :at)""")
          .param("at", Rows.utc(saidAt))
          .param("id", id)
          .param("source", statement.source().name())
          .update();
    }
  }

  /** The numbers alone: an old statement may still bring one that is new here. */
  private static PatientDemographics identityOf(PatientDemographics statement) {
    return new PatientDemographics(
        statement.identity(), null, null, null, null, statement.source());
  }

  private List<Patient> candidates(PatientDemographics statement) {
    PatientIdentity identity = statement.identity();
    Set<UUID> ids = new LinkedHashSet<>();
    if (identity.key() != null) {
      ids.addAll(idsByKey(identity.key()));
    }
    if (identity.nhsNumber() != null) {
      ids.addAll(idsByKey(new PatientKey(PatientKey.NHS, identity.nhsNumber())));
    }
    List<Patient> found = findAll(ids);
    List<UUID> order = List.copyOf(ids);
    return found.stream()
        .sorted(java.util.Comparator.comparingInt(p -> order.indexOf(p.id())))
        .toList();
  }

  /** A further number speaks only where nobody has the first one or the NHS number. */
  private Optional<Patient> known(List<Patient> candidates, PatientDemographics statement) {
    return candidates.isEmpty() ? numbers.owner(statement) : agreeing(candidates, statement);
  }

  private static Optional<Patient> agreeing(
      List<Patient> candidates, PatientDemographics statement) {
    return candidates.stream()
        .filter(p -> !p.inReview() && compareTo(p, statement.identity()) == Comparison.AGREES)
        .findFirst();
  }

  /** Looks at the number that the patient has with the same issuer, not only at the first. */
  static Comparison compareTo(Patient patient, PatientIdentity said) {
    PatientKey own = patient.identity().key();
    if (said.key() != null) {
      own =
          patient.keys().stream()
              .filter(k -> k.issuer().equals(said.key().issuer()))
              .findFirst()
              .orElse(null);
      if (patient.keys().contains(said.key())) {
        own = said.key();
      }
    }
    return new PatientIdentity(own, patient.identity().nhsNumber(), patient.identity().birthDate())
        .compare(said);
  }

  /** Only the birth date differs, and an ADT says so where an ADT spoke before. */
  private static boolean corrects(PatientDemographics statement, Patient patient) {
    PatientIdentity withoutBirthDate =
        new PatientIdentity(statement.identity().key(), statement.identity().nhsNumber(), null);
    return statement.source() == Patient.Source.ADT
        && patient.source() == Patient.Source.ADT
        && !patient.inReview()
        && compareTo(patient, withoutBirthDate) == Comparison.AGREES;
  }

  private static boolean sameIdentity(Patient patient, PatientDemographics statement) {
    PatientIdentity said = statement.identity();
    return Objects.equals(patient.identity().birthDate(), said.birthDate())
        && Objects.equals(patient.identity().nhsNumber(), said.nhsNumber())
        && (said.key() == null || patient.keys().contains(said.key()));
  }

  /**
   * Serialises those who speak of the same numbers, to the end of the transaction; numbers are
   * locked in one order, so nobody waits in a circle. Whoever files several statements in one
   * transaction takes the locks of all of them first.
   */
  public void lock(Collection<PatientIdentity> identities) {
    Set<Integer> buckets = new TreeSet<>();
    for (PatientIdentity identity : identities) {
      if (identity.key() != null) {
        buckets.add(Math.floorMod(identity.key().hashCode(), LOCKS));
      }
      if (identity.nhsNumber() != null) {
        buckets.add(Math.floorMod(identity.nhsNumber().hashCode(), LOCKS));
      }
    }
    if (!buckets.isEmpty()) {
      jdbc.sql(
              "select bucket from identity_lock where bucket in (:buckets) order by bucket for update")
          .param("buckets", Rows.padded(buckets))
          .query(Integer.class)
          .list();
    }
  }

  private static boolean adds(Patient known, PatientDemographics statement) {
    PatientIdentity said = statement.identity();
    boolean numbers =
        said.key() != null && !known.keys().contains(said.key())
            || said.nhsNumber() != null && known.identity().nhsNumber() == null
            || said.birthDate() != null && known.identity().birthDate() == null;
    return numbers
        || PatientNumbers.areNew(known, statement)
        || statement.source().compareTo(known.source()) >= 0
            && changesDemographics(known, statement);
  }

  private static boolean changesDemographics(Patient known, PatientDemographics statement) {
    return known.source() != statement.source()
        || differs(known.name(), statement.name())
        || differs(known.sex(), statement.sex())
        || differs(known.addressLine(), statement.addressLine())
        || differs(known.postalCode(), statement.postalCode())
        || differs(known.nhsNumberStatus(), statement.nhsNumberStatus())
        || statement.deleted().stream().anyMatch(field -> holds(known, field));
  }

  private static boolean differs(Object known, Object said) {
    return said != null && !said.equals(known);
  }

  private static boolean holds(Patient known, Field field) {
    return switch (field) {
      case BIRTH_DATE -> known.identity().birthDate() != null;
      case NAME -> known.name() != null;
      case SEX -> known.sex() != null;
      case ADDRESS_LINE -> known.addressLine() != null;
      case POSTAL_CODE -> known.postalCode() != null;
    };
  }

  /**
   * What a statement that is at least as strong says, or deletes; else what was known. Only an ADT
   * deletes: an order or an object need not know all that is known.
   */
  private static <T> T after(
      PatientDemographics statement, boolean stronger, Field field, T said, T known) {
    boolean deletes =
        statement.source() == Patient.Source.ADT && statement.deleted().contains(field);
    return stronger && said != null ? said : stronger && deletes ? null : known;
  }

  private void enrich(Patient known, PatientDemographics statement) {
    if (!adds(known, statement)) {
      return;
    }
    PatientIdentity said = statement.identity();
    boolean stronger = statement.source().compareTo(known.source()) >= 0;
    PersonName name = after(statement, stronger, Field.NAME, statement.name(), known.name());
    jdbc.sql(
            """
            update patient set nhs_number = coalesce(nhs_number, :nhs), birth_date = :birth,
              nhs_number_status = :nhsStatus, key_issuer = coalesce(key_issuer, :issuer), key_value = coalesce(key_value, :value),
              family = :family, given = :given, prefix = :prefix, sex = :sex, address_line = :address,
              postal_code = :postcode, source = :source, last_updated = :now
            where id = :id""")
        .param("nhs", said.nhsNumber())
        .param(
            "birth",
            known.identity().birthDate() == null
                ? said.birthDate()
                : after(
                    statement,
                    stronger,
                    Field.BIRTH_DATE,
                    said.birthDate(),
                    known.identity().birthDate()))
        .param(
            "nhsStatus",
            stronger && statement.nhsNumberStatus() != null
                ? statement.nhsNumberStatus()
                : known.nhsNumberStatus())
        .param("issuer", said.key() == null ? null : said.key().issuer())
        .param("value", said.key() == null ? null : said.key().value())
        .param("family", name == null ? null : Rows.cut(name.family(), 200))
        .param("given", name == null ? null : Rows.cut(name.given(), 200))
        .param("prefix", name == null ? null : Rows.cut(name.prefix(), 64))
        .param("sex", after(statement, stronger, Field.SEX, statement.sex(), known.sex()))
        .param(
            "address",
            Rows.cut(
                after(
                    statement,
                    stronger,
                    Field.ADDRESS_LINE,
                    statement.addressLine(),
                    known.addressLine()),
                400))
        .param(
            "postcode",
            Rows.cut(
                after(
                    statement,
                    stronger,
                    Field.POSTAL_CODE,
                    statement.postalCode(),
                    known.postalCode()),
                16))
        .param("source", (stronger ? statement.source() : known.source()).name())
        .param("now", Rows.utc(Instant.now()))
        .param("id", known.id())
        .update();
    numbers.add(said.key(), known.id());
  }

  private UUID correctBirthDate(Patient patient, PatientDemographics statement) {
    PatientDemographics old =
        new PatientDemographics(
            patient.identity(), patient.name(), patient.sex(), null, null, patient.source());
    UUID aside = null;
    for (String table : List.of("study", "imaging_order", "report")) {
      String differing =
          " where patient_id = :id and said_birth_date is not null and said_birth_date <> :birth";
      int rows =
          jdbc.sql("select count(*) from " + table + differing)
              .param("id", patient.id())
              .param("birth", statement.identity().birthDate())
              .query(Integer.class)
              .single();
      if (rows > 0) {
        if (aside == null) {
          aside = insert(old, true, null);
          raise(aside, "BIRTH_DATE_CORRECTED");
        }
        jdbc.sql("update " + table + " set patient_id = :aside, last_updated = :now" + differing)
            .param("aside", aside)
            .param("now", Rows.utc(Instant.now()))
            .param("id", patient.id())
            .param("birth", statement.identity().birthDate())
            .update();
      }
    }
    if (aside != null) {
      jdbc.sql(
              """
              update report_version set patient_id = :aside where patient_id = :id and report_id in
                (select id from report where patient_id = :aside)""")
          .param("aside", aside)
          .param("id", patient.id())
          .update();
    }
    jdbc.sql("update patient set birth_date = ?, last_updated = ? where id = ?")
        .params(statement.identity().birthDate(), Rows.utc(Instant.now()), patient.id())
        .update();
    enrich(find(patient.id()).orElseThrow(), statement);
    settlement.recordChanged(patient.id());
    return patient.id();
  }

  private UUID insert(PatientDemographics statement, boolean inReview, Instant saidAt) {
    UUID id = TimeUuid.next();
    PatientIdentity said = statement.identity();
    PersonName name = statement.name();
    jdbc.sql(
            """
            insert into patient (id, nhs_number, birth_date, key_issuer, key_value, family, given, prefix, sex,
              address_line, postal_code, source, in_review, last_updated, nhs_number_status, demographics_at)
            values (:id, :nhs, :birth, :issuer, :value, :family, :given, :prefix, :sex, :address, :postcode, :source,
              :review, :now, :nhsStatus, :saidAt)""")
        .param("id", id)
        .param("nhs", said.nhsNumber())
        .param("birth", said.birthDate())
        .param("issuer", said.key() == null ? null : said.key().issuer())
        .param("value", said.key() == null ? null : said.key().value())
        .param("family", name == null ? null : Rows.cut(name.family(), 200))
        .param("given", name == null ? null : Rows.cut(name.given(), 200))
        .param("prefix", name == null ? null : Rows.cut(name.prefix(), 64))
        .param("sex", statement.sex())
        .param("address", Rows.cut(statement.addressLine(), 400))
        .param("postcode", Rows.cut(statement.postalCode(), 16))
        .param("source", statement.source().name())
        .param("nhsStatus", statement.nhsNumberStatus())
        .param("review", inReview)
        .param("saidAt", Rows.utc(saidAt))
        .param("now", Rows.utc(Instant.now()))
        .update();
    if (inReview) {
      numbers.keep(said.key(), id);
    } else {
      numbers.add(said.key(), id);
    }
    return id;
  }

  /** People decided something of a record: what follows from it is worked out again. */
  void changed(UUID id) {
    jdbc.sql("update patient set last_updated = ? where id = ?")
        .params(Rows.utc(Instant.now()), id)
        .update();
    settlement.recordChanged(id);
  }

  private void putInReview(UUID id, String reason) {
    jdbc.sql("update patient set in_review = true, last_updated = ? where id = ?")
        .params(Rows.utc(Instant.now()), id)
        .update();
    raise(id, reason);
    settlement.recordChanged(id);
  }

  private void raise(UUID patient, String reason) {
    reviews.raise(
        ReviewItem.Kind.PATIENT,
        "PATIENT|" + patient,
        null,
        null,
        null,
        null,
        null,
        reason,
        "patient " + patient + " is hidden until a person decides who it is");
  }

  /** The record that absorbed this one, or itself; {@link Visibility#ALL}. */
  UUID current(UUID id) {
    return jdbc.sql("select coalesce(merged_into, id) from patient where id = ?")
        .param(id)
        .query(UUID.class)
        .single();
  }

  public Optional<Patient> find(UUID id) {
    return findAll(List.of(id)).stream().findFirst();
  }

  /** A patient, or the one that absorbed them if people have confirmed it. */
  public Optional<Patient> findSurviving(UUID id) {
    return jdbc.sql("select " + Rows.CONFIRMED_PATIENT + " from patient p where p.id = ?")
        .param(id)
        .query(UUID.class)
        .optional()
        .flatMap(this::find);
  }

  public List<Patient> findAll(Collection<UUID> ids) {
    return ids.isEmpty()
        ? List.of()
        : withKeys(
            jdbc.sql("select * from patient where id in (:ids)")
                .param("ids", ids)
                .query(PatientIndex::map)
                .list());
  }

  /**
   * By NHS number (issuer {@link PatientKey#NHS}) or local number, but for one that is only
   * claimed.
   */
  public List<Patient> findByKey(PatientKey key) {
    return findAll(idsByKey(key));
  }

  List<UUID> idsByKey(PatientKey key) {
    return key.issuer().equals(PatientKey.NHS)
        ? jdbc.sql("select id from patient where nhs_number = ? order by last_updated, id")
            .param(key.value())
            .query(UUID.class)
            .list()
        : jdbc.sql(
                "select patient_id from patient_key where issuer = ? and key_value = ? and not claimed order by patient_id")
            .params(key.issuer(), key.value())
            .query(UUID.class)
            .list();
  }

  public List<Patient> search(PatientQuery query) {
    return withKeys(
        where(query)
            .list(
                jdbc,
                "select * from patient p",
                "p.last_updated desc, p.id",
                query.page(),
                PatientIndex::map));
  }

  public int count(PatientQuery query) {
    return where(query).count(jdbc, "patient p");
  }

  private static SearchSql where(PatientQuery query) {
    return new SearchSql()
        .visible(query.visible(), "Patient", "p")
        .in("p.id", query.ids())
        .anyOf(query.keys(), PatientIndex::isNamed)
        .when(likePrefix(query.family()), "lower(p.family) like ?")
        .when(likePrefix(query.given()), "lower(p.given) like ?")
        .when(query.birthDate(), "p.birth_date = ?")
        .between("p.last_updated", query.lastUpdated());
  }

  /** The patient with this key, and the one that absorbed them. */
  private static SearchSql.Pair isNamed(PatientKey key) {
    return new SearchSql.Pair(
        """
        p.id in (select a.id from patient a where %1$s
          union all select a.merged_into from patient a where %1$s and a.merged_into is not null)"""
            .formatted(naming(key, "")),
        key.value(),
        key.issuer());
  }

  /**
   * What is filed under a patient with this key, or under one that is the same by merges. The
   * statement must join patient as {@code p}.
   */
  static SearchSql.Pair hasKey(PatientKey key) {
    return new SearchSql.Pair(
        """
        p.id in (select a.id from patient a where %1$s
          union all select a.merged_into from patient a where %1$s and a.merged_into is not null
          union all select m.id from patient a join patient m on m.merged_into = a.id where %1$s
          union all select m.id from patient a join patient m on m.merged_into = a.merged_into where %1$s)"""
            .formatted(naming(key, " and not k.claimed")),
        key.value(),
        key.issuer());
  }

  /** Patients are found by numbers that are only claimed; what is filed under them is not. */
  private static String naming(PatientKey key, String which) {
    return key.issuer().equals(PatientKey.NHS)
        ? "a.nhs_number = ?1 and 'NHS' = ?2"
        : "a.id in (select k.patient_id from patient_key k where k.issuer = ?2 and k.key_value = ?1"
            + which
            + ")";
  }

  /**
   * Compares what two sources said of a patient. Two numbers that people confirmed to be of one
   * person count as one number, and who is described as people decided is that patient.
   */
  public Comparison compare(PatientIdentity one, PatientIdentity other) {
    Comparison said = compareNumbers(one, other);
    if (said != Comparison.DISAGREES) {
      return said;
    }
    PatientIdentity first = decided(one);
    PatientIdentity second = decided(other);
    return first.equals(one) && second.equals(other) ? said : compareNumbers(first, second);
  }

  /** As the patient is known whom people decided this to be; else as it was said. */
  private PatientIdentity decided(PatientIdentity said) {
    PatientDemographics statement =
        new PatientDemographics(said, null, null, null, null, Patient.Source.DICOM);
    return candidates(statement).stream()
        .filter(p -> p.inReview() && sameIdentity(p, statement))
        .flatMap(p -> IdentityDecisions.of(jdbc, p.id()).flatMap(this::find).stream())
        .findFirst()
        .map(
            p ->
                new PatientIdentity(said.key(), p.identity().nhsNumber(), p.identity().birthDate()))
        .orElse(said);
  }

  private Comparison compareNumbers(PatientIdentity one, PatientIdentity other) {
    boolean twoNumbers = one.key() != null && other.key() != null && !one.key().equals(other.key());
    Comparison asSaid = one.compare(other);
    if (asSaid == Comparison.UNKNOWN && (crosses(one, other) || crosses(other, one))) {
      return Comparison.AGREES;
    }
    return asSaid != Comparison.AGREES && twoNumbers && areOnePerson(one.key(), other.key())
        ? one.compare(new PatientIdentity(one.key(), other.nhsNumber(), other.birthDate()))
        : asSaid;
  }

  /**
   * One names a local number, the other an NHS number, of two records that people confirmed to be
   * one person's. What a register says of both comes when it comes, and must not decide by that.
   */
  private boolean crosses(PatientIdentity local, PatientIdentity national) {
    if (local.key() == null || national.nhsNumber() == null) {
      return false;
    }
    List<UUID> some = trusted(local.key());
    List<UUID> others = trusted(new PatientKey(PatientKey.NHS, national.nhsNumber()));
    return !some.isEmpty()
        && !others.isEmpty()
        && jdbc.sql(
                    """
                    select count(*) from patient p join patient o on o.person_id = p.person_id and o.id <> p.id
                    where p.id in (:some) and o.id in (:others)""")
                .param("some", some)
                .param("others", others)
                .query(Integer.class)
                .single()
            > 0;
  }

  /**
   * Whether two numbers are of one person: people confirmed it, or both are on one record. Numbers
   * that nobody has, or whose patient is in review, are not.
   */
  public boolean areOnePerson(PatientKey one, PatientKey other) {
    List<UUID> some = trusted(one);
    List<UUID> others = trusted(other);
    if (some.isEmpty() || others.isEmpty()) {
      return false;
    }
    return jdbc.sql(
                """
                select count(*) from patient p join patient o on o.id = p.id or o.person_id = p.person_id
                where p.id in (:some) and o.id in (:others)""")
            .param("some", some)
            .param("others", others)
            .query(Integer.class)
            .single()
        > 0;
  }

  /** Whether two records are of one person: they are the same one, or people confirmed it. */
  boolean areOnePerson(UUID one, UUID other) {
    return one.equals(other)
        || jdbc.sql(
                    """
                    select count(*) from patient p join patient o on o.person_id = p.person_id
                    where p.id = ? and o.id = ?""")
                .params(one, other)
                .query(Integer.class)
                .single()
            > 0;
  }

  private List<UUID> trusted(PatientKey key) {
    return findByKey(key).stream().filter(p -> !p.inReview()).map(Patient::id).toList();
  }

  /** How these records lead to others. */
  public Map<UUID, List<PatientLink>> links(Collection<UUID> ids) {
    Map<UUID, List<PatientLink>> links = new LinkedHashMap<>();
    if (ids.isEmpty()) {
      return links;
    }
    jdbc.sql(
            Unions.kept(
                    """
            select id, 'REPLACED_BY' as type, merged_into as other from patient
              where id in (:ids) and merged_into is not null
            union select merged_into, 'REPLACES', id from patient where merged_into in (:ids)
            union select prior_patient, 'SEE_ALSO', surviving_patient from patient_merge
              where kind = 'LINK' and state = 'IN_FORCE' and prior_patient in (:ids)
            union select surviving_patient, 'SEE_ALSO', prior_patient from patient_merge
              where kind = 'LINK' and state = 'IN_FORCE' and surviving_patient in (:ids)""")
                + " order by 2, 3")
        .param("ids", ids)
        .query(
            row -> {
              links
                  .computeIfAbsent(Rows.uuid(row, "id"), id -> new ArrayList<>())
                  .add(
                      new PatientLink(
                          PatientLink.Type.valueOf(row.getString("type")),
                          Rows.uuid(row, "other")));
            });
    return links;
  }

  private static String likePrefix(String text) {
    return text == null
        ? null
        : text.toLowerCase(java.util.Locale.ROOT).replaceAll("([%_\\\\])", "\\\\$1") + "%";
  }

  private List<Patient> withKeys(List<Patient> patients) {
    if (patients.isEmpty()) {
      return patients;
    }
    record Key(UUID patient, PatientKey key, boolean claimed) {}
    List<Key> keys =
        jdbc.sql("select * from patient_key where patient_id in (:ids) order by issuer, key_value")
            .param("ids", patients.stream().map(Patient::id).toList())
            .query(
                (row, n) ->
                    new Key(
                        Rows.uuid(row, "patient_id"),
                        new PatientKey(row.getString("issuer"), row.getString("key_value")),
                        row.getBoolean("claimed")))
            .list();
    List<Patient> result = new ArrayList<>(patients.size());
    for (Patient p : patients) {
      List<Key> own = keys.stream().filter(k -> k.patient().equals(p.id())).toList();
      result.add(
          new Patient(
              p.id(),
              p.identity(),
              own.stream().filter(k -> !k.claimed()).map(Key::key).toList(),
              p.name(),
              p.sex(),
              p.addressLine(),
              p.postalCode(),
              p.source(),
              p.inReview(),
              p.lastUpdated(),
              p.nhsNumberStatus(),
              own.stream().filter(Key::claimed).map(Key::key).toList()));
    }
    return result;
  }

  private static Patient map(ResultSet row, int number) throws SQLException {
    return new Patient(
        Rows.uuid(row, "id"),
        new PatientIdentity(
            Rows.key(row.getString("key_issuer"), row.getString("key_value")),
            row.getString("nhs_number"),
            Rows.date(row, "birth_date")),
        List.of(),
        Rows.name(row, ""),
        row.getString("sex"),
        row.getString("address_line"),
        row.getString("postal_code"),
        Patient.Source.valueOf(row.getString("source")),
        row.getBoolean("in_review"),
        Rows.instant(row, "last_updated"),
        row.getString("nhs_number_status"));
  }
}
