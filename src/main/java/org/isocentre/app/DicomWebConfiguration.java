package org.isocentre.app;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.Clock;
import java.util.HashSet;
import java.util.Set;
import java.util.function.Supplier;
import javax.sql.DataSource;
import org.isocentre.audit.AuditTrail;
import org.isocentre.consent.Access;
import org.isocentre.dicom.data.SopClass;
import org.isocentre.dicom.dimse.DataSetSink;
import org.isocentre.dicom.image.ImageLimits;
import org.isocentre.dicomweb.FramesController;
import org.isocentre.dicomweb.MetadataController;
import org.isocentre.dicomweb.MetadataPreparation;
import org.isocentre.dicomweb.MetadataSheets;
import org.isocentre.dicomweb.RenderedController;
import org.isocentre.dicomweb.Renderer;
import org.isocentre.dicomweb.RetrieveController;
import org.isocentre.dicomweb.SearchController;
import org.isocentre.dicomweb.StoreController;
import org.isocentre.dicomweb.StoreDoor;
import org.isocentre.dicomweb.StoredFiles;
import org.isocentre.dicomweb.StudyDoor;
import org.isocentre.dicomweb.StudyReports;
import org.isocentre.dicomweb.Uploads;
import org.isocentre.dicomweb.UriController;
import org.isocentre.exchange.TrustDirectory;
import org.isocentre.index.PatientFlags;
import org.isocentre.index.PatientIndex;
import org.isocentre.index.QueryIndex;
import org.isocentre.index.ReportIndex;
import org.isocentre.index.StudyIndex;
import org.isocentre.index.UploadIndex;
import org.isocentre.ingest.InstanceReceiver;
import org.isocentre.model.Caller;
import org.isocentre.store.ObjectStore;
import org.isocentre.web.StaffDoor;
import org.isocentre.web.UploadController;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.simple.JdbcClient;

/** DICOMweb, at /dicomweb. */
@Configuration(proxyBeanMethods = false)
class DicomWebConfiguration {
  /** Searches have slots of their own: slow DICOM nodes take none of them. */
  @Bean
  StudyDoor studyDoor(
      Supplier<Caller> callers,
      Access access,
      AuditTrail audit,
      StudyIndex studies,
      DataSource database,
      IsocentreProperties properties) {
    IsocentreProperties.DicomWeb web = properties.dicomweb();
    return new StudyDoor(
        callers,
        access,
        audit,
        studies,
        new QueryIndex(database, web.maxOpen(), web.maxTime()),
        web.maxObjects());
  }

  @Bean
  StoredFiles dicomWebFiles(ObjectStore store, IsocentreProperties properties) {
    return new StoredFiles(
        store,
        ImageLimits.DEFAULT.withMaxFrameBytes(
            (int) Math.min(Integer.MAX_VALUE - 8L, properties.dicomweb().maxFrame().toBytes())));
  }

  @Bean
  SearchController dicomWebSearch(StudyDoor door, IsocentreProperties properties) {
    return new SearchController(door, properties.dicomweb().maxResults());
  }

  @Bean
  StudyReports studyReports(
      Supplier<Caller> callers,
      Access access,
      AuditTrail audit,
      ReportIndex reports,
      ObjectStore store,
      PatientFlags flags,
      Clock clock) {
    return new StudyReports(
        callers,
        access,
        audit,
        reports,
        store,
        (report, by) -> flags.seen(report, clock.instant(), by));
  }

  @Bean
  RetrieveController dicomWebRetrieve(
      StudyDoor door, StoredFiles files, Renderer renderer, StudyReports reports) {
    return new RetrieveController(door, files, renderer, reports);
  }

  @Bean
  MetadataSheets metadataSheets(StoredFiles files, IsocentreProperties properties)
      throws IOException {
    return new MetadataSheets(
        files,
        properties.dataDir().resolve("metadata"),
        properties.dicomweb().maxMetadata().toBytes());
  }

  @Bean
  MetadataPreparation metadataPreparation(
      MetadataSheets sheets,
      StudyIndex studies,
      DataSource database,
      IsocentreProperties properties) {
    IsocentreProperties.DicomWeb web = properties.dicomweb();
    return new MetadataPreparation(
        sheets, studies, new QueryIndex(database, 2, web.maxTime()), web.maxObjects());
  }

  @Bean
  MetadataController dicomWebMetadata(StudyDoor door, StoredFiles files, MetadataSheets sheets) {
    return new MetadataController(door, files, sheets);
  }

  @Bean
  FramesController dicomWebFrames(StudyDoor door, StoredFiles files) {
    return new FramesController(door, files);
  }

  @Bean
  Renderer dicomWebRenderer(IsocentreProperties properties) {
    return new Renderer(properties.dicomweb().maxPictures());
  }

  @Bean
  RenderedController dicomWebRendered(StudyDoor door, StoredFiles files, Renderer renderer) {
    return new RenderedController(door, files, renderer);
  }

  @Bean
  UploadIndex uploadIndex(JdbcClient jdbc) {
    return new UploadIndex(jdbc);
  }

  @Bean
  Uploads uploads(
      ObjectStore store,
      UploadIndex index,
      PatientIndex patients,
      StoredFiles files,
      @Qualifier("objectStoreSink") DataSetSink.Factory sinks,
      InstanceReceiver receiver,
      Renderer renderer,
      IsocentreProperties properties,
      Clock clock) {
    IsocentreProperties.Uploads limits = properties.uploads();
    return new Uploads(
        store,
        index,
        patients,
        files,
        sinks,
        receiver,
        renderer,
        new Uploads.Limits(limits.maxObjects(), limits.maxSize().toBytes()),
        clock);
  }

  @Bean
  UploadController uploadController(
      StaffDoor door, UploadIndex index, Uploads uploads, TrustDirectory directory, Clock clock) {
    return new UploadController(
        door,
        index,
        new UploadController.Objects() {
          @Override
          public byte[] picture(UploadIndex.Upload upload) throws IOException {
            return uploads.picture(upload);
          }

          @Override
          public InputStream open(UploadIndex.Upload upload) throws IOException {
            return uploads.open(upload);
          }
        },
        ods -> directory.find(ods).isPresent(),
        clock);
  }

  @Bean
  StoreController dicomWebStore(
      Supplier<Caller> callers,
      Access access,
      AuditTrail audit,
      TrustDirectory directory,
      @Qualifier("objectStoreSink") DataSetSink.Factory sinks,
      InstanceReceiver receiver,
      Uploads uploads,
      @Qualifier("spoolDirectory") String spool,
      IsocentreProperties properties) {
    Set<String> classes = new HashSet<>(SopClass.storage());
    classes.addAll(properties.dicom().extraSopClasses());
    return new StoreController(
        new StoreDoor(callers, access, audit, ods -> directory.find(ods).isPresent()),
        sinks,
        receiver,
        uploads,
        classes::contains,
        properties.dicomweb().maxParts(),
        new StoreController.ModelLimits(
            properties.dicomweb().maxStoredMetadata().toBytes(),
            Path.of(spool),
            properties.store().reserve().toBytes()));
  }

  @Bean
  UriController dicomWebUri(RetrieveController objects, RenderedController pictures) {
    return new UriController(objects, pictures);
  }
}
