package org.isocentre.app;

import java.nio.ByteBuffer;
import java.time.Clock;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.camel.component.hl7.HL7MLLPNettyDecoderFactory;
import org.apache.camel.component.hl7.HL7MLLPNettyEncoderFactory;
import org.isocentre.audit.AuditTrail;
import org.isocentre.camel.dicom.CallerPolicy;
import org.isocentre.camel.dicom.DicomOperationFailedException;
import org.isocentre.camel.hl7.MllpGuard;
import org.isocentre.consent.ConsentDecision;
import org.isocentre.dicom.association.AssociationException;
import org.isocentre.dicom.dimse.DataSetSink;
import org.isocentre.exchange.Forwarder;
import org.isocentre.exchange.ForwardingPermission;
import org.isocentre.exchange.TransferRun;
import org.isocentre.exchange.TrustDirectory;
import org.isocentre.hl7.Acknowledgement;
import org.isocentre.hl7.FieldLocation;
import org.isocentre.hl7.MappingRules;
import org.isocentre.hl7.MessageCheck;
import org.isocentre.hl7.MessageReceiver;
import org.isocentre.index.AppointmentIndex;
import org.isocentre.index.LinkIndex;
import org.isocentre.index.MessageIndex;
import org.isocentre.index.OrderIndex;
import org.isocentre.index.PatientIndex;
import org.isocentre.index.ReportIndex;
import org.isocentre.index.ReviewList;
import org.isocentre.index.StudyIndex;
import org.isocentre.index.TransferIndex;
import org.isocentre.ingest.InstanceIndexer;
import org.isocentre.ingest.InstanceMapper;
import org.isocentre.ingest.InstanceReceiver;
import org.isocentre.ingest.SpoolingSink;
import org.isocentre.ingest.StudyCompletion;
import org.isocentre.link.ReportLinker;
import org.isocentre.link.StudyOrderLinker;
import org.isocentre.model.Organisation;
import org.isocentre.model.PatientMerge;
import org.isocentre.store.ObjectStore;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

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
                        n.certificateNames()))
            .toList();
    return new Organisation(
        trust.odsCode(),
        trust.name(),
        nodes,
        trust.facilities(),
        trust.patientIdIsNhsNumber(),
        trust.forwardTo());
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
  InstanceReceiver instanceReceiver(TrustDirectory directory, StoredEvents events) {
    return new InstanceReceiver(directory::custodian, events::note);
  }

  @Bean
  InstanceIndexer instanceIndexer(ObjectStore store, StudyIndex studies, TrustDirectory directory) {
    InstanceMapper mapper =
        new InstanceMapper(
            directory::issuer,
            ods -> directory.find(ods).map(Organisation::patientIdIsNhsNumber).orElse(false));
    return new InstanceIndexer(store, studies, mapper);
  }

  @Bean
  StudyCompletion studyCompletion(StudyIndex studies, IsocentreProperties properties, Clock clock) {
    return new StudyCompletion(studies, properties.study().quietPeriod(), clock);
  }

  @Bean
  StudyOrderLinker studyOrderLinker(
      StudyIndex studies, OrderIndex orders, LinkIndex links, ReviewList reviews) {
    return new StudyOrderLinker(studies, orders, links, reviews);
  }

  @Bean
  ReportLinker reportLinker(
      ReportIndex reports,
      OrderIndex orders,
      StudyIndex studies,
      LinkIndex links,
      ReviewList reviews) {
    return new ReportLinker(reports, orders, studies, links, reviews);
  }

  @Bean
  ForwardingPermission forwardingPermission(ConsentDecision consent, AuditTrail audit) {
    return (study, ods) -> {
      boolean permitted = consent.permits(study.patientId(), study.custodian(), ods);
      audit.note(
          "isocentre",
          study.custodian(),
          "E",
          "consent-decision",
          "ImagingStudy",
          study.id().toString(),
          study.patientId(),
          permitted,
          "forward to " + ods);
      return permitted;
    };
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
      IsocentreProperties properties) {
    return new TransferRun(
        transfers,
        studies,
        store,
        permission,
        RouteConfiguration::isRetryable,
        properties.transfer().maxAttempts());
  }

  private static boolean isRetryable(Exception failure) {
    for (Throwable t = failure; t != null; t = t.getCause()) {
      if (t instanceof AssociationException association) {
        return association.isRetryable();
      }
      if (t instanceof DicomOperationFailedException refused) {
        return refused.isRetryable();
      }
    }
    return true;
  }

  @Bean
  MessageReceiver messageReceiver(
      TrustDirectory directory,
      ObjectStore store,
      Clock clock,
      ObjectProvider<Consumer<PatientMerge>> merges) {
    return new MessageReceiver(
        directory::facility,
        raw -> keep(store, "hl7", raw),
        new Acknowledgement(clock),
        clock,
        new MessageCheck(merges.getIfAvailable() != null));
  }

  @Bean
  MappingRules mappingRules(TrustDirectory directory, IsocentreProperties properties) {
    Map<String, List<FieldLocation>> senders = new HashMap<>();
    for (IsocentreProperties.Sender sender : properties.hl7().senders()) {
      try {
        senders.put(
            sender.facility(), sender.accession().stream().map(FieldLocation::parse).toList());
      } catch (IllegalArgumentException e) {
        throw new BadConfiguration("isocentre.hl7.senders: " + e.getMessage());
      }
    }
    return new MappingRules(
        directory::issuer,
        header ->
            senders.getOrDefault(
                header.sendingApplication() + "|" + header.sendingFacility(),
                senders.getOrDefault(header.sendingFacility(), MappingRules.ACCESSION)));
  }

  @Bean
  MessageFiling messageFiling(
      ObjectStore store,
      MessageIndex messages,
      PatientIndex patients,
      OrderIndex orders,
      ReportIndex reports,
      AppointmentIndex appointments,
      MappingRules rules,
      ObjectProvider<Consumer<PatientMerge>> merges) {
    return new MessageFiling(
        store,
        messages,
        new MessageFiling.Indexes(patients, orders, reports, appointments),
        new MessageFiling.Mappers(rules),
        merges.getIfAvailable());
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
  MllpGuard mllpGuard(IsocentreProperties properties, Clock clock) {
    IsocentreProperties.Mllp mllp = properties.mllp();
    Acknowledgement acknowledgement = new Acknowledgement(clock);
    return new MllpGuard(
        new MllpGuard.Limits(
            mllp.maxMessageSize().toBytes(),
            mllp.maxUnfinished().toBytes(),
            mllp.maxConnections(),
            mllp.messageTimeout()),
        acknowledgement::tooMuch);
  }

  @Bean
  HL7MLLPNettyDecoderFactory mllpDecoder() {
    HL7MLLPNettyDecoderFactory factory = new HL7MLLPNettyDecoderFactory();
    factory.setProduceString(false);
    factory.setConvertLFtoCR(false);
    return factory;
  }

  @Bean
  HL7MLLPNettyEncoderFactory mllpEncoder() {
    HL7MLLPNettyEncoderFactory factory = new HL7MLLPNettyEncoderFactory();
    factory.setConvertLFtoCR(false);
    return factory;
  }

  @Bean
  DeadLetters deadLetters() {
    return new DeadLetters();
  }

  static String keep(ObjectStore store, String kind, byte[] bytes) throws java.io.IOException {
    try (ObjectStore.ObjectWriter writer = store.create(kind)) {
      writer.write(ByteBuffer.wrap(bytes));
      return writer.commit().key();
    }
  }
}
