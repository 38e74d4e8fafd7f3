package org.isocentre.hl7;

import java.util.Optional;
import java.util.function.Function;
import org.isocentre.model.Patient;
import org.isocentre.model.PatientDemographics;

/**
 * ADT^A01 to A05, A08, A11, A12, A13, A28, A31 to what it says of the patient. What happens to the
 * visit is not kept.
 */
public final class AdtToPatient {
  private final MappingRules rules;

  /**
   * @param issuers ODS code of an assigning authority
   */
  public AdtToPatient(Function<String, Optional<String>> issuers) {
    this(new MappingRules(issuers));
  }

  public AdtToPatient(MappingRules rules) {
    this.rules = rules;
  }

  public PatientDemographics map(Hl7Message message, String custodian) {
    return PatientFields.read(message.first("PID"), custodian, rules.issuers(), Patient.Source.ADT);
  }
}
