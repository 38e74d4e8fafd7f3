package org.isocentre.fhir.map;

import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Collectors;
import org.hl7.fhir.r4.model.CodeableConcept;
import org.hl7.fhir.r4.model.Coding;
import org.hl7.fhir.r4.model.DateTimeType;
import org.hl7.fhir.r4.model.Identifier;
import org.hl7.fhir.r4.model.ImagingStudy;
import org.hl7.fhir.r4.model.ImagingStudy.ImagingStudySeriesComponent;
import org.hl7.fhir.r4.model.ImagingStudy.ImagingStudyStatus;
import org.hl7.fhir.r4.model.Reference;
import org.isocentre.model.Instance;
import org.isocentre.model.Series;
import org.isocentre.model.Study;

/** Study to FHIR R4 ImagingStudy. Counts are of what was really received. */
public final class ImagingStudyMapper {
  /** The hub's DICOMweb service in the Endpoint list. */
  public static final String WADO_ENDPOINT = "dicomweb";

  private ImagingStudyMapper() {}

  /** Marks a study whose report is awaited. */
  private static final Coding REPORT_AWAITED =
      new Coding(Systems.REPORT, "awaited", "Report awaited");

  /**
   * @param orders that the study is linked to
   * @param instances to be listed; empty in search results
   * @param reportAwaited whether it has waited for its report for longer than it should
   */
  public static ImagingStudy map(
      Study study,
      List<UUID> orders,
      List<Series> series,
      List<Instance> instances,
      boolean reportAwaited) {
    ImagingStudy resource = map(study, orders, series, instances);
    if (reportAwaited) {
      resource.getMeta().addTag(REPORT_AWAITED.copy());
    }
    return resource;
  }

  /**
   * @param orders that the study is linked to
   * @param instances to be listed; empty in search results
   */
  public static ImagingStudy map(
      Study study, List<UUID> orders, List<Series> series, List<Instance> instances) {
    ImagingStudy resource = new ImagingStudy();
    resource.setId(study.id().toString());
    resource
        .getMeta()
        .setLastUpdated(Date.from(study.lastUpdated()))
        .setVersionId(VersionIds.of(study.lastUpdated()));
    resource.addIdentifier(
        new Identifier()
            .setSystem(Systems.DICOM_UID)
            .setValue(Systems.OID + study.studyInstanceUid()));
    resource
        .setStatus(
            study.numberOfInstances() == 0
                ? ImagingStudyStatus.CANCELLED
                : ImagingStudyStatus.AVAILABLE)
        .setSubject(new Reference("Patient/" + study.patientId()));
    if (study.accession() != null) {
      resource.addIdentifier(Systems.accession(study.accession()));
    }
    basedOn(resource, study, orders);
    study.modalities().forEach(m -> resource.addModality(modality(m)));
    if (study.started() != null) {
      resource.setStartedElement(started(study.started(), study.timezoneOffset()));
    }
    resource
        .setNumberOfSeries(study.numberOfSeries())
        .setNumberOfInstances(study.numberOfInstances())
        .setDescription(study.description());
    if (study.procedure() != null) {
      resource.addProcedureCode(ServiceRequestMapper.concept(study.procedure()));
    }
    resource.addEndpoint(new Reference("Endpoint/" + WADO_ENDPOINT));
    String referrer = said(study.referringPhysician());
    if (referrer != null) {
      resource.setReferrer(new Reference().setDisplay(referrer));
    }
    String reader = said(study.readingPhysician());
    if (reader != null) {
      resource.addInterpreter(new Reference().setDisplay(reader));
    }
    if (study.reason() != null) {
      resource.addReasonCode().setText(study.reason());
    }
    Map<UUID, List<Instance>> bySeries =
        instances.stream().collect(Collectors.groupingBy(Instance::seriesId));
    series.forEach(
        s ->
            resource.addSeries(
                series(s, bySeries.getOrDefault(s.id(), List.of()), study.timezoneOffset())));
    return resource;
  }

  private static void basedOn(ImagingStudy resource, Study study, List<UUID> orders) {
    for (UUID order : orders) {
      Reference reference = new Reference("ServiceRequest/" + order);
      if (study.accession() != null) {
        reference.setIdentifier(Systems.accession(study.accession()));
      }
      resource.addBasedOn(reference);
    }
    if (orders.isEmpty() && study.accession() != null) {
      resource.addBasedOn(
          new Reference()
              .setType("ServiceRequest")
              .setIdentifier(Systems.accession(study.accession())));
    }
  }

  private static ImagingStudySeriesComponent series(
      Series s, List<Instance> instances, String offset) {
    ImagingStudySeriesComponent component = new ImagingStudySeriesComponent();
    component
        .setUid(s.seriesInstanceUid())
        .setModality(modality(s.modality() == null ? "OT" : s.modality()))
        .setDescription(s.description());
    component.setNumberOfInstances(s.numberOfInstances());
    component.addEndpoint(new Reference("Endpoint/" + WADO_ENDPOINT));
    if (s.seriesNumber() != null && s.seriesNumber() >= 0) {
      component.setNumber(s.seriesNumber());
    }
    if (s.bodyPartExamined() != null) {
      component.setBodySite(BodyParts.coded(s.bodyPartExamined()));
    }
    if (s.laterality() != null) {
      component.setLaterality(laterality(s.laterality()));
    }
    String performer = said(s.performingPhysician());
    if (performer != null) {
      component
          .addPerformer()
          .setFunction(
              new CodeableConcept()
                  .addCoding(new Coding(Systems.PARTICIPATION, "PRF", "performer")))
          .setActor(new Reference().setDisplay(performer));
    }
    if (s.started() != null) {
      component.setStartedElement(started(s.started(), offset));
    }
    for (Instance i : instances) {
      var instance =
          component
              .addInstance()
              .setUid(i.sopInstanceUid())
              .setSopClass(new Coding(Systems.RFC_3986, Systems.OID + i.sopClassUid(), null))
              .setTitle(i.title());
      if (i.instanceNumber() != null && i.instanceNumber() >= 0) {
        instance.setNumber(i.instanceNumber());
      }
    }
    return component;
  }

  /**
   * A name of PN form, the first if there are several, as a person reads it; null if there is none.
   */
  private static String said(String name) {
    String first = name == null ? "" : name.split("[\\\\=]", 2)[0].replace('^', ' ').strip();
    return first.isEmpty() ? null : first;
  }

  /** (0020,0060) as PS3.16 CID 244 codes it; what is none of its values stays as it was said. */
  private static Coding laterality(String said) {
    return switch (said) {
      case "R" -> new Coding(Systems.SNOMED, "24028007", "Right");
      case "L" -> new Coding(Systems.SNOMED, "7771000", "Left");
      case "B" -> new Coding(Systems.SNOMED, "51440002", "Right and left");
      default -> new Coding().setDisplay(said);
    };
  }

  private static Coding modality(String code) {
    return new Coding(Systems.DCM, code, null);
  }

  /**
   * FHIR takes no time without an offset, and none is made up: without one it is the day.
   *
   * @param offset such as {@code +0100}, or null
   */
  private static DateTimeType started(LocalDateTime local, String offset) {
    return new DateTimeType(
        offset == null
            ? local.toLocalDate().toString()
            : DateTimeFormatter.ISO_OFFSET_DATE_TIME.format(
                local.truncatedTo(ChronoUnit.SECONDS).atOffset(ZoneOffset.of(offset))));
  }
}
