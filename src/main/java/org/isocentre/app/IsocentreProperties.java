package org.isocentre.app;

import jakarta.validation.Valid;
import jakarta.validation.constraints.DecimalMax;
import jakarta.validation.constraints.DecimalMin;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Pattern;
import jakarta.validation.constraints.Size;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.isocentre.hl7.AcknowledgementMode;
import org.isocentre.hl7.OutboundKind;
import org.isocentre.index.WorklistEnd;
import org.isocentre.model.Organisation.ForwardRule;
import org.isocentre.outbound.Acknowledging;
import org.isocentre.outbound.Destination;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.boot.context.properties.bind.Name;
import org.springframework.util.unit.DataSize;
import org.springframework.validation.annotation.Validated;

/**
 * Every setting of the hub. Periods in milliseconds are read by the routes themselves; they stand
 * here to be checked at start.
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
    @Valid @DefaultValue Merges merges,
    @Valid @DefaultValue Queues queues,
    @Valid @DefaultValue Transfer transfer,
    @Valid @DefaultValue Consent consent,
    @Valid @DefaultValue Messages messages,
    @Valid @DefaultValue Auth auth,
    @Valid @DefaultValue Fhir fhir,
    @Valid @DefaultValue DicomWeb dicomweb,
    @Valid @DefaultValue Uploads uploads,
    @Valid @DefaultValue Browser browser,
    @Valid @DefaultValue Audit audit,
    @Valid @DefaultValue Outbound outbound,
    @Valid @DefaultValue Subscriptions subscriptions,
    @Valid @DefaultValue Directory directory,
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
   * @param worklistEndsWith what takes an order off a worklist besides its performed step
   * @param commitmentPatience how long storage commitment waits for an object that is not filed yet
   * @param commitmentRetell before a result that could not be told is told again
   * @param commitmentKeep how long after the request that is done
   * @param commitmentCheckPeriod milliseconds, after which results to tell again are looked for
   * @param zone time zone of the studies' times, such as Europe/London
   */
  public record Query(
      @Min(1) @Max(1000000) @DefaultValue("10000") int maxResults,
      @Min(1) @Max(1000) @DefaultValue("8") int maxOpen,
      @NotNull @DefaultValue("5m") Duration maxTime,
      @Min(1) @Max(1000000) @DefaultValue("100000") int maxObjects,
      @DefaultValue("true") boolean ordersForAnyStation,
      @NotNull @DefaultValue("study") WorklistEnd worklistEndsWith,
      @NotNull @DefaultValue("20s") Duration commitmentPatience,
      @NotNull @DefaultValue("1h") Duration commitmentRetell,
      @NotNull @DefaultValue("7d") Duration commitmentKeep,
      @Min(10) @Max(86400000) @DefaultValue("60000") int commitmentCheckPeriod,
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
   * @param filingShare percent of one processor that filing takes while at least as many messages
   *     as there are processors wait for their answers
   * @param mostFilingDelay after which a message is filed at full speed all the same
   */
  public record Hl7Receive(
      @Min(1) @Max(10000000) @DefaultValue("100000") int controlIds,
      @NotNull @DefaultValue("12h") Duration controlIdWindow,
      @DefaultValue("false") boolean refuseReusedControlId,
      @Min(1) @Max(100) @DefaultValue("10") int filingShare,
      @NotNull @DefaultValue("30s") Duration mostFilingDelay) {}

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
   * @param sync false leaves out fsync, of objects and of the embedded index: only for throw-away
   *     data
   * @param directIo whether objects go to the disk past the page cache where the file system can
   * @param recentInstances objects of which what they say of themselves is kept in memory until
   *     they are filed, about 2 kB of heap each; more are read back
   * @param checkOrphans whether the store is compared with the index at start
   */
  public record Store(
      @NotNull @DefaultValue("1GB") DataSize reserve,
      @DefaultValue("true") boolean sync,
      @DefaultValue("true") boolean directIo,
      @Min(0) @Max(1000000) @DefaultValue("8192") int recentInstances,
      @DefaultValue("true") boolean checkOrphans) {}

  /**
   * @param quietPeriod without a new object after which a study is taken for complete
   * @param reportAwaitedAfter since its last object, after which a study without a report is shown
   *     as awaiting one
   * @param checkPeriod milliseconds, after which studies that are complete are looked for
   */
  public record Study(
      @NotNull @DefaultValue("60s") Duration quietPeriod,
      @NotNull @DefaultValue("24h") Duration reportAwaitedAfter,
      @Min(10) @Max(86400000) @DefaultValue("1000") int checkPeriod) {}

  /**
   * @param checkPeriod milliseconds, after which what merges have to tell is looked for
   */
  public record Merges(@Min(10) @Max(86400000) @DefaultValue("1000") int checkPeriod) {}

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
   * @param sealPeriod milliseconds, after which what was noted is sealed in the chain
   * @param verify whether to say if the trail is intact, and end, instead of starting the hub
   * @param source how audit repositories know this hub (AuditSourceID)
   * @param host name of the machine, as the trail names it; left out, as its network does
   * @param feeds repositories that the trail is copied to
   */
  public record Audit(
      @Min(10) @Max(86400000) @DefaultValue("1000") int sealPeriod,
      @DefaultValue("false") boolean verify,
      @NotBlank @DefaultValue("isocentre") String source,
      String host,
      @NotNull @Valid @DefaultValue List<AuditFeed> feeds) {}

  /**
   * An audit repository that the trail is copied to.
   *
   * @param name by which the index knows how far it was told
   * @param to {@code syslog+tls://host:port} (IHE ITI-20, RFC 5425), or the base of a FHIR server
   * @param base of this hub's FHIR API as the repository's readers can reach it, such as {@code
   *     https://hub.example/fhir}; left out, references are relative
   * @param wholeTrail whether all that was noted before it was set up is sent, too
   * @param batch rows that are sent together at most; left out, 1,000 by syslog and 100 by FHIR
   * @param period milliseconds, after which it is looked for what is new
   * @param timeout to connect, and for the answer to a batch
   * @param settle for which a syslog connection stays open after a batch
   * @param tls whom it is trusted by, and the hub's certificate; needed for syslog
   * @param tokenEndpoint where an access token is got by client credentials; left out for a server
   *     that asks for none
   * @param clientSecret of the client; or else its key
   * @param clientKey file with a private JSON Web Key, RSA or EC
   * @param scope words with spaces between
   */
  public record AuditFeed(
      @NotNull
          @Pattern(
              regexp = "[a-z0-9-]{1,64}",
              message = "must be 1 to 64 small letters, digits and hyphens")
          String name,
      @NotNull URI to,
      URI base,
      @DefaultValue("false") boolean wholeTrail,
      @Min(1) @Max(1000) Integer batch,
      @Min(10) @Max(86400000) @DefaultValue("2000") int period,
      @NotNull @DefaultValue("30s") Duration timeout,
      @NotNull @DefaultValue("500ms") Duration settle,
      @Valid OutboundTls tls,
      URI tokenEndpoint,
      String clientId,
      String clientSecret,
      Path clientKey,
      String scope) {
    /** Without the secret. */
    @Override
    public String toString() {
      return "AuditFeed[" + name + "]";
    }
  }

  /**
   * Searches of the FHIR API.
   *
   * @param page resources a page where the caller does not say
   * @param maxPage resources a page at most
   * @param maxConditions conditions of one search
   * @param maxValues values of one condition
   * @param maxChain references that one condition may lead through
   * @param maxIncluded resources that are sent along with a page
   * @param pageLife how long the link to a next page can be used
   * @param maxEntries of a batch or transaction
   * @param maxBundle size of a body: a batch, a transaction or one resource
   */
  public record Fhir(
      @Min(1) @Max(500) @DefaultValue("20") int page,
      @Min(1) @Max(500) @DefaultValue("200") int maxPage,
      @Min(1) @Max(1000) @DefaultValue("50") int maxConditions,
      @Min(1) @Max(1000) @DefaultValue("200") int maxValues,
      @Min(0) @Max(10) @DefaultValue("4") int maxChain,
      @Min(0) @Max(999) @DefaultValue("500") int maxIncluded,
      @NotNull @DefaultValue("1h") Duration pageLife,
      @Min(1) @Max(10000) @DefaultValue("100") int maxEntries,
      @NotNull @DefaultValue("5MB") DataSize maxBundle) {}

  /**
   * How people log in with a browser.
   *
   * @param clientId of this hub at the authorization server of {@code isocentre.auth.smart};
   *     without it there are no pages
   * @param clientSecret of a confidential client; a public one has none
   * @param scopes that are asked for
   */
  public record Browser(
      String clientId,
      String clientSecret,
      @NotNull @DefaultValue({"patient/*.rs"}) List<String> scopes) {
    boolean isOn() {
      return clientId != null && !clientId.isBlank();
    }

    /** Never shows the secret. */
    @Override
    public String toString() {
      return "Browser[clientId=" + clientId + "]";
    }
  }

  /**
   * @param maxResults of one search; who asks for more is told that there are, and goes on by
   *     offset
   * @param maxOpen searches that are read from the database at once; one caller has half of them at
   *     most
   * @param maxTime of one search
   * @param maxObjects of one retrieval; one for more is refused
   * @param maxPictures that are made at once; each holds a decoded frame in memory
   * @param maxFrame of a frame that is decoded, at most 2 GB less a byte
   * @param maxParts of one call that stores objects
   * @param maxStoredMetadata of one call that stores metadata with bulk data; it is held in memory
   * @param maxMetadata that is kept ready, on the disk; above it, what was not read for longest
   *     goes
   */
  public record DicomWeb(
      @Min(1) @Max(100000) @DefaultValue("1000") int maxResults,
      @Min(1) @Max(1000) @DefaultValue("12") int maxOpen,
      @NotNull @DefaultValue("30s") Duration maxTime,
      @Min(1) @Max(1000000) @DefaultValue("100000") int maxObjects,
      @Min(1) @Max(1000) @DefaultValue("2") int maxPictures,
      @NotNull @DefaultValue("64MB") DataSize maxFrame,
      @Min(1) @Max(1000000) @DefaultValue("10000") int maxParts,
      @NotNull @DefaultValue("8MB") DataSize maxStoredMetadata,
      @NotNull @DefaultValue("2GB") DataSize maxMetadata) {}

  /**
   * What was written of the directory by FHIR.
   *
   * @param checkPeriod milliseconds, after which each hub of the index takes it up
   */
  public record Directory(@Min(10) @Max(86400000) @DefaultValue("1000") int checkPeriod) {}

  /**
   * What patients bring of their own, and nobody has decided on yet.
   *
   * @param maxObjects of one patient
   * @param maxSize of all of them
   * @param checkPeriod milliseconds, after which what was accepted is filed
   */
  public record Uploads(
      @Min(1) @Max(1000000) @DefaultValue("5000") int maxObjects,
      @NotNull @DefaultValue("5GB") DataSize maxSize,
      @Min(10) @Max(86400000) @DefaultValue("2000") int checkPeriod) {}

  /**
   * @param maxAttempts to send a study to one destination before the transfer is marked as failed
   * @param commitmentWait how long the answer to a storage commitment request is waited for before
   *     it is asked again
   * @param commitmentRounds how often it is asked before the transfer is marked as failed
   * @param commitmentCheckPeriod milliseconds, after which requests that are due are looked for
   */
  public record Transfer(
      @Min(1) @Max(100000) @DefaultValue("500") int maxAttempts,
      @NotNull @DefaultValue("1h") Duration commitmentWait,
      @Min(1) @Max(1000) @DefaultValue("24") int commitmentRounds,
      @Min(10) @Max(86400000) @DefaultValue("5000") int commitmentCheckPeriod) {}

  /**
   * What is kept back, and who may look all the same.
   *
   * @param reportHold for how long a report that no clinician has seen is kept from the patient;
   *     zero: not at all
   * @param sensitiveLabels {@code system|code} of security labels; what has one is kept from the
   *     patient
   * @param breakGlassTime for how long a clinician may look who breaks the glass
   */
  public record Consent(
      @NotNull @DefaultValue("0s") Duration reportHold,
      @NotNull @DefaultValue("http://terminology.hl7.org/CodeSystem/v3-Confidentiality|V")
          List<String> sensitiveLabels,
      @NotNull @DefaultValue("1h") Duration breakGlassTime) {}

  /**
   * HL7 messages as those who repair them see them.
   *
   * @param maxReplay messages of one bulk replay
   * @param maxPreview messages of one dry run: they are filed in one transaction that is undone
   * @param previewWait how long a dry run waits for another, of which there is one at a time
   * @param lostAfter after which a message that nothing has filed may be done again
   * @param refusedStrangers messages of senders of no trust that are kept a day, UTC
   * @param deadCheckPeriod milliseconds, after which dead letters are looked through, if one may
   *     have been missed
   */
  public record Messages(
      @Min(1) @Max(999) @DefaultValue("500") int maxReplay,
      @Min(1) @Max(999) @DefaultValue("100") int maxPreview,
      @NotNull @DefaultValue("10s") Duration previewWait,
      @NotNull @DefaultValue("15m") Duration lostAfter,
      @Min(0) @Max(1000000) @DefaultValue("1000") int refusedStrangers,
      @Min(10) @Max(86400000) @DefaultValue("60000") int deadCheckPeriod) {}

  /**
   * @param issuer whose tokens are taken (claim iss); without it and without {@code issuers} every
   *     token is refused
   * @param jwkSetUri where its keys are; without it they are found from the issuer
   * @param audience that tokens must name, if set
   * @param nhsNumberClaim claim that makes a token a patient's
   * @param organisationClaim claim with the ODS code of a system's organisation
   * @param rolesClaim claim with the caller's roles, a list or text; a dot leads into a claim
   * @param timeout for connecting to an issuer, and for each read of its answer
   * @param issuers more of them
   * @param appOrigins of apps that run in a browser and may call {@code /fhir} and {@code
   *     /dicomweb}, such as {@code https://app.example}; {@code *} for a part, such as a port
   * @param smart where apps get their tokens; not told if it has no token endpoint
   */
  public record Auth(
      String issuer,
      String jwkSetUri,
      String audience,
      @NotBlank @DefaultValue("nhs_number") String nhsNumberClaim,
      @NotBlank @DefaultValue("ods_code") String organisationClaim,
      @NotBlank @DefaultValue("roles") String rolesClaim,
      @NotNull @DefaultValue("5s") Duration timeout,
      @Valid @NotNull @Size(max = 50) @DefaultValue List<Issuer> issuers,
      @NotNull @DefaultValue List<String> appOrigins,
      @NotNull @DefaultValue Smart smart) {

    /** All issuers, in order. */
    List<Issuer> all() {
      List<Issuer> all = new ArrayList<>();
      if (issuer != null && !issuer.isBlank()) {
        all.add(
            new Issuer(
                issuer,
                jwkSetUri,
                null,
                null,
                null,
                audience,
                Holder.ANY,
                null,
                nhsNumberClaim,
                organisationClaim,
                rolesClaim,
                Issuer.BIRTH_DATE,
                Issuer.PROOFING_LEVEL,
                Issuer.PROVED,
                false));
      } else if (isSet(jwkSetUri) || isSet(audience)) {
        throw new BadConfiguration(
            "isocentre.auth.issuer is not set, though isocentre.auth.jwk-set-uri or audience is: set it to the claim iss of the tokens to take");
      }
      all.addAll(issuers);
      return all;
    }

    private static boolean isSet(String text) {
      return text != null && !text.isBlank();
    }
  }

  /**
   * The authorization server that apps are sent to, as {@code .well-known/smart-configuration}
   * names it (SMART App Launch 2.2 §4).
   *
   * @param authorizationEndpoint where a person logs in; without it apps of people are not launched
   * @param capabilities of that server and of this hub
   */
  public record Smart(
      String issuer,
      String jwksUri,
      String authorizationEndpoint,
      String tokenEndpoint,
      String introspectionEndpoint,
      String revocationEndpoint,
      String registrationEndpoint,
      String managementEndpoint,
      @NotNull @DefaultValue({"authorization_code", "client_credentials"}) List<String> grantTypes,
      @NotNull @DefaultValue({"private_key_jwt", "client_secret_basic"})
          List<String> authenticationMethods,
      @NotNull
          @DefaultValue({
            "openid",
            "fhirUser",
            "launch/patient",
            "patient/*.rs",
            "patient/*.read",
            "patient/Consent.cud",
            "user/*.rs",
            "system/*.rs"
          })
          List<String> scopes,
      @NotNull
          @DefaultValue({
            "launch-standalone",
            "client-public",
            "client-confidential-symmetric",
            "client-confidential-asymmetric",
            "context-standalone-patient",
            "permission-patient",
            "permission-user",
            "permission-v1",
            "permission-v2",
            "smart-imaging-access"
          })
          List<String> capabilities) {
    boolean isKnown() {
      return tokenEndpoint != null && !tokenEndpoint.isBlank();
    }
  }

  /** For whom an issuer speaks. */
  public enum Holder {
    /** What the claims say: patients, organisations, and staff of the hub. */
    ANY,
    /** Patients only, such as NHS login. */
    PATIENT,
    /** People and systems of organisations only, such as CIS2 or a trust's own. */
    ORGANISATION
  }

  /**
   * An issuer of tokens beside the first.
   *
   * @param issuer claim iss
   * @param jwkSetUri where its keys are; without it they are found from the issuer
   * @param introspectionUri where opaque tokens are asked about (RFC 7662); one issuer's only
   * @param clientId of the hub at the issuer, for asking
   * @param audience that tokens must name, if set
   * @param holder for whom it speaks
   * @param organisation ODS code that all of its tokens are of
   * @param birthDateClaim claim with a patient's birth date, which must be that of the index
   * @param proofingLevelClaim claim with how well a patient proved who they are
   * @param proofingLevel that is enough
   * @param proved whether a patient's token must have both; else they are looked at where it has
   */
  public record Issuer(
      @NotBlank String issuer,
      String jwkSetUri,
      String introspectionUri,
      @DefaultValue("isocentre") String clientId,
      @DefaultValue("") String clientSecret,
      String audience,
      @NotNull @DefaultValue("ANY") Holder holder,
      @Pattern(regexp = ODS, message = "must be an ODS code of 3 to 10 capital letters and digits")
          String organisation,
      @NotBlank @DefaultValue("nhs_number") String nhsNumberClaim,
      @NotBlank @DefaultValue("ods_code") String organisationClaim,
      @NotBlank @DefaultValue("roles") String rolesClaim,
      @NotBlank @DefaultValue(BIRTH_DATE) String birthDateClaim,
      @NotBlank @DefaultValue(PROOFING_LEVEL) String proofingLevelClaim,
      @NotBlank @DefaultValue(PROVED) String proofingLevel,
      @DefaultValue("true") boolean proved) {
    static final String BIRTH_DATE = "birthdate";
    static final String PROOFING_LEVEL = "identity_proofing_level";
    static final String PROVED = "P9";

    /** Without the secret. */
    @Override
    public String toString() {
      return "Issuer[" + issuer + ", " + holder + "]";
    }
  }

  /**
   * @param odsCode such as RTH
   * @param facilities MSH-4, or {@code MSH-3|MSH-4}, that it sends HL7 under; also names of
   *     assigning authorities that are its own
   * @param patientIdIsNhsNumber whether Patient ID (0010,0020) without an issuer is an NHS number
   * @param forwardTo which studies of other trusts it gets
   * @param hl7Senders systems that are bound to addresses or certificates, or acknowledged in their
   *     own way
   * @param dicomweb its DICOMweb service, if it is sent studies by STOW-RS rather than by C-STORE
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
      @Valid @NotNull @DefaultValue List<Node> applicationEntities,
      @Valid @NotNull @DefaultValue List<Hl7Destination> hl7,
      @Valid DicomWebService dicomweb) {}

  /**
   * @param url base, such as {@code https://pacs.example/dicomweb}
   * @param tokenEndpoint where an access token is got by client credentials; left out for a service
   *     that asks for none
   * @param clientSecret of the client; or else its key
   * @param clientKey file with a private JSON Web Key, RSA or EC
   * @param scope words with spaces between
   * @param hubTls whether the hub shows its own certificate, and trusts the authorities, of {@code
   *     isocentre.dicom.tls}; else the authorities that Java trusts
   * @param connectTimeout for a connection
   * @param stallTimeout for which nothing may move before an attempt ends
   */
  public record DicomWebService(
      @NotNull URI url,
      URI tokenEndpoint,
      String clientId,
      String clientSecret,
      Path clientKey,
      String scope,
      @DefaultValue("false") boolean hubTls,
      @NotNull @DefaultValue("10s") Duration connectTimeout,
      @NotNull @DefaultValue("60s") Duration stallTimeout) {
    /** Without the secret. */
    @Override
    public String toString() {
      return "DicomWebService[" + url + "]";
    }
  }

  /**
   * A system of a trust that HL7 v2 messages go to.
   *
   * @param name unique; what pausing and messages name it by
   * @param application MSH-5
   * @param facility MSH-6
   * @param messages what it wants
   * @param version MSH-12
   * @param charset MSH-18 (HL7 table 0211)
   * @param rules file with what it wants otherwise
   * @param throttle messages a second at most; 0 for no limit
   * @param ackTimeout from a message's first byte to the last of its answer
   * @param maxAttempts that fail before a message is parked
   * @param onError what AE and CE lead to
   * @param retryDelay before the second attempt; doubles up to the most
   * @param acceptAcknowledgement MSH-15; left out together with the next one for original mode
   * @param applicationAcknowledgement MSH-16
   * @param applicationAcknowledgementBy where it comes after an accept acknowledgement
   * @param applicationTimeout how long it is awaited after that
   */
  public record Hl7Destination(
      @NotNull
          @Pattern(
              regexp = "[a-z0-9][a-z0-9-]{0,62}",
              message = "must be a name of small letters, digits and hyphens, such as rj1-ris")
          String name,
      @NotBlank String host,
      @Min(1) @Max(65535) int port,
      @DefaultValue("false") boolean tls,
      @NotBlank String application,
      @NotBlank String facility,
      @NotNull @Size(min = 1, message = "must name some of ADT, ORM, OMI, ORU, MDM") @DefaultValue
          Set<OutboundKind> messages,
      @NotNull
          @Pattern(
              regexp = "2\\.(3|3\\.1|4|5|5\\.1|6|7|8)",
              message = "must be a version of 2.3 to 2.8, such as 2.4")
          @DefaultValue("2.4")
          String version,
      @NotBlank @DefaultValue("UNICODE UTF-8") String charset,
      Path rules,
      @DecimalMin("0") @DecimalMax("10000") @DefaultValue("0") double throttle,
      @NotNull @DefaultValue("30s") Duration ackTimeout,
      @Min(1) @Max(100000) @DefaultValue("10") int maxAttempts,
      @NotNull @DefaultValue("RETRY") Destination.OnError onError,
      @NotNull @DefaultValue("5s") Duration retryDelay,
      @NotNull @DefaultValue("1m") Duration maxRetryDelay,
      AcknowledgementMode.Condition acceptAcknowledgement,
      AcknowledgementMode.Condition applicationAcknowledgement,
      @NotNull @DefaultValue("SAME_CONNECTION") Acknowledging.Way applicationAcknowledgementBy,
      @NotNull @DefaultValue("30s") Duration applicationTimeout) {}

  /**
   * FHIR subscriptions.
   *
   * @param endpoints URLs that may be notified, with all below them; others only by https at public
   *     addresses
   * @param maxOfOwner subscriptions of one owner that are not off
   * @param maxLife of a subscription, until it is written anew
   * @param timeout of one call to an endpoint
   * @param maxAttempts in a row that fail before a subscription is in error
   * @param retryDelay before the second attempt; doubles up to the most
   * @param keep events, for {@code $events}
   * @param pollPeriod milliseconds, after which what is due is looked for
   * @param purgePeriod milliseconds, after which old events are forgotten
   */
  public record Subscriptions(
      @NotNull @DefaultValue List<String> endpoints,
      @Min(1) @Max(10000) @DefaultValue("20") int maxOfOwner,
      @NotNull @DefaultValue("365d") Duration maxLife,
      @NotNull @DefaultValue("10s") Duration timeout,
      @Min(1) @Max(100000) @DefaultValue("10") int maxAttempts,
      @NotNull @DefaultValue("5s") Duration retryDelay,
      @NotNull @DefaultValue("10m") Duration maxRetryDelay,
      @NotNull @DefaultValue("30d") Duration keep,
      @Min(10) @Max(86400000) @DefaultValue("500") int pollPeriod,
      @Min(10) @Max(86400000) @DefaultValue("3600000") int purgePeriod) {}

  /**
   * @param sendingApplication MSH-3 of messages out
   * @param sendingFacility MSH-4 of messages out
   * @param maxWaiting messages that wait for one destination at most
   * @param maxDocumentSize of a report's document that a message may carry
   * @param pollPeriod milliseconds, after which changes and queues are looked at again when nothing
   *     was waiting
   * @param heldCheck after which what a consent or an open identity held back is looked at again,
   *     if nothing has said before that it may go
   */
  public record Outbound(
      @NotBlank @DefaultValue("ISOCENTRE") String sendingApplication,
      @NotBlank @DefaultValue("ISOCENTRE") String sendingFacility,
      @Min(1) @Max(10000000) @DefaultValue("100000") int maxWaiting,
      @NotNull @DefaultValue("20MB") DataSize maxDocumentSize,
      @Min(10) @Max(86400000) @DefaultValue("250") int pollPeriod,
      @NotNull @DefaultValue("15m") Duration heldCheck,
      @Valid @DefaultValue OutboundTls tls) {}

  /**
   * TLS of connections to HL7 destinations. Stores are read anew every minute.
   *
   * @param keyStore the hub's certificate and key, PKCS #12, for receivers that ask for one
   * @param trustStore certificates or authorities that receivers must have theirs of, PKCS #12
   */
  public record OutboundTls(
      Path keyStore, String keyStorePassword, Path trustStore, String trustStorePassword) {}

  /**
   * @param host where it listens and calls from; may be left out for one that only calls
   * @param port where it listens; 0 for one that only calls
   * @param sources addresses or networks that it may call from, instead of host
   * @param tls whether it listens for TLS
   * @param certificateNames names of which its certificate must have one when it calls
   * @param commitment whether it is asked for storage commitment of what its trust was sent
   * @param notified {@code notify}: whether it is told when a study of its trust is available here
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
      @NotNull @DefaultValue List<String> certificateNames,
      @DefaultValue("false") boolean commitment,
      @Name("notify") @DefaultValue("false") boolean notified) {}

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
   * @param accession fields that may hold the accession number, such as OBR-18 or ZDS-2.1; the
   *     first that does counts
   * @param acknowledgeTo host:port that later application acknowledgements are sent to, instead of
   *     the connection that the message came by
   */
  public record Hl7Sender(
      String application,
      @NotBlank String facility,
      @NotNull @DefaultValue List<String> sources,
      @NotNull @DefaultValue List<String> certificateNames,
      @NotNull @DefaultValue("AS_ASKED") AcknowledgementRule acknowledgement,
      @NotNull @DefaultValue List<String> accession,
      @Pattern(regexp = "[^:/?&]+:[0-9]{1,5}", message = "must be host:port")
          String acknowledgeTo) {}
}
