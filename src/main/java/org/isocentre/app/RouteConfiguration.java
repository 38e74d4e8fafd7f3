package org.isocentre.app;

import java.nio.ByteBuffer;
import java.time.Clock;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.isocentre.audit.AuditTrail;
import org.isocentre.camel.dicom.CallerPolicy;
import org.isocentre.camel.dicom.DicomOperationFailedException;
import org.isocentre.consent.ConsentDecision;
import org.isocentre.dicom.association.AssociationException;
import org.isocentre.dicom.dimse.DataSetSink;
import org.isocentre.dicom.web.DicomWebException;
import org.isocentre.exchange.Forwarder;
import org.isocentre.exchange.ForwardingPermission;
import org.isocentre.exchange.TransferCommitment;
import org.isocentre.exchange.TransferRun;
import org.isocentre.exchange.TrustDirectory;
import org.isocentre.hl7.FieldLocation;
import org.isocentre.hl7.LabelReader;
import org.isocentre.hl7.MappingRules;
import org.isocentre.index.AppointmentIndex;
import org.isocentre.index.ControlIdIndex;
import org.isocentre.index.IndexChanges;
import org.isocentre.index.LinkIndex;
import org.isocentre.index.MessageJournal;
import org.isocentre.index.OrderIndex;
import org.isocentre.index.PatientIndex;
import org.isocentre.index.PatientMerges;
import org.isocentre.index.RejectionIndex;
import org.isocentre.index.ReportIndex;
import org.isocentre.index.ReviewList;
import org.isocentre.index.StudyIndex;
import org.isocentre.index.TransferCommitmentIndex;
import org.isocentre.index.TransferIndex;
import org.isocentre.ingest.InstanceIndexer;
import org.isocentre.ingest.InstanceMapper;
import org.isocentre.ingest.InstanceReceiver;
import org.isocentre.ingest.RecentInstances;
import org.isocentre.ingest.SpoolingSink;
import org.isocentre.ingest.StudyCompletion;
import org.isocentre.link.ReportLinker;
import org.isocentre.link.StudyOrderLinker;
import org.isocentre.model.Organisation;
import org.isocentre.store.ObjectStore;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.transaction.support.TransactionTemplate;

/** The beans that routes call, under the names that routes use. */
@Configuration(proxyBeanMethods = false)
class RouteConfiguration {
  @Bean
  TrustDirectory trustDirectory(IsocentreProperties properties) {
    try {
      return new TrustDirectory(
          properties.trusts().stream().map(RouteConfiguration::organisation).toList(),
          properties.dicom().loopbackCustodian());
    } catch (IllegalArgumentException e) {
      throw new BadConfiguration("isocentre.trusts: " + e.getMessage());
    }
  }

  private static Organisation organisation(IsocentreProperties.Trust trust) {
    List<Organisation.ApplicationEntity> nodes =
        trust.applicationEntities().stream()
            .map(
                n ->
                    new Organisation.ApplicationEntity(
                        n.aeTitle(),
                        n.host(),
                        n.port(),
                        n.sources(),
                        n.tls(),
                        n.certificateNames(),
                        n.commitment(),
                        n.notified()))
            .toList();
    return new Organisation(
        trust.odsCode(),
        trust.name(),
        nodes,
        trust.facilities(),
        trust.patientIdIsNhsNumber(),
        trust.forwardTo(),
        trust.hl7Senders().stream().map(RouteConfiguration::sender).toList(),
        trust.dicomweb() == null ? null : trust.dicomweb().url());
  }

  private static Organisation.Hl7Sender sender(IsocentreProperties.Hl7Sender s) {
    return new Organisation.Hl7Sender(
        s.application(),
        s.facility(),
        s.sources(),
        s.certificateNames(),
        s.acknowledgement() == IsocentreProperties.AcknowledgementRule.AS_ASKED,
        s.acknowledgeTo());
  }

  @Bean
  CallerPolicy callerPolicy(TrustDirectory directory) {
    return directory::mayAssociate;
  }

  @Bean
  DataSetSink.Factory objectStoreSink(ObjectStore store) {
    return info -> new SpoolingSink(store, info);
  }

  @Bean
  RecentInstances recentInstances(IsocentreProperties properties) {
    return new RecentInstances(properties.store().recentInstances());
  }

  @Bean
  InstanceMapper instanceMapper(TrustDirectory directory) {
    return new InstanceMapper(
        directory::issuer,
        ods -> directory.find(ods).map(Organisation::patientIdIsNhsNumber).orElse(false));
  }

  @Bean
  InstanceReceiver instanceReceiver(
      TrustDirectory directory,
      StoredEvents events,
      InstanceMapper mapper,
      RecentInstances recent) {
    return new InstanceReceiver(directory::custodian, events::note, mapper, recent);
  }

  @Bean
  InstanceIndexer instanceIndexer(
      ObjectStore store,
      StudyIndex studies,
      InstanceMapper mapper,
      RecentInstances recent,
      RejectionIndex rejections,
      AuditTrail audit) {
    return new InstanceIndexer(
        store,
        studies,
        mapper,
        recent,
        note ->
            rejections.apply(
                note,
                done ->
                    audit.note(
                        note.callingAeTitle(),
                        note.custodian(),
                        "U",
                        "reject",
                        "ImagingStudy",
                        done.studyId().toString(),
                        done.patientId(),
                        true,
                        "note " + note.sopInstanceUid() + ", reason " + done.reason())));
  }

  @Bean
  StudyCompletion studyCompletion(StudyIndex studies, IsocentreProperties properties, Clock clock) {
    return new StudyCompletion(studies, properties.study().quietPeriod(), clock);
  }

  @Bean
  StudyOrderLinker studyOrderLinker(
      StudyIndex studies,
      OrderIndex orders,
      LinkIndex links,
      ReviewList reviews,
      PatientIndex patients) {
    return new StudyOrderLinker(studies, orders, links, reviews, patients::compare);
  }

  @Bean
  ReportLinker reportLinker(
      ReportIndex reports,
      OrderIndex orders,
      StudyIndex studies,
      LinkIndex links,
      ReviewList reviews,
      PatientIndex patients) {
    return new ReportLinker(reports, orders, studies, links, reviews, patients::compare);
  }

  @Bean
  ForwardingPermission forwardingPermission(
      ConsentDecision consent, AuditTrail audit, ReviewList reviews) {
    return new ConsentForwarding(consent, audit, reviews);
  }

  @Bean
  Forwarder forwarder(
      TrustDirectory directory,
      StudyIndex studies,
      LinkIndex links,
      OrderIndex orders,
      TransferIndex transfers,
      ForwardingPermission permission) {
    return new Forwarder(directory, studies, links, orders, transfers, permission);
  }

  @Bean
  TransferRun transferRun(
      TransferIndex transfers,
      StudyIndex studies,
      ObjectStore store,
      ForwardingPermission permission,
      TransferCommitment commitment,
      IsocentreProperties properties) {
    return new TransferRun(
        transfers,
        studies,
        store,
        permission,
        commitment,
        RouteConfiguration::isRetryable,
        properties.transfer().maxAttempts());
  }

  @Bean
  TransferCommitment transferCommitment(
      TransferCommitmentIndex index,
      TransferIndex transfers,
      TrustDirectory directory,
      IsocentreProperties properties,
      Clock clock) {
    return new TransferCommitment(
        index,
        transfers,
        directory,
        properties.transfer().commitmentWait(),
        properties.transfer().commitmentRounds(),
        clock);
  }

  private static boolean isRetryable(Exception failure) {
    for (Throwable t = failure; t != null; t = t.getCause()) {
      if (t instanceof AssociationException association) {
        return association.isRetryable();
      }
      if (t instanceof DicomOperationFailedException refused) {
        return refused.isRetryable();
      }
      if (t instanceof DicomWebException web) {
        return web.isRetryable();
      }
    }
    return true;
  }

  @Bean
  MappingRules mappingRules(TrustDirectory directory, IsocentreProperties properties) {
    Map<String, List<FieldLocation>> senders = new HashMap<>();
    for (IsocentreProperties.Trust trust : properties.trusts()) {
      for (IsocentreProperties.Hl7Sender sender : trust.hl7Senders()) {
        if (!sender.accession().isEmpty()) {
          accession(sender, senders);
        }
      }
    }
    return new MappingRules(
        directory::issuer,
        header ->
            senders.getOrDefault(
                header.sendingApplication() + "|" + header.sendingFacility(),
                senders.getOrDefault(header.sendingFacility(), MappingRules.ACCESSION)));
  }

  private static void accession(
      IsocentreProperties.Hl7Sender sender, Map<String, List<FieldLocation>> senders) {
    String name =
        sender.application() == null
            ? sender.facility()
            : sender.application() + "|" + sender.facility();
    List<FieldLocation> fields;
    try {
      fields = sender.accession().stream().map(FieldLocation::parse).toList();
    } catch (IllegalArgumentException e) {
      throw new BadConfiguration("isocentre.trusts: HL7 sender " + name + ": " + e.getMessage());
    }
    List<FieldLocation> other = senders.put(name, fields);
    if (other != null && !other.equals(fields)) {
      throw new BadConfiguration(
          "isocentre.trusts: HL7 sender %s is there twice with different rules for its accession number; a message does not tell which of them sent it"
              .formatted(name));
    }
  }

  @Bean
  MessageFiling messageFiling(
      ObjectStore store,
      MessageJournal journal,
      LabelReader labels,
      PatientIndex patients,
      OrderIndex orders,
      ReportIndex reports,
      ControlIdIndex controlIds,
      IndexChanges changes,
      AppointmentIndex appointments,
      MappingRules rules,
      PatientMerges merges,
      Clock clock) {
    return new MessageFiling(
        store,
        journal,
        labels,
        controlIds,
        new MessageFiling.Indexes(patients, orders, reports, appointments),
        new MessageFiling.Mappers(rules),
        merges::apply,
        changes,
        clock);
  }

  @Bean
  MessageBatches messageBatches(
      MessageFiling filing,
      MessageLinking linking,
      TransactionTemplate transactions,
      MllpDoor door,
      IsocentreProperties properties,
      Clock clock) {
    int processors = Runtime.getRuntime().availableProcessors();
    return new MessageBatches(
        filing,
        linking,
        transactions,
        new FilingPace(
            () -> door.waiting() >= processors,
            properties.hl7Receive().filingShare(),
            properties.hl7Receive().mostFilingDelay(),
            clock));
  }

  @Bean
  MessageLinking messageLinking(
      OrderIndex orders, LinkIndex links, ReportLinker reports, StudyOrderLinker studies) {
    return new MessageLinking(orders, links, reports, studies);
  }

  /** The routes know settings as text; a list may be written as one. */
  @Bean
  String extraSopClasses(IsocentreProperties properties) {
    return String.join(",", properties.dicom().extraSopClasses());
  }

  @Bean
  String transferSyntaxes(IsocentreProperties properties) {
    return String.join(",", properties.dicom().transferSyntaxes());
  }

  @Bean
  DeadLetters deadLetters(FailedMessages failed) {
    return new DeadLetters(failed::gaveUp);
  }

  static String keep(ObjectStore store, String kind, byte[] bytes) throws java.io.IOException {
    try (ObjectStore.ObjectWriter writer = store.create(kind)) {
      writer.write(ByteBuffer.wrap(bytes));
      return writer.commit().key();
    }
  }
}
