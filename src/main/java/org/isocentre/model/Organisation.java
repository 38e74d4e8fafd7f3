package org.isocentre.model;

import java.net.URI;
import java.util.List;

/**
 * A trust of the directory.
 *
 * @param odsCode such as RTH
 * @param name for people
 * @param applicationEntities its DICOM nodes
 * @param facilities MSH-4 (or MSH-3|MSH-4) codes that it sends HL7 under
 * @param patientIdIsNhsNumber whether its Patient ID without an issuer is an NHS number
 * @param forwardTo rules that say which studies of which custodians it gets
 * @param hl7Senders its systems that are bound to addresses or certificates, or answered in their
 *     own way
 * @param dicomWeb base of its DICOMweb service, where it is sent studies by STOW-RS rather than by
 *     C-STORE; or null
 */
public record Organisation(
    String odsCode,
    String name,
    List<ApplicationEntity> applicationEntities,
    List<String> facilities,
    boolean patientIdIsNhsNumber,
    List<ForwardRule> forwardTo,
    List<Hl7Sender> hl7Senders,
    URI dicomWeb) {
  public Organisation {
    applicationEntities = List.copyOf(applicationEntities);
    facilities = List.copyOf(facilities);
    forwardTo = List.copyOf(forwardTo);
    hl7Senders = List.copyOf(hl7Senders);
  }

  /** Without senders that are bound, and DICOMweb. */
  public Organisation(
      String odsCode,
      String name,
      List<ApplicationEntity> applicationEntities,
      List<String> facilities,
      boolean patientIdIsNhsNumber,
      List<ForwardRule> forwardTo) {
    this(
        odsCode,
        name,
        applicationEntities,
        facilities,
        patientIdIsNhsNumber,
        forwardTo,
        List.of(),
        null);
  }

  /** Whether it can be sent studies, one way or the other. */
  public boolean receives() {
    return dicomWeb != null || applicationEntities.stream().anyMatch(ApplicationEntity::listens);
  }

  /**
   * A system that sends HL7 v2.
   *
   * @param application MSH-3, or null for any
   * @param facility MSH-4
   * @param sources addresses (CIDR or host) that it may send from, {@code file} for dropped files;
   *     empty for any
   * @param certificateNames names of which its certificate must have one; empty if it need not have
   *     one
   * @param enhanced whether MSH-15 and MSH-16 are obeyed
   * @param returnAddress {@code host:port} that later application acknowledgements are sent to;
   *     null for the connection that the message came by
   */
  public record Hl7Sender(
      String application,
      String facility,
      List<String> sources,
      List<String> certificateNames,
      boolean enhanced,
      String returnAddress) {
    public Hl7Sender {
      sources = List.copyOf(sources);
      certificateNames = List.copyOf(certificateNames);
    }

    /** {@code MSH-3|MSH-4}, or MSH-4 alone. */
    public String key() {
      return application == null ? facility : application + "|" + facility;
    }
  }

  /**
   * One DICOM node.
   *
   * @param aeTitle 1 to 16 characters
   * @param host where it listens, and where it may call from; null if it only calls and any address
   *     will do
   * @param port where it listens; 0 if it only calls
   * @param sources addresses (CIDR or host) that it may call from; empty means {@code host} alone,
   *     or any when that is null
   * @param tls whether it listens for TLS
   * @param certificateNames names of which its certificate must have one when it calls; empty if it
   *     need not have one
   * @param commitment whether it is asked for storage commitment of what its organisation was sent
   *     (PS3.4 §J)
   * @param notified whether it is told when a study of its organisation is available here (PS3.4
   *     §R)
   */
  public record ApplicationEntity(
      String aeTitle,
      String host,
      int port,
      List<String> sources,
      boolean tls,
      List<String> certificateNames,
      boolean commitment,
      boolean notified) {
    public ApplicationEntity {
      sources = List.copyOf(sources);
      certificateNames = List.copyOf(certificateNames);
    }

    /** Without TLS, and never asked or told anything but what it asks for. */
    public ApplicationEntity(String aeTitle, String host, int port, List<String> sources) {
      this(aeTitle, host, port, sources, false, List.of(), false, false);
    }

    public boolean listens() {
      return port > 0;
    }
  }

  /** When this organisation gets a study of another. */
  public enum ForwardRule {
    /** It is the referring organisation of an order that the study is linked to. */
    REFERRER,
    /** Every study of every other trust. */
    ALL
  }
}
