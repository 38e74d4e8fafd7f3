package org.isocentre.index;

import java.util.Set;
import org.isocentre.model.OutboundEntry;

/** Which messages out; null asks for any. */
public record OutboundQuery(
    String destination, Set<OutboundEntry.State> states, String controlId, PageRequest page) {}
