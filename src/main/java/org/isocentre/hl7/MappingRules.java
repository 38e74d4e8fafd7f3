package org.isocentre.hl7;

import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * What mapping needs to know of the senders.
 *
 * @param issuers ODS code of an assigning authority, facility or organisation
 * @param accession where a sender puts the accession number: the first place that holds one counts
 */
public record MappingRules(
    Function<String, Optional<String>> issuers,
    Function<Hl7Message.Header, List<FieldLocation>> accession) {
  /**
   * OBR-18 (Placer Field 1, where IHE Scheduled Workflow puts it), OBR-20 (Filler Field 1), IPC-1,
   * and the filler order number, which is what most UK systems print as accession.
   */
  public static final List<FieldLocation> ACCESSION =
      Stream.of("OBR-18", "OBR-20", "IPC-1", "ORC-3", "OBR-3").map(FieldLocation::parse).toList();

  /** Every sender puts the accession number where most do. */
  public MappingRules(Function<String, Optional<String>> issuers) {
    this(issuers, header -> ACCESSION);
  }

  Optional<String> issuer(String name) {
    return name == null ? Optional.empty() : issuers.apply(name);
  }
}
