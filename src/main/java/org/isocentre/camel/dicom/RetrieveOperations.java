package org.isocentre.camel.dicom;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.support.SynchronizationAdapter;
import org.isocentre.dicom.association.AssociationRequestor.Proposal;
import org.isocentre.dicom.data.DataSet;
import org.isocentre.dicom.data.Tag;
import org.isocentre.dicom.dimse.DataSetSink;
import org.isocentre.dicom.dimse.Matches;
import org.isocentre.dicom.dimse.ReceivedDataSet;
import org.isocentre.dicom.dimse.ServiceSopClass;
import org.isocentre.dicom.dimse.ServiceUser;
import org.isocentre.dicom.dimse.Services;
import org.isocentre.dicom.dimse.Status;
import org.isocentre.dicom.dimse.StorageHandler;
import org.isocentre.dicom.pdu.Pdu;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** C-FIND, C-MOVE and C-GET; the body is the identifier, or converts to it. */
final class RetrieveOperations {
  private static final Logger LOG = LoggerFactory.getLogger(RetrieveOperations.class);
  private static final int MAX_CONTEXTS = 128;
  private final DicomProducer producer;
  private final DicomConfiguration configuration;
  private final DataSetLog log;
  private final DataSetSink.Factory sinks;
  private final AtomicBoolean warned = new AtomicBoolean();

  RetrieveOperations(DicomProducer producer) {
    this.producer = producer;
    this.configuration = producer.getEndpoint().getConfiguration();
    this.log = new DataSetLog(DicomProducer.class, configuration.isLogPhi());
    this.sinks = configuration.collectingSinks();
  }

  /** The matches; closed by the caller. */
  FoundIterator open(Message message, DicomOperation operation) throws Exception {
    boolean worklist =
        operation == DicomOperation.WORKLIST || configuration.getModel().equals("worklist");
    String sopClass =
        worklist
            ? ServiceSopClass.MODALITY_WORKLIST_FIND
            : model(ServiceSopClass.PATIENT_ROOT_FIND, ServiceSopClass.STUDY_ROOT_FIND);
    DataSet identifier = identifier(message, !worklist);
    DicomObservations.Running running =
        producer.begin(worklist ? DicomOperation.WORKLIST : DicomOperation.FIND);
    try {
      return open(sopClass, identifier, running);
    } catch (Exception e) {
      running.ended(e);
      throw e;
    }
  }

  private FoundIterator open(String sopClass, DataSet identifier, DicomObservations.Running running)
      throws Exception {
    AssociationPool.Lease lease = producer.pool().takeAlone(contexts(sopClass));
    try {
      return new FoundIterator(
          new EndingMatches(
              lease.user().find(sopClass, identifier),
              match -> log.debug("Match", peer(), match),
              running::ended),
          configuration.getMaxResults(),
          configuration.getCancelAfter(),
          () -> producer.pool().give(lease));
    } catch (Exception e) {
      producer.pool().give(lease);
      throw e;
    }
  }

  /** Leaves an Iterator of the matches, or a List of them where {@code streaming=false}. */
  int find(Exchange exchange, DicomOperation operation) throws Exception {
    Message message = exchange.getMessage();
    FoundIterator found = open(message, operation);
    if (configuration.isStreaming()) {
      exchange
          .getExchangeExtension()
          .addOnCompletion(
              new SynchronizationAdapter() {
                @Override
                public void onDone(Exchange done) {
                  found.close();
                }
              });
      message.setBody(found);
    } else {
      try (found) {
        List<DataSet> all = new ArrayList<>();
        found.forEachRemaining(all::add);
        message.setBody(all);
      }
    }
    return Status.SUCCESS;
  }

  int move(Message message) throws Exception {
    String sopClass = model(ServiceSopClass.PATIENT_ROOT_MOVE, ServiceSopClass.STUDY_ROOT_MOVE);
    String destination =
        message.getHeader(
            DicomConstants.MOVE_DESTINATION, configuration.getMoveDestination(), String.class);
    if (destination == null) {
      throw new IllegalArgumentException(
          "ISO-DICOM-609: a move needs moveDestination or the header CamelDicomMoveDestination");
    }
    DataSet identifier = identifier(message, true);
    return told(
        message,
        producer.with(
            contexts(sopClass), user -> user.move(sopClass, identifier, destination, watch())));
  }

  /** Leaves a List of the objects; they are there until the exchange is done. */
  int get(Exchange exchange) throws Exception {
    Message message = exchange.getMessage();
    String sopClass = model(ServiceSopClass.PATIENT_ROOT_GET, ServiceSopClass.STUDY_ROOT_GET);
    DataSet identifier = identifier(message, true);
    List<ReceivedDataSet> objects = Collections.synchronizedList(new ArrayList<>());
    exchange
        .getExchangeExtension()
        .addOnCompletion(
            new SynchronizationAdapter() {
              @Override
              public void onDone(Exchange done) {
                objects.forEach(RetrieveOperations::close);
              }
            });
    int most = configuration.getMaxResults();
    StorageHandler keep =
        (association, object) -> {
          if (most > 0 && objects.size() >= most) {
            return new StorageHandler.Result(Status.OUT_OF_RESOURCES, "more than are wanted");
          }
          objects.add(object);
          return StorageHandler.Result.KEPT;
        };
    ServiceUser.Watch patience = watch();
    ServiceUser.Watch watch =
        progress -> (most == 0 || objects.size() < most) && patience.goOn(progress);
    try (ServiceUser user = forGet(sopClass, keep)) {
      ServiceUser.Retrieved end = user.get(sopClass, identifier, watch);
      message.setBody(objects.stream().map(DicomStreamCache::new).toList());
      return told(message, end);
    }
  }

  private ServiceUser forGet(String sopClass, StorageHandler keep) {
    DicomEndpoint endpoint = producer.getEndpoint();
    List<Proposal> proposals = getProposals(sopClass);
    List<Pdu.RoleSelection> provider =
        proposals.stream()
            .map(Proposal::abstractSyntax)
            .filter(uid -> !uid.equals(sopClass))
            .distinct()
            .map(uid -> new Pdu.RoleSelection(uid, false, true))
            .toList();
    return endpoint.associate(proposals, provider, Services.storage(sinks, keep));
  }

  private List<Proposal> getProposals(String sopClass) {
    List<Proposal> proposals = new ArrayList<>(contexts(sopClass));
    Set<String> syntaxes =
        new LinkedHashSet<>(DicomConfiguration.list(configuration.getTransferSyntaxes()));
    syntaxes.addAll(DicomProducer.NATIVE);
    List<String> stored = storageSopClasses();
    int room = MAX_CONTEXTS - proposals.size();
    if (stored.size() > room && warned.compareAndSet(false, true)) {
      LOG.warn(
          "C-GET from {} proposes {} of {} storage SOP classes, as many as an association takes; objects of others cannot come unless sopClasses names them",
          producer.getEndpoint().getAddress().aeTitle(),
          room,
          stored.size());
    }
    stored.stream()
        .limit(room)
        .forEach(uid -> proposals.add(new Proposal(uid, List.copyOf(syntaxes))));
    return proposals;
  }

  /** Private ones first: who names them wants them. */
  private List<String> storageSopClasses() {
    Set<String> uids =
        new LinkedHashSet<>(DicomConfiguration.list(configuration.getExtraSopClasses()));
    uids.addAll(
        configuration.getSopClasses() == null
            ? StorageByUse.uids()
            : DicomConfiguration.list(configuration.getSopClasses()));
    return List.copyOf(uids);
  }

  private static void close(ReceivedDataSet object) {
    try {
      object.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static int told(Message message, ServiceUser.Retrieved end) {
    message.setHeader(DicomConstants.PROGRESS, end.progress());
    message.setHeader(DicomConstants.FAILED_SOP_INSTANCE_UIDS, end.failedSopInstanceUids());
    message.setHeader(DicomConstants.ERROR_COMMENT, end.comment());
    return end.status();
  }

  private ServiceUser.Watch watch() {
    if (configuration.getCancelAfter().isZero()) {
      return ServiceUser.Watch.PATIENT;
    }
    long until = System.nanoTime() + configuration.getCancelAfter().toNanos();
    return progress -> System.nanoTime() < until;
  }

  private String model(String patientRoot, String studyRoot) {
    return switch (configuration.getModel()) {
      case "patient" -> patientRoot;
      case "study" -> studyRoot;
      default ->
          throw new IllegalArgumentException(
              "ISO-DICOM-610: found model=%s, expected study or patient (worklist for find only)"
                  .formatted(configuration.getModel()));
    };
  }

  private DataSet identifier(Message message, boolean hasLevel) throws Exception {
    DataSet identifier = message.getMandatoryBody(DataSet.class);
    String level = message.getHeader(DicomConstants.LEVEL, configuration.getLevel(), String.class);
    if (hasLevel && level != null) {
      identifier.set(Tag.QueryRetrieveLevel, level);
    }
    if (hasLevel && identifier.string(Tag.QueryRetrieveLevel) == null) {
      throw new IllegalArgumentException(
          "ISO-DICOM-611: no Query/Retrieve Level; set the option level, the header CamelDicomLevel"
              + " or (0008,0052)");
    }
    log.debug("Asks", peer(), identifier);
    return identifier;
  }

  private String peer() {
    return producer.getEndpoint().getAddress().aeTitle();
  }

  private static Set<Proposal> contexts(String sopClass) {
    return Set.of(new Proposal(sopClass, DicomProducer.NATIVE));
  }

  /** Matches up to a number and a time; gives the association back at the end. */
  static final class FoundIterator implements java.util.Iterator<DataSet>, java.io.Closeable {
    private final Matches matches;
    private final int most;
    private final long until;
    private final Runnable atEnd;
    private int given;
    private boolean promised;
    private boolean closed;

    FoundIterator(Matches matches, int most, java.time.Duration cancelAfter, Runnable atEnd) {
      this.matches = matches;
      this.most = most;
      this.until =
          cancelAfter.isZero() ? Long.MAX_VALUE : System.nanoTime() + cancelAfter.toNanos();
      this.atEnd = atEnd;
    }

    @Override
    public boolean hasNext() {
      if (closed) {
        return false;
      }
      // Once promised a match is given, though the time may end in between.
      promised = promised || (most == 0 || given < most) && !isLate() && matches.hasNext();
      if (!promised) {
        close();
      }
      return promised;
    }

    private boolean isLate() {
      return until != Long.MAX_VALUE && System.nanoTime() - until > 0;
    }

    @Override
    public DataSet next() {
      if (!hasNext()) {
        throw new java.util.NoSuchElementException("ISO-DICOM-505: no more matches");
      }
      given++;
      promised = false;
      return matches.next();
    }

    @Override
    public void close() {
      if (!closed) {
        closed = true;
        try {
          matches.close();
        } finally {
          atEnd.run();
        }
      }
    }
  }
}
