package org.isocentre.camel.dicom;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.apache.camel.spi.Metadata;
import org.apache.camel.spi.UriParam;
import org.apache.camel.spi.UriParams;
import org.isocentre.dicom.association.AssociationSettings;
import org.isocentre.dicom.data.SopClass;
import org.isocentre.dicom.data.Uid;
import org.isocentre.dicom.dimse.DataSetSink;
import org.isocentre.dicom.dimse.SpoolSink;

/**
 * Options of a {@code dicom} endpoint. Times are in milliseconds unless written with a unit ({@code
 * 30s}).
 */
@UriParams
public class DicomConfiguration implements Cloneable {
  @UriParam(label = "consumer")
  @Metadata(
      description =
          "SOP class UIDs that are taken, separated by commas. Default: every storage SOP class of PS3.4, and Verification.")
  private String sopClasses;

  @UriParam(label = "consumer")
  @Metadata(
      description = "SOP class UIDs that are taken in addition, separated by commas: private ones.")
  private String extraSopClasses;

  @UriParam(label = "consumer")
  @Metadata(
      description =
          "Transfer syntax UIDs in order of preference, separated by commas. Others are taken too, after these, in the order that the peer proposes.")
  private String transferSyntaxes;

  @UriParam(label = "consumer")
  @Metadata(
      description =
          "Calling AE titles that may associate, separated by commas. Default: any that callerPolicy lets in.")
  private String callingAets;

  @UriParam(label = "consumer")
  @Metadata(
      description =
          "IP addresses that may associate, separated by commas. Default: any that callerPolicy lets in.")
  private String callingHosts;

  @UriParam(label = "consumer,advanced")
  @Metadata(description = "Decides by calling AE title and address who may associate.")
  private CallerPolicy callerPolicy;

  @UriParam(label = "consumer,advanced")
  @Metadata(
      description =
          "Where data sets go as they arrive. Default: memory up to spoolThreshold, then a temporary file.")
  private DataSetSink.Factory sinkFactory;

  @UriParam(label = "consumer", defaultValue = "262144")
  private int spoolThreshold = 262_144;

  @UriParam(label = "consumer")
  @Metadata(description = "Directory of temporary files. Default: the system's.")
  private String spoolDirectory;

  @UriParam(label = "consumer", defaultValue = "128")
  private int maxAssociations = AssociationSettings.DEFAULT.maxAssociations();

  @UriParam(label = "consumer", defaultValue = "64")
  private int maxAssociationsPerAet = AssociationSettings.DEFAULT.maxAssociationsPerAeTitle();

  @UriParam(label = "consumer", defaultValue = "60000")
  private Duration idleTimeout = AssociationSettings.DEFAULT.idleTimeout();

  @UriParam(label = "consumer", defaultValue = "30000")
  private Duration artimTimeout = AssociationSettings.DEFAULT.artimTimeout();

  @UriParam(defaultValue = "262144")
  @Metadata(description = "Largest P-DATA-TF that is taken, bytes.")
  private int maxPduLength = AssociationSettings.DEFAULT.maxPduLength();

  @UriParam(defaultValue = "60000")
  private Duration sendTimeout = AssociationSettings.DEFAULT.sendTimeout();

  @UriParam(defaultValue = "10000")
  private Duration releaseTimeout = AssociationSettings.DEFAULT.releaseTimeout();

  @UriParam(label = "producer", defaultValue = "store", enums = "echo,store")
  private String operation = "store";

  @UriParam(label = "producer", defaultValue = "CAMEL")
  private String callingAet = "CAMEL";

  @UriParam(label = "producer", defaultValue = "10000")
  private Duration connectTimeout = AssociationSettings.DEFAULT.connectTimeout();

  @UriParam(label = "producer", defaultValue = "30000")
  private Duration acceptTimeout = AssociationSettings.DEFAULT.acceptTimeout();

  @UriParam(label = "producer", defaultValue = "60000")
  private Duration responseTimeout = Duration.ofMillis(60_000);

  @UriParam(label = "producer", defaultValue = "4")
  @Metadata(description = "Associations that are kept open for the next object at most.")
  private int maxPooled = 4;

  @UriParam(label = "producer", defaultValue = "5000")
  @Metadata(description = "How long an association is kept open without use.")
  private Duration pooledIdle = Duration.ofMillis(5_000);

  @UriParam(label = "producer", defaultValue = "false")
  @Metadata(
      description =
          "Whether a warning status (B000, B006, B007) fails the exchange. The peer has the object all the same.")
  private boolean throwOnWarning;

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
        releaseTimeout);
  }

  DataSetSink.Factory sinks() {
    return sinkFactory != null
        ? sinkFactory
        : SpoolSink.factory(
            spoolThreshold, spoolDirectory == null ? null : Path.of(spoolDirectory));
  }

  /** SOP classes that a consumer takes, Verification included. */
  List<String> acceptedSopClasses() {
    List<String> all = new ArrayList<>(sopClasses == null ? SopClass.storage() : list(sopClasses));
    all.add(Uid.VERIFICATION);
    all.addAll(list(extraSopClasses));
    return all;
  }

  static List<String> list(String text) {
    return text == null || text.isBlank() ? List.of() : List.of(text.trim().split("\\s*,\\s*"));
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

  public String getOperation() {
    return operation;
  }

  public void setOperation(String operation) {
    this.operation = operation;
  }

  public String getCallingAet() {
    return callingAet;
  }

  public void setCallingAet(String callingAet) {
    this.callingAet = callingAet;
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
}
