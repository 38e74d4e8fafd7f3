package org.isocentre.app;

import jakarta.validation.Valid;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Pattern;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.isocentre.model.Organisation.ForwardRule;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;
import org.springframework.validation.annotation.Validated;

/**
 * Every setting of the hub.
 *
 * @param dataDir where all state lives
 * @param trusts who is connected
 */
@Validated
@ConfigurationProperties("isocentre")
public record IsocentreProperties(
    @NotNull @DefaultValue("./data") Path dataDir,
    @Valid @DefaultValue Dicom dicom,
    @Valid @DefaultValue Query query,
    @Valid @DefaultValue Mllp mllp,
    @Valid @DefaultValue Hl7Receive hl7Receive,
    @Valid @DefaultValue Hl7Drop hl7Drop,
    @Valid @DefaultValue Store store,
    @Valid @DefaultValue Study study,
    @Valid @DefaultValue Queues queues,
    @Valid @DefaultValue Transfer transfer,
    @Valid @DefaultValue Auth auth,
    @Valid @DefaultValue List<Trust> trusts) {

  private static final String ODS = "[A-Z0-9]{3,10}";
  private static final String AE = "[ -\\[\\]-~]{1,16}";

  /**
   * @param host address to listen on
   * @param aeTitle of the hub
   * @param extraSopClasses private storage SOP classes that are taken, too
   * @param transferSyntaxes in order of preference; others are taken after these
   * @param idleTimeout in which a peer must complete a PDU
   * @param loopbackCustodian ODS code that any AE title from a loopback address counts for; only
   *     for trying things out
   */
  public record Dicom(
      @NotBlank @DefaultValue("0.0.0.0") String host,
      @Min(0) @Max(65535) @DefaultValue("11112") int port,
      @NotNull
          @Pattern(
              regexp = AE,
              message = "must be an AE title of 1 to 16 characters without backslash")
          @DefaultValue("ISOCENTRE")
          String aeTitle,
      @NotNull @DefaultValue List<String> extraSopClasses,
      @NotNull @DefaultValue List<String> transferSyntaxes,
      @Min(1) @Max(256) @DefaultValue("128") int maxAssociations,
      @Min(1) @Max(256) @DefaultValue("64") int maxAssociationsPerAet,
      @NotNull @DefaultValue("60s") Duration idleTimeout,
      @Pattern(regexp = ODS, message = "must be an ODS code of isocentre.trusts")
          String loopbackCustodian,
      @Valid @DefaultValue Tls tls) {}

  /**
   * TLS of DICOM associations, both ways, or of MLLP connections. Stores are read anew every
   * minute.
   *
   * @param port where connections with TLS are taken, beside the plain port; 0 for none
   * @param keyStore the hub's certificate and key, PKCS #12
   * @param trustStore certificates or authorities that peers must have theirs of, PKCS #12
   * @param clientCertificate whether a peer must show one
   */
  public record Tls(
      @Min(0) @Max(65535) @DefaultValue("0") int port,
      Path keyStore,
      String keyStorePassword,
      Path trustStore,
      String trustStorePassword,
      @DefaultValue("true") boolean clientCertificate) {}

  /**
   * @param maxResults answers to one C-FIND at most; one with more ends with A700 after these
   * @param maxOpen C-FIND that are answered at once; each holds a connection to the database; one
   *     AE title has half of them at most
   * @param maxTime from a query's begin to its last answer; one that takes longer ends with A700
   * @param maxObjects of one C-MOVE or C-GET; one for more is refused with A701
   * @param ordersForAnyStation whether a worklist shows an order that names no station to each
   *     station
   * @param commitmentPatience how long storage commitment waits for an object that is not filed yet
   * @param zone time zone of the studies' times, such as Europe/London
   */
  public record Query(
      @Min(1) @Max(1000000) @DefaultValue("10000") int maxResults,
      @Min(1) @Max(1000) @DefaultValue("8") int maxOpen,
      @NotNull @DefaultValue("5m") Duration maxTime,
      @Min(1) @Max(1000000) @DefaultValue("100000") int maxObjects,
      @DefaultValue("true") boolean ordersForAnyStation,
      @NotNull @DefaultValue("20s") Duration commitmentPatience,
      @NotBlank @DefaultValue("Europe/London") String zone) {}

  /**
   * @param maxMessageSize of one HL7 message
   * @param maxUnfinished of all messages that have begun and are not answered
   * @param maxConnections at once, of both ports together
   * @param messageTimeout from the first byte of a message to its last
   * @param workers messages that are checked and stored at once; those that wait for the disk share
   *     a flush
   */
  public record Mllp(
      @NotBlank @DefaultValue("0.0.0.0") String host,
      @Min(0) @Max(65535) @DefaultValue("2575") int port,
      @NotNull @DefaultValue("32MB") DataSize maxMessageSize,
      @NotNull @DefaultValue("128MB") DataSize maxUnfinished,
      @Min(1) @Max(10000) @DefaultValue("256") int maxConnections,
      @NotNull @DefaultValue("60s") Duration messageTimeout,
      @Min(1) @Max(1000) @DefaultValue("64") int workers,
      @Valid @DefaultValue Tls tls) {}

  /**
   * @param controlIds how many of the latest are remembered, to recognise a message that is sent
   *     again
   * @param controlIdWindow after which a sender may use one again
   * @param refuseReusedControlId whether a message with the control ID of another is refused; else
   *     it is taken, and a person is asked to look at the sender
   */
  public record Hl7Receive(
      @Min(1) @Max(10000000) @DefaultValue("100000") int controlIds,
      @NotNull @DefaultValue("12h") Duration controlIdWindow,
      @DefaultValue("false") boolean refuseReusedControlId) {}

  /**
   * @param directory where files with HL7 messages are dropped; without it none are taken
   * @param archive where each file is copied to as it came, by day
   * @param acknowledgements whether the answers to a file's messages are written beside it
   * @param doneFiles whether a file NAME is taken only when NAME.done is there, too
   * @param quietPeriod for which a file must not have changed, where there are no done files
   */
  public record Hl7Drop(
      Path directory,
      Path archive,
      @DefaultValue("false") boolean acknowledgements,
      @DefaultValue("false") boolean doneFiles,
      @NotNull @DefaultValue("5s") Duration quietPeriod) {}

  /**
   * @param reserve room that must stay free: below it objects are refused with A700
   * @param sync false leaves out fsync: only for throw-away data
   * @param checkOrphans whether the store is compared with the index at start
   */
  public record Store(
      @NotNull @DefaultValue("1GB") DataSize reserve,
      @DefaultValue("true") boolean sync,
      @DefaultValue("true") boolean checkOrphans) {}

  /**
   * @param quietPeriod without a new object after which a study is taken for complete
   */
  public record Study(@NotNull @DefaultValue("60s") Duration quietPeriod) {}

  /**
   * @param maxDeliveries attempts of a step before its event goes to the step's dead-letter queue
   * @param batch objects that are filed in one transaction, at most
   * @param batchWait how long the first of them waits for the others, at most
   * @param redeliveryDelay before the second attempt; doubles each time
   * @param maxRedeliveryDelay at most
   */
  public record Queues(
      @Min(1) @Max(1000) @DefaultValue("6") int maxDeliveries,
      @Min(1) @Max(1000) @DefaultValue("64") int batch,
      @NotNull @DefaultValue("50ms") Duration batchWait,
      @NotNull @DefaultValue("1s") Duration redeliveryDelay,
      @NotNull @DefaultValue("60s") Duration maxRedeliveryDelay) {}

  /**
   * @param maxAttempts to send a study to one destination before the transfer is marked as failed
   */
  public record Transfer(@Min(1) @Max(100000) @DefaultValue("500") int maxAttempts) {}

  /**
   * @param issuer whose tokens are taken (claim iss); without it every token is refused
   * @param jwkSetUri where its keys are; without it they are found from the issuer
   * @param audience that tokens must name, if set
   * @param nhsNumberClaim claim that makes a token a patient's
   * @param organisationClaim claim with the ODS code of a system's organisation
   */
  public record Auth(
      String issuer,
      String jwkSetUri,
      String audience,
      @NotBlank @DefaultValue("nhs_number") String nhsNumberClaim,
      @NotBlank @DefaultValue("ods_code") String organisationClaim) {}

  /**
   * @param odsCode such as RTH
   * @param facilities MSH-4, or {@code MSH-3|MSH-4}, that it sends HL7 under; also names of
   *     assigning authorities that are its own
   * @param patientIdIsNhsNumber whether Patient ID (0010,0020) without an issuer is an NHS number
   * @param forwardTo which studies of other trusts it gets
   * @param hl7Senders systems that are bound to addresses or certificates, or acknowledged in their
   *     own way
   */
  public record Trust(
      @NotNull
          @Pattern(
              regexp = ODS,
              message = "must be an ODS code of 3 to 10 capital letters and digits")
          String odsCode,
      @NotBlank String name,
      @NotNull @DefaultValue List<String> facilities,
      @DefaultValue("false") boolean patientIdIsNhsNumber,
      @NotNull @DefaultValue List<ForwardRule> forwardTo,
      @Valid @NotNull @DefaultValue List<Hl7Sender> hl7Senders,
      @Valid @NotNull @DefaultValue List<Node> applicationEntities) {}

  /**
   * @param host where it listens and calls from; may be left out for one that only calls
   * @param port where it listens; 0 for one that only calls
   * @param sources addresses or networks that it may call from, instead of host
   * @param tls whether it listens for TLS
   * @param certificateNames names of which its certificate must have one when it calls
   */
  public record Node(
      @NotNull
          @Pattern(
              regexp = AE,
              message = "must be an AE title of 1 to 16 characters without backslash")
          String aeTitle,
      String host,
      @Min(0) @Max(65535) @DefaultValue("0") int port,
      @NotNull @DefaultValue List<String> sources,
      @DefaultValue("false") boolean tls,
      @NotNull @DefaultValue List<String> certificateNames) {}

  /** How a sender is acknowledged. */
  public enum AcknowledgementRule {
    /** By MSH-15 and MSH-16: original mode if both are empty. */
    AS_ASKED,
    /** In original mode, whatever MSH-15 and MSH-16 say. */
    ORIGINAL
  }

  /**
   * @param application MSH-3; any if left out
   * @param facility MSH-4
   * @param sources addresses or networks that it may send from, {@code file} for dropped files
   * @param certificateNames names of which its certificate must have one
   * @param acknowledgeTo host:port that later application acknowledgements are sent to, instead of
   *     the connection that the message came by
   */
  public record Hl7Sender(
      String application,
      @NotBlank String facility,
      @NotNull @DefaultValue List<String> sources,
      @NotNull @DefaultValue List<String> certificateNames,
      @NotNull @DefaultValue("AS_ASKED") AcknowledgementRule acknowledgement,
      @Pattern(regexp = "[^:/?&]+:[0-9]{1,5}", message = "must be host:port")
          String acknowledgeTo) {}
}
