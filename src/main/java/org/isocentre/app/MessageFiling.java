package org.isocentre.app;

import ca.uhn.hl7v2.HL7Exception;
import java.io.IOException;
import java.io.InputStream;
import java.time.Clock;
import java.time.Instant;
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
import org.isocentre.model.MessageStored;
import org.isocentre.model.OrderChanged;
import org.isocentre.model.OrderRequest;
import org.isocentre.model.PatientDemographics;
import org.isocentre.model.PatientMerge;
import org.isocentre.store.ObjectStore;

/**
 * Files stored HL7 messages in the index: reads the raw message, maps it, records it, and notes its
 * journey. Idempotent.
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

  /** Makes records of a message and files them. */
  @FunctionalInterface
  private interface Filing {
    Filed file(Hl7Message message, MessageStored event, Documents documents) throws IOException;
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

  /** ADT. */
  public void patient(MessageStored event) throws IOException, HL7Exception {
    run(event, this::filePatient);
  }

  /** ORM, OMG, OMI and SIU. @return what linking has to look at */
  public List<OrderChanged> order(MessageStored event) throws IOException, HL7Exception {
    return run(event, this::fileOrders).ids(ORDER).stream().map(OrderChanged::new).toList();
  }

  private List<OrderRequest> orders(Hl7Message message, MessageStored event) {
    return switch (message.header().type()) {
      case "OMG" -> mappers.omg().map(message, event);
      case "OMI" -> mappers.omi().map(message, event);
      default -> mappers.orm().map(message, event);
    };
  }

  /** ORU and MDM. @return ids of the reports */
  public List<UUID> report(MessageStored event) throws IOException, HL7Exception {
    return run(event, this::fileReports).ids(REPORT);
  }

  /**
   * Files without a word in the journal.
   *
   * @param queue that such a message waits on
   */
  Filed file(String queue, Hl7Message message, MessageStored event, Documents documents)
      throws IOException {
    Filing filing =
        switch (queue) {
          case "patient.received" -> this::filePatient;
          case "order.received" -> this::fileOrders;
          case "report.received" -> this::fileReports;
          default ->
              throw new IllegalArgumentException(
                  "ISO-MESSAGE-001: nothing files what waits on " + queue);
        };
    return filing.file(message, event, documents);
  }

  private Filed run(MessageStored event, Filing filing) throws IOException, HL7Exception {
    controlIds.record(event);
    byte[] raw = read(event.objectKey());
    Hl7Message message;
    try {
      message = Hl7Message.parse(raw);
    } catch (HL7Exception e) {
      journal.received(event, labels.read(raw, event.custodian()), event.receivedAt());
      throw e;
    }
    UUID id = journal.received(event, labels.read(message, event.custodian()), event.receivedAt());
    Filed filed =
        filing.file(message, event, document -> RouteConfiguration.keep(store, "doc", document));
    journal.filed(id, filed.mappedAt(), filed.resources(), filed.detail());
    return filed;
  }

  private byte[] read(String key) throws IOException {
    try (InputStream in = store.open(key)) {
      return in.readAllBytes();
    }
  }

  private Filed filePatient(Hl7Message message, MessageStored event, Documents documents) {
    if (AdtToMerge.triggers().contains(message.header().trigger())) {
      return fileMerges(mappers.merge().map(message, event));
    }
    PatientDemographics statement = mappers.adt().map(message, event.custodian());
    Filed filed = new Filed(clock.instant());
    UUID id = indexes.patients().resolve(statement, said(message, event));
    changes.note(IndexChanged.Kind.PATIENT, id, event.custodian());
    return filed.and(PATIENT, id);
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

  private Filed fileOrders(Hl7Message message, MessageStored event, Documents documents) {
    if (message.header().type().equals("SIU")) {
      return fileAppointment(mappers.siu().map(message, event));
    }
    List<OrderRequest> requests = orders(message, event);
    Filed filed = new Filed(clock.instant());
    for (OrderRequest request : requests) {
      UUID id = indexes.orders().record(request);
      var order = indexes.orders().find(id).orElseThrow();
      filed =
          filed
              .and(ORDER, id)
              .and(PATIENT, order.patientId())
              .outdatedIf(!event.objectKey().equals(order.request().messageKey()));
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

  private Filed fileReports(Hl7Message message, MessageStored event, Documents documents)
      throws IOException {
    List<MappedReport> mapped =
        message.header().type().equals("MDM")
            ? List.of(mappers.mdm().map(message, event))
            : mappers.oru().map(message, event);
    Filed filed = new Filed(clock.instant());
    for (MappedReport m : mapped) {
      UUID id =
          indexes
              .reports()
              .record(m.document() == null ? m.result() : m.storedAt(documents.keep(m.document())));
      var report = indexes.reports().find(id).orElseThrow();
      filed =
          filed
              .and(REPORT, id)
              .and(PATIENT, report.patientId())
              .outdatedIf(!event.objectKey().equals(report.result().messageKey()));
    }
    return filed;
  }
}
