package org.isocentre.index;

import static org.isocentre.index.Criterion.Numbering.ACCESSION;
import static org.isocentre.index.Criterion.Numbering.APPOINTMENT;
import static org.isocentre.index.Criterion.Numbering.APPOINTMENT_REQUEST;
import static org.isocentre.index.Criterion.Numbering.CLINICIAN;
import static org.isocentre.index.Criterion.Numbering.DOCUMENT;
import static org.isocentre.index.Criterion.Numbering.FILLER;
import static org.isocentre.index.Criterion.Numbering.GMC;
import static org.isocentre.index.Criterion.Numbering.LOCAL;
import static org.isocentre.index.Criterion.Numbering.NHS;
import static org.isocentre.index.Criterion.Numbering.PLACER;
import static org.isocentre.index.Criterion.Numbering.SDS;
import static org.isocentre.index.Criterion.Numbering.STUDY_INSTANCE_UID;
import static org.isocentre.index.Criterion.Numbering.UBRN;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.isocentre.index.SearchField.Code;
import org.isocentre.index.SearchField.Lead;
import org.isocentre.index.SearchField.Moment;
import org.isocentre.index.SearchField.Numbers;
import org.isocentre.index.SearchField.Text;

/**
 * Every resource type that can be searched, with its fields: the one place that knows their SQL.
 */
public final class SearchTables {
  static final String ID = "_id";
  static final String LAST_UPDATED = "_lastUpdated";

  private static final Map<String, SearchTable> TABLES =
      Stream.of(
              patient(),
              serviceRequest(),
              imagingStudy(),
              diagnosticReport(),
              documentReference(),
              appointment(),
              task(),
              consent(),
              practitioner(),
              practitionerRole(),
              provenance(),
              auditEvent())
          .collect(Collectors.toUnmodifiableMap(SearchTable::type, Function.identity()));

  private SearchTables() {}

  /** Types that can be searched. */
  public static Set<String> types() {
    return TABLES.keySet();
  }

  /** Names of the type's fields. */
  public static Set<String> fields(String type) {
    return of(type).fields().keySet();
  }

  /** Whether the codes of a field have words that can be searched, too. */
  public static boolean hasText(String type, String field) {
    return of(type).field(field) instanceof Code code && code.text() != null;
  }

  /** Types that a field leads to; none if it is no reference. */
  public static Set<String> targets(String type, String field) {
    return of(type).field(field) instanceof Lead lead ? lead.targets() : Set.of();
  }

  static SearchTable of(String type) {
    SearchTable table = TABLES.get(type);
    if (table == null) {
      throw new IllegalArgumentException("ISO-INDEX-031: " + type + " cannot be searched");
    }
    return table;
  }

  private static SearchTable table(
      String type, String table, SearchTable.Narrowing narrowing, Map<String, SearchField> own) {
    Map<String, SearchField> fields = new TreeMap<>(own);
    fields.put(ID, Code.column("id"));
    fields.putIfAbsent(LAST_UPDATED, new Moment("last_updated", Moment.Kind.INSTANT, false));
    return new SearchTable(type, table, narrowing, fields, List.of());
  }

  private static SearchTable patient() {
    return table(
        "Patient",
        "patient",
        SearchTable.columns("id", null),
        Map.of(
            "identifier",
                new Numbers(
                    Numbers.Column.of(NHS, "patient", null, "nhs_number"),
                    new Numbers.Column(
                        NHS,
                        "select n.merged_into from patient n where n.merged_into is not null and ",
                        null,
                        "n.nhs_number",
                        ""),
                    new Numbers.Column(
                        LOCAL,
                        "select k.patient_id from patient_key k where ",
                        "k.issuer",
                        "k.key_value",
                        " and not k.claimed"),
                    new Numbers.Column(
                        LOCAL,
                        "select n.merged_into from patient_key k join patient n on n.id = k.patient_id where n.merged_into is not null and ",
                        "k.issuer",
                        "k.key_value",
                        " and not k.claimed")),
            "family", new Text(List.of("family")),
            "given", new Text(List.of("given")),
            "name", new Text(List.of("family", "given", "prefix")),
            "address-postalcode", new Text(List.of("postal_code")),
            "gender", Code.column("sex"),
            "birthdate", new Moment("birth_date", Moment.Kind.DATE, true)));
  }

  private static SearchTable serviceRequest() {
    return table(
        "ServiceRequest",
        "imaging_order",
        SearchTable.columns("patient_id", "custodian"),
        Map.of(
            "identifier",
            orderNumbers(),
            "patient",
            Lead.patient("imaging_order"),
            "requester",
            requester(),
            "status",
            Code.column("status"),
            "priority",
            Code.column("priority"),
            "code",
            Code.column("procedure_code").withText("procedure_display"),
            "order-detail",
            Code.column("modality"),
            "authored",
            new Moment("authored_on", Moment.Kind.INSTANT, true),
            "occurrence",
            new Moment("scheduled_start", Moment.Kind.LOCAL, true)));
  }

  private static Numbers orderNumbers() {
    return new Numbers(
        Numbers.Column.of(ACCESSION, "imaging_order", "accession_issuer", "accession_value"),
        new Numbers.Column(
            ACCESSION,
            "select n.order_id from order_step n where ",
            "n.accession_issuer",
            "n.accession_value",
            ""),
        Numbers.Column.of(PLACER, "imaging_order", "placer_issuer", "placer_number"),
        Numbers.Column.of(FILLER, "imaging_order", "filler_issuer", "filler_number"),
        Numbers.Column.of(UBRN, "imaging_order", null, "ubrn"),
        Numbers.Column.of(STUDY_INSTANCE_UID, "imaging_order", null, "study_instance_uid"),
        new Numbers.Column(
            STUDY_INSTANCE_UID,
            "select n.order_id from order_step n where ",
            null,
            "n.study_instance_uid",
            ""));
  }

  /** By a code; an organisation alone is no clinician. */
  private static Lead requester() {
    String pair =
        "imaging_order x join practitioner_role w on w.practitioner_id = x.referrer_id"
            + " and w.organisation = coalesce(x.referring_organisation, '')";
    return new Lead(
        Set.of("PractitionerRole"),
        "select x.id from " + pair + " where w.id in (@)",
        "select w.id from " + pair + " where x.id in (@)",
        "{t}.referrer_id is not null");
  }

  private static SearchTable practitioner() {
    return table(
        "Practitioner",
        "practitioner",
        (sql, visible, alias, values) ->
            ofOrders(
                sql, visible, values, alias + ".id in (select q.referrer_id from imaging_order q"),
        Map.of(
            "identifier",
            new Numbers(
                clinicians(GMC, null), clinicians(SDS, null), clinicians(CLINICIAN, "n.issuer")),
            "family",
            new Text(List.of("family")),
            "given",
            new Text(List.of("given")),
            "name",
            new Text(List.of("family", "given", "prefix"))));
  }

  private static Numbers.Column clinicians(Criterion.Numbering numbering, String issuer) {
    String kind = numbering == CLINICIAN ? "LOCAL" : numbering.name();
    return new Numbers.Column(
        numbering,
        "select n.id from practitioner n where n.kind = '" + kind + "' and ",
        issuer,
        "n.code",
        "");
  }

  private static SearchTable practitionerRole() {
    return table(
        "PractitionerRole",
        "practitioner_role",
        (sql, visible, alias, values) ->
            ofOrders(
                sql,
                visible,
                values,
                alias
                    + ".id in (select w.id from imaging_order q join practitioner_role w on w.practitioner_id = q.referrer_id"
                    + " and w.organisation = coalesce(q.referring_organisation, '')"),
        Map.of(
            "practitioner",
            Lead.column("practitioner_role", "practitioner_id", "Practitioner"),
            "organization",
            Code.column("organisation")));
  }

  /** Of messages: what each made or changed. */
  private static SearchTable provenance() {
    Map<String, SearchField> fields =
        Map.of(
            "target",
            new Lead(
                ProvenanceIndex.targets(),
                "select m.message_id from message_resource m where m.resource_id in (@)",
                "select m.resource_id from message_resource m where m.message_id in (@)",
                "1 = 1"),
            "patient",
            new Lead(
                Set.of("Patient"),
                "select m.message_id from message_resource m where m.resource_type = 'Patient' and m.resource_id in (@)",
                "select m.resource_id from message_resource m where m.resource_type = 'Patient' and m.message_id in (@)",
                "exists (select 1 from message_resource m where m.message_id = {t}.id and m.resource_type = 'Patient')"),
            "recorded",
            new Moment("received_at", Moment.Kind.INSTANT, false),
            "when",
            new Moment("message_at", Moment.Kind.INSTANT, true),
            "agent",
            Code.column("custodian"));
    return table("Provenance", "hl7_message", ProvenanceIndex::narrow, fields);
  }

  /**
   * A directory to staff and systems; to a patient, who is named by orders that they may see.
   *
   * @param within condition up to where orders {@code q} are narrowed
   */
  private static void ofOrders(SearchSql sql, Visibility visible, Bindings values, String within) {
    if (visible.nhsNumber() != null) {
      sql.and(within + new SearchSql(values).visible(visible, "ServiceRequest", "q").where() + ")");
    }
  }

  private static SearchTable imagingStudy() {
    return table(
        "ImagingStudy",
        "study",
        SearchTable.columns("patient_id", "custodian"),
        Map.of(
            "identifier",
            new Numbers(
                Numbers.Column.of(STUDY_INSTANCE_UID, "study", null, "study_instance_uid"),
                Numbers.Column.of(ACCESSION, "study", "accession_issuer", "accession_value")),
            "patient",
            Lead.patient("study"),
            "basedon",
            Lead.pairs("study_link", "study_id", "order_id", "ServiceRequest"),
            "status",
            new Code(
                "(case when {t}.number_of_instances = 0 then 'cancelled' else 'available' end) in (@)",
                "1 = 1"),
            "modality",
            Code.within(
                "series w where w.study_id = {t}.id and w.number_of_instances > 0", "w.modality"),
            "bodysite",
            Code.within(
                "series w where w.study_id = {t}.id and w.number_of_instances > 0",
                "upper(w.body_part_examined)"),
            "series",
            Code.within(
                "series w where w.study_id = {t}.id and w.number_of_instances > 0",
                "w.series_instance_uid"),
            "instance",
            Code.within(
                "instance w where w.study_id = {t}.id and w.rejected_by is null",
                "w.sop_instance_uid"),
            "dicom-class",
            Code.within(
                "instance w where w.study_id = {t}.id and w.rejected_by is null",
                "w.sop_class_uid"),
            "started",
            new Moment("started", Moment.Kind.LOCAL, true)));
  }

  private static SearchTable diagnosticReport() {
    return table(
        "DiagnosticReport",
        "report",
        SearchTable.columns("patient_id", "custodian"),
        Map.of(
            "identifier",
            new Numbers(
                Numbers.Column.of(ACCESSION, "report", "accession_issuer", "accession_value"),
                Numbers.Column.of(PLACER, "report", "placer_issuer", "placer_number"),
                Numbers.Column.of(FILLER, "report", "filler_issuer", "filler_number"),
                Numbers.Column.of(DOCUMENT, "report", "custodian", "document_number")),
            "patient",
            Lead.patient("report"),
            "based-on",
            Lead.column("report", "order_id", "ServiceRequest"),
            "imaging-study",
            Lead.pairs("report_study", "report_id", "study_id", "ImagingStudy"),
            "status",
            Code.column("status"),
            "code",
            Code.column("procedure_code").withText("procedure_display"),
            "issued",
            new Moment("issued", Moment.Kind.INSTANT, true)));
  }

  /** Those of reports; each has the id of its report. */
  private static SearchTable documentReference() {
    return table(
        "DocumentReference",
        "report",
        (sql, visible, alias, values) ->
            sql.ofPatient(visible, alias + ".patient_id", alias + ".custodian")
                .and(alias + ".document_key is not null"),
        Map.of(
            "identifier",
            new Numbers(
                Numbers.Column.of(ACCESSION, "report", "accession_issuer", "accession_value"),
                Numbers.Column.of(DOCUMENT, "report", "custodian", "document_number")),
            "patient",
            Lead.patient("report"),
            "related",
            Lead.pairs("report_study", "report_id", "study_id", "ImagingStudy"),
            "status",
            new Code(
                "(case when {t}.status = 'entered-in-error' then 'entered-in-error' else 'current' end) in (@)",
                "1 = 1"),
            "contenttype",
            Code.column("document_type"),
            "custodian",
            Code.column("custodian"),
            "date",
            new Moment("issued", Moment.Kind.INSTANT, true)));
  }

  /** Kept back with an order that it is for: it would tell of it. */
  private static SearchTable appointment() {
    return table(
        "Appointment",
        "appointment",
        (sql, visible, alias, values) -> {
          sql.ofPatient(visible, alias + ".patient_id", alias + ".custodian");
          if (!visible.withheld().data().isEmpty()) {
            sql.and(
                alias
                    + ".id not in ("
                    + AppointmentSearch.pairs(
                        "x.id",
                        "o.id in (" + values.bind(Rows.padded(visible.withheld().data())) + ")")
                    + ")");
          }
        },
        Map.of(
            "identifier",
            new Numbers(
                Numbers.Column.of(APPOINTMENT, "appointment", "custodian", "filler_number"),
                Numbers.Column.of(
                    APPOINTMENT_REQUEST, "appointment", "custodian", "placer_number")),
            "patient",
            Lead.patient("appointment"),
            "based-on",
            new Lead(
                Set.of("ServiceRequest"),
                AppointmentSearch.pairs("x.id", "o.id in (@)"),
                AppointmentSearch.pairs("o.id", "x.id in (@)"),
                "exists (select 1 from appointment_order w where w.appointment_id = {t}.id)"),
            "status",
            new Code(
                "(case when {t}.status = 'CANCELLED' then 'cancelled' when {t}.scheduled_start is null then 'proposed' else 'booked' end) in (@)",
                "1 = 1"),
            "service-type",
            Code.column("procedure_code").withText("procedure_display"),
            "date",
            new Moment("scheduled_start", Moment.Kind.LOCAL, true)));
  }

  private static SearchTable task() {
    return table(
        "Task",
        "transfer",
        (sql, visible, alias, values) -> {
          SearchSql study = new SearchSql(values).ofPatient(visible, "v.patient_id", "v.custodian");
          if (!study.where().isEmpty()) {
            sql.and(alias + ".study_id in (select v.id from study v" + study.where() + ")");
          }
        },
        Map.of(
            "patient",
            new Lead(
                Set.of("Patient"),
                """
                select x.id from transfer x join study y on y.id = x.study_id where y.patient_id in (@)
                union all select x.id from transfer x join study y on y.id = x.study_id join patient m on m.id = y.patient_id
                  where m.merged_into in (@)""",
                """
                select y.patient_id from transfer x join study y on y.id = x.study_id where x.id in (@)
                union all select m.merged_into from transfer x join study y on y.id = x.study_id join patient m on m.id = y.patient_id
                  where m.merged_into is not null and x.id in (@)""",
                "1 = 1"),
            "focus",
            Lead.column("transfer", "study_id", "ImagingStudy"),
            "owner",
            Code.column("destination"),
            "status",
            Code.column("state"),
            "authored-on",
            new Moment("created_at", Moment.Kind.INSTANT, false),
            "modified",
            new Moment("last_updated", Moment.Kind.INSTANT, false)));
  }

  private static SearchTable consent() {
    return table(
        "Consent",
        "consent",
        (sql, visible, alias, values) ->
            sql.ofPatient(visible, alias + ".patient_id", null).and(alias + ".deleted = false"),
        Map.of(
            "patient", Lead.patient("consent"),
            "actor", said("ACTOR"),
            "purpose", said("PURPOSE"),
            "status", Code.column("status"),
            "date", new Moment("recorded_at", Moment.Kind.INSTANT, false)));
  }

  private static SearchField said(String criterion) {
    return Code.within(
        "consent_term w where w.consent_id = {t}.id and w.criterion = '" + criterion + "'",
        "w.term");
  }

  /** Of a patient, what concerns them; whoever else asks sees all of it. The newest come first. */
  private static SearchTable auditEvent() {
    Moment at = new Moment("at", Moment.Kind.INSTANT, false);
    SearchTable table =
        table(
            "AuditEvent",
            "audit_entry",
            (sql, visible, alias, values) -> AuditIndex.narrow(sql, visible, alias + "."),
            Map.of(
                LAST_UPDATED,
                at,
                "date",
                at,
                "patient",
                Lead.column("audit_entry", "patient_id", "Patient"),
                "type",
                Code.column("audit_type"),
                "action",
                Code.column("action"),
                "entity-type",
                Code.column("entity_type")));
    return table.orderedBy(List.of(new ResourceSearch.Order("date", true)));
  }
}
