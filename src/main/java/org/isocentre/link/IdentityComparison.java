package org.isocentre.link;

import org.isocentre.model.PatientIdentity;
import org.isocentre.model.PatientIdentity.Comparison;

/** How what two sources said of a patient compares; symmetric. */
@FunctionalInterface
public interface IdentityComparison {
  Comparison compare(PatientIdentity one, PatientIdentity other);
}
