package org.isocentre.app;

import java.util.List;
import org.apache.camel.CamelContext;
import org.isocentre.exchange.TrustDirectory;
import org.isocentre.fhir.provider.Directory;
import org.isocentre.index.DirectoryIndex;
import org.isocentre.model.Organisation;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes up what was written of the directory, by this hub or another of the index: who may call,
 * and where studies are sent.
 */
public final class DirectoryChanges {
  private static final Logger LOG = LoggerFactory.getLogger(DirectoryChanges.class);
  private final TrustDirectory trusts;
  private final Directory directory;
  private final DirectoryIndex index;
  private final TransferRoutes transfers;
  private long revision = -1;

  /** Whether there is something that routes do not know yet. */
  private boolean unaligned;

  DirectoryChanges(
      TrustDirectory trusts, Directory directory, DirectoryIndex index, TransferRoutes transfers) {
    this.trusts = trusts;
    this.directory = directory;
    this.index = index;
    this.transfers = transfers;
    take();
    // Routes are made as it is now when they start.
    unaligned = false;
  }

  Directory directory() {
    return directory;
  }

  /** For the route {@code directory-check}. */
  public synchronized void check(CamelContext context) {
    take();
    if (unaligned) {
      transfers.align(context);
      // If that fails it is tried again.
      unaligned = false;
    }
  }

  private void take() {
    long now = index.revision();
    if (now == revision) {
      return;
    }
    List<Organisation> combined = directory.combined();
    revision = now;
    try {
      trusts.replace(combined);
      unaligned = true;
    } catch (IllegalArgumentException e) {
      LOG.error(
          "ISO-EXCHANGE-004: what was written of the directory is not taken up: {}",
          e.getMessage());
    }
  }
}
