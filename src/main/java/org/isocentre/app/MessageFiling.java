package org.isocentre.app;

import ca.uhn.hl7v2.HL7Exception;
import java.io.IOException;
import java.io.InputStream;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;
import org.isocentre.hl7.AdtToMerge;
import org.isocentre.hl7.AdtToPatient;
import org.isocentre.hl7.Hl7Message;
import org.isocentre.hl7.LabelReader;
import org.isocentre.hl7.MappedReport;
import org.isocentre.hl7.MappingRules;
import org.isocentre.hl7.MdmToReport;
import org.isocentre.hl7.MessageReceiver;
import org.isocentre.hl7.OmgToOrder;
import org.isocentre.hl7.OmiToOrder;
import org.isocentre.hl7.OrmToOrder;
import org.isocentre.hl7.OruToReport;
import org.isocentre.hl7.SiuToSchedule;
import org.isocentre.index.AppointmentIndex;
import org.isocentre.index.ControlIdIndex;
import org.isocentre.index.IndexChanges;
import org.isocentre.index.MessageJournal;
import org.isocentre.index.MessageJournal.Resource;
import org.isocentre.index.OrderIndex;
import org.isocentre.index.PatientIndex;
import org.isocentre.index.ReportIndex;
import org.isocentre.model.Appointment;
import org.isocentre.model.IndexChanged;
import org.isocentre.model.MergeRecord;
import org.isocentre.model.MessageLabels;
import org.isocentre.model.MessageStored;
import org.isocentre.model.OrderRequest;
import org.isocentre.model.PatientDemographics;
import org.isocentre.model.PatientIdentity;
import org.isocentre.model.PatientMerge;
import org.isocentre.model.ReportResult;
import org.isocentre.store.ObjectStore;

/**
 * Files stored HL7 messages in the index: reads the raw message, maps it, records it, and notes its
 * journey. Idempotent. {@link MessageBatches} says what is done in one transaction.
 */
public final class MessageFiling {
  static final int MAX_DOCUMENT_BYTES = 32 * 1024 * 1024;
  static final String PATIENT = "Patient";
  static final String ORDER = "ServiceRequest";
  static final String REPORT = "DiagnosticReport";
  private final ObjectStore store;
  private final MessageJournal journal;
  private final LabelReader labels;
  private final ControlIdIndex controlIds;
  private final Indexes indexes;
  private final Mappers mappers;
  private final Function<PatientMerge, MergeRecord> merges;
  private final IndexChanges changes;
  private final Clock clock;

  /** Where messages are filed. */
  record Indexes(
      PatientIndex patients,
      OrderIndex orders,
      ReportIndex reports,
      AppointmentIndex appointments) {}

  /** One for each message type. */
  record Mappers(
      AdtToPatient adt,
      AdtToMerge merge,
      OrmToOrder orm,
      OmgToOrder omg,
      OmiToOrder omi,
      SiuToSchedule siu,
      OruToReport oru,
      MdmToReport mdm) {
    Mappers(MappingRules rules) {
      this(
          new AdtToPatient(rules),
          new AdtToMerge(rules),
          new OrmToOrder(rules),
          new OmgToOrder(rules),
          new OmiToOrder(rules),
          new SiuToSchedule(rules),
          new OruToReport(rules, MAX_DOCUMENT_BYTES),
          new MdmToReport(rules, MAX_DOCUMENT_BYTES));
    }
  }

  MessageFiling(
      ObjectStore store,
      MessageJournal journal,
      LabelReader labels,
      ControlIdIndex controlIds,
      Indexes indexes,
      Mappers mappers,
      Function<PatientMerge, MergeRecord> merges,
      IndexChanges changes,
      Clock clock) {
    this.store = store;
    this.journal = journal;
    this.labels = labels;
    this.controlIds = controlIds;
    this.indexes = indexes;
    this.mappers = mappers;
    this.merges = merges;
    this.changes = changes;
    this.clock = clock;
  }

  /** Where documents that come inside a message are kept. */
  @FunctionalInterface
  interface Documents {
    /**
     * @return its key in the store
     */
    String keep(byte[] document) throws IOException;
  }

  /** Files what a message says; what it throws undoes that. */
  @FunctionalInterface
  private interface Filing {
    Filed file();
  }

  /**
   * What a message says, read and mapped; nothing of it is filed yet.
   *
   * @param bytes of the raw message
   * @param names whom it speaks of
   * @param orders that it states
   * @param alone whether it is filed in transactions of its own: what follows from it looks at what
   *     others have committed
   */
  record Mapped(
      MessageStored event,
      MessageLabels labels,
      int bytes,
      List<PatientIdentity> names,
      List<OrderRequest> orders,
      boolean alone,
      Filing filing) {
    private Mapped(List<PatientIdentity> names, boolean alone, Filing filing) {
      this(null, null, 0, names, List.of(), alone, filing);
    }

    private static Mapped ofOrders(List<OrderRequest> orders, Filing filing) {
      return new Mapped(
          null,
          null,
          0,
          orders.stream().map(r -> r.patient().identity()).toList(),
          orders,
          false,
          filing);
    }

    private Mapped of(MessageStored m, MessageLabels found, int length) {
      return new Mapped(m, found, length, names, orders, alone, filing);
    }
  }

  /**
   * What a message became.
   *
   * @param resources in the order of the message
   * @param outdated how many of its orders or reports say something newer, and stay
   */
  record Filed(Instant mappedAt, Set<Resource> resources, int outdated) {
    private Filed(Instant mappedAt) {
      this(mappedAt, new LinkedHashSet<>(), 0);
    }

    private Filed and(String type, UUID id) {
      resources.add(new Resource(type, id));
      return this;
    }

    private Filed outdatedIf(boolean isOlder) {
      return isOlder ? new Filed(mappedAt, resources, outdated + 1) : this;
    }

    /** Ids of the resources of one type. */
    List<UUID> ids(String type) {
      return resources.stream().filter(r -> r.type().equals(type)).map(Resource::id).toList();
    }

    String detail() {
      return outdated == 0 ? null : outdated + " of its parts say something newer and stay";
    }
  }

  private List<OrderRequest> orders(Hl7Message message, MessageStored event) {
    return switch (message.header().type()) {
      case "OMG" -> mappers.omg().map(message, event);
      case "OMI" -> mappers.omi().map(message, event);
      default -> mappers.orm().map(message, event);
    };
  }

  /**
   * Files without a word in the journal.
   *
   * @param queue that such a message waits on
   */
  Filed file(String queue, Hl7Message message, MessageStored event, Documents documents)
      throws IOException {
    Filed filed = map(queue, message, event, documents).filing().file();
    indexes.orders().scheduleAnew(filed.ids(ORDER));
    return filed;
  }

  private Mapped map(String queue, Hl7Message message, MessageStored event, Documents documents)
      throws IOException {
    return switch (queue) {
      case "patient.received" -> mapPatient(message, event);
      case "order.received" -> mapOrders(message, event);
      case "report.received" -> mapReports(message, event, documents);
      default ->
          throw new IllegalArgumentException(
              "ISO-MESSAGE-001: nothing files what waits on " + queue);
    };
  }

  /** Reads the raw message; documents in it are kept in the store. Nothing is filed. */
  Mapped map(MessageStored event) throws IOException, HL7Exception {
    byte[] raw = read(event.objectKey());
    Hl7Message message = Hl7Message.parse(raw);
    return map(
            MessageReceiver.queue(event.messageType()),
            message,
            event,
            document -> RouteConfiguration.keep(store, "doc", document))
        .of(event, labels.read(message, event.custodian()), raw.length);
  }

  /** Notes whom orders name as their requesters. Outside of the transaction that files them. */
  void introduce(List<Mapped> messages) {
    indexes.orders().introduce(messages.stream().flatMap(m -> m.orders().stream()).toList());
  }

  /**
   * Takes the locks of messages that are filed in one transaction, in an order that is the same for
   * all.
   */
  void lock(List<Mapped> messages) {
    indexes.patients().lock(messages.stream().flatMap(m -> m.names().stream()).toList());
  }

  /** Files a message and notes its journey, in the transaction of the caller if there is one. */
  Filed file(Mapped m) {
    controlIds.record(m.event());
    Filed filed = m.filing().file();
    journal.receivedAndFiled(
        m.event(),
        m.labels(),
        m.event().receivedAt(),
        filed.mappedAt(),
        filed.resources(),
        filed.detail());
    return filed;
  }

  /** Notes that a message is here, whatever else fails. */
  void received(MessageStored event) throws IOException {
    controlIds.record(event);
    journal.received(
        event, labels.read(read(event.objectKey()), event.custodian()), event.receivedAt());
  }

  private byte[] read(String key) throws IOException {
    try (InputStream in = store.open(key)) {
      return in.readAllBytes();
    }
  }

  private Mapped mapPatient(Hl7Message message, MessageStored event) {
    if (AdtToMerge.triggers().contains(message.header().trigger())) {
      List<PatientMerge> said = mappers.merge().map(message, event);
      return new Mapped(List.of(), true, () -> fileMerges(said));
    }
    PatientDemographics statement = mappers.adt().map(message, event.custodian());
    Instant said = said(message, event);
    return new Mapped(
        List.of(statement.identity()),
        false,
        () -> {
          Filed filed = new Filed(clock.instant());
          UUID id = indexes.patients().resolve(statement, said);
          changes.note(IndexChanged.Kind.PATIENT, id, event.custodian());
          return filed.and(PATIENT, id);
        });
  }

  private Filed fileMerges(List<PatientMerge> said) {
    Filed filed = new Filed(clock.instant());
    for (PatientMerge merge : said) {
      MergeRecord done = merges.apply(merge);
      for (UUID patient : Arrays.asList(done.survivingPatient(), done.priorPatient())) {
        if (patient != null) {
          filed = filed.and(PATIENT, patient);
        }
      }
    }
    return filed;
  }

  private static Instant said(Hl7Message message, MessageStored event) {
    Instant sent = message.header().sentAt();
    return sent == null ? event.receivedAt() : sent;
  }

  private Mapped mapOrders(Hl7Message message, MessageStored event) {
    if (message.header().type().equals("SIU")) {
      Appointment appointment = mappers.siu().map(message, event);
      return new Mapped(List.of(), true, () -> fileAppointment(appointment));
    }
    List<OrderRequest> requests = orders(message, event);
    return Mapped.ofOrders(requests, () -> fileOrders(requests));
  }

  private Filed fileOrders(List<OrderRequest> requests) {
    Filed filed = new Filed(clock.instant());
    for (OrderRequest request : requests) {
      OrderIndex.Recorded order = indexes.orders().file(request);
      filed = filed.and(ORDER, order.id()).and(PATIENT, order.patient()).outdatedIf(!order.taken());
    }
    return filed;
  }

  private Filed fileAppointment(Appointment appointment) {
    Filed filed = new Filed(clock.instant());
    for (UUID id : indexes.appointments().record(appointment)) {
      filed =
          filed.and(ORDER, id).and(PATIENT, indexes.orders().find(id).orElseThrow().patientId());
    }
    return filed;
  }

  private Mapped mapReports(Hl7Message message, MessageStored event, Documents documents)
      throws IOException {
    List<MappedReport> mapped =
        message.header().type().equals("MDM")
            ? List.of(mappers.mdm().map(message, event))
            : mappers.oru().map(message, event);
    List<ReportResult> results = new ArrayList<>();
    for (MappedReport m : mapped) {
      results.add(m.document() == null ? m.result() : m.storedAt(documents.keep(m.document())));
    }
    return new Mapped(
        results.stream().map(r -> r.patient().identity()).toList(),
        false,
        () -> fileReports(results, event.objectKey()));
  }

  private Filed fileReports(List<ReportResult> results, String messageKey) {
    Filed filed = new Filed(clock.instant());
    for (ReportResult result : results) {
      UUID id = indexes.reports().record(result);
      var report = indexes.reports().find(id).orElseThrow();
      filed =
          filed
              .and(REPORT, id)
              .and(PATIENT, report.patientId())
              .outdatedIf(!messageKey.equals(report.result().messageKey()));
    }
    return filed;
  }
}
