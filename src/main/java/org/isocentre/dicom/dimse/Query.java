package org.isocentre.dicom.dimse;

import java.util.Set;
import org.isocentre.dicom.data.DataSet;

/**
 * A C-FIND-RQ (PS3.7 §9.1.2): what to look for, and how both ends agreed to look (PS3.4 §C.5.1.1).
 *
 * @param sopClassUid information model, such as Study Root Query/Retrieve – FIND
 * @param identifier matching keys, return keys and, but for worklists, Query/Retrieve Level
 * @param options what extended negotiation agreed on; without an option the baseline holds
 * @param peer who asks
 */
public record Query(String sopClassUid, DataSet identifier, Set<Option> options, Peer peer) {
  public Query {
    options = Set.copyOf(options);
  }

  /** Who asks. */
  public String callingAeTitle() {
    return peer.callingAeTitle();
  }

  /** Which local AE is asked. */
  public String calledAeTitle() {
    return peer.calledAeTitle();
  }

  /**
   * The bytes of the extended negotiation, in their order (PS3.4 §C.5.1.1). Of a worklist the first
   * two are reserved, and not negotiated: it has one level, and dates and times belong together
   * anyway (§K.5.1.1).
   */
  public enum Option {
    /** Keys of any level in any combination; the unique keys above may be left out. */
    RELATIONAL,
    /** A date range and a time range belong together as one range of moments. */
    COMBINED_DATE_TIME,
    /** Person names are matched fuzzily. */
    FUZZY_NAMES,
    /**
     * Timezone Offset From UTC (0008,0201) of the request, if it has one, is that of its dates and
     * times and of those in the answers.
     */
    TIMEZONE_ADJUSTMENT,
    /** Study Root only: enhanced multi-frame image conversion. */
    ENHANCED_CONVERSION
  }

  public boolean has(Option option) {
    return options.contains(option);
  }
}
