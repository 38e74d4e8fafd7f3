package org.isocentre.hl7;

import java.util.Optional;
import java.util.function.Function;
import org.isocentre.model.Patient;
import org.isocentre.model.PatientDemographics;

/** ADT^A01, A04, A08, A28, A31 to what it says of the patient. */
public final class AdtToPatient {
  private final Function<String, Optional<String>> issuers;

  /**
   * @param issuers ODS code of an assigning authority
   */
  public AdtToPatient(Function<String, Optional<String>> issuers) {
    this.issuers = issuers;
  }

  public PatientDemographics map(Hl7Message message, String custodian) {
    return PatientFields.read(message.first("PID"), custodian, issuers, Patient.Source.ADT);
  }
}
