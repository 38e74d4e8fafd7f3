package org.isocentre.app;

import ca.uhn.hl7v2.HL7Exception;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.isocentre.hl7.AdtToPatient;
import org.isocentre.hl7.Hl7Message;
import org.isocentre.hl7.OrmToOrder;
import org.isocentre.hl7.OruToReport;
import org.isocentre.index.ControlIdIndex;
import org.isocentre.index.MessageIndex;
import org.isocentre.index.OrderIndex;
import org.isocentre.index.PatientIndex;
import org.isocentre.index.ReportIndex;
import org.isocentre.model.MessageStored;
import org.isocentre.model.OrderChanged;
import org.isocentre.model.OrderRequest;
import org.isocentre.store.ObjectStore;

/**
 * Files stored HL7 messages in the index: reads the raw message, maps it, records it. Idempotent.
 */
public final class MessageFiling {
  static final int MAX_DOCUMENT_BYTES = 32 * 1024 * 1024;
  private final ObjectStore store;
  private final MessageIndex messages;
  private final ControlIdIndex controlIds;
  private final PatientIndex patients;
  private final OrderIndex orders;
  private final ReportIndex reports;
  private final AdtToPatient adt;
  private final OrmToOrder orm;
  private final OruToReport oru;

  MessageFiling(
      ObjectStore store,
      MessageIndex messages,
      ControlIdIndex controlIds,
      PatientIndex patients,
      OrderIndex orders,
      ReportIndex reports,
      AdtToPatient adt,
      OrmToOrder orm,
      OruToReport oru) {
    this.store = store;
    this.messages = messages;
    this.controlIds = controlIds;
    this.patients = patients;
    this.orders = orders;
    this.reports = reports;
    this.adt = adt;
    this.orm = orm;
    this.oru = oru;
  }

  /** ADT. */
  public void patient(MessageStored event) throws IOException, HL7Exception {
    Hl7Message message = begin(event);
    patients.resolve(adt.map(message, event.custodian()));
    messages.became(event, MessageIndex.State.FILED, null);
  }

  /** ORM. @return what linking has to look at */
  public List<OrderChanged> order(MessageStored event) throws IOException, HL7Exception {
    Hl7Message message = begin(event);
    List<OrderChanged> changed = new ArrayList<>();
    for (OrderRequest request : orm.map(message, event)) {
      changed.add(new OrderChanged(orders.record(request)));
    }
    messages.became(event, MessageIndex.State.FILED, null);
    return changed;
  }

  /** ORU. @return ids of the reports */
  public List<UUID> report(MessageStored event) throws IOException, HL7Exception {
    Hl7Message message = begin(event);
    List<UUID> filed = new ArrayList<>();
    for (OruToReport.Mapped mapped : oru.map(message, event)) {
      filed.add(
          reports.record(
              mapped.document() == null
                  ? mapped.result()
                  : mapped.storedAt(RouteConfiguration.keep(store, "doc", mapped.document()))));
    }
    messages.became(event, MessageIndex.State.FILED, null);
    return filed;
  }

  private Hl7Message begin(MessageStored event) throws IOException, HL7Exception {
    messages.received(event);
    controlIds.record(event);
    try (InputStream in = store.open(event.objectKey())) {
      return Hl7Message.parse(in.readAllBytes());
    }
  }
}
