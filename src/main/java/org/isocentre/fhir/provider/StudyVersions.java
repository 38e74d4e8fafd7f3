package org.isocentre.fhir.provider;

import ca.uhn.fhir.context.FhirContext;
import ca.uhn.fhir.rest.server.exceptions.InternalErrorException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import org.hl7.fhir.r4.model.ImagingStudy;
import org.isocentre.fhir.map.VersionIds;
import org.isocentre.index.PageRequest;
import org.isocentre.index.StudyVersionIndex;
import org.isocentre.index.StudyVersionIndex.Version;
import org.isocentre.index.Visibility;
import org.isocentre.model.Study;
import org.isocentre.model.StudyChanged;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps what each complete study is, as its ImagingStudy with all instances, when it is complete or
 * linked otherwise: while objects come there is a new version with each few of them, and nobody
 * asks for those.
 */
public final class StudyVersions {
  private static final Logger LOG = LoggerFactory.getLogger(StudyVersions.class);
  private final Resources resources;
  private final StudyVersionIndex versions;
  private final ServiceRequestProvider.Originals store;
  private final Function<String, byte[]> stored;
  private final int maxBytes;

  /**
   * @param store keeps a version
   * @param stored what is kept under a key
   * @param maxBytes of a version as text; a longer one is not kept
   */
  public StudyVersions(
      Resources resources,
      StudyVersionIndex versions,
      ServiceRequestProvider.Originals store,
      Function<String, byte[]> stored,
      int maxBytes) {
    this.resources = resources;
    this.versions = versions;
    this.store = store;
    this.stored = stored;
    this.maxBytes = maxBytes;
  }

  /**
   * Idempotent. A study that is not complete, or not there, has nothing to keep. What cannot be
   * kept is noted, and missing in the history: neither links nor transfers wait for it.
   */
  public void keep(StudyChanged event) {
    if (versions.isKept(event.studyId())) {
      return;
    }
    Optional<Study> study = resources.studies.find(event.studyId());
    if (study.isEmpty()) {
      return;
    }
    List<ImagingStudy> read = resources.studies(Visibility.ALL, Set.of(event.studyId()), true);
    boolean same =
        !read.isEmpty()
            && VersionIds.of(study.get().lastUpdated())
                .equals(read.get(0).getMeta().getVersionId());
    if (!same) {
      return;
    }
    try {
      versions.add(study.get(), store.keep(packed(read.get(0))));
    } catch (IOException e) {
      LOG.warn(
          "ISO-FHIR-093: what study {} is now is not kept for its history: {}",
          event.studyId(),
          e.toString());
    }
  }

  private byte[] packed(ImagingStudy study) throws IOException {
    byte[] text =
        FhirContext.forR4Cached()
            .newJsonParser()
            .encodeResourceToString(study)
            .getBytes(StandardCharsets.UTF_8);
    if (text.length > maxBytes) {
      throw new IOException("longer than " + maxBytes + " bytes");
    }
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (GZIPOutputStream zip = new GZIPOutputStream(bytes)) {
      zip.write(text);
    }
    return bytes.toByteArray();
  }

  /**
   * What a study was, the newest first, without what it is.
   *
   * @param patient whose it is, as the caller sees it
   */
  List<Version> before(Study now, UUID patient, Visibility visible) {
    return versions.before(now, patient, visible, PageRequest.MAX_LIMIT);
  }

  ImagingStudy read(Version version) {
    byte[] packed = stored.apply(version.objectKey());
    try (InputStream in = new GZIPInputStream(new ByteArrayInputStream(packed))) {
      byte[] text = in.readNBytes(maxBytes + 1);
      if (text.length > maxBytes) {
        throw new IOException("longer than " + maxBytes + " bytes");
      }
      return FhirContext.forR4Cached()
          .newJsonParser()
          .parseResource(ImagingStudy.class, new String(text, StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new InternalErrorException(
          "ISO-FHIR-087: version "
              + VersionIds.of(version.lastUpdated())
              + " of ImagingStudy/"
              + version.studyId()
              + " cannot be read from the store",
          e);
    }
  }
}
