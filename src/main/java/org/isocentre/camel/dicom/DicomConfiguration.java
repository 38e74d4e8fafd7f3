package org.isocentre.camel.dicom;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.camel.spi.Metadata;
import org.apache.camel.spi.UriParam;
import org.apache.camel.spi.UriParams;
import org.apache.camel.support.jsse.SSLContextParameters;
import org.isocentre.dicom.association.AssociationSettings;
import org.isocentre.dicom.association.TlsProfile;
import org.isocentre.dicom.association.UserIdentityVerifier;
import org.isocentre.dicom.dimse.DataSetSink;
import org.isocentre.dicom.dimse.DimseSettings;
import org.isocentre.dicom.dimse.SpoolSink;
import org.isocentre.dicom.pdu.Pdu;

/**
 * Options of a {@code dicom} endpoint. Times are in milliseconds unless written with a unit ({@code
 * 30s}).
 */
@UriParams
public class DicomConfiguration implements Cloneable {
  /** In the order of their bytes (PS3.4 Table C.5.1.1-1). */
  private static final List<String> QUERY_OPTIONS =
      List.of("relational", "combinedDateTime", "fuzzyNames", "timezoneAdjustment");

  private static final int RESERVED_OF_WORKLIST = 2;

  @UriParam(label = "consumer", defaultValue = "store")
  @Metadata(
      description =
          "Services that are offered, separated by commas: store, find, worklist, move, get,"
              + " commit, mpps, ian. C-ECHO is always answered.")
  private String operations = "store";

  @UriParam
  @Metadata(
      description =
          "SOP class UIDs that a consumer takes, or of the objects that get asks for, separated by commas. Default: those of the operations; for store every storage SOP class of PS3.4; for get those in use, the most common first, as many as an association can propose.")
  private String sopClasses;

  @UriParam(label = "consumer")
  @Metadata(
      description = "SOP class UIDs that are taken in addition, separated by commas: private ones.")
  private String extraSopClasses;

  @UriParam
  @Metadata(
      description =
          "Transfer syntax UIDs in order of preference, separated by commas. A consumer takes others too, after these, in the order that the peer proposes. Of a producer: those of the objects that get asks for, before the uncompressed ones.")
  private String transferSyntaxes;

  @UriParam(label = "consumer")
  @Metadata(
      description =
          "Calling AE titles that may associate, separated by commas. Default: any that"
              + " callerPolicy lets in.")
  private String callingAets;

  @UriParam(label = "consumer")
  @Metadata(
      description =
          "IP addresses that may associate, separated by commas. Default: any that callerPolicy"
              + " lets in.")
  private String callingHosts;

  @UriParam(label = "consumer,advanced")
  @Metadata(description = "Decides by calling AE title and address who may associate.")
  private CallerPolicy callerPolicy;

  @UriParam(label = "consumer,advanced")
  @Metadata(
      description =
          "Where data sets go as they arrive. Default: memory up to spoolThreshold, then a"
              + " temporary file.")
  private DataSetSink.Factory sinkFactory;

  @UriParam(defaultValue = "262144")
  @Metadata(
      description =
          "Bytes of one received object that are held in memory; beyond it a temporary file is"
              + " used.")
  private int spoolThreshold = 262_144;

  @UriParam
  @Metadata(description = "Directory of temporary files. Default: the system's.")
  private String spoolDirectory;

  @UriParam(label = "consumer", defaultValue = "onComplete", enums = "onComplete,onSpooled,manual")
  @Metadata(
      description =
          "When C-STORE is answered: after the route is done with the object; when it is received"
              + " whole, so that a crash loses what the sender believes to be stored unless a"
              + " sinkFactory makes it durable; when the route calls the Acknowledgement in the"
              + " header CamelDicomAcknowledgement.")
  private AckMode ackMode = AckMode.onComplete;

  @UriParam(label = "consumer", defaultValue = "60000")
  @Metadata(
      description =
          "With ackMode=manual: in which the acknowledgement must be given; then A700 is answered.")
  private Duration ackTimeout = Duration.ofSeconds(60);

  @UriParam(label = "consumer", defaultValue = "instance", enums = "instance,association")
  @Metadata(
      description =
          "Whether each object makes an exchange, or all of one association make one when it ends."
              + " The second answers when the object is received whole, as ackMode=onSpooled does.")
  private ExchangePer exchangePer = ExchangePer.instance;

  @UriParam(label = "consumer", defaultValue = "1000")
  @Metadata(
      description =
          "With exchangePer=association: objects of one exchange at most; with more, several"
              + " exchanges are made.")
  private int maxInstancesPerExchange = 1_000;

  @UriParam(label = "consumer")
  @Metadata(
      description =
          "PS3.6 keywords, separated by commas; the first value of each becomes the header"
              + " CamelDicom followed by the keyword.")
  private String headerTags;

  @UriParam(defaultValue = "false")
  @Metadata(
      description =
          "Whether log messages at level DEBUG may show identifiers and header values of data sets,"
              + " which are patient data.")
  private boolean logPhi;

  @UriParam(label = "consumer", defaultValue = "128")
  @Metadata(
      description =
          "Associations at once on the port, of all consumers that share it; more are rejected as transient. The port of tlsPort counts its own, up to the same limit.")
  private int maxAssociations = AssociationSettings.DEFAULT.maxAssociations();

  @UriParam(label = "consumer", defaultValue = "64")
  @Metadata(
      description =
          "Associations at once from one calling AE title on the port, of all consumers that share it; more are rejected as transient. The port of tlsPort counts its own, up to the same limit.")
  private int maxAssociationsPerAet = AssociationSettings.DEFAULT.maxAssociationsPerAeTitle();

  @UriParam(label = "consumer", defaultValue = "8")
  @Metadata(
      description =
          "Operations that a peer may have outstanding at once, if it negotiates an asynchronous"
              + " operations window.")
  private int maxOpsPerformed = 8;

  @UriParam(label = "consumer", defaultValue = "60000")
  @Metadata(
      description =
          "In which the peer must complete a PDU while this end waits for it; 0 for none.")
  private Duration idleTimeout = AssociationSettings.DEFAULT.idleTimeout();

  @UriParam(label = "consumer", defaultValue = "30000")
  @Metadata(
      description =
          "From the connection to the whole A-ASSOCIATE-RQ, and from the last PDU to the end of the"
              + " connection.")
  private Duration artimTimeout = AssociationSettings.DEFAULT.artimTimeout();

  @UriParam(label = "consumer", defaultValue = "30000")
  @Metadata(description = "How long it is tried to listen on the port at start.")
  private Duration bindTimeout = Duration.ofSeconds(30);

  @UriParam(label = "consumer", defaultValue = "5000")
  @Metadata(description = "Time between two tries to listen on the port.")
  private Duration bindRetryInterval = Duration.ofSeconds(5);

  @UriParam(label = "consumer", defaultValue = "false")
  @Metadata(
      description =
          "Whether the route starts though the port cannot be had yet; it is tried on and on.")
  private boolean lenientBind;

  @UriParam(defaultValue = "262144")
  @Metadata(description = "Largest P-DATA-TF that is taken, bytes.")
  private int maxPduLength = AssociationSettings.DEFAULT.maxPduLength();

  @UriParam(defaultValue = "60000")
  @Metadata(description = "In which the peer must take bytes.")
  private Duration sendTimeout = AssociationSettings.DEFAULT.sendTimeout();

  @UriParam(defaultValue = "10000")
  @Metadata(description = "From A-RELEASE-RQ to its answer.")
  private Duration releaseTimeout = AssociationSettings.DEFAULT.releaseTimeout();

  @UriParam(defaultValue = "10000")
  @Metadata(
      description = "Until the connection is made; a consumer uses it towards move destinations.")
  private Duration connectTimeout = AssociationSettings.DEFAULT.connectTimeout();

  @UriParam(defaultValue = "30000")
  @Metadata(description = "From A-ASSOCIATE-RQ to its answer.")
  private Duration acceptTimeout = AssociationSettings.DEFAULT.acceptTimeout();

  @UriParam(defaultValue = "60000")
  @Metadata(
      description =
          "In which the peer must answer a request, and send each further response to it.")
  private Duration responseTimeout = Duration.ofSeconds(60);

  @UriParam(defaultValue = "1048576")
  @Metadata(
      description = "Longest identifier, attribute list or event information that is taken, bytes.")
  private int maxQueryBytes = DimseSettings.DEFAULT.maxDataSetBytes();

  @UriParam(
      label = "producer",
      defaultValue = "store",
      enums = "echo,store,find,move,get,commit,ian,mpps,event")
  @Metadata(
      description =
          "What is done. The header CamelDicomOperation overrides it. event sends an"
              + " N-EVENT-REPORT.")
  private String operation = "store";

  @UriParam(label = "producer", defaultValue = "study", enums = "study,patient,worklist")
  @Metadata(description = "Information model of find, move and get.")
  private String model = "study";

  @UriParam(label = "producer", enums = "PATIENT,STUDY,SERIES,IMAGE")
  @Metadata(
      description = "Query/Retrieve Level of find, move and get, where the identifier has none.")
  private String level;

  @UriParam(label = "producer", defaultValue = "CAMEL")
  @Metadata(description = "The local AE title.")
  private String callingAet = "CAMEL";

  @UriParam(label = "producer")
  @Metadata(description = "AE title that move sends to.")
  private String moveDestination;

  @UriParam(label = "producer", defaultValue = "true")
  @Metadata(
      description =
          "Whether find gives an Iterator that reads on as it is asked, for a streaming splitter;"
              + " else a List of all.")
  private boolean streaming = true;

  @UriParam(label = "producer", defaultValue = "0")
  @Metadata(
      description =
          "Matches that find gives, and objects that get keeps, at most; then it is cancelled. 0 for all.")
  private int maxResults;

  @UriParam(label = "producer", defaultValue = "0")
  @Metadata(description = "Time after which find, move or get is cancelled. 0 for never.")
  private Duration cancelAfter = Duration.ZERO;

  @UriParam
  @Metadata(
      description =
          "Extended negotiation of find, move and get, separated by commas: relational,"
              + " combinedDateTime, fuzzyNames, timezoneAdjustment. What a consumer's route can do,"
              + " or what a producer asks for. A worklist has the last two only; it always takes a"
              + " date range and a time range together.")
  private String queryOptions;

  @UriParam(label = "consumer,advanced")
  @Metadata(
      description =
          "Verifies user identities (PS3.7 §D.3.3.7); without it they are not looked at. All consumers of an AE title and port have the same.")
  private UserIdentityVerifier userIdentityVerifier;

  @UriParam(label = "consumer", defaultValue = "false")
  @Metadata(
      description =
          "With userIdentityVerifier: whether a caller that shows no identity is rejected. All consumers of an AE title and port have the same.")
  private boolean userIdentityRequired;

  @UriParam(label = "producer,security", secret = true)
  @Metadata(description = "User name that is shown to the peer.")
  private String username;

  @UriParam(label = "producer,security", secret = true)
  @Metadata(description = "Passcode that goes with username.")
  private String password;

  @UriParam(label = "producer,security", secret = true)
  @Metadata(
      description =
          "Identity of any type that is shown to the peer: Kerberos ticket, SAML assertion, JSON"
              + " Web Token.")
  private Pdu.UserIdentity userIdentity;

  @UriParam(label = "producer", defaultValue = "never", enums = "never,lossless,negotiated")
  @Metadata(
      description =
          "What store does where the peer does not take the object as it is: fail; transcode"
              + " without loss into what it takes; let the peer choose among all that can be had"
              + " without loss.")
  private Transcode transcode = Transcode.never;

  @UriParam(label = "producer", defaultValue = "none", enums = "none,request")
  @Metadata(description = "Whether Storage Commitment is asked for each stored object.")
  private Commit commit = Commit.none;

  @UriParam(label = "producer", defaultValue = "1")
  @Metadata(
      description = "Operations that are proposed to be outstanding at once on one association.")
  private int maxOpsInvoked = 1;

  @UriParam(label = "producer", defaultValue = "4")
  @Metadata(description = "Associations that are kept open for the next object at most.")
  private int maxPooled = 4;

  @UriParam(label = "producer", defaultValue = "5000")
  @Metadata(description = "How long an association is kept open without use.")
  private Duration pooledIdle = Duration.ofSeconds(5);

  @UriParam(label = "producer", defaultValue = "false")
  @Metadata(
      description =
          "Whether a warning status (B000, B006, B007) fails the exchange. The peer has the object"
              + " all the same.")
  private boolean throwOnWarning;

  @UriParam(label = "producer", defaultValue = "false")
  @Metadata(
      description = "Whether store takes the status 0111 (duplicate SOP instance) for success.")
  private boolean duplicateAsSuccess;

  @UriParam(label = "security")
  @Metadata(
      description =
          "TLS: key and trust stores. Protocols and cipher suites default to tlsProfile, client"
              + " authentication to required.")
  private SSLContextParameters sslContextParameters;

  @UriParam(label = "consumer,security")
  @Metadata(
      description =
          "Second port, for TLS, beside the plain one; 0 switches TLS off. Default: with"
              + " sslContextParameters the port itself is TLS.")
  private Integer tlsPort;

  @UriParam(
      label = "security",
      defaultValue = "NON_DOWNGRADING_BCP_195",
      enums = "NON_DOWNGRADING_BCP_195,EXTENDED_BCP_195")
  @Metadata(description = "Secure transport connection profile (PS3.15 §B.10, §B.11).")
  private TlsProfile tlsProfile = TlsProfile.NON_DOWNGRADING_BCP_195;

  @UriParam(label = "security", defaultValue = "60000")
  @Metadata(description = "How often key and trust stores are read anew. 0 for never.")
  private Duration tlsReloadInterval = Duration.ofSeconds(60);

  @UriParam(label = "producer,security", defaultValue = "false")
  @Metadata(
      description = "Whether the peer's certificate must carry the host name of the endpoint.")
  private boolean tlsHostNameCheck;

  @UriParam(label = "consumer,security")
  @Metadata(
      description =
          "Binds calling AE titles to certificates: AET=name|name, separated by commas; a name is a common name, dNSName or URI. An AE title that is listed is rejected without such a certificate. All consumers of an AE title and port have the same.")
  private String certificateNames;

  @UriParam(label = "producer", defaultValue = "false")
  @Metadata(
      description =
          "Whether the peer's answer to C-ECHO counts for readiness, where Camel's health checks of"
              + " producers are switched on.")
  private boolean healthCheck;

  @UriParam(label = "producer", defaultValue = "30000")
  @Metadata(
      description = "With healthCheck: how long a result holds before the peer is asked anew.")
  private Duration healthCheckInterval = Duration.ofSeconds(30);

  /** When a C-STORE is answered. */
  public enum AckMode {
    onComplete,
    onSpooled,
    manual
  }

  /** What makes an exchange. */
  public enum ExchangePer {
    instance,
    association
  }

  /** What may be done to an object that the peer does not take as it is. */
  public enum Transcode {
    never,
    lossless,
    negotiated
  }

  /** Whether Storage Commitment is asked for. */
  public enum Commit {
    none,
    request
  }

  /** A copy that shares nothing that can change. */
  DicomConfiguration copy() {
    try {
      return (DicomConfiguration) super.clone();
    } catch (CloneNotSupportedException e) {
      throw new IllegalStateException(e);
    }
  }

  AssociationSettings associationSettings() {
    return new AssociationSettings(
        maxPduLength,
        AssociationSettings.DEFAULT.maxAssociatePduLength(),
        maxAssociations,
        maxAssociationsPerAet,
        artimTimeout,
        connectTimeout,
        acceptTimeout,
        idleTimeout,
        sendTimeout,
        releaseTimeout,
        maxOpsInvoked,
        maxOpsPerformed);
  }

  /**
   * Query options as bytes of extended negotiation (PS3.4 §C.5.1.1, §K.5), or null if there are
   * none. Of a worklist the first two are reserved and always 1.
   */
  byte[] extendedNegotiation(DicomOperation operation) {
    List<String> names = list(queryOptions);
    if (names.isEmpty()) {
      return null;
    }
    boolean worklist = operation == DicomOperation.WORKLIST;
    byte[] switches =
        new byte[operation == DicomOperation.FIND || worklist ? QUERY_OPTIONS.size() : 1];
    for (String name : names) {
      int at = QUERY_OPTIONS.indexOf(name);
      if (at < 0) {
        throw new IllegalArgumentException(
            "ISO-DICOM-614: queryOptions has %s, expected some of %s"
                .formatted(name, QUERY_OPTIONS));
      }
      if (at < switches.length) {
        switches[at] = 1;
      }
    }
    if (worklist) {
      Arrays.fill(switches, 0, RESERVED_OF_WORKLIST, (byte) 1);
    }
    return switches;
  }

  /** Certificate names by calling AE title. */
  Map<String, List<String>> boundNames() {
    Map<String, List<String>> names = new HashMap<>();
    for (String one : list(certificateNames)) {
      String[] parts = one.split("=", 2);
      if (parts.length < 2 || parts[1].isBlank()) {
        throw new IllegalArgumentException(
            "ISO-DICOM-616: certificateNames has '%s', expected AET=name|name".formatted(one));
      }
      names.put(parts[0].trim(), List.of(parts[1].trim().split("\\s*\\|\\s*")));
    }
    return names;
  }

  /** What is shown to a peer, or null. */
  Pdu.UserIdentity shownIdentity() {
    if (userIdentity != null || username == null) {
      return userIdentity;
    }
    return password == null
        ? Pdu.UserIdentity.username(username, true)
        : Pdu.UserIdentity.usernameAndPasscode(username, password, true);
  }

  DimseSettings dimseSettings() {
    return new DimseSettings(
        DimseSettings.DEFAULT.maxCommandBytes(),
        DimseSettings.DEFAULT.maxQueuedBytes(),
        maxQueryBytes,
        DimseSettings.DEFAULT.maxQueuedResponses(),
        DimseSettings.DEFAULT.maxOperationsInvoked(),
        responseTimeout);
  }

  DataSetSink.Factory sinks() {
    return sinkFactory != null ? sinkFactory : spool();
  }

  /** Holds an object until it is closed. */
  DataSetSink.Factory spool() {
    return SpoolSink.factory(
        spoolThreshold, spoolDirectory == null ? null : Path.of(spoolDirectory));
  }

  /** For objects that are kept until a whole collection is there: with limited memory. */
  DataSetSink.Factory collectingSinks() {
    return sinkFactory != null
        ? sinkFactory
        : new BudgetedSinks(
            spool(),
            spoolThreshold,
            SpoolSink.factory(0, spoolDirectory == null ? null : Path.of(spoolDirectory)));
  }

  /** What a consumer offers; never empty. */
  Set<DicomOperation> offeredOperations() {
    Set<DicomOperation> offered = EnumSet.noneOf(DicomOperation.class);
    list(operations).forEach(name -> offered.add(DicomOperation.of(name)));
    if (offered.isEmpty() || offered.stream().anyMatch(o -> !o.isOffered())) {
      throw new IllegalArgumentException(
          "ISO-DICOM-606: found operations=%s, expected some of store, find, worklist, move, get, commit, mpps, ian"
              .formatted(operations));
    }
    return offered;
  }

  /** SOP classes that a consumer takes for one of its operations. */
  Set<String> acceptedSopClasses(DicomOperation offered) {
    Set<String> accepted =
        new LinkedHashSet<>(sopClasses == null ? offered.sopClasses() : list(sopClasses));
    accepted.addAll(list(extraSopClasses));
    return accepted;
  }

  static List<String> list(String text) {
    return text == null || text.isBlank() ? List.of() : List.of(text.trim().split("\\s*,\\s*"));
  }

  public String getOperations() {
    return operations;
  }

  public void setOperations(String operations) {
    this.operations = operations;
  }

  public String getSopClasses() {
    return sopClasses;
  }

  public void setSopClasses(String sopClasses) {
    this.sopClasses = sopClasses;
  }

  public String getExtraSopClasses() {
    return extraSopClasses;
  }

  public void setExtraSopClasses(String extraSopClasses) {
    this.extraSopClasses = extraSopClasses;
  }

  public String getTransferSyntaxes() {
    return transferSyntaxes;
  }

  public void setTransferSyntaxes(String transferSyntaxes) {
    this.transferSyntaxes = transferSyntaxes;
  }

  public String getCallingAets() {
    return callingAets;
  }

  public void setCallingAets(String callingAets) {
    this.callingAets = callingAets;
  }

  public String getCallingHosts() {
    return callingHosts;
  }

  public void setCallingHosts(String callingHosts) {
    this.callingHosts = callingHosts;
  }

  public CallerPolicy getCallerPolicy() {
    return callerPolicy;
  }

  public void setCallerPolicy(CallerPolicy callerPolicy) {
    this.callerPolicy = callerPolicy;
  }

  public DataSetSink.Factory getSinkFactory() {
    return sinkFactory;
  }

  public void setSinkFactory(DataSetSink.Factory sinkFactory) {
    this.sinkFactory = sinkFactory;
  }

  public int getSpoolThreshold() {
    return spoolThreshold;
  }

  public void setSpoolThreshold(int spoolThreshold) {
    this.spoolThreshold = spoolThreshold;
  }

  public String getSpoolDirectory() {
    return spoolDirectory;
  }

  public void setSpoolDirectory(String spoolDirectory) {
    this.spoolDirectory = spoolDirectory;
  }

  public AckMode getAckMode() {
    return ackMode;
  }

  public void setAckMode(AckMode ackMode) {
    this.ackMode = ackMode;
  }

  public Duration getAckTimeout() {
    return ackTimeout;
  }

  public void setAckTimeout(Duration ackTimeout) {
    this.ackTimeout = ackTimeout;
  }

  public ExchangePer getExchangePer() {
    return exchangePer;
  }

  public void setExchangePer(ExchangePer exchangePer) {
    this.exchangePer = exchangePer;
  }

  public int getMaxInstancesPerExchange() {
    return maxInstancesPerExchange;
  }

  public void setMaxInstancesPerExchange(int maxInstancesPerExchange) {
    this.maxInstancesPerExchange = maxInstancesPerExchange;
  }

  public String getHeaderTags() {
    return headerTags;
  }

  public void setHeaderTags(String headerTags) {
    this.headerTags = headerTags;
  }

  public boolean isLogPhi() {
    return logPhi;
  }

  public void setLogPhi(boolean logPhi) {
    this.logPhi = logPhi;
  }

  public int getMaxAssociations() {
    return maxAssociations;
  }

  public void setMaxAssociations(int maxAssociations) {
    this.maxAssociations = maxAssociations;
  }

  public int getMaxAssociationsPerAet() {
    return maxAssociationsPerAet;
  }

  public void setMaxAssociationsPerAet(int maxAssociationsPerAet) {
    this.maxAssociationsPerAet = maxAssociationsPerAet;
  }

  public int getMaxOpsPerformed() {
    return maxOpsPerformed;
  }

  public void setMaxOpsPerformed(int maxOpsPerformed) {
    this.maxOpsPerformed = maxOpsPerformed;
  }

  public Duration getIdleTimeout() {
    return idleTimeout;
  }

  public void setIdleTimeout(Duration idleTimeout) {
    this.idleTimeout = idleTimeout;
  }

  public Duration getArtimTimeout() {
    return artimTimeout;
  }

  public void setArtimTimeout(Duration artimTimeout) {
    this.artimTimeout = artimTimeout;
  }

  public Duration getBindTimeout() {
    return bindTimeout;
  }

  public void setBindTimeout(Duration bindTimeout) {
    this.bindTimeout = bindTimeout;
  }

  public Duration getBindRetryInterval() {
    return bindRetryInterval;
  }

  public void setBindRetryInterval(Duration bindRetryInterval) {
    this.bindRetryInterval = bindRetryInterval;
  }

  public boolean isLenientBind() {
    return lenientBind;
  }

  public void setLenientBind(boolean lenientBind) {
    this.lenientBind = lenientBind;
  }

  public int getMaxPduLength() {
    return maxPduLength;
  }

  public void setMaxPduLength(int maxPduLength) {
    this.maxPduLength = maxPduLength;
  }

  public Duration getSendTimeout() {
    return sendTimeout;
  }

  public void setSendTimeout(Duration sendTimeout) {
    this.sendTimeout = sendTimeout;
  }

  public Duration getReleaseTimeout() {
    return releaseTimeout;
  }

  public void setReleaseTimeout(Duration releaseTimeout) {
    this.releaseTimeout = releaseTimeout;
  }

  public Duration getConnectTimeout() {
    return connectTimeout;
  }

  public void setConnectTimeout(Duration connectTimeout) {
    this.connectTimeout = connectTimeout;
  }

  public Duration getAcceptTimeout() {
    return acceptTimeout;
  }

  public void setAcceptTimeout(Duration acceptTimeout) {
    this.acceptTimeout = acceptTimeout;
  }

  public Duration getResponseTimeout() {
    return responseTimeout;
  }

  public void setResponseTimeout(Duration responseTimeout) {
    this.responseTimeout = responseTimeout;
  }

  public int getMaxQueryBytes() {
    return maxQueryBytes;
  }

  public void setMaxQueryBytes(int maxQueryBytes) {
    this.maxQueryBytes = maxQueryBytes;
  }

  public String getOperation() {
    return operation;
  }

  public void setOperation(String operation) {
    this.operation = operation;
  }

  public String getModel() {
    return model;
  }

  public void setModel(String model) {
    this.model = model;
  }

  public String getLevel() {
    return level;
  }

  public void setLevel(String level) {
    this.level = level;
  }

  public String getCallingAet() {
    return callingAet;
  }

  public void setCallingAet(String callingAet) {
    this.callingAet = callingAet;
  }

  public String getMoveDestination() {
    return moveDestination;
  }

  public void setMoveDestination(String moveDestination) {
    this.moveDestination = moveDestination;
  }

  public boolean isStreaming() {
    return streaming;
  }

  public void setStreaming(boolean streaming) {
    this.streaming = streaming;
  }

  public int getMaxResults() {
    return maxResults;
  }

  public void setMaxResults(int maxResults) {
    this.maxResults = maxResults;
  }

  public Duration getCancelAfter() {
    return cancelAfter;
  }

  public void setCancelAfter(Duration cancelAfter) {
    this.cancelAfter = cancelAfter;
  }

  public Transcode getTranscode() {
    return transcode;
  }

  public void setTranscode(Transcode transcode) {
    this.transcode = transcode;
  }

  public Commit getCommit() {
    return commit;
  }

  public void setCommit(Commit commit) {
    this.commit = commit;
  }

  public int getMaxOpsInvoked() {
    return maxOpsInvoked;
  }

  public void setMaxOpsInvoked(int maxOpsInvoked) {
    this.maxOpsInvoked = maxOpsInvoked;
  }

  public int getMaxPooled() {
    return maxPooled;
  }

  public void setMaxPooled(int maxPooled) {
    this.maxPooled = maxPooled;
  }

  public Duration getPooledIdle() {
    return pooledIdle;
  }

  public void setPooledIdle(Duration pooledIdle) {
    this.pooledIdle = pooledIdle;
  }

  public boolean isThrowOnWarning() {
    return throwOnWarning;
  }

  public void setThrowOnWarning(boolean throwOnWarning) {
    this.throwOnWarning = throwOnWarning;
  }

  public boolean isHealthCheck() {
    return healthCheck;
  }

  public void setHealthCheck(boolean healthCheck) {
    this.healthCheck = healthCheck;
  }

  public Duration getHealthCheckInterval() {
    return healthCheckInterval;
  }

  public void setHealthCheckInterval(Duration healthCheckInterval) {
    this.healthCheckInterval = healthCheckInterval;
  }

  public boolean isDuplicateAsSuccess() {
    return duplicateAsSuccess;
  }

  public void setDuplicateAsSuccess(boolean duplicateAsSuccess) {
    this.duplicateAsSuccess = duplicateAsSuccess;
  }

  public String getQueryOptions() {
    return queryOptions;
  }

  public void setQueryOptions(String queryOptions) {
    this.queryOptions = queryOptions;
  }

  public UserIdentityVerifier getUserIdentityVerifier() {
    return userIdentityVerifier;
  }

  public void setUserIdentityVerifier(UserIdentityVerifier userIdentityVerifier) {
    this.userIdentityVerifier = userIdentityVerifier;
  }

  public boolean isUserIdentityRequired() {
    return userIdentityRequired;
  }

  public void setUserIdentityRequired(boolean userIdentityRequired) {
    this.userIdentityRequired = userIdentityRequired;
  }

  public String getUsername() {
    return username;
  }

  public void setUsername(String username) {
    this.username = username;
  }

  public String getPassword() {
    return password;
  }

  public void setPassword(String password) {
    this.password = password;
  }

  public Pdu.UserIdentity getUserIdentity() {
    return userIdentity;
  }

  public void setUserIdentity(Pdu.UserIdentity userIdentity) {
    this.userIdentity = userIdentity;
  }

  public SSLContextParameters getSslContextParameters() {
    return sslContextParameters;
  }

  public void setSslContextParameters(SSLContextParameters sslContextParameters) {
    this.sslContextParameters = sslContextParameters;
  }

  public Integer getTlsPort() {
    return tlsPort;
  }

  public void setTlsPort(Integer tlsPort) {
    this.tlsPort = tlsPort;
  }

  public TlsProfile getTlsProfile() {
    return tlsProfile;
  }

  public void setTlsProfile(TlsProfile tlsProfile) {
    this.tlsProfile = tlsProfile;
  }

  public Duration getTlsReloadInterval() {
    return tlsReloadInterval;
  }

  public void setTlsReloadInterval(Duration tlsReloadInterval) {
    this.tlsReloadInterval = tlsReloadInterval;
  }

  public boolean isTlsHostNameCheck() {
    return tlsHostNameCheck;
  }

  public void setTlsHostNameCheck(boolean tlsHostNameCheck) {
    this.tlsHostNameCheck = tlsHostNameCheck;
  }

  public String getCertificateNames() {
    return certificateNames;
  }

  public void setCertificateNames(String certificateNames) {
    this.certificateNames = certificateNames;
  }
}
