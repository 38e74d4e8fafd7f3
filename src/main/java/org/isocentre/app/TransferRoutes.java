package org.isocentre.app;

import java.io.IOException;
import java.nio.file.Files;
import java.util.HashMap;
import java.util.Map;
import org.apache.camel.CamelContext;
import org.apache.camel.builder.TemplatedRouteBuilder;
import org.apache.camel.spring.boot.CamelContextConfiguration;
import org.apache.camel.support.jsse.SSLContextParameters;
import org.isocentre.dicom.web.AccessTokens;
import org.isocentre.dicom.web.ClientCredentials;
import org.isocentre.dicom.web.DicomWebSettings;
import org.isocentre.exchange.TrustDirectory;
import org.isocentre.model.Organisation;
import org.isocentre.model.Organisation.ApplicationEntity;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/**
 * Routes of its own for each destination of the directory, from the templates of {@code
 * routes/transfer-send.yaml}, {@code routes/transfer-stow.yaml} and {@code
 * routes/transfer-commitment.yaml}: a slow one holds up nobody else.
 */
@Configuration(proxyBeanMethods = false)
class TransferRoutes {
  private static final String TLS = "dicomTls";

  /** How a DICOMweb service is called. @param tokens {@link AccessTokens#NONE} for none */
  private record Service(IsocentreProperties.DicomWebService is, AccessTokens tokens) {}

  @Bean
  CamelContextConfiguration transferRoutesOf(
      TrustDirectory directory, IsocentreProperties properties, SSLContextParameters dicomTls) {
    Map<String, Service> services = new HashMap<>();
    for (IsocentreProperties.Trust trust : properties.trusts()) {
      if (trust.dicomweb() != null) {
        services.put(trust.odsCode(), service(trust, dicomTls));
      }
    }
    return new CamelContextConfiguration() {
      @Override
      public void beforeApplicationStart(CamelContext context) {
        // Templates are not loaded yet.
      }

      @Override
      public void afterApplicationStart(CamelContext context) {
        for (Organisation organisation : directory.all()) {
          String ods = organisation.odsCode();
          if (services.containsKey(ods)) {
            add(context, ods, services.get(ods));
          } else {
            directory.receiver(ods).ifPresent(ae -> add(context, "transfer-send", ods, ae));
          }
          directory.committer(ods).ifPresent(ae -> add(context, "commitment-ask", ods, ae));
        }
      }
    };
  }

  private static Service service(IsocentreProperties.Trust trust, SSLContextParameters dicomTls) {
    IsocentreProperties.DicomWebService web = trust.dicomweb();
    try {
      DicomWebSettings settings =
          new DicomWebSettings(web.url(), web.connectTimeout(), web.stallTimeout());
      if (web.tokenEndpoint() == null) {
        return new Service(web, AccessTokens.NONE);
      }
      if (settings.isExposed()) {
        throw new IllegalArgumentException("a service that is sent tokens is reached by https");
      }
      String key = web.clientKey() == null ? null : Files.readString(web.clientKey());
      return new Service(
          web,
          new ClientCredentials(
              new ClientCredentials.Client(
                  web.tokenEndpoint(), web.clientId(), web.clientSecret(), key, web.scope()),
              web.connectTimeout(),
              web.hubTls() ? dicomTls.createSSLContext(null) : null));
    } catch (IOException e) {
      throw new BadConfiguration(
          "isocentre.trusts: dicomweb of %s: client-key %s cannot be read"
              .formatted(trust.odsCode(), web.clientKey()));
    } catch (IllegalArgumentException | java.security.GeneralSecurityException e) {
      throw new BadConfiguration(
          "isocentre.trusts: dicomweb of %s: %s".formatted(trust.odsCode(), e.getMessage()));
    }
  }

  /** What is secret is in the registry, not in the URI. */
  private static void add(CamelContext context, String odsCode, Service service) {
    String tokens = "accessTokens-" + odsCode;
    context.getRegistry().bind(tokens, AccessTokens.class, service.tokens());
    IsocentreProperties.DicomWebService web = service.is();
    TemplatedRouteBuilder.builder(context, "transfer-stow")
        .routeId("transfer-stow-" + odsCode)
        .parameter("destination", odsCode)
        .parameter(
            "service",
            "dicomweb:%s?operation=store&accessTokens=#bean:%s&connectTimeout=%d&stallTimeout=%d%s"
                .formatted(
                    web.url(),
                    tokens,
                    web.connectTimeout().toMillis(),
                    web.stallTimeout().toMillis(),
                    web.hubTls() ? "&sslContextParameters=#bean:" + TLS : ""))
        .add();
  }

  private static void add(
      CamelContext context, String template, String odsCode, ApplicationEntity ae) {
    TemplatedRouteBuilder.builder(context, template)
        .routeId(template + "-" + odsCode)
        .parameter("destination", odsCode)
        .parameter("aeTitle", ae.aeTitle())
        .parameter("host", ae.host())
        .parameter("port", ae.port())
        .parameter("security", ae.tls() ? "&sslContextParameters=#" + TLS : "")
        .add();
  }
}
