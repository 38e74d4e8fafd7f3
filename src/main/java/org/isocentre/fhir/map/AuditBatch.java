package org.isocentre.fhir.map;

import ca.uhn.fhir.context.FhirContext;
import ca.uhn.fhir.parser.DataFormatException;
import java.io.IOException;
import java.util.List;
import org.hl7.fhir.r4.model.AuditEvent;
import org.hl7.fhir.r4.model.Bundle;
import org.hl7.fhir.r4.model.Bundle.BundleEntryComponent;
import org.hl7.fhir.r4.model.Bundle.BundleType;
import org.hl7.fhir.r4.model.Bundle.HTTPVerb;
import org.hl7.fhir.r4.model.Reference;
import org.isocentre.model.AuditEntry;

/** Rows of the audit trail as IHE ITI-20 sends them by FHIR: a batch of AuditEvents. */
public final class AuditBatch {
  private final AuditEventMapper mapper;
  private final String base;

  /**
   * @param base of the API that the hub's resources are read at, or null to leave references
   *     relative
   */
  public AuditBatch(AuditEventMapper mapper, String base) {
    this.mapper = mapper;
    this.base = base == null ? null : base.replaceFirst("/+$", "") + "/";
  }

  /** As JSON. */
  public String json(List<AuditEntry> rows) {
    Bundle bundle = new Bundle().setType(BundleType.BATCH);
    for (AuditEntry row : rows) {
      AuditEvent event = mapper.map(row);
      Profiles.claim(event);
      event.getEntity().forEach(entity -> reach(entity.getWhat()));
      event.getAgent().forEach(agent -> reach(agent.getWho()));
      bundle
          .addEntry()
          .setFullUrl("urn:uuid:" + row.id())
          .setResource(event)
          .getRequest()
          .setMethod(HTTPVerb.POST)
          .setUrl("AuditEvent");
    }
    return FhirContext.forR4Cached().newJsonParser().encodeResourceToString(bundle);
  }

  private void reach(Reference reference) {
    if (base != null && reference.hasReference()) {
      reference.setReference(base + reference.getReference());
    }
  }

  /**
   * How many of the rows a repository took, from the first.
   *
   * @param answer Bundle with an entry for each row
   * @throws IOException if it is no such Bundle
   */
  public int taken(String answer, int rows) throws IOException {
    Bundle bundle;
    try {
      bundle = FhirContext.forR4Cached().newJsonParser().parseResource(Bundle.class, answer);
    } catch (DataFormatException e) {
      throw new IOException("the answer is no Bundle", e);
    }
    if (bundle.getEntry().size() != rows) {
      throw new IOException(
          "the answer has %d entries for %d rows".formatted(bundle.getEntry().size(), rows));
    }
    int taken = 0;
    for (BundleEntryComponent entry : bundle.getEntry()) {
      String status = entry.getResponse().getStatus();
      if (status == null || !status.startsWith("2")) {
        if (taken == 0) {
          throw new IOException("an AuditEvent was answered with " + code(status));
        }
        break;
      }
      taken++;
    }
    return taken;
  }

  private static String code(String status) {
    return status != null && status.matches("[0-9]{3}.*") ? status.substring(0, 3) : "no status";
  }
}
