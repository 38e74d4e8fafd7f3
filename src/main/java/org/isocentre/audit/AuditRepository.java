package org.isocentre.audit;

import java.io.IOException;
import java.util.List;
import org.isocentre.model.AuditEntry;

/** An Audit Record Repository (IHE ITI TF-1 §9) that the trail is copied to. */
@FunctionalInterface
public interface AuditRepository {
  /**
   * Sends rows, in order.
   *
   * @param rows at least one
   * @return how many of them, from the first, the repository has; at least one
   * @throws IOException if it has none of them, or that is not known: they are sent again
   */
  int send(List<AuditEntry> rows) throws IOException;
}
