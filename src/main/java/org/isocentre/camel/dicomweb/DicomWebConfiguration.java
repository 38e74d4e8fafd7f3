package org.isocentre.camel.dicomweb;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.apache.camel.spi.Metadata;
import org.apache.camel.spi.UriParam;
import org.apache.camel.spi.UriParams;
import org.apache.camel.support.jsse.SSLContextParameters;
import org.isocentre.dicom.web.AccessTokens;
import org.isocentre.dicom.web.ClientCredentials;

/**
 * Options of a {@code dicomweb} endpoint. Times are in milliseconds unless written with a unit
 * ({@code 30s}).
 */
@UriParams
public class DicomWebConfiguration {
  @UriParam(defaultValue = "store", enums = "store,search,metadata,retrieve,rendered")
  @Metadata(description = "What the producer does.")
  private DicomWebOperation operation = DicomWebOperation.store;

  @UriParam(defaultValue = "STUDY", enums = "STUDY,SERIES,IMAGE")
  @Metadata(description = "What search looks for.")
  private String level = "STUDY";

  @UriParam
  @Metadata(
      description = "Transfer syntax that retrieve wants objects in. Default: as they are stored.")
  private String transferSyntax;

  @UriParam(label = "advanced")
  @Metadata(
      description =
          "Directory for the objects that retrieve got, until the exchange is done. Default: that"
              + " of the Java runtime for temporary files.")
  private String spoolDirectory;

  @UriParam(defaultValue = "image/jpeg")
  @Metadata(description = "Media type that rendered asks for.")
  private String accept = "image/jpeg";

  @UriParam(defaultValue = "10000")
  @Metadata(description = "How long a connection may take.")
  private Duration connectTimeout = Duration.ofSeconds(10);

  @UriParam(defaultValue = "60000")
  @Metadata(
      description =
          "How long the server may let nothing move, in either direction; an object may take as"
              + " long as it needs.")
  private Duration stallTimeout = Duration.ofSeconds(60);

  @UriParam(label = "security")
  @Metadata(description = "TLS: key and trust stores. Default: the trust of the Java runtime.")
  private SSLContextParameters sslContextParameters;

  @UriParam(label = "security")
  @Metadata(description = "Where tokens come from, instead of the OAuth options.")
  private AccessTokens accessTokens;

  @UriParam(label = "security")
  @Metadata(
      description =
          "Address of the token server: an access token is got by client credentials (RFC 6749"
              + " §4.4), kept until shortly before it ends, and sent with each call.")
  private URI oauth2TokenEndpoint;

  @UriParam(label = "security")
  @Metadata(description = "Client ID at the token server.")
  private String oauth2ClientId;

  @UriParam(label = "security,secret")
  @Metadata(description = "Client secret (client_secret_basic).", secret = true)
  private String oauth2ClientSecret;

  @UriParam(label = "security")
  @Metadata(
      description =
          "Path of a file with a private JSON Web Key, RSA or EC, instead of a secret (private_key_jwt).")
  private String oauth2Key;

  @UriParam(label = "security")
  @Metadata(description = "Scope that is asked for, words with spaces between.")
  private String oauth2Scope;

  /** Where the endpoint's tokens come from. */
  AccessTokens tokens(javax.net.ssl.SSLContext tls) throws IOException {
    if (accessTokens != null) {
      return accessTokens;
    }
    if (oauth2TokenEndpoint == null) {
      return AccessTokens.NONE;
    }
    String key = oauth2Key == null ? null : Files.readString(Path.of(oauth2Key));
    return new ClientCredentials(
        new ClientCredentials.Client(
            oauth2TokenEndpoint, oauth2ClientId, oauth2ClientSecret, key, oauth2Scope),
        connectTimeout,
        tls);
  }

  Path spool() {
    return Path.of(spoolDirectory == null ? System.getProperty("java.io.tmpdir") : spoolDirectory);
  }

  public DicomWebOperation getOperation() {
    return operation;
  }

  public void setOperation(DicomWebOperation operation) {
    this.operation = operation;
  }

  public String getLevel() {
    return level;
  }

  public void setLevel(String level) {
    this.level = level;
  }

  public String getTransferSyntax() {
    return transferSyntax;
  }

  public void setTransferSyntax(String transferSyntax) {
    this.transferSyntax = transferSyntax;
  }

  public String getSpoolDirectory() {
    return spoolDirectory;
  }

  public void setSpoolDirectory(String spoolDirectory) {
    this.spoolDirectory = spoolDirectory;
  }

  public String getAccept() {
    return accept;
  }

  public void setAccept(String accept) {
    this.accept = accept;
  }

  public Duration getConnectTimeout() {
    return connectTimeout;
  }

  public void setConnectTimeout(Duration connectTimeout) {
    this.connectTimeout = connectTimeout;
  }

  public Duration getStallTimeout() {
    return stallTimeout;
  }

  public void setStallTimeout(Duration stallTimeout) {
    this.stallTimeout = stallTimeout;
  }

  public SSLContextParameters getSslContextParameters() {
    return sslContextParameters;
  }

  public void setSslContextParameters(SSLContextParameters sslContextParameters) {
    this.sslContextParameters = sslContextParameters;
  }

  public AccessTokens getAccessTokens() {
    return accessTokens;
  }

  public void setAccessTokens(AccessTokens accessTokens) {
    this.accessTokens = accessTokens;
  }

  public URI getOauth2TokenEndpoint() {
    return oauth2TokenEndpoint;
  }

  public void setOauth2TokenEndpoint(URI oauth2TokenEndpoint) {
    this.oauth2TokenEndpoint = oauth2TokenEndpoint;
  }

  public String getOauth2ClientId() {
    return oauth2ClientId;
  }

  public void setOauth2ClientId(String oauth2ClientId) {
    this.oauth2ClientId = oauth2ClientId;
  }

  public String getOauth2ClientSecret() {
    return oauth2ClientSecret;
  }

  public void setOauth2ClientSecret(String oauth2ClientSecret) {
    this.oauth2ClientSecret = oauth2ClientSecret;
  }

  public String getOauth2Key() {
    return oauth2Key;
  }

  public void setOauth2Key(String oauth2Key) {
    this.oauth2Key = oauth2Key;
  }

  public String getOauth2Scope() {
    return oauth2Scope;
  }

  public void setOauth2Scope(String oauth2Scope) {
    this.oauth2Scope = oauth2Scope;
  }
}
