package org.isocentre.app;

import ca.uhn.fhir.rest.server.IResourceProvider;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.apache.camel.ProducerTemplate;
import org.isocentre.audit.AuditTrail;
import org.isocentre.consent.Access;
import org.isocentre.dicomweb.RetrieveController;
import org.isocentre.dicomweb.SearchController;
import org.isocentre.dicomweb.StudyDoor;
import org.isocentre.exchange.Forwarder;
import org.isocentre.exchange.TrustDirectory;
import org.isocentre.fhir.FhirServer;
import org.isocentre.fhir.provider.AuditEventProvider;
import org.isocentre.fhir.provider.ConsentProvider;
import org.isocentre.fhir.provider.DiagnosticReportProvider;
import org.isocentre.fhir.provider.Door;
import org.isocentre.fhir.provider.EndpointProvider;
import org.isocentre.fhir.provider.ImagingStudyProvider;
import org.isocentre.fhir.provider.OrganizationProvider;
import org.isocentre.fhir.provider.PatientProvider;
import org.isocentre.fhir.provider.Resources;
import org.isocentre.fhir.provider.ServiceRequestProvider;
import org.isocentre.fhir.provider.TaskProvider;
import org.isocentre.index.AuditIndex;
import org.isocentre.index.AwaitedReports;
import org.isocentre.index.ConsentIndex;
import org.isocentre.index.LinkIndex;
import org.isocentre.index.OrderIndex;
import org.isocentre.index.PageRequest;
import org.isocentre.index.PatientIndex;
import org.isocentre.index.PatientQuery;
import org.isocentre.index.ReportIndex;
import org.isocentre.index.ReviewList;
import org.isocentre.index.StudyIndex;
import org.isocentre.index.TimeRange;
import org.isocentre.index.TransferIndex;
import org.isocentre.index.Visibility;
import org.isocentre.model.Caller;
import org.isocentre.model.PatientKey;
import org.isocentre.store.ObjectStore;
import org.isocentre.web.ReviewController;
import org.isocentre.web.StaffDoor;
import org.isocentre.web.TransferController;
import org.springframework.boot.web.servlet.ServletRegistrationBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.RestControllerAdvice;
import org.springframework.web.server.ResponseStatusException;

/** What is served over HTTP: FHIR at /fhir, DICOMweb at /dicomweb, staff calls at /api. */
@Configuration(proxyBeanMethods = false)
class ApiConfiguration {
  @Bean
  Door fhirDoor(Supplier<Caller> callers, Access access, AuditTrail audit) {
    return new Door(callers, access, audit);
  }

  @Bean
  Resources fhirResources(
      PatientIndex patients,
      OrderIndex orders,
      StudyIndex studies,
      ReportIndex reports,
      LinkIndex links,
      TransferIndex transfers,
      AwaitedReports awaited) {
    return new Resources(patients, orders, studies, reports, links, transfers, awaited);
  }

  @Bean
  ServletRegistrationBean<FhirServer> fhirServer(
      Door door,
      Resources resources,
      ConsentIndex consents,
      AuditIndex audit,
      TrustDirectory directory,
      ObjectStore store,
      Clock clock) {
    List<IResourceProvider> providers =
        List.of(
            new PatientProvider(door, resources),
            new ServiceRequestProvider(door, resources),
            new ImagingStudyProvider(door, resources),
            new DiagnosticReportProvider(door, resources, documents(store)),
            new ConsentProvider(door, resources, consents, clock),
            new TaskProvider(door, resources),
            new OrganizationProvider(door, directory.all()),
            new EndpointProvider(door, directory.all()),
            new AuditEventProvider(door, audit));
    ServletRegistrationBean<FhirServer> servlet =
        new ServletRegistrationBean<>(new FhirServer(providers, null), "/fhir/*");
    servlet.setName("fhir");
    servlet.setLoadOnStartup(1);
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
  StudyDoor studyDoor(
      Supplier<Caller> callers, Access access, AuditTrail audit, StudyIndex studies) {
    return new StudyDoor(callers, access, audit, studies);
  }

  @Bean
  SearchController dicomWebSearch(StudyDoor door) {
    return new SearchController(door);
  }

  @Bean
  RetrieveController dicomWebRetrieve(StudyDoor door, ObjectStore store) {
    return new RetrieveController(door, store);
  }

  @Bean
  StaffDoor staffDoor(Supplier<Caller> callers, AuditTrail audit) {
    return new StaffDoor(callers, audit);
  }

  @Bean
  ReviewController reviewController(StaffDoor door, ReviewList reviews) {
    return new ReviewController(door, reviews);
  }

  @Bean
  TransferController transferController(
      StaffDoor door, TransferIndex transfers, Forwarder forwarder, ProducerTemplate routes) {
    return new TransferController(
        door,
        transfers,
        forwarder,
        event -> routes.sendBody("direct:request-transfers", List.of(event)));
  }

  /** For the demo's log-in form: whether a patient with this NHS number is known. */
  @Bean
  Predicate<String> knownNhsNumbers(PatientIndex patients) {
    return number ->
        number.matches("[0-9]{10}")
            && !patients
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
                .isEmpty();
  }

  /** Says what was wrong with a call, which our own refusals do without patient data. */
  @RestControllerAdvice
  static class Refusals {
    @ExceptionHandler(ResponseStatusException.class)
    ResponseEntity<Map<String, Object>> refused(ResponseStatusException e) {
      return ResponseEntity.status(e.getStatusCode())
          .contentType(MediaType.APPLICATION_JSON)
          .body(
              Map.of(
                  "status",
                  e.getStatusCode().value(),
                  "message",
                  e.getReason() == null ? "refused" : e.getReason()));
    }
  }
}
