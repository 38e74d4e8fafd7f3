package org.isocentre.app;

import ca.uhn.hl7v2.HL7Exception;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.isocentre.hl7.Hl7Message;
import org.isocentre.index.MessageJournal.Resource;
import org.isocentre.index.ResourceRows;
import org.isocentre.link.ReportLinker;
import org.isocentre.link.StudyOrderLinker;
import org.isocentre.model.MessageStored;
import org.isocentre.model.OrderChanged;
import org.isocentre.store.ObjectStore;
import org.isocentre.web.MessageRepair.Change;
import org.isocentre.web.MessageRepair.Outcome;
import org.springframework.http.HttpStatus;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.support.TransactionTemplate;
import org.springframework.web.server.ResponseStatusException;

/**
 * Files messages, one after the other, in a transaction that is undone, and tells what the index
 * would say then. One at a time: it holds the locks of what it touches, and two connections.
 */
final class ReplayPreview {
  private final ObjectStore store;
  private final MessageFiling filing;
  private final StudyOrderLinker studies;
  private final ReportLinker reports;
  private final ResourceRows rows;
  private final TransactionTemplate whole;
  private final TransactionTemplate each;
  private final TransactionTemplate beside;
  private final Semaphore one = new Semaphore(1, true);
  private final Duration wait;

  ReplayPreview(
      ObjectStore store,
      MessageFiling filing,
      StudyOrderLinker studies,
      ReportLinker reports,
      ResourceRows rows,
      PlatformTransactionManager manager,
      Duration wait) {
    this.store = store;
    this.filing = filing;
    this.studies = studies;
    this.reports = reports;
    this.rows = rows;
    this.whole = new TransactionTemplate(manager);
    this.each = new TransactionTemplate(manager);
    this.each.setPropagationBehavior(TransactionDefinition.PROPAGATION_NESTED);
    this.beside = new TransactionTemplate(manager);
    this.beside.setPropagationBehavior(TransactionDefinition.PROPAGATION_REQUIRES_NEW);
    this.beside.setReadOnly(true);
    this.wait = wait;
  }

  /** A message that may be filed. */
  record Prepared(String queue, MessageStored event) {}

  /**
   * @param note stable code and reason of a failure, or what stays, or null
   */
  record Preview(Outcome outcome, String note, List<Change> changes) {}

  /**
   * One for each message.
   *
   * @throws ResponseStatusException 503 if another dry run takes too long
   */
  List<Preview> of(List<Prepared> messages) {
    if (!acquired()) {
      throw new ResponseStatusException(
          HttpStatus.SERVICE_UNAVAILABLE,
          "ISO-MESSAGE-024: another dry run is going on; try again soon");
    }
    try {
      return whole.execute(
          status -> {
            status.setRollbackOnly();
            // What earlier messages of this run made of a resource.
            Map<Resource, Map<String, String>> said = new HashMap<>();
            List<Preview> previews = new ArrayList<>();
            messages.forEach(m -> previews.add(preview(m, said)));
            return previews;
          });
    } finally {
      one.release();
    }
  }

  private boolean acquired() {
    try {
      return one.tryAcquire(wait.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private Preview preview(Prepared m, Map<Resource, Map<String, String>> said) {
    try {
      MessageFiling.Filed filed = each.execute(status -> file(m));
      List<Change> changes = new ArrayList<>();
      for (Resource resource : filed.resources()) {
        changes.addAll(changes(resource, said));
      }
      return new Preview(
          changes.isEmpty() ? Outcome.WOULD_CHANGE_NOTHING : Outcome.WOULD_CHANGE,
          filed.detail(),
          changes);
    } catch (RuntimeException e) {
      return new Preview(Outcome.WOULD_FAIL, DeadLetters.reason(e), List.of());
    }
  }

  private MessageFiling.Filed file(Prepared m) {
    try {
      MessageFiling.Filed filed =
          filing.file(
              m.queue(), message(m.event().objectKey()), m.event(), ReplayPreview::documentKey);
      for (UUID order : filed.ids(MessageFiling.ORDER)) {
        reports.orderChanged(order);
        studies.orderChanged(new OrderChanged(order));
      }
      filed.ids(MessageFiling.REPORT).forEach(reports::reportChanged);
      return filed;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Read when its turn comes: many of them may be large. */
  private Hl7Message message(String key) throws IOException {
    try (InputStream in = store.open(key)) {
      return Hl7Message.parse(in.readAllBytes());
    } catch (HL7Exception e) {
      throw new IOException(e);
    }
  }

  /** The key that the store would give it, without storing it. */
  private static String documentKey(byte[] document) {
    try {
      return "doc/"
          + HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(document));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  private List<Change> changes(Resource resource, Map<Resource, Map<String, String>> said) {
    Map<String, String> before = said.get(resource);
    // Another transaction does not see what this one did.
    boolean isNew = false;
    if (before == null) {
      before = beside.execute(status -> rows.of(resource.type(), resource.id()));
      isNew = before.isEmpty();
    }
    Map<String, String> after = rows.of(resource.type(), resource.id());
    said.put(resource, after);
    Set<String> fields = new TreeSet<>(before.keySet());
    fields.addAll(after.keySet());
    List<Change> changes = new ArrayList<>();
    for (String field : fields) {
      String old = before.get(field);
      String now = after.get(field);
      if (!java.util.Objects.equals(old, now)) {
        boolean open = ResourceRows.isOpen(field);
        changes.add(
            new Change(
                resource.type(),
                isNew ? null : resource.id(),
                field,
                open ? old : null,
                open ? now : null,
                open ? null : Boolean.TRUE));
      }
    }
    return changes;
  }
}
