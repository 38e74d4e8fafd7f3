package org.isocentre.app;

import ca.uhn.fhir.rest.server.IResourceProvider;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.camel.ProducerTemplate;
import org.isocentre.audit.AuditChain;
import org.isocentre.audit.AuditTrail;
import org.isocentre.audit.AuditUnavailableException;
import org.isocentre.consent.Access;
import org.isocentre.consent.BreakGlass;
import org.isocentre.consent.ConsentDecision;
import org.isocentre.exchange.Forwarder;
import org.isocentre.exchange.ForwardingPermission;
import org.isocentre.exchange.TransferOnDemand;
import org.isocentre.exchange.TrustDirectory;
import org.isocentre.fhir.FhirServer;
import org.isocentre.fhir.map.AuditEventMapper;
import org.isocentre.fhir.provider.BinaryProvider;
import org.isocentre.fhir.provider.ConsentOperations;
import org.isocentre.fhir.provider.ConsentProvider;
import org.isocentre.fhir.provider.DiagnosticReportProvider;
import org.isocentre.fhir.provider.Directory;
import org.isocentre.fhir.provider.Door;
import org.isocentre.fhir.provider.EndpointProvider;
import org.isocentre.fhir.provider.Everything;
import org.isocentre.fhir.provider.ImagingStudyProvider;
import org.isocentre.fhir.provider.Matches;
import org.isocentre.fhir.provider.OrganizationProvider;
import org.isocentre.fhir.provider.PatientProvider;
import org.isocentre.fhir.provider.ReadReports;
import org.isocentre.fhir.provider.Resources;
import org.isocentre.fhir.provider.Searches;
import org.isocentre.fhir.provider.ServiceRequestProvider;
import org.isocentre.fhir.provider.StudyTransfers;
import org.isocentre.fhir.provider.StudyVersions;
import org.isocentre.fhir.provider.SubscriptionProvider;
import org.isocentre.fhir.provider.TaskProvider;
import org.isocentre.fhir.provider.TransferRequests;
import org.isocentre.fhir.provider.ViewProvider;
import org.isocentre.fhir.search.CriterionParser;
import org.isocentre.fhir.search.PageSeal;
import org.isocentre.fhir.search.SearchLimits;
import org.isocentre.fhir.search.SearchParser;
import org.isocentre.fhir.subscription.Endpoints;
import org.isocentre.fhir.subscription.Focus;
import org.isocentre.fhir.subscription.Subscribers;
import org.isocentre.index.AppointmentSearch;
import org.isocentre.index.AuditIndex;
import org.isocentre.index.AvailabilityIndex;
import org.isocentre.index.AwaitedReports;
import org.isocentre.index.ConsentDataIndex;
import org.isocentre.index.ConsentIndex;
import org.isocentre.index.IdentityDecisions;
import org.isocentre.index.LinkDecisions;
import org.isocentre.index.LinkIndex;
import org.isocentre.index.OrderIndex;
import org.isocentre.index.PageRequest;
import org.isocentre.index.PatientFlags;
import org.isocentre.index.PatientIndex;
import org.isocentre.index.PatientMerges;
import org.isocentre.index.PatientQuery;
import org.isocentre.index.PractitionerIndex;
import org.isocentre.index.ProvenanceIndex;
import org.isocentre.index.RejectionIndex;
import org.isocentre.index.ReportIndex;
import org.isocentre.index.ResourceSearch;
import org.isocentre.index.ReviewList;
import org.isocentre.index.SecretIndex;
import org.isocentre.index.StudyIndex;
import org.isocentre.index.StudyVersionIndex;
import org.isocentre.index.SubscriptionIndex;
import org.isocentre.index.TimeRange;
import org.isocentre.index.TransferCommitmentIndex;
import org.isocentre.index.TransferIndex;
import org.isocentre.index.Visibility;
import org.isocentre.model.Caller;
import org.isocentre.model.OrderRequest;
import org.isocentre.model.Patient;
import org.isocentre.model.PatientKey;
import org.isocentre.store.ObjectStore;
import org.isocentre.web.AuditController;
import org.isocentre.web.ConsentController;
import org.isocentre.web.MessageRepair;
import org.isocentre.web.RejectionController;
import org.isocentre.web.ReviewController;
import org.isocentre.web.SmartConfiguration;
import org.isocentre.web.StaffDoor;
import org.isocentre.web.TransferController;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.web.servlet.ServletRegistrationBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.http.converter.HttpMessageNotReadableException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionTemplate;
import org.springframework.web.bind.MissingServletRequestParameterException;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.RestControllerAdvice;
import org.springframework.web.method.annotation.MethodArgumentTypeMismatchException;
import org.springframework.web.server.ResponseStatusException;

/** What is served over HTTP: FHIR at /fhir, staff calls at /api. */
@Configuration(proxyBeanMethods = false)
class ApiConfiguration {
  @Bean
  Door fhirDoor(Supplier<Caller> callers, Access access, AuditTrail audit) {
    return new Door(callers, access, audit);
  }

  @Bean
  AuditEventMapper auditEvents(IsocentreProperties properties) {
    return new AuditEventMapper(AuditConfiguration.host(properties));
  }

  @Bean
  Resources fhirResources(
      PatientIndex patients,
      OrderIndex orders,
      StudyIndex studies,
      ReportIndex reports,
      LinkIndex links,
      TransferIndex transfers,
      ConsentIndex consents,
      ConsentDecision decisions,
      ConsentDataIndex consentData,
      BreakGlass breakGlass,
      PatientFlags flags,
      AuditIndex audit,
      AvailabilityIndex availability,
      AwaitedReports awaited,
      AuditEventMapper auditEvents,
      JdbcClient jdbc,
      Directory directory) {
    return new Resources(
        patients,
        orders,
        studies,
        reports,
        links,
        transfers,
        consents,
        audit,
        auditEvents,
        directory,
        availability,
        awaited,
        new AppointmentSearch(jdbc),
        new PractitionerIndex(jdbc, Clock.systemUTC()),
        new ProvenanceIndex(jdbc));
  }

  /** Kept as the routes {@code study-complete} and {@code study-link} have it done. */
  @Bean
  StudyVersions studyVersions(Resources resources, JdbcClient jdbc, ObjectStore store) {
    return new StudyVersions(
        resources,
        new StudyVersionIndex(jdbc),
        bytes -> RouteConfiguration.keep(store, OrderRequest.FHIR, bytes),
        documents(store),
        MessageFiling.MAX_DOCUMENT_BYTES);
  }

  @Bean
  SearchLimits fhirSearchLimits(IsocentreProperties properties) {
    IsocentreProperties.Fhir fhir = properties.fhir();
    return new SearchLimits(
        fhir.page(),
        fhir.maxPage(),
        fhir.maxConditions(),
        fhir.maxValues(),
        fhir.maxChain(),
        fhir.maxIncluded(),
        fhir.pageLife());
  }

  @Bean
  CriterionParser fhirCriteria(SearchLimits limits, Clock clock) {
    return new CriterionParser(limits, clock);
  }

  @Bean
  PageSeal fhirPages(SecretIndex secrets, SearchLimits limits, Clock clock) {
    return new PageSeal(() -> secrets.key("fhir-page"), clock, limits.pageLife());
  }

  @Bean
  Searches fhirSearches(
      Door door,
      Resources resources,
      ResourceSearch search,
      CriterionParser criteria,
      PageSeal pages,
      SearchLimits limits) {
    return new Searches(door, resources, search, new SearchParser(limits, criteria), pages, limits);
  }

  @Bean
  TransferRequests fhirTransferRequests(
      TrustDirectory directory,
      StudyIndex studies,
      TransferIndex transfers,
      ForwardingPermission permission,
      ProducerTemplate routes) {
    TransferOnDemand onDemand = new TransferOnDemand(directory, studies, transfers, permission);
    return (study, destination) -> {
      TransferOnDemand.Outcome outcome = onDemand.request(study, destination);
      if (outcome.event() != null) {
        routes.sendBody("direct:request-transfers", List.of(outcome.event()));
      }
      return switch (outcome.answer()) {
        case REQUESTED, NOTHING_TO_SEND -> null;
        case NO_DESTINATION -> TransferRequests.Refusal.NO_DESTINATION;
        case NOT_COMPLETE -> TransferRequests.Refusal.NOT_COMPLETE;
        case NOT_PERMITTED -> TransferRequests.Refusal.NOT_PERMITTED;
      };
    };
  }

  @Bean
  Everything fhirEverything(
      Door door,
      Resources resources,
      ResourceSearch search,
      CriterionParser criteria,
      PageSeal pages,
      SearchLimits limits) {
    return new Everything(door, resources, search, criteria, pages, limits);
  }

  @Bean
  ServletRegistrationBean<FhirServer> fhirServer(
      Door door,
      Resources resources,
      Searches searches,
      Everything everything,
      ResourceSearch search,
      TransferRequests transfers,
      StudyVersions versions,
      PatientMerges merges,
      IdentityDecisions identities,
      LinkDecisions links,
      OrderIndex orders,
      ConsentIndex consents,
      ConsentDecision decisions,
      ConsentDataIndex consentData,
      BreakGlass breakGlass,
      PatientFlags flags,
      TransactionTemplate transactions,
      SubscriptionIndex subscriptions,
      Subscribers subscribers,
      Focus focus,
      Endpoints endpoints,
      TrustDirectory directory,
      Directory entries,
      ObjectStore store,
      IsocentreProperties properties,
      Clock clock) {
    StudyTransfers asked = new StudyTransfers(door, resources, transfers);
    ReadReports read = new ReadReports((report, by) -> flags.seen(report, clock.instant(), by));
    List<IResourceProvider> providers =
        new ArrayList<>(
            List.of(
                new PatientProvider(
                    door,
                    resources,
                    searches,
                    everything,
                    new Matches(door, resources, search),
                    merges,
                    identities,
                    transactions),
                new ImagingStudyProvider(
                    door, resources, searches, asked, versions, links, transactions),
                new TaskProvider(door, resources, searches, asked),
                new ServiceRequestProvider(
                    door,
                    resources,
                    searches,
                    orders,
                    ods -> directory.find(ods).isPresent(),
                    bytes -> RouteConfiguration.keep(store, OrderRequest.FHIR, bytes),
                    transactions,
                    clock),
                new DiagnosticReportProvider(door, resources, searches, documents(store), read),
                new ConsentProvider(door, resources, searches, consents, clock),
                new SubscriptionProvider(
                    door,
                    subscriptions,
                    subscribers,
                    focus,
                    endpoints,
                    properties.subscriptions().maxOfOwner(),
                    properties.subscriptions().maxLife(),
                    clock),
                new ConsentOperations(door, resources, decisions, consentData, breakGlass),
                new BinaryProvider(door, resources, documents(store), read),
                new OrganizationProvider(door, entries, transactions, clock),
                new EndpointProvider(door, entries, transactions, clock)));
    providers.addAll(ViewProvider.all(door, resources, searches));
    ServletRegistrationBean<FhirServer> servlet =
        new ServletRegistrationBean<>(
            new FhirServer(
                providers,
                properties.auth().smart().authorizationEndpoint(),
                properties.auth().smart().tokenEndpoint(),
                transactions,
                why -> door.refused("Bundle", "transaction", why),
                properties.fhir().maxEntries(),
                properties.fhir().maxBundle().toBytes()),
            "/fhir/*");
    servlet.setName("fhir");
    servlet.setLoadOnStartup(1);
    return servlet;
  }

  @Bean
  ServletRegistrationBean<SmartConfiguration> smartConfiguration(IsocentreProperties properties) {
    IsocentreProperties.Smart smart = properties.auth().smart();
    boolean people = smart.authorizationEndpoint() != null;
    ServletRegistrationBean<SmartConfiguration> servlet =
        new ServletRegistrationBean<>(
            new SmartConfiguration(
                new SmartConfiguration.Document(
                    smart.issuer(),
                    smart.jwksUri(),
                    smart.authorizationEndpoint(),
                    smart.tokenEndpoint(),
                    smart.introspectionEndpoint(),
                    smart.revocationEndpoint(),
                    smart.registrationEndpoint(),
                    smart.managementEndpoint(),
                    smart.grantTypes(),
                    smart.authenticationMethods(),
                    smart.scopes(),
                    people ? List.of("code") : null,
                    people ? List.of("S256") : null,
                    smart.capabilities())),
            SmartConfiguration.PATHS.toArray(String[]::new));
    servlet.setName("smart-configuration");
    servlet.setEnabled(smart.isKnown());
    return servlet;
  }

  /** Documents are bounded by what {@link MessageFiling} takes. */
  private static Function<String, byte[]> documents(ObjectStore store) {
    return key -> {
      try (InputStream in = store.open(key)) {
        return in.readNBytes(MessageFiling.MAX_DOCUMENT_BYTES);
      } catch (IOException e) {
        throw new UncheckedIOException("ISO-STORE-020: a report's document cannot be read", e);
      }
    };
  }

  @Bean
  ConsentController consentController(
      StaffDoor door, PatientFlags flags, ConsentDataIndex data, Clock clock) {
    return new ConsentController(door, flags, data, clock);
  }

  @Bean
  StaffDoor staffDoor(Supplier<Caller> callers, AuditTrail audit) {
    return new StaffDoor(callers, audit);
  }

  @Bean
  AuditController auditController(StaffDoor door, AuditChain chain) {
    return new AuditController(door, chain);
  }

  @Bean
  RejectionController rejectionController(StaffDoor door, RejectionIndex rejections) {
    return new RejectionController(door, rejections);
  }

  @Bean
  ReviewController reviewController(StaffDoor door, ReviewList reviews) {
    return new ReviewController(door, reviews);
  }

  @Bean
  TransferController transferController(
      StaffDoor door,
      TransferIndex transfers,
      TransferCommitmentIndex commitments,
      Forwarder forwarder,
      ProducerTemplate routes) {
    return new TransferController(
        door,
        transfers,
        commitments,
        forwarder,
        event -> routes.sendBody("direct:request-transfers", List.of(event)));
  }

  /** For the demo's log-in: id of the Patient with an NHS number, if one is known. */
  @Bean
  Function<String, Optional<UUID>> patientsByNhsNumber(PatientIndex patients) {
    return number ->
        number.matches("[0-9]{10}")
            ? patients
                .search(
                    new PatientQuery(
                        Visibility.ALL,
                        null,
                        List.of(new PatientKey("NHS", number)),
                        null,
                        null,
                        null,
                        TimeRange.ANY,
                        new PageRequest(0, 1)))
                .stream()
                .findFirst()
                .map(Patient::id)
            : Optional.empty();
  }

  /** Says what was wrong with a call, which our own refusals do without patient data. */
  @RestControllerAdvice
  static class Refusals {
    private static final Logger LOG = LoggerFactory.getLogger(Refusals.class);
    private static final Pattern CODE = Pattern.compile("ISO-[A-Z0-9]+-[0-9]+");

    @ExceptionHandler(ResponseStatusException.class)
    ResponseEntity<Map<String, Object>> refused(ResponseStatusException e) {
      Map<String, Object> body =
          body(e.getStatusCode().value(), e.getReason() == null ? "refused" : e.getReason());
      if (e instanceof MessageRepair.NotFileable notFileable) {
        body.put("problems", notFileable.problems());
      }
      return ResponseEntity.status(e.getStatusCode())
          .contentType(MediaType.APPLICATION_JSON)
          .body(body);
    }

    @ExceptionHandler(AuditUnavailableException.class)
    ResponseEntity<Map<String, Object>> notNoted(AuditUnavailableException e) {
      LOG.error("A call was refused", e);
      return ResponseEntity.status(503)
          .contentType(MediaType.APPLICATION_JSON)
          .body(body(503, e.getMessage()));
    }

    /** A part of the call that cannot be read; what it was is not repeated. */
    @ExceptionHandler({
      MethodArgumentTypeMismatchException.class,
      MissingServletRequestParameterException.class,
      HttpMessageNotReadableException.class
    })
    ResponseEntity<Map<String, Object>> unreadable(Exception e) {
      String what =
          e instanceof MethodArgumentTypeMismatchException mismatch
              ? "the value of " + mismatch.getName() + " cannot be read"
              : e instanceof MissingServletRequestParameterException missing
                  ? "the parameter " + missing.getParameterName() + " is missing"
                  : "the body cannot be read; send JSON";
      return ResponseEntity.badRequest()
          .contentType(MediaType.APPLICATION_JSON)
          .body(body(400, "ISO-WEB-006: " + what));
    }

    private static Map<String, Object> body(int status, String message) {
      Map<String, Object> body = new LinkedHashMap<>();
      body.put("status", status);
      Matcher code = CODE.matcher(message);
      if (code.lookingAt()) {
        body.put("code", code.group());
      }
      body.put("message", message);
      return body;
    }
  }
}
