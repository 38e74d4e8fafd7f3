package org.isocentre.app;

import ca.uhn.hl7v2.HL7Exception;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.function.Consumer;
import org.isocentre.hl7.AdtToMerge;
import org.isocentre.hl7.AdtToPatient;
import org.isocentre.hl7.Hl7Message;
import org.isocentre.hl7.MappedReport;
import org.isocentre.hl7.MappingRules;
import org.isocentre.hl7.MdmToReport;
import org.isocentre.hl7.OmgToOrder;
import org.isocentre.hl7.OmiToOrder;
import org.isocentre.hl7.OrmToOrder;
import org.isocentre.hl7.OruToReport;
import org.isocentre.hl7.SiuToSchedule;
import org.isocentre.index.AppointmentIndex;
import org.isocentre.index.MessageIndex;
import org.isocentre.index.OrderIndex;
import org.isocentre.index.PatientIndex;
import org.isocentre.index.ReportIndex;
import org.isocentre.model.MessageStored;
import org.isocentre.model.OrderChanged;
import org.isocentre.model.OrderRequest;
import org.isocentre.model.PatientMerge;
import org.isocentre.store.ObjectStore;

/**
 * Files stored HL7 messages in the index: reads the raw message, maps it, records it. Idempotent.
 */
public final class MessageFiling {
  static final int MAX_DOCUMENT_BYTES = 32 * 1024 * 1024;
  private final ObjectStore store;
  private final MessageIndex messages;
  private final Indexes indexes;
  private final Mappers mappers;
  private final Consumer<PatientMerge> merges;

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

  /**
   * @param merges what merges patients, or null: then such messages are refused as they come
   */
  MessageFiling(
      ObjectStore store,
      MessageIndex messages,
      Indexes indexes,
      Mappers mappers,
      Consumer<PatientMerge> merges) {
    this.store = store;
    this.messages = messages;
    this.indexes = indexes;
    this.mappers = mappers;
    this.merges = merges;
  }

  /** ADT. */
  public void patient(MessageStored event) throws IOException, HL7Exception {
    Hl7Message message = begin(event);
    if (AdtToMerge.triggers().contains(message.header().trigger())) {
      if (merges == null) {
        throw new IllegalStateException(
            "ISO-HL7-004: a merge was accepted though nothing merges patients here");
      }
      mappers.merge().map(message, event).forEach(merges);
    } else {
      indexes.patients().resolve(mappers.adt().map(message, event.custodian()));
    }
    messages.became(event, MessageIndex.State.FILED, null);
  }

  /** ORM, OMG, OMI and SIU. @return what linking has to look at */
  public List<OrderChanged> order(MessageStored event) throws IOException, HL7Exception {
    Hl7Message message = begin(event);
    List<OrderChanged> changed = new ArrayList<>();
    if (message.header().type().equals("SIU")) {
      indexes.appointments().record(mappers.siu().map(message, event)).stream()
          .map(OrderChanged::new)
          .forEach(changed::add);
    } else {
      for (OrderRequest request : orders(message, event)) {
        changed.add(new OrderChanged(indexes.orders().record(request)));
      }
    }
    messages.became(event, MessageIndex.State.FILED, null);
    return changed;
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
    Hl7Message message = begin(event);
    List<MappedReport> mapped =
        message.header().type().equals("MDM")
            ? List.of(mappers.mdm().map(message, event))
            : mappers.oru().map(message, event);
    List<UUID> filed = new ArrayList<>();
    for (MappedReport report : mapped) {
      filed.add(
          indexes
              .reports()
              .record(
                  report.document() == null
                      ? report.result()
                      : report.storedAt(RouteConfiguration.keep(store, "doc", report.document()))));
    }
    messages.became(event, MessageIndex.State.FILED, null);
    return filed;
  }

  private Hl7Message begin(MessageStored event) throws IOException, HL7Exception {
    messages.received(event);
    try (InputStream in = store.open(event.objectKey())) {
      return Hl7Message.parse(in.readAllBytes());
    }
  }
}
