package org.isocentre.app;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
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
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Routes of its own for each destination of the directory, from the templates of {@code
 * routes/transfer-send.yaml}, {@code routes/transfer-stow.yaml} and {@code
 * routes/transfer-commitment.yaml}: a slow one holds up nobody else. Made when the hub starts, and
 * when the directory changes.
 */
final class TransferRoutes implements CamelContextConfiguration {
  private static final Logger LOG = LoggerFactory.getLogger(TransferRoutes.class);
  private static final String TLS = "dicomTls";

  /** Of a DICOMweb service that the settings say nothing of. */
  private static final Duration CONNECT = Duration.ofSeconds(10);

  private static final Duration STALL = Duration.ofSeconds(60);

  private final TrustDirectory directory;
  private final Map<String, Service> services = new HashMap<>();
  private final Map<String, Spec> made = new HashMap<>();

  /** How a DICOMweb service is called. @param tokens {@link AccessTokens#NONE} for none */
  private record Service(IsocentreProperties.DicomWebService is, AccessTokens tokens) {}

  /** A route that there has to be. */
  private record Spec(String template, Map<String, Object> parameters) {}

  /**
   * @throws BadConfiguration if a DICOMweb service cannot be called as the settings say
   */
  TransferRoutes(
      TrustDirectory directory, IsocentreProperties properties, SSLContextParameters dicomTls) {
    this.directory = directory;
    for (IsocentreProperties.Trust trust : properties.trusts()) {
      if (trust.dicomweb() != null) {
        services.put(trust.odsCode(), service(trust, dicomTls));
      }
    }
  }

  @Override
  public void beforeApplicationStart(CamelContext context) {
    // Templates are not loaded yet.
  }

  @Override
  public void afterApplicationStart(CamelContext context) {
    align(context);
  }

  /** Makes routes for who is in the directory now, and ends those that are of nobody. */
  synchronized void align(CamelContext context) {
    Map<String, Spec> wanted = wanted(context);
    for (String id : List.copyOf(made.keySet())) {
      if (!made.get(id).equals(wanted.get(id))) {
        remove(context, id);
        made.remove(id);
      }
    }
    wanted.forEach(
        (id, spec) -> {
          if (!made.containsKey(id)) {
            TemplatedRouteBuilder route =
                TemplatedRouteBuilder.builder(context, spec.template()).routeId(id);
            spec.parameters().forEach(route::parameter);
            route.add();
            made.put(id, spec);
          }
        });
  }

  private static void remove(CamelContext context, String id) {
    try {
      context.getRouteController().stopRoute(id);
      context.removeRoute(id);
      LOG.info("Route {} has ended: its destination was changed", id);
    } catch (Exception e) {
      throw new IllegalStateException("Route " + id + " cannot be ended", e);
    }
  }

  private Map<String, Spec> wanted(CamelContext context) {
    Map<String, Spec> wanted = new LinkedHashMap<>();
    for (Organisation organisation : directory.all()) {
      String ods = organisation.odsCode();
      if (organisation.dicomWeb() != null) {
        wanted.put("transfer-stow-" + ods, stow(context, ods, organisation.dicomWeb()));
      } else {
        directory
            .receiver(ods)
            .ifPresent(ae -> wanted.put("transfer-send-" + ods, node("transfer-send", ods, ae)));
      }
      directory
          .committer(ods)
          .ifPresent(ae -> wanted.put("commitment-ask-" + ods, node("commitment-ask", ods, ae)));
    }
    return wanted;
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
  private Spec stow(CamelContext context, String odsCode, URI url) {
    Service service =
        services.getOrDefault(
            odsCode,
            new Service(
                new IsocentreProperties.DicomWebService(
                    url, null, null, null, null, null, false, CONNECT, STALL),
                AccessTokens.NONE));
    String tokens = "accessTokens-" + odsCode;
    context.getRegistry().bind(tokens, AccessTokens.class, service.tokens());
    IsocentreProperties.DicomWebService web = service.is();
    return new Spec(
        "transfer-stow",
        Map.of(
            "destination",
            odsCode,
            "service",
            "dicomweb:%s?operation=store&accessTokens=#bean:%s&connectTimeout=%d&stallTimeout=%d%s"
                .formatted(
                    web.url(),
                    tokens,
                    web.connectTimeout().toMillis(),
                    web.stallTimeout().toMillis(),
                    web.hubTls() ? "&sslContextParameters=#bean:" + TLS : "")));
  }

  private static Spec node(String template, String odsCode, ApplicationEntity ae) {
    return new Spec(
        template,
        Map.of(
            "destination",
            odsCode,
            "aeTitle",
            ae.aeTitle(),
            "host",
            ae.host(),
            "port",
            ae.port(),
            "security",
            ae.tls() ? "&sslContextParameters=#" + TLS : ""));
  }
}
